// Reads requests and writes heads of responses, for http::Server.
#include "http/message.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "http/grammar.h"
#include "http/parser.h"
#include "http/write.h"

namespace handfast::http {
namespace {

MessageLimits limits_of(const RequestReader::Limits& limits) {
  MessageLimits all;
  all.head.start_line = all.head.field_line = all.head.head = limits.header;
  all.body.length = limits.body;
  return all;
}

/// Where the message ends is ours to say: two opinions are how requests get smuggled.
bool is_framing(std::string_view name) {
  return same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding") || same_name(name, "Connection");
}

}  // namespace

std::string_view Request::field(std::string_view name) const noexcept { return value_of(fields, name); }

struct RequestReader::Impl {
  RequestParser parser;
  std::string body;
};

RequestReader::RequestReader(const Limits& limits) : impl_(std::make_unique<Impl>(RequestParser(limits_of(limits)))) {}
RequestReader::~RequestReader() = default;

std::optional<unsigned> RequestReader::take(Buffer& input) {
  std::optional<unsigned> refused;
  Bytes rest = input;
  while (!rest.empty() && !impl_->parser.done()) {
    const Parsed<BodyReader::Step> step = impl_->parser.take(rest);
    if (!step) {
      refused = status_of(step.error());
      break;
    }
    impl_->body += as_text(step->content);
    rest = rest.subspan(step->taken);
  }
  input.erase(input.begin(), input.end() - static_cast<std::ptrdiff_t>(rest.size()));
  return refused;
}

bool RequestReader::started() const noexcept { return impl_->parser.started(); }
bool RequestReader::done() const noexcept { return impl_->parser.done(); }

ParsedRequest RequestReader::request() {
  RequestHead& head = impl_->parser.head();
  const bool keep_alive = keeps_alive(head.minor_version, head.fields);
  return ParsedRequest{.method = std::move(head.method),
                       .target = std::move(head.target),
                       .fields = std::move(head.fields),
                       .body = std::move(impl_->body),
                       .keep_alive = keep_alive};
}

std::optional<std::string> write_head(const Response& response, std::uint64_t content_length, bool keep_alive) {
  if (response.status < 200 || response.status > 599) return std::nullopt;
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\nServer: handfast\r\n",
                                 response.status, reason_of(response.status), fmt::gmtime(now));
  for (const Field& field : response.fields)
    if (is_framing(field.name) || !append_field(head, field.name, field.value)) return std::nullopt;
  if (!keep_alive) append_field(head, "Connection", "close");
  // RFC 9110, section 8.6: not in a 204.
  if (response.status != 204) append_field(head, "Content-Length", std::to_string(content_length));
  return head + "\r\n";
}

}  // namespace handfast::http
