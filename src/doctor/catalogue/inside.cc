// What goes wrong on this side: an open connection's limits, keys and other answers from outside, files and settings.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr Cure read_permission[] = {
    {"anywhere", R"(Is it there, and may the user whom the program runs as read it, and every folder above it?

  ls -l FILE
  namei -l FILE)"},
    {"nginx", R"(nginx reads keys as root, at its start; a key that belongs to root alone is right:

  chown root:root server.key && chmod 600 server.key)"},
    {"HAProxy", R"(  chown root:root /etc/haproxy/certs/site.pem && chmod 600 /etc/haproxy/certs/site.pem)"},
    {"Caddy", R"(Caddy runs as the user caddy, and has to be able to read the key:

  chown root:caddy server.key && chmod 640 server.key)"},
};

constexpr Cure into_pem[] = {
    {"anywhere", R"(What does the file hold?

  handfast cert inspect FILE

A PEM file is text, with -----BEGIN ...----- lines. From DER and from PKCS#12:

  openssl x509 -inform DER -in cert.der -out cert.pem
  openssl pkcs12 -in store.p12 -nokeys -out chain.pem
  openssl pkcs12 -in store.p12 -nocerts -nodes -out key.pem

From PKCS#7:

  openssl pkcs7 -print_certs -in chain.p7b -out chain.pem)"},
};

constexpr Cure usable_key[] = {
    {"anywhere", R"(Take the password off (the file has to be for its owner alone then):

  umask 077 && openssl pkey -in encrypted.key -out server.key

A new one:

  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out server.key)"},
};

constexpr Cure pair_them[] = {
    {"anywhere", R"(The two lines have to be equal; try each key that there is.

  openssl x509 -in server.pem -noout -pubkey | sha256sum
  openssl pkey -in server.key -pubout | sha256sum

If the right key is gone, make a new one and have a certificate issued for it.)"},
    {"nginx", R"(The server's own certificate has to stand first in the file, before the intermediates:

  ssl_certificate     /etc/nginx/tls/fullchain.pem;
  ssl_certificate_key /etc/nginx/tls/server.key;)"},
    {"Apache httpd", R"(  SSLCertificateFile    /etc/apache2/tls/fullchain.pem
  SSLCertificateKeyFile /etc/apache2/tls/server.key)"},
    {"HAProxy", R"(Chain and key in one file, made anew from both at each renewal:

  cat fullchain.pem server.key > /etc/haproxy/certs/site.pem)"},
};

constexpr Cure look_up_the_option[] = {
    {"anywhere", R"(The verdict names the flag and says what is wrong with it. What there is:

  handfast connect --help)"},
};

constexpr Cure look_after_the_key[] = {
    {"anywhere", R"(The key is somewhere else (a token, a module, a service): is it plugged in, logged in,
reachable? Its own log says more than TLS can.)"},
};

constexpr Cure report_it[] = {
    {"anywhere", R"(Please report it, with the output of the same command and --json.)"},
};

constexpr Entry inside_table[] = {
    {.code = "HF0501",
     .word = "too_many_key_updates",
     .title = "A flood of KeyUpdates",
     .meaning = R"(In TLS 1.3 either side may change its keys at any time. The peer does so over and over without
sending anything under them: work for us and none for it.)",
     .fault = R"(The peer.)",
     .check = "",
     .rfc = "RFC 8446, section 4.6.3",
     .cures = {}},
    {.code = "HF0502",
     .word = "sequence_exhausted",
     .title = "A key has protected as many records as it may",
     .meaning = R"(Under one key only so many records are safe: with AES-GCM some twenty million full ones. TLS 1.3
then changes keys, and goes on; where that is not possible, as in TLS 1.2, the connection has to be made anew.)",
     .fault = R"(Nobody: the connection has lived long.)",
     .check = "",
     .rfc = "RFC 8446, section 5.5",
     .cures = {}},
    {.code = "HF0503",
     .word = "too_many_certificate_requests",
     .title = "More requests for a certificate than may wait",
     .meaning = R"(After the handshake a server of TLS 1.3 may ask for a client's certificate. It has asked again
and again without waiting for an answer.)",
     .fault = R"(The peer.)",
     .check = "",
     .rfc = "RFC 8446, section 4.6.2",
     .cures = {}},
    {.code = "HF0504",
     .word = "too_many_hello_requests",
     .title = "A flood of requests to renegotiate",
     .meaning =
         R"(The server asks for another handshake over and over (HelloRequest), though it was told that there will
be none (HF0424).)",
     .fault = R"(The peer.)",
     .check = "",
     .rfc = "RFC 5246, section 7.4.1.1",
     .cures = {}},
    {.code = "HF0601",
     .word = "signing_failed",
     .title = "The private key did not sign",
     .meaning = R"(The handshake needs a signature, and whoever keeps the private key has answered with an error.
The certificate and the configuration are not the question here, but the key's own keeper.)",
     .fault = R"(This side: the key, or the token or service that keeps it.)",
     .check = R"(  openssl pkey -in server.key -check -noout)",
     .rfc = "",
     .cures = look_after_the_key},
    {.code = "HF0602",
     .word = "need_failed",
     .title = "Something outside of the handshake failed",
     .meaning = R"(The handshake had to ask for something outside: a session from a store, a certificate for a name,
a verifier. What it asked has answered with an error.)",
     .fault = R"(This side: the program that uses the library, or what it asks.)",
     .check = "",
     .rfc = "",
     .cures = {}},
    {.code = "HF0603",
     .word = "wrong_answer",
     .title = "An answer to another question",
     .meaning = R"(The program that uses the library has answered a question that was not asked, or not any more. It
is refused: the answer to one handshake must never get into another.)",
     .fault = R"(The program that uses the library.)",
     .check = "",
     .rfc = "",
     .cures = {}},
    {.code = "HF0604",
     .word = "out_of_memory",
     .title = "The connection has no memory left",
     .meaning = R"(Each connection has a fixed room for its handshake, so that no peer can take more. It is used up:
by messages that are far larger than usual, or by a limit that was set too low.)",
     .fault = R"(The peer that sends so much, or a limit that is too low.)",
     .check = "",
     .rfc = "",
     .cures = {}},
    {.code = "HF0605",
     .word = "internal_error",
     .title = "Something failed that may not",
     .meaning = R"(A step failed that can't fail when all is as it should be: a fault of Handfast, of the library of
cryptography under it, or of the machine.)",
     .fault = R"(Handfast, most likely.)",
     .check = "",
     .rfc = "",
     .cures = report_it},
    {.code = "HF0701",
     .word = "file_not_readable",
     .title = "A file can't be read",
     .meaning = R"(A file that was named is not there, or it may not be read by the user whom the program runs as.
Keys are for few eyes, so this is often as it should be, and the program is run by the wrong one.)",
     .fault = R"(This side.)",
     .check = R"(  ls -l FILE)",
     .rfc = "",
     .cures = read_permission},
    {.code = "HF0702",
     .word = "bad_pem",
     .title = "A file that is not what was expected",
     .meaning = R"(The file can be read, but it does not hold what is needed: it is in another format (DER,
PKCS#12), it holds a key where a certificate is wanted or the other way round, it is cut, or a line was lost when it
was copied.)",
     .fault = R"(This side.)",
     .check = R"(  handfast cert inspect FILE
  head -1 FILE)",
     .rfc = "RFC 7468",
     .cures = into_pem},
    {.code = "HF0703",
     .word = "bad_private_key",
     .title = "A private key that can't be used",
     .meaning =
         R"(The file holds no private key that can be used: it is encrypted with a password, of a kind that is not
supported, or damaged. What is taken: PKCS#8, SEC 1 or PKCS#1 in PEM, not encrypted, with an RSA key, an ECDSA key
on P-256, P-384 or P-521, an Ed25519 key, or, with libcrypto of OpenSSL 3.5 or later or AWS-LC, an ML-DSA key.)",
     .fault = R"(This side.)",
     .check = R"(  head -1 server.key
  openssl pkey -in server.key -noout -text | head -1)",
     .rfc = "RFC 5958; RFC 5915",
     .cures = usable_key},
    {.code = "HF0704",
     .word = "key_does_not_match",
     .title = "The private key is not the certificate's",
     .meaning = R"(A certificate is issued for one key. This file holds another one: of a renewal of which only one
half was installed, of another site; or the file of the chain begins with an intermediate instead of the server's
own certificate.)",
     .fault = R"(This side: the two files do not belong together.)",
     .check = R"(  openssl x509 -in server.pem -noout -pubkey
  openssl pkey -in server.key -pubout)",
     .rfc = "",
     .cures = pair_them},
    {.code = "HF0705",
     .word = "bad_config",
     .title = "A configuration that makes no sense",
     .meaning = R"(What was asked for can't be done, or contradicts itself: the verdict names the flag and says why.
Nothing was sent to anybody; a configuration that is not understood is not guessed at.)",
     .fault = R"(This side.)",
     .check = "",
     .rfc = "",
     .cures = look_up_the_option},
};

}  // namespace

std::span<const Entry> inside_entries() noexcept { return inside_table; }

}  // namespace handfast::doctor
