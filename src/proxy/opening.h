// What a client's connection opens with, read before anything is decided: a header of the PROXY protocol from those
// that are trusted to say whom a connection is from, and a ClientHello.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include <handfast/info.h>
#include <handfast/net_error.h>

#include "net/address_block.h"
#include "net/plain_stream.h"
#include "net/proxy_protocol.h"
#include "proxy/deadline.h"
#include "proxy/hello_reader.h"
#include "proxy/service.h"

namespace handfast::proxy {

/// Who stands in front of us, and begins each connection with a PROXY header. From them nothing else is taken, from all
/// others no header is: their connections are their own.
class ProxySenders {
 public:
  /// Addresses and blocks of them, "192.0.2.1", "10.0.0.0/8"; none: nobody. Fails with bad_config, evidence `option`,
  /// `problem`, `value`, `remedy`.
  static Result<ProxySenders> make(std::string_view option, std::span<const std::string> addresses);
  bool contain(const boost::asio::ip::address& address) const noexcept;

 private:
  std::vector<net::AddressBlock> blocks_;
};

/// Which header is sent to an origin.
enum class SendProxy : std::uint8_t { none, v1, v2 };
/// "", "v1", "v2". Fails with bad_config as above.
Result<SendProxy> parse_send_proxy(std::string_view option, std::string_view text);
/// What an origin is told of the client's TLS (PP2_TYPE_AUTHORITY, _ALPN and _SSL), without the addresses.
net::ProxyHeader proxy_header_of(const ConnectionInfo& info);
/// What goes ahead of everything else to an origin; nothing for SendProxy::none. `header` without its addresses: they
/// are those of the arrival.
Buffer proxy_preface(SendProxy version, const Arrival& arrival, net::ProxyHeader header);

/// Takes the header off a connection, whose peer and local address it may change: it is counted as that peer's.
/// Otherwise the problem, for the log: the connection is to be closed.
Awaitable<std::optional<std::string>> take_proxy_header(Arrival& arrival, const Limits& limits, Deadline deadline);

/// Reads until `reader` is done. Fails at Stage::handshake with what the reader fails with, and with Reason::truncated
/// where the peer has closed before; else at Stage::read.
Awaitable<NetResult<>> read_hello(net::PlainStream& stream, HelloReader& reader, Deadline deadline);

/// Whether the client speaks TLS, so that an alert tells it something.
bool understands_alerts(const NetError& error) noexcept;
/// Sends a fatal alert in the clear and ends the connection: what says no to a ClientHello that nothing was answered
/// to yet (RFC 8446, section 6.2).
Awaitable<> refuse_hello(net::PlainStream& stream, Alert alert);

/// The same connection as if `received` had not been read yet.
net::PlainStream unread(net::PlainStream& stream, Buffer received);

}  // namespace handfast::proxy
