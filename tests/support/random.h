// Random bytes that are the same in every run.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <stdexcept>
#include <utility>

#include <handfast/random.h>

namespace handfast::test {

/// A reproducible stream from a seed; of no worth as a secret.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : engine_(seed) {}
  void fill(MutableBytes out) override {
    std::lock_guard lock(mutex_);
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

/// Gives out a recorded stream (the "RNG pool" of a trace). Throws std::out_of_range when it is used up.
class RecordedRandom : public Random {
 public:
  explicit RecordedRandom(Buffer stream) : stream_(std::move(stream)) {}
  void fill(MutableBytes out) override {
    for (std::uint8_t& byte : out) byte = stream_.at(used_++);
  }
  std::size_t left() const { return stream_.size() - used_; }

 private:
  Buffer stream_;
  std::size_t used_ = 0;
};

}  // namespace handfast::test
