// What issuers take back: revocation lists and OCSP responses, and keys that are pinned.
#include "doctor/catalogue/families.h"

namespace handfast::doctor {
namespace {

constexpr Cure replace_it[] = {
    {"anywhere", R"(Get a certificate for a new key; the old key may be known to others.

  certbot certonly --force-renewal --new-key -d NAME

Then reload the server (HF0209 says how), and look for what else used the old key.)"},
    {"client", R"(Send nothing to it until that is done: whoever has the old key can pose as this server.)"},
};

constexpr Cure staple_it[] = {
    {"nginx", R"(nginx fetches the response itself, from the address in the certificate. It needs the issuer's
certificate and a resolver, and has none ready for the first visitors after a start.

  ssl_stapling on;
  ssl_stapling_verify on;
  ssl_trusted_certificate /etc/nginx/tls/fullchain.pem;
  resolver 127.0.0.53;)"},
    {"Apache httpd", R"(  SSLUseStapling On
  SSLStaplingCache shmcb:/run/apache2/stapling(512000))"},
    {"HAProxy", R"(From 2.8 on HAProxy fetches and renews the response itself:

  # in /etc/haproxy/certs.list: /etc/haproxy/certs/site.pem [ocsp-update on]
  bind :443 ssl crt-list /etc/haproxy/certs.list

Older ones take it from a file beside the certificate, site.pem.ocsp:

  openssl ocsp -issuer issuer.pem -cert server.pem -url URL -respout /etc/haproxy/certs/site.pem.ocsp)"},
    {"Caddy", R"(Caddy staples by itself, where the certificate names a responder. It is off only where
"ocsp_stapling off" stands in the global options.)"},
    {"client", R"(To go on without looking at it:

  handfast connect HOST --revocation off)"},
};

constexpr Cure prove_it[] = {
    {"client", R"(Bring the list yourself; cert inspect shows where each certificate says that it is to be had:

  handfast cert inspect HOST:443
  curl -o issuer.crl URL-OF-THE-LIST
  handfast connect HOST --revocation require --crl issuer.crl

or do not ask for a proof, only for no proof of the contrary:

  handfast connect HOST --revocation prefer)"},
    {"nginx", R"(The server can bring the proof for its own certificate:

  ssl_stapling on;
  ssl_trusted_certificate /etc/nginx/tls/fullchain.pem;)"},
};

constexpr Cure another_list[] = {
    {"client", R"(Get the list anew from where the certificate says, and look at it:

  handfast cert inspect HOST:443
  curl -o issuer.crl URL-OF-THE-LIST
  handfast cert inspect issuer.crl)"},
};

constexpr Cure pin_anew[] = {
    {"client",
     R"(If whoever runs the server confirms, by another way than this connection, that its key has changed, pin the
new one. The verdict shows it, ready to be copied; from a file:

  handfast cert inspect server.pem | grep sha256/
  handfast connect HOST --pin sha256/BASE64

Pin two: the present key and the next one, which lies ready. Then a change of keys cuts nobody off.)"},
    {"anywhere", R"(Renew with the same key where clients pin it:

  certbot renew --reuse-key)"},
};

constexpr Entry revocation_table[] = {
    {.code = "HF0227",
     .word = "certificate_revoked",
     .title = "The certificate was revoked",
     .meaning = R"(The issuer has taken the certificate back before its time: its key was lost or stolen, the domain
changed hands, or the certificate should never have been issued. A revocation list or an OCSP response says so,
signed by the issuer.

With the reason certificateHold it is taken back for the time being, and may be released again.)",
     .fault = R"(The server: whoever runs it has to replace the certificate.)",
     .check = R"(  openssl ocsp -issuer issuer.pem -cert server.pem -url URL -resp_text | grep -A3 'Cert Status')",
     .rfc = "RFC 5280, section 5; RFC 6960",
     .cures = replace_it},
    {.code = "HF0228",
     .word = "revocation_unknown",
     .title = "Nothing proves that the certificate is not revoked",
     .meaning = R"(A proof was asked for (--revocation require) and there is none: no OCSP response was stapled, no
list was given that speaks of this certificate, or what there is has lapsed. Or a response says "unknown": the
responder has never heard of the certificate, because it was issued a moment ago or by somebody else.

Handfast fetches nothing: a list has to be given to it, a response to be stapled.)",
     .fault = R"(Whoever asks for more than the server brings; the server can bring it for its own certificate.)",
     .check = R"(  handfast cert inspect HOST:443
  openssl s_client -connect HOST:443 -status </dev/null 2>/dev/null | grep -A2 'OCSP')",
     .rfc = "RFC 6960; RFC 5280, section 6.3",
     .cures = prove_it},
    {.code = "HF0229",
     .word = "bad_ocsp_response",
     .title = "The stapled OCSP response is not acceptable",
     .meaning =
         R"(The server has stapled a response that can't be used: it is malformed, not signed by the certificate's
issuer or by one that the issuer has named, about another certificate, or past its time. Servers that keep a
response in a file and forget to renew it send old ones.)",
     .fault = R"(The server.)",
     .check = R"(Its dates and its signer:

  openssl s_client -connect HOST:443 -status </dev/null 2>/dev/null | grep -iE 'update|responder')",
     .rfc = "RFC 6960, sections 3.2 and 4.2.2.2",
     .cures = staple_it},
    {.code = "HF0230",
     .word = "missing_ocsp_response",
     .title = "The certificate must come with an OCSP response, and came without",
     .meaning =
         R"(The certificate says about itself that it must be accompanied by a good OCSP response ("must staple"):
whoever steals its key then can't hide a revocation by leaving the response out. The server sent none, or none that
is good.

It may be for a moment, as with nginx, which begins to fetch at the first visit after a start. Or there is nothing
to staple: Let's Encrypt, for one, gave up OCSP in 2025.)",
     .fault = R"(The server. Where its authority has given up OCSP, it needs a certificate without "must staple".)",
     .check = R"(  openssl x509 -in server.pem -noout -ext tlsfeature
  openssl s_client -connect HOST:443 -status </dev/null 2>/dev/null | grep 'OCSP')",
     .rfc = "RFC 7633, section 4.2.3",
     .cures = staple_it},
    {.code = "HF0231",
     .word = "bad_crl",
     .title = "A revocation list that is not acceptable",
     .meaning = R"(The list that was given can't be used: it does not parse, its signature is not its issuer's, or
its issuer may not sign lists (keyUsage cRLSign). A list that can't be trusted must not be passed over: it could be
the one that says "revoked".)",
     .fault = R"(This side: the file is not what its issuer has published.)",
     .check = R"(  handfast cert inspect issuer.crl)",
     .rfc = "RFC 5280, sections 5 and 6.3",
     .cures = another_list},
    {.code = "HF0232",
     .word = "pin_mismatch",
     .title = "No key of the chain is one of the pinned",
     .meaning =
         R"(The chain leads to an authority that is trusted. But this client was told beforehand which keys it may
meet, and none of those in the chain is among them.

It happens when a certificate was renewed with a new key, or an authority has changed its intermediate, and the pins
were not. And it is just what pins are for: somebody may have got a certificate for that name who should not have.)",
     .fault = R"(That can't be told from here: ask whoever runs the server, by another way.)",
     .check = R"(The keys of the chain as they are now:

  handfast cert inspect HOST:443 | grep sha256/)",
     .rfc = "RFC 7469, section 2.4 (the form of a pin)",
     .cures = pin_anew},
};

}  // namespace

std::span<const Entry> revocation_entries() noexcept { return revocation_table; }

}  // namespace handfast::doctor
