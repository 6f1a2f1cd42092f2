// Addresses that begin alike, as people write them (RFC 4632, RFC 4291, section 2.3).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace handfast::net {

/// An address of IPv4 that comes inside of IPv6 (::ffff:192.0.2.1, as a socket for both has it) is one of IPv4, and in
/// no block of IPv6.
class AddressBlock {
 public:
  /// "192.0.2.0/24", "2001:db8::/32", "192.0.2.1", "[2001:db8::]/32". Otherwise what is wrong, a literal; so where bits
  /// are set behind the prefix.
  static std::expected<AddressBlock, std::string_view> parse(std::string_view text);
  /// That address alone.
  explicit AddressBlock(const boost::asio::ip::address& address) noexcept;

  bool contains(const boost::asio::ip::address& address) const noexcept;
  /// Whether all of it is in `outer`.
  bool within(const AddressBlock& outer) const noexcept;
  /// The addresses of IPv6 that carry the IPv4 ones of this block behind the first bits of `prefix`.
  AddressBlock embedded_in(const AddressBlock& prefix) const noexcept;
  bool is_v4() const noexcept { return v4_; }
  /// "192.0.2.0/24"; one address without its length.
  std::string text() const;

  friend bool operator==(const AddressBlock&, const AddressBlock&) = default;

 private:
  AddressBlock() = default;
  unsigned width() const noexcept { return v4_ ? 32 : 128; }

  boost::asio::ip::address_v6::bytes_type bytes_{};  ///< four for IPv4; zero behind the prefix
  unsigned bits_ = 0;
  bool v4_ = false;
};

/// IPv4 out of ::ffff:0:0/96; others as they are, without a zone.
boost::asio::ip::address unmapped(const boost::asio::ip::address& address) noexcept;

}  // namespace handfast::net
