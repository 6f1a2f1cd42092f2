// CRLs of a throw-away PKI, and what they say.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "authority/mint_crl.h"
#include "support/hex.h"
#include "x509/ask_crls.h"
#include "x509/der_writer.h"
#include "x509/pki.h"

namespace handfast::x509::test {

using authority::CrlOptions;
using authority::RawExtension;
using authority::RevokedCertificate;

inline CrlOptions crl(std::vector<RevokedCertificate> revoked = {}) {
  CrlOptions options;
  options.this_update = now - day;
  options.next_update = now + day;
  options.revoked = std::move(revoked);
  options.crl_number = 7;
  return options;
}
inline RevokedCertificate entry_of(const Certificate& certificate,
                                   std::optional<CRLReason> reason = CRLReason::keyCompromise) {
  const Bytes serial = certificate->serial_number;
  return {Buffer(serial.begin(), serial.end()), now - 2 * day, reason};
}
inline Buffer signed_crl(const CrlOptions& options, const Identity& issuer) {
  return authority::issue_crl(options, {issuer.certificate, issuer.key}).value();
}

inline RevocationLists::Shared lists_of(const std::vector<Buffer>& lists) {
  const std::vector<Bytes> views(lists.begin(), lists.end());
  return RevocationLists::from_der(views).value();
}

/// The usual limits.
inline Work plenty() { return {200, 64, 250'000}; }

/// A certificate, and who has issued it.
struct Asked {
  Certificate certificate;
  Certificate issuer;
  std::vector<Certificate> chain{};
  TrustAnchors::Shared anchors{};
  std::int64_t now = test::now;
  Policy policy{};

  Result<RevocationAnswer> of(const RevocationLists& lists, Work& work) const {
    return ask_crls(lists, {*certificate, *issuer, nullptr, chain, anchors.get(), now, policy}, work);
  }
  RevocationAnswer of(const std::vector<Buffer>& lists) const {
    Work work = plenty();
    return of(*lists_of(lists), work).value();
  }
};

inline std::string fact(const RevocationAnswer& answer, std::string_view name) {
  for (const Fact& fact : answer.evidence)
    if (fact.name == name) return to_text(fact.value);
  return "(none)";
}

inline testing::AssertionResult says(const RevocationAnswer& answer, RevocationStatus status,
                                     std::string_view problem_or_reason = {}) {
  const std::string_view key = status == RevocationStatus::revoked ? "reason" : "problem";
  if (answer.status == status && (problem_or_reason.empty() || fact(answer, key) == problem_or_reason))
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "status " << static_cast<int>(answer.status) << ", problem "
                                     << fact(answer, "problem") << ", reason " << fact(answer, "reason");
}

/// A value that `write` writes.
template <typename Write>
Buffer der_of(Write&& write) {
  Buffer out;
  der::Writer w(out);
  write(w);
  return out;
}

/// The content of GeneralNames with one URI.
inline Buffer uri(std::string_view text) {
  return der_of([&](der::Writer& w) { w.text(der::context(6), text); });
}
/// The content of GeneralNames with one directoryName.
inline Buffer directory(Bytes name) {
  return der_of([&](der::Writer& w) { w.element(der::context_constructed(4), name); });
}

/// The parts of a DistributionPoint or an IssuingDistributionPoint, each where it is not empty.
struct PointParts {
  Buffer full_name{};
  Buffer relative_name{};
  std::uint16_t reasons = 0;
  Buffer crl_issuer{};          ///< of a DistributionPoint
  std::vector<unsigned> set{};  ///< of an IssuingDistributionPoint: the numbers of the flags that are TRUE
};

inline void write_point_name(der::Writer& w, const PointParts& parts) {
  if (parts.full_name.empty() && parts.relative_name.empty()) return;
  w.within(der::context_constructed(0), [&] {
    if (!parts.full_name.empty()) w.element(der::context_constructed(0), parts.full_name);
    if (!parts.relative_name.empty()) w.element(der::context_constructed(1), parts.relative_name);
  });
}

inline void write_reasons(der::Writer& w, unsigned number, std::uint16_t reasons) {
  if (reasons == 0) return;
  Buffer bits = der_of([&](der::Writer& inner) { inner.named_bits(reasons); });
  bits.front() = static_cast<std::uint8_t>(0x80 | number);  // IMPLICIT
  w.raw(bits);
}

inline RawExtension distribution_points(const std::vector<PointParts>& points, bool critical = false) {
  return {"2.5.29.31", critical, der_of([&](der::Writer& w) {
            w.within(der::Tag::sequence, [&] {
              for (const PointParts& parts : points)
                w.within(der::Tag::sequence, [&] {
                  write_point_name(w, parts);
                  write_reasons(w, 1, parts.reasons);
                  if (!parts.crl_issuer.empty()) w.element(der::context_constructed(2), parts.crl_issuer);
                });
            });
          })};
}

inline RawExtension issuing_distribution_point(const PointParts& parts) {
  return {"2.5.29.28", true, der_of([&](der::Writer& w) {
            w.within(der::Tag::sequence, [&] {
              write_point_name(w, parts);
              for (unsigned number = 1; number <= 5; ++number) {
                if (number == 3) write_reasons(w, 3, parts.reasons);
                for (unsigned set : parts.set)
                  if (set == number) w.element(der::context(number), std::initializer_list<std::uint8_t>{0xff});
              }
            });
          })};
}

inline RawExtension delta_of(std::uint32_t base) {
  return {"2.5.29.27", true, der_of([&](der::Writer& w) { w.integer(base); })};
}
inline RawExtension certificate_issuer(Bytes name) {
  return {"2.5.29.29", true, der_of([&](der::Writer& w) { w.element(der::Tag::sequence, directory(name)); })};
}

}  // namespace handfast::x509::test
