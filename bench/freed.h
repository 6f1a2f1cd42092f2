// std::unique_ptr for what a C library frees.
#pragma once

namespace handfast::bench {

/// `std::unique_ptr<SSL, Freed<SSL_free>>`
template <auto Free>
struct Freed {
  void operator()(auto* object) const noexcept { Free(object); }
};

}  // namespace handfast::bench
