#include "proxy/forwarded_head.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "http/grammar.h"

namespace handfast::proxy {
namespace {

using http::Framing;

constexpr std::array<std::string_view, 4> safe_methods = {"GET", "HEAD", "OPTIONS", "TRACE"};

/// The protocols of Upgrade that may be changed to through us, "websocket".
std::string passed_on(const http::Fields& fields) {
  std::string list;
  for (const http::Field& field : fields) {
    if (!http::same_name(field.name, "Upgrade")) continue;
    http::ListReader elements(field.value);
    while (const std::optional<std::string_view> element = elements.next()) {
      const std::string_view name = element->substr(0, element->find('/'));
      const bool ours = http::same_name(name, "h2c") || http::same_name(name, "h2") || http::same_name(name, "HTTP") ||
                        http::same_name(name, "TLS");
      if (element->empty() || ours) continue;
      list.append(list.empty() ? "" : ", ").append(*element);
    }
  }
  return list;
}

}  // namespace

ClientAsks take_for_us(http::RequestHead& head, const Framing& framing) {
  // What stands behind a CONNECT is no request, whatever is answered (RFC 9110, section 9.3.6).
  const bool connect = head.method == "CONNECT";
  ClientAsks asks{.keep_alive = !connect && http::keeps_alive(head.minor_version, head.fields),
                  .interim_responses = head.minor_version >= 1,
                  .head_only = head.method == "HEAD"};
  // RFC 9110, section 7.8: HTTP/1.0 has no upgrades. Behind content it would not be clear what is in which protocol.
  const bool may_upgrade = head.minor_version >= 1 && framing.kind == Framing::Kind::none && !connect;
  if (may_upgrade && http::has_token(head.fields, "Connection", "upgrade")) asks.upgrade = passed_on(head.fields);
  http::remove_hop_by_hop(head.fields);
  http::remove(head.fields, "HTTP2-Settings");
  // Nobody's field: an origin of CGI would have it as HTTP_PROXY, and its programs ask through that (CVE-2016-5385).
  http::remove(head.fields, "Proxy");
  // RFC 9110, section 10.1.1: ignored in HTTP/1.0.
  if (head.minor_version == 0) http::remove(head.fields, "Expect");
  // RFC 9112, section 3.2.2: what Host says beside an absolute target is ignored.
  if (head.parsed_target.form == http::TargetForm::absolute) {
    head.target = head.parsed_target.path;
    head.host = head.parsed_target.authority;
    http::set(head.fields, "Host", http::to_text(*head.host));
  }
  return asks;
}

void frame_request(http::RequestHead& head, const Framing& framing) {
  http::remove(head.fields, "Transfer-Encoding");
  if (framing.kind == Framing::Kind::none) return;  // "Content-Length: 0" stays
  if (framing.kind == Framing::Kind::length) {
    http::set(head.fields, "Content-Length", std::to_string(framing.length));
    return;
  }
  http::remove(head.fields, "Content-Length");
  head.fields.push_back({"Transfer-Encoding", "chunked"});
}

void ask_for_upgrade(http::RequestHead& head, const std::string& protocols) {
  http::set(head.fields, "Connection", "Upgrade");
  http::set(head.fields, "Upgrade", protocols);
}

ResponseForm frame_response(http::ResponseHead& head, const Framing& framing, unsigned client_minor_version,
                            bool filtered) {
  http::remove_hop_by_hop(head.fields);
  // RFC 9110, section 8.6: not in these. In a response to HEAD, and in 304, it is of another message.
  if (head.status / 100 == 1 || head.status == 204) http::remove(head.fields, "Content-Length");
  if (framing.kind == Framing::Kind::none) return {};
  if (framing.kind == Framing::Kind::length && !filtered) {
    http::set(head.fields, "Content-Length", std::to_string(framing.length));
    return {};
  }
  http::remove(head.fields, "Content-Length");
  if (client_minor_version == 0) return {.until_close = true};
  head.fields.push_back({"Transfer-Encoding", "chunked"});
  return {.chunked = true};
}

void say_whether_kept(http::ResponseHead& head, unsigned client_minor_version, bool keep_alive) {
  if (!keep_alive)
    http::set(head.fields, "Connection", "close");
  else if (client_minor_version == 0)
    http::set(head.fields, "Connection", "keep-alive");
}

bool is_safe(const std::string& method) noexcept {
  return std::ranges::find(safe_methods, method) != safe_methods.end();
}
bool is_idempotent(const std::string& method) noexcept {
  return is_safe(method) || method == "PUT" || method == "DELETE";
}

void add_via(http::Fields& fields, unsigned minor_version) {
  fields.push_back({"Via", minor_version == 0 ? "1.0 handfast" : "1.1 handfast"});
}

bool authenticates_connection(const http::Fields& fields, std::string_view field) {
  constexpr std::array<std::string_view, 4> schemes = {"Negotiate", "NTLM", "Kerberos", "Nego2"};
  for (const http::Field& each : fields) {
    if (!http::same_name(each.name, field) || each.value.empty()) continue;
    http::ListReader list(each.value);
    while (const std::optional<std::string_view> element = list.next()) {
      const std::string_view scheme = element->substr(0, element->find_first_of(" \t"));
      if (std::ranges::any_of(schemes, [scheme](std::string_view each) { return http::same_name(scheme, each); }))
        return true;
    }
  }
  return false;
}

}  // namespace handfast::proxy
