// What somebody outside has decrypted is wiped, taken or not: of a key it is, but for its padding, a premaster secret;
// of a ticket the session.
#include <gtest/gtest.h>

#include "engine/resumption.h"
#include "session/memory.h"

namespace handfast::test {
namespace {

/// A server that waits for its key, and what the key has made of what came.
struct Asking {
  Asking() {
    ServerOptions server = server_options();
    server.credentials = {far_credential(decrypting_credential())};
    server.cipher_suites = {CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256};
    ClientOptions client = client_options();
    client.cipher_suites = server.cipher_suites;
    pair.emplace(std::move(client), std::move(server));
    pair->pump();
    const Need& need = *pair->server.connection.need();
    id = need.id;
    answer = right_answer(need);
    secret = *std::get<DecryptAnswer>(answer).block;
  }
  std::optional<Pair> pair;
  std::uint64_t id = 0;
  Answer answer;
  Buffer secret;
};

TEST(DecryptAnswer, IsWipedWhenItWasTaken) {
  Asking asking;
  FreedWatch watch(asking.secret);
  ASSERT_TRUE(asking.pair->server.connection.answer(asking.id, std::move(asking.answer)));
  EXPECT_EQ(watch.found(), 0u);
}

TEST(DecryptAnswer, IsWipedWhenItComesTooLate) {
  Asking asking;
  asking.pair->server.connection.close();
  EXPECT_FALSE(asking.pair->server.connection.need());
  FreedWatch watch(asking.secret);
  EXPECT_FALSE(asking.pair->server.connection.answer(asking.id, std::move(asking.answer)));
  EXPECT_EQ(watch.found(), 0u);
}

TEST(DecryptAnswer, IsWipedWhenItAnswersSomethingElse) {
  Asking asking;
  FreedWatch watch(asking.secret);
  EXPECT_FALSE(asking.pair->server.connection.answer(asking.id + 1, std::move(asking.answer)));
  EXPECT_EQ(watch.found(), 0u);
}

/// Copies, and what one is replaced by: a handler may be copied with its answer.
TEST(DecryptAnswer, IsWipedWhereverItIsMoved) {
  Asking asking;
  FreedWatch watch(asking.secret);
  {
    DecryptAnswer answer = std::get<DecryptAnswer>(asking.answer);
    DecryptAnswer moved = std::move(answer);
    moved = DecryptAnswer();
    asking.answer = SessionAnswer{};
  }
  EXPECT_EQ(watch.found(), 0u);
  {
    const Buffer unwiped = asking.secret;
  }
  EXPECT_EQ(watch.found(), 1u);  // the watch does see what is not wiped
}

// --- Tickets that are sealed outside

/// Keeps the states apart from the memory that is watched, and leaves none of its own.
struct Vault final : TicketSealer {
  std::optional<Buffer> seal(Bytes sealed, std::int64_t) noexcept override {
    state.assign(sealed.begin(), sealed.end());
    if (watches && !watch) watch.emplace(secret());
    return Buffer(40, 1);
  }
  std::optional<Buffer> open(Bytes) noexcept override {
    std::optional<Buffer> opened = state;
    if (cut_off) opened->pop_back();
    if (bound_elsewhere) opened->front() ^= 1;
    if (emptied) opened->clear();
    return opened;
  }
  Bytes secret() const { return Bytes(state).subspan(32 + 8, 32); }  // see session/session.cc

  Buffer state;
  bool cut_off = false;
  bool bound_elsewhere = false;
  bool emptied = false;  ///< what was in it is in its memory still
  bool watches = false;
  std::optional<FreedWatch> watch;  ///< from the first that it seals on
};

TEST(SealedTicket, LeavesNothingOfItsState) {
  for (auto version : {ProtocolVersion::tls1_2, ProtocolVersion::tls1_3}) {
    Resumer resumer;
    auto vault = std::make_shared<Vault>();
    vault->state.reserve(4096);
    vault->watches = true;
    resumer.server.sessions.ticket_keys = vault;
    resumer.client.max_version = version;
    {
      Pair pair = resumer.begin();
      pair.pump();
      ASSERT_TRUE(full(pair));
    }
    ASSERT_TRUE(vault->watch);
    EXPECT_EQ(vault->watch->found(), 0u);
    vault->watch.reset();
  }
}

TEST(OpenedTicket, IsWipedWhateverComesOfIt) {
  for (auto version : {ProtocolVersion::tls1_2, ProtocolVersion::tls1_3})
    for (int way = 0; way < 4; ++way) {
      SCOPED_TRACE(way);
      Resumer resumer;
      auto vault = std::make_shared<Vault>();
      vault->state.reserve(4096);
      resumer.server.sessions.ticket_keys = vault;
      resumer.client.max_version = version;
      const auto held = hold(resumer);
      {
        Pair first = resumer.begin();
        first.pump();
        ASSERT_TRUE(full(first));
      }
      const Buffer secret(vault->secret().begin(), vault->secret().end());
      vault->cut_off = way == 1;
      vault->bound_elsewhere = way == 2;
      vault->emptied = way == 3;
      Pair second = resumer.begin();
      const Bytes output = second.client.connection.output();
      FreedWatch watch(secret);
      second.server.feed(output);
      EXPECT_EQ(second.server.connection.info().resumption != Resumption::none, way == 0);
      EXPECT_EQ(watch.found(), 0u);
    }
}

}  // namespace
}  // namespace handfast::test
