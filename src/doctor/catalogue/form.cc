// How certificates are made, and for what: keys, signatures, usages, the limits that authorities are given.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr Cure new_key[] = {
    {"anywhere", R"(Make a new key and a request for it, and have a certificate issued:

  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr \
    -subj /CN=NAME -addext subjectAltName=DNS:NAME

With certbot:

  certbot certonly --key-type ecdsa --elliptic-curve secp256r1 -d NAME)"},
};

constexpr Cure sign_anew[] = {
    {"anywhere", R"(Have it issued anew. An authority of today signs with SHA-256 or better; one of your own:

  openssl x509 -req -sha256 -in server.csr -CA ca.pem -CAkey ca.key -days 90 -extfile san.txt -out server.pem)"},
};

constexpr Cure server_usages[] = {
    {"anywhere", R"(Issue it anew for its purpose. A server's certificate, as an -extfile of openssl x509 -req:

  basicConstraints = critical, CA:FALSE
  keyUsage         = critical, digitalSignature
  extendedKeyUsage = serverAuth
  subjectAltName   = DNS:NAME

A client's has extendedKeyUsage = clientAuth. Public authorities issue none for clients any more: use an authority
of your own.)"},
};

constexpr Cure proper_authority[] = {
    {"anywhere", R"(An authority's certificate says that it is one. As an extension file:

  basicConstraints = critical, CA:TRUE
  keyUsage         = critical, keyCertSign, cRLSign

Make the authority's anew with the same key and the same name; what it has issued stays good.)"},
};

constexpr Cure issue_nearer[] = {
    {"anywhere", R"(Issue from an authority that stands nearer to the root, or give the upper one a new certificate
that allows more:

  basicConstraints = critical, CA:TRUE, pathlen:1)"},
};

constexpr Cure another_copy[] = {
    {"anywhere", R"(Get the file anew from whoever issued it, and look at it:

  handfast cert inspect server.pem
  openssl asn1parse -i -in server.pem)"},
};

constexpr Cure present_authority[] = {
    {"client", R"(If the authority was made anew under its old name, its old certificate is still trusted here:
replace it by the present one.

  handfast connect HOST --ca ca.pem)"},
    {"anywhere", R"(Which of several authorities of that name has signed it: cert inspect tells by the key
identifiers, and by trying the keys.

  handfast cert inspect server.pem ca.pem)"},
};

constexpr Cure compatible_profile[] = {
    {"client", R"(Read certificates as browsers do, which is the default:

  handfast connect HOST --profile compatible)"},
    {"anywhere", R"(Have it issued so that it keeps the rule that the verdict names.)"},
};

constexpr Cure ask_the_verifier[] = {
    {"client", R"(Ask something that says why:

  handfast connect HOST
  handfast cert verify fullchain.pem --host NAME)"},
};

constexpr Cure add_a_rule[] = {
    {"anywhere", R"(If it is to be let in, whoever runs the server adds a rule; for handfast serve:

  handfast serve --client-auth require --client-ca ca.pem --allow dns:client.example

What a certificate can be called by in such a rule:

  handfast cert inspect client.pem)"},
};

constexpr Entry form_table[] = {
    {.code = "HF0207",
     .word = "bad_certificate",
     .title = "A certificate that does not parse",
     .meaning = R"(A certificate is DER: nested fields, each with its length. This one breaks off, has something
where it must not be, or is written in another way than the only one that is allowed. The evidence names the field.

Certificates that were made by hand-written code do that, and files that were damaged or cut on their way.)",
     .fault = R"(Whoever made the certificate.)",
     .check = R"(  openssl x509 -in server.pem -noout -text)",
     .rfc = "RFC 5280, section 4.1",
     .cures = another_copy},
    {.code = "HF0208",
     .word = "unsupported_certificate_key",
     .title = "A key of a kind that is not supported",
     .meaning = R"(The key in the certificate is of a kind, a curve or a size that is not spoken here: DSA, a curve
of other names than P-256, P-384 and P-521, or one that is described by its parameters instead of its name; or ML-DSA,
where libcrypto is older than OpenSSL 3.5.)",
     .fault = R"(Whoever made the key, unless the kind is so new that this side does not know it yet.)",
     .check = R"(  handfast cert inspect HOST:443)",
     .rfc = "RFC 8446, section 4.2.3",
     .cures = new_key},
    {.code = "HF0215",
     .word = "not_a_ca",
     .title = "A certificate was used as an authority's, and is none",
     .meaning = R"(A certificate in the chain was signed with the key of another that is not marked as an
authority's (basicConstraints CA:TRUE). Without that mark everybody who has a certificate for their own site could
issue one for any other: this is the check that keeps them from it.

In a house of one's own it is mostly an authority that was made without the extension, long ago or by hand.)",
     .fault = R"(Whoever issued the chain; or it is a forgery.)",
     .check = R"(  openssl x509 -in ca.pem -noout -ext basicConstraints,keyUsage)",
     .rfc = "RFC 5280, section 4.2.1.9",
     .cures = proper_authority},
    {.code = "HF0217",
     .word = "path_length_exceeded",
     .title = "More authorities in a row than one of them allows",
     .meaning = R"(An authority's certificate may say how many others may stand below it (pathLenConstraint): with 0
it issues for servers only, and no further authorities. Here there are more.)",
     .fault = R"(Whoever runs the authority.)",
     .check = R"(  handfast cert inspect fullchain.pem)",
     .rfc = "RFC 5280, section 4.2.1.9",
     .cures = issue_nearer},
    {.code = "HF0218",
     .word = "wrong_key_usage",
     .title = "The key may not be used for this",
     .meaning = R"(The certificate says what its key is for (keyUsage), and this is not among it. A server signs the
handshake, for which it needs digitalSignature; an authority signs certificates, for which it needs keyCertSign.
keyEncipherment alone is of the time of RSA key exchange, which TLS 1.3 has no more.)",
     .fault = R"(Whoever issued the certificate.)",
     .check = R"(  openssl x509 -in server.pem -noout -ext keyUsage)",
     .rfc = "RFC 5280, section 4.2.1.3",
     .cures = server_usages},
    {.code = "HF0219",
     .word = "wrong_extended_key_usage",
     .title = "The certificate was not issued for this purpose",
     .meaning =
         R"(The certificate lists its purposes (extendedKeyUsage), and the one that is needed is not among them: a
server's needs serverAuth, a client's clientAuth. An authority that has the extension passes it on as a limit to all
below it.

It is met most often where a server's certificate is shown by a client, or the other way round, and since public
authorities have taken clientAuth out of what they issue.)",
     .fault = R"(Whoever issued the certificate, or whoever uses it for what it is not for.)",
     .check = R"(  openssl x509 -in client.pem -noout -ext extendedKeyUsage
  handfast cert verify client.pem --purpose client --ca ca.pem)",
     .rfc = "RFC 5280, section 4.2.1.12",
     .cures = server_usages},
    {.code = "HF0220",
     .word = "bad_certificate_signature",
     .title = "The certificate was not signed with its issuer's key",
     .meaning = R"(The issuer that the certificate names is there, but its key does not verify the signature. Either
it is another authority of the same name: one that was made anew while its old certificate is still trusted here. Or
the certificate was changed after it was signed, by damage or by someone who hoped that nobody looks.)",
     .fault = R"(The certificate alone does not tell: compare the authority's certificate with whoever runs it.)",
     .check = R"(  openssl verify -CAfile ca.pem -untrusted intermediates.pem server.pem
  handfast cert verify server.pem --untrusted intermediates.pem --ca ca.pem)",
     .rfc = "RFC 5280, section 6.1.3",
     .cures = present_authority},
    {.code = "HF0221",
     .word = "unsupported_signature_algorithm",
     .title = "The certificate is signed in a way that is not accepted",
     .meaning = R"(A signature is over a hash, and a hash that can be made to collide lets a certificate be forged:
MD5 fell so in 2008, SHA-1 in 2017. Certificates that are signed with them are not accepted, whoever has issued
them. A root's own signature is not looked at: it is trusted for being known.

Less often the algorithm is a new or a rare one that this side does not know.)",
     .fault = R"(Whoever issued the certificate.)",
     .check = R"(The signature of each certificate of the chain:

  handfast cert inspect HOST:443)",
     .rfc = "RFC 8446, section 4.4.2.4; RFC 9155",
     .cures = sign_anew},
    {.code = "HF0222",
     .word = "unknown_critical_extension",
     .title = "A critical extension that nobody here understands",
     .meaning = R"(An extension that is marked critical says: do not trust this certificate unless you know what
this means. The one that the evidence names is not known here, so it is not trusted.)",
     .fault = R"(Whoever issued the certificate, if it is meant for everybody.)",
     .check = R"(  handfast cert inspect server.pem)",
     .rfc = "RFC 5280, section 4.2",
     .cures = sign_anew},
    {.code = "HF0224",
     .word = "weak_key",
     .title = "The certificate's key is too short",
     .meaning = R"(An RSA key of 1024 bits is within reach of those who can pay for it, and whoever has broken it
can pose as the server; below 2048 bits none is accepted any more. Where the short key stands, in the server's
certificate or in one above, the evidence says.)",
     .fault = R"(Whoever made the key.)",
     .check = R"(  openssl x509 -in server.pem -noout -text | grep Public-Key)",
     .rfc = "RFC 9325, section 4.5",
     .cures = new_key},
    {.code = "HF0225",
     .word = "path_too_complex",
     .title = "The search for a chain was given up",
     .meaning = R"(From a heap of certificates that sign each other crosswise there are more ways up than anybody
can try, and a peer could send such a heap on purpose. The search has limits of depth, of candidates and of
signatures, and one of them was reached before a good path was found.)",
     .fault = R"(Whoever put the chain together: a server needs to send one path and no more.)",
     .check = R"(  handfast cert chain-fix fullchain.pem --system --out fixed.pem)",
     .rfc = "RFC 4158",
     .cures = {}},
    {.code = "HF0226",
     .word = "verification_failed",
     .title = "The verification failed, and it is not said why",
     .meaning = R"(A verifier said no and gave no reason. In Handfast that is one that a program brought with it; of
other programs these are the words that stand around the real reason, or in its place ("certificate verify failed",
"handshake_failure" of a server that checks clients).

If there is more of the message, look that up: the words behind the last colon say most.)",
     .fault = R"(That can't be told from these words.)",
     .check = R"(Let each check be made and shown:

  handfast connect HOST --json
  handfast cert verify fullchain.pem --host NAME)",
     .rfc = "",
     .cures = ask_the_verifier,
     .is_general = true},
    {.code = "HF0234",
     .word = "no_acceptable_policy",
     .title = "The chain holds no policy that is acceptable",
     .meaning = R"(An authority in the chain asks that every certificate below it is issued under a policy that
holds all the way down (policyConstraints), and there is none that does.)",
     .fault = R"(Whoever runs the authority.)",
     .check = R"(  handfast cert inspect fullchain.pem)",
     .rfc = "RFC 5280, section 6.1.5",
     .cures = {}},
    {.code = "HF0235",
     .word = "not_authorized",
     .title = "The peer is who it says, and may not connect",
     .meaning =
         R"(The certificate is good and its owner has proved to have its key. But a rule says who may connect, and
names others: being known is not the same as being allowed.)",
     .fault = R"(The rule; or nobody, if the client is not meant to come in.)",
     .check = R"(  handfast cert inspect client.pem)",
     .rfc = "RFC 8446, section 6.2 (access_denied)",
     .cures = add_a_rule},
    {.code = "HF0237",
     .word = "missing_tls_feature",
     .title = "The certificate lacks a TLS feature that its issuer asks for",
     .meaning = R"(An authority's certificate may carry a list of TLS features (status_request, which means "must
staple") that all certificates below it have to carry as well. This one does not.)",
     .fault = R"(Whoever issued the certificate.)",
     .check = R"(  openssl x509 -in server.pem -noout -ext tlsfeature)",
     .rfc = "RFC 7633, section 4.2.2",
     .cures = {}},
    {.code = "HF0238",
     .word = "profile_violation",
     .title = "The certificate breaks a rule of the strict profile",
     .meaning = R"(By --profile strict certificates are held to RFC 5280 and to the web's own rules to the letter.
This one breaks one of them, which the evidence names. Browsers and most libraries overlook it.)",
     .fault = R"(Whoever issued the certificate.)",
     .check = R"(  handfast cert verify fullchain.pem --host NAME --profile strict)",
     .rfc = "RFC 5280, section 4",
     .cures = compatible_profile},
};

}  // namespace

std::span<const Entry> form_entries() noexcept { return form_table; }

}  // namespace handfast::doctor
