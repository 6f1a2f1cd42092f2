// Tickets that hold their session.
#include "session/ticket.h"

#include <gtest/gtest.h>

#include <numeric>

#include "session/memory.h"
#include "support/hex.h"
#include "support/random.h"

namespace handfast::session {
namespace {

using test::to_hex;

constexpr std::int64_t now = 1'000'000;
const Bytes content = as_bytes("a session");

TicketKey make_key(std::uint8_t first) {
  TicketKey key;
  std::iota(key.name.begin(), key.name.end(), first);
  std::iota(key.secret.begin(), key.secret.end(), static_cast<std::uint8_t>(first + 0x20));
  key.issues_from = now - 100;
  key.issues_until = now + 100;
  key.opens_until = now + 200;
  return key;
}

Binding make_binding(std::uint8_t byte) {
  Binding binding;
  binding.fill(byte);
  return binding;
}

const TicketKeyRing ring({make_key(0)});
const Binding binding = make_binding(0x42);

Buffer ticket() {
  test::SeededRandom random;
  Buffer out;
  EXPECT_TRUE(seal(ring, now, random, binding, content, out));
  return out;
}

TEST(Ticket, OpensToWhatWasSealed) {
  EXPECT_EQ(to_hex(open(ring, now, binding, ticket()).value()), to_hex(content));
  EXPECT_EQ(ticket().size(), 16 + 32 + content.size() + 16);
}

TEST(Ticket, OfNothing) {
  test::SeededRandom random;
  Buffer out;
  ASSERT_TRUE(seal(ring, now, random, binding, {}, out));
  EXPECT_EQ(out.size(), 64u);
  EXPECT_EQ(open(ring, now, binding, out), Buffer());
}

// Computed apart from this code, with Python's hmac and the AESGCM of its package cryptography, from the words in
// session/ticket.h.
TEST(Ticket, HasTheFormatThatItsHeaderSays) {
  test::RecordedRandom salt(Buffer(32, 0xa5));
  Buffer out;
  ASSERT_TRUE(seal(ring, now, salt, binding, content, out));
  EXPECT_EQ(to_hex(out),
            "000102030405060708090a0b0c0d0e0f"
            "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
            "eed9342eb9b148964c4449b2d2198e8750ec68636c084748fc");
  EXPECT_EQ(salt.left(), 0u);
}

TEST(Ticket, IsAppended) {
  test::SeededRandom random;
  Buffer out{1, 2, 3};
  ASSERT_TRUE(seal(ring, now, random, binding, content, out));
  EXPECT_EQ(to_hex(Bytes(out).first(3)), "010203");
  EXPECT_TRUE(open(ring, now, binding, Bytes(out).subspan(3)));
}

TEST(Ticket, NoTwoAreAlike) {
  test::SeededRandom random;
  Buffer first, second;
  ASSERT_TRUE(seal(ring, now, random, binding, content, first));
  ASSERT_TRUE(seal(ring, now, random, binding, content, second));
  EXPECT_EQ(to_hex(Bytes(first).first(16)), to_hex(Bytes(second).first(16)));
  EXPECT_NE(to_hex(Bytes(first).subspan(16, 32)), to_hex(Bytes(second).subspan(16, 32)));
  EXPECT_NE(to_hex(Bytes(first).subspan(48)), to_hex(Bytes(second).subspan(48)));
}

TEST(Ticket, NoneWhereNoKeyIssues) {
  test::SeededRandom random;
  Buffer out{1, 2, 3};
  for (const std::int64_t time : {now - 101, now + 100, now + 200}) {
    EXPECT_FALSE(seal(ring, time, random, binding, content, out));
    EXPECT_EQ(to_hex(out), "010203");
  }
  EXPECT_FALSE(seal(TicketKeyRing({}), now, random, binding, content, out));
  EXPECT_EQ(to_hex(out), "010203");
}

TEST(Ticket, OpensAsLongAsItsKeyDoes) {
  EXPECT_TRUE(open(ring, now + 199, binding, ticket()));
  EXPECT_FALSE(open(ring, now + 200, binding, ticket()));
  // A host whose clock is ahead may issue before this one does.
  EXPECT_TRUE(open(ring, now - 1000, binding, ticket()));
}

TEST(Ticket, FlippedInAnyBitIsNothing) {
  Buffer bytes = ticket();
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] ^= static_cast<std::uint8_t>(1 << bit);
      EXPECT_FALSE(open(ring, now, binding, bytes)) << at << '.' << bit;
      bytes[at] ^= static_cast<std::uint8_t>(1 << bit);
    }
  EXPECT_TRUE(open(ring, now, binding, bytes));
}

TEST(Ticket, CutOffOrExtendedIsNothing) {
  Buffer bytes = ticket();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(open(ring, now, binding, Bytes(bytes).first(size))) << size;
  bytes.push_back(0);
  EXPECT_FALSE(open(ring, now, binding, bytes));
  EXPECT_FALSE(open(ring, now, binding, Bytes(bytes).subspan(1)));
}

TEST(Ticket, UnderAnotherBindingIsNothing) {
  for (std::size_t at = 0; at < binding.size(); ++at) {
    Binding other = binding;
    other[at] ^= 1;
    EXPECT_FALSE(open(ring, now, other, ticket())) << at;
  }
}

TEST(Ticket, UnderAnotherKeyIsNothing) {
  EXPECT_FALSE(open(TicketKeyRing({}), now, binding, ticket()));
  EXPECT_FALSE(open(TicketKeyRing({make_key(1)}), now, binding, ticket()));
  TicketKey same_name = make_key(0);
  same_name.secret[0] ^= 1;
  EXPECT_FALSE(open(TicketKeyRing({same_name}), now, binding, ticket()));
  EXPECT_TRUE(open(TicketKeyRing({make_key(1), make_key(0)}), now, binding, ticket()));
}

// AES-GCM decrypts before it verifies: what a damaged ticket held would otherwise stay behind in the heap.
TEST(Ticket, LeavesNothingOfOneThatIsDamaged) {
  Buffer bytes = ticket();
  bytes.back() ^= 1;
  test::FreedWatch watch(content);
  EXPECT_FALSE(open(ring, now, binding, bytes));
  EXPECT_EQ(watch.found(), 0u);
  {
    const Buffer unwiped(content.begin(), content.end());
  }
  EXPECT_EQ(watch.found(), 1u);  // the watch does see what is not wiped
}

// --- What a TicketSealer seals

TEST(TicketState, HoldsTheSessionBehindItsBinding) {
  const base::SecretBuffer state = make_state(binding, content);
  EXPECT_EQ(to_hex(state.view().first(binding.size())), to_hex(binding));
  EXPECT_EQ(to_hex(session_of(state.view(), binding)), to_hex(content));
  const base::SecretBuffer bare = make_state(binding, {});
  EXPECT_EQ(bare.view().size(), binding.size());
  EXPECT_TRUE(session_of(bare.view(), binding).empty());
}

TEST(TicketState, OfAnotherBindingHoldsNothing) {
  const base::SecretBuffer state = make_state(binding, content);
  for (std::size_t at = 0; at < binding.size(); ++at) {
    Binding other = binding;
    other[at] ^= 1;
    EXPECT_TRUE(session_of(state.view(), other).empty()) << at;
  }
}

TEST(TicketState, CutOffHoldsNothing) {
  const base::SecretBuffer state = make_state(binding, content);
  for (std::size_t size = 0; size <= binding.size(); ++size)
    EXPECT_TRUE(session_of(state.view().first(size), binding).empty()) << size;
}

}  // namespace
}  // namespace handfast::session
