// Certificates that are out of their time, revoked, by nobody whom a client trusts, for another use, or weak.
#include <string_view>

#include "doctor/lab/scenario.h"
#include "x509/pem.h"

namespace handfast::doctor::lab {
namespace {

Result<net::Serve> expired(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.not_before = site.workshop.now() - 102 * day;
  plan.leaf.not_after = site.workshop.now() - 12 * day;
  return site.serve(plan);
}

Result<net::Serve> not_yet_valid(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.not_before = site.workshop.now() + 2 * day;
  return site.serve(plan);
}

Result<net::Serve> good(const Site& site) { return site.serve(); }

Result<net::Serve> stapled(const Site& site, const Plan& plan, x509::RevocationStatus status) {
  auto made = site.workshop.make(plan);
  if (!made) return fail(std::move(made.error()));
  auto response = site.workshop.staple(plan, made->leaf, status);
  if (!response) return fail(std::move(response.error()));
  CredentialExtras extras;
  extras.ocsp_response = *std::move(response);
  return site.serve(*made, {}, std::move(extras));
}

Result<net::Serve> revoked(const Site& site) { return stapled(site, site.plan(), x509::RevocationStatus::revoked); }

Result<net::Serve> revoked_by_list(const Site& site) {
  auto made = site.workshop.make(site.plan());
  if (!made) return fail(std::move(made.error()));
  auto list = site.workshop.crl({made->leaf});
  if (!list) return fail(std::move(list.error()));
  auto written = site.write("revoked-crl.crl", x509::encode_pem("X509 CRL", *list));
  if (!written) return fail(std::move(written.error()));
  return site.serve(*made);
}

Result<net::Serve> must_staple_and_does_not(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.extensions.push_back(must_staple());
  return site.serve(plan);
}

/// A staple that somebody else has signed.
Result<net::Serve> forged_staple(const Site& site) {
  const Plan plan = site.plan();
  auto made = site.workshop.make(plan);
  if (!made) return fail(std::move(made.error()));
  Plan by_another = plan;
  by_another.issuer = &site.workshop.stranger();
  auto response = site.workshop.staple(by_another, made->leaf, x509::RevocationStatus::good);
  if (!response) return fail(std::move(response.error()));
  CredentialExtras extras;
  extras.ocsp_response = *std::move(response);
  return site.serve(*made, {}, std::move(extras));
}

Result<net::Serve> self_signed(const Site& site) {
  auto made = site.workshop.make_self_signed(site.plan().leaf);
  if (!made) return fail(std::move(made.error()));
  return site.serve(*made);
}

/// What `openssl req -x509` makes, unless it is told better.
Result<net::Serve> authority_as_leaf(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.is_ca = true;
  plan.leaf.key_usage.reset();
  plan.leaf.extended_key_usage.clear();
  auto made = site.workshop.make_self_signed(plan.leaf);
  if (!made) return fail(std::move(made.error()));
  return site.serve(*made);
}

Result<net::Serve> by(const Site& site, const authority::Identity& issuer) {
  Plan plan = site.plan();
  plan.leaf.extensions.clear();
  plan.issuer = &issuer;
  plan.behind = {issuer.certificate};
  return site.serve(plan);
}

Result<net::Serve> untrusted(const Site& site) { return by(site, site.workshop.stranger()); }

Result<net::Serve> by_namesake(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.extensions.clear();
  plan.leaf.key_identifiers = false;
  plan.issuer = &site.workshop.impostor();
  plan.behind.clear();
  return site.serve(plan);
}

/// Makes a certificate for whatever name is asked for, as such a box does.
Result<net::Serve> intercepted(const Site& site) {
  return serve_tls({.rule = [&workshop = site.workshop, host = site.host](const Hello& hello) {
    Plan plan = workshop.plan(
        hello.message != nullptr && hello.message->server_name ? std::string(*hello.message->server_name) : host);
    plan.leaf.extensions.clear();
    plan.issuer = &workshop.appliance();
    plan.behind.clear();
    const std::filesystem::path nowhere;
    auto config = Site{workshop, host, nowhere}.config(plan);
    return config ? Ruling(*std::move(config)) : Ruling(End::reset);
  }});
}

Result<net::Serve> for_clients(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.extended_key_usage = {authority::client_auth};
  return site.serve(plan);
}

Result<net::Serve> for_key_agreement(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.key_usage = x509::KeyUsage::keyAgreement;
  return site.serve(plan);
}

/// Of 1024 bits, and no secret.
constexpr std::string_view weak_rsa_key = R"(-----BEGIN PRIVATE KEY-----
MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAMhCbHRMlRrhIQ8x
D4yNc6Y6pS14kcNut9AUTzXBCmVm9zeZ2UYDdvb/NodwNpHwgO1pdhfs51yYrCCU
ZpClMMDi6Qsnm6FXazJUcnZjzNl834/iYRApGJadmj5k8oYL0EOwHgVBYfpFBk7Q
Jp2h5TvViTxdYc+rafNQC01ciJhtAgMBAAECgYA893vtLCN4u3FFHrqNH8NFqDUB
UuONi/eJ8aTryIlRtbctxjjPh95/89K2CQOUCpQ1sxWw0v7cwd4lTQisoJ3mkRcM
7MZLMSRigqKqPQJ0Jbe0feEQp2dtEmuiOItzEGbjY1MSSqgEvq1M8XF16QzfAIUw
5RP8nOomRoxiHbLoAQJBAO/C2Ch81t9q7X6twU5EN0CJIWEANhRqxxgZrpJxQxaG
h0RgEUpjjyWnvjkuYdshz5fYdXOQLjytVPqu+rAGnM0CQQDV0quo2yW6hXT9HkFN
nv7sU6HBxNkmpBq80cxUfC+CMki1xRDws+emOG/CTpE/pSQ3els1Tc+corXu4q2x
x+ohAkEAp1T6HY+7OyRaal4EGoabdSv/or5OAAPhvd02rDfmFZOAVmUhzCQd5K7k
oO3RF+nKA3Try+Klkm16cJasmSuURQJBAKxwkvnBisLK4FdFsBqeUC5dIAW57/pm
vB1tAOFdqZ7RWKwm+ot0OyxlNVQ5so/mabfIGIh7cSR8YEcATl4iwKECQCgTXHB9
wgl51nH+J4SlDcSlDZA2BOWo0O3JzLNq24Gu3JmvsRpTJX5Q7qx8KlIwakrPAS3P
1FtIitl0xKa6eG0=
-----END PRIVATE KEY-----
)";

Result<net::Serve> weak_key(const Site& site) {
  auto blocks = x509::decode_pem(weak_rsa_key);
  if (!blocks) return fail(std::move(blocks.error()));
  auto key = crypto::SigningKey::from_der(blocks->front().der);
  if (!key) return fail(std::move(key.error()));
  auto made = site.workshop.make(site.plan(), *key);
  if (!made) return fail(std::move(made.error()));
  return site.serve(*made);
}

constexpr Scenario certificate_table[] = {
    {.name = "expired",
     .summary = "the certificate has expired 12 days ago",
     .expected = {Reason::certificate_expired, ExitCode::certificate, Fault::server, "must renew the certificate"},
     .server = expired},
    {.name = "not-yet-valid",
     .summary = "the certificate is valid from the day after tomorrow on",
     .expected = {Reason::certificate_not_yet_valid, ExitCode::certificate, Fault::issuer, "clock"},
     .server = not_yet_valid},
    {.name = "wrong-clock",
     .summary = "the certificate is good, but the client's clock stands in the year 2020",
     .expected = {Finding::wrong_clock, ExitCode::certificate, Fault::clock, "Set the clock"},
     .server = good,
     .arguments = "--clock 2020-01-01",
     .needs_arguments = true},
    {.name = "revoked",
     .summary = "the certificate was revoked, and the stapled OCSP response says so",
     .expected = {Reason::certificate_revoked, ExitCode::certificate, Fault::server, "must replace the certificate"},
     .server = revoked},
    {.name = "revoked-crl",
     .summary = "the certificate was revoked, and stands on its issuer's list",
     .expected = {Reason::certificate_revoked, ExitCode::certificate, Fault::server, "must replace the certificate"},
     .server = revoked_by_list,
     .arguments = "--crl {folder}/revoked-crl.crl"},
    {.name = "revocation-unknown",
     .summary = "nothing says that the certificate is not revoked, and the client wants proof",
     .expected = {Reason::revocation_unknown, ExitCode::certificate, Fault::unknown, "stapling"},
     .server = good,
     .arguments = "--revocation require",
     .needs_arguments = true},
    {.name = "must-staple",
     .summary = "the certificate has to come with an OCSP response, and comes without",
     .expected = {Reason::missing_ocsp_response, ExitCode::certificate, Fault::server, "ssl_stapling"},
     .server = must_staple_and_does_not},
    {.name = "staple-forged",
     .summary = "the stapled OCSP response was signed by somebody else",
     .expected = {Reason::bad_ocsp_response, ExitCode::certificate, Fault::server, "stapl"},
     .server = forged_staple},
    {.name = "self-signed",
     .summary = "the certificate vouches for itself",
     .expected = {Reason::self_signed_certificate, ExitCode::certificate, Fault::server, "--pin server.pem"},
     .server = self_signed},
    {.name = "ca-as-leaf",
     .summary = "self-signed, and made as an authority's",
     .expected = {Reason::self_signed_certificate, ExitCode::certificate, Fault::server, "CA:FALSE"},
     .server = authority_as_leaf},
    {.name = "untrusted-ca",
     .summary = "the chain leads to a root that the client does not trust",
     .expected = {Reason::unknown_issuer, ExitCode::certificate, Fault::client, "--ca ca.pem"},
     .server = untrusted},
    {.name = "wrong-ca-key",
     .summary = "issued by an authority with the name of a trusted one, and another key",
     .expected = {Reason::bad_certificate_signature, ExitCode::certificate, Fault::unknown, "--ca ca.pem"},
     .server = by_namesake},
    {.name = "intercepted",
     .summary = "a box in between makes a certificate of its own for every name",
     .expected = {Finding::intercepted, ExitCode::certificate, Fault::path, "try from another network"},
     .server = intercepted},
    {.name = "wrong-eku",
     .summary = "the certificate is for clients only (extendedKeyUsage)",
     .expected = {Reason::wrong_extended_key_usage, ExitCode::certificate, Fault::issuer, "serverAuth"},
     .server = for_clients},
    {.name = "wrong-key-usage",
     .summary = "the certificate's key may not sign (keyUsage)",
     .expected = {Reason::wrong_key_usage, ExitCode::certificate, Fault::issuer, "digitalSignature"},
     .server = for_key_agreement},
    {.name = "weak-key",
     .summary = "an RSA key of 1024 bits",
     .expected = {Reason::weak_key, ExitCode::certificate, Fault::issuer, "Make a new key"},
     .server = weak_key},
    {.name = "pin-mismatch",
     .summary = "a good chain, and none of its keys is the pinned one",
     .expected = {Reason::pin_mismatch, ExitCode::certificate, Fault::unknown, "--pin sha256/"},
     .server = good,
     .arguments = "--pin sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
     .needs_arguments = true},
};

}  // namespace

std::span<const Scenario> certificate_scenarios() { return certificate_table; }

}  // namespace handfast::doctor::lab
