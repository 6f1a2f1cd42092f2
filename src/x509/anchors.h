// What TrustAnchors holds: certificates, found by subject, each with the terms on which it is trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <handfast/trust.h>

#include "crypto/signature.h"
#include "x509/certificate.h"
#include "x509/name_set.h"

namespace handfast {

struct TrustAnchors::Store {
  /// The path under an anchor, the leaf first; empty under a pinned certificate, which is its own path.
  using Path = std::span<const x509::Certificate* const>;

  /// All of it has to hold; nothing said, nothing asked.
  struct Terms {
    std::vector<x509::NameSet> names;        ///< each holds the server's name
    std::vector<std::vector<SpkiPin>> keys;  ///< of each the path has a key

    /// `server` is the name that was asked for, nullptr where the peer has none (a client): only terms that ask for no
    /// name allow that.
    bool allow(const x509::ServerName* server) const noexcept;
    bool allow(Path below, const x509::Certificate& anchor) const;
    friend bool operator==(const Terms&, const Terms&) = default;
  };

  struct Entry {
    std::uint64_t subject_hash;  ///< x509::hash_name
    x509::Certificate certificate;
    /// Its key, imported once for all that it verifies; null where it can't be, and for a pinned certificate.
    std::shared_ptr<const crypto::VerifyingKey> key;
    std::vector<Terms> terms;  ///< never empty: one of them is enough

    /// Whether it may be trusted for that server; nullptr as in `Terms::allow`. Else Reason::anchor_not_for_name.
    bool vouches_for(const x509::ServerName* server) const noexcept;
    /// Whether it may end that path to that server. For one that vouches for the server, else Reason::pin_mismatch.
    bool accepts(const x509::ServerName* server, Path below) const;
    /// Whether there are servers or paths that it does not vouch for.
    bool on_terms() const noexcept { return terms.front() != Terms{}; }
    /// The names that it is trusted for, as text: evidence `allowed`. Empty where it is trusted for all.
    std::vector<std::string> allowed() const;
    /// The keys that terms for that server ask for, as text: evidence `pins`.
    std::vector<std::string> pins(const x509::ServerName* server) const;
    /// The keys of that path and its own, as pins: evidence `found`.
    std::vector<std::string> found(Path below) const;
  };

  /// In the order of their hashes, and then of their octets, so that it does not tell where they came from; none twice.
  std::vector<Entry> authorities;
  std::vector<Entry> pinned;
  std::size_t passed_over = 0;

  /// Those authorities whose subject may be that Name: hashes can collide.
  std::span<const Entry> find(Bytes subject) const noexcept;
  /// Whether it is an authority.
  bool contains(const x509::Certificate& certificate) const noexcept;
  /// The pinned certificate that it is, octet by octet, or nullptr.
  const Entry* find_pinned(const x509::Certificate& certificate) const noexcept;

  /// Brings both lists in order; doubles become one, trusted on the terms of either.
  void settle();
};

}  // namespace handfast
