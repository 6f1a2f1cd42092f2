#include "handshake/arena.h"

#include <algorithm>
#include <cassert>
#include <new>

#include "base/secret.h"

namespace handfast::handshake {
namespace {

/// Enough for the flows of a full handshake as g++ lays them out with optimisation.
constexpr std::size_t chunk_size = 5520;
constexpr std::size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

constexpr std::size_t aligned(std::size_t size) { return (size + alignment - 1) & ~(alignment - 1); }

}  // namespace

struct alignas(alignment) Arena::Chunk {
  Chunk* older;
  std::size_t capacity;  ///< behind this header
  std::size_t used;
};

struct alignas(alignment) Arena::FrameHeader {
  Arena* arena;
  std::size_t size;  ///< of header and frame
};

Arena::~Arena() {
  assert(!newest_ || (!newest_->older && newest_->used == 0));
  ::operator delete(newest_);
}

void* Arena::allocate(std::size_t size) noexcept {
  if (size > budget_) return nullptr;
  const std::size_t needed = sizeof(FrameHeader) + aligned(size);
  if (needed > budget_) return nullptr;
  if (!newest_ || newest_->capacity - newest_->used < needed) {
    const std::size_t capacity = std::max(chunk_size - sizeof(Chunk), needed);
    void* memory = ::operator new(sizeof(Chunk) + capacity, std::nothrow);
    if (!memory) return nullptr;
    newest_ = ::new (memory) Chunk{newest_, capacity, 0};
  }
  std::byte* place = reinterpret_cast<std::byte*>(newest_ + 1) + newest_->used;
  newest_->used += needed;
  budget_ -= needed;
  return ::new (place) FrameHeader{this, needed} + 1;
}

void Arena::release(void* frame) noexcept {
  FrameHeader* header = static_cast<FrameHeader*>(frame) - 1;
  Arena& arena = *header->arena;
  const std::size_t size = header->size;
  base::wipe(header, size);
  Chunk& chunk = *arena.newest_;
  assert(reinterpret_cast<std::byte*>(header) == reinterpret_cast<std::byte*>(&chunk + 1) + chunk.used - size);
  chunk.used -= size;
  arena.budget_ += size;
  if (chunk.used == 0 && chunk.older) {
    arena.newest_ = chunk.older;
    ::operator delete(&chunk);
  }
}

}  // namespace handfast::handshake
