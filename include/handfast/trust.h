// Whom to trust: the certificates at which a path may end.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

namespace handfast {

/// A set of trust anchors, immutable once made, shared between configs and threads.
///
/// Nothing here fails open: a source that can't be read, holds something that is no certificate, or holds none at all
/// is an error, never an empty set.
class TrustAnchors {
 public:
  using Shared = std::shared_ptr<const TrustAnchors>;

  /// Every CERTIFICATE block of a PEM text; other blocks are ignored. Fails with bad_pem (evidence `expected`) or, for
  /// a block that is no certificate, bad_certificate (evidence `index`, from 0, and `field`).
  static Result<Shared> from_pem(std::string_view text);

  /// A PEM file, or a directory: every regular file in it that holds a CERTIFICATE block (others are passed over).
  /// Fails as `from_pem` does, with evidence `path`, and with file_not_readable (evidence `path`, `error`).
  static Result<Shared> from_path(const std::filesystem::path& path);

  /// The certificates, each in DER.
  static Result<Shared> from_der(std::span<const Bytes> certificates);

  /// What the system trusts: the file SSL_CERT_FILE and the directories SSL_CERT_DIR (parted by colons) where one of
  /// them is set, else the first bundle there is of those that distributions install. A root that does not parse
  /// (bundles carry oddities of decades) is passed over; `passed_over` counts them. Fails as `from_path` does.
  static Result<Shared> system();

  /// Certificates that are accepted as themselves, octet by octet, and nothing else: the safe way to trust one server
  /// with a self-signed certificate. Being the very certificate replaces the path, the names and the key usages; its
  /// validity and its key are still checked. So a pin holds for every name that a config with these anchors connects
  /// to, and stands alone: it can't be mixed with authorities.
  static Result<Shared> pinned(std::span<const Bytes> certificates);

  /// How many certificates it holds, doubles counted once.
  std::size_t size() const noexcept;
  /// How many certificates of the system could not be read.
  std::size_t passed_over() const noexcept;
  /// Their subjects: distinguished names in DER, as certificate_authorities wants them (RFC 8446, section 4.2.4).
  std::vector<Buffer> subjects() const;
  /// Whether the certificates are pins, not authorities.
  bool is_pinned() const noexcept;

  ~TrustAnchors();
  TrustAnchors(const TrustAnchors&) = delete;
  TrustAnchors& operator=(const TrustAnchors&) = delete;

  struct Store;  ///< x509/'s
  const Store& store() const noexcept { return *store_; }

 private:
  explicit TrustAnchors(std::unique_ptr<const Store> store) noexcept;
  std::unique_ptr<const Store> store_;
};

}  // namespace handfast
