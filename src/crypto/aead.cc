// The life of an AEAD key; how it encrypts is the backend's.
#include "crypto/aead.h"

#include <atomic>
#include <cassert>
#include <utility>

#include "crypto/key_contexts.h"

namespace handfast::crypto {

std::uint64_t next_key_id() noexcept {
  static std::atomic<std::uint64_t> last = 0;
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

Aead::Aead(AeadAlgorithm algorithm, Bytes key) noexcept : key_(key), id_(next_key_id()), algorithm_(algorithm) {
  assert(key.size() == key_size(algorithm));
}

Aead::Aead(Aead&& other) noexcept
    : key_(std::move(other.key_)), id_(std::exchange(other.id_, 0)), algorithm_(other.algorithm_) {}

Aead& Aead::operator=(Aead&& other) noexcept {
  if (this == &other) return *this;
  if (id_ != 0) forget_key(id_);
  key_ = std::move(other.key_);
  id_ = std::exchange(other.id_, 0);
  algorithm_ = other.algorithm_;
  return *this;
}

Aead::~Aead() {
  if (id_ != 0) forget_key(id_);
}

}  // namespace handfast::crypto
