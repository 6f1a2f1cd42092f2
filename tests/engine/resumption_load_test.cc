// Ten thousand resumptions of several threads, under keys that rotate and a clock that moves: none is lost that the
// rules allow, and stores stay in their bounds all the while.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <functional>
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
constexpr std::size_t tickets_kept = 3;  ///< of a client, at one server

/// The servers of all carriers, made anew now and then as by a reload.
struct Servers {
  std::shared_ptr<MovingClock> clock = std::make_shared<MovingClock>();
  std::shared_ptr<TicketKeys> keys =
      std::make_shared<RotatingTicketKeys>(RotatingTicketKeys::Options{.rotation = 20, .ticket_lifetime = lifetime});
  MemorySessionStore::Options bounds;
  std::shared_ptr<MemorySessionStore> store;

  explicit Servers(MemorySessionStore::Options of_store)
      : bounds(of_store), store(std::make_shared<MemorySessionStore>(of_store)) {}
  bool in_bounds() const { return store->size() <= bounds.entries && store->bytes() <= bounds.bytes; }

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
    options.sessions.store =
        std::make_shared<MemoryClientSessionStore>(MemoryClientSessionStore::Options{.per_server = tickets_kept});
    return options;
  }
};

struct Counts {
  std::atomic<int> resumed = 0, full = 0, lost = 0, too_old = 0, failed = 0, beyond = 0;
};

/// Runs `work` in as many threads as there are, and looks at the store until the last of them has ended. How often it
/// was found out of its bounds.
int run_watched(const Servers& servers, const std::function<void()>& work) {
  std::atomic<int> running = threads;
  std::vector<std::jthread> all;
  for (int thread = 0; thread < threads; ++thread)
    all.emplace_back([&] {
      work();
      --running;
    });
  int beyond = 0;
  while (running > 0) {
    beyond += !servers.in_bounds();
    std::this_thread::yield();
  }
  return beyond + !servers.in_bounds();
}

/// Who is held up holds up the others: else the clock, which they move, would run away from it by more than keys take
/// to rotate, as no clock does between two lines of a program.
class Pace {
 public:
  explicit Pace(std::barrier<>& all) : all_(all) {}
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;
  ~Pace() { all_.arrive_and_drop(); }
  void keep(int step) {
    if (step % 8 == 7) all_.arrive_and_wait();
  }

 private:
  std::barrier<>& all_;
};

void connect_often(const Servers& servers, Counts& counts, std::barrier<>& all) {
  Pace pace(all);
  constexpr Carrier carriers[] = {Carrier::psk_ticket, Carrier::psk_stored, Carrier::tls12_ticket, Carrier::tls12_id};
  struct Mine {
    std::shared_ptr<const ClientConfig> client;
    std::shared_ptr<const ServerConfig> server;
    std::size_t sessions() const {
      return static_cast<const MemoryClientSessionStore&>(*client->options().sessions.store).size();
    }
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
    if (used.sessions() > tickets_kept) ++counts.beyond;
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
    pace.keep(i);
  }
}

/// In a store that has room for what is alive, and for less than what is given out.
TEST(ResumptionLoad, TenThousand) {
  // From a session's coming to its end each client has at most two full handshakes, which leave two sessions of TLS 1.3
  // or one of TLS 1.2, beside the one that it had; what is resumed gives back what it has taken. That makes eight a
  // thread: no living one is pushed out, even where all fall in one shard.
  const Servers servers({.entries = 80, .bytes = 40'000, .shards = 2});
  Counts counts;
  std::barrier all(threads);
  EXPECT_EQ(run_watched(servers, [&] { connect_often(servers, counts, all); }), 0);
  EXPECT_EQ(counts.failed, 0);
  EXPECT_EQ(counts.lost, 0);
  EXPECT_EQ(counts.too_old, 0);
  EXPECT_EQ(counts.beyond, 0) << "in a client's store";
  EXPECT_GE(counts.resumed, 10'000);
  EXPECT_GE(counts.full, threads * 4);
  EXPECT_GT(servers.store->size(), servers.bounds.entries / 2) << "its bounds were never reached";
}

struct Crowd {
  static constexpr std::size_t clients = 30;
  static constexpr std::size_t rounds = 4;
  std::atomic<std::size_t> connected = 0, resumed = 0;

  /// Clients that come one after the other, and again.
  void come(const Servers& servers, Carrier carrier) {
    const auto server = value(ServerConfig::make(servers.options(carrier)));
    std::vector<std::shared_ptr<const ClientConfig>> configs;
    for (std::size_t i = 0; i < clients; ++i) configs.push_back(value(ClientConfig::make(servers.client(carrier))));
    for (std::size_t round = 0; round < rounds; ++round)
      for (const auto& config : configs) connect(config, server);
  }
  bool connect(const std::shared_ptr<const ClientConfig>& client, const std::shared_ptr<const ServerConfig>& server) {
    Pair pair;
    pair.client.connection = value(Connection::client(client, "server.example"));
    pair.server.connection = Connection::server(server);
    pair.pump();
    const bool resumes = pair.server.connection.info().resumption != Resumption::none;
    connected += pair.connected();
    resumed += resumes;
    return resumes;
  }
};

/// A small store for many clients: what is pushed out costs a full handshake and nothing else.
TEST(ResumptionLoad, ASmallStore) {
  constexpr Carrier carriers[] = {Carrier::psk_stored, Carrier::tls12_id};
  // The bytes let a shard hold five sessions, or less of those that are longer.
  for (std::size_t bytes : {20'000u, 6'000u}) {
    const Servers servers({.entries = 20, .bytes = bytes, .shards = 4});
    Crowd crowd;
    EXPECT_EQ(run_watched(servers,
                          [&] {
                            for (Carrier carrier : carriers) crowd.come(servers, carrier);
                          }),
              0);
    EXPECT_EQ(crowd.connected, threads * std::size(carriers) * Crowd::clients * Crowd::rounds);
    // With room for all, each client would have been resumed in every round but its first. But in no round of a thread
    // are more resumed than the store held when it began: what comes in later is of clients that have had their turn.
    static_assert(Crowd::clients > 20);
    EXPECT_LE(crowd.resumed, threads * std::size(carriers) * servers.bounds.entries * (Crowd::rounds - 1));
    EXPECT_GT(servers.store->size(), 0u);
    // Full as it is, it takes what comes.
    for (Carrier carrier : carriers) {
      const auto client = value(ClientConfig::make(servers.client(carrier)));
      const auto server = value(ServerConfig::make(servers.options(carrier)));
      EXPECT_FALSE(crowd.connect(client, server));
      EXPECT_TRUE(crowd.connect(client, server));
      EXPECT_TRUE(servers.in_bounds());
    }
  }
}

}  // namespace
}  // namespace handfast::test
