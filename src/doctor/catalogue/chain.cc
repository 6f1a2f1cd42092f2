// Where a chain leads: authorities that are not trusted, certificates that vouch for themselves, what a server leaves
// out or puts in the wrong order, and who else may stand in between.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

/// How a server is given its whole chain.
constexpr Cure send_the_chain[] = {
    {"anywhere", R"(Put the chain together from what the authority delivered, and see that it verifies:

  handfast cert chain-fix server.pem intermediates.pem --system --out fullchain.pem)"},
    {"nginx",
     R"(The file holds the server's certificate first, then each intermediate. Then: nginx -t && nginx -s reload

  ssl_certificate     /etc/nginx/tls/fullchain.pem;
  ssl_certificate_key /etc/nginx/tls/server.key;)"},
    {"Apache httpd", R"(Since 2.4.8 the one file holds the whole chain; SSLCertificateChainFile is for older ones.
Then: apachectl configtest && apachectl graceful

  SSLCertificateFile    /etc/apache2/tls/fullchain.pem
  SSLCertificateKeyFile /etc/apache2/tls/server.key)"},
    {"HAProxy", R"(One file holds the chain and the key: cat fullchain.pem server.key > /etc/haproxy/certs/site.pem

  bind :443 ssl crt /etc/haproxy/certs/site.pem)"},
    {"Caddy", R"(Best left to Caddy, which gets certificates and their chains itself. With files of your own:

  NAME {
      tls /etc/caddy/fullchain.pem /etc/caddy/server.key
  })"},
};

constexpr Cure trust_an_authority[] = {
    {"client", R"(An authority of your own has to be known to each client. Get its certificate from whoever runs it,
not over the connection that is in doubt.

  handfast connect HOST --ca ca.pem
  curl --cacert ca.pem https://HOST/
  NODE_EXTRA_CA_CERTS=ca.pem node app.js
  SSL_CERT_FILE=ca.pem python3 app.py

For a whole machine, on Debian and Ubuntu:

  cp ca.pem /usr/local/share/ca-certificates/our-ca.crt && update-ca-certificates

on Fedora and RHEL:

  cp ca.pem /etc/pki/ca-trust/source/anchors/ && update-ca-trust

and for Java:

  keytool -importcert -cacerts -alias our-ca -file ca.pem)"},
    {"anywhere", R"(Where the server leaves out an intermediate (HF0921), it has to send its whole chain:

  handfast cert chain-fix server.pem intermediates.pem --system --out fullchain.pem)"},
};

constexpr Cure trust_the_certificate[] = {
    {"client", R"(If the certificate is yours, get its file from the machine itself, not over the connection, and
pin it: then it counts as itself, whatever name it holds.

  handfast connect HOST --pin server.pem)"},
    {"anywhere", R"(A self-signed certificate that clients accept: no authority's, with its names in subjectAltName.

  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
    -keyout server.key -out server.pem -subj /CN=NAME -addext subjectAltName=DNS:NAME \
    -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature \
    -addext extendedKeyUsage=serverAuth)"},
    {"nginx", R"(For a public site have an authority issue one; Let's Encrypt does it for free.

  certbot --nginx -d NAME)"},
    {"Apache httpd", R"(For a public site:

  certbot --apache -d NAME)"},
    {"HAProxy", R"(For a public site get one with an ACME client, and give HAProxy chain and key in one file:

  certbot certonly --standalone -d NAME
  cat /etc/letsencrypt/live/NAME/fullchain.pem /etc/letsencrypt/live/NAME/privkey.pem > /etc/haproxy/certs/NAME.pem)"},
    {"Caddy", R"(Take out "tls internal": a site that is called by its public name gets a certificate by itself.

  NAME {
      reverse_proxy localhost:8080
  })"},
};

constexpr Cure reorder[] = {
    {"anywhere", R"(Leaf first, each issued by the next, without the root:

  handfast cert chain-fix fullchain.pem --out fullchain.pem)"},
    {"nginx", R"(nginx does not start at all where the server's own certificate is not the first one of the file.

  ssl_certificate /etc/nginx/tls/fullchain.pem;)"},
    {"HAProxy", R"(In the file of crt: the server's certificate, the intermediates, and the key.

  cat fullchain.pem server.key > /etc/haproxy/certs/site.pem)"},
};

constexpr Cure leave_out[] = {
    {"anywhere", R"(This leaves out the root and all that belongs to no path, and says what it has left out:

  handfast cert chain-fix fullchain.pem --out fullchain.pem)"},
};

constexpr Cure know_the_interceptor[] = {
    {"client", R"(On a company's machine the proxy's root is meant to be trusted: ask those who run it for the file,
compare its SHA-256 with them, and install it (HF0211 says how), or name it for one program:

  handfast connect HOST --ca company-root.pem

Anywhere else trust nothing of it. Try from another network (a telephone's); switch off the "HTTPS scanning" of a
virus scanner; sign in first where a hotel or a train asks for it.)"},
};

constexpr Cure set_the_clock[] = {
    {"client", R"(Let the machine ask for the time:

  timedatectl set-ntp true

or set it once:

  date -u -s '2026-11-30 12:00:00'

A machine without a battery (a board, a container host that slept) needs the network's time before it does TLS.)"},
};

constexpr Entry chain_table[] = {
    {.code = "HF0211",
     .word = "unknown_issuer",
     .title = "The chain leads to no authority that is trusted",
     .meaning = R"(A certificate is worth as much as whoever signed it. The client goes up from the server's
certificate, issuer by issuer, until it meets an authority that it knows; here it met none.

There are three usual reasons, and from the client's side they can look the same. The server has left out an
intermediate: browsers often hide that, because they remember intermediates of other sites or fetch them, and
programs like curl, Python or Java do neither (HF0921). Or the certificate is from a private authority, which this
machine has never heard of. Or something in between put a certificate of its own there (HF0924).

An old list of authorities is a fourth: a machine or a container image that has not been updated for years does not
know the roots of today.)",
     .fault = R"(The server, where an intermediate is missing; this machine, where the authority is a private one
that it was not told of.)",
     .check = R"(What was sent, and by whom the last one was issued:

  handfast cert inspect HOST:443

If the last certificate is signed by an authority that everybody knows the name of, an intermediate is missing. If
its subject and its issuer are the same, it is a root: it is not trusted here.)",
     .rfc = "RFC 5280, section 6.1",
     .cures = trust_an_authority},
    {.code = "HF0212",
     .word = "self_signed_certificate",
     .title = "The certificate is self-signed",
     .meaning = R"(The server's certificate is its own issuer: nobody else vouches for it. Anybody can make one with
any name in it, so it proves nothing until the client knows this very certificate from elsewhere.

It comes from a device as it was delivered (a router, a printer, a NAS), from "openssl req -x509", or from a server
that could not get its real one and uses a stand-in.)",
     .fault = R"(The server, if it is to be public. Within a house it is a choice: then clients have to be told
which certificate it is.)",
     .check = R"(  handfast cert inspect HOST:443

It shows who has issued it, whether it is marked as an authority's, and the SHA-256 to compare with what the machine
itself has:

  openssl x509 -in server.pem -noout -fingerprint -sha256)",
     .rfc = "RFC 5280, section 3.2",
     .cures = trust_the_certificate},
    {.code = "HF0216",
     .word = "ca_as_leaf",
     .title = "An authority's certificate is used as a server's",
     .meaning = R"(The certificate that the server shows as its own is marked as one that may sign others
(basicConstraints CA:TRUE). Whoever has a server's key should not be able to issue certificates with it, so such a
certificate is not taken as a server's, unless it is pinned as itself.

Most often it was made with "openssl req -x509", which marks what it makes so unless it is told otherwise.)",
     .fault = R"(Whoever made the certificate.)",
     .check = R"(  openssl x509 -in server.pem -noout -ext basicConstraints)",
     .rfc = "RFC 5280, section 4.2.1.9",
     .cures = trust_the_certificate},
    {.code = "HF0921",
     .word = "missing_intermediate",
     .title = "The server leaves out an intermediate certificate",
     .meaning = R"(Public authorities do not sign with their root: an intermediate stands between it and the
server's certificate, sometimes two. Clients know the roots only. The server has to send what links its certificate
to one of them, and it did not.

That is why a site may work in a browser and nowhere else: browsers keep intermediates that they met elsewhere, or
fetch them from the address in the certificate. curl, Python, Go, Java and Node.js do not.)",
     .fault = R"(The server: whoever runs it has to send the whole chain ("fullchain.pem", not "cert.pem").)",
     .check = R"(A server with one certificate in its chain, issued by somebody who is no root, lacks one:

  handfast cert inspect HOST:443

The certificate says where its issuer's is to be had; with that the chain has to be good:

  curl -o issuer.der URL-OF-THE-ISSUER
  handfast cert verify server.pem --untrusted issuer.der --host NAME)",
     .rfc = "RFC 8446, section 4.4.2",
     .cures = send_the_chain},
    {.code = "HF0922",
     .word = "misordered_chain",
     .title = "The server sends its chain in the wrong order",
     .meaning = R"(The server's own certificate comes first, and behind it each one should be the issuer of the one
before. Most clients sort that out by themselves, as Handfast does; some, above all small and old ones, take the
list as it stands and find no path.)",
     .fault = R"(The server: its file was put together in the wrong order.)",
     .check = R"(The last lines say whether the certificates make a chain in this order:

  handfast cert inspect HOST:443)",
     .rfc = "RFC 5246, section 7.4.2; RFC 8446, section 4.4.2",
     .cures = reorder},
    {.code = "HF0923",
     .word = "superfluous_certificates",
     .title = "The server sends certificates that nobody needs",
     .meaning = R"(Beside the chain the server sends certificates that belong to no path: its root, one of an old
chain, one twice. That is allowed, and it costs: each is a kilobyte or two in every full handshake, and a first
flight that does not fit into ten packets costs a round trip more.

A root is no use to send: a client that knows it has it, and one that does not will not trust it for having been
sent.)",
     .fault = R"(The server, and it is no failure: it works.)",
     .check = R"(  handfast cert inspect HOST:443)",
     .rfc = "RFC 8446, section 4.4.2",
     .cures = leave_out},
    {.code = "HF0924",
     .word = "intercepted",
     .title = "Something on the way put its own certificate there",
     .meaning = R"(The certificate is not the site's: it was made on the spot by something between here and there,
which opens the connection and goes on to the real server by itself. A company's proxy does so, a virus scanner, a
parental control, a hotel's page for signing in; and an attacker.

What gives it away: the issuer bears the name of such a product or of a company; the same issuer stands on the
certificates of sites that have nothing to do with each other; it was issued minutes ago; from another network the
site shows another one.)",
     .fault = R"(Whatever stands in between. Whether it may, only those who run this machine and this network can
say.)",
     .check = R"(Who issued it? Then the same from another network, and another well-known site from here:

  handfast cert inspect HOST:443
  handfast cert inspect example.com:443)",
     .rfc = "",
     .cures = know_the_interceptor},
    {.code = "HF0925",
     .word = "wrong_clock",
     .title = "This machine's clock is wrong",
     .meaning = R"(A certificate is valid from one day to another, and whether today lies between them the client
asks its own clock. Where that is far off, good certificates look expired or not valid yet: all of them, of every
site.

That is also how it is told from a certificate that really is too old: it is not one site that fails, but each.)",
     .fault = R"(This machine's clock.)",
     .check = R"(Compare with a watch; the second line is what a server says:

  date -u
  curl -sI http://example.com/ | grep -i ^date)",
     .rfc = "RFC 5280, section 4.1.2.5",
     .cures = set_the_clock},
};

}  // namespace

std::span<const Entry> chain_entries() noexcept { return chain_table; }

}  // namespace handfast::doctor
