#include "handshake/server.h"

#include "handshake/negotiate.h"
#include "handshake/server_tls12.h"
#include "handshake/server_tls13.h"
#include "handshake/version.h"
#include "wire/client_hello.h"

namespace handfast::handshake {

Flow<void> server(ServerEngine& engine) {
  Msg message = co_await next(HandshakeType::client_hello);
  wire::ClientHello hello = co_await wire::parse_client_hello(message.body());
  co_await engine.transport().check_flight_end();
  engine.set_client_random(hello.random);
  engine.info().server_name = co_await read_server_name(hello);

  engine.info().version = co_await choose_version(engine, hello);
  // Each version is a flow of its own.
  if (engine.info().version == ProtocolVersion::tls1_3) {
    co_await server_tls13(engine, message, hello);
  } else {
    co_await server_tls12(engine, message, hello);
  }
}

}  // namespace handfast::handshake
