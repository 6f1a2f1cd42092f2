// Where the frames of a handshake's coroutines live.
#pragma once

#include <cstddef>

namespace handfast::handshake {

/// A stack of frames: what was allocated last is released first, as flows await each other. One chunk serves a whole
/// handshake; a further one is fetched where frames are larger (debug builds, sanitizers). Frames are wiped when they
/// are released, since secrets spill there.
class Arena {
 public:
  /// Gives at most `budget` bytes at a time.
  explicit Arena(std::size_t budget) noexcept : budget_(budget) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Memory for a frame, aligned for any type, or nullptr where there is none.
  void* allocate(std::size_t size) noexcept;
  /// Wipes a frame that `allocate` gave and takes it back; frames are released in the opposite order.
  static void release(void* frame) noexcept;

 private:
  struct Chunk;
  struct FrameHeader;
  Chunk* newest_ = nullptr;
  std::size_t budget_;
};

}  // namespace handfast::handshake
