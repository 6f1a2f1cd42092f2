// Stores of sessions that fail: they have nothing, answer late, twice or never, or give out something else. All that it
// costs is the resumption.
#include <gtest/gtest.h>

#include "engine/resumption.h"

namespace handfast::test {
namespace {

class Store : public testing::TestWithParam<Carrier> {
 protected:
  Resumption resumed() const { return resumption_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Carriers, Store,
                         testing::Values(Carrier::psk_stored, Carrier::psk_far, Carrier::tls12_id, Carrier::tls12_far),
                         carrier_name);
class StoreElsewhere : public Store {};
INSTANTIATE_TEST_SUITE_P(Carriers, StoreElsewhere, testing::Values(Carrier::psk_far, Carrier::tls12_far), carrier_name);

/// One that was made, and the answer to the Need that it causes.
struct Asked {
  explicit Asked(Carrier carrier, const std::shared_ptr<const Credential>& credential = shared_credential())
      : resumer(resumer_for(carrier)), held(hold(resumer)) {
    resumer.server.credentials = {credential};
    EXPECT_TRUE(full(resumer.connect()));
    held->fixed = true;
  }
  FarStore& store() { return static_cast<FarStore&>(*resumer.server.sessions.store); }
  /// What is stored under the ID that the client has.
  Buffer stored() { return store().sessions.at(id()); }
  Buffer id() const { return held->ticket().empty() ? held->session_id() : held->ticket(); }

  Pair ask(Trace* server_trace = nullptr) {
    Pair pair = resumer.begin("server.example", nullptr, server_trace);
    pair.pump();
    EXPECT_TRUE(pair.server.connection.need());
    if (const Need* need = pair.server.connection.need()) {
      EXPECT_TRUE(std::holds_alternative<SessionRequest>(need->request));
    }
    return pair;
  }
  /// How it goes on with that answer.
  Pair with(std::optional<Buffer> answer) {
    Pair pair = ask();
    value(pair.server.connection.answer(pair.server.connection.need()->id, SessionAnswer{std::move(answer)}));
    pump_and_answer(pair);
    return pair;
  }
  Resumer resumer;
  std::shared_ptr<HeldSession> held;
};

TEST_P(StoreElsewhere, AsksForWhatTheClientOffers) {
  Asked asked(GetParam());
  Pair pair = asked.ask();
  const auto& request = std::get<SessionRequest>(pair.server.connection.need()->request);
  EXPECT_EQ(request.id, asked.id());
  EXPECT_EQ(request.store, asked.resumer.server.sessions.store);
  EXPECT_EQ(request.use, is_tls12(GetParam()) ? SessionUse::keep : SessionUse::take);
  EXPECT_TRUE(ended_with(asked.with(asked.stored()), resumed()));
}

TEST_P(StoreElsewhere, HasNothing) {
  Asked asked(GetParam());
  for (const auto& nothing : {std::optional<Buffer>(), std::optional<Buffer>(Buffer())}) {
    Pair pair = asked.with(nothing);
    EXPECT_TRUE(full(pair));
    expect_usable(pair);
  }
}

TEST_P(StoreElsewhere, AnswersLate) {
  Asked asked(GetParam());
  Pair pair = asked.ask();
  for (int i = 0; i < 5; ++i) pair.pump(1);
  EXPECT_TRUE(pair.server.connection.output().empty());
  EXPECT_TRUE(pair.server.connection.handshaking());
  value(pair.server.connection.answer(pair.server.connection.need()->id, SessionAnswer{asked.stored()}));
  pump_and_answer(pair);
  EXPECT_TRUE(ended_with(pair, resumed()));
}

/// The session expires while the store thinks.
TEST_P(StoreElsewhere, AnswersTooLate) {
  Asked asked(GetParam(), lasting_credential());
  for (std::int64_t late : {asked.resumer.server.sessions.lifetime - 1, std::int64_t{1}}) {
    SessionTrace server;
    Pair pair = asked.ask(&server);
    asked.resumer.clock->seconds += late;
    value(pair.server.connection.answer(pair.server.connection.need()->id, SessionAnswer{asked.stored()}));
    pump_and_answer(pair);
    const bool too_late = late == 1;
    EXPECT_TRUE(ended_with(pair, too_late ? Resumption::none : resumed()));
    EXPECT_EQ(server.says(SessionRefusal::expired), too_late) << server.text();
    expect_usable(pair);
  }
}

TEST_P(StoreElsewhere, AnswersTwice) {
  Asked asked(GetParam());
  Pair pair = asked.ask();
  const std::uint64_t id = pair.server.connection.need()->id;
  value(pair.server.connection.answer(id, SessionAnswer{asked.stored()}));
  EXPECT_EQ(pair.server.connection.answer(id, SessionAnswer{asked.stored()}).error().reason(), Reason::wrong_answer);
  EXPECT_EQ(pair.server.connection.answer(id, SessionAnswer{}).error().reason(), Reason::wrong_answer);
  pump_and_answer(pair);
  EXPECT_TRUE(ended_with(pair, resumed()));
  EXPECT_EQ(pair.server.connection.answer(id, SessionAnswer{}).error().reason(), Reason::wrong_answer);
}

TEST_P(StoreElsewhere, AnswersToAnotherQuestion) {
  Asked asked(GetParam());
  Pair pair = asked.ask();
  const std::uint64_t id = pair.server.connection.need()->id;
  EXPECT_EQ(pair.server.connection.answer(id + 1, SessionAnswer{}).error().reason(), Reason::wrong_answer);
  EXPECT_EQ(pair.server.connection.answer(id, VerifyAnswer{Result<void>()}).error().reason(), Reason::wrong_answer);
  EXPECT_EQ(pair.server.connection.answer(id, SignAnswer{Buffer{1}}).error().reason(), Reason::wrong_answer);
  EXPECT_TRUE(pair.server.connection.need());
  value(pair.server.connection.answer(id, SessionAnswer{asked.stored()}));
  pump_and_answer(pair);
  EXPECT_TRUE(ended_with(pair, resumed()));
}

TEST_P(StoreElsewhere, NeverAnswers) {
  Asked asked(GetParam());
  Pair pair = asked.ask();
  EXPECT_TRUE(pair.server.connection.handshaking());
  Pair left = asked.ask();
  left.server.connection.abort(Alert::internal_error);
  EXPECT_FALSE(left.server.connection.need());
  EXPECT_EQ(left.server.connection.answer(1, SessionAnswer{}).error().reason(), Reason::wrong_answer);
}  // and destroyed there

TEST_P(StoreElsewhere, GivesGarbage) {
  Asked asked(GetParam());
  for (std::size_t size : {1u, 16u, 47u, 48u, 64u, 65u, 500u, 70'000u})
    for (const std::uint8_t byte : std::initializer_list<std::uint8_t>{0x00, 0xff}) {
      Pair pair = asked.with(Buffer(size, byte));
      ASSERT_TRUE(full(pair)) << size;
    }
}

TEST_P(StoreElsewhere, GivesATruncatedOrDamagedOne) {
  Asked asked(GetParam());
  const Buffer good = asked.stored();
  for (std::size_t size = 0; size < good.size(); size += 3) {
    Pair pair = asked.with(Buffer(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
    ASSERT_TRUE(full(pair)) << size;
  }
  for (std::size_t at = 0; at < good.size(); at += 3) {
    Buffer bad = good;
    bad[at] ^= 1;
    Pair pair = asked.with(std::move(bad));
    ASSERT_TRUE(full(pair)) << at;
  }
  Buffer longer = good;
  longer.push_back(0);
  EXPECT_TRUE(full(asked.with(std::move(longer))));
  EXPECT_TRUE(ended_with(asked.with(good), resumed()));
}

/// Of the same policy, and well made: still it is not what was asked for.
TEST_P(StoreElsewhere, GivesAnotherSession) {
  Asked asked(GetParam());
  Asked other(GetParam());
  other.resumer.server.sessions.ticket_keys = asked.resumer.server.sessions.ticket_keys;
  other.held->fixed = false;
  ASSERT_TRUE(full(other.resumer.connect()));
  other.held->fixed = true;
  EXPECT_TRUE(ended_with(other.with(other.stored()), resumed()));
  Pair pair = asked.with(other.stored());
  EXPECT_TRUE(full(pair));
  expect_usable(pair);
}

/// A ticket of the same keys and policy is no stored session, and the other way round.
TEST_P(StoreElsewhere, GivesATicket) {
  Asked asked(GetParam());
  Resumer tickets = resumer_for(is_tls12(GetParam()) ? Carrier::tls12_ticket : Carrier::psk_ticket);
  tickets.server.sessions.ticket_keys = asked.resumer.server.sessions.ticket_keys;
  const auto held = hold(tickets);
  ASSERT_TRUE(full(tickets.connect()));
  EXPECT_TRUE(full(asked.with(held->ticket())));
  held->held = changed(*held->held, [&](session::ClientSession& session) { session.ticket = asked.stored(); });
  held->fixed = true;
  EXPECT_TRUE(full(tickets.connect()));
}

TEST_P(StoreElsewhere, IsAskedForNothingByClientsWithoutASession) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.middlebox_compatibility = false;
  ASSERT_TRUE(full(resumer.connect()));
  EXPECT_EQ(static_cast<FarStore&>(*resumer.server.sessions.store).asked, 0);
}

// --- In this process
// -----------------------------------------------------------------------------------------------------------

TEST_P(Store, OneThatWasEmptied) {
  Resumer resumer = resumer_for(GetParam());
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  if (is_far(GetParam()))
    static_cast<FarStore&>(*resumer.server.sessions.store).sessions.clear();
  else
    resumer.server.sessions.store = std::make_shared<MemorySessionStore>();
  EXPECT_TRUE(full(resumer.connect()));
  EXPECT_TRUE(ended_with(resumer.connect(), resumed()));
}

TEST_P(Store, AnIdIsGoodOnceInTls13AndOftenInTls12) {
  Resumer resumer = resumer_for(GetParam());
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  held->fixed = true;
  EXPECT_TRUE(ended_with(resumer.connect(), resumed()));
  for (int again = 0; again < 3; ++again)
    EXPECT_TRUE(ended_with(resumer.connect(), is_tls12(GetParam()) ? resumed() : Resumption::none));
}

TEST(LocalStore, KeepsNothingPastItsBounds) {
  for (Carrier carrier : {Carrier::psk_stored, Carrier::tls12_id}) {
    Resumer resumer = resumer_for(carrier);
    auto store =
        std::make_shared<MemorySessionStore>(MemorySessionStore::Options{.entries = 10, .bytes = 100'000, .shards = 2});
    resumer.server.sessions.store = store;
    hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(ended_with(resumer.connect(), resumption_of(carrier))) << "the newest is there";
      hold(resumer);
      ASSERT_TRUE(full(resumer.connect()));
      EXPECT_LE(store->size(), 10u);
      EXPECT_LE(store->bytes(), 100'000u);
    }
  }
}

/// A session that two sessions share is in nobody's way: what one store has put, another of the same process finds.
TEST(LocalStore, SharedByConfigsOfOnePolicy) {
  for (Carrier carrier : {Carrier::psk_stored, Carrier::tls12_id}) {
    Resumer resumer = resumer_for(carrier);
    hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    resumer.server.sessions.context = "another site";
    ASSERT_TRUE(full(resumer.connect())) << "in the same store, under another policy";
    ASSERT_TRUE(ended_with(resumer.connect(), resumption_of(carrier)));
  }
}

}  // namespace
}  // namespace handfast::test
