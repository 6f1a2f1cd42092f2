#include "net/address_block.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace handfast::net {
namespace {

namespace ip = boost::asio::ip;

template <typename Octets>
bool equal_bits(const Octets& a, const Octets& b, unsigned bits) noexcept {
  const unsigned whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const unsigned mask = 0xff00U >> bits % 8 & 0xff;
  return bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask) == 0;
}

}  // namespace

ip::address unmapped(const ip::address& address) noexcept {
  if (address.is_v4()) return address;
  if (address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return ip::address_v6(address.to_v6().to_bytes());
}

AddressBlock::AddressBlock(const ip::address& address) noexcept {
  const ip::address plain = unmapped(address);
  v4_ = plain.is_v4();
  bits_ = width();
  if (v4_) {
    const auto octets = plain.to_v4().to_bytes();
    std::copy(octets.begin(), octets.end(), bytes_.begin());
  } else {
    bytes_ = plain.to_v6().to_bytes();
  }
}

std::expected<AddressBlock, std::string_view> AddressBlock::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::string_view literal = text.substr(0, slash);
  const bool brackets = literal.size() > 2 && literal.front() == '[' && literal.back() == ']';
  if (brackets) literal = literal.substr(1, literal.size() - 2);
  boost::system::error_code error;
  const ip::address address = ip::make_address(literal, error);
  if (error || literal.find('%') != std::string_view::npos || (brackets && address.is_v4()))
    return std::unexpected("it is no IP address");
  AddressBlock block(address);
  if (slash == std::string_view::npos) return block;

  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (problem != std::errc() || end != digits.data() + digits.size() || bits > (address.is_v4() ? 32U : 128U))
    return std::unexpected("no such prefix length");
  if (block.v4_ && address.is_v6()) {
    if (bits < 96) return std::unexpected("write addresses of IPv4 as such");
    bits -= 96;
  }
  AddressBlock prefix = block;
  prefix.bits_ = bits;
  for (unsigned bit = bits; bit < prefix.width(); ++bit)
    prefix.bytes_[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
  if (prefix.bytes_ != block.bytes_) return std::unexpected("bits are set behind the prefix");
  return prefix;
}

bool AddressBlock::contains(const ip::address& address) const noexcept { return AddressBlock(address).within(*this); }

bool AddressBlock::within(const AddressBlock& outer) const noexcept {
  return v4_ == outer.v4_ && bits_ >= outer.bits_ && equal_bits(bytes_, outer.bytes_, outer.bits_);
}

AddressBlock AddressBlock::embedded_in(const AddressBlock& prefix) const noexcept {
  AddressBlock block = prefix;
  block.bits_ = prefix.bits_ + bits_;
  std::copy_n(bytes_.begin(), 4, block.bytes_.begin() + prefix.bits_ / 8);
  return block;
}

std::string AddressBlock::text() const {
  ip::address_v4::bytes_type octets{};
  std::copy_n(bytes_.begin(), octets.size(), octets.begin());
  const std::string address = v4_ ? ip::address_v4(octets).to_string() : ip::address_v6(bytes_).to_string();
  return bits_ == width() ? address : fmt::format("{}/{}", address, bits_);
}

}  // namespace handfast::net
