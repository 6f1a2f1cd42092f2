// Handfast itself, through its public API alone.
#include "ours.h"

#include <array>
#include <stdexcept>
#include <utility>
#include <variant>

#include "check.h"

namespace handfast::bench {
namespace {

/// Hands over all of `wire`; how many bytes of application data came out of it.
std::size_t receive_all(Connection& connection, MutableBytes wire) {
  std::size_t data = 0;
  while (!wire.empty()) {
    const Received received = value(connection.receive(wire));
    check(received.consumed != 0, "a flight ends within a record");
    data += received.data.size();
    wire = wire.subspan(received.consumed);
  }
  return data;
}

/// Keeps the handshake messages of a client's trace; there is one of each type and direction.
class Recorder final : public Trace {
 public:
  void on(const TraceEvent& event) override {
    const auto* message = std::get_if<MessageEvent>(&event.what);
    if (message) kept(*message).assign(message->bytes.begin(), message->bytes.end());
  }
  Messages messages;

 private:
  Buffer& kept(const MessageEvent& message) {
    switch (message.type) {
      case HandshakeType::client_hello: return messages.client_hello;
      case HandshakeType::server_hello: return messages.server_hello;
      case HandshakeType::encrypted_extensions: return messages.encrypted_extensions;
      case HandshakeType::certificate: return messages.certificate;
      case HandshakeType::certificate_verify: return messages.certificate_verify;
      case HandshakeType::server_key_exchange: return messages.server_key_exchange;
      case HandshakeType::server_hello_done: return messages.server_hello_done;
      case HandshakeType::client_key_exchange: return messages.client_key_exchange;
      case HandshakeType::finished:
        return message.direction == Direction::sent ? messages.client_finished : messages.server_finished;
      default: throw std::runtime_error("an unexpected message: " + name(message.type));
    }
  }
};

}  // namespace

Ours::Ours(const Case& which, const Chain& chain) {
  ClientOptions client;
  client.min_version = client.max_version = version(which);
  client.cipher_suites = {which.suite};
  client.groups = client_groups(which);
  const std::array<Bytes, 1> roots{chain.root};
  client.trust = value(TrustAnchors::from_der(roots));
  client_ = value(ClientConfig::make(std::move(client)));

  ServerOptions server;
  server.min_version = server.max_version = version(which);
  server.cipher_suites = {which.suite};
  server.groups = {which.group};
  server.credentials = {
      value(Credential::make({chain.leaf, chain.intermediate}, value(LocalKey::from_der(chain.key))))};
  server_ = value(ServerConfig::make(std::move(server)));
}

Ours::Endpoint Ours::client(Trace* trace) const {
  return Endpoint(value(Connection::client(client_, server_name, trace)));
}

Ours::Endpoint Ours::server() const { return Endpoint(Connection::server(server_)); }

void Ours::Endpoint::receive(MutableBytes wire) { receive_all(connection_, wire); }

void Ours::Endpoint::take_output(Buffer& wire) {
  const Bytes output = connection_.output();
  wire.insert(wire.end(), output.begin(), output.end());
  connection_.drained(output.size());
}

void Ours::Endpoint::finish() {
  check(!connection_.handshaking() && !connection_.error(), "the handshake is not done");
}

void Ours::Endpoint::send(Bytes data) { value(connection_.send(data)); }

void Ours::Endpoint::discard_output() { connection_.drained(connection_.output().size()); }

std::size_t Ours::Endpoint::receive_data(MutableBytes wire) { return receive_all(connection_, wire); }

Messages record_messages(const Ours& ours) {
  Recorder recorder;
  Ours::Endpoint client = ours.client(&recorder);
  Ours::Endpoint server = ours.server();
  Buffer wire;
  const auto pass = [&wire](Ours::Endpoint& from, Ours::Endpoint& to) {
    wire.clear();
    from.take_output(wire);
    to.receive(wire);
  };
  pass(client, server);
  pass(server, client);
  pass(client, server);
  pass(server, client);
  server.finish();
  client.finish();
  return std::move(recorder.messages);
}

}  // namespace handfast::bench
