// PROXY headers <-> bytes.
#include "net/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>

#include "base/reader.h"
#include "base/writer.h"

namespace handfast::net {
namespace {

namespace ip = boost::asio::ip;
using Addresses = ProxyHeader::Addresses;
using Read = std::expected<std::optional<ReceivedProxyHeader>, std::string_view>;
using Problem = std::unexpected<std::string_view>;

constexpr std::string_view signature_v1 = "PROXY ";
constexpr std::string_view signature_v2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t fixed_v2 = 16;  ///< signature, version and command, family and protocol, length
constexpr std::size_t longest_text = 1024;

// Section 2.2.
enum class Command : std::uint8_t { local = 0x0, proxy = 0x1 };
enum class Family : std::uint8_t { unspec = 0x0, inet = 0x1, inet6 = 0x2, unix_ = 0x3 };
enum class Transport : std::uint8_t { unspec = 0x0, stream = 0x1, dgram = 0x2 };
// Section 2.2.1.
enum class Tlv : std::uint8_t { alpn = 0x01, authority = 0x02, crc32c = 0x03, ssl = 0x20 };
enum class SslTlv : std::uint8_t { version = 0x21, cn = 0x22 };
// Section 2.2.6, pp2_tlv_ssl.client.
constexpr std::uint8_t client_ssl = 0x01;
constexpr std::uint8_t client_cert_conn = 0x02;
constexpr std::uint8_t client_cert_sess = 0x04;

// --- Version 1 (section 2.1) ---

/// Up to the next blank, which is taken too.
std::string_view word(std::string_view& rest) noexcept {
  const std::size_t blank = std::min(rest.find(' '), rest.size());
  const std::string_view taken = rest.substr(0, blank);
  rest.remove_prefix(std::min(blank + 1, rest.size()));
  return taken;
}

/// "[0..65535], without heading zeroes".
std::optional<std::uint16_t> port_of(std::string_view digits) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return {};
  if (digits.size() > 1 && digits.front() == '0') return {};
  return port;
}

template <typename Address>
std::optional<ip::address> address_of(std::string_view text, int family) {
  typename Address::bytes_type octets{};
  // inet_pton takes neither zeros in front, nor zones, nor less than four numbers.
  if (inet_pton(family, std::string(text).c_str(), octets.data()) != 1) return {};
  return Address(octets);
}

std::expected<std::optional<Addresses>, std::string_view> parse_line(std::string_view line) {
  line.remove_prefix(signature_v1.size());
  const std::string_view family = word(line);
  if (family == "UNKNOWN") return std::nullopt;  // "must ignore anything presented before the CRLF"
  if (family != "TCP4" && family != "TCP6") return Problem("neither TCP4, nor TCP6, nor UNKNOWN");
  const auto parse = family == "TCP4" ? &address_of<ip::address_v4> : &address_of<ip::address_v6>;
  const int af = family == "TCP4" ? AF_INET : AF_INET6;
  const std::optional<ip::address> source = parse(word(line), af);
  const std::optional<ip::address> destination = parse(word(line), af);
  if (!source || !destination) return Problem("an address that is none of that family");
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return Problem("a port is missing");
  const std::optional<std::uint16_t> source_port = port_of(line.substr(0, blank));
  const std::optional<std::uint16_t> destination_port = port_of(line.substr(blank + 1));
  if (!source_port || !destination_port) return Problem("a port that is none");
  return Addresses{{*source, *source_port}, {*destination, *destination_port}};
}

Read read_v1(std::string_view received) {
  const std::string_view window = received.substr(0, max_proxy_header_v1);
  const std::size_t end = window.find_first_of(std::string_view("\r\n\0", 3));
  if (end == std::string_view::npos) {
    if (window.size() == max_proxy_header_v1) return Problem("no line break within 107 bytes");
    return std::nullopt;
  }
  if (window[end] != '\r') return Problem("the line does not end with CR LF");
  if (end + 1 == window.size()) {
    if (window.size() == max_proxy_header_v1) return Problem("no line break within 107 bytes");
    return std::nullopt;
  }
  if (window[end + 1] != '\n') return Problem("the line does not end with CR LF");
  const auto addresses = parse_line(window.substr(0, end));
  if (!addresses) return Problem(addresses.error());
  return ReceivedProxyHeader{
      {.addresses = *addresses, .authority = {}, .application_protocol = {}, .tls = {}}, end + 2, 1};
}

// --- Version 2 (section 2.2) ---

/// CRC32C (RFC 4960, appendix B), one byte more.
constexpr std::uint32_t crc32c(std::uint32_t crc, std::uint8_t byte) noexcept {
  crc ^= byte;
  for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
  return crc;
}

/// Section 2.2.3: over the whole header, the checksum's own four bytes, at `at`, taken as zeros.
std::uint32_t checksum(Bytes header, std::size_t at) noexcept {
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 0; i < header.size(); ++i) crc = crc32c(crc, i - at < 4 ? 0 : header[i]);
  return ~crc;
}

template <typename Octets>
Octets octets(base::Reader& r) noexcept {
  Octets out{};
  const Bytes bytes = r.take(out.size());
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

template <typename Address>
Addresses read_addresses(base::Reader& r) {
  const Address source(octets<typename Address::bytes_type>(r));
  const Address destination(octets<typename Address::bytes_type>(r));
  const std::uint16_t source_port = r.u16();
  const std::uint16_t destination_port = r.u16();
  return {{source, source_port}, {destination, destination_port}};
}

/// Once at most, so that two readers can't each take another one.
bool set(std::string& text, Bytes value, bool& given) {
  if (given) return false;
  given = true;
  text = as_text(value);
  return true;
}

/// Section 2.2.6; what is left of a value that does not parse, nobody is told.
bool read_ssl(Bytes value, std::optional<ProxyHeader::Tls>& out) {
  base::Reader r(value);
  const std::uint8_t client = r.u8();
  const std::uint32_t verify = r.u32();
  ProxyHeader::Tls tls;
  tls.certificate = (client & client_cert_sess) != 0;
  tls.certificate_now = (client & client_cert_conn) != 0;
  tls.verified = (tls.certificate || tls.certificate_now) && verify == 0;
  bool version_given = false;
  bool name_given = false;
  while (!r.empty()) {
    const auto type = static_cast<SslTlv>(r.u8());
    const Bytes content = r.vector16();
    if (!r.ok()) return false;
    if (type == SslTlv::version && !set(tls.version, content, version_given)) return false;
    if (type == SslTlv::cn && !set(tls.common_name, content, name_given)) return false;
  }
  if (!r.ok()) return false;
  if ((client & client_ssl) != 0) out = std::move(tls);
  return true;
}

/// The TLVs that `r` has left of `header`. Nothing, or what is wrong.
std::optional<std::string_view> read_tlvs(base::Reader& r, Bytes header, ProxyHeader& out) {
  bool alpn_given = false;
  bool authority_given = false;
  bool ssl_given = false;
  bool checksum_given = false;
  while (!r.empty()) {
    const auto type = static_cast<Tlv>(r.u8());
    const Bytes value = r.vector16();
    if (!r.ok()) return "a TLV that is longer than the header";
    switch (type) {
      case Tlv::alpn:
        if (!set(out.application_protocol, value, alpn_given)) return "two TLVs of ALPN";
        break;
      case Tlv::authority:
        if (!set(out.authority, value, authority_given)) return "two TLVs of an authority";
        break;
      case Tlv::crc32c: {
        if (std::exchange(checksum_given, true) || value.size() != 4) return "a checksum that is none";
        const auto at = static_cast<std::size_t>(value.data() - header.data());
        if (base::Reader(value).u32() != checksum(header, at)) return "the checksum is wrong";
        break;
      }
      case Tlv::ssl:
        if (std::exchange(ssl_given, true) || !read_ssl(value, out.tls)) return "a TLV of TLS that does not parse";
        break;
      default: break;  // unknown ones, and padding (PP2_TYPE_NOOP), are skipped
    }
  }
  return {};
}

Read read_v2(Bytes received) {
  base::Reader head(received);
  head.take(signature_v2.size());
  const std::uint8_t version_and_command = head.u8();
  const std::uint8_t family_and_transport = head.u8();
  const std::size_t length = head.u16();
  if (received.size() > signature_v2.size()) {
    if (version_and_command >> 4 != 2) return Problem("neither version 1 nor version 2");
    if ((version_and_command & 0xf) > 1) return Problem("neither PROXY nor LOCAL");
  }
  if (!head.ok()) return std::nullopt;
  if (fixed_v2 + length > max_proxy_header_v2) return Problem("a header of more than 16 KiB");
  if (received.size() < fixed_v2 + length) return std::nullopt;

  const Bytes header = received.first(fixed_v2 + length);
  ReceivedProxyHeader out{{}, header.size(), 2};
  // "the receiver ... must discard the protocol block including the family which is ignored".
  if (static_cast<Command>(version_and_command & 0xf) == Command::local) return out;

  const auto family = static_cast<Family>(family_and_transport >> 4);
  const auto transport = static_cast<Transport>(family_and_transport & 0xf);
  if (transport > Transport::dgram) return Problem("a transport that is not known");
  base::Reader r(header.subspan(fixed_v2));
  std::optional<Addresses> addresses;
  switch (family) {
    case Family::unspec: break;
    case Family::inet: addresses = read_addresses<ip::address_v4>(r); break;
    case Family::inet6: addresses = read_addresses<ip::address_v6>(r); break;
    case Family::unix_: r.take(2 * 108); break;
    default: return Problem("an address family that is not known");
  }
  if (!r.ok()) return Problem("too short for its addresses");
  if (transport == Transport::stream) out.header.addresses = addresses;
  if (const auto problem = read_tlvs(r, header, out.header)) return Problem(*problem);
  return out;
}

// --- Writing ---

/// Both IPv4 where both are, be it inside of IPv6 (as on a socket for both); else both IPv6.
Addresses of_one_family(const Addresses& addresses) {
  const auto v4 = [](const ip::address& a) { return a.is_v4() || a.to_v6().is_v4_mapped(); };
  const auto as_v4 = [](const ip::address& a) {
    return a.is_v4() ? a : ip::address(ip::make_address_v4(ip::v4_mapped, a.to_v6()));
  };
  const auto as_v6 = [](const ip::address& a) {
    return a.is_v6() ? a : ip::address(ip::make_address_v6(ip::v4_mapped, a.to_v4()));
  };
  Addresses out = addresses;
  const bool both_v4 = v4(out.source.address()) && v4(out.destination.address());
  for (ip::tcp::endpoint* endpoint : {&out.source, &out.destination})
    endpoint->address(both_v4 ? as_v4(endpoint->address()) : as_v6(endpoint->address()));
  return out;
}

/// Without a zone ("%eth0"), which is nobody else's.
std::string text_of(const ip::address& address) {
  return address.is_v4() ? address.to_string() : ip::address_v6(address.to_v6().to_bytes()).to_string();
}

void write_address(base::Writer& w, const ip::address& address) {
  if (address.is_v4())
    w.bytes(address.to_v4().to_bytes());
  else
    w.bytes(address.to_v6().to_bytes());
}

template <typename Type>
void write_text(base::Writer& w, Type type, std::string_view text) {
  if (text.empty() || text.size() > longest_text) return;
  w.u8(static_cast<std::uint8_t>(type));
  w.vector16(as_bytes(text));
}

void write_ssl(base::Writer& w, const ProxyHeader::Tls& tls) {
  w.u8(static_cast<std::uint8_t>(Tlv::ssl));
  const auto length = w.length16();
  w.u8(static_cast<std::uint8_t>(client_ssl | (tls.certificate ? client_cert_sess : 0) |
                                 (tls.certificate_now ? client_cert_conn : 0)));
  w.u32(tls.verified ? 0 : 1);
  write_text(w, SslTlv::version, tls.version);
  write_text(w, SslTlv::cn, tls.common_name);
}

}  // namespace

std::expected<std::optional<ReceivedProxyHeader>, std::string_view> read_proxy_header(Bytes received) {
  const std::string_view text = as_text(received);
  const auto begins_like = [text](std::string_view signature) {
    const std::size_t size = std::min(text.size(), signature.size());
    return text.substr(0, size) == signature.substr(0, size);
  };
  if (begins_like(signature_v1)) return text.size() < signature_v1.size() ? Read(std::nullopt) : read_v1(text);
  if (begins_like(signature_v2)) return text.size() < signature_v2.size() ? Read(std::nullopt) : read_v2(received);
  return Problem("there is no PROXY header");
}

void write_proxy_header_v1(Buffer& out, const ProxyHeader& header) {
  std::string line = "PROXY UNKNOWN\r\n";
  if (header.addresses) {
    const auto [source, destination] = of_one_family(*header.addresses);
    line = fmt::format("PROXY {} {} {} {} {}\r\n", source.address().is_v4() ? "TCP4" : "TCP6",
                       text_of(source.address()), text_of(destination.address()), source.port(), destination.port());
  }
  out.insert(out.end(), line.begin(), line.end());
}

void write_proxy_header_v2(Buffer& out, const ProxyHeader& header) {
  base::Writer w(out);
  w.bytes(as_bytes(signature_v2));
  if (!header.addresses) {
    w.u8(0x20 | static_cast<std::uint8_t>(Command::local));
    w.u8(0);
    w.u16(0);
    return;
  }
  const auto [source, destination] = of_one_family(*header.addresses);
  const Family family = source.address().is_v4() ? Family::inet : Family::inet6;
  w.u8(0x20 | static_cast<std::uint8_t>(Command::proxy));
  w.u8(static_cast<std::uint8_t>(static_cast<unsigned>(family) << 4 | static_cast<unsigned>(Transport::stream)));
  const auto length = w.length16();
  write_address(w, source.address());
  write_address(w, destination.address());
  w.u16(source.port());
  w.u16(destination.port());
  write_text(w, Tlv::alpn, header.application_protocol);
  write_text(w, Tlv::authority, header.authority);
  if (header.tls) write_ssl(w, *header.tls);
}

}  // namespace handfast::net
