#include "doctor/http_get.h"

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace handfast::doctor {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::response_parser<beast::http::string_body>;

/// Hands the parser what has come; what it does not take yet stays in `pending`. Gives whether it wants more.
boost::system::error_code feed(Parser& parser, beast::flat_buffer& pending) {
  boost::system::error_code error;
  while (pending.size() != 0 && !parser.is_done()) {
    const std::size_t taken = parser.put(pending.data(), error);
    pending.consume(taken);
    if (error == beast::http::error::need_more) return {};
    if (error || taken == 0) return error;
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

Stream::Awaitable<HttpResponse> http_get(Stream& stream, std::string_view host, std::string_view path) {
  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: handfast\r\nAccept: */*\r\nConnection: close\r\n\r\n", path, host);
  const NetResult<> sent = co_await stream.write(as_bytes(request));
  if (!sent) co_return std::unexpected(sent.error());
  Parser parser;
  parser.eager(true);
  parser.body_limit(max_response_body);
  beast::flat_buffer pending;
  while (!parser.is_done()) {
    const NetResult<Bytes> part = co_await stream.read();
    if (!part) co_return std::unexpected(part.error());
    boost::system::error_code error;
    if (part->empty()) {
      parser.put_eof(error);
      if (!error && !parser.is_done()) error = beast::http::error::partial_message;
    } else {
      const std::size_t copied =
          boost::asio::buffer_copy(pending.prepare(part->size()), boost::asio::buffer(part->data(), part->size()));
      pending.commit(copied);
      error = feed(parser, pending);
    }
    if (error) co_return std::unexpected(NetError(Stage::read, error));
  }
  co_return response_of(parser);
}

}  // namespace handfast::doctor
