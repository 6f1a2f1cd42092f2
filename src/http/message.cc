// Reads requests and writes heads of responses.
#include "http/message.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

namespace handfast::http {
namespace {

namespace beast = boost::beast::http;

std::string text(boost::beast::string_view view) { return std::string(view.data(), view.size()); }

bool is_token(std::string_view name) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || others.contains(c);
  });
}

bool is_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool same_name(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

/// Where the message ends is ours to say: two opinions are how requests get smuggled.
bool is_framing(std::string_view name) {
  return same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding") || same_name(name, "Connection");
}

}  // namespace

std::string_view Request::field(std::string_view name) const noexcept {
  const auto found = std::ranges::find_if(fields, [&](const Field& field) { return same_name(field.name, name); });
  return found == fields.end() ? std::string_view() : std::string_view(found->value);
}

struct RequestReader::Impl {
  beast::request_parser<beast::string_body> parser;
};

RequestReader::RequestReader(const Limits& limits) : impl_(std::make_unique<Impl>()) {
  impl_->parser.eager(true);
  impl_->parser.header_limit(static_cast<std::uint32_t>(limits.header));
  impl_->parser.body_limit(limits.body);
}
RequestReader::~RequestReader() = default;

std::optional<unsigned> RequestReader::take(Buffer& input) {
  boost::system::error_code error;
  const std::size_t taken = impl_->parser.put(boost::asio::buffer(input), error);
  input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(taken));
  if (!error || error == beast::error::need_more) return std::nullopt;
  if (error == beast::error::header_limit) return 431;
  if (error == beast::error::body_limit) return 413;
  return 400;
}

bool RequestReader::started() const noexcept { return impl_->parser.got_some(); }
bool RequestReader::done() const noexcept { return impl_->parser.is_done(); }

ParsedRequest RequestReader::request() {
  auto message = impl_->parser.release();
  ParsedRequest request{.method = text(message.method_string()),
                        .target = text(message.target()),
                        .fields = {},
                        .body = std::move(message.body()),
                        .keep_alive = message.keep_alive()};
  for (const auto& field : message) request.fields.push_back({text(field.name_string()), text(field.value())});
  return request;
}

std::optional<std::string> write_head(const Response& response, std::uint64_t content_length, bool keep_alive) {
  if (response.status < 200 || response.status > 599) return std::nullopt;
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto reason = beast::obsolete_reason(static_cast<beast::status>(response.status));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\nServer: handfast\r\n",
                                 response.status, std::string_view(reason.data(), reason.size()), fmt::gmtime(now));
  for (const Field& field : response.fields) {
    if (!is_token(field.name) || !is_value(field.value) || is_framing(field.name)) return std::nullopt;
    head += fmt::format("{}: {}\r\n", field.name, field.value);
  }
  if (!keep_alive) head += "Connection: close\r\n";
  // RFC 9110, section 8.6: not in a 204.
  if (response.status != 204) head += fmt::format("Content-Length: {}\r\n", content_length);
  return head + "\r\n";
}

}  // namespace handfast::http
