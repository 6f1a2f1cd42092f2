// Whom to trust: the certificates at which a path may end, and on what terms.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

namespace handfast {

/// A public key, as people write it down to recognise it: the SHA-256 of its SubjectPublicKeyInfo (RFC 7469,
/// section 2.4). It outlives the renewal of a certificate that keeps its key.
struct SpkiPin {
  std::array<std::uint8_t, 32> sha256{};

  /// "sha256/BASE64", "sha256//BASE64" (as curl writes it), "sha256:HEX" or 64 hexadecimal digits, which colons may
  /// part. Fails with internal_error, bad_config, evidence `option` = "pin", `problem`, `value`.
  static Result<SpkiPin> parse(std::string_view text);
  /// Of a SubjectPublicKeyInfo in DER.
  static SpkiPin of(Bytes subject_public_key_info);
  /// "sha256/" and padded base64.
  std::string text() const;

  friend auto operator<=>(const SpkiPin&, const SpkiPin&) = default;
};

/// A set of trust anchors, immutable once made, shared between configs and threads: authorities, at which a path may
/// end, and pinned certificates, which are accepted as themselves. Each may be trusted on terms: for certain servers
/// only, for paths with certain keys only. Sets are narrowed with `only_for` and `only_with_keys` and united with
/// `combine`.
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
  /// Read once: afterwards every call, from any thread, gives the same set.
  static Result<Shared> system();

  /// Reads what the system trusts anew: what `system` gives from now on. Sets that it gave before stay as they are. On
  /// failure the set stays the old one.
  static Result<Shared> reload_system();

  /// Certificates that are accepted as themselves, octet by octet: the safe way to trust one server with a self-signed
  /// certificate. Being the very certificate replaces the path, the names and the key usages; its validity and its key
  /// are still checked, and so is its revocation where its issuer, who alone could tell, was sent or is an authority
  /// (whether that issuer was itself revoked is not). So a pin holds for every name that a config with these anchors
  /// connects to, unless `only_for` narrows it; and it makes an authority of nobody.
  static Result<Shared> pinned(std::span<const Bytes> certificates);

  /// All of them together, each on its own terms; one that stands in several sets is trusted on the terms of any. Fails
  /// with bad_config for an empty list, or where a set is null.
  static Result<Shared> combine(std::span<const Shared> sets);

  /// The same, but each trusted for these servers only, whatever else its certificates say: "nas.local", for that name;
  /// ".corp.example" or "*.corp.example", for every name below, at any depth; "192.0.2.7" and "2001:db8::7";
  /// "192.0.2.0/24" and "2001:db8::/32". The server's name is the one that was asked for. Where there is none they
  /// vouch for nobody: not for a client, nor for a server of whatever name. Narrowing twice leaves what both allow.
  /// Fails with internal_error, bad_config, evidence `option` = "trust_anchors", `problem`, `value`.
  Result<Shared> only_for(std::span<const std::string> names) const;

  /// The same, but each trusted only where the path, from the leaf to the anchor, holds one of these keys; a pinned
  /// certificate is a path of its own. Narrowing twice asks for one of each. Fails with bad_config for an empty list.
  Result<Shared> only_with_keys(std::span<const SpkiPin> keys) const;

  /// How many certificates it holds, doubles counted once.
  std::size_t size() const noexcept;
  /// How many certificates of the system could not be read.
  std::size_t passed_over() const noexcept;
  /// The subjects of those authorities that vouch for clients: distinguished names in DER, as certificate_authorities
  /// wants them (RFC 8446, section 4.2.4).
  std::vector<Buffer> subjects() const;
  /// Whether any of them vouches for clients: those that `only_for` has narrowed to servers do not.
  bool vouches_for_clients() const noexcept;
  /// Whether it holds pinned certificates alone, and no authority.
  bool is_pinned() const noexcept;
  /// A hash of whom it trusts and on what terms: equal on every host and after every reload as long as that is the
  /// same, in whatever order and from whatever files it was read. Computed at each call, in some 0.2 ms for a system's
  /// set.
  std::array<std::uint8_t, 32> digest() const;

  ~TrustAnchors();
  TrustAnchors(const TrustAnchors&) = delete;
  TrustAnchors& operator=(const TrustAnchors&) = delete;

  struct Store;  ///< x509/'s
  const Store& store() const noexcept { return *store_; }

 private:
  explicit TrustAnchors(std::unique_ptr<const Store> store) noexcept;
  static Result<Shared> read_system_set();
  std::unique_ptr<const Store> store_;
};

}  // namespace handfast
