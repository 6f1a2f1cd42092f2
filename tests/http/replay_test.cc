// One flight of early data, recorded and sent to every worker of two servers at once: it is answered once.
#include <atomic>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <handfast/stream.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "http/running.h"

namespace handfast::http {
namespace {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

constexpr int threads = 5;
constexpr int connections_of_a_thread = 10;
constexpr std::size_t answer_size = 20'000;  ///< more than a handshake

/// How sessions are kept; those in a store are good once.
enum class Kept : std::uint8_t { in_tickets, in_a_store };

ServerOptions server_options(Kept kept) {
  ServerOptions options = test::server_options();
  options.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  options.sessions.max_early_data = 1000;
  if (kept == Kept::in_a_store) {
    options.sessions.store = std::make_shared<MemorySessionStore>();
    options.sessions.stored_tickets = true;
  } else {
    // However long the test takes, and whenever the tickets were issued.
    options.sessions.strike_register =
        std::make_shared<StrikeRegister>(StrikeRegister::Options{.freshness = 3'600'000}, 0);
  }
  return options;
}

/// Two servers with configs of their own, several workers each, and keys, register and store in common.
struct Site {
  explicit Site(const ServerOptions& options) : first(settings(), options), second(settings(), options) {}
  Settings settings() {
    return {.handler =
                [this](const Request& request) {
                  ++(request.early_data ? early : late);
                  return Response{.body = std::string(answer_size, 'x')};
                },
            .handshake_timeout = 20s,
            .request_timeout = 20s,
            .threads = 4};
  }

  std::atomic<int> early = 0, late = 0;  ///< requests, as the handler is told
  Running first, second;
};

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// A client's visit, by which it has a session afterwards.
void visit(const Site& site, const std::shared_ptr<const ClientConfig>& config) {
  NetResult<BlockingStream> stream = BlockingStream::connect(test::host, site.first.port(), config);
  ASSERT_TRUE(stream) << stream.error().message();
  ASSERT_TRUE(stream->write(as_bytes(request)));
  for (;;) {
    const NetResult<Bytes> piece = stream->read();
    ASSERT_TRUE(piece) << piece.error().message();
    if (piece->empty()) return;
  }
}

/// The first flight of its next one, with a request in it.
Buffer record_flight(const Site& site, const std::shared_ptr<const ClientConfig>& config) {
  Result<Connection> client = Connection::client(config, {test::host, site.first.port()});
  EXPECT_TRUE(client);
  EXPECT_TRUE(client->send_early_data(as_bytes(request))) << name(client->info().early_data);
  const Bytes output = client->output();
  return Buffer(output.begin(), output.end());
}

/// Everything that the server says until it closes the connection.
Buffer read_to_the_end(tcp::socket& socket) {
  Buffer all;
  boost::system::error_code ended;
  boost::asio::read(socket, boost::asio::dynamic_buffer(all), ended);
  return all;
}

struct Outcome {
  std::atomic<int> greeted = 0;   ///< with a ServerHello
  std::atomic<int> answered = 0;  ///< the request was
};

/// Sends the flight on fifty connections. Each is read to its end, so that no server has anything left to do.
void send_at_once(const Site& site, const Buffer& flight, Outcome& outcome) {
  std::latch ready(threads);
  std::vector<std::jthread> all;
  for (int thread = 0; thread < threads; ++thread)
    all.emplace_back([&] {
      boost::asio::io_context context;
      std::vector<tcp::socket> sockets;
      for (int i = 0; i < connections_of_a_thread; ++i) {
        const std::uint16_t port = (i % 2 == 0 ? site.first : site.second).port();
        sockets.emplace_back(context).connect({boost::asio::ip::address_v4::loopback(), port});
      }
      ready.arrive_and_wait();
      for (tcp::socket& socket : sockets) boost::asio::write(socket, boost::asio::buffer(flight));
      for (tcp::socket& socket : sockets) {
        socket.shutdown(tcp::socket::shutdown_send);  // whoever has recorded a flight can't go on
        const Buffer heard = read_to_the_end(socket);
        outcome.greeted += heard.size() > 6 && heard[0] == 22 && heard[5] == 2;
        outcome.answered += heard.size() > answer_size;
      }
    });
}

class Replay : public testing::TestWithParam<Kept> {};
INSTANTIATE_TEST_SUITE_P(Kept, Replay, testing::Values(Kept::in_tickets, Kept::in_a_store),
                         [](const auto& info) { return info.param == Kept::in_tickets ? "InTickets" : "InAStore"; });

TEST_P(Replay, FiftyTimesAtOnceIsAnsweredOnce) {
  Site site(server_options(GetParam()));
  ClientOptions client = test::client_options();
  client.sessions.store = std::make_shared<MemoryClientSessionStore>();
  client.sessions.early_data = true;
  const auto config = test::make(std::move(client));
  for (int round = 1; round <= 3; ++round) {
    visit(site, config);
    const int visits = site.early + site.late;
    EXPECT_EQ(visits, round * 2 - 1);
    const Buffer flight = record_flight(site, config);
    Outcome outcome;
    send_at_once(site, flight, outcome);
    EXPECT_EQ(outcome.greeted, threads * connections_of_a_thread);
    EXPECT_EQ(outcome.answered, 1);
    EXPECT_EQ(site.early, round) << "it was heard of more than once, or not at all";
    EXPECT_EQ(site.early + site.late, visits + 1);
  }
}

}  // namespace
}  // namespace handfast::http
