// What the two sides have to agree on and could not: versions, suites, groups, signatures, names, protocols.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr Cure modern_versions[] = {
    {"nginx", R"(  ssl_protocols TLSv1.2 TLSv1.3;)"},
    {"Apache httpd", R"(  SSLProtocol -all +TLSv1.2 +TLSv1.3)"},
    {"HAProxy", R"(In the section global, for all binds:

  ssl-default-bind-options ssl-min-ver TLSv1.2)"},
    {"Caddy", R"(TLS 1.2 and 1.3 are the default; take out a "protocols" that says otherwise. In the site:

  tls {
      protocols tls1.2 tls1.3
  })"},
    {"client", R"(A program that offers only old versions needs a newer runtime: OpenSSL from 1.0.1 on has TLS 1.2,
from 1.1.1 on TLS 1.3; Java from 8 on TLS 1.2, from 11 on TLS 1.3. Where versions were switched off by a setting,
switch them on again (Java: jdk.tls.disabledAlgorithms; OpenSSL: MinProtocol in openssl.cnf).

To reach an old device all the same, for once and from a network that you trust:

  openssl s_client -connect HOST:443 -tls1 -cipher DEFAULT:@SECLEVEL=0)"},
};

constexpr Cure modern_suites[] = {
    {"nginx", R"(  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers   ECDHE+AESGCM:ECDHE+CHACHA20;)"},
    {"Apache httpd", R"(  SSLProtocol    -all +TLSv1.2 +TLSv1.3
  SSLCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20)"},
    {"HAProxy", R"(In the section global:

  ssl-default-bind-ciphers ECDHE+AESGCM:ECDHE+CHACHA20
  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256)"},
    {"Caddy", R"(The defaults are good; take out a "ciphers" that leaves too few.)"},
    {"client", R"(Leave the choice to the program: take out lists of ciphers that were written years ago.

  handfast connect HOST              (without --suites)
  curl https://HOST/                 (without --ciphers))"},
};

constexpr Cure common_groups[] = {
    {"nginx", R"(  ssl_ecdh_curve X25519:prime256v1:secp384r1;

With OpenSSL 3.5 or newer also X25519MLKEM768, before the others.)"},
    {"Apache httpd", R"(  SSLOpenSSLConfCmd Groups X25519:P-256:P-384)"},
    {"HAProxy", R"(  bind :443 ssl crt /etc/haproxy/certs/site.pem curves X25519:P-256:P-384)"},
    {"Caddy", R"(In the site:

  tls {
      curves x25519 secp256r1 secp384r1
  })"},
    {"client", R"(  handfast connect HOST --groups X25519MLKEM768,x25519,P-256,P-384)"},
};

constexpr Cure common_signatures[] = {
    {"anywhere", R"(A certificate with an ECDSA key on P-256, or an RSA key of 2048 bits, is good for every client
of today:

  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr \
    -subj /CN=NAME -addext subjectAltName=DNS:NAME

A server with a certificate of each kind pleases old ones as well (HF0239).)"},
    {"client", R"(Take out settings that allow too little: SignatureAlgorithms or a SECLEVEL in openssl.cnf,
jdk.tls.disabledAlgorithms in Java.)"},
};

constexpr Cure offer_protocols[] = {
    {"nginx", R"(HTTP/2 beside HTTP/1.1, which is always there ("http2 on;" from 1.25.1 on):

  listen 443 ssl http2;)"},
    {"Apache httpd", R"(  Protocols h2 http/1.1)"},
    {"HAProxy", R"(  bind :443 ssl crt /etc/haproxy/certs/site.pem alpn h2,http/1.1)"},
    {"Caddy", R"(Both are the default. In the global options:

  servers {
      protocols h1 h2
  })"},
    {"client", R"(Offer one that the server has, or none:

  handfast connect HOST --alpn h2,http/1.1
  curl --http1.1 https://HOST/)"},
};

constexpr Cure serve_the_name[] = {
    {"nginx", R"(  server {
      listen 443 ssl;
      server_name NAME;
      ssl_certificate     /etc/nginx/tls/NAME.pem;
      ssl_certificate_key /etc/nginx/tls/NAME.key;
  }

Names that nobody claims are refused with "ssl_reject_handshake on;" in the default server: look for it.)"},
    {"Apache httpd", R"(  <VirtualHost *:443>
      ServerName NAME
      SSLEngine on
      SSLCertificateFile    /etc/apache2/tls/NAME.pem
      SSLCertificateKeyFile /etc/apache2/tls/NAME.key
  </VirtualHost>

SSLStrictSNIVHostCheck on refuses clients that send no name.)"},
    {"HAProxy", R"(Put the certificate into the directory; with strict-sni names without one are refused:

  bind :443 ssl crt /etc/haproxy/certs/ strict-sni)"},
    {"Caddy", R"(Caddy has no certificate for names that no site has; add the site:

  NAME {
      reverse_proxy localhost:8080
  })"},
    {"client", R"(Send the name that the server knows:

  handfast connect HOST --sni NAME
  curl --connect-to NAME:443:HOST:443 https://NAME/
  openssl s_client -connect HOST:443 -servername NAME)"},
};

constexpr Cure from_outside_in[] = {
    {"client", R"(From another network it shows whether it is the way. To do without TLS 1.3, and without this
check, on a way that you trust:

  handfast connect HOST --tls 1.2)"},
    {"anywhere", R"(A device that reads TLS and is too old for 1.3 needs its update, or to leave these connections
alone.)"},
};

constexpr Cure ask_at_once[] = {
    {"Apache httpd", R"(Ask for the client's certificate in the first handshake, for all pages, and check it where
it is needed: not SSLVerifyClient inside of <Location> or <Directory>.

  SSLVerifyClient optional
  <Location /private>
      Require expr "%{SSL_CLIENT_VERIFY} == 'SUCCESS'"
  </Location>)"},
    {"anywhere", R"(Speak TLS 1.3, where a server can ask for a certificate later without a second handshake.)"},
};

constexpr Cure newer_version[] = {
    {"client", R"(Offer all versions at once and let the server choose; take out what tries again with an older one:

  handfast connect HOST)"},
};

constexpr Cure newer_library[] = {
    {"anywhere", R"(Update the server's TLS library (OpenSSL has it since 1.1.0), or switch TLS 1.3 on, which needs
no such extension.)"},
    {"client", R"(To connect in spite of it: without --require-ems.)"},
};

constexpr Entry negotiation_table[] = {
    {.code = "HF0401",
     .word = "no_common_version",
     .title = "No version of TLS in common",
     .meaning = R"(Both sides speak TLS, but no version of it that the other accepts. TLS 1.0 and 1.1 are withdrawn,
and browsers and libraries refuse them since about 2020; a device that has not been updated since before 2012 may
have nothing else. The other way round, a server that takes TLS 1.3 only refuses clients that stop at 1.2.)",
     .fault = R"(The side that is too old; or the setting by which a version was switched off.)",
     .check = R"(Which does the server speak?

  handfast connect HOST --tls 1.3
  handfast connect HOST --tls 1.2
  openssl s_client -connect HOST:443 -tls1_1 -cipher DEFAULT:@SECLEVEL=0)",
     .rfc = "RFC 8446, section 4.1.2; RFC 8996",
     .cures = modern_versions},
    {.code = "HF0402",
     .word = "no_common_cipher_suite",
     .title = "No cipher suite in common",
     .meaning = R"(A cipher suite is a set of methods for protecting the data. The client lists those that it takes,
and the server has none of them.

In TLS 1.2 a suite also names the kind of the server's key: a server with an ECDSA certificate has none in common
with a client that takes RSA suites only. Servers without any certificate for the name end up here as well. In TLS
1.3 there are five suites in all, so it is nearly always a list that somebody has made too short.)",
     .fault = R"(The side whose list is too short or too old.)",
     .check = R"(Which would the server take?

  openssl s_client -connect HOST:443 -cipher ALL:@SECLEVEL=0 </dev/null 2>/dev/null | grep 'Cipher is')",
     .rfc = "RFC 8446, section 4.1.1; RFC 9325, section 4.2",
     .cures = modern_suites},
    {.code = "HF0403",
     .word = "no_common_group",
     .title = "No group for the key exchange in common",
     .meaning = R"(For the key exchange both sides need the same curve (x25519, P-256, ...) or, with post-quantum
cryptography, the same hybrid (X25519MLKEM768). They have none in common: one of the lists was made too short.)",
     .fault = R"(The side whose list is too short.)",
     .check = R"(One by one:

  handfast connect HOST --groups x25519
  handfast connect HOST --groups P-256
  handfast connect HOST --groups X25519MLKEM768)",
     .rfc = "RFC 8446, section 4.2.7",
     .cures = common_groups},
    {.code = "HF0404",
     .word = "no_common_signature_scheme",
     .title = "No signature algorithm in common",
     .meaning = R"(The peer says which signature algorithms it takes, and none of them goes with the key of the
certificate: an Ed25519 key for a client that does not know Ed25519, a key on P-521 for a browser.)",
     .fault = R"(A certificate that is too unusual, or a list that is too short.)",
     .check = R"(  handfast cert inspect HOST:443)",
     .rfc = "RFC 8446, section 4.2.3",
     .cures = common_signatures},
    {.code = "HF0405",
     .word = "no_matching_issuer",
     .title = "No certificate from an authority that the peer names",
     .meaning = R"(The peer has listed the authorities whose certificates it takes, and none of ours was issued by
one of them.)",
     .fault = R"(The side that brings the certificate; or a list that lacks an authority.)",
     .check = R"(What was asked for stands in CertificateRequest:

  handfast connect HOST --ladder
  openssl x509 -in client.pem -noout -issuer)",
     .rfc = "RFC 8446, section 4.2.4",
     .cures = {}},
    {.code = "HF0406",
     .word = "no_application_protocol",
     .title = "No application protocol (ALPN) in common",
     .meaning = R"(By ALPN the two sides agree on what is spoken inside of TLS: h2 for HTTP/2, http/1.1, and others
for mail, DNS, ACME's tls-alpn-01. The client has offered some, and the server speaks none of them.

gRPC meets it where a proxy in front speaks HTTP/1.1 only.)",
     .fault = R"(The side that was set up for too few; or the client has come to the wrong port.)",
     .check = R"(  handfast connect HOST --alpn h2
  handfast connect HOST --alpn http/1.1)",
     .rfc = "RFC 7301, section 3.2",
     .cures = offer_protocols},
    {.code = "HF0407",
     .word = "unrecognized_name",
     .title = "The server has no site of that name",
     .meaning = R"(A server with many sites chooses by the name that the client sends (SNI). It has no certificate
for this one, and is set up to refuse such clients instead of showing them another site's.)",
     .fault = R"(The server, if it should have that site; else whoever asked for that name.)",
     .check = R"(  handfast connect HOST --sni NAME)",
     .rfc = "RFC 6066, section 3",
     .cures = serve_the_name},
    {.code = "HF0420",
     .word = "downgrade_detected",
     .title = "Something keeps the two sides from the newer version",
     .meaning = R"(A server that speaks TLS 1.3 and chooses an older version marks its random bytes. The client
offered TLS 1.3 and found the mark: so the server did not see the offer as it was sent. Something in between has
changed it.

An attacker would do so, to have a weaker protocol spoken. Much more often it is a firewall or a proxy that takes
part in TLS and is too old for 1.3.)",
     .fault = R"(Whatever stands in between.)",
     .check = R"(The same from another network:

  handfast connect HOST)",
     .rfc = "RFC 8446, section 4.1.3",
     .cures = from_outside_in},
    {.code = "HF0422",
     .word = "rejected_by_config",
     .title = "The configuration refused the connection",
     .meaning = R"(The program that uses the library has looked at the connection and said no: by its chooser of
certificates or another hook.)",
     .fault = R"(This side's configuration: it did what it was told.)",
     .check = "",
     .rfc = "",
     .cures = {}},
    {.code = "HF0423",
     .word = "aborted",
     .title = "The program ended the connection itself",
     .meaning =
         R"(Nothing was wrong with TLS: the program that uses the connection has ended it before its time, because
it was told to stop or lost its interest.)",
     .fault = R"(Nobody.)",
     .check = "",
     .rfc = "",
     .cures = {}},
    {.code = "HF0424",
     .word = "renegotiation",
     .title = "The peer wants to renegotiate",
     .meaning = R"(The handshake was done, and the peer wants another one on the same connection. That was how a
server of TLS 1.2 asked for a client certificate for a part of its pages only. It has been the source of attacks,
TLS 1.3 has no more of it, and here it is never done; HTTP/2 forbids it as well.)",
     .fault = R"(The server: it should ask in the first handshake.)",
     .check = R"(  handfast connect HOST --tls 1.2 --request /private)",
     .rfc = "RFC 5246, section 7.4.1.1; RFC 9113, section 9.2.1",
     .cures = ask_at_once},
    {.code = "HF0425",
     .word = "inappropriate_fallback",
     .title = "A fallback to an older version was refused",
     .meaning = R"(A client whose first try has failed tries again with an older version and says so
(TLS_FALLBACK_SCSV). The server speaks the newer one, so it was not the version that failed: something has disturbed
the first try, perhaps on purpose. It refuses, as it should.)",
     .fault = R"(Whatever made the first try fail; and the client, which should not fall back.)",
     .check = R"(The first try, as it failed:

  handfast connect HOST)",
     .rfc = "RFC 7507",
     .cures = newer_version},
    {.code = "HF0426",
     .word = "no_extended_master_secret",
     .title = "TLS 1.2 without the extended master secret",
     .meaning = R"(In TLS 1.2 the keys did not hang on the whole handshake at first, which let an attacker build two
connections with the same keys (Triple Handshake, 2014). The extension extended_master_secret mends it. It was
required here, and the peer does not have it.)",
     .fault = R"(The peer: its library is older than 2016, or was built so.)",
     .check = R"(  handfast connect HOST --tls 1.2)",
     .rfc = "RFC 7627; RFC 9325, section 3.5",
     .cures = newer_library},
    {.code = "HF0428",
     .word = "no_common_certificate_type",
     .title = "Neither certificates nor raw public keys in common",
     .meaning = R"(Instead of certificates two sides may show each other their public keys alone (raw public keys, RFC
7250), where both were told which to trust. One side shows what the other does not take: it has certificates alone, and
the other takes nothing but raw public keys, or the other way round.)",
     .fault = R"(The side that was set up for less than the other needs.)",
     .check = R"(What was offered stands in client_certificate_type and server_certificate_type of the ClientHello. A
hello without them means certificates:

  handfast connect HOST --ladder
  openssl s_client -connect HOST:443 -enable_server_rpk </dev/null)",
     .rfc = "RFC 7250, section 4.2",
     .cures = {}},
    {.code = "HF0429",
     .word = "wrong_certificate_type",
     .title = "The server shows or wants another type of certificate than was offered",
     .meaning = R"(The client has said whether it takes certificates, raw public keys (RFC 7250) or both, and which of
them it can show itself. The server has chosen another; or it has chosen nothing, which means certificates, and the
client takes none.)",
     .fault = R"(A server without raw public keys, where nothing else is taken; else the server's TLS library.)",
     .check = R"(  openssl s_client -connect HOST:443 -enable_server_rpk </dev/null)",
     .rfc = "RFC 7250, section 4.2",
     .cures = {}},
};

}  // namespace

std::span<const Entry> negotiation_entries() noexcept { return negotiation_table; }

}  // namespace handfast::doctor
