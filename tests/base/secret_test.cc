#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "support/hex.h"

namespace handfast::test {
namespace {

using base::Secret;

// An accidental copy of a secret does not compile, nor does a view of a temporary.
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
template <typename T>
concept Viewable = requires(T&& value) { std::forward<T>(value).view(); };
static_assert(Viewable<Secret&> && !Viewable<Secret>);

const Buffer pattern(Secret::capacity, 0xa5);

TEST(Secret, HoldsBytes) {
  Secret secret(from_hex("010203"));
  EXPECT_EQ(to_hex(secret.view()), "010203");
  EXPECT_EQ(secret.size(), 3u);
  EXPECT_FALSE(secret.empty());
  secret.assign(pattern);
  EXPECT_EQ(secret.size(), Secret::capacity);
  EXPECT_EQ(to_hex(secret.view()), to_hex(pattern));
  secret.clear();
  EXPECT_TRUE(secret.empty());
  EXPECT_TRUE(secret.view().empty());
}

TEST(Secret, IsWrittenInPlace) {
  Secret secret(std::size_t{4});
  EXPECT_EQ(to_hex(secret.view()), "00000000");
  secret.writable()[2] = 7;
  EXPECT_EQ(to_hex(secret.view()), "00000700");
}

TEST(Secret, IsClonedOnlyOnPurpose) {
  Secret secret(from_hex("0102"));
  Secret clone = secret.clone();
  secret.writable()[0] = 9;
  EXPECT_EQ(to_hex(clone.view()), "0102");
}

TEST(Secret, MovesAway) {
  Secret from(pattern);
  const std::uint8_t* const old_bytes = from.view().data();
  Secret to(std::move(from));
  EXPECT_EQ(to_hex(to.view()), to_hex(pattern));
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(std::count(old_bytes, old_bytes + Secret::capacity, 0), std::ptrdiff_t{Secret::capacity});

  Secret third(from_hex("01"));
  third = std::move(to);
  EXPECT_EQ(to_hex(third.view()), to_hex(pattern));
  EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
  Secret& itself = third;
  third = std::move(itself);
  EXPECT_EQ(to_hex(third.view()), to_hex(pattern));
}

TEST(Secret, WipesItsBytes) {
  Secret secret(pattern);
  const std::uint8_t* const bytes = secret.view().data();
  secret.assign(from_hex("01"));
  EXPECT_EQ(std::count(bytes + 1, bytes + Secret::capacity, 0), std::ptrdiff_t{Secret::capacity - 1})
      << "a shorter one leaves nothing of the longer";
  secret.assign(pattern);
  secret.clear();
  EXPECT_EQ(std::count(bytes, bytes + Secret::capacity, 0), std::ptrdiff_t{Secret::capacity});
}

TEST(Secret, WipesItselfWhenItGoes) {
  alignas(Secret) std::byte storage[sizeof(Secret)];
  const auto holds_pattern = [&] {
    // Read past the optimiser, which knows that nobody may look at the bytes of an object that is gone.
    const volatile std::byte* const bytes = storage;
    for (std::size_t i = 0; i < sizeof storage; ++i)
      if (bytes[i] == std::byte{0xa5}) return true;
    return false;
  };
  Secret* secret = new (storage) Secret(pattern);
  EXPECT_TRUE(holds_pattern());
  std::destroy_at(secret);
  EXPECT_FALSE(holds_pattern());
}

TEST(EqualInConstantTime, ComparesContents) {
  const Buffer a = from_hex("00112233");
  EXPECT_TRUE(base::equal_in_constant_time(a, from_hex("00112233")));
  EXPECT_TRUE(base::equal_in_constant_time({}, {}));
  EXPECT_FALSE(base::equal_in_constant_time(a, {}));
  EXPECT_FALSE(base::equal_in_constant_time(a, from_hex("001122")));
  EXPECT_FALSE(base::equal_in_constant_time(a, from_hex("0011223344")));
  for (std::size_t at = 0; at < a.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      Buffer b = a;
      b[at] = static_cast<std::uint8_t>(b[at] ^ (1u << bit));
      EXPECT_FALSE(base::equal_in_constant_time(a, b)) << at << " " << bit;
    }
}

}  // namespace
}  // namespace handfast::test
