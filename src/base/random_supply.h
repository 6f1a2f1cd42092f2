// Random bytes for one user, drawn ahead.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <handfast/random.h>

#include "base/copy.h"
#include "base/secret.h"

namespace handfast::base {

/// A call of libcrypto's generator takes as long for some bytes as for some hundred, and a handshake needs up to six of
/// a few bytes each. One thread at a time.
class RandomSupply final : public Random {
 public:
  /// Drawn at once: what a server of TLS 1.3 needs for a full handshake and two tickets (ServerHello.random, a private
  /// key, the message of ML-KEM, two salts and ticket_age_adds). A client needs 160 (ClientHello.random, a session ID,
  /// a private key, the seed of ML-KEM).
  static constexpr std::size_t drawn = 168;

  /// `source` outlives it, and is first asked when something is needed.
  explicit RandomSupply(Random& source) noexcept : source_(source) {}
  RandomSupply(const RandomSupply&) = delete;
  RandomSupply& operator=(const RandomSupply&) = delete;
  ~RandomSupply() override { wipe(rest().data(), rest().size()); }

  void fill(MutableBytes out) override {
    while (!out.empty()) {
      if (rest().empty()) {
        source_.fill(bytes_);
        used_ = 0;
      }
      const MutableBytes given = rest().first(std::min(out.size(), rest().size()));
      out = copy(given, out);
      wipe(given.data(), given.size());
      used_ += given.size();
    }
  }

 private:
  MutableBytes rest() noexcept { return MutableBytes(bytes_).subspan(used_); }

  Random& source_;
  std::array<std::uint8_t, drawn> bytes_;
  std::size_t used_ = drawn;
};

}  // namespace handfast::base
