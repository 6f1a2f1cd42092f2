#include "x509/name_set.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "x509/ascii.h"

namespace handfast::x509 {
namespace {

std::unexpected<Error> refused(std::string_view text, const char* problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "trust_anchors")
                  .with("problem", problem)
                  .with("value", std::string(text.substr(0, 300))));
}

/// Whether the first `bits` of both are equal; both have as many octets.
bool equal_bits(Bytes a, Bytes b, std::size_t bits) noexcept {
  const std::size_t whole = bits / 8;
  if (!std::ranges::equal(a.first(whole), b.first(whole))) return false;
  const unsigned mask = 0xff00u >> bits % 8 & 0xff;
  return bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask) == 0;
}

/// "24", up to `most`.
std::optional<std::size_t> prefix_length(std::string_view text, std::size_t most) noexcept {
  std::size_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits > most) return {};
  return bits;
}

}  // namespace

Result<NameSet::Entry> NameSet::parse_entry(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view name = text.substr(0, slash);
  const bool is_below = name.starts_with('.') || name.starts_with("*.");
  Result<ServerName> parsed = ServerName::parse(is_below ? name.substr(name.find('.') + 1) : name);
  if (!parsed) return refused(text, "neither a host name, nor names below a domain, nor an IP address or prefix");
  if (is_below || !parsed->is_ip()) {
    if (slash != std::string_view::npos || (is_below && parsed->is_ip()))
      return refused(text, "only an IP address has a prefix length, and only a domain has names below");
    if (is_below) return Below{"." + parsed->text()};
    return Host{parsed->text()};
  }
  const Bytes address = parsed->ip();
  std::size_t bits = address.size() * 8;
  if (slash != std::string_view::npos) {
    const std::optional<std::size_t> length = prefix_length(text.substr(slash + 1), bits);
    if (!length) return refused(text, "no such prefix length");
    bits = *length;
  }
  const std::array<std::uint8_t, 16> zeros{};
  Buffer rest(address.begin(), address.end());
  for (std::size_t bit = 0; bit < bits; ++bit) rest[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> bit % 8));
  if (!std::ranges::equal(rest, std::span(zeros).first(rest.size())))
    return refused(text, "bits are set behind the prefix");
  return Prefix{{address.begin(), address.end()}, bits};
}

Result<NameSet> NameSet::parse(std::span<const std::string> names) {
  if (names.empty()) return refused("", "an empty list of names");
  NameSet set;
  for (const std::string& name : names) {
    Result<Entry> entry = parse_entry(name);
    if (!entry) return fail(std::move(entry.error()));
    set.entries_.push_back(*std::move(entry));
  }
  std::ranges::sort(set.entries_);
  const auto doubles = std::ranges::unique(set.entries_);
  set.entries_.erase(doubles.begin(), doubles.end());
  return set;
}

bool NameSet::holds(const Entry& entry, const ServerName& name) noexcept {
  if (const Prefix* prefix = std::get_if<Prefix>(&entry))
    return name.ip().size() == prefix->address.size() && equal_bits(name.ip(), prefix->address, prefix->bits);
  if (name.is_ip()) return false;
  if (const Below* below = std::get_if<Below>(&entry)) return name.text().ends_with(below->domain);
  return name.text() == std::get<Host>(entry).name;
}

bool NameSet::contains(const ServerName& name) const noexcept {
  return std::ranges::any_of(entries_, [&](const Entry& entry) { return holds(entry, name); });
}

std::string NameSet::text(const Entry& entry) {
  if (const Host* host = std::get_if<Host>(&entry)) return host->name;
  if (const Below* below = std::get_if<Below>(&entry)) return below->domain;
  const Prefix& prefix = std::get<Prefix>(entry);
  const std::string address = ip_text(prefix.address);
  return prefix.bits == prefix.address.size() * 8 ? address : fmt::format("{}/{}", address, prefix.bits);
}

std::vector<std::string> NameSet::texts() const {
  std::vector<std::string> texts;
  texts.reserve(entries_.size());
  for (const Entry& entry : entries_) texts.push_back(text(entry));
  std::ranges::sort(texts);
  return texts;
}

}  // namespace handfast::x509
