// Ten thousand resumptions of several threads, under keys that rotate and a clock that moves: none is lost that the
// rules allow, and stores stay in their bounds.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/resumption.h"

namespace handfast::test {
namespace {

/// One for all threads.
class MovingClock final : public Clock {
 public:
  std::int64_t now() override { return seconds; }
  std::uint64_t monotonic() override { return ++ticks_; }
  std::atomic<std::int64_t> seconds = FixedClock().seconds;

 private:
  std::atomic<std::uint64_t> ticks_ = 0;
};

constexpr std::int64_t lifetime = 200;
constexpr int threads = 4;
constexpr int connections_of_a_thread = 2'600;

/// The servers of all carriers, made anew now and then as by a reload.
struct Servers {
  std::shared_ptr<MovingClock> clock = std::make_shared<MovingClock>();
  std::shared_ptr<TicketKeys> keys =
      std::make_shared<RotatingTicketKeys>(RotatingTicketKeys::Options{.rotation = 20, .ticket_lifetime = lifetime});
  std::shared_ptr<MemorySessionStore> store = std::make_shared<MemorySessionStore>();

  ServerOptions options(Carrier carrier) const {
    ServerOptions options = resumer_for(carrier).server;
    options.clock = clock;
    options.sessions.lifetime = lifetime;
    if (options.sessions.ticket_keys) options.sessions.ticket_keys = keys;
    if (options.sessions.store) options.sessions.store = store;
    return options;
  }
  ClientOptions client(Carrier carrier) const {
    ClientOptions options = resumer_for(carrier).client;
    options.clock = clock;
    return options;
  }
};

struct Counts {
  std::atomic<int> resumed = 0, full = 0, lost = 0, too_old = 0, failed = 0;
};

void connect_often(const Servers& servers, Counts& counts) {
  constexpr Carrier carriers[] = {Carrier::psk_ticket, Carrier::psk_stored, Carrier::tls12_ticket, Carrier::tls12_id};
  struct Mine {
    std::shared_ptr<const ClientConfig> client;
    std::shared_ptr<const ServerConfig> server;
    std::optional<std::pair<std::int64_t, std::int64_t>> authenticated{};  ///< between these moments
  };
  std::vector<Mine> mine;
  for (Carrier carrier : carriers)
    mine.push_back(
        {value(ClientConfig::make(servers.client(carrier))), value(ServerConfig::make(servers.options(carrier)))});
  for (int i = 0; i < connections_of_a_thread; ++i) {
    Mine& used = mine[static_cast<std::size_t>(i % 4)];
    if (i % 100 == 99) used.server = value(ServerConfig::make(servers.options(carriers[i % 4])));
    const std::int64_t before = servers.clock->seconds;
    Pair pair{ClientOptions(servers.client(carriers[i % 4])), servers.options(carriers[i % 4])};
    pair.client.connection = value(Connection::client(used.client, "server.example"));
    pair.server.connection = Connection::server(used.server);
    pair.pump();
    const std::int64_t after = servers.clock->seconds;
    if (!pair.connected()) {
      ++counts.failed;
    } else if (pair.server.connection.info().resumption != Resumption::none) {
      ++counts.resumed;
      // What is resumed is not older than it may be, however often it was resumed.
      if (!used.authenticated || before - used.authenticated->second >= lifetime) ++counts.too_old;
    } else {
      ++counts.full;
      if (used.authenticated && after - used.authenticated->first < lifetime) ++counts.lost;
      used.authenticated = {before, after};
    }
    if (i % 4 == 0) ++servers.clock->seconds;
  }
}

TEST(ResumptionLoad, TenThousand) {
  const Servers servers;
  Counts counts;
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread) running.emplace_back([&] { connect_often(servers, counts); });
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(counts.failed, 0);
  EXPECT_EQ(counts.lost, 0);
  EXPECT_EQ(counts.too_old, 0);
  EXPECT_GE(counts.resumed, 10'000);
  EXPECT_GE(counts.full, threads * 4);
}

/// A small store for many clients: what is pushed out costs a full handshake and nothing else.
TEST(ResumptionLoad, ASmallStore) {
  Servers servers;
  const MemorySessionStore::Options bounds{.entries = 20, .bytes = 20'000, .shards = 4};
  servers.store = std::make_shared<MemorySessionStore>(bounds);
  std::atomic<int> failed = 0, beyond = 0, resumed = 0;
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread)
    running.emplace_back([&] {
      for (Carrier carrier : {Carrier::psk_stored, Carrier::tls12_id}) {
        const auto server = value(ServerConfig::make(servers.options(carrier)));
        std::vector<std::shared_ptr<const ClientConfig>> clients;
        for (int i = 0; i < 10; ++i) {
          ClientOptions options = servers.client(carrier);
          options.sessions.store = std::make_shared<MemoryClientSessionStore>();
          clients.push_back(value(ClientConfig::make(std::move(options))));
        }
        for (std::size_t i = 0; i < 100; ++i) {
          Pair pair;
          pair.client.connection = value(Connection::client(clients[i % 7 % 10], "server.example"));
          pair.server.connection = Connection::server(server);
          pair.pump();
          failed += !pair.connected();
          resumed += pair.server.connection.info().resumption != Resumption::none;
          beyond += servers.store->size() > bounds.entries || servers.store->bytes() > bounds.bytes;
        }
      }
    });
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(beyond, 0);
  EXPECT_LT(resumed, threads * 200);
}

}  // namespace
}  // namespace handfast::test
