// Beast takes the head apart; it is laxer than we are about lines, folded fields and versions, which HeadReader and the
// checks in front of it here have settled before.
#include "http/parse_head.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "http/grammar.h"

namespace handfast::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;

std::string text_of(beast::string_view view) { return std::string(view.data(), view.size()); }

/// Most heads have fewer, with those that are added on their way.
constexpr std::size_t usual_fields = 16;

/// Collects what basic_parser finds. Bodies do not come this way.
template <bool is_request>
class Collector final : public beast::http::basic_parser<is_request> {
 public:
  Collector() { fields.reserve(usual_fields); }

  std::string method;
  std::string target;
  unsigned status = 0;
  std::string reason;
  unsigned minor_version = 1;
  Fields fields;

 private:
  using string_view = beast::string_view;
  void on_request_impl(beast::http::verb, string_view method_text, string_view target_text, int version,
                       error_code&) override {
    method = text_of(method_text);
    target = text_of(target_text);
    minor_version = version == 10 ? 0 : 1;
  }
  void on_response_impl(int code, string_view reason_text, int version, error_code&) override {
    status = static_cast<unsigned>(code);
    reason = text_of(reason_text);
    minor_version = version == 10 ? 0 : 1;
  }
  void on_field_impl(beast::http::field, string_view name, string_view value, error_code&) override {
    fields.push_back({text_of(name), text_of(value)});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}
};

/// `fields`: those in front of the one that was refused. Lines and names are HeadReader's to refuse.
Refusal refusal_of(error_code code, const Fields& fields, Refusal otherwise) {
  using Error = beast::http::error;
  if (code == Error::bad_method) return Refusal::bad_method;
  if (code == Error::bad_target) return Refusal::bad_target;
  if (code == Error::bad_value) return Refusal::bad_connection;
  if (code == Error::multiple_content_length) return Refusal::differing_content_lengths;
  if (code == Error::bad_content_length)
    return find(fields, "Transfer-Encoding") ? Refusal::length_and_chunked : Refusal::bad_content_length;
  if (code == Error::bad_transfer_encoding)
    return find(fields, "Content-Length") ? Refusal::length_and_chunked : Refusal::bad_transfer_encoding;
  return otherwise;
}

template <bool is_request>
Parsed<> collect(Collector<is_request>& collector, std::string_view text, Refusal otherwise) {
  collector.header_limit(std::numeric_limits<std::uint32_t>::max());
  collector.body_limit(boost::none);
  collector.eager(false);
  error_code error;
  const std::size_t taken = collector.put(boost::asio::buffer(text), error);
  if (error) return std::unexpected(refusal_of(error, collector.fields, otherwise));
  if (!collector.is_header_done() || taken != text.size()) return std::unexpected(otherwise);
  return {};
}

/// "HTTP/1.1", from the end of a request's first line or the beginning of a response's.
Parsed<> check_version(std::string_view version, Refusal otherwise) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  // RFC 9112, section 2.3: one digit, a dot, one digit, and the name in upper case.
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7]))
    return std::unexpected(otherwise);
  if (version != "HTTP/1.0" && version != "HTTP/1.1") return std::unexpected(Refusal::unsupported_version);
  return {};
}

Parsed<> check_host(RequestHead& head) {
  const std::size_t hosts = count(head.fields, "Host");
  if (hosts > 1) return std::unexpected(Refusal::several_hosts);
  if (hosts == 0) {
    if (head.minor_version >= 1) return std::unexpected(Refusal::missing_host);
    return {};
  }
  head.host = parse_authority(value_of(head.fields, "Host"));
  if (!head.host) return std::unexpected(Refusal::bad_host);
  return {};
}

}  // namespace

Parsed<RequestHead> parse_request_head(const std::string& text) {
  const std::string_view line = std::string_view(text).substr(0, text.find('\r'));
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return std::unexpected(Refusal::bad_request_line);
  const Parsed<> version = check_version(line.substr(last + 1), Refusal::bad_request_line);
  if (!version) return std::unexpected(version.error());

  Collector<true> collector;
  const Parsed<> collected = collect(collector, text, Refusal::bad_request_line);
  if (!collected) return std::unexpected(collected.error());
  RequestHead head{.method = std::move(collector.method),
                   .target = std::move(collector.target),
                   .minor_version = collector.minor_version,
                   .fields = std::move(collector.fields)};
  std::optional<Target> target = parse_target(head.method, head.target);
  if (!target) return std::unexpected(Refusal::bad_target);
  head.parsed_target = *std::move(target);
  const Parsed<> host = check_host(head);
  if (!host) return std::unexpected(host.error());
  return head;
}

Parsed<ResponseHead> parse_response_head(std::string text) {
  const std::size_t end = text.find('\r');
  const Parsed<> version =
      check_version(std::string_view(text).substr(0, std::min<std::size_t>(end, 8)), Refusal::bad_status_line);
  if (!version) return std::unexpected(version.error());
  if (end == 12) text.insert(end, 1, ' ');  // RFC 9112, section 4: the reason may be empty

  Collector<false> collector;
  const Parsed<> collected = collect(collector, text, Refusal::bad_status_line);
  if (!collected) return std::unexpected(collected.error());
  if (collector.status < 100 || collector.status > 599) return std::unexpected(Refusal::bad_status_line);
  return ResponseHead{.status = collector.status,
                      .reason = std::move(collector.reason),
                      .minor_version = collector.minor_version,
                      .fields = std::move(collector.fields)};
}

}  // namespace handfast::http
