// Certificates: each parsed and described, all of them together verified as a chain.
#include <span>
#include <vector>

#include "fuzz.h"
#include "identities.h"
#include "x509/access.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/verify.h"

namespace handfast::fuzz {
namespace {

/// Everything that a report says of a certificate.
void describe(const x509::Certificate& certificate) {
  const x509::CertificateView& view = *certificate;
  static_cast<void>(x509::name_text(view.subject) + x509::name_text(view.issuer) + x509::time_text(view.not_after));
  static_cast<void>(x509::tls_names(view));
  static_cast<void>(x509::signature_algorithm(view.signature_algorithm));
  static_cast<void>(x509::import_key(view.public_key));
  static_cast<void>(x509::requires_staple(view));
  static_cast<void>(x509::ocsp_urls(view));
  static_cast<void>(x509::ca_issuers_urls(view));
  Bytes rest = view.extensions;
  while (auto extension = x509::read_extension(rest)) static_cast<void>(x509::extension_name(extension->oid));
  require(x509::equal_names(view.subject, view.subject));
  // What was parsed once parses again, from its own bytes alone.
  require(x509::Certificate::parse(certificate.der()).has_value());
}

x509::Purpose purpose(std::uint8_t choice) {
  if (choice % 4 == 0) return x509::ClientAuth{};
  if (choice % 4 == 1) return x509::AnyServer{};
  return x509::ServerAuth{*x509::ServerName::parse(choice % 4 == 2 ? "server.example" : "192.0.2.1")};
}

void verify(std::span<const x509::Certificate> chain, const TrustAnchors& anchors, std::uint8_t choice) {
  const auto profile = choice & 4 ? Profile::strict : Profile::compatible;
  VerificationReport report;
  const auto verified = x509::verify({chain, purpose(choice), anchors, test::FixedClock().seconds, {profile}}, &report);
  require(!report.leaf.checks.empty() && report.error.has_value() != verified.has_value());
  if (verified) require(!verified->path.empty() && verified->path.front() == chain.front());
}

}  // namespace
}  // namespace handfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  fuzz::Choices input(data, size);
  const std::uint8_t choice = input.byte();
  std::vector<x509::Certificate> chain;
  Bytes last;
  while (!input.empty() && chain.size() < 12) {
    const Bytes der = input.many();
    Result<x509::Certificate> certificate = x509::Certificate::parse(der);
    if (!certificate) continue;
    fuzz::describe(*certificate);
    chain.push_back(std::move(*certificate));
    last = der;
  }
  if (chain.empty()) return 0;
  fuzz::verify(chain, *fuzz::identities().anchors, choice);
  // And with a root of its own.
  const Bytes root[] = {last};
  if (auto anchors = choice & 8 ? TrustAnchors::pinned(root) : TrustAnchors::from_der(root))
    fuzz::verify(chain, **anchors, choice);
  return 0;
}
