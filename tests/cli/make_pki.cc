// make_pki FOLDER: certificates, good and bad, for the tests of the program.
//
// From one authority: `good` (localhost, 127.0.0.1), `expired`, `other-name` (other.example), `second`
// (second.example), `idn` (xn--bcher-kva.example), `client`; from another, other-ca.pem: `stranger` (localhost); from
// itself: `self-signed` (localhost), and from itself as a CA: `ca-as-leaf` (localhost). Each as NAME.pem and NAME.key.
//
// A longer chain: `chain-root`, `chain-middle` and `chain-leaf` (www.example.com) with everything that a certificate of
// the web has; `other-middle`, which issued nothing. Of it, by its issuer, the OCSP responses staple-good, -outdated,
// -revoked, -unknown and -other (of another certificate), in DER.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <handfast/clock.h>
#include <handfast/random.h>

#include "authority/mint.h"
#include "authority/mint_ocsp.h"
#include "crypto/signature.h"
#include "doctor/throwaway.h"
#include "x509/pem.h"

namespace {

using handfast::doctor::PemPair;
using handfast::doctor::ThrowAwayAuthority;
using std::chrono::hours;

void write(const std::filesystem::path& file, const std::string& text) { std::ofstream(file) << text; }

void write(const std::filesystem::path& folder, const std::string& name, const PemPair& pair) {
  write(folder / (name + ".pem"), pair.chain);
  write(folder / (name + ".key"), pair.key);
}

namespace authority = handfast::authority;

void write(const std::filesystem::path& folder, const std::string& name, const authority::Identity& identity) {
  write(folder, name,
        {handfast::x509::encode_pem("CERTIFICATE", identity.certificate.der()),
         handfast::x509::encode_pem("PRIVATE KEY", identity.key.to_der().value())});
}

/// An element of DER with a short content.
handfast::Buffer element(std::uint8_t tag, const handfast::Buffer& content) {
  handfast::Buffer out = {tag, static_cast<std::uint8_t>(content.size())};
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

handfast::Buffer uri(const std::string& text) { return element(0x86, {text.begin(), text.end()}); }

/// authorityInfoAccess with one id-ad-caIssuers, cRLDistributionPoints with one address, a must-staple, a policy.
std::vector<authority::RawExtension> web_extensions() {
  const handfast::Buffer ca_issuers = {0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02};
  handfast::Buffer access = ca_issuers;
  const handfast::Buffer location = uri("http://ca.example/middle.der");
  access.insert(access.end(), location.begin(), location.end());
  const handfast::Buffer point = element(0xa0, element(0xa0, uri("http://ca.example/middle.crl")));
  return {{"1.3.6.1.5.5.7.1.1", false, element(0x30, element(0x30, access))},
          {"2.5.29.31", false, element(0x30, element(0x30, point))},
          {"1.3.6.1.5.5.7.1.24", false, element(0x30, {0x02, 0x01, 0x05})},
          {"2.5.29.32", false, element(0x30, element(0x30, {0x06, 0x06, 0x67, 0x81, 0x0c, 0x01, 0x02, 0x01}))}};
}

void write_staples(const std::filesystem::path& folder, std::int64_t now, const authority::Identity& issuer,
                   const authority::Identity& leaf) {
  using handfast::x509::RevocationStatus;
  authority::OcspAnswer good{.certificate = leaf.certificate, .issuer = issuer.certificate};
  good.this_update = now - 3600;
  good.next_update = now + 86400;
  authority::OcspAnswer outdated = good, revoked = good, unknown = good, other = good;
  outdated.next_update = now - 1;
  revoked.status = RevocationStatus::revoked;
  unknown.status = RevocationStatus::unknown;
  other.certificate = issuer.certificate;
  const auto write_one = [&](const char* name, const authority::OcspAnswer& answer) {
    const handfast::Buffer der =
        authority::mint_ocsp_response({.answers = {answer}, .produced_at = now}, {issuer.certificate, issuer.key})
            .value();
    write(folder / name, std::string(handfast::as_text(der)));
  };
  write_one("staple-good.der", good);
  write_one("staple-outdated.der", outdated);
  write_one("staple-revoked.der", revoked);
  write_one("staple-unknown.der", unknown);
  write_one("staple-other.der", other);
}

void make_chain(const std::filesystem::path& folder, std::int64_t now) {
  using handfast::crypto::KeyType;
  handfast::Random& random = handfast::system_random();
  const std::int64_t day = 86400, begin = now - day, end = now + 90 * day;
  const auto root = authority::make_ca(authority::ca_options("Chain Root", begin, end), KeyType::p256, random).value();
  const authority::Issuer by_root{root.certificate, root.key};
  authority::CertificateOptions options = authority::ca_options("Chain Middle", begin, end);
  options.path_len = 0;
  const auto middle = authority::make_identity(options, KeyType::p384, by_root, random).value();
  options.common_name = "Other Middle";
  const auto other = authority::make_identity(options, KeyType::p256, by_root, random).value();
  options = authority::leaf_options({"www.example.com", "*.example.com", "192.0.2.7"}, begin, end);
  options.common_name = "www.example.com";
  options.extensions = web_extensions();
  const auto leaf = authority::make_identity(options, KeyType::p256, {middle.certificate, middle.key}, random).value();
  write(folder, "chain-root", root);
  write(folder, "chain-middle", middle);
  write(folder, "other-middle", other);
  write(folder, "chain-leaf", leaf);
  write_staples(folder, now, middle, leaf);
}

/// What `openssl req -x509` makes: a CA that names a host.
void make_ca_as_leaf(const std::filesystem::path& folder, std::int64_t now) {
  authority::CertificateOptions options = authority::leaf_options({"localhost"}, now - 3600, now + 86400);
  options.common_name = "localhost";
  options.is_ca = true;
  options.key_usage.reset();
  options.extended_key_usage.clear();
  write(folder, "ca-as-leaf",
        authority::make_ca(options, handfast::crypto::KeyType::p256, handfast::system_random()).value());
}

void make(const std::filesystem::path& folder) {
  const std::int64_t now = handfast::system_clock().now();
  const auto authority = ThrowAwayAuthority::make(now, handfast::system_random()).value();
  write(folder / "ca.pem", authority.certificate_pem());
  write(folder, "good", authority.issue("localhost", {"localhost", "127.0.0.1", "::1"}, hours(24)).value());
  write(folder, "expired", authority.issue("localhost", {"localhost"}, -hours(48)).value());
  write(folder, "other-name", authority.issue("other.example", {"other.example"}, hours(24)).value());
  write(folder, "second", authority.issue("second.example", {"second.example"}, hours(24)).value());
  write(folder, "idn", authority.issue("bücher.example", {"xn--bcher-kva.example"}, hours(24)).value());
  write(folder, "client", authority.issue("client", {"client.example"}, hours(24)).value());
  const auto other = ThrowAwayAuthority::make(now, handfast::system_random()).value();
  write(folder / "other-ca.pem", other.certificate_pem());
  write(folder, "stranger", other.issue("localhost", {"localhost"}, hours(24)).value());

  const auto key = handfast::crypto::SigningKey::generate(handfast::crypto::KeyType::p256).value();
  const auto self_signed =
      handfast::authority::self_sign(handfast::authority::leaf_options({"localhost"}, now - 3600, now + 86400), key,
                                     handfast::system_random())
          .value();
  write(folder, "self-signed",
        {handfast::x509::encode_pem("CERTIFICATE", self_signed.der()),
         handfast::x509::encode_pem("PRIVATE KEY", key.to_der().value())});
  make_ca_as_leaf(folder, now);
  make_chain(folder, now);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("make_pki FOLDER\n", stderr);
    return 2;
  }
  make(argv[1]);
  return 0;
}
