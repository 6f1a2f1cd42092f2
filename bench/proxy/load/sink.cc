// The origin that reads bodies: nginx alone would answer before it has read one.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "works.h"

namespace handfast::bench {
namespace {

/// Of a head; 0 where it has none. The case is as the proxies write it, or as the generator does.
std::uint64_t content_length(std::string head) {
  std::ranges::transform(head, head.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::string_view field = "\r\ncontent-length: ";
  const std::size_t at = head.find(field);
  std::uint64_t out = 0;
  if (at != std::string::npos) std::from_chars(head.data() + at + field.size(), head.data() + head.size(), out);
  return out;
}

Awaitable<void> answer_all(tcp::socket socket) {
  boost::system::error_code error;
  std::string received;
  std::vector<char> body(256 * 1024);
  for (;;) {
    const std::size_t head = co_await asio::async_read_until(socket, asio::dynamic_buffer(received), "\r\n\r\n",
                                                             asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const std::uint64_t length = content_length(received.substr(0, head));
    std::uint64_t left = length - std::min<std::uint64_t>(length, received.size() - head);
    received.erase(0, head + (length - left));
    while (left != 0) {
      const asio::mutable_buffer room(body.data(), std::min<std::uint64_t>(left, body.size()));
      const std::size_t got = co_await socket.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
      left -= got;
    }
    const std::string text = std::to_string(length);
    const std::string answer = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", text.size(), text);
    co_await asio::async_write(socket, asio::buffer(answer), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

Awaitable<void> accept_all(tcp::acceptor& acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), answer_all(std::move(socket)), asio::detached);
  }
}

}  // namespace

void run_sink(std::uint16_t port) {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
  asio::co_spawn(io, accept_all(acceptor), asio::detached);
  std::jthread watch([&io] {
    std::cin.ignore(std::numeric_limits<std::streamsize>::max());
    io.stop();
  });
  std::puts("ready");
  std::fflush(stdout);
  io.run();
}

}  // namespace handfast::bench
