// Listener: binding, the limit of connections, stopping.
#include "net/listener.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/loopback.h"

namespace handfast::test {
namespace {

namespace asio = boost::asio;

struct Counts {
  std::atomic<int> open = 0;
  std::atomic<int> most = 0;
  std::atomic<int> served = 0;
};

/// Says hello after a moment.
awaitable<void> greet(Counts& counts, tcp::socket socket) {
  const int open = ++counts.open;
  int most = counts.most;
  while (open > most && !counts.most.compare_exchange_weak(most, open)) {
  }
  co_await sleep_for(10ms);
  error_code ignored;
  const asio::const_buffer hello("hello", 5);
  co_await asio::async_write(socket, hello, asio::redirect_error(asio::use_awaitable, ignored));
  --counts.open;
  if (++counts.served % 3 == 0) throw std::runtime_error("ends this connection alone");
}

std::string listen_to(const tcp::endpoint& endpoint) {
  io_context context;
  tcp::socket socket(context);
  socket.connect(endpoint);
  char words[16];
  error_code ignored;
  return std::string(words, socket.read_some(asio::buffer(words), ignored));
}

TEST(Listener, AtMostSoManyAtATime) {
  io_context context;
  NetResult<net::Listener> listener = net::Listener::open(context.get_executor(), {"127.0.0.1", 0});
  ASSERT_TRUE(listener) << listener.error().message();
  const tcp::endpoint endpoint = listener->local_endpoint();
  ASSERT_NE(endpoint.port(), 0);

  Counts counts;
  const net::Serve serve = [&counts](tcp::socket socket) { return greet(counts, std::move(socket)); };
  bool ended = false;
  asio::co_spawn(context, listener->run(serve, 2), [&ended](std::exception_ptr) { ended = true; });
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&context] { context.run(); });
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 12; ++i) {
      clients.emplace_back([&endpoint] { EXPECT_EQ(listen_to(endpoint), "hello"); });
    }
  }
  listener->stop();
  threads.clear();
  EXPECT_TRUE(ended);
  EXPECT_EQ(counts.served, 12);
  EXPECT_EQ(counts.most, 2);
  EXPECT_EQ(counts.open, 0);
}

TEST(Listener, EveryAddress) {
  io_context context;
  NetResult<net::Listener> listener = net::Listener::open(context.get_executor(), {"", 0});
  ASSERT_TRUE(listener) << listener.error().message();
  tcp::socket socket(context);
  socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), listener->local_endpoint().port()));
}

TEST(Listener, WhatCanNotBeBound) {
  io_context context;
  NetResult<net::Listener> first = net::Listener::open(context.get_executor(), {"127.0.0.1", 0});
  ASSERT_TRUE(first);
  NetResult<net::Listener> second =
      net::Listener::open(context.get_executor(), {"127.0.0.1", first->local_endpoint().port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().stage(), Stage::listen);
  EXPECT_EQ(second.error().transport(), asio::error::address_in_use);
  // RFC 5737: an address of the documentation, which no machine has.
  EXPECT_FALSE(net::Listener::open(context.get_executor(), {"192.0.2.1", 0}));
}

}  // namespace
}  // namespace handfast::test
