// Ports that speak something else, and what probes find about a server by asking it in several ways.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr Cure tls_for_http[] = {
    {"client", R"(Use it without TLS, or find the port that speaks it, most often 443:

  curl http://HOST:PORT/
  handfast connect HOST

A proxy that is spoken to in plain HTTP is written https_proxy=http://PROXY:3128, with http.)"},
    {"nginx", R"(  listen 443 ssl;)"},
    {"Apache httpd", R"(On Debian and Ubuntu: a2enmod ssl && a2ensite default-ssl

  <VirtualHost *:443>
      SSLEngine on
      SSLCertificateFile    /etc/apache2/tls/fullchain.pem
      SSLCertificateKeyFile /etc/apache2/tls/server.key
  </VirtualHost>)"},
    {"HAProxy", R"(Clients get plain HTTP where the bind has no "ssl"; a server that speaks plain HTTP must not have
it:

  bind :443 ssl crt /etc/haproxy/certs/site.pem
  server web1 192.0.2.7:8080)"},
    {"Caddy", R"(Take "http://" off the site's address, or "auto_https off" out of the global options:

  NAME {
      reverse_proxy localhost:8080
  })"},
};

constexpr Cure mail_submission[] = {
    {"client", R"(The port that speaks TLS from the first byte is 465; on 587 and 25 it begins with STARTTLS:

  handfast connect HOST:465
  openssl s_client -starttls smtp -connect HOST:587

In a mail program: "SSL/TLS" for 465, "STARTTLS" for 587.)"},
};
constexpr Cure mail_imap[] = {
    {"client", R"(The port that speaks TLS from the first byte is 993; on 143 it begins with STARTTLS:

  handfast connect HOST:993
  openssl s_client -starttls imap -connect HOST:143)"},
};
constexpr Cure mail_pop3[] = {
    {"client", R"(The port that speaks TLS from the first byte is 995; on 110 it begins with STLS:

  handfast connect HOST:995
  openssl s_client -starttls pop3 -connect HOST:110)"},
};
constexpr Cure file_transfer[] = {
    {"client", R"(FTP goes over to TLS with AUTH TLS on port 21; the port that speaks it from the first byte is 990:

  openssl s_client -starttls ftp -connect HOST:21
  curl --ssl-reqd ftp://HOST/)"},
};
constexpr Cure secure_shell[] = {
    {"client", R"(SSH has cryptography of its own and no TLS:

  ssh -p PORT HOST)"},
};

constexpr Cure send_a_name[] = {
    {"client", R"(Send the name; a client that connects to an address sends none by itself.

  handfast connect 192.0.2.7:443 --sni NAME
  openssl s_client -connect 192.0.2.7:443 -servername NAME
  curl --resolve NAME:443:192.0.2.7 https://NAME/)"},
    {"nginx", R"(To serve clients without SNI as well, give the default server a certificate, and take out
"ssl_reject_handshake on;" there:

  server {
      listen 443 ssl default_server;
      ssl_certificate     /etc/nginx/tls/fullchain.pem;
      ssl_certificate_key /etc/nginx/tls/server.key;
  })"},
    {"Apache httpd", R"(  SSLStrictSNIVHostCheck off)"},
    {"HAProxy",
     R"(Without strict-sni the first certificate is shown to those who send no name, or one that is not known:

  bind :443 ssl crt /etc/haproxy/certs/default.pem crt /etc/haproxy/certs/)"},
    {"Caddy", R"(In the global options:

  default_sni NAME)"},
    {"client", R"(A proxy in front has to pass the name on. nginx does not do so unless it is told to:

  proxy_ssl_server_name on;
  proxy_ssl_name        NAME;)"},
};

constexpr Cure know_the_name[] = {
    {"nginx", R"(  server {
      listen 443 ssl;
      server_name NAME;
      ssl_certificate     /etc/nginx/tls/NAME.pem;
      ssl_certificate_key /etc/nginx/tls/NAME.key;
  })"},
    {"HAProxy", R"(With strict-sni, each name needs its certificate in the directory:

  bind :443 ssl crt /etc/haproxy/certs/ strict-sni)"},
    {"Caddy", R"(  NAME {
      reverse_proxy localhost:8080
  })"},
    {"client", R"(Where it is a firewall that filters by name, those who run it have to let the name pass.)"},
};

constexpr Cure update_the_server[] = {
    {"anywhere", R"(Update the server, or the load balancer or firewall in front of it: a server that does not know
TLS 1.3 has to answer with 1.2, and most do.)"},
    {"client", R"(Until then, offer less:

  handfast connect HOST --tls 1.2
  curl --tls-max 1.2 https://HOST/)"},
};

constexpr Cure smaller_hello[] = {
    {"client", R"(Without a post-quantum key share a ClientHello fits into one packet:

  handfast connect HOST --groups x25519
  curl --curves X25519:P-256 https://HOST/
  GODEBUG=tlsmlkem=0 ./program                    (Go)
  openssl s_client -connect HOST:443 -groups X25519)"},
    {"HAProxy", R"(Rules that look into the ClientHello have to wait until it is whole:

  tcp-request inspect-delay 5s
  tcp-request content accept if { req.ssl_hello_type 1 })"},
    {"anywhere", R"(Update what stands in front of the server and reads the ClientHello (a load balancer that
chooses by SNI, a firewall): it has to wait for the rest where a hello does not fit into one packet.)"},
};

constexpr Entry ports_table[] = {
    {.code = "HF0901",
     .word = "plain_http",
     .title = "The port speaks plain HTTP",
     .meaning =
         R"(The answer to the ClientHello begins with "HTTP/": a web server took it for a request that it does not
understand, and said so in plain text. TLS is not switched on for this port, or it is another port. Or the answer is
that of a proxy in between.

Others call it "wrong version number", "packet length too long" or "first record does not look like a TLS
handshake".)",
     .fault = R"(Whoever wrote https:// where http:// is spoken; the server, if that port should speak TLS.)",
     .check = R"(  curl -v http://HOST:PORT/)",
     .rfc = "RFC 9110, section 4.2",
     .cures = tls_for_http},
    {.code = "HF0902",
     .word = "plain_smtp",
     .title = "The port speaks SMTP, which begins without TLS",
     .meaning = R"(A mail server greets ("220 ...") and waits for commands in plain text. It goes over to TLS on the
command STARTTLS.)",
     .fault = R"(Whoever chose the port or the kind of connection.)",
     .check = R"(  openssl s_client -starttls smtp -connect HOST:587)",
     .rfc = "RFC 3207; RFC 8314",
     .cures = mail_submission},
    {.code = "HF0903",
     .word = "plain_imap",
     .title = "The port speaks IMAP, which begins without TLS",
     .meaning = R"(A mail server greets ("* OK ...") and waits for commands in plain text. It goes over to TLS on
the command STARTTLS.)",
     .fault = R"(Whoever chose the port or the kind of connection.)",
     .check = R"(  openssl s_client -starttls imap -connect HOST:143)",
     .rfc = "RFC 9051, section 6.2.1; RFC 8314",
     .cures = mail_imap},
    {.code = "HF0904",
     .word = "plain_pop3",
     .title = "The port speaks POP3, which begins without TLS",
     .meaning = R"(A mail server greets ("+OK ...") and waits for commands in plain text. It goes over to TLS on the
command STLS.)",
     .fault = R"(Whoever chose the port or the kind of connection.)",
     .check = R"(  openssl s_client -starttls pop3 -connect HOST:110)",
     .rfc = "RFC 2595; RFC 8314",
     .cures = mail_pop3},
    {.code = "HF0905",
     .word = "plain_ftp",
     .title = "The port speaks FTP, which begins without TLS",
     .meaning = R"(An FTP server greets ("220 ...") and waits for commands in plain text. It goes over to TLS on the
command AUTH TLS.)",
     .fault = R"(Whoever chose the port or the kind of connection.)",
     .check = R"(  openssl s_client -starttls ftp -connect HOST:21)",
     .rfc = "RFC 4217",
     .cures = file_transfer},
    {.code = "HF0906",
     .word = "plain_ssh",
     .title = "The port speaks SSH",
     .meaning = R"(The answer begins with "SSH-2.0-": an SSH server, which has nothing to do with TLS.)",
     .fault = R"(Whoever chose the port.)",
     .check = R"(  ssh -p PORT HOST)",
     .rfc = "RFC 4253, section 4.2",
     .cures = secure_shell},
    {.code = "HF0931",
     .word = "server_name_required",
     .title = "The server wants to be asked for by name",
     .meaning =
         R"(With a name in the ClientHello (SNI) the server answers, without one it refuses: it has many sites and
does not want to guess. Clients that connect to an address send no name; so do proxies that were not told to, and
very old programs.)",
     .fault = R"(The client or the proxy that sends no name.)",
     .check = R"(  openssl s_client -connect HOST:443 -noservername </dev/null
  openssl s_client -connect HOST:443 -servername NAME </dev/null)",
     .rfc = "RFC 6066, section 3",
     .cures = send_a_name},
    {.code = "HF0932",
     .word = "server_name_refused",
     .title = "The server refuses the name that it is asked for",
     .meaning =
         R"(Without a name in the ClientHello the server answers, with this one it does not. It has no site of that
name and is strict about it; or a firewall on the way knows the name and does not like it.)",
     .fault = R"(The server, if it should have that site; a filter on the way, if the name passes from another
network.)",
     .check = R"(  handfast connect HOST --sni NAME
  openssl s_client -connect HOST:443 -noservername </dev/null)",
     .rfc = "RFC 6066, section 3",
     .cures = know_the_name},
    {.code = "HF0933",
     .word = "version_intolerance",
     .title = "The server can't bear to be offered TLS 1.3",
     .meaning = R"(A ClientHello that offers TLS 1.3 beside 1.2 fails, one that offers 1.2 alone is answered. A
server that does not know 1.3 should simply choose 1.2; this one, or something in front of it, stumbles over an
extension that it does not know.)",
     .fault = R"(The server, or the device in front of it.)",
     .check = R"(  handfast connect HOST
  handfast connect HOST --tls 1.2)",
     .rfc = "RFC 8446, appendix D",
     .cures = update_the_server},
    {.code = "HF0934",
     .word = "large_hello_dropped",
     .title = "A large ClientHello gets no answer",
     .meaning =
         R"(With a post-quantum key share a ClientHello is about 1,700 bytes and does not fit into one packet. The
large one gets no answer here, a small one does: something reads the first packet only and expects the whole hello
in it, mostly a load balancer or a firewall that looks for the name.)",
     .fault = R"(What stands in front of the server, or the server.)",
     .check = R"(  handfast connect HOST
  handfast connect HOST --groups x25519)",
     .rfc = "RFC 8446, section 5.1",
     .cures = smaller_hello},
    {.code = "HF0935",
     .word = "split_hello_dropped",
     .title = "A ClientHello in pieces gets no answer",
     .meaning = R"(The same ClientHello is answered when it comes in one piece, and not when it comes in several
packets or records. TCP promises nothing about pieces: what reads it has to wait for the rest, and something here
does not.)",
     .fault = R"(What stands in front of the server, or the server.)",
     .check = R"(  handfast connect HOST --groups x25519)",
     .rfc = "RFC 8446, section 5.1",
     .cures = smaller_hello},
};

}  // namespace

std::span<const Entry> port_entries() noexcept { return ports_table; }

}  // namespace handfast::doctor
