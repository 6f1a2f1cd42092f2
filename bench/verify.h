// The verification of a chain: what is measured, and three ways to do it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/trust.h>

#include "chain.h"
#include "crypto/algorithm.h"

namespace handfast::bench {

/// Leaf and intermediate, up to a root that stands among as many anchors as a system has.
struct VerifyCase {
  std::string_view name;
  crypto::KeyType key;  ///< of every certificate of the chain
};
std::span<const VerifyCase> verify_cases() noexcept;

/// A chain and whom the verifier trusts: its root, and roots that nobody asks for.
struct TrustedChain {
  static TrustedChain make(crypto::KeyType type);
  /// As the peer sends it: the leaf first.
  std::array<Bytes, 2> sent() const noexcept { return {chain.leaf, chain.intermediate}; }

  Chain chain;
  std::vector<Buffer> anchors;
};

/// Someone who verifies that chain for `server_name`. Each call throws std::runtime_error where it is not accepted;
/// nothing is kept from one to the next.
class ChainVerifier {
 public:
  virtual ~ChainVerifier() = default;
  /// From the certificates' bytes to a verdict.
  virtual void verify() = 0;
  /// The same without parsing, which was done when the program started.
  virtual void verify_parsed() = 0;
  /// Parses the leaf, and nothing else.
  virtual void parse() = 0;

  static std::unique_ptr<ChainVerifier> handfast(const TrustedChain& chain);
  static std::unique_ptr<ChainVerifier> openssl(const TrustedChain& chain);
  /// Two signatures checked, and the issuer's key imported, by the fastest means that libcrypto 3.0 has.
  static std::unique_ptr<ChainVerifier> floor(const TrustedChain& chain, crypto::KeyType type);
};

}  // namespace handfast::bench
