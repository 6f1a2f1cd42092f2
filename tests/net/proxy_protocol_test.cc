// The PROXY protocol: what is read, at every split, what is refused, what is written.
#include "net/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/writer.h"
#include "support/hex.h"

namespace handfast::test {
namespace {

using namespace std::string_literals;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;
using net::ProxyHeader;

constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);

ProxyHeader::Addresses between(const char* source, std::uint16_t source_port, const char* destination,
                               std::uint16_t destination_port) {
  return {{make_address(source), source_port}, {make_address(destination), destination_port}};
}

/// A header of version 2 around `content`.
std::string v2(std::uint8_t version_and_command, std::uint8_t family_and_transport, std::string_view content) {
  Buffer out;
  base::Writer w(out);
  w.bytes(as_bytes(signature));
  w.u8(version_and_command);
  w.u8(family_and_transport);
  w.vector16(as_bytes(content));
  return std::string(as_text(out));
}

std::string tlv(std::uint8_t type, std::string_view value) {
  Buffer out;
  base::Writer w(out);
  w.u8(type);
  w.vector16(as_bytes(value));
  return std::string(as_text(out));
}

const std::string inet_addresses("\xc0\x00\x02\x01\xc6\x33\x64\x02\x30\x39\x01\xbb", 12);  // 192.0.2.1:12345 to ...:443

/// Reads it at every split: nothing until it is all there, then always the same, whatever follows.
std::optional<net::ReceivedProxyHeader> read(const std::string& header) {
  for (std::size_t size = 0; size < header.size(); ++size) {
    const auto part = net::read_proxy_header(as_bytes(std::string_view(header).substr(0, size)));
    EXPECT_TRUE(part && !*part) << "at " << size << (part ? " it is there" : std::string(part.error()));
  }
  const std::string more = header + "\x16\x03\x01\x00\x05PROXY ";
  const auto whole = net::read_proxy_header(as_bytes(header));
  const auto longer = net::read_proxy_header(as_bytes(more));
  if (!whole || !*whole || !longer || !*longer) {
    ADD_FAILURE() << (whole ? "incomplete" : std::string(whole.error()));
    return {};
  }
  EXPECT_EQ((*whole)->size, header.size());
  EXPECT_EQ((*longer)->size, header.size());
  EXPECT_EQ((*longer)->header, (*whole)->header);
  return *whole;
}

/// Why it is refused; once it is, more bytes don't change it.
std::string refusal(const std::string& header) {
  const auto result = net::read_proxy_header(as_bytes(header));
  if (result) return *result ? "read" : "incomplete";
  const auto longer = net::read_proxy_header(as_bytes(header + "more"));
  EXPECT_TRUE(!longer && longer.error() == result.error());
  return std::string(result.error());
}

TEST(ProxyProtocol, Version1) {
  const auto v4 = read("PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->version, 1);
  EXPECT_EQ(v4->header.addresses, between("192.0.2.1", 12345, "198.51.100.2", 443));
  const auto v6 = read("PROXY TCP6 2001:db8::1 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 0 65535\r\n");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->header.addresses, between("2001:db8::1", 0, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 65535));
  for (const char* line : {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff:f... whatever it is\r\n"}) {
    const auto unknown = read(line);
    ASSERT_TRUE(unknown);
    EXPECT_FALSE(unknown->header.addresses);
  }
}

TEST(ProxyProtocol, Version1IsExact) {
  for (const char* line : {"PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\n",
                           "PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r \n",
                           "PROXY TCP4 192.0.2.01 198.51.100.2 12345 443\r\n",
                           "PROXY TCP4 192.0.2 198.51.100.2 12345 443\r\n",
                           "PROXY TCP4 2001:db8::1 198.51.100.2 12345 443\r\n",
                           "PROXY TCP6 192.0.2.1 198.51.100.2 12345 443\r\n",
                           "PROXY TCP6 fe80::1%lo 2001:db8::1 12345 443\r\n",
                           "PROXY TCP4 192.0.2.1 198.51.100.2 012345 443\r\n",
                           "PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n",
                           "PROXY TCP4 192.0.2.1 198.51.100.2 -1 443\r\n",
                           "PROXY TCP4 192.0.2.1 198.51.100.2 12345\r\n",
                           "PROXY TCP4 192.0.2.1 198.51.100.2 12345 \r\n",
                           "PROXY TCP4 192.0.2.1 198.51.100.2 12345 443 \r\n",
                           "PROXY TCP4  192.0.2.1 198.51.100.2 12345 443\r\n",
                           "PROXY TCP4 192.0.2.1 198.51.100.2 12345 443 1\r\n",
                           "PROXY UDP4 192.0.2.1 198.51.100.2 12345 443\r\n",
                           "PROXY UNKNOWNS\r\n",
                           "PROXY \r\n",
                           "PROXY TCP4\r\n",
                           "proxy TCP4 192.0.2.1 198.51.100.2 12345 443\r\n",
                           "GET / HTTP/1.1\r\n\r\n",
                           "\x16\x03\x01",
                           " PROXY UNKNOWN\r\n"}) {
    const std::string why = refusal(line);
    EXPECT_TRUE(why != "read" && why != "incomplete") << line << ": " << why;
  }
  EXPECT_NE(refusal("PROXY UNKNOWN \0\r\n"s), "read");
}

TEST(ProxyProtocol, Version1HasALimit) {
  const std::string longest = "PROXY UNKNOWN " + std::string(107 - 16, 'x') + "\r\n";
  ASSERT_EQ(longest.size(), net::max_proxy_header_v1);
  EXPECT_TRUE(read(longest));
  EXPECT_EQ(refusal("PROXY UNKNOWN " + std::string(107 - 15, 'x') + "\r\n"), "no line break within 107 bytes");
  EXPECT_EQ(refusal("PROXY " + std::string(100, 'x')), "incomplete");
  EXPECT_EQ(refusal("PROXY " + std::string(101, 'x')), "no line break within 107 bytes");
}

TEST(ProxyProtocol, Version2) {
  const auto v4 = read(v2(0x21, 0x11, inet_addresses));
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->version, 2);
  EXPECT_EQ(v4->header.addresses, between("192.0.2.1", 12345, "198.51.100.2", 443));
  std::string addresses(36, '\0');
  addresses[0] = addresses[16] = '\x20', addresses[1] = addresses[17] = '\x01', addresses[15] = '\x01';
  addresses[31] = '\x02', addresses[32] = '\x12', addresses[33] = '\x34', addresses[35] = '\x50';
  const auto v6 = read(v2(0x21, 0x21, addresses));
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->header.addresses, between("2001::1", 0x1234, "2001::2", 80));
}

TEST(ProxyProtocol, Version2WithoutAddressesThatCount) {
  // LOCAL: whatever stands in it is nobody's, addresses that are cut short among it.
  for (const std::string& header :
       {v2(0x20, 0x00, ""), v2(0x20, 0x11, inet_addresses), v2(0x20, 0x11, "short"), v2(0x20, 0xff, "\x01"s),
        v2(0x21, 0x00, ""), v2(0x21, 0x12, inet_addresses), v2(0x21, 0x31, std::string(216, 'a'))}) {
    const auto local = read(header);
    ASSERT_TRUE(local);
    EXPECT_EQ(local->header, ProxyHeader());
  }
  // What stands behind a path of AF_UNIX still counts.
  const auto unix_ = read(v2(0x21, 0x31, std::string(216, 'a') + tlv(0x01, "h2")));
  ASSERT_TRUE(unix_);
  EXPECT_EQ(unix_->header.application_protocol, "h2");
}

TEST(ProxyProtocol, Version2Tlvs) {
  const std::string ssl = "\x07\x00\x00\x00\x00"s + tlv(0x21, "TLSv1.3") + tlv(0x22, "alice") + tlv(0x23, "ECDHE");
  const auto read_all = read(v2(0x21, 0x11,
                                inet_addresses + tlv(0x04, "\0\0\0"s) + tlv(0x01, "h2") + tlv(0x02, "shop.example") +
                                    tlv(0x20, ssl) + tlv(0x30, "netns") + tlv(0xee, "")));
  ASSERT_TRUE(read_all);
  const ProxyHeader& header = read_all->header;
  EXPECT_EQ(header.application_protocol, "h2");
  EXPECT_EQ(header.authority, "shop.example");
  ASSERT_TRUE(header.tls);
  EXPECT_EQ(*header.tls, (ProxyHeader::Tls{true, true, true, "TLSv1.3", "alice"}));
  // Shown but not good; not shown; no TLS at all.
  const auto tls_of = [](const std::string& value) {
    return read(v2(0x21, 0x11, inet_addresses + tlv(0x20, value)))->header.tls;
  };
  EXPECT_EQ(tls_of("\x05\x00\x00\x00\x01"s), (ProxyHeader::Tls{true, false, false, "", ""}));
  EXPECT_EQ(tls_of("\x01\x00\x00\x00\x00"s), (ProxyHeader::Tls{false, false, false, "", ""}));
  EXPECT_EQ(tls_of("\x00\x00\x00\x00\x00"s), std::nullopt);
}

TEST(ProxyProtocol, Version2BoundsAreChecked) {
  // Each claims more than it has, in the header, a TLV, or a TLV within one.
  for (const std::string& content :
       {inet_addresses.substr(0, 11), inet_addresses + "\x01"s, inet_addresses + "\x01\x00"s,
        inet_addresses + "\x01\x00\x05h2"s, inet_addresses + tlv(0x20, "\x01\x00\x00\x00"s),
        inet_addresses + tlv(0x20, "\x01\x00\x00\x00\x00\x21"s),
        inet_addresses + tlv(0x20, "\x01\x00\x00\x00\x00\x21\x00\x08TLSv1.3"s) + tlv(0x04, "xxxxxxxx"),
        inet_addresses + tlv(0x01, "h2") + tlv(0x01, "h3"), inet_addresses + tlv(0x02, "a") + tlv(0x02, "b"),
        inet_addresses + tlv(0x20, "\x01\x00\x00\x00\x00"s) + tlv(0x20, "\x01\x00\x00\x00\x00"s),
        inet_addresses + tlv(0x20, "\x01\x00\x00\x00\x00"s + tlv(0x22, "alice") + tlv(0x22, "bob")),
        inet_addresses + tlv(0x03, "abc")}) {
    const std::string why = refusal(v2(0x21, 0x11, content));
    EXPECT_TRUE(why != "read" && why != "incomplete") << why;
  }
  EXPECT_NE(refusal(v2(0x21, 0x21, inet_addresses)), "read");
  EXPECT_NE(refusal(v2(0x21, 0x31, std::string(215, 'a'))), "read");
  EXPECT_NE(refusal(v2(0x21, 0x41, inet_addresses)), "read");
  EXPECT_NE(refusal(v2(0x21, 0x13, inet_addresses)), "read");
  EXPECT_NE(refusal(v2(0x22, 0x11, inet_addresses)), "read");
  EXPECT_NE(refusal(v2(0x11, 0x11, inet_addresses)), "read");
  EXPECT_EQ(refusal(v2(0x31, 0x11, "").substr(0, 13)), "neither version 1 nor version 2");
  EXPECT_EQ(refusal(v2(0x20, 0x00, std::string(16 * 1024 - 15, 'a')).substr(0, 16)), "a header of more than 16 KiB");
  EXPECT_EQ(net::read_proxy_header(as_bytes(v2(0x20, 0x00, std::string(16 * 1024 - 16, 'a')))).value()->size,
            net::max_proxy_header_v2);
}

TEST(ProxyProtocol, Version2Checksum) {
  // Computed with another's CRC32C over the header with four zeros in the checksum's place.
  std::string header = v2(0x21, 0x11, inet_addresses + tlv(0x03, "\0\0\0\0"s) + tlv(0x01, "h2"));
  EXPECT_EQ(refusal(header), "the checksum is wrong");
  const Buffer good = from_hex("b2586958");
  std::copy(good.begin(), good.end(), header.begin() + 16 + 12 + 3);
  const auto checked = read(header);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->header.application_protocol, "h2");
  for (std::size_t at = 16; at < header.size(); ++at) {
    std::string changed = header;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    const auto result = net::read_proxy_header(as_bytes(changed));
    // A length or type that is changed may hide the checksum; nothing else goes unseen.
    if (result && at != 28) ADD_FAILURE() << "byte " << at << " was changed";
  }
}

TEST(ProxyProtocol, IsWrittenAsItIsRead) {
  ProxyHeader header{between("192.0.2.1", 12345, "198.51.100.2", 443), "shop.example", "h2",
                     ProxyHeader::Tls{true, false, true, "TLSv1.3", "alice"}};
  Buffer out;
  net::write_proxy_header_v1(out, header);
  EXPECT_EQ(as_text(out), "PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n");
  out.clear();
  net::write_proxy_header_v2(out, header);
  EXPECT_EQ(read(std::string(as_text(out)))->header, header);
  header.addresses = between("2001:db8::1", 1, "2001:db8::2", 65535);
  out.clear();
  net::write_proxy_header_v1(out, header);
  EXPECT_EQ(as_text(out), "PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n");
  out.clear();
  net::write_proxy_header_v2(out, header);
  EXPECT_EQ(read(std::string(as_text(out)))->header, header);
}

TEST(ProxyProtocol, FamiliesAreMadeOne) {
  const auto line = [](const char* source, const char* destination) {
    Buffer v1;
    net::write_proxy_header_v1(v1, {between(source, 1, destination, 2), {}, {}, {}});
    Buffer v2;
    net::write_proxy_header_v2(v2, {between(source, 1, destination, 2), {}, {}, {}});
    const auto first = read(std::string(as_text(v1)));
    const auto second = read(std::string(as_text(v2)));
    EXPECT_EQ(first->header, second->header);
    return std::string(as_text(v1));
  };
  EXPECT_EQ(line("::ffff:192.0.2.1", "192.0.2.2"), "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n");
  EXPECT_EQ(line("192.0.2.1", "2001:db8::1"), "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 2\r\n");
  EXPECT_EQ(line("fe80::1%1", "fe80::2%1"), "PROXY TCP6 fe80::1 fe80::2 1 2\r\n");
}

TEST(ProxyProtocol, NoAddressesAreWritten) {
  Buffer out;
  net::write_proxy_header_v1(out, {});
  EXPECT_EQ(as_text(out), "PROXY UNKNOWN\r\n");
  out.clear();
  net::write_proxy_header_v2(out, {{}, "shop.example", "h2", {}});
  EXPECT_EQ(as_text(out), v2(0x20, 0x00, ""));
}

TEST(ProxyProtocol, NoTextIsCutShort) {
  ProxyHeader header{between("192.0.2.1", 1, "192.0.2.2", 2), std::string(1025, 'a'), {}, {}};
  Buffer out;
  net::write_proxy_header_v2(out, header);
  EXPECT_EQ(read(std::string(as_text(out)))->header.authority, "");
}

}  // namespace
}  // namespace handfast::test
