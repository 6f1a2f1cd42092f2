// A client and a server in memory, without any I/O: what an event loop of your own has to do.
//
//   sans_io cert.pem key.pem      (https_server.cc says how to make them)
#include <handfast/connection.h>

#include <iostream>
#include <string>

using namespace handfast;

namespace {

/// One end: a connection, and the bytes that came for it and are not yet taken.
struct End {
  Connection connection;
  Buffer input;
  std::string heard;

  /// Takes over what `peer` has to write, as if it had come through a network.
  bool receive_from(End& peer) {
    const Bytes output = peer.connection.output();
    input.insert(input.end(), output.begin(), output.end());
    peer.connection.drained(output.size());
    // One step at a time, until the connection can do no more with what is there.
    for (std::size_t consumed = 1; consumed > 0;) {
      const Result<Received> step = connection.receive(input);
      if (!step) {
        std::cerr << name(connection.side()) << ": " << step.error().message() << '\n';
        return false;
      }
      heard += as_text(step->data);
      consumed = step->consumed;
      input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(consumed));
    }
    return true;
  }
};

int give_up(const Error& error) {
  std::cerr << error.message() << '\n';
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: sans_io CHAIN KEY\n";
    return 2;
  }
  const auto credential = Credential::from_files(arguments[1], arguments[2]);
  if (!credential) return give_up(credential.error());
  const Bytes leaf[] = {(*credential)->chain().front()};
  const auto pin = TrustAnchors::pinned(leaf);  // this very certificate, and no other
  if (!pin) return give_up(pin.error());

  ServerOptions server_options;
  server_options.credentials = {*credential};
  const auto server_config = ServerConfig::make(server_options);
  if (!server_config) return give_up(server_config.error());
  ClientOptions client_options;
  client_options.trust = *pin;
  const auto client_config = ClientConfig::make(client_options);
  if (!client_config) return give_up(client_config.error());
  auto connection = Connection::client(*client_config, "localhost");
  if (!connection) return give_up(connection.error());

  End client{std::move(*connection), {}, {}};
  End server{Connection::server(*server_config), {}, {}};
  while (client.connection.handshaking() || server.connection.handshaking()) {
    if (!server.receive_from(client) || !client.receive_from(server)) return 1;
  }
  std::cout << name(client.connection.info().version) << ", " << name(client.connection.info().cipher_suite) << ", "
            << name(client.connection.info().group) << '\n';

  if (const auto sent = client.connection.send(as_bytes("Hello, server!")); !sent) return give_up(sent.error());
  client.connection.close();
  if (!server.receive_from(client)) return 1;
  std::cout << "The server heard: " << server.heard << '\n';
  return server.connection.received_close() ? 0 : 1;
}
