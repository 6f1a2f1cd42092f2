#include "doctor/http_get.h"

#include <optional>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace handfast::doctor {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::response_parser<beast::http::string_body>;

void begin(std::optional<Parser>& parser) {
  parser.emplace();
  parser->eager(true);
  parser->body_limit(max_response_body);
}

/// 100 Continue, 103 Early Hints: the answer is still to come (RFC 9110, section 15.2).
bool is_interim(const Parser& parser) {
  const unsigned status = parser.get().result_int();
  return status >= 100 && status < 200 && status != 101;
}

/// Hands the parser what has come; what it does not take yet stays in `pending`. Gives whether it wants more.
boost::system::error_code feed(std::optional<Parser>& parser, beast::flat_buffer& pending) {
  boost::system::error_code error;
  while (pending.size() != 0 && !parser->is_done()) {
    const std::size_t taken = parser->put(pending.data(), error);
    pending.consume(taken);
    if (error == beast::http::error::need_more) return {};
    if (error || taken == 0) return error;
    if (parser->is_done() && is_interim(*parser)) begin(parser);
  }
  return error;
}

HttpResponse response_of(Parser& parser) {
  HttpResponse out;
  const auto& message = parser.get();
  out.status = message.result_int();
  out.reason = std::string(message.reason());
  for (const auto& field : message) out.headers.emplace_back(field.name_string(), field.value());
  out.body = std::move(parser.get().body());
  return out;
}

}  // namespace

Stream::Awaitable<HttpResponse> http_get(Stream& stream, std::string_view host, std::string_view path,
                                         std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: handfast\r\nAccept: */*\r\nConnection: close\r\n\r\n", path, host);
  const NetResult<> sent = co_await stream.write(as_bytes(request));
  if (!sent) co_return std::unexpected(sent.error());
  std::optional<Parser> parser;
  begin(parser);
  beast::flat_buffer pending;
  while (!parser->is_done()) {
    const NetResult<Bytes> part = co_await stream.read();
    if (!part) co_return std::unexpected(part.error());
    boost::system::error_code error;
    if (part->empty()) {
      parser->put_eof(error);
      if (!error && !parser->is_done()) error = beast::http::error::partial_message;
    } else {
      const std::size_t copied =
          boost::asio::buffer_copy(pending.prepare(part->size()), boost::asio::buffer(part->data(), part->size()));
      pending.commit(copied);
      error = feed(parser, pending);
      // Each read has its own time-out; this one is against those that drip.
      if (!error && !parser->is_done() && std::chrono::steady_clock::now() >= deadline)
        error = boost::asio::error::timed_out;
    }
    if (error) co_return std::unexpected(NetError(Stage::read, error));
  }
  co_return response_of(*parser);
}

}  // namespace handfast::doctor
