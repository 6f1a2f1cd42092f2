// What is wrong with the certificate itself: its dates and its names.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr Cure renew[] = {
    {"nginx", R"(Renew it, and load it: nginx reads its files at the start and at a reload only.

  certbot renew && nginx -t && nginx -s reload

So that it does not come again, let certbot reload by itself:

  certbot renew --deploy-hook 'nginx -s reload')"},
    {"Apache httpd", R"(  certbot renew && apachectl configtest && apachectl graceful

With mod_md Apache gets and renews certificates itself:

  MDomain NAME
  MDCertificateAgreement accepted)"},
    {"HAProxy", R"(Renew it, and put chain and key into one file again:

  cat fullchain.pem server.key > /etc/haproxy/certs/site.pem
  haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy

Without a reload, by the admin socket:

  (echo 'set ssl cert /etc/haproxy/certs/site.pem <<'; cat /etc/haproxy/certs/site.pem; echo) |
    socat - /run/haproxy/admin.sock
  echo 'commit ssl cert /etc/haproxy/certs/site.pem' | socat - /run/haproxy/admin.sock)"},
    {"Caddy", R"(Caddy renews what it got itself; if it could not, its log says why:

  journalctl -u caddy | grep -i obtain

Files of your own it reads at a reload:

  caddy reload --config /etc/caddy/Caddyfile)"},
    {"client",
     R"(Nothing, but to look at the clock (HF0925): a machine whose clock runs ahead sees all of them expired.)"},
};

constexpr Cure wait_or_set_clock[] = {
    {"client", R"(Compare the clock with the true time, and set it (HF0925):

  date -u
  timedatectl set-ntp true)"},
    {"anywhere", R"(If the clock is right, the certificate's time has not come: whoever issued it has a clock that
runs ahead, or meant it for later. Use the one before until then. An authority of your own should date a certificate
some minutes back.)"},
};

constexpr Cure cover_the_name[] = {
    {"anywhere", R"(Have a certificate issued that names every name under which the server is called:

  certbot certonly -d example.com -d www.example.com

For an authority of your own, in the request or when signing:

  subjectAltName = DNS:example.com, DNS:www.example.com, IP:192.0.2.7)"},
    {"nginx", R"(Often the certificate is there, and another site answers: the first server block of the port serves
every name that none of them claims. Each site needs its own names and its own certificate:

  server {
      listen 443 ssl;
      server_name www.example.com example.com;
      ssl_certificate     /etc/nginx/tls/example.com.pem;
      ssl_certificate_key /etc/nginx/tls/example.com.key;
  })"},
    {"Apache httpd", R"(The first virtual host of the port answers for names that none claims. What there is:
apachectl -S

  <VirtualHost *:443>
      ServerName www.example.com
      ServerAlias example.com
      SSLEngine on
      SSLCertificateFile    /etc/apache2/tls/example.com.pem
      SSLCertificateKeyFile /etc/apache2/tls/example.com.key
  </VirtualHost>)"},
    {"HAProxy", R"(With a directory HAProxy chooses by the name that the client asks for; strict-sni refuses names
that it has no certificate for, instead of showing the first one:

  bind :443 ssl crt /etc/haproxy/certs/ strict-sni)"},
    {"Caddy", R"(Name every name of the site; each gets its certificate:

  example.com, www.example.com {
      reverse_proxy localhost:8080
  })"},
    {"client", R"(Call the server by a name that its certificate has. To reach a machine before its name points
there:

  handfast connect 192.0.2.7:443 --sni www.example.com
  curl --resolve www.example.com:443:192.0.2.7 https://www.example.com/)"},
};

constexpr Cure add_alternative_names[] = {
    {"anywhere", R"(Issue it anew with subjectAltName. Self-signed:

  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
    -keyout server.key -out server.pem -subj /CN=NAME -addext subjectAltName=DNS:NAME \
    -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth

From an authority of your own: openssl x509 -req leaves extensions out unless they are given to it.

  printf 'subjectAltName=DNS:NAME,IP:192.0.2.7\n' > san.txt
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 90 -extfile san.txt -out server.pem)"},
    {"client", R"(A device whose certificate nobody will make anew can be pinned; then no name is needed:

  handfast connect HOST --pin device.pem)"},
};

constexpr Cure issue_within[] = {
    {"anywhere", R"(Have it issued with names within the constraints, or by an authority that may vouch for them. An
authority's constraints can't be widened: it needs a new certificate.)"},
};

constexpr Cure widen_trust[] = {
    {"client", R"(If that authority may vouch for the name as well, say so; .example means all names below:

  handfast connect HOST --ca-for NAME,.example=ca.pem)"},
};

constexpr Entry certificate_table[] = {
    {.code = "HF0209",
     .word = "certificate_expired",
     .title = "The certificate has expired",
     .meaning = R"(The last day of the certificate, or of one above it in the chain, has passed. Certificates are
short on purpose, ninety days by now and soon less: a key that was stolen, or a domain that was sold, shall not be
vouched for for long.

If it was renewed and clients still see the old one, the server has not read the new file: most read it at the start
and at a reload only. Behind a load balancer one of several machines may have been forgotten, so that it fails now
and then.

Where it is an intermediate that has expired, the server sends an old chain: the authority has issued a new one.)",
     .fault = R"(The server: whoever runs it has to renew the certificate and load it. Where every site fails, it is
this machine's clock.)",
     .check = R"(The dates of each certificate that the server sends:

  handfast cert inspect HOST:443

and of the file that it should send:

  openssl x509 -in fullchain.pem -noout -enddate)",
     .rfc = "RFC 5280, section 4.1.2.5",
     .cures = renew},
    {.code = "HF0210",
     .word = "certificate_not_yet_valid",
     .title = "The certificate is not valid yet",
     .meaning = R"(The first day of the certificate, or of one above it in the chain, is still to come. The dates
alone do not tell whose clock is wrong: that of this machine may run behind, or that of the machine that issued it
ahead.

A certificate that was issued minutes ago fails so on machines whose clocks are minutes behind; after a power cut,
machines without a battery start years behind.)",
     .fault = R"(This machine's clock, or that of whoever issued it: compare both with the true time.)",
     .check = R"(  date -u
  handfast cert inspect HOST:443)",
     .rfc = "RFC 5280, section 4.1.2.5",
     .cures = wait_or_set_clock},
    {.code = "HF0213",
     .word = "name_mismatch",
     .title = "The certificate is for another name",
     .meaning = R"(The certificate may be perfectly good, but not for the name that the client asked for. The client
compares that name with the host names and addresses in the certificate's subjectAltName, and with nothing else: the
common name (CN) has not counted for years.

The names must agree label by label. *.example.com covers www.example.com, but neither example.com itself nor
a.b.example.com. A certificate for a name does not cover the address that it points to: an address has to stand
there as an address.

Most often another site of the same server has answered: a server with many names chooses by the name that the
client sends (SNI), and shows a certificate of its default site where it knows none for it. Or the name is spelt
wrongly, or it points to the wrong machine; or something in between has answered (HF0924).)",
     .fault = R"(The server, if it is meant to be called so; else whoever typed the name.)",
     .check = R"(The names in the certificate, for the name that was asked for and for another one:

  handfast cert inspect HOST:443 --sni NAME

Where the name points to:

  getent ahosts NAME)",
     .rfc = "RFC 9525, section 6",
     .cures = cover_the_name},
    {.code = "HF0214",
     .word = "no_subject_alt_name",
     .title = "The certificate holds no name that TLS may use",
     .meaning = R"(A server's name has to stand in the extension subjectAltName. This certificate has none there, at
most a common name (CN) in its subject, as was usual until about the year 2010. Clients no longer look there: it is
free text, and it was never clear whether it is meant as a host name.

It is the mark of certificates that were made by hand with "openssl req" and an old recipe, and of old devices.)",
     .fault = R"(Whoever issued the certificate.)",
     .check = R"(  openssl x509 -in server.pem -noout -subject -ext subjectAltName)",
     .rfc = "RFC 9525, section 2",
     .cures = add_alternative_names},
    {.code = "HF0223",
     .word = "name_constraint_violation",
     .title = "The authority may not vouch for that name",
     .meaning = R"(An authority above the certificate carries nameConstraints: a list of names that it may vouch
for, or of those that it may not. A name of the certificate lies outside. That is what the extension is for: a
company's authority for .example.com shall not be able to vouch for a bank.

All names of the certificate are looked at, not only the one that was asked for: one that does not belong there
spoils it.)",
     .fault = R"(Whoever issued the certificate.)",
     .check = R"(The constraints stand with the authority's certificate:

  handfast cert inspect fullchain.pem)",
     .rfc = "RFC 5280, section 4.2.1.10",
     .cures = issue_within},
    {.code = "HF0233",
     .word = "anchor_not_for_name",
     .title = "The authority is trusted for other names only",
     .meaning = R"(The chain is sound and ends at an authority that is trusted, but for certain names only:
--ca-for, or a configuration, says for which. The server's name is not among them.)",
     .fault = R"(This side: it is what was asked for.)",
     .check = R"(Which authority it is, and where its trust was narrowed down: the verdict shows both.)",
     .rfc = "",
     .cures = widen_trust},
};

}  // namespace

std::span<const Entry> certificate_entries() noexcept { return certificate_table; }

}  // namespace handfast::doctor
