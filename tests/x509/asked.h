// Questions about the certificates of one PKI, and the lists of its CAs.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "x509/crls.h"

namespace handfast::x509::test {

inline constexpr std::string_view no_list = "there is no list of its issuer";
inline constexpr std::string_view out_of_scope = "the lists of its issuer do not cover it";
inline constexpr std::string_view not_signed = "no acceptable key is known to have signed the list";
inline constexpr std::string_view outdated = "the list is outdated";
inline constexpr std::string_view some_reasons_only = "the lists do not cover every reason";

inline const Pki& pki() {
  static const Pki one;
  return one;
}
inline Asked usual() { return {pki().end.certificate, pki().intermediate.certificate}; }
inline Buffer by_intermediate(const CrlOptions& options) { return signed_crl(options, pki().intermediate); }
inline CrlOptions naming_end(std::optional<CRLReason> reason = CRLReason::keyCompromise) {
  return crl({entry_of(pki().end.certificate, reason)});
}
inline CrlOptions from(CrlOptions options, std::int64_t this_update, std::int64_t next_update,
                       std::uint32_t number = 7) {
  options.this_update = this_update;
  options.next_update = next_update;
  options.crl_number = number;
  return options;
}
inline CrlOptions extended(CrlOptions options, std::vector<RawExtension> extensions) {
  options.extensions = std::move(extensions);
  return options;
}
/// A leaf of the intermediate with those distribution points.
inline Asked with_points(const std::vector<PointParts>& points) {
  CertificateOptions options = leaf();
  options.extensions = {distribution_points(points)};
  return {signed_by(pki().intermediate, options).certificate, pki().intermediate.certificate};
}

}  // namespace handfast::x509::test
