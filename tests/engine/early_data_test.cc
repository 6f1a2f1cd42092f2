// Early data (RFC 8446, section 2.3): when it is taken, when not and why, and that it is taken once.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/resumption.h"

namespace handfast::test {
namespace {

Resumer early_resumer(std::uint32_t limit = 1000) {
  Resumer resumer;
  resumer.allow_early_data(limit);
  return resumer;
}
/// With sessions in a store, each good once.
Resumer stored_resumer() {
  Resumer resumer = resumer_for(Carrier::psk_stored);
  resumer.client.sessions.early_data = true;
  resumer.server.sessions.max_early_data = 1000;
  return resumer;
}

/// A connection that has begun, with early data in the first flight.
Pair begin_early(Resumer& resumer, std::string_view data = "early") {
  Pair pair = resumer.begin();
  EXPECT_GE(pair.client.connection.early_data_left(), data.size());
  value(pair.client.connection.send_early_data(as_bytes(data)));
  return pair;
}

/// The server has taken none of it, and the connection goes on as if there had been none; nothing comes twice.
void expect_rejected(Pair& pair, EarlyData client_says, EarlyData server_says,
                     Resumption resumption = Resumption::psk) {
  pump_and_answer(pair);
  ASSERT_TRUE(ended_with(pair, resumption));
  EXPECT_EQ(name(pair.client.connection.info().early_data), name(client_says));
  EXPECT_EQ(name(pair.server.connection.info().early_data), name(server_says));
  EXPECT_TRUE(pair.server.received.empty());
  EXPECT_EQ(pair.client.connection.early_data_left(), 0u);
  Buffer out(32);
  EXPECT_FALSE(pair.client.connection.export_early_keying_material("EXPORTER-test", {}, out));
  EXPECT_FALSE(pair.server.connection.export_early_keying_material("EXPORTER-test", {}, out));
  expect_usable(pair);
}
void expect_accepted(Pair& pair, std::string_view data = "early") {
  pump_and_answer(pair);
  ASSERT_TRUE(ended_with(pair, Resumption::psk));
  EXPECT_EQ(name(pair.client.connection.info().early_data), "accepted");
  EXPECT_EQ(name(pair.server.connection.info().early_data), "accepted");
  EXPECT_EQ(as_text(pair.server.received), data);
  expect_usable(pair);
}

// --- Off unless both say so
// --------------------------------------------------------------------------------------------------------

TEST(EarlyDataTest, IsOffByDefault) {
  EXPECT_FALSE(ClientOptions().sessions.early_data);
  EXPECT_EQ(ServerOptions().sessions.max_early_data, 0u);
  for (bool client : {false, true})
    for (bool server : {false, true}) {
      Resumer resumer;
      if (server) resumer.allow_early_data();
      resumer.client.sessions.early_data = client;
      ASSERT_TRUE(full(resumer.connect()));
      Pair pair = resumer.begin();
      EXPECT_EQ(pair.client.connection.early_data_left() != 0, client && server);
      if (!(client && server)) {
        EXPECT_FALSE(pair.client.connection.send_early_data(as_bytes("early")));
      }
      pump_and_answer(pair);
      ASSERT_TRUE(ended_with(pair, Resumption::psk));
      const EarlyData expected = client && server ? EarlyData::accepted
                                 : client         ? EarlyData::unsupported_for_session
                                                  : EarlyData::disabled;
      EXPECT_EQ(name(pair.client.connection.info().early_data), name(expected));
      EXPECT_EQ(name(pair.server.connection.info().early_data), name(client && server ? EarlyData::accepted
                                                                     : server         ? EarlyData::peer_declined
                                                                                      : EarlyData::disabled));
    }
}

/// A config of TLS 1.2 alone may ask for it: nothing comes of that, and why is told.
TEST(EarlyDataTest, ThereIsNoneInTls12) {
  for (bool client : {true, false}) {
    Resumer resumer = early_resumer();
    CommonOptions& older = client ? static_cast<CommonOptions&>(resumer.client) : resumer.server;
    older.max_version = ProtocolVersion::tls1_2;
    ASSERT_TRUE(full(resumer.connect()));
    Pair pair = resumer.begin();
    EXPECT_EQ(pair.client.connection.early_data_left(), 0u);
    pump_and_answer(pair);
    ASSERT_TRUE(ended_with(pair, Resumption::ticket));
    EXPECT_EQ(name(pair.client.connection.info().early_data), "protocol_version");
    EXPECT_EQ(name(pair.server.connection.info().early_data), "protocol_version");
    expect_usable(pair);
  }
}

TEST(EarlyDataTest, NeedsASessionOfTls13) {
  Resumer resumer = early_resumer();
  Pair first = resumer.connect();
  EXPECT_EQ(name(first.client.connection.info().early_data), "no_session_offered");
  EXPECT_EQ(name(first.server.connection.info().early_data), "no_session_offered");
  Resumer older = early_resumer();
  older.server.max_version = ProtocolVersion::tls1_2;
  older.server.sessions.max_early_data = 0;
  for (const char* expected : {"no_session_offered", "protocol_version"}) {
    Pair pair = older.connect();
    ASSERT_TRUE(pair.connected());
    EXPECT_EQ(name(pair.client.connection.info().early_data), expected);
    EXPECT_EQ(name(pair.server.connection.info().early_data), "disabled");
  }
  Resumer other = early_resumer();
  other.client.sessions.early_data = false;
  other.client.max_version = ProtocolVersion::tls1_2;
  for (int i = 0; i < 2; ++i) {
    Pair pair = other.connect();
    ASSERT_TRUE(pair.connected());
    EXPECT_EQ(name(pair.client.connection.info().early_data), "disabled");
    EXPECT_EQ(name(pair.server.connection.info().early_data), "protocol_version");
  }
}

/// RFC 8446, appendix D.3: that is no server that gave out the ticket.
TEST(EarlyDataTest, AServerThatHasForgottenTls13) {
  Resumer resumer = early_resumer();
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.max_version = ProtocolVersion::tls1_2;
  resumer.server.sessions.max_early_data = 0;
  Pair pair = begin_early(resumer);
  pump_and_answer(pair);
  EXPECT_EQ(alert(pair.client.connection), "protocol_version");
  EXPECT_TRUE(pair.server.received.empty());
}

TEST(EarlyDataTest, Accepted) {
  for (Resumer resumer : {early_resumer(), stored_resumer()}) {
    ASSERT_TRUE(full(resumer.connect()));
    for (int i = 0; i < 3; ++i) {
      Pair pair = begin_early(resumer);
      expect_accepted(pair);
      EXPECT_FALSE(pair.client.connection.resend_early_data());
    }
  }
}

TEST(EarlyDataTest, IsMarkedAsSuch) {
  Resumer resumer = early_resumer();
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = begin_early(resumer);
  Buffer flight = take_output(pair.client.connection);
  MutableBytes rest = flight;
  bool seen = false;
  while (true) {
    const Received step = value(pair.server.connection.receive(rest));
    if (!step.data.empty()) {
      EXPECT_TRUE(step.early);
      seen = true;
    }
    if (step.consumed == 0) break;
    rest = rest.subspan(step.consumed);
  }
  EXPECT_TRUE(seen);
  EXPECT_TRUE(pair.server.connection.handshaking());
  pair.pump();
  value(pair.client.connection.send(as_bytes("late")));
  flight = take_output(pair.client.connection);
  const Received late = value(pair.server.connection.receive(flight));
  EXPECT_EQ(as_text(late.data), "late");
  EXPECT_FALSE(late.early);
}

TEST(EarlyDataTest, ExportersAgree) {
  Resumer resumer = early_resumer();
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.begin();
  Buffer first(32), client(32), server(32), other(32), ordinary(32);
  value(pair.client.connection.export_early_keying_material("EXPORTER-test", as_bytes("context"), first));
  pump_and_answer(pair);
  value(pair.client.connection.export_early_keying_material("EXPORTER-test", as_bytes("context"), client));
  value(pair.server.connection.export_early_keying_material("EXPORTER-test", as_bytes("context"), server));
  value(pair.server.connection.export_early_keying_material("EXPORTER-test", as_bytes("other"), other));
  value(pair.server.connection.export_keying_material("EXPORTER-test", as_bytes("context"), ordinary));
  EXPECT_EQ(first, client);
  EXPECT_EQ(client, server);
  EXPECT_NE(server, other);
  EXPECT_NE(server, ordinary);
}

// --- Why it is not taken
// -----------------------------------------------------------------------------------------------------------

TEST(EarlyDataTest, AnotherProtocol) {
  Resumer resumer = early_resumer();
  resumer.client.application_protocols = resumer.server.application_protocols = {"h2", "http/1.1"};
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  held->fixed = true;
  resumer.client.application_protocols = {"http/1.1", "h2"};
  {  // The server's order decides as before.
    Pair pair = begin_early(resumer);
    expect_accepted(pair);
  }
  resumer.client.application_protocols = {"http/1.1"};
  SessionTrace trace;
  Pair unable = resumer.begin("server.example", &trace);
  EXPECT_EQ(unable.client.connection.early_data_left(), 0u);
  EXPECT_EQ(name(unable.client.connection.info().early_data), "alpn_mismatch");
}

/// The session was made under one protocol, and now another is chosen.
TEST(EarlyDataTest, AnotherProtocolIsChosen) {
  Resumer resumer = early_resumer();
  resumer.client.application_protocols = {"http/1.1"};
  resumer.server.application_protocols = {"h2", "http/1.1"};
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.client.application_protocols = {"http/1.1", "h2"};
  Pair pair = begin_early(resumer);
  expect_rejected(pair, EarlyData::peer_declined, EarlyData::alpn_mismatch);
  EXPECT_EQ(pair.client.connection.info().application_protocol, "h2");
  // What was meant for the other protocol is not sent in this one.
  EXPECT_EQ(pair.client.connection.resend_early_data().error().reason(), Reason::wrong_application_protocol);
  pair.pump();
  EXPECT_TRUE(pair.connected()) << "and that is no failure of the connection";
}

TEST(EarlyDataTest, ARetry) {
  for (Resumer resumer : {early_resumer(), stored_resumer()}) {
    resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
    ASSERT_TRUE(full(resumer.connect()));
    resumer.server.groups = {NamedGroup::secp256r1};
    Pair pair = begin_early(resumer);
    expect_rejected(pair, EarlyData::hello_retry_request, EarlyData::hello_retry_request);
    value(pair.client.connection.resend_early_data());
    pair.server.received.clear();
    pair.pump();
    EXPECT_EQ(as_text(pair.server.received), "early");
  }
}

TEST(EarlyDataTest, TheSessionIsNotResumed) {
  for (Resumer resumer : {early_resumer(), stored_resumer()}) {
    ASSERT_TRUE(full(resumer.connect()));
    if (resumer.server.sessions.ticket_keys)
      resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
    else
      resumer.server.sessions.store = std::make_shared<MemorySessionStore>();
    Pair pair = begin_early(resumer);
    expect_rejected(pair, EarlyData::session_not_resumed, EarlyData::session_not_resumed, Resumption::none);
  }
}

TEST(EarlyDataTest, OffByNow) {
  Resumer resumer = early_resumer();
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.sessions.max_early_data = 0;
  Pair pair = begin_early(resumer);
  expect_rejected(pair, EarlyData::peer_declined, EarlyData::disabled);
}

TEST(EarlyDataTest, ASessionFromBefore) {
  Resumer resumer = early_resumer();
  resumer.server.sessions.max_early_data = 0;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.sessions.max_early_data = 1000;
  // The client believes what nobody has told it.
  held->held = changed(*held->held, [](session::ClientSession& session) { session.session.max_early_data = 500; });
  Pair pair = begin_early(resumer);
  expect_rejected(pair, EarlyData::peer_declined, EarlyData::unsupported_for_session);
}

TEST(EarlyDataTest, AnExternalKeyTakesNone) {
  Resumer resumer = early_resumer();
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.client.pre_shared_keys =
      resumer.server.pre_shared_keys = {value(PreSharedKey::external(as_bytes("id"), Buffer(32, 1)))};
  resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  Pair pair = begin_early(resumer);
  expect_rejected(pair, EarlyData::session_not_resumed, EarlyData::session_not_resumed, Resumption::external_psk);
}

// --- Replays
// -------------------------------------------------------------------------------------------------------------------

TEST(EarlyDataTest, TheAgeOfTheTicket) {
  for (std::int64_t seconds : {0, 9, 10, 11, 100}) {
    for (int sign : {1, -1}) {
      Resumer resumer = early_resumer();
      resumer.client.clock = std::make_shared<FixedClock>();  // one of its own, which stands still
      ASSERT_TRUE(full(resumer.connect()));
      if (sign < 0) static_cast<FixedClock&>(*resumer.client.clock).seconds += seconds;
      if (sign > 0) resumer.clock->seconds += seconds;
      Pair pair = begin_early(resumer);
      if (seconds <= 10)
        expect_accepted(pair);
      else
        expect_rejected(pair, EarlyData::peer_declined, EarlyData::ticket_age_skew);
      EXPECT_EQ(pair.server.connection.info().ticket_age_skew, -sign * seconds);
    }
  }
}

/// Clocks that go on together are no skew, however old the ticket is.
TEST(EarlyDataTest, AnOldTicket) {
  Resumer resumer = early_resumer();
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += 3000;
  Pair pair = begin_early(resumer);
  expect_accepted(pair);
}

/// The flight goes to one server after the other; the first takes it.
TEST(EarlyDataTest, TheSameFlightTwice) {
  Resumer resumer = early_resumer();
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = begin_early(resumer);
  const Buffer flight = take_output(pair.client.connection);
  End first{make_server(resumer.server), {}, {}};
  End second{make_server(resumer.server), {}, {}};
  first.feed(flight);
  second.feed(flight);
  EXPECT_EQ(as_text(first.received), "early");
  EXPECT_EQ(name(first.connection.info().early_data), "accepted");
  EXPECT_TRUE(second.received.empty());
  EXPECT_EQ(name(second.connection.info().early_data), "replayed");
  EXPECT_TRUE(second.connection.handshaking());
  EXPECT_FALSE(second.connection.can_send());
}

/// Rejected once, it is not taken later: the client may have sent it again in the meantime.
TEST(EarlyDataTest, WhatWasRejectedIsNotTakenLater) {
  Resumer resumer = early_resumer();
  resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = begin_early(resumer);
  const Buffer flight = take_output(pair.client.connection);
  // A worker with other groups asks for a retry. To another worker, which would take it, it comes for the first time.
  ServerOptions other = resumer.server;
  other.groups = {NamedGroup::secp256r1};
  End retrying{make_server(other), {}, {}};
  retrying.feed(flight);
  EXPECT_TRUE(retrying.received.empty());
  EXPECT_EQ(name(retrying.connection.info().early_data), "hello_retry_request");
  End taking{make_server(resumer.server), {}, {}};
  taking.feed(flight);
  EXPECT_TRUE(taking.received.empty());
  EXPECT_EQ(name(taking.connection.info().early_data), "replayed");
}

TEST(EarlyDataTest, AStoredSessionTwice) {
  Resumer resumer = stored_resumer();
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = begin_early(resumer);
  const Buffer flight = take_output(pair.client.connection);
  int accepted = 0;
  for (int i = 0; i < 10; ++i) {
    End server{make_server(resumer.server), {}, {}};
    server.feed(flight);
    EXPECT_FALSE(server.connection.error());
    accepted += server.connection.info().early_data == EarlyData::accepted;
    if (i == 0) {
      EXPECT_EQ(as_text(server.received), "early");
    } else {
      EXPECT_TRUE(server.received.empty());
      EXPECT_EQ(name(server.connection.info().early_data), "session_not_resumed");
    }
  }
  EXPECT_EQ(accepted, 1);
}

/// Fifty connections of several threads, each with a config made for it: the keys and the register are all they share.
TEST(EarlyDataTest, OneFlightToFiftyServersAtOnce) {
  for (bool stored : {false, true})
    for (int round = 0; round < 4; ++round) {
      Resumer resumer = stored ? stored_resumer() : early_resumer();
      ASSERT_TRUE(full(resumer.connect()));
      Pair pair = begin_early(resumer);
      const Buffer flight = take_output(pair.client.connection);
      std::atomic<int> accepted = 0, received = 0, waiting = 0, refused = 0;
      std::atomic<bool> go = false;
      std::vector<std::thread> threads;
      for (int thread = 0; thread < 5; ++thread)
        threads.emplace_back([&] {
          std::vector<End> servers;
          for (int i = 0; i < 10; ++i) {
            ServerOptions options = resumer.server;
            options.clock = std::make_shared<FixedClock>();
            servers.push_back({make_server(std::move(options)), {}, {}});
          }
          while (!go) std::this_thread::yield();
          for (End& server : servers) {
            server.feed(flight);
            const EarlyData outcome = server.connection.info().early_data;
            accepted += outcome == EarlyData::accepted;
            received += as_text(server.received) == "early";
            waiting += server.connection.handshaking() && !server.connection.error();
            refused += outcome == (stored ? EarlyData::session_not_resumed : EarlyData::replayed) &&
                       server.received.empty() && !server.connection.can_send();
          }
        });
      go = true;
      for (std::thread& thread : threads) thread.join();
      EXPECT_EQ(accepted, 1);
      EXPECT_EQ(received, 1);
      EXPECT_EQ(waiting, 50);
      EXPECT_EQ(refused, 49);
    }
}

TEST(EarlyDataTest, ARegisterThatIsFull) {
  Resumer resumer = early_resumer();
  resumer.server.sessions.strike_register = std::make_shared<StrikeRegister>(
      StrikeRegister::Options{.freshness = 10'000, .flights = 2}, resumer.clock->now_milliseconds() - 1);
  ASSERT_TRUE(full(resumer.connect()));
  for (int i = 0; i < 2; ++i) {
    Pair pair = begin_early(resumer);
    expect_accepted(pair);
  }
  Pair pair = begin_early(resumer);
  expect_rejected(pair, EarlyData::peer_declined, EarlyData::unsure);
  // When what it knows is fresh no longer, there is room again.
  resumer.clock->seconds += 21;
  Pair later = begin_early(resumer);
  expect_accepted(later);
}

/// A restart: the ticket keys were kept, what was taken is forgotten.
TEST(EarlyDataTest, ARegisterThatBeganAfterTheTicket) {
  Resumer resumer = early_resumer();
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += 5;
  Pair pair = begin_early(resumer);
  const Buffer flight = take_output(pair.client.connection);
  resumer.server.sessions.strike_register = std::make_shared<StrikeRegister>(resumer.clock->now_milliseconds());
  for (std::int64_t after : {0, 10, 5, 4}) {
    resumer.clock->seconds += after;  // 0, 10, 15, 19 seconds
    End server{make_server(resumer.server), {}, {}};
    server.feed(flight);
    EXPECT_NE(server.connection.info().early_data, EarlyData::accepted) << after;
    EXPECT_TRUE(server.received.empty());
    EXPECT_FALSE(server.connection.error());
  }
  resumer.clock->seconds += 1;
  End server{make_server(resumer.server), {}, {}};
  server.feed(flight);
  EXPECT_EQ(name(server.connection.info().early_data), "ticket_age_skew") << "nobody can have it taken any more";
  // A new flight of an old ticket is taken again.
  Pair later = begin_early(resumer);
  expect_accepted(later);
}

/// A ticket that holds its session, at a config that gives out IDs and has no register.
TEST(EarlyDataTest, ATicketOfAnotherConfigWithoutARegister) {
  Resumer resumer = early_resumer();
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.sessions.strike_register = nullptr;
  resumer.server.sessions.store = std::make_shared<MemorySessionStore>();
  resumer.server.sessions.stored_tickets = true;
  Pair pair = begin_early(resumer);
  expect_rejected(pair, EarlyData::peer_declined, EarlyData::unsure);
}

}  // namespace
}  // namespace handfast::test
