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

}  // namespace
}  // namespace handfast::test
