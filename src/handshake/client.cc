#include "handshake/client.h"

#include <algorithm>

#include "handshake/client_tls13.h"
#include "handshake/offer.h"
#include "wire/server_hello.h"

namespace handfast::handshake {
namespace {

/// The version that the server chose (RFC 8446, sections 4.1.3 and 4.2.1): it must be one that was offered.
Result<ProtocolVersion> check_version(const wire::ServerHello& hello) {
  const ProtocolVersion version = hello.version();
  if (version == ProtocolVersion::tls1_3) return version;
  if (hello.selected_version)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_version_selected).with("selected", name(version)));
  // A server that knows TLS 1.3 says so in its random when it chooses less: then somebody changed our hello.
  const Bytes sentinel = hello.random.last(wire::downgrade_to_tls1_2.size());
  if (std::ranges::equal(sentinel, wire::downgrade_to_tls1_2) ||
      std::ranges::equal(sentinel, wire::downgrade_to_tls1_1))
    return fail(Error(Alert::illegal_parameter, Reason::downgrade_detected).with("selected", name(version)));
  return fail(Error(Alert::protocol_version, Reason::wrong_version_selected)
                  .with("selected", name(version))
                  .with("offered", name(ProtocolVersion::tls1_3)));
}

}  // namespace

Flow<void> client(ClientEngine& engine) {
  Offer offer = co_await make_offer(engine);
  co_await send_client_hello(engine, offer);

  Msg message = co_await next(HandshakeType::server_hello);
  wire::ServerHello hello = co_await wire::parse_server_hello(message.body());
  // Each version is a flow of its own; this build has one.
  engine.info().version = co_await check_version(hello);
  co_await client_tls13(engine, offer, message, hello);
}

}  // namespace handfast::handshake
