// The alerts about certificates. Sent by a server they speak of the client's certificate; by a client, of the server's.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr std::string_view whose_certificate = R"(The side that got the alert, with its certificate; or the other
side, with what it checks by.)";

constexpr std::string_view both_ways =
    R"(A server's certificate, as clients see it; and a client's, as the server should:

  handfast connect HOST
  handfast cert verify client.pem --purpose client --ca client-ca.pem)";

constexpr Cure trust_it[] = {
    {"client", R"(In the log of a server, sent by a client: the client does not trust the server's authority, or the
server leaves out an intermediate. Send the whole chain (HF0921), or give the client the authority (HF0211).

From a server to its client: send the intermediates along with the certificate:

  cat client.pem intermediate.pem > client-chain.pem
  handfast connect HOST --cert client-chain.pem --key client.key)"},
    {"nginx", R"(The authority of the clients' certificates, with its intermediates:

  ssl_client_certificate /etc/nginx/tls/client-ca.pem;
  ssl_verify_depth       3;)"},
    {"Apache httpd", R"(  SSLCACertificateFile /etc/apache2/tls/client-ca.pem
  SSLVerifyDepth       3)"},
    {"HAProxy",
     R"(  bind :443 ssl crt /etc/haproxy/certs/site.pem ca-file /etc/haproxy/client-ca.pem verify required)"},
    {"Caddy", R"(From 2.8 on; before, "trusted_ca_cert_file FILE". In the site:

  tls {
      client_auth {
          mode require_and_verify
          trust_pool file /etc/caddy/client-ca.pem
      }
  })"},
};

constexpr Cure renew_it[] = {
    {"client", R"(Have the client's certificate renewed by whoever issued it, and compare the clocks of both sides:

  openssl x509 -in client.pem -noout -dates
  date -u)"},
    {"anywhere", R"(If clients say so of the server's certificate: renew that, and reload the server (HF0209).)"},
};

constexpr Cure show_one[] = {
    {"client", R"(  handfast connect HOST --cert client.pem --key client.key
  curl --cert client.pem --key client.key https://HOST/)"},
    {"nginx", R"(If it shall do without:

  ssl_verify_client off;)"},
    {"Apache httpd", R"(  SSLVerifyClient none)"},
    {"HAProxy", R"(Leave "verify required" out, or ask without insisting:

  bind :443 ssl crt /etc/haproxy/certs/site.pem ca-file /etc/haproxy/client-ca.pem verify optional)"},
    {"Caddy", R"(Take the block client_auth out of the site, or in it:

  mode verify_if_given)"},
};

constexpr Cure see_why[] = {
    {"anywhere",
     R"(The log of the side that sent the alert says which check has failed; the alert is deliberately vague.

  openssl s_server -accept 8443 -cert server.pem -key server.key -CAfile client-ca.pem -Verify 3)"},
    {"nginx", R"(  error_log /var/log/nginx/error.log info;)"},
    {"Apache httpd", R"(  LogLevel ssl:info)"},
};

constexpr Cure another_kind[] = {
    {"anywhere",
     R"(A certificate for the purpose (clientAuth for a client, serverAuth for a server), with a key of a kind that
everybody knows: ECDSA on P-256, or RSA of 2048 bits (HF0219, HF0208).)"},
};

constexpr Cure a_rule_for_it[] = {
    {"anywhere", R"(Whoever runs the server has to let this client in: by its subject, its name or its fingerprint,
in the server's own rules.)"},
};

constexpr Cure fresh_staple[] = {
    {"anywhere", R"(The server has to staple a response that is fresh, about its own certificate, and signed by its
issuer (HF0229 says how).)"},
};

constexpr Entry certificate_alerts_table[] = {
    {.code = "HF1041",
     .word = "alert_no_certificate",
     .title = "Alert 41: there is no certificate to send",
     .meaning = R"(Of SSL 3.0: a client that was asked for a certificate says that it has none. In TLS it sends an
empty Certificate instead. Who sends it is very old; or a program uses its name for "no certificate came".)",
     .fault = R"(The client that has none, or a peer that still speaks SSL 3.0.)",
     .rfc = "RFC 6101, section 5.4.2"},
    {.code = "HF1042",
     .word = "alert_bad_certificate",
     .title = "Alert 42: the certificate is damaged",
     .meaning =
         R"(The peer could not make use of our certificate: it does not parse, its signature is wrong, or it fails
another check. Many programs send this for all that they do not like: Go does so as a server where no client
certificate came in TLS 1.2, and as a client for every error of a server's certificate.)",
     .fault = whose_certificate,
     .check = both_ways,
     .rfc = "RFC 8446, section 6.2",
     .cures = see_why},
    {.code = "HF1043",
     .word = "alert_unsupported_certificate",
     .title = "Alert 43: the certificate is of a kind that is not supported",
     .meaning = R"(The certificate has a key or a purpose that the peer does not take. OpenSSL sends it where a
certificate was issued for another purpose: a server's that a client shows, for instance.)",
     .fault = whose_certificate,
     .check = R"(  openssl x509 -in client.pem -noout -ext extendedKeyUsage,keyUsage)",
     .rfc = "RFC 8446, section 6.2",
     .cures = another_kind},
    {.code = "HF1044",
     .word = "alert_certificate_revoked",
     .title = "Alert 44: the certificate was revoked",
     .meaning =
         R"(The peer has learnt, from a list or a responder, that our certificate was taken back by its issuer.)",
     .fault = R"(The side that got the alert: its certificate.)",
     .check = both_ways,
     .rfc = "RFC 8446, section 6.2",
     .cures = renew_it},
    {.code = "HF1045",
     .word = "alert_certificate_expired",
     .title = "Alert 45: the certificate has expired, or is not valid yet",
     .meaning = R"(By the peer's clock our certificate is out of its time. Servers send it to clients whose
certificate nobody has renewed; in the log of a server it says that a client does not like the server's.)",
     .fault = R"(The side that got the alert: its certificate. Or one of the two clocks.)",
     .check = R"(  openssl x509 -in client.pem -noout -dates
  handfast cert inspect HOST:443)",
     .rfc = "RFC 8446, section 6.2",
     .cures = renew_it},
    {.code = "HF1046",
     .word = "alert_certificate_unknown",
     .title = "Alert 46: the certificate is not acceptable",
     .meaning = R"(The peer does not accept our certificate and does not say why. In the log of a server it is what
browsers send when they show a warning: mostly the server's certificate is self-signed, or for another name, or from
an authority that they do not know. Java sends it for each failure of its checks.)",
     .fault = whose_certificate,
     .check = both_ways,
     .rfc = "RFC 8446, section 6.2",
     .cures = see_why},
    {.code = "HF1048",
     .word = "alert_unknown_ca",
     .title = "Alert 48: the certificate's authority is not trusted",
     .meaning =
         R"(The peer has found no way from our certificate to an authority that it trusts. Either it does not know
the authority, or an intermediate is missing on the way there: it has to be sent along.

In the log of a server it comes from clients, and is about the server's certificate. As the answer to a client it is
about the client's.)",
     .fault =
         R"(Of the side that sends no whole chain, or of the list of authorities of the side that sent the alert.)",
     .check = both_ways,
     .rfc = "RFC 8446, section 6.2",
     .cures = trust_it},
    {.code = "HF1049",
     .word = "alert_access_denied",
     .title = "Alert 49: access was denied",
     .meaning = R"(The certificate is good, and its owner may not come in: a rule of the server says so.)",
     .fault = R"(The side that got the alert, if it sends no whole chain; else the other one's list of authorities.)",
     .check = R"(  handfast cert inspect client.pem)",
     .rfc = "RFC 8446, section 6.2",
     .cures = a_rule_for_it},
    {.code = "HF1111",
     .word = "alert_certificate_unobtainable",
     .title = "Alert 111: a certificate could not be fetched",
     .meaning = R"(Of an extension by which a client sent an address instead of its certificate. Nobody uses it, and
TLS 1.3 does not have it.)",
     .fault = R"(The peer.)",
     .rfc = "RFC 6066, section 5"},
    {.code = "HF1113",
     .word = "alert_bad_certificate_status_response",
     .title = "Alert 113: the OCSP response is not acceptable",
     .meaning = R"(A client says that the response that the server has stapled is no good: outdated, about another
certificate, not signed by the issuer; or that there is none where the certificate asks for one ("must staple").)",
     .fault = R"(The server.)",
     .check = R"(  openssl s_client -connect HOST:443 -status </dev/null 2>/dev/null | grep -iE 'OCSP|update')",
     .rfc = "RFC 6066, section 8",
     .cures = fresh_staple},
    {.code = "HF1114",
     .word = "alert_bad_certificate_hash_value",
     .title = "Alert 114: a certificate does not have its hash",
     .meaning = R"(Of the same extension as alert 111: what was fetched is not what was announced. Nobody uses it.)",
     .fault = R"(The peer.)",
     .rfc = "RFC 6066, section 5"},
    {.code = "HF1116",
     .word = "alert_certificate_required",
     .title = "Alert 116: a client certificate is required",
     .meaning =
         R"(The server lets nobody in who shows no certificate, and none came. In TLS 1.3 the alert comes after the
client has finished its own handshake: programs meet it at the first byte that they read. What to do: HF0911.)",
     .fault = R"(The client: a certificate has to be brought. Where nobody should be asked for one, the server.)",
     .check = R"(  handfast connect HOST --ladder)",
     .rfc = "RFC 8446, section 6.2",
     .cures = show_one},
};

}  // namespace

std::span<const Entry> certificate_alert_entries() noexcept { return certificate_alerts_table; }

}  // namespace handfast::doctor
