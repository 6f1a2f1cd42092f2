// Heap that is allocated and not freed: glibc's malloc behind functions of the same names that keep count.
#include "heap.h"

#include <malloc.h>

#include <cerrno>
#include <cstddef>

// NOLINTBEGIN(bugprone-reserved-identifier): these are glibc's own names for what stands behind malloc
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace {

constinit bool counting = false;  // what is timed pays for no more than this
constinit std::int64_t allocated = 0;

void* counted(void* block) noexcept {
  if (counting && block) [[unlikely]]
    allocated += static_cast<std::int64_t>(malloc_usable_size(block));
  return block;
}
void uncount(void* block) noexcept {
  if (counting && block) [[unlikely]]
    allocated -= static_cast<std::int64_t>(malloc_usable_size(block));
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) { return counted(__libc_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) { return counted(__libc_calloc(count, size)); }
void* memalign(std::size_t alignment, std::size_t size) { return counted(__libc_memalign(alignment, size)); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}
void* realloc(void* block, std::size_t size) {
  uncount(block);
  void* moved = __libc_realloc(block, size);
  if (!moved && size != 0) counted(block);  // the old block stays
  return counted(moved);
}
void free(void* block) {
  uncount(block);
  __libc_free(block);
}
}

namespace handfast::bench {

HeapCount::HeapCount() noexcept {
  allocated = 0;
  counting = true;
}
HeapCount::~HeapCount() { counting = false; }
std::int64_t HeapCount::bytes() const noexcept { return allocated; }

}  // namespace handfast::bench
