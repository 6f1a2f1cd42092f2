// A throw-away PKI for tests, and verification in a line.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "authority/mint.h"
#include "support/random.h"
#include "x509/verify.h"

namespace handfast::x509::test {

inline constexpr std::int64_t day = 86400;
inline constexpr std::int64_t now = 1'800'000'000;  // 2027-01-15T08:00:00Z
inline constexpr std::int64_t before = now - 100 * day;
inline constexpr std::int64_t after = now + 100 * day;

using authority::CertificateOptions;
using authority::Identity;
using crypto::KeyType;

inline Random& randomness() {
  static handfast::test::SeededRandom random;
  return random;
}

inline CertificateOptions ca(std::string name) { return authority::ca_options(std::move(name), before, after); }
inline CertificateOptions leaf(std::vector<std::string> names = {"example.com"}) {
  return authority::leaf_options(std::move(names), before, after);
}

inline Identity root_of(const CertificateOptions& options, KeyType type = KeyType::p256) {
  return authority::make_ca(options, type, randomness()).value();
}
inline Identity signed_by(const Identity& issuer, const CertificateOptions& options, KeyType type = KeyType::p256) {
  return authority::make_identity(options, type, {issuer.certificate, issuer.key}, randomness()).value();
}
/// Another certificate for a key that is there already.
inline Certificate cross_signed(const Identity& issuer, const CertificateOptions& options, const Identity& subject) {
  return authority::issue(options, subject.key, {issuer.certificate, issuer.key}, randomness()).value();
}

inline TrustAnchors::Shared anchors_of(const std::vector<Certificate>& certificates) {
  std::vector<Bytes> ders;
  for (const Certificate& certificate : certificates) ders.push_back(certificate.der());
  return TrustAnchors::from_der(ders).value();
}

/// Everything that a verification depends on, with what most tests want.
struct Case {
  std::vector<Certificate> chain;
  TrustAnchors::Shared anchors;
  Purpose purpose = ServerAuth{ServerName::parse("example.com").value()};
  std::int64_t now = test::now;
  Policy policy{};
  RevocationSources revocation{};
  SearchLimits limits{};

  Result<VerifiedChain> verify(VerificationReport* report = nullptr) const {
    return x509::verify({chain, purpose, *anchors, now, policy, revocation, limits}, report);
  }
};

/// A check of a report, and the certificate in whose step it stands.
struct Made : VerificationCheck {
  Buffer certificate;
};
inline void gather(const VerificationReport& report, const VerificationStep& step, std::vector<Made>& made) {
  for (const VerificationCheck& check : step.checks) made.push_back({check, report.certificates[step.certificate]});
  for (const VerificationStep& issuer : step.issuers) gather(report, issuer, made);
}
/// Every check that was made, in order.
inline std::vector<Made> checks_of(const VerificationReport& report) {
  std::vector<Made> made;
  gather(report, report.leaf, made);
  return made;
}
inline Purpose server(std::string_view name) { return ServerAuth{ServerName::parse(name).value()}; }

/// A root, an intermediate and a leaf for example.com.
struct Pki {
  Identity root = root_of(ca("Test Root"));
  Identity intermediate = signed_by(root, ca("Test Intermediate"));
  Identity end = signed_by(intermediate, leaf());

  Case usual() const { return {{end.certificate, intermediate.certificate}, anchors_of({root.certificate})}; }
};

inline testing::AssertionResult accepted(const Result<VerifiedChain>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure() << name(result.error().reason()) << ": " << result.error().message();
}

inline testing::AssertionResult refused(const Result<VerifiedChain>& result, Reason reason, Alert alert) {
  if (result) return testing::AssertionFailure() << "accepted, with a path of " << result->path.size();
  const Error& error = result.error();
  if (error.reason() == reason && error.alert() == alert) return testing::AssertionSuccess();
  return testing::AssertionFailure() << name(error.reason()) << ", " << name(error.alert()) << ": " << error.message();
}

/// A piece of evidence as text; "(none)" where there is none of that name.
inline std::string evidence(const Result<VerifiedChain>& result, std::string_view name) {
  if (result) return "(accepted)";
  const Fact::Value* value = result.error().find(name);
  return value == nullptr ? "(none)" : to_text(*value);
}

}  // namespace handfast::x509::test
