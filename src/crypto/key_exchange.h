// (EC)DHE, ML-KEM and both of them together: what a key_share needs.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/random.h>
#include <handfast/types.h>

#include "base/secret.h"

namespace handfast::crypto {

/// Whether this build can do the group.
bool supports(NamedGroup group) noexcept;
/// Whether ML-KEM is part of the group: then it is one of TLS 1.3 alone, and its sides' shares differ.
bool is_post_quantum(NamedGroup group) noexcept;
/// The length of a share (KeyShareEntry.key_exchange) of that side, 0 for a group that is not supported.
std::size_t share_size(NamedGroup group, Side side) noexcept;

/// The initiator's half of a key exchange (the client's key_share, RFC 8446, section 4.2.8).
class KeyExchange {
 public:
  /// Makes a key pair with bytes drawn from `random`. Fails with internal_error only.
  static Result<KeyExchange> generate(NamedGroup group, Random& random);
  KeyExchange(KeyExchange&&) noexcept;
  KeyExchange& operator=(KeyExchange&&) noexcept;
  ~KeyExchange();

  NamedGroup group() const noexcept;
  /// What goes into KeyShareEntry.key_exchange. ML-KEM's part has 1,184 bytes or more, and few ask for it twice: it is
  /// given away, and computed anew for whoever does.
  Buffer share();
  /// The same key of ECDHE as an exchange of its own group, where it is a part of this one: a client that offers both
  /// may have one key for them (draft-ietf-tls-hybrid-design, section 3.2). Empty for any other group.
  std::optional<KeyExchange> part(NamedGroup group) const;
  /// The shared secret with the responder's share. Fails with illegal_parameter, bad_key_share for a share of a wrong
  /// length, a point that is not on the curve, or an all-zero result (RFC 8446, section 7.4.2). A ciphertext of ML-KEM
  /// that was not made for this share gives a secret that nobody else has.
  Result<base::Secret> agree(Bytes peer_share) const;

  struct Private;

 private:
  explicit KeyExchange(std::unique_ptr<Private> key) noexcept;
  std::unique_ptr<Private> private_;
};

/// The responder's whole part, in one step, as a KEM has it: makes its own share and the secret.
struct KeyExchangeResponse {
  Buffer share;
  base::Secret secret;
};
/// Fails as `KeyExchange::agree` does, and so for an encapsulation key with a coefficient that is not reduced (FIPS
/// 203, section 7.2).
Result<KeyExchangeResponse> respond(NamedGroup group, Bytes peer_share, Random& random);

}  // namespace handfast::crypto
