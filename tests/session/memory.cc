// operator new and delete of this program.
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

void free_searched(void* block) noexcept {
  if (block != nullptr && !searched.empty() &&
      ::memmem(block, ::malloc_usable_size(block), searched.data(), searched.size()) != nullptr)
    ++findings;
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  if (blocks_left == 0) {
    refused = true;
    throw std::bad_alloc();
  }
  if (blocks_left != plenty) --blocks_left;
  if (void* block = std::calloc(1, size == 0 ? 1 : size)) return block;  // zeros: nothing of blocks before it
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { free_searched(block); }
void operator delete(void* block, std::size_t) noexcept { free_searched(block); }

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

}  // namespace handfast::test
