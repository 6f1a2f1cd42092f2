// What is wrong with the bytes before any message: no TLS, broken records, connections that end too early.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr Cure speak_tls[] = {
    {"client", R"(Is it the right port, and does the service begin with TLS?

  curl -v http://HOST:PORT/
  openssl s_client -starttls smtp -connect HOST:587     (also imap, pop3, ftp, ldap, postgres, mysql)

Behind a proxy: "https_proxy=http://..." is right for a proxy that is itself spoken to without TLS.)"},
    {"nginx", R"(The port speaks TLS only where its listen says so:

  listen 443 ssl;)"},
    {"Apache httpd", R"(  Listen 443
  <VirtualHost *:443>
      SSLEngine on
      SSLCertificateFile    /etc/apache2/tls/fullchain.pem
      SSLCertificateKeyFile /etc/apache2/tls/server.key
  </VirtualHost>)"},
    {"HAProxy", R"(On the side of the clients, and on that of the servers, each has to be said:

  bind :443 ssl crt /etc/haproxy/certs/site.pem
  server web1 192.0.2.7:443 ssl verify required ca-file /etc/ssl/certs/ca-certificates.crt sni str(NAME))"},
    {"Caddy", R"(A site with a port and without a scheme speaks TLS; "http://" in front of it does not:

  NAME:8443 {
      reverse_proxy localhost:8080
  })"},
};

constexpr Cure use_https[] = {
    {"client", R"(Write https:// where http:// stood:

  curl https://HOST:PORT/)"},
    {"nginx", R"(Send those who come with http:// on; 497 is nginx's name for plain HTTP on a TLS port:

  error_page 497 =301 https://$host:$server_port$request_uri;)"},
    {"HAProxy", R"(To the server behind it HAProxy speaks TLS only if it is told to:

  server web1 192.0.2.7:443 ssl verify required ca-file /etc/ssl/certs/ca-certificates.crt)"},
    {"Caddy", R"(Towards a server that speaks TLS:

  reverse_proxy https://192.0.2.7:8443)"},
};

constexpr Cure proxy_scheme[] = {
    {"client", R"(The proxy itself is spoken to with TLS here. Write so in the client, where it can do that:

  curl -x https://PROXY:PORT https://HOST/

else give the proxy a port without TLS.)"},
};

constexpr Cure end_properly[] = {
    {"client", R"(What came may be cut: check its length, and try again. Of a server that never says close_notify, a
response with Content-Length is whole when all of it has come.)"},
    {"anywhere", R"(In the server: end each connection by the library's own shutdown (SSL_shutdown in OpenSSL)
before the socket is closed. OpenSSL 3 calls it an error where it is left out; SSL_OP_IGNORE_UNEXPECTED_EOF brings
the old way back.)"},
    {"nginx", R"(A server behind nginx that closes so makes it log "peer closed connection in SSL handshake": look
into that server's own log.)"},
};

constexpr Cure update_or_bypass[] = {
    {"anywhere", R"(Tell a faulty peer from a faulty way: the same from another network, and to another server of
the same kind. A device that reads TLS (a firewall, a load balancer) needs its update, or to leave this connection
alone.)"},
};

constexpr Entry stream_table[] = {
    {.code = "HF0101",
     .word = "not_tls",
     .title = "What answers is not TLS",
     .meaning = R"(The first bytes that came are no TLS record: what answers on this port speaks something else, or
it speaks TLS only after a command. OpenSSL and all that is built on it call this "wrong version number", since they
take the first bytes for a record with a version in it.

Mostly it is plain HTTP (HF0901): a web server whose port has no TLS switched on, or a proxy that answers by itself.
Mail, FTP and databases greet in plain text and go over to TLS on a command (HF0902 to HF0905).

The other way round, a server that says so was sent something else than a ClientHello: a health check, a scanner,
http:// where https:// is meant.)",
     .fault = R"(Whoever chose the port or the scheme; the server, if that port is meant to speak TLS.)",
     .check = R"(What does it say by itself?

  handfast connect HOST:PORT
  printf 'GET / HTTP/1.0\r\n\r\n' | nc -w3 HOST PORT | head -3)",
     .rfc = "RFC 8446, section 5.1",
     .cures = speak_tls},
    {.code = "HF0102",
     .word = "http_request",
     .title = "Plain HTTP was sent to a TLS port",
     .meaning = R"(The server has received "GET /..." or the like where a ClientHello should be: somebody calls it
with http://, on the port that speaks TLS. nginx answers such with "400 The plain HTTP request was sent to HTTPS
port".

Where a proxy or a load balancer stands in front, it is that one which speaks plain HTTP to a port that wants TLS.)",
     .fault = R"(The client, or the proxy in front.)",
     .check = R"(  curl -v https://HOST:PORT/)",
     .rfc = "RFC 9110, section 4.2.2",
     .cures = use_https},
    {.code = "HF0103",
     .word = "http_proxy_request",
     .title = "A plain HTTP CONNECT was sent to a TLS port",
     .meaning = R"(A client takes this port for an HTTP proxy and asks it in plain text for a tunnel. The port
speaks TLS: it is no proxy, or one that wants to be spoken to with TLS.)",
     .fault = R"(The client's proxy setting (http_proxy, https_proxy, the system's settings).)",
     .check = R"(  env | grep -i _proxy)",
     .rfc = "RFC 9110, section 9.3.6",
     .cures = proxy_scheme},
    {.code = "HF0104",
     .word = "bad_record_version",
     .title = "A record with an impossible version",
     .meaning = R"(Every record repeats a version number whose first byte is 3, in all versions there are. This one
has another: the stream is not TLS, or has lost its step.)",
     .fault = R"(The peer, or something in between.)",
     .check = R"(  handfast connect HOST:PORT --ladder)",
     .rfc = "RFC 8446, section 5.1",
     .cures = {}},
    {.code = "HF0105",
     .word = "unexpected_record",
     .title = "A record of a type that may not come now",
     .meaning = R"(Each record says what it carries: handshake, alert, data. This one carries what may not come at
this point, for instance data before the handshake is done.)",
     .fault = R"(The peer's TLS library.)",
     .check = "",
     .rfc = "RFC 8446, section 5",
     .cures = {}},
    {.code = "HF0106",
     .word = "bad_outer_content_type",
     .title = "A protected record that does not look like one from outside",
     .meaning = R"(In TLS 1.3 all protected records look alike from outside: as application_data. This one has
another type, which no sound implementation sends once keys are in use.)",
     .fault = R"(The peer, or something in between.)",
     .check = "",
     .rfc = "RFC 8446, section 5.2",
     .cures = {}},
    {.code = "HF0107",
     .word = "record_too_long",
     .title = "A record longer than TLS allows",
     .meaning = R"(A record holds 16 KiB and a little more. This one says that it is longer; mostly because it is
none: the first five bytes of another protocol, read as the head of a record (HF0101).)",
     .fault = R"(The peer, or whoever chose the port.)",
     .check = R"(  handfast connect HOST:PORT)",
     .rfc = "RFC 8446, section 5.2",
     .cures = speak_tls},
    {.code = "HF0108",
     .word = "plaintext_too_long",
     .title = "A record that holds more than it may",
     .meaning = R"(What is in the record, once it is decrypted, is more than 16 KiB, or more than this side said it
would take (record_size_limit).)",
     .fault = R"(The peer's TLS library.)",
     .check = "",
     .rfc = "RFC 8446, section 5.2; RFC 8449",
     .cures = {}},
    {.code = "HF0109",
     .word = "bad_record_mac",
     .title = "A record does not decrypt",
     .meaning =
         R"(Each record is sealed, so that a changed bit is noticed. This one does not open: it was changed on the
way, or the two sides do not have the same keys, or they have lost count.

In the middle of a connection it is mostly a faulty network card or driver, or a device that rewrites packets; at
its beginning one of the two implementations. It can't be passed over: nothing behind it can be trusted.)",
     .fault =
         R"(Not to be told from one case. If it comes again at the same place, of an implementation; if now and
then, of the way.)",
     .check = R"(Switch the offloading of the network card off for a try:

  ethtool -K eth0 tso off gso off gro off)",
     .rfc = "RFC 8446, section 5.2",
     .cures = update_or_bypass},
    {.code = "HF0110",
     .word = "no_content_type",
     .title = "A protected record with nothing in it",
     .meaning = R"(In TLS 1.3 a record holds the data, its type, and zeros as padding. This one is zeros from one
end to the other: it has no type.)",
     .fault = R"(One case does not tell. If it comes again at the same place, one of the two TLS libraries; if it
comes now and then, the way in between.)",
     .check = "",
     .rfc = "RFC 8446, section 5.4",
     .cures = {}},
    {.code = "HF0111",
     .word = "too_many_empty_records",
     .title = "A flood of empty records",
     .meaning = R"(The peer sends one record after the other that carries nothing: work for us, and none for it.
After a limit the connection is ended.)",
     .fault = R"(The peer.)",
     .check = "",
     .rfc = "RFC 8446, section 5.1",
     .cures = {}},
    {.code = "HF0112",
     .word = "empty_handshake_record",
     .title = "An empty piece of a handshake message",
     .meaning = R"(A record that says that it carries a part of a handshake message carries none of it. That is not
allowed.)",
     .fault = R"(The peer's TLS library.)",
     .check = "",
     .rfc = "RFC 8446, section 5.1",
     .cures = {}},
    {.code = "HF0113",
     .word = "bad_change_cipher_spec",
     .title = "A ChangeCipherSpec that is malformed or out of place",
     .meaning = R"(In TLS 1.2 this one byte says: from here on protected. In TLS 1.3 it is sent for old devices on
the way and means nothing. It has to be the byte 1, and to come where it may.

Out of place it was an attack once (CCS injection, 2014), so it is not overlooked.)",
     .fault = R"(The peer, or something in between.)",
     .check = "",
     .rfc = "RFC 8446, section 5; RFC 5246, section 7.1",
     .cures = {}},
    {.code = "HF0114",
     .word = "bad_alert",
     .title = "An alert that is none",
     .meaning = R"(An alert is two bytes: how grave, and what. This one is longer or shorter, or of a gravity that
there is not.)",
     .fault = R"(The peer's TLS library.)",
     .check = "",
     .rfc = "RFC 8446, section 6",
     .cures = {}},
    {.code = "HF0115",
     .word = "too_many_warning_alerts",
     .title = "A flood of warnings",
     .meaning = R"(The peer sends warning after warning and nothing else. A few are passed over, as they should be;
past a limit the connection is ended.)",
     .fault = R"(The peer.)",
     .check = "",
     .rfc = "RFC 5246, section 7.2.2",
     .cures = {}},
    {.code = "HF0116",
     .word = "truncated",
     .title = "The connection ended without close_notify",
     .meaning = R"(TLS has an end of its own: the alert close_notify. Without it nobody can tell whether the peer
has finished or somebody on the way has cut the connection, to make half an answer look like a whole one.

During the handshake it means that the peer has hung up without saying why: it does not like the name (SNI), a
firewall has cut it off, it has crashed. After the handshake some servers simply never send it; then only the length
of the message tells whether all is there.)",
     .fault = R"(The peer, which should end in order; or whatever cut the connection.)",
     .check = R"(Does it happen at the same place each time? With the name and without, and from another network:

  handfast connect HOST --ladder
  handfast connect 192.0.2.7:443 --sni HOST)",
     .rfc = "RFC 8446, section 6.1",
     .cures = end_properly},
    {.code = "HF0117",
     .word = "closed",
     .title = "The connection was closed already",
     .meaning = R"(The peer has ended the connection, in order or not, and something was still to be done on it. At
the very beginning, as the only answer to a ClientHello, it is a server or a firewall that does not care to say why:
for a name that it does not know, for an address that it does not like, for lack of room.)",
     .fault = R"(The peer; its log may say more.)",
     .check = R"(  handfast connect HOST --ladder
  handfast connect HOST --sni NAME)",
     .rfc = "RFC 8446, section 6.1",
     .cures = update_or_bypass},
    {.code = "HF0118",
     .word = "alert_received",
     .title = "The peer ended the connection with an alert",
     .meaning = R"(The peer has found something wrong and says what, by a number. Which one it was stands beside it:
look that up ("handfast explain 48", "handfast explain handshake_failure").

A program that says no more than that the handshake failed, such as curl with its 35, may as well have met something
that is no TLS (HF0101), or a connection that was closed (HF0117).)",
     .fault = R"(The alert tells what the peer did not like, not who is right.)",
     .check = R"(  handfast connect HOST)",
     .rfc = "RFC 8446, section 6.2",
     .cures = {},
     .is_general = true},
    {.code = "HF0119",
     .word = "early_data_too_long",
     .title = "More early data than may come",
     .meaning = R"(With a ticket a server says how much may be sent before the handshake is done. The client has
sent more, or so much that was refused that a server won't read through it to the end.)",
     .fault = R"(The client's TLS library, or a server that has lowered its limit meanwhile.)",
     .check = "",
     .rfc = "RFC 8446, section 4.2.10",
     .cures = {}},
};

}  // namespace

std::span<const Entry> stream_entries() noexcept { return stream_table; }

}  // namespace handfast::doctor
