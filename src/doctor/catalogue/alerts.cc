// The alerts of the TLS registry that speak of the handshake itself; those about certificates are in
// certificate_alerts.cc.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr std::string_view of_one_of_the_two = R"(One of the two sides, or something in between: the alert says what
the one did not like, not who is right.)";

constexpr std::string_view look_at_it = R"(  handfast connect HOST --ladder)";

constexpr Cure offer_more[] = {
    {"client", R"(Offer all that there is, and see whether that helps; then add the limits again one by one.

  handfast connect HOST
  openssl s_client -connect HOST:443 -cipher ALL:@SECLEVEL=0)"},
    {"nginx", R"(  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers   ECDHE+AESGCM:ECDHE+CHACHA20;

The reason stands in the error log, at the level info: error_log /var/log/nginx/error.log info;)"},
    {"Apache httpd", R"(  SSLProtocol    -all +TLSv1.2 +TLSv1.3
  SSLCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20
  LogLevel       ssl:info)"},
    {"HAProxy", R"(In the section global; and the reason in the log:

  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-ciphers ECDHE+AESGCM:ECDHE+CHACHA20)"},
    {"Caddy", R"(The defaults are good; the reason stands in the log with "debug" in the global options.)"},
};

constexpr Cure versions[] = {
    {"nginx", R"(  ssl_protocols TLSv1.2 TLSv1.3;)"},
    {"Apache httpd", R"(  SSLProtocol -all +TLSv1.2 +TLSv1.3)"},
    {"HAProxy", R"(In the section global:

  ssl-default-bind-options ssl-min-ver TLSv1.2)"},
    {"Caddy", R"(In the site; it is the default:

  tls {
      protocols tls1.2 tls1.3
  })"},
    {"client", R"(Offer TLS 1.2 and 1.3; a program that can't needs a newer runtime (HF0401 says which).

  handfast connect HOST)"},
};

constexpr Cure site_of_that_name[] = {
    {"client", R"(  handfast connect HOST --sni NAME)"},
    {"nginx", R"(  server {
      listen 443 ssl;
      server_name NAME;
      ssl_certificate     /etc/nginx/tls/NAME.pem;
      ssl_certificate_key /etc/nginx/tls/NAME.key;
  })"},
    {"Apache httpd", R"(A warning of this kind means that ServerName does not cover the name; add it:

  ServerName  NAME
  ServerAlias www.NAME)"},
    {"HAProxy", R"(  bind :443 ssl crt /etc/haproxy/certs/ strict-sni)"},
    {"Caddy", R"(  NAME {
      reverse_proxy localhost:8080
  })"},
};

constexpr Cure protocols[] = {
    {"client", R"(Offer another protocol, or none:

  handfast connect HOST --alpn http/1.1
  handfast connect HOST)"},
    {"nginx", R"(  listen 443 ssl http2;)"},
    {"Apache httpd", R"(  Protocols h2 http/1.1)"},
    {"HAProxy", R"(  bind :443 ssl crt /etc/haproxy/certs/site.pem alpn h2,http/1.1)"},
};

constexpr Cure read_its_log[] = {
    {"anywhere", R"(The peer's log at that moment says what has failed. A server without a certificate for the name,
or with a key that it can't read, answers so; so does one that is overloaded.)"},
    {"client", R"(Is it for one name only?

  handfast connect HOST --sni NAME)"},
    {"Caddy", R"(Caddy answers so for a name that no site has, and while it has no certificate for one yet:

  journalctl -u caddy | grep -iE 'obtain|error')"},
};

constexpr Cure update_both[] = {
    {"anywhere", R"(Update the libraries of both sides. If they are of today, report it to the makers of the one
that has sent what the other does not take: "handfast connect HOST --json" has every message.)"},
};

constexpr Cure same_key[] = {
    {"anywhere", R"(Both sides need the same key under the same identity; and a server that has started anew may
have forgotten the sessions that it gave.)"},
};

constexpr Cure ech_settings[] = {
    {"anywhere", R"(The client has to use Encrypted ClientHello with the keys that the server publishes in DNS
(HTTPS record), and to get them anew when they have changed.)"},
};

constexpr Entry alerts_table[] = {
    {.code = "HF1000",
     .word = "alert_close_notify",
     .title = "Alert 0: the peer has nothing more to say",
     .meaning = R"(This is the end as it should be: each side says that it will send no more. It is no failure.
During the handshake it means that the peer has lost its interest before there was an agreement.)",
     .fault = R"(Nobody.)",
     .check = look_at_it,
     .rfc = "RFC 8446, section 6.1"},
    {.code = "HF1010",
     .word = "alert_unexpected_message",
     .title = "Alert 10: a message came out of turn",
     .meaning = R"(The peer got a message, or a record, that it did not expect at this point: the two sides do not
agree on where they are. A renegotiation that one side does not allow ends so, and early data for a server that
knows none.)",
     .fault = of_one_of_the_two,
     .check = look_at_it,
     .rfc = "RFC 8446, section 6.2",
     .cures = update_both},
    {.code = "HF1020",
     .word = "alert_bad_record_mac",
     .title = "Alert 20: a record did not decrypt",
     .meaning = R"(The peer could not open a record that we had sealed: it was changed on the way, or the two sides
do not have the same keys. In the middle of a transfer it is often faulty hardware or a device that rewrites
packets.)",
     .fault = of_one_of_the_two,
     .check = look_at_it,
     .rfc = "RFC 8446, section 6.2",
     .cures = update_both},
    {.code = "HF1021",
     .word = "alert_decryption_failed",
     .title = "Alert 21: a record could not be decrypted",
     .meaning = R"(The same as bad_record_mac (HF1020), in words that are not used any more: to tell the two apart
gave away what was in the record. A peer that sends it is very old.)",
     .fault = R"(The peer, which is so old.)",
     .rfc = "RFC 5246, section 7.2.2",
     .cures = update_both},
    {.code = "HF1022",
     .word = "alert_record_overflow",
     .title = "Alert 22: a record was too long",
     .meaning = R"(The peer got a record that is longer than TLS allows, or than it said it would take. Often it got
no TLS at all, and read the first bytes of something else as a length (HF0101).)",
     .fault = of_one_of_the_two,
     .check = look_at_it,
     .rfc = "RFC 8446, section 6.2",
     .cures = update_both},
    {.code = "HF1030",
     .word = "alert_decompression_failure",
     .title = "Alert 30: a record did not decompress",
     .meaning = R"(Of the time when TLS compressed. Nobody does so any more; a peer that sends this is very old or
broken.)",
     .fault = R"(The peer.)",
     .rfc = "RFC 5246, section 7.2.2",
     .cures = update_both},
    {.code = "HF1040",
     .word = "alert_handshake_failure",
     .title = "Alert 40: nothing that was offered is acceptable",
     .meaning =
         R"(The least telling of all alerts: the peer could not come to an agreement, and does not say on what. The
usual reasons: no cipher suite in common (HF0402), no group (HF0403), no signature algorithm (HF0404); a server that
has no certificate for the name; or, in TLS 1.2, a server that wants a client certificate and got none (HF0911).

A server that refuses all that is offered is often one that is much older than its clients, or the other way round.)",
     .fault = R"(The side whose lists are too short or too old. The server's log mostly says what was missing.)",
     .check = R"(Message by message; was a certificate asked for (CertificateRequest)?

  handfast connect HOST --ladder

What would it take?

  openssl s_client -connect HOST:443 -cipher ALL:@SECLEVEL=0 </dev/null 2>/dev/null | grep 'Cipher is')",
     .rfc = "RFC 8446, section 6.2",
     .cures = offer_more},
    {.code = "HF1047",
     .word = "alert_illegal_parameter",
     .title = "Alert 47: a field of the handshake was wrong",
     .meaning = R"(A message parsed, but something in it can't be: a value that was not offered, one that
contradicts another. One of the two implementations has a fault, or a device in between has changed the message.)",
     .fault = of_one_of_the_two,
     .check = look_at_it,
     .rfc = "RFC 8446, section 6.2",
     .cures = update_both},
    {.code = "HF1050",
     .word = "alert_decode_error",
     .title = "Alert 50: a message could not be parsed",
     .meaning =
         R"(The peer could not read a message: a length in it is wrong, or it does not know its form. An old server
that stumbles over a new extension answers so.)",
     .fault = of_one_of_the_two,
     .check = R"(  handfast connect HOST --ladder
  handfast connect HOST --tls 1.2)",
     .rfc = "RFC 8446, section 6.2",
     .cures = update_both},
    {.code = "HF1051",
     .word = "alert_decrypt_error",
     .title = "Alert 51: a signature or Finished did not verify",
     .meaning = R"(The peer has checked a proof of ours and found it wrong: the signature with our certificate's
key, or Finished, or the binder of a pre-shared key. Do our certificate and our key belong together? Is the
pre-shared key the same on both sides? Else the two have not seen the same handshake.)",
     .fault = of_one_of_the_two,
     .check = R"(  openssl x509 -in client.pem -noout -pubkey
  openssl pkey -in client.key -pubout)",
     .rfc = "RFC 8446, section 6.2",
     .cures = same_key},
    {.code = "HF1052",
     .word = "alert_too_many_cids_requested",
     .title = "Alert 52: too many connection IDs were asked for",
     .meaning = R"(Of DTLS 1.3 alone, TLS over UDP: the peer was asked for more names for the connection than it
gives. Over TCP it has no meaning.)",
     .fault = R"(The side that asked.)",
     .rfc = "RFC 9147, section 9"},
    {.code = "HF1060",
     .word = "alert_export_restriction",
     .title = "Alert 60: export restrictions",
     .meaning = R"(Of the years when strong cryptography could not be exported. Nobody should send it any more.)",
     .fault = R"(The peer, which is a quarter of a century old.)",
     .rfc = "RFC 2246, section 7.2.2",
     .cures = update_both},
    {.code = "HF1070",
     .word = "alert_protocol_version",
     .title = "Alert 70: the version is not supported",
     .meaning =
         R"(The peer speaks TLS, but no version that was offered. A server that has TLS 1.0 and 1.1 only is too old
for clients of today; one that takes TLS 1.3 only is too new for others.)",
     .fault = R"(The side that is too old; or a setting that allows too few versions.)",
     .check = R"(  handfast connect HOST --tls 1.3
  handfast connect HOST --tls 1.2
  openssl s_client -connect HOST:443 -tls1_1 -cipher DEFAULT:@SECLEVEL=0)",
     .rfc = "RFC 8446, section 6.2",
     .cures = versions},
    {.code = "HF1071",
     .word = "alert_insufficient_security",
     .title = "Alert 71: stronger cryptography is wanted",
     .meaning = R"(The peer found nothing strong enough in what was offered: suites, groups, or the length of a key.)",
     .fault = R"(The side that offers too little.)",
     .check = look_at_it,
     .rfc = "RFC 8446, section 6.2",
     .cures = offer_more},
    {.code = "HF1080",
     .word = "alert_internal_error",
     .title = "Alert 80: the peer failed inside",
     .meaning =
         R"(Something went wrong in the peer that has nothing to do with what it was sent: no memory, a key that it
can't use, a crash of a part. In practice servers also send it for a name (SNI) that they have no certificate for.)",
     .fault = R"(The peer.)",
     .check = R"(  handfast connect HOST --sni NAME)",
     .rfc = "RFC 8446, section 6.2",
     .cures = read_its_log},
    {.code = "HF1086",
     .word = "alert_inappropriate_fallback",
     .title = "Alert 86: a fallback to an older version was refused",
     .meaning = R"(The client said that it tries again with an older version after a failure, and the server speaks
the newer one: so it refuses, as it should. What made the first try fail is the question (HF0425).)",
     .fault = R"(Whatever made the first try fail.)",
     .check = look_at_it,
     .rfc = "RFC 7507, section 3"},
    {.code = "HF1090",
     .word = "alert_user_canceled",
     .title = "Alert 90: the handshake was canceled",
     .meaning = R"(The peer has ended the handshake for a reason that has nothing to do with the protocol: somebody
has pressed a button, a program was told to stop.)",
     .fault = R"(Nobody.)",
     .rfc = "RFC 8446, section 6.1"},
    {.code = "HF1100",
     .word = "alert_no_renegotiation",
     .title = "Alert 100: no renegotiation",
     .meaning =
         R"(One side wanted a second handshake on the same connection, and the other does not do that (HF0424). It
is a warning: whether the connection goes on the first one decides.)",
     .fault = R"(The side that wants to renegotiate.)",
     .check = R"(  handfast connect HOST --tls 1.2)",
     .rfc = "RFC 5246, section 7.2.2"},
    {.code = "HF1109",
     .word = "alert_missing_extension",
     .title = "Alert 109: an extension is missing",
     .meaning = R"(The peer needs an extension that the message did not have: for TLS 1.3 supported_groups,
key_share or signature_algorithms; for some servers the name (SNI).)",
     .fault = of_one_of_the_two,
     .check = R"(  handfast connect HOST --sni NAME --ladder)",
     .rfc = "RFC 8446, sections 6.2 and 9.2",
     .cures = update_both},
    {.code = "HF1110",
     .word = "alert_unsupported_extension",
     .title = "Alert 110: an extension came that was not asked for",
     .meaning = R"(A client got an answer to an extension that it had not sent. The server has a fault, or a device
in between has taken the extension out of the ClientHello.)",
     .fault = R"(The server, or something in between.)",
     .check = look_at_it,
     .rfc = "RFC 8446, section 6.2",
     .cures = update_both},
    {.code = "HF1112",
     .word = "alert_unrecognized_name",
     .title = "Alert 112: no site of that name",
     .meaning = R"(The server has no site of the name that was sent (SNI), and is set up to say so. As a warning,
which old servers of Java and Apache send, it goes on all the same with the certificate of another site.)",
     .fault = R"(The server, if it should have that site; else whoever asked for that name.)",
     .check = R"(  handfast connect HOST --sni NAME)",
     .rfc = "RFC 6066, section 3",
     .cures = site_of_that_name},
    {.code = "HF1115",
     .word = "alert_unknown_psk_identity",
     .title = "Alert 115: the pre-shared key is not known",
     .meaning = R"(The client has named a pre-shared key that the server does not have. Some servers say
decrypt_error (HF1051) instead, so as not to tell which names they know.)",
     .fault = R"(The side whose list of keys is not up to date.)",
     .check = "",
     .rfc = "RFC 8446, section 6.2; RFC 4279",
     .cures = same_key},
    {.code = "HF1117",
     .word = "alert_general_error",
     .title = "Alert 117: an error that has no other name",
     .meaning = R"(Something is wrong that no other alert describes. It is new, and few send it.)",
     .fault = of_one_of_the_two,
     .check = look_at_it,
     .rfc = "RFC 9846 (TLS 1.3, revised), section 6.2"},
    {.code = "HF1120",
     .word = "alert_no_application_protocol",
     .title = "Alert 120: no application protocol in common",
     .meaning = R"(The client has offered protocols by ALPN, h2 or http/1.1 and the like, and the server speaks none
of them on this port.)",
     .fault = R"(The side that was set up for too few, or whoever chose the port.)",
     .check = R"(  handfast connect HOST --alpn h2
  handfast connect HOST --alpn http/1.1)",
     .rfc = "RFC 7301, section 3.2",
     .cures = protocols},
    {.code = "HF1121",
     .word = "alert_ech_required",
     .title = "Alert 121: Encrypted ClientHello is required",
     .meaning = R"(The client has offered Encrypted ClientHello, and the server could not open it. The client ends
the connection with this alert and tries again with the keys that the server has given it.)",
     .fault = R"(Mostly keys in DNS that are older than those of the server.)",
     .check = R"(  dig +short NAME HTTPS)",
     .rfc = "RFC 9849, section 6.1.6",
     .cures = ech_settings},
};

}  // namespace

std::span<const Entry> alert_entries() noexcept { return alerts_table; }

}  // namespace handfast::doctor
