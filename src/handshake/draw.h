// Random bytes for several things that are made at the same moment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/random.h>

#include "base/copy.h"
#include "base/secret.h"

namespace handfast::handshake {

/// Drawn from the source at once: what a generator costs is the call. Nothing rests here for later: it lives as long as
/// one plain function, and what it has given out, or not, is wiped. Asked for more than it has, it asks the source.
class Draw final : public Random {
 public:
  static constexpr std::size_t most = 96;

  /// `size`: how many bytes will be asked for, at most `most`.
  Draw(Random& source, std::size_t size) : source_(source), left_(MutableBytes(bytes_).first(size)) {
    source_.fill(left_);
  }
  Draw(const Draw&) = delete;
  Draw& operator=(const Draw&) = delete;
  ~Draw() override { base::wipe(bytes_.data(), bytes_.size()); }

  void fill(MutableBytes out) override {
    if (out.size() > left_.size()) return source_.fill(out);
    base::copy(left_.first(out.size()), out);
    left_ = left_.subspan(out.size());
  }

 private:
  Random& source_;
  std::array<std::uint8_t, most> bytes_;
  MutableBytes left_;
};

}  // namespace handfast::handshake
