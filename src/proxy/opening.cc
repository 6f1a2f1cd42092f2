#include "proxy/opening.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/error.hpp>

#include <handfast/identity.h>

#include "proxy/bad_option.h"

namespace handfast::proxy {
namespace {

/// How long a client may take to take an alert.
constexpr std::chrono::milliseconds alert_timeout{1'000};

}  // namespace

Result<ProxySenders> ProxySenders::make(std::string_view option, std::span<const std::string> addresses) {
  ProxySenders senders;
  for (const std::string& text : addresses) {
    const auto block = net::AddressBlock::parse(text);
    if (!block)
      return bad_option(option, text, block.error(),
                        "Write the addresses that send a PROXY header: 192.0.2.1, 10.0.0.0/8.");
    senders.blocks_.push_back(*block);
  }
  return senders;
}

bool ProxySenders::contain(const boost::asio::ip::address& address) const noexcept {
  return std::ranges::any_of(blocks_, [&](const net::AddressBlock& block) { return block.contains(address); });
}

Result<SendProxy> parse_send_proxy(std::string_view option, std::string_view text) {
  if (text.empty()) return SendProxy::none;
  if (text == "v1") return SendProxy::v1;
  if (text == "v2") return SendProxy::v2;
  return bad_option(option, text, "there is no such version of the PROXY protocol", "Write v1 or v2.");
}

net::ProxyHeader proxy_header_of(const ConnectionInfo& info) {
  net::ProxyHeader header;
  header.authority = info.server_name;
  header.application_protocol = info.application_protocol;
  net::ProxyHeader::Tls& tls = header.tls.emplace();
  tls.certificate = info.peer_verified;
  tls.certificate_now = info.peer_verified && info.resumption == Resumption::none;
  tls.verified = info.peer_verified;
  // As OpenSSL has it: "TLSv1.3".
  tls.version = "TLSv" + std::string(name(info.version)).substr(4);
  if (info.peer_verified)
    if (const std::optional<Identity> client = info.peer_identity()) tls.common_name = client->common_name;
  return header;
}

Buffer proxy_preface(SendProxy version, const Arrival& arrival, net::ProxyHeader header) {
  Buffer out;
  header.addresses = net::ProxyHeader::Addresses{arrival.peer, arrival.local};
  if (version == SendProxy::v1) net::write_proxy_header_v1(out, header);
  if (version == SendProxy::v2) net::write_proxy_header_v2(out, header);
  return out;
}

Awaitable<std::optional<std::string>> take_proxy_header(Arrival& arrival, const Limits& limits, Deadline deadline) {
  Buffer received;
  while (!deadline.passed()) {
    arrival.stream.set_read_timeout(deadline.left());
    NetResult<Bytes> bytes = co_await arrival.stream.read();
    if (!bytes) co_return "no PROXY header: " + bytes.error().message();
    if (bytes->empty()) co_return "no PROXY header: the connection was closed";
    received.insert(received.end(), bytes->begin(), bytes->end());
    const auto header = net::read_proxy_header(received);
    if (!header) co_return std::string(header.error());
    if (!*header) continue;
    if (const auto& addresses = (*header)->header.addresses) {
      arrival.peer = addresses->source;
      arrival.local = addresses->destination;
      const Admission::Verdict verdict = arrival.place.count_as(arrival.peer.address(), limits);
      if (verdict != Admission::Verdict::admitted) co_return std::string(name(verdict));
    }
    received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>((*header)->size));
    arrival.stream = unread(arrival.stream, std::move(received));
    co_return std::nullopt;
  }
  co_return "no PROXY header in time";
}

Awaitable<NetResult<>> read_hello(net::PlainStream& stream, HelloReader& reader, Deadline deadline) {
  while (!reader.done()) {
    // A client that sends a byte now and then never lets a single read time out.
    if (deadline.passed()) co_return std::unexpected(NetError(Stage::read, boost::asio::error::timed_out));
    stream.set_read_timeout(deadline.left());
    NetResult<Bytes> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(std::move(bytes).error());
    if (bytes->empty())
      co_return std::unexpected(NetError(Stage::handshake, Error(Alert::close_notify, Reason::truncated)));
    Result<> taken = reader.take(*bytes);
    if (!taken) co_return std::unexpected(NetError(Stage::handshake, std::move(taken).error()));
  }
  stream.set_read_timeout(std::chrono::milliseconds(0));
  co_return NetResult<>();
}

bool understands_alerts(const NetError& error) noexcept {
  if (error.tls() == nullptr) return false;
  switch (error.tls()->reason()) {
    case Reason::not_tls:
    case Reason::http_request:
    case Reason::http_proxy_request:
    case Reason::truncated: return false;
    default: return true;
  }
}

Awaitable<> refuse_hello(net::PlainStream& stream, Alert alert) {
  // AlertLevel fatal, in a TLSPlaintext (RFC 8446, sections 5.1 and 6).
  const std::array<std::uint8_t, 7> record{21, 3, 3, 0, 2, 2, static_cast<std::uint8_t>(alert)};
  stream.set_write_timeout(alert_timeout);
  NetResult<> written = co_await stream.write(record);
  if (written) written = co_await stream.shutdown();
}

net::PlainStream unread(net::PlainStream& stream, Buffer received) {
  return net::PlainStream(stream.release().socket, std::move(received));
}

}  // namespace handfast::proxy
