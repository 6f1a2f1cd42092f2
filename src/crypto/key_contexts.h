// The contexts of a thread: a few of them, each keyed for one key that rests elsewhere.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace handfast::crypto {

/// An id that no other key of the process has.
std::uint64_t next_key_id() noexcept;

/// Wipes what this thread holds of the AEAD's key with that id. The backend's; called by ~Aead.
void forget_key(std::uint64_t id) noexcept;

/// Contexts of one direction, found by the id of the key that they are keyed with. When a key is new here, the one
/// that was not used for longest is keyed anew. `Context` has `void wipe() noexcept`.
template <typename Context>
class KeyContexts {
 public:
  /// The context for that key. Where it was keyed with another one, `key(context)` gives it the new key; nullptr if
  /// that gives false.
  template <typename Key>
  Context* get(std::uint64_t id, Key&& key) noexcept {
    Slot* oldest = slots_.data();
    for (Slot& slot : slots_) {
      if (slot.id == id) {
        slot.used = ++clock_;
        return &slot.context;
      }
      if (slot.used < oldest->used) oldest = &slot;
    }
    oldest->id = 0;
    if (!key(oldest->context)) return nullptr;
    oldest->id = id;
    oldest->used = ++clock_;
    return &oldest->context;
  }

  void forget(std::uint64_t id) noexcept {
    for (Slot& slot : slots_) {
      if (slot.id != id) continue;
      slot.context.wipe();
      slot.id = slot.used = 0;
    }
  }

 private:
  struct Slot {
    std::uint64_t id = 0;  ///< 0: free
    std::uint64_t used = 0;
    Context context;
  };
  std::array<Slot, 8> slots_;
  std::uint64_t clock_ = 0;
};

/// One of `T` for each thread, made when it is first asked for. Unlike a bare thread_local it may be asked for while
/// the thread ends: an Aead may outlive the contexts of the thread that destroys it.
template <typename T>
class PerThread {
 public:
  /// nullptr if it was not made yet, or is gone.
  static T* existing() noexcept { return existing_; }
  /// nullptr if it is gone.
  static T* get() noexcept {
    static thread_local Owner owner;
    return existing_;
  }

 private:
  struct Owner {
    Owner() { existing_ = &value; }
    ~Owner() { existing_ = nullptr; }
    T value;
  };
  static inline constinit thread_local T* existing_ = nullptr;
};

}  // namespace handfast::crypto
