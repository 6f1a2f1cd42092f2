// How the two sides prove who they are: key shares, signatures, Finished, and certificates of clients.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr Cure another_way[] = {
    {"client", R"(Send nothing to it. Try from another network, to tell a faulty server from one in between:

  handfast connect HOST --ladder)"},
    {"anywhere", R"(On the server: update its TLS library; let its offloading hardware, if any, do nothing for a
moment; and see that every machine behind one address has the same certificate with the same key.)"},
};

constexpr Cure bring_yours[] = {
    {"client", R"(Show the certificate that you were given for this, with its key and the intermediates it needs:

  handfast connect HOST --cert client.pem --key client.key
  curl --cert client.pem --key client.key https://HOST/

From a PKCS#12 file (.p12, .pfx):

  openssl pkcs12 -in client.p12 -nodes -out client.pem)"},
    {"nginx", R"(If it shall do without, or only some paths need one:

  ssl_client_certificate /etc/nginx/tls/client-ca.pem;
  ssl_verify_client      optional;
  location /private/ {
      if ($ssl_client_verify != SUCCESS) { return 403; }
  })"},
    {"Apache httpd", R"(For the whole site, not inside of <Location>: that would need a renegotiation (HF0424).

  SSLCACertificateFile /etc/apache2/tls/client-ca.pem
  SSLVerifyClient      optional)"},
    {"HAProxy", R"(  bind :443 ssl crt /etc/haproxy/certs/site.pem ca-file /etc/haproxy/client-ca.pem verify optional
  http-request deny if { path_beg /private/ } !{ ssl_c_used })"},
    {"Caddy", R"(From 2.8 on; before, "trusted_ca_cert_file FILE" in the place of "trust_pool file FILE":

  NAME {
      tls {
          client_auth {
              mode verify_if_given
              trust_pool file /etc/caddy/client-ca.pem
          }
      }
  })"},
};

constexpr Cure get_one_that_fits[] = {
    {"client", R"(Is it good at all, for a client, today? And who must have issued it?

  handfast cert verify client.pem --purpose client --ca client-ca.pem
  handfast connect HOST --json | jq '.ladder[] | select(.message == "CertificateRequest")'

Send the intermediates with it: --cert takes the whole chain, the client's own certificate first.)"},
    {"nginx", R"(Trust the authority that has issued it, and allow for its intermediates:

  ssl_client_certificate /etc/nginx/tls/client-ca.pem;
  ssl_verify_depth       3;

What was wrong stands in the error log at the level info.)"},
    {"Apache httpd", R"(  SSLCACertificateFile /etc/apache2/tls/client-ca.pem
  SSLVerifyDepth       3
  LogLevel             ssl:info)"},
    {"HAProxy", R"(  bind :443 ssl crt /etc/haproxy/certs/site.pem ca-file /etc/haproxy/client-ca.pem verify required

Why one was refused, in the log:

  error-log-format "%ci %ft ssl_c_err=%[ssl_c_err] %[ssl_fc_err_str]")"},
    {"Caddy", R"(From 2.8 on; before, "trusted_ca_cert_file FILE" in the place of "trust_pool file FILE":

  NAME {
      tls {
          client_auth {
              mode require_and_verify
              trust_pool file /etc/caddy/client-ca.pem
          }
      }
  })"},
};

constexpr Cure same_key_everywhere[] = {
    {"anywhere", R"(A certificate whose key has the kind that the suites of TLS 1.2 name: ECDSA suites for an ECDSA
or Ed25519 key, RSA suites for an RSA key. Many servers take both, side by side; TLS 1.3 does not care.)"},
    {"nginx", R"(  ssl_certificate     /etc/nginx/tls/ecdsa.pem;
  ssl_certificate_key /etc/nginx/tls/ecdsa.key;
  ssl_certificate     /etc/nginx/tls/rsa.pem;
  ssl_certificate_key /etc/nginx/tls/rsa.key;)"},
    {"Apache httpd", R"(  SSLCertificateFile    /etc/apache2/tls/ecdsa.pem
  SSLCertificateKeyFile /etc/apache2/tls/ecdsa.key
  SSLCertificateFile    /etc/apache2/tls/rsa.pem
  SSLCertificateKeyFile /etc/apache2/tls/rsa.key)"},
    {"HAProxy", R"(Files that differ in their last ending belong together: site.pem.ecdsa and site.pem.rsa.

  bind :443 ssl crt /etc/haproxy/certs/site.pem)"},
};

constexpr Entry proof_table[] = {
    {.code = "HF0201",
     .word = "bad_key_share",
     .title = "A public value that is no good",
     .meaning = R"(The value that the peer sent for the key exchange is no point of the curve, one of low order that
makes the secret predictable, or of a wrong length. A sound implementation sends none, so it is a fault, an attack
on older ones, or bytes that were changed on the way.)",
     .fault = R"(The peer, or something in between.)",
     .check = R"(With another group, to see whether it is that one:

  handfast connect HOST --groups x25519
  handfast connect HOST --groups P-256)",
     .rfc = "RFC 8446, section 4.2.8; RFC 7748, section 6",
     .cures = {}},
    {.code = "HF0202",
     .word = "bad_signature",
     .title = "The server's signature over the handshake is wrong",
     .meaning = R"(A certificate is public: everybody can send a copy. What proves that the server is its owner is a
signature over this very handshake, made with the certificate's private key (CertificateVerify; in TLS 1.2
ServerKeyExchange). It does not verify.

So the server does not have the key, or it signs wrongly, or the two sides have not seen the same handshake, because
something in between has changed a message.)",
     .fault = R"(The server, or something in between that has its certificate and not its key.)",
     .check = R"(Do the file of the certificate and that of the key belong together? Both must show the same:

  openssl x509 -in server.pem -noout -pubkey
  openssl pkey -in server.key -pubout)",
     .rfc = "RFC 8446, section 4.4.3; RFC 5246, section 7.4.3",
     .cures = another_way},
    {.code = "HF0203",
     .word = "wrong_signature_scheme",
     .title = "Signed with an algorithm that was not offered",
     .meaning = R"(Each side says which signature algorithms it takes. The peer has signed with another one, or with
one that does not belong to the key in its certificate: in TLS 1.3 a curve has its own hash, and RSA signs with PSS
only.)",
     .fault = R"(The peer: most often an old library, or a security token that can do nothing else.)",
     .check = R"(  handfast connect HOST --ladder)",
     .rfc = "RFC 8446, section 4.2.3",
     .cures = {}},
    {.code = "HF0204",
     .word = "bad_finished",
     .title = "Finished does not verify",
     .meaning = R"(At the end of a handshake both sides prove that they have the same keys and have seen the same
messages. The proofs differ: a message was changed on the way, or one side counts another one in, or a pre-shared
key is not the same on both sides.)",
     .fault = R"(One of the two TLS libraries, or something in between that changes the handshake.)",
     .check = R"(From another network; and without a session or a pre-shared key, if one was offered:

  handfast connect HOST --ladder)",
     .rfc = "RFC 8446, section 4.4.4; RFC 5246, section 7.4.9",
     .cures = another_way},
    {.code = "HF0205",
     .word = "no_certificate",
     .title = "No certificate was sent, and one is required",
     .meaning = R"(The message that should hold a certificate is empty. From a client it means that it has none, or
none that fits what was asked for; a server may never send it so.)",
     .fault =
         R"(Of the side that sent it: a client has to be given a certificate; a server that sends none is broken.)",
     .check = R"(  handfast connect HOST --ladder)",
     .rfc = "RFC 8446, section 4.4.2.4",
     .cures = bring_yours},
    {.code = "HF0206",
     .word = "too_many_certificates",
     .title = "A chain longer than is looked at",
     .meaning = R"(The peer has sent more certificates than a chain can sensibly have. Most often its file holds a
whole bundle of authorities ("ca-certificates.crt") instead of one chain.)",
     .fault = R"(The side that sent it: a client has to be given a certificate; a server that sends none is broken.)",
     .check = R"(  handfast cert inspect fullchain.pem
  handfast cert chain-fix fullchain.pem --out fullchain.pem)",
     .rfc = "",
     .cures = {}},
    {.code = "HF0236",
     .word = "wrong_request_context",
     .title = "A certificate that answers another request",
     .meaning = R"(A request for a certificate bears a mark, and the answer repeats it. This one repeats another: it
answers a request that was never made, or not in this place.)",
     .fault = R"(The peer's TLS library.)",
     .check = "",
     .rfc = "RFC 8446, sections 4.3.2 and 4.4.2",
     .cures = {}},
    {.code = "HF0239",
     .word = "wrong_certificate_key",
     .title = "The certificate's key does not fit the handshake",
     .meaning = R"(In TLS 1.2 the cipher suite names the kind of the server's key: _ECDSA_ or _RSA_. The certificate
has the other kind; or, of a client, a kind that the server did not ask for.)",
     .fault = R"(The peer that chose the suite and sent that certificate.)",
     .check = R"(  handfast cert inspect HOST:443
  handfast connect HOST --tls 1.2 --ladder)",
     .rfc = "RFC 5246, sections 7.4.2 and 7.4.6; RFC 8422",
     .cures = same_key_everywhere},
    {.code = "HF0240",
     .word = "unknown_public_key",
     .title = "The peer's raw public key is none of the trusted",
     .meaning =
         R"(The peer has shown its public key alone, without a certificate (RFC 7250). Such a key has no name and no
issuer, so it is good only where it is known already, and this one is not on the list: the peer has a new key, the list
an old one, or somebody else has answered.)",
     .fault = R"(Whoever keeps the list; unless it is somebody else.)",
     .check =
         R"(The key that was shown is the evidence `pin`: the SHA-256 of its SubjectPublicKeyInfo. The same of the key
that should be there:

  openssl pkey -in key.pem -pubout -outform DER | openssl dgst -sha256 -binary | base64)",
     .rfc = "RFC 7250, section 6",
     .cures = {}},
    {.code = "HF0911",
     .word = "client_certificate_required",
     .title = "The server wants a client certificate",
     .meaning = R"(The server asks who is calling, and lets nobody in who shows no certificate (mutual TLS, mTLS).
The client had none to show, or none that fits: it chooses by the authorities that the server names and by the kinds
of key that it takes, and sends an empty answer where nothing fits.

In TLS 1.3 the refusal comes after the client has finished its own side: a program may report a handshake that
succeeded, and an error at the first byte that it reads. In TLS 1.2 it comes as handshake_failure (HF1040) and says
nothing about certificates.)",
     .fault = R"(This side: a certificate has to be brought. Where nobody should be asked for one, the server.)",
     .check = R"(Was one asked for, and of which authorities?

  handfast connect HOST --ladder
  openssl s_client -connect HOST:443 </dev/null 2>/dev/null | grep -A5 'client certificate CA')",
     .rfc = "RFC 8446, sections 4.3.2 and 4.4.2.4",
     .cures = bring_yours},
    {.code = "HF0912",
     .word = "client_certificate_refused",
     .title = "The server refuses the client's certificate",
     .meaning = R"(A client certificate was sent, and the server does not accept it. Its alert says roughly why:
unknown_ca, it does not trust the authority; certificate_expired; certificate_revoked; bad_certificate and
certificate_unknown, anything else; access_denied, the certificate is good and its owner may not come in.

Frequent reasons: the client sends its certificate without the intermediate; the server trusts the wrong file; the
certificate was issued for servers (serverAuth) and not for clients.)",
     .fault = R"(That can't be told from here alone: the server's log says which check has failed.)",
     .check = R"(As the server should see it, with the authority that it trusts:

  handfast cert verify client.pem --purpose client --ca client-ca.pem)",
     .rfc = "RFC 8446, section 6.2",
     .cures = get_one_that_fits},
};

}  // namespace

std::span<const Entry> proof_entries() noexcept { return proof_table; }

}  // namespace handfast::doctor
