#include "doctor/probes/exchange.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "doctor/probes/suites.h"
#include "doctor/style.h"
#include "record/record.h"
#include "wire/alert.h"
#include "wire/handshake.h"
#include "wire/server_hello.h"

namespace handfast::doctor {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr std::size_t max_answer = 16384;
constexpr std::size_t kept_bytes = 512;

Answer no_tls(Bytes received) {
  const Bytes first = received.first(std::min(received.size(), kept_bytes));
  Answer answer;
  answer.kind = Answer::Kind::other;
  answer.first_bytes.assign(first.begin(), first.end());
  return answer;
}

Answer read_server_hello(Bytes body, Bytes received) {
  const auto hello = wire::parse_server_hello(body);
  if (!hello) return no_tls(received);
  Answer answer;
  answer.kind = hello->is_hello_retry_request() ? Answer::Kind::hello_retry_request : Answer::Kind::server_hello;
  answer.version = hello->version();
  answer.cipher_suite = hello->cipher_suite;
  if (hello->key_share) answer.group = hello->key_share->group;
  if (hello->selected_group) answer.group = *hello->selected_group;
  return answer;
}

/// Reads what there is until it says something; `error` is that of the end.
asio::awaitable<Answer> hear(asio::ip::tcp::socket& socket, boost::system::error_code& error) {
  Buffer received;
  std::array<std::uint8_t, 4096> buffer;
  while (received.size() < max_answer) {
    const std::size_t size = co_await socket.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                                             asio::redirect_error(asio::use_awaitable, error));
    if (error || size == 0) break;
    received.insert(received.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
    Answer answer = read_answer(received);
    if (answer.kind != Answer::Kind::silent) co_return answer;
  }
  Answer answer;
  answer.kind = error == asio::error::eof ? Answer::Kind::closed : Answer::Kind::reset;
  if (!received.empty()) answer = no_tls(received);
  co_return answer;
}

asio::awaitable<void> say(asio::ip::tcp::socket& socket, const Pieces& pieces) {
  constexpr milliseconds pause(30);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  boost::system::error_code error;
  for (std::size_t i = 0; i < pieces.size() && !error; ++i) {
    if (i != 0) {
      timer.expires_after(pause);
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    co_await asio::async_write(socket, asio::buffer(pieces[i]), asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace

Answer read_answer(Bytes received) {
  Buffer messages;
  for (Bytes rest = received; !rest.empty();) {
    const auto type = static_cast<ContentType>(rest[0]);
    // The second byte is the major version of every TLS there is (RFC 8446, section 5.1).
    constexpr std::uint8_t major = 3;
    if (type != ContentType::handshake && type != ContentType::alert) return no_tls(received);
    if (rest.size() >= 2 && rest[1] != major) return no_tls(received);
    if (rest.size() < record::header_size) break;
    const record::Header header = record::parse_header(rest);
    rest = rest.subspan(record::header_size);
    const Bytes fragment = rest.first(std::min<std::size_t>(rest.size(), header.length));
    if (type == ContentType::alert) {
      if (fragment.size() < header.length) break;
      const auto alert = wire::parse_alert(fragment);
      if (!alert) return no_tls(received);
      if (alert->level == wire::AlertLevel::warning && alert->description == Alert::unrecognized_name) {
        // A warning that the server goes on behind (RFC 6066, section 3).
        rest = rest.subspan(fragment.size());
        continue;
      }
      Answer answer;
      answer.kind = Answer::Kind::alert;
      answer.alert = alert->description;
      return answer;
    }
    messages.insert(messages.end(), fragment.begin(), fragment.end());
    rest = rest.subspan(fragment.size());
    const auto message = wire::read_handshake_header(messages);
    if (!message) continue;
    if (message->type != HandshakeType::server_hello) return no_tls(received);
    const Bytes body = Bytes(messages).subspan(wire::handshake_header_size);
    if (body.size() >= message->length) return read_server_hello(body.first(message->length), received);
  }
  return {};
}

asio::awaitable<Answer> exchange(asio::ip::tcp::endpoint server, Pieces pieces, milliseconds timeout) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::socket socket(executor);
  asio::steady_timer timer(executor, timeout);
  boost::system::error_code error, timer_error;
  Answer answer;
  answer.kind = Answer::Kind::unreachable;
  const auto connected = co_await (socket.async_connect(server, asio::redirect_error(asio::use_awaitable, error)) ||
                                   timer.async_wait(asio::redirect_error(asio::use_awaitable, timer_error)));
  if (connected.index() == 1 || error) co_return answer;
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  timer.expires_after(timeout);
  const auto talked = co_await ((say(socket, pieces) && hear(socket, error)) ||
                                timer.async_wait(asio::redirect_error(asio::use_awaitable, timer_error)));
  if (talked.index() == 1) {
    answer.kind = Answer::Kind::silent;
    co_return answer;
  }
  co_return std::get<0>(talked);
}

std::string text(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::server_hello:
      return fmt::format("a ServerHello: {}, {}", name(answer.version), suite_name(answer.cipher_suite));
    case Answer::Kind::hello_retry_request:
      return fmt::format("a HelloRetryRequest: {}, {}", name(answer.version), suite_name(answer.cipher_suite)) +
             (std::to_underlying(answer.group) != 0 ? ", " + group_name(answer.group) : "");
    case Answer::Kind::alert: return fmt::format("the alert {}", name(answer.alert));
    case Answer::Kind::other: return fmt::format("no TLS: \"{}\"", printable(as_text(answer.first_bytes), 48));
    case Answer::Kind::closed: return "the end of the connection, without a word";
    case Answer::Kind::reset: return "a reset";
    case Answer::Kind::silent: return "nothing";
    case Answer::Kind::unreachable: return "no TCP connection";
  }
  return {};
}

}  // namespace handfast::doctor
