#include "proxy/access.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "net/idna.h"
#include "net/special_use.h"
#include "proxy/bad_option.h"

namespace handfast::proxy {
namespace {

namespace ip = boost::asio::ip;

constexpr const char* forms =
    "Write a host (example.com), all below one (*.example.com), an address or a block (192.0.2.0/24, [2001:db8::]/32), "
    "each with a port or ports if it is about these alone (example.com:443, *:8000-8999).";

std::optional<std::uint16_t> port_of(std::string_view digits) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) return {};
  return port;
}

/// "443", "8000-8999", "*".
std::optional<std::pair<std::uint16_t, std::uint16_t>> ports_of(std::string_view text) noexcept {
  if (text == "*") return std::pair<std::uint16_t, std::uint16_t>(0, 65535);
  const std::size_t hyphen = text.find('-');
  const std::optional<std::uint16_t> first = port_of(text.substr(0, hyphen));
  const auto last = hyphen == std::string_view::npos ? first : port_of(text.substr(hyphen + 1));
  if (!first || !last || *first > *last) return {};
  return std::pair(*first, *last);
}

/// Where the colon before the ports stands, or npos. Two colons and no bracket: an IPv6 address, which has none.
std::size_t colon_of(std::string_view text) noexcept {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return colon == text.rfind(':') ? colon : std::string_view::npos;
}

}  // namespace

Result<AccessList::Entry> AccessList::parse(std::string_view option, std::string_view text) {
  if (text.empty()) return bad_option(option, text, "it is empty", forms);
  if (text.find("://") != std::string_view::npos) return bad_option(option, text, "it is a URL", forms);
  Entry entry;
  entry.text = text;
  const std::size_t colon = colon_of(text);
  if (colon != std::string_view::npos) {
    const auto ports = ports_of(text.substr(colon + 1));
    if (!ports) return bad_option(option, text, "no such port: 1 to 65535, or a range of them", forms);
    std::tie(entry.first_port, entry.last_port) = *ports;
  }

  const std::string_view target = text.substr(0, colon);
  if (target.empty() || target == "*") return entry;
  // "[2001:db8::]/32", "192.0.2.0/24", "2001:db8::1"
  const bool is_block = target.find_first_of("/[:") != std::string_view::npos;
  if (is_block) {
    const auto block = net::AddressBlock::parse(target);
    if (!block) return bad_option(option, text, block.error(), forms);
    entry.block = *block;
    return entry;
  }
  const bool is_below = target.starts_with('.') || target.starts_with("*.");
  Result<std::string> labels = net::to_a_labels(is_below ? target.substr(target.find('.') + 1) : target);
  Result<x509::ServerName> name = labels ? x509::ServerName::parse(*labels) : fail(std::move(labels.error()));
  if (!name) return bad_option(option, text, handfast::to_text(*name.error().find("problem")), forms);
  if (is_below && name->is_ip()) return bad_option(option, text, "only a domain has hosts below it", forms);
  if (name->is_ip()) {
    entry.block = net::AddressBlock::parse(name->text()).value();
    return entry;
  }
  entry.host = (is_below ? "." : "") + name->text();
  return entry;
}

Result<std::vector<AccessList::Entry>> AccessList::parse_all(std::string_view option,
                                                             std::span<const std::string> texts) {
  std::vector<Entry> entries;
  for (const std::string& text : texts) {
    Result<Entry> entry = parse(option, text);
    if (!entry) return fail(std::move(entry.error()));
    entries.push_back(*std::move(entry));
  }
  return entries;
}

Result<AccessList> AccessList::make(const AccessOptions& options) {
  Result<std::vector<Entry>> allow = parse_all("allow", options.allow);
  if (!allow) return fail(std::move(allow.error()));
  Result<std::vector<Entry>> deny = parse_all("deny", options.deny);
  if (!deny) return fail(std::move(deny.error()));
  AccessList list;
  list.allow_ = *std::move(allow);
  list.deny_ = *std::move(deny);
  return list;
}

bool AccessList::Entry::names(const x509::ServerName& target) const noexcept {
  if (block) return false;
  if (host.empty()) return true;
  if (target.is_ip()) return false;
  return host.front() == '.' ? target.text().ends_with(host) : target.text() == host;
}

bool AccessList::Entry::holds(const ip::address& address) const noexcept {
  if (!block) return false;
  const std::optional<ip::address_v4> inner = net::embedded_v4(address);
  return block->contains(address) || (inner && block->contains(*inner));
}

bool AccessList::Entry::opens(const ip::address& address, const net::AddressBlock& use) const noexcept {
  return block && block->contains(address) && block->within(use);
}

std::optional<std::string> AccessList::refuses(const x509::ServerName& host, std::uint16_t port) const {
  if (port == 0) return "there is no port 0";
  for (const Entry& entry : deny_)
    if (entry.has(port) && entry.names(host)) return fmt::format("denied by {}", entry.text);
  const auto may_be_let_in = [&](const Entry& entry) { return entry.has(port) && (entry.block || entry.names(host)); };
  if (!allow_.empty() && std::ranges::none_of(allow_, may_be_let_in)) return "not among what is allowed";
  return {};
}

std::optional<std::string> AccessList::refuses(const x509::ServerName& host, std::uint16_t port,
                                               const ip::address& address) const {
  if (std::optional<std::string> refusal = refuses(host, port)) return refusal;
  for (const Entry& entry : deny_)
    if (entry.has(port) && entry.holds(address))
      return fmt::format("{} is denied by {}", address.to_string(), entry.text);

  if (const std::optional<net::SpecialUse> use = net::special_use(address)) {
    const std::optional<ip::address_v4> inner = net::embedded_v4(address);
    const std::optional<net::SpecialUse> inner_use = inner ? net::special_use(*inner) : std::nullopt;
    const bool open = std::ranges::any_of(allow_, [&](const Entry& entry) {
      return entry.has(port) &&
             (entry.opens(address, use->block) || (inner_use && entry.opens(*inner, inner_use->block)));
    });
    if (open) return {};
    return fmt::format("{} is {} ({}), which is refused unless that is allowed by address", address.to_string(),
                       use->what, use->block.text());
  }
  if (allow_.empty()) return {};
  const bool allowed = std::ranges::any_of(
      allow_, [&](const Entry& entry) { return entry.has(port) && (entry.names(host) || entry.holds(address)); });
  if (allowed) return {};
  return fmt::format("{} is not among what is allowed", address.to_string());
}

}  // namespace handfast::proxy
