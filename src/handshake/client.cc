#include "handshake/client.h"

#include "handshake/client_tls12.h"
#include "handshake/client_tls13.h"
#include "handshake/offer.h"
#include "handshake/version.h"
#include "wire/server_hello.h"

namespace handfast::handshake {

Flow<void> client(ClientEngine& engine) {
  Offer offer = co_await make_offer(engine);
  co_await send_client_hello(engine, offer);

  Msg message = co_await next(HandshakeType::server_hello);
  wire::ServerHello hello = co_await wire::parse_server_hello(message.body());
  engine.info().version = co_await check_version(engine.options(), hello);
  // Each version is a flow of its own.
  if (engine.info().version == ProtocolVersion::tls1_3) {
    co_await client_tls13(engine, offer, message, hello);
  } else {
    co_await client_tls12(engine, offer, message, hello);
  }
}

}  // namespace handfast::handshake
