#include "net/special_use.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace handfast::net {
namespace {

namespace ip = boost::asio::ip;

struct Row {
  std::string_view block;
  std::string_view what;
};

// A row comes before those that hold it.
constexpr Row rows[] = {
    {"0.0.0.0/8", "this host"},              // RFC 791, section 3.2; Linux takes 0.0.0.0 for loopback
    {"10.0.0.0/8", "private"},               // RFC 1918
    {"100.64.0.0/10", "shared"},             // RFC 6598: behind a carrier's NAT
    {"127.0.0.0/8", "loopback"},             // RFC 1122, section 3.2.1.3
    {"169.254.0.0/16", "link-local"},        // RFC 3927; 169.254.169.254 gives a cloud's credentials away
    {"172.16.0.0/12", "private"},            // RFC 1918
    {"192.0.0.0/24", "protocols'"},          // RFC 6890, section 2.1
    {"192.0.2.0/24", "documentation's"},     // RFC 5737
    {"192.88.99.0/24", "6to4 relays'"},      // RFC 7526
    {"192.168.0.0/16", "private"},           // RFC 1918
    {"198.18.0.0/15", "benchmarks'"},        // RFC 2544
    {"198.51.100.0/24", "documentation's"},  // RFC 5737
    {"203.0.113.0/24", "documentation's"},   // RFC 5737
    {"168.63.129.16/32", "a cloud's own"},   // Azure's, as 169.254.169.254
    {"224.0.0.0/4", "multicast"},            // RFC 5771
    {"255.255.255.255/32", "broadcast"},     // RFC 919
    {"240.0.0.0/4", "reserved"},             // RFC 1112, section 4
    {"::1/128", "loopback"},                 // RFC 4291
    {"::/128", "this host"},                 // RFC 4291; as 0.0.0.0
    {"::/96", "IPv4-compatible"},            // RFC 4291, section 2.5.5.1: deprecated
    {"64:ff9b:1::/48", "private NAT64"},     // RFC 8215
    {"100::/64", "discarded"},               // RFC 6666
    {"2001:db8::/32", "documentation's"},    // RFC 3849
    {"2001::/23", "protocols'"},             // RFC 2928; Teredo and ORCHID among it
    {"3fff::/20", "documentation's"},        // RFC 9637
    {"5f00::/16", "segments'"},              // RFC 9602
    {"fc00::/7", "private"},                 // RFC 4193; fd00:ec2::254 as 169.254.169.254
    {"fe80::/10", "link-local"},             // RFC 4291
    {"fec0::/10", "site-local"},             // RFC 3879: deprecated, not gone
    {"ff00::/8", "multicast"},               // RFC 4291
};

AddressBlock block_of(std::string_view text) { return *AddressBlock::parse(text); }

const std::vector<SpecialUse>& uses() {
  static const std::vector<SpecialUse> all = [] {
    std::vector<SpecialUse> out;
    for (const Row& row : rows) out.push_back({row.what, block_of(row.block)});
    return out;
  }();
  return all;
}

/// Prefixes behind which an IPv4 address stands.
struct Carrier {
  AddressBlock prefix;
  std::size_t at;  ///< octets of the address before it
};
const std::array<Carrier, 3>& carriers() {
  static const std::array<Carrier, 3> all{{
      {block_of("64:ff9b::/96"), 12},     // NAT64 (RFC 6052, section 2.1)
      {block_of("::ffff:0:0:0/96"), 12},  // translated (RFC 2765, section 2.1)
      {block_of("2002::/16"), 2},         // 6to4 (RFC 3056)
  }};
  return all;
}

const Carrier* carrier_of(const ip::address& address) noexcept {
  const auto& all = carriers();
  const auto* found = std::ranges::find_if(all, [&](const Carrier& each) { return each.prefix.contains(address); });
  return found == all.end() ? nullptr : found;
}

ip::address_v4 carried(const ip::address& address, std::size_t at) noexcept {
  ip::address_v4::bytes_type octets{};
  const auto bytes = address.to_v6().to_bytes();
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), octets.size(), octets.begin());
  return ip::address_v4(octets);
}

}  // namespace

std::optional<ip::address_v4> embedded_v4(const ip::address& address) noexcept {
  const Carrier* carrier = carrier_of(address);
  if (carrier == nullptr) return {};
  return carried(address, carrier->at);
}

std::optional<SpecialUse> special_use(const ip::address& address) noexcept {
  for (const SpecialUse& use : uses())
    if (use.block.contains(address)) return use;
  const Carrier* carrier = carrier_of(address);
  if (carrier == nullptr) return {};
  std::optional<SpecialUse> inner = special_use(carried(address, carrier->at));
  if (inner) inner->block = inner->block.embedded_in(carrier->prefix);
  return inner;
}

}  // namespace handfast::net
