// What sessions are kept as: their bytes, tickets, keys that others export, and a client's file.
#include <algorithm>

#include <handfast/session.h>

#include "engine/pair.h"
#include "fuzz.h"
#include "session/session.h"
#include "session/ticket.h"
#include "support/random.h"

namespace handfast::fuzz {
namespace {

/// What is read is what was written, to the byte.
void read_session(Bytes bytes) {
  const Result<session::Session> session = session::decode(bytes);
  if (session) require(std::ranges::equal(session::encode(*session), bytes));
}

void read_saved(Bytes bytes) {
  const Result<SavedSession> saved = SavedSession::parse(bytes);
  if (saved) require(std::ranges::equal(saved->serialize(), bytes));
}

void read_keys(Bytes bytes, std::int64_t now) {
  SharedTicketKeys keys;
  if (!keys.set(bytes)) return;
  const auto ring = keys.ring(now);
  require(ring && std::ranges::equal(export_keys(*ring), bytes));
  for (const TicketKey& key : ring->keys())
    require(!std::ranges::all_of(key.secret, [](int byte) { return byte == 0; }));
}

/// A ticket that was changed opens as nothing (with the null AEAD it opens, and is read).
void open(Bytes change, std::int64_t now) {
  RotatingTicketKeys keys({}, std::make_shared<test::SeededRandom>(3));
  test::SeededRandom random;
  const session::Binding binding{1, 2, 3};
  const auto ring = keys.ring(now);
  Buffer ticket;
  require(session::seal(*ring, now, random, binding, as_bytes("a session"), ticket));
  Choices input(change.data(), change.size());
  while (!input.empty()) ticket[input.number() % ticket.size()] ^= input.byte();
  if (const auto opened = session::open(*ring, now, binding, ticket)) read_session(*opened);
  if (const auto opened = session::open(*ring, now, binding, change)) read_session(*opened);
}

}  // namespace
}  // namespace handfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  fuzz::Choices input(data, size);
  const std::int64_t now = test::FixedClock().seconds;
  switch (input.byte() % 4) {
    case 0: fuzz::read_session(input.rest()); break;
    case 1: fuzz::read_saved(input.rest()); break;
    case 2: fuzz::read_keys(input.rest(), now); break;
    default: fuzz::open(input.rest(), now); break;
  }
  return 0;
}
