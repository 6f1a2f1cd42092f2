// A session goes to nobody who could not have served it in full, and to nobody after its connection has failed.
#include <gtest/gtest.h>

#include "resumption.h"

namespace handfast::test {
namespace {

class ResumptionHosts : public testing::TestWithParam<Carrier> {};
INSTANTIATE_TEST_SUITE_P(Carriers, ResumptionHosts, testing::ValuesIn(all_carriers), carrier_name);

// Hosts that share what keeps their sessions, and nothing else: who steers a client from one to another must not have
// it believe that it speaks to the first (RFC 8446, section 4.6.1, leaves that to the binding).
TEST_P(ResumptionHosts, AnotherHostDoesNotResume) {
  for (const bool strict : {false, true}) {
    Resumer resumer = resumer_for(GetParam());
    ASSERT_TRUE(ended_with(resumer.connect(), Resumption::none));
    resumer.server.credentials = {shared_authority().credential("other.example")};
    resumer.server.strict_server_name = strict;
    const Pair pair = resumer.connect();
    EXPECT_EQ(pair.server.connection.info().resumption, Resumption::none);
    // And so it fails as it would have without a session.
    if (strict)
      EXPECT_EQ(reason(pair.server.connection), "unrecognized_name");
    else
      EXPECT_EQ(reason(pair.client.connection), "name_mismatch");
  }
}

TEST_P(ResumptionHosts, ARenewedCertificateOfTheSameNamesDoes) {
  Resumer resumer = resumer_for(GetParam());
  ASSERT_TRUE(ended_with(resumer.connect(), Resumption::none));
  resumer.server.credentials = {shared_authority().credential("server.example")};
  ASSERT_NE(resumer.server.credentials.front(), shared_credential());
  EXPECT_TRUE(ended_with(resumer.connect(), resumption_of(GetParam())));
}

TEST_P(ResumptionHosts, OneHostMoreIsAnotherPolicy) {
  Resumer resumer = resumer_for(GetParam());
  ASSERT_TRUE(ended_with(resumer.connect(), Resumption::none));
  resumer.server.credentials.push_back(shared_authority().credential("other.example"));
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::none));
  EXPECT_TRUE(ended_with(resumer.connect(), resumption_of(GetParam())));
}

// RFC 5246, section 7.2.2: what has failed once would fail again and again.
TEST(ResumptionFailures, AClientForgetsASessionOfTls12) {
  for (const Carrier carrier : {Carrier::tls12_ticket, Carrier::tls12_id})
    for (const bool in_handshake : {false, true}) {
      Resumer resumer = resumer_for(carrier);
      const auto store = std::make_shared<MemoryClientSessionStore>();
      resumer.client.sessions.store = store;
      ASSERT_TRUE(ended_with(resumer.connect(), Resumption::none));
      ASSERT_EQ(store->size(), 1u);
      Pair pair = in_handshake ? resumer.begin() : resumer.connect();
      pair.client.feed(Buffer{0x17, 0x03, 0x03, 0x00, 0x01, 0x00});
      ASSERT_TRUE(pair.client.connection.error());
      EXPECT_EQ(store->size(), 0u) << in_handshake;
      EXPECT_TRUE(ended_with(resumer.connect(), Resumption::none));
    }
}

TEST(ResumptionFailures, AnEndThatWasCutOffIsNone) {
  Resumer resumer = resumer_for(Carrier::tls12_ticket);
  ASSERT_TRUE(ended_with(resumer.connect(), Resumption::none));
  Pair pair = resumer.connect();
  EXPECT_FALSE(pair.client.connection.peer_closed());
  EXPECT_EQ(reason(pair.client.connection), "truncated");
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::ticket));
}

/// A store that does not do as it is told: what was taken is still there.
class KeepingStore final : public SessionStore {
 public:
  void find(Buffer id, SessionUse, std::function<void(std::optional<Buffer>)> done) override {
    const auto found = sessions.find(id);
    done(found == sessions.end() ? std::optional<Buffer>() : found->second);
  }
  void put(Bytes id, Bytes session, std::int64_t) noexcept override {
    sessions[Buffer(id.begin(), id.end())].assign(session.begin(), session.end());
  }
  void erase(Bytes) noexcept override {}
  std::map<Buffer, Buffer> sessions;
};

TEST(ResumptionFailures, EarlyDataIsNotLeftToAStoreOutside) {
  Resumer resumer = resumer_for(Carrier::psk_far);
  resumer.server.sessions.store = std::make_shared<KeepingStore>();
  resumer.client.sessions.early_data = true;
  resumer.server.sessions.max_early_data = 1000;
  EXPECT_EQ(name(ServerConfig::make(resumer.server).error().reason()), "bad_config");
  resumer.allow_early_data();
  ASSERT_TRUE(ended_with(resumer.connect(), Resumption::none));
  Pair pair = resumer.begin();
  value(pair.client.connection.send_early_data(as_bytes("early")));
  const Buffer flight = take_output(pair.client.connection);
  int accepted = 0;
  for (int i = 0; i < 5; ++i) {
    End server{make_server(resumer.server), {}, {}};
    server.feed(flight);
    while (const Need* need = server.connection.need()) {
      const auto& request = std::get<SessionRequest>(need->request);
      std::optional<Buffer> found;
      request.store->find(request.id, request.use, [&](std::optional<Buffer> session) { found = std::move(session); });
      value(server.connection.answer(need->id, SessionAnswer{std::move(found)}));
      server.feed({});
    }
    EXPECT_EQ(server.connection.info().resumption, Resumption::psk);
    accepted += as_text(server.received) == "early";
  }
  EXPECT_EQ(accepted, 1);
}

}  // namespace
}  // namespace handfast::test
