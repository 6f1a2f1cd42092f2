// Lists of extensions (RFC 5280, sections 4.2 and 5.2; RFC 6960, section 4.4), and those of a certificate one by one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "x509/certificate.h"

namespace handfast::x509 {

enum class ExtensionResult : std::uint8_t {
  processed,    ///< its content is acted upon
  unprocessed,  ///< nothing here acts on it: where it is critical, what carries it must be refused
  malformed,
};
constexpr ExtensionResult processed_if(bool well_formed) noexcept {
  return well_formed ? ExtensionResult::processed : ExtensionResult::malformed;
}

/// Reads the extensions of a certificate, a CRL, an entry of one, or an OCSP response: at least one and at most
/// `max_extensions`, none twice.
class ExtensionReader {
 public:
  /// `list` is the content of Extensions.
  explicit ExtensionReader(Bytes list) noexcept : rest_(list) {}

  /// Gives each to `parse`, which takes the Extension and returns an ExtensionResult. False where the list is not well
  /// formed, or one of them is not: then `fault` tells which.
  template <typename Parse>
  [[nodiscard]] bool read(Parse&& parse) noexcept {
    do {
      const std::optional<Extension> extension = next();
      if (!extension) return false;
      const ExtensionResult result = parse(*extension);
      if (result == ExtensionResult::malformed) return false;
      if (result == ExtensionResult::unprocessed && extension->critical && unknown_critical_.empty())
        unknown_critical_ = extension->oid;
    } while (!rest_.empty());
    return true;
  }
  /// The OID of the first critical one that was not processed, or empty.
  Bytes unknown_critical() const noexcept { return unknown_critical_; }
  /// The name of the one at fault: "keyUsage", "keyUsage, twice"; "extensions" where it is the list.
  std::string fault() const;

 private:
  std::optional<Extension> next() noexcept;

  Bytes rest_;
  std::array<Bytes, max_extensions> seen_{};  ///< their OIDs
  std::size_t count_ = 0;
  Bytes current_;       ///< the OID of the one that is being read; empty where there is none
  bool twice_ = false;  ///< it stood there before
  Bytes unknown_critical_;
};

/// Parses one extension of a certificate into its place in `out`.
ExtensionResult parse_extension(const Extension& extension, CertificateView& out) noexcept;

}  // namespace handfast::x509
