// connect_tcp: addresses, names, refusals.
#include "net/connect.h"

#include <gtest/gtest.h>

#include <optional>

#include "net/loopback.h"

namespace handfast::test {
namespace {

awaitable<void> keep(std::string_view name, std::uint16_t port, std::optional<net::Connected>& kept) {
  net::Connected connected = co_await net::connect_tcp(name, port);
  kept = std::move(connected);
}

net::Connected connect(io_context& context, std::string_view name, std::uint16_t port) {
  std::optional<net::Connected> kept;
  Together one(context);
  one.add(keep(name, port, kept));
  one.run(30s);
  return *std::move(kept);
}

TEST(Connect, ByAddressAndByName) {
  io_context context;
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const std::uint16_t port = acceptor.local_endpoint().port();
  for (const char* name : {"127.0.0.1", "localhost"}) {
    net::Connected connected = connect(context, name, port);
    ASSERT_TRUE(connected.socket) << connected.socket.error().message();
    EXPECT_EQ(connected.socket->remote_endpoint(), acceptor.local_endpoint());
    // "localhost" may be ::1 first, which nobody listens on: then there is more than one attempt.
    ASSERT_FALSE(connected.attempts.empty());
    EXPECT_FALSE(connected.attempts.back().error);
    EXPECT_EQ(connected.attempts.back().endpoint, acceptor.local_endpoint());
    for (std::size_t i = 0; i + 1 < connected.attempts.size(); ++i) EXPECT_TRUE(connected.attempts[i].error);
  }
}

TEST(Connect, EveryRefusalIsReported) {
  io_context context;
  tcp::socket taken(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  net::Connected connected = connect(context, "127.0.0.1", taken.local_endpoint().port());
  ASSERT_FALSE(connected.socket);
  EXPECT_EQ(connected.socket.error().stage(), Stage::connect);
  ASSERT_EQ(connected.attempts.size(), 1u);
  EXPECT_EQ(connected.attempts[0].error, boost::asio::error::connection_refused);
}

TEST(Connect, NamesBelowLocalhostAreLoopbackWithoutAResolver) {
  io_context context;
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  const std::uint16_t port = acceptor.local_endpoint().port();
  for (const char* name : {"shop.localhost", "a.b.LocalHost", "shop.localhost."}) {
    net::Connected connected = connect(context, name, port);
    ASSERT_TRUE(connected.socket) << name;
    EXPECT_EQ(connected.socket->remote_endpoint(), acceptor.local_endpoint());
  }
  acceptor.close();
  net::Connected connected = connect(context, "shop.localhost", port);
  ASSERT_EQ(connected.attempts.size(), 2u);
  EXPECT_EQ(connected.attempts[0].endpoint.address(), boost::asio::ip::address_v4::loopback());
  EXPECT_EQ(connected.attempts[1].endpoint.address(), boost::asio::ip::address_v6::loopback());
  // Names that only end like it are others'.
  EXPECT_EQ(connect(context, "notlocalhost", port).socket.error().stage(), Stage::resolve);
}

TEST(Connect, ANameThatDoesNotExist) {
  io_context context;
  // RFC 6761, section 6.4: no resolver may find it.
  net::Connected connected = connect(context, "nobody.invalid", 443);
  ASSERT_FALSE(connected.socket);
  EXPECT_EQ(connected.socket.error().stage(), Stage::resolve);
  EXPECT_TRUE(connected.socket.error().transport());
  EXPECT_TRUE(connected.attempts.empty());
}

awaitable<void> keep_one_of(std::vector<tcp::endpoint> endpoints, std::chrono::milliseconds patience,
                            std::optional<net::Connected>& kept) {
  net::Connected connected = co_await net::connect_to_one_of(std::move(endpoints), patience);
  kept = std::move(connected);
}

struct Timed {
  net::Connected connected;
  std::chrono::steady_clock::duration took;
};
Timed connect_to(io_context& context, std::vector<tcp::endpoint> endpoints, std::chrono::milliseconds patience) {
  std::optional<net::Connected> kept;
  const auto began = std::chrono::steady_clock::now();
  Together one(context);
  one.add(keep_one_of(std::move(endpoints), patience, kept));
  one.run(30s);
  return {*std::move(kept), std::chrono::steady_clock::now() - began};
}

TEST(Connect, AllAddressesTogetherHaveTheTime) {
  io_context context;
  const SilentPort silent(context);
  const Timed timed = connect_to(context, silent.endpoints(20), 1s);
  ASSERT_FALSE(timed.connected.socket);
  EXPECT_EQ(timed.connected.socket.error().stage(), Stage::connect);
  EXPECT_TRUE(timed.connected.socket.error().timed_out());
  EXPECT_GE(timed.took, 1s);
  EXPECT_LT(timed.took, 4s) << "and not twenty times that";
  EXPECT_GE(timed.connected.attempts.size(), 2u);
  for (const net::Attempt& attempt : timed.connected.attempts) EXPECT_EQ(attempt.error, boost::asio::error::timed_out);
}

TEST(Connect, AnAddressThatIsSilentHoldsUpTheNextForAMoment) {
  io_context context;
  const SilentPort silent(context);
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  std::vector<tcp::endpoint> endpoints = silent.endpoints(2);
  endpoints.push_back(acceptor.local_endpoint());
  endpoints.push_back(silent.endpoints(1).front());
  const Timed timed = connect_to(context, endpoints, 20s);
  ASSERT_TRUE(timed.connected.socket);
  EXPECT_EQ(timed.connected.socket->remote_endpoint(), acceptor.local_endpoint());
  EXPECT_GE(timed.took, 500ms) << "two of RFC 8305's delays";
  EXPECT_LT(timed.took, 5s);
  ASSERT_GE(timed.connected.attempts.size(), 3u);
  EXPECT_EQ(timed.connected.attempts[0].endpoint, endpoints[0]);
  EXPECT_EQ(timed.connected.attempts[0].error, boost::asio::error::operation_aborted);
  EXPECT_EQ(timed.connected.attempts.back().endpoint, acceptor.local_endpoint());
  EXPECT_FALSE(timed.connected.attempts.back().error);
}

TEST(Connect, OfManyAddressesTheOldestIsGivenUp) {
  io_context context;
  const SilentPort silent(context);
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  std::vector<tcp::endpoint> endpoints = silent.endpoints(9);
  endpoints.push_back(acceptor.local_endpoint());
  const Timed timed = connect_to(context, endpoints, 20s);
  ASSERT_TRUE(timed.connected.socket);
  ASSERT_EQ(timed.connected.attempts.size(), 10u);
  EXPECT_EQ(timed.connected.attempts[0].error, boost::asio::error::timed_out);
  EXPECT_EQ(timed.connected.attempts[8].error, boost::asio::error::operation_aborted);
}

TEST(Connect, AfterARefusalTheNextIsTriedAtOnce) {
  io_context context;
  tcp::socket taken(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  std::vector<tcp::endpoint> endpoints(40, taken.local_endpoint());
  endpoints.push_back(acceptor.local_endpoint());
  const Timed timed = connect_to(context, endpoints, 20s);
  ASSERT_TRUE(timed.connected.socket);
  EXPECT_LT(timed.took, 5s);
  ASSERT_EQ(timed.connected.attempts.size(), 41u);
  EXPECT_EQ(timed.connected.attempts[39].error, boost::asio::error::connection_refused);
}

}  // namespace
}  // namespace handfast::test
