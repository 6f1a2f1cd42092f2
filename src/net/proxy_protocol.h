// The PROXY protocol, versions 1 and 2 (HAProxy's doc/proxy-protocol.txt): what stands before the first byte of a
// connection that somebody passes on, so that its receiver knows who it really is from.
//
// Whoever may send such a header may claim any address. So it is to be read only where the configuration says that it
// comes, and from those that it names; whoever reads it there must not go on without it (section 2: "the receiver MUST
// be configured to only receive the protocol ... and MUST NOT try to guess").
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>

namespace handfast::net {

/// What a header says.
struct ProxyHeader {
  struct Addresses {
    boost::asio::ip::tcp::endpoint source;
    boost::asio::ip::tcp::endpoint destination;
    friend bool operator==(const Addresses&, const Addresses&) = default;
  };
  /// PP2_TYPE_SSL: what the client spoke with whom the header is from.
  struct Tls {
    bool certificate = false;      ///< PP2_CLIENT_CERT_SESS: the client has shown one in this session
    bool certificate_now = false;  ///< PP2_CLIENT_CERT_CONN: and on this very connection, which did not resume
    bool verified = false;         ///< one of these, and it was good
    std::string version;           ///< PP2_SUBTYPE_SSL_VERSION, "TLSv1.3"
    std::string common_name;       ///< PP2_SUBTYPE_SSL_CN, of the client's certificate
    friend bool operator==(const Tls&, const Tls&) = default;
  };

  /// Whom the connection is from and to. Nothing: the sender speaks for itself (LOCAL, a check of health), or knows
  /// nothing (UNKNOWN), or it is no TCP over IP; then the connection's own addresses count.
  std::optional<Addresses> addresses;
  std::string authority;             ///< PP2_TYPE_AUTHORITY, the name in SNI; unchecked
  std::string application_protocol;  ///< PP2_TYPE_ALPN
  std::optional<Tls> tls;
  friend bool operator==(const ProxyHeader&, const ProxyHeader&) = default;
};

/// As it came.
struct ReceivedProxyHeader {
  ProxyHeader header;
  std::size_t size;  ///< so many bytes at the front were it
  int version;
};

/// A header of version 1 is no longer than this, line break included (section 2.1).
constexpr std::size_t max_proxy_header_v1 = 107;
/// And one of version 2 here, its 16 bytes at the front included: room for a client's certificate among its TLVs.
constexpr std::size_t max_proxy_header_v2 = 16 * 1024;

/// Reads a header of either version at the front of what has been received so far. Nothing: it is not all there, so far
/// it is good; to be asked again when there is more. Otherwise what is wrong, a literal for the log: it is no header,
/// one past the limits above, with lengths that don't fit, or with a checksum (PP2_TYPE_CRC32C) that is not right.
std::expected<std::optional<ReceivedProxyHeader>, std::string_view> read_proxy_header(Bytes received);

/// Appends a header of version 1, which tells of the addresses alone; without them, UNKNOWN. Addresses of two families
/// are both written as IPv6.
void write_proxy_header_v1(Buffer& out, const ProxyHeader& header);

/// Appends a header of version 2; without addresses, LOCAL. A text of more than 1024 bytes is left out: none is cut
/// short, which might make it another's.
void write_proxy_header_v2(Buffer& out, const ProxyHeader& header);

}  // namespace handfast::net
