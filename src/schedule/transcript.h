// The transcript hash (RFC 8446, section 4.4.1).
#pragma once

#include <array>
#include <cassert>
#include <optional>
#include <utility>

#include <handfast/bytes.h>
#include <handfast/types.h>

#include "crypto/hash.h"

namespace handfast::schedule {

/// Takes handshake messages, whole ones or in pieces. Until the suite is known the first ClientHello is kept as bytes.
class Transcript {
 public:
  void add(Bytes message) {
    if (hash_) hash_->update(message);
    if (!hash_ || keeps_) kept_.insert(kept_.end(), message.begin(), message.end());
  }

  /// The messages themselves are kept as well, from the first on: in TLS 1.2 a client signs them, under a hash of its
  /// own (RFC 5246, section 7.4.8).
  void keep_messages() noexcept { keeps_ = true; }
  Bytes messages() const& noexcept { return kept_; }
  void forget_messages() noexcept {
    keeps_ = false;
    kept_ = Buffer();
  }

  /// The suite is known: from now on with that hash.
  void start(crypto::HashAlgorithm hash) {
    assert(!hash_);
    hash_.emplace(hash);
    hash_->update(kept_);
    if (!keeps_) kept_ = Buffer();
  }

  /// After a HelloRetryRequest the first ClientHello stands in the transcript as a message_hash.
  void fold_first_hello() {
    crypto::Digest first = hash_->digest();
    hash_.emplace(hash_->algorithm());
    std::array<std::uint8_t, 4> header{static_cast<std::uint8_t>(HandshakeType::message_hash), 0, 0,
                                       static_cast<std::uint8_t>(first.size())};
    hash_->update(header);
    hash_->update(first.view());
  }

  crypto::Digest digest() const { return hash_->digest(); }
  /// The digest as if `more` had been added: a ClientHello up to its binders is no message (section 4.2.11.2).
  crypto::Digest digest_with(Bytes more) const {
    crypto::Hash hash = *hash_;
    hash.update(more);
    return std::move(hash).finish();
  }

 private:
  std::optional<crypto::Hash> hash_;
  Buffer kept_;
  bool keeps_ = false;
};

}  // namespace handfast::schedule
