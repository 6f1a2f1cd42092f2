// open_tunnel with proxies that say exactly what a test says.
#include "http/open_tunnel.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/errc.hpp>

#include "net/loopback.h"

namespace handfast::http {
namespace {

using test::awaitable;
using test::io_context;
using test::tcp;
using namespace std::chrono_literals;

/// Reads the request, then sends each of `pieces` in a packet of its own, then waits for the end or closes.
struct Proxy {
  std::vector<std::string> pieces{};
  bool closes = false;
  std::string request{};
};

awaitable<void> answer(tcp::socket& socket, Proxy& proxy) {
  boost::system::error_code error;
  co_await boost::asio::async_read_until(socket, boost::asio::dynamic_buffer(proxy.request), "\r\n\r\n",
                                         boost::asio::redirect_error(boost::asio::use_awaitable, error));
  for (const std::string& piece : proxy.pieces) {
    co_await boost::asio::async_write(socket, boost::asio::buffer(piece),
                                      boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (error) co_return;  // the client has had enough
    co_await test::sleep_for(2ms);
  }
  if (proxy.closes) socket.close();
}

awaitable<void> ask(tcp::socket socket, std::optional<NetResult<TunnelAnswer>>& kept) {
  const net::HostPort target{"shop.example", 443};
  NetResult<TunnelAnswer> answer = co_await open_tunnel(std::move(socket), target, 200ms);
  kept.emplace(std::move(answer));
}

NetResult<TunnelAnswer> ask(io_context& context, Proxy& proxy) {
  test::SocketPair sockets = test::connected_sockets(context);
  sockets.client.set_option(tcp::no_delay(true));
  sockets.server.set_option(tcp::no_delay(true));
  std::optional<NetResult<TunnelAnswer>> kept;
  test::Together both(context);
  both.add(answer(sockets.server, proxy));
  both.add(ask(std::move(sockets.client), kept));
  both.run();
  return *std::move(kept);
}

constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\n\r\n";

TEST(OpenTunnel, AsksForTheTargetAndIsOpen) {
  io_context context;
  Proxy proxy{{std::string(established)}};
  const auto answer = ask(context, proxy);
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(proxy.request, "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n");
  EXPECT_TRUE(answer->is_open());
  EXPECT_EQ(answer->head.reason, "Connection established");
  EXPECT_TRUE(answer->received.empty());
  EXPECT_TRUE(answer->socket.is_open());
}

TEST(OpenTunnel, TheAnswerInPiecesAndWhatStandsBehindIt) {
  const std::string text = "HTTP/1.1 100 Continue\r\n\r\n" + std::string(established) + "its words";
  for (std::size_t split = 1; split < text.size(); split += 3) {
    io_context context;
    Proxy proxy{{text.substr(0, split), text.substr(split)}};
    auto answer = ask(context, proxy);
    ASSERT_TRUE(answer) << split << ": " << answer.error().message();
    EXPECT_EQ(answer->head.status, 200u);
    // The rest may have come, or still be on its way.
    const std::string_view received = as_text(answer->received);
    EXPECT_TRUE(std::string_view("its words").starts_with(received)) << split << ": " << received;
    if (split < text.size() - 9) {
      EXPECT_EQ(received, "its words") << split;
    }
  }
}

TEST(OpenTunnel, ARefusalIsAnAnswer) {
  io_context context;
  Proxy proxy{{"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno"}};
  const auto answer = ask(context, proxy);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->is_open());
  EXPECT_EQ(answer->head.status, 407u);
}

TEST(OpenTunnel, NoAnswer) {
  struct Row {
    Proxy proxy;
    boost::system::error_code error;
  };
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  Row rows[] = {{{{"\x15\x03\x01\x00\x02\x02\x28"}}, make_error_code(boost::system::errc::bad_message)},
                {{{"HTTP/1.1 200 OK\r\n"}, true}, boost::asio::error::eof},
                {{{"HTTP/1.1 200 OK\r\n"}}, boost::asio::error::timed_out},
                {{std::vector<std::string>(200, interim)}, boost::asio::error::timed_out}};
  for (Row& row : rows) {
    io_context context;
    const auto answer = ask(context, row.proxy);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().stage(), Stage::read);
    EXPECT_EQ(answer.error().transport(), row.error) << answer.error().message();
  }
}

}  // namespace
}  // namespace handfast::http
