// operator new and delete of this program, and its aligned_alloc.
#include "session/memory.h"

#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace {

constexpr std::size_t plenty = std::numeric_limits<std::size_t>::max();

thread_local handfast::Bytes searched;
thread_local std::size_t findings = 0;
thread_local std::size_t blocks_left = plenty;
thread_local bool refused = false;
thread_local bool once = false;

void free_searched(void* block) noexcept {
  if (block != nullptr && !searched.empty() &&
      ::memmem(block, ::malloc_usable_size(block), searched.data(), searched.size()) != nullptr)
    ++findings;
  std::free(block);
}

bool is_there_another() noexcept {
  if (blocks_left == 0) {
    refused = true;
    if (once) blocks_left = plenty;
    return false;
  }
  if (blocks_left != plenty) --blocks_left;
  return true;
}

}  // namespace

extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  void* block = nullptr;
  return is_there_another() && ::posix_memalign(&block, alignment, size) == 0 ? block : nullptr;
}
void* operator new(std::size_t size) {
  if (!is_there_another()) throw std::bad_alloc();
  if (void* block = std::calloc(1, size == 0 ? 1 : size)) return block;  // zeros: nothing of blocks before it
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {  // the buffer of std::stable_sort
  return is_there_another() ? std::calloc(1, size == 0 ? 1 : size) : nullptr;
}
void operator delete(void* block) noexcept { free_searched(block); }
void operator delete(void* block, std::size_t) noexcept { free_searched(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { free_searched(block); }

namespace handfast::test {

FreedWatch::FreedWatch(Bytes secret) noexcept {
  searched = secret;
  findings = 0;
}
FreedWatch::~FreedWatch() { searched = {}; }
std::size_t FreedWatch::found() const noexcept { return findings; }

ShortMemory::ShortMemory(std::size_t blocks) noexcept {
  blocks_left = blocks;
  refused = false;
}
ShortMemory::~ShortMemory() { blocks_left = plenty; }
bool ShortMemory::ran_out() const noexcept { return refused; }

MissingBlock::MissingBlock(std::size_t number) noexcept : memory_(number) { once = true; }
MissingBlock::~MissingBlock() { once = false; }

}  // namespace handfast::test
