// Certificate revocation lists (RFC 5280, section 5) that are at hand.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>

namespace handfast {

/// A set of CRLs, immutable once made, shared between configs and threads. Each is parsed and indexed once, so that
/// to ask for a certificate costs a look-up, and its signature is checked once for its issuer's key.
///
/// Of the lists of one issuer the newest counts that is valid at the time. Delta CRLs and indirect ones may be among
/// them. Nothing is fetched: whoever brings newer ones makes a new set, and a config with it.
///
/// Nothing here fails open: a source that can't be read, that holds something that is no CRL, or none at all, is an
/// error, never an empty set.
class RevocationLists {
 public:
  using Shared = std::shared_ptr<const RevocationLists>;

  /// Every "X509 CRL" block of a PEM text; other blocks are ignored. Fails with bad_pem (evidence `expected`) or, for
  /// a block that is no CRL, bad_crl (evidence `index`, from 0, and `field`).
  static Result<Shared> from_pem(std::string_view text);

  /// A file, PEM or DER, or a directory, all of whose regular files are such files. Fails as `from_pem` does, with
  /// evidence `path`, and with file_not_readable (evidence `path`, `error`).
  static Result<Shared> from_path(const std::filesystem::path& path);

  /// The lists, each in DER. Fails with bad_crl (evidence `index`, `field`); bad_config for none.
  static Result<Shared> from_der(std::span<const Bytes> lists);

  /// How many lists it holds, doubles counted once.
  std::size_t size() const noexcept;

  ~RevocationLists();
  RevocationLists(const RevocationLists&) = delete;
  RevocationLists& operator=(const RevocationLists&) = delete;

  class Store;  ///< x509/'s
  const Store& store() const noexcept { return *store_; }

 private:
  explicit RevocationLists(std::unique_ptr<const Store> store) noexcept;
  std::unique_ptr<const Store> store_;
};

}  // namespace handfast
