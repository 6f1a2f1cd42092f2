// Memory runs out at every allocation of a handshake: an error, never an exception, never a leak, never a good end.
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "engine/resumption.h"

namespace {

/// How many allocations still succeed in this thread; negative: all.
thread_local long allocations_left = -1;
thread_local bool ran_out = false;

void* allocate(std::size_t size) {
  if (allocations_left == 0) {
    ran_out = true;
    throw std::bad_alloc();
  }
  if (allocations_left > 0) --allocations_left;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace handfast::test {
namespace {

/// Runs `operation` with memory for `count` allocations only; true if that was enough.
template <typename Operation>
bool with_memory_for(long count, Operation operation) {
  allocations_left = count;
  ran_out = false;
  operation();
  allocations_left = -1;
  return !ran_out;
}

void feed(Connection& to, Buffer bytes, long count, bool& enough) {
  enough = with_memory_for(count, [&] {
    std::size_t done = 0;
    while (Result<Received> step = to.receive(MutableBytes(bytes).subspan(done))) {
      done += step->consumed;
      if (step->consumed == 0) break;
    }
  });
}

/// A flight that one side takes in fails at its n-th allocation, for every n: the ClientHello (0), the server's (1),
/// the client's second (2), and in TLS 1.2 the server's second (3).
void run(ProtocolVersion version, int failing_flight) {
  ClientOptions client_with = client_options();
  client_with.max_version = version;
  const auto client_config = value(ClientConfig::make(std::move(client_with)));
  ServerOptions options = server_options();
  options.client_auth = ClientAuth::request;
  options.client_trust = shared_authority().anchors();
  const auto server_config = value(ServerConfig::make(std::move(options)));
  std::size_t failures = 0;
  bool enough = false;
  for (long count = 0; !enough; ++count) {
    ASSERT_LT(count, 2000);
    Connection client = value(Connection::client(client_config, "server.example"));
    Connection server = Connection::server(server_config);
    const auto sender = [&](int flight) -> Connection& { return flight % 2 == 0 ? client : server; };
    bool ignored = false;
    for (int flight = 0; flight < failing_flight; ++flight)
      feed(sender(flight + 1), take_output(sender(flight)), -1, ignored);
    Connection& failing = sender(failing_flight + 1);
    feed(failing, take_output(sender(failing_flight)), count, enough);
    if (enough) {
      EXPECT_FALSE(failing.error()) << failing.error()->message();
      continue;
    }
    ++failures;
    ASSERT_TRUE(failing.error()) << count;
    EXPECT_EQ(failing.error()->reason(), Reason::out_of_memory) << count;
    EXPECT_EQ(failing.error()->alert(), Alert::internal_error);
    EXPECT_FALSE(failing.handshaking());
  }
  EXPECT_GT(failures, failing_flight < 2 ? 10u : 0u);
}

/// The same for an authentication after the handshake: of the server's asking (0), the client's answer (1), and the
/// server's taking it in (2).
void run_post_handshake(int failing_step) {
  ClientOptions client_with = client_options();
  client_with.post_handshake_auth = true;
  client_with.credentials = {shared_authority().credential("client.example")};
  ServerOptions server_with = server_options();
  server_with.post_handshake_auth = true;
  server_with.client_trust = shared_authority().anchors();
  std::size_t failures = 0;
  bool enough = false;
  for (long count = 0; !enough; ++count) {
    ASSERT_LT(count, 2000);
    Pair pair(client_with, server_with);
    pair.pump();
    Connection& client = pair.client.connection;
    Connection& server = pair.server.connection;
    bool ignored = false;
    auto given = [&](int step) { return step == failing_step ? count : -1; };
    auto told = [&](int step) -> bool& { return step == failing_step ? enough : ignored; };
    told(0) = with_memory_for(given(0), [&] { static_cast<void>(server.request_certificate()); });
    feed(client, take_output(server), given(1), told(1));
    if (!client.error()) feed(server, take_output(client), given(2), told(2));
    const Connection& failing = failing_step == 1 ? client : server;
    if (enough) {
      EXPECT_TRUE(server.info().peer_verified);
      continue;
    }
    ++failures;
    ASSERT_TRUE(failing.error()) << count;
    EXPECT_EQ(failing.error()->reason(), Reason::out_of_memory) << count;
    EXPECT_FALSE(server.info().peer_verified);
  }
  EXPECT_GT(failures, 5u);
}

/// A handshake that resumes, of which one flight fails at its n-th allocation. What only the session needs may be given
/// up for want of memory: then it goes on in full.
void run_resumed(Carrier carrier, bool early_data, int failing_flight) {
  Resumer resumer = resumer_for(carrier);
  if (early_data) resumer.allow_early_data();
  resumer.server.client_auth = ClientAuth::request;
  resumer.server.client_trust = shared_authority().anchors();
  static const auto credential = shared_authority().credential("client.example");
  resumer.client.credentials = {credential};
  const auto client_config = value(ClientConfig::make(resumer.client));
  const auto server_config = value(ServerConfig::make(resumer.server));
  std::size_t failures = 0;
  bool enough = false;
  for (long count = 0; !enough; ++count) {
    ASSERT_LT(count, 2000);
    Pair pair;
    Connection& client = pair.client.connection;
    Connection& server = pair.server.connection;
    const auto start = [&] {
      client = value(Connection::client(client_config, "server.example"));
      server = Connection::server(server_config);
    };
    start();
    pair.pump();
    ASSERT_TRUE(full(pair) || ended_with(pair, resumption_of(carrier)));
    start();
    if (early_data) value(client.send_early_data(as_bytes("early")));
    const auto sender = [&](int flight) -> Connection& { return flight % 2 == 0 ? client : server; };
    bool ignored = false;
    for (int flight = 0; flight < failing_flight; ++flight)
      feed(sender(flight + 1), take_output(sender(flight)), -1, ignored);
    Connection& failing = sender(failing_flight + 1);
    feed(failing, take_output(sender(failing_flight)), count, enough);
    if (failing.error()) {
      ++failures;
      ASSERT_FALSE(enough) << failing.error()->message();
      EXPECT_EQ(failing.error()->reason(), Reason::out_of_memory) << count;
      EXPECT_EQ(failing.error()->alert(), Alert::internal_error);
      EXPECT_FALSE(failing.handshaking());
      continue;
    }
    pair.pump();
    EXPECT_TRUE(pair.connected()) << count << " " << reason(client) << " " << reason(server);
  }
  EXPECT_GT(failures, failing_flight < 2 ? 5u : 0u);
}

TEST(Memory, RunsOutAnywhereInAResumption) {
  for (Carrier carrier : {Carrier::psk_ticket, Carrier::psk_stored})
    for (int flight : {0, 1, 2}) run_resumed(carrier, false, flight);
  for (int flight : {0, 1, 2}) run_resumed(Carrier::psk_ticket, true, flight);
}
TEST(Memory, RunsOutAnywhereInAResumptionOfTls12) {
  for (Carrier carrier : {Carrier::tls12_ticket, Carrier::tls12_id})
    for (int flight : {0, 1, 2}) run_resumed(carrier, false, flight);
}

/// A client that has no memory for its offer.
TEST(Memory, RunsOutAnywhereInAnOffer) {
  for (Carrier carrier : {Carrier::psk_ticket, Carrier::tls12_ticket, Carrier::tls12_id}) {
    Resumer resumer = resumer_for(carrier);
    if (carrier == Carrier::psk_ticket) resumer.allow_early_data();
    hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    const auto config = value(ClientConfig::make(resumer.client));
    bool enough = false;
    for (long count = 0; !enough; ++count) {
      ASSERT_LT(count, 2000);
      enough = with_memory_for(count, [&] {
        try {
          const Result<Connection> client = Connection::client(config, "server.example");
          // There was memory for a connection, and none for its ClientHello.
          if (client && client->error()) {
            EXPECT_EQ(client->error()->reason(), Reason::out_of_memory);
          }
        } catch (const std::bad_alloc&) {
        }
      });
    }
  }
}

/// Early data that there is no memory to keep is not sent.
TEST(Memory, RunsOutWhileSendingEarlyData) {
  Resumer resumer;
  resumer.allow_early_data();
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  bool enough = false;
  for (long count = 0; !enough; ++count) {
    ASSERT_LT(count, 100);
    Pair pair = resumer.begin();
    const Buffer data(900, 1);
    bool sent = false;
    enough = with_memory_for(count, [&] { sent = pair.client.connection.send_early_data(data).has_value(); });
    EXPECT_EQ(sent, enough) << count;
  }
}

TEST(Memory, RunsOutAnywhereInAPostHandshakeAuthentication) {
  for (int step : {0, 1, 2}) run_post_handshake(step);
}

TEST(Memory, RunsOutAnywhereInAHandshake) {
  for (int flight : {0, 1, 2}) run(ProtocolVersion::tls1_3, flight);
}
TEST(Memory, RunsOutAnywhereInAHandshakeOfTls12) {
  for (int flight : {0, 1, 2, 3}) run(ProtocolVersion::tls1_2, flight);
}

TEST(Memory, RunsOutWhileSending) {
  Pair pair;
  pair.pump();
  const Buffer data(100'000, 1);
  const bool enough = with_memory_for(0, [&] { EXPECT_FALSE(pair.client.connection.send(data)); });
  EXPECT_FALSE(enough);
  EXPECT_EQ(reason(pair.client.connection), "out_of_memory");
}

}  // namespace
}  // namespace handfast::test
