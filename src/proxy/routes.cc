#include "proxy/routes.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "net/idna.h"
#include "proxy/bad_option.h"
#include "x509/server_name.h"

namespace handfast::proxy {
namespace {

constexpr std::string_view any_name = "*";
constexpr std::string_view protocol_prefix = "alpn:";
constexpr const char* form =
    "Write NAME[,...]=ADDRESS:PORT[,...]; a name is shop.example, *.shop.example or *, and alpn:h2 stands for a "
    "protocol.";

/// What stands between the commas; at least one.
std::vector<std::string_view> items(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    out.push_back(text.substr(0, comma));
    text.remove_prefix(comma + 1);
  }
  out.push_back(text);
  return out;
}

/// A name as routes keep it, or what is wrong with it.
std::expected<std::string, std::string> parse_name(std::string_view text) {
  if (text == any_name) return std::string(text);
  const bool is_below = text.starts_with('.') || text.starts_with("*.");
  Result<std::string> labels = net::to_a_labels(is_below ? text.substr(text.find('.') + 1) : text);
  Result<x509::ServerName> name = labels ? x509::ServerName::parse(*labels) : fail(std::move(labels.error()));
  if (!name) return std::unexpected(handfast::to_text(*name.error().find("problem")));
  if (name->is_ip()) return std::unexpected("SNI is never an address (RFC 6066, section 3)");
  return (is_below ? "." : "") + name->text();
}

/// How exactly `pattern` fits `name`; 0: not at all.
std::size_t exactness(std::string_view pattern, std::string_view name) noexcept {
  if (pattern == any_name) return 1;
  if (pattern == name) return 1000;  // a name has 253 bytes
  return pattern.front() == '.' && name.ends_with(pattern) ? 1 + pattern.size() : 0;
}

}  // namespace

Result<std::unique_ptr<const Targets>> Targets::make(std::string_view option, std::string_view text) {
  auto targets = std::make_unique<Targets>();
  for (const std::string_view each : items(text)) {
    Result<net::HostPort> address = net::parse_host_port(each, std::nullopt);
    if (!address) return bad_option(option, text, handfast::to_text(*address.error().find("problem")), form);
    if (address->host.empty()) return bad_option(option, text, "a target needs a host", form);
    if (address->port == 0) return bad_option(option, text, "no target is at port 0", form);
    targets->all_.push_back(*std::move(address));
  }
  return targets;
}

std::vector<net::HostPort> Targets::in_turn() const {
  std::vector<net::HostPort> out = all_;
  const std::size_t first = next_.fetch_add(1, std::memory_order_relaxed) % out.size();
  std::ranges::rotate(out, out.begin() + static_cast<std::ptrdiff_t>(first));
  return out;
}

Result<Routes::Route> Routes::parse(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos) return bad_option("route", text, "there is no =", form);
  Route route;
  for (const std::string_view condition : items(text.substr(0, equals))) {
    if (condition.starts_with(protocol_prefix)) {
      route.protocols.emplace_back(condition.substr(protocol_prefix.size()));
      if (route.protocols.back().empty() || route.protocols.back().size() > 255)
        return bad_option("route", text, "a protocol has a name of 1 to 255 bytes", form);
      continue;
    }
    auto name = parse_name(condition);
    if (!name) return bad_option("route", text, fmt::format("\"{}\": {}", condition, name.error()), form);
    route.names.push_back(*std::move(name));
  }
  if (route.names.empty()) route.names.emplace_back(any_name);
  auto targets = Targets::make("route", text.substr(equals + 1));
  if (!targets) return bad_option("route", text, handfast::to_text(*targets.error().find("problem")), form);
  route.targets = *std::move(targets);
  return route;
}

Result<Routes> Routes::make(std::span<const std::string> routes, std::string_view fallback) {
  Routes out;
  std::set<std::pair<std::string, std::string>> seen;
  for (const std::string& text : routes) {
    Result<Route> route = parse(text);
    if (!route) return fail(std::move(route.error()));
    for (const std::string& name : route->names) {
      const std::vector<std::string> without{""};
      for (const std::string& protocol : route->protocols.empty() ? without : route->protocols)
        if (!seen.emplace(name, protocol).second)
          return bad_option("route", text, "another route is for the same", form);
    }
    out.routes_.push_back(*std::move(route));
  }
  if (!fallback.empty()) {
    auto targets = Targets::make("default", fallback);
    if (!targets) return fail(std::move(targets.error()));
    out.fallback_ = *std::move(targets);
  }
  if (out.routes_.empty() && !out.fallback_)
    return bad_option("route", "", "there is neither a route nor a default", form);
  return out;
}

const Targets* Routes::find(const HelloReader& reader) const noexcept {
  const Targets* best = fallback_.get();
  std::pair<std::size_t, bool> best_fit{0, false};
  for (const Route& route : routes_) {
    const bool protocol = std::ranges::any_of(route.protocols, [&](const auto& each) { return reader.offers(each); });
    if (!route.protocols.empty() && !protocol) continue;
    std::size_t name = 0;
    for (const std::string& pattern : route.names) name = std::max(name, exactness(pattern, reader.server_name()));
    if (name == 0 || std::pair(name, protocol) <= best_fit) continue;
    best_fit = {name, protocol};
    best = route.targets.get();
  }
  return best;
}

}  // namespace handfast::proxy
