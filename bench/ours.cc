// Handfast itself, through its public API alone.
#include "ours.h"

#include <array>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "check.h"
#include "handshake.h"

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
      case HandshakeType::new_session_ticket: return messages.new_session_ticket;
      case HandshakeType::finished:
        return message.direction == Direction::sent ? messages.client_finished : messages.server_finished;
      default: throw std::runtime_error("an unexpected message: " + name(message.type));
    }
  }
};

/// Gives the session of the first handshake to all that follow, as libssl's callers do who set it.
class OneSession final : public ClientSessionStore {
 public:
  std::optional<SavedSession> find(const ClientSessionKey&) noexcept override { return session_; }
  void put(const ClientSessionKey&, SavedSession session) noexcept override {
    if (!session_) session_ = std::move(session);
  }
  void erase(const ClientSessionKey&, const SavedSession&) noexcept override { session_.reset(); }

 private:
  std::optional<SavedSession> session_;
};

/// What a case resumes by, and nothing else.
void allow_resumption(Resumption resumption, ClientOptions& client, ServerOptions& server) {
  if (resumption == Resumption::none) return;
  client.sessions.store = std::make_shared<OneSession>();
  client.sessions.tls12_tickets = resumption == Resumption::ticket;
  if (resumption == Resumption::session_id)
    server.sessions.store = std::make_shared<MemorySessionStore>();
  else
    server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
}

}  // namespace

Ours::Ours(const Case& which, const Chain& chain) {
  ClientOptions client;
  client.min_version = client.max_version = version(which);
  client.cipher_suites = {which.suite};
  client.groups = client_groups(which);
  const std::array<Bytes, 1> roots{chain.root};
  client.trust = value(TrustAnchors::from_der(roots));

  ServerOptions server;
  server.min_version = server.max_version = version(which);
  server.cipher_suites = {which.suite};
  server.groups = {which.group};
  server.credentials = {
      value(Credential::make({chain.leaf, chain.intermediate}, value(LocalKey::from_der(chain.key))))};

  allow_resumption(which.resumption, client, server);
  client_ = value(ClientConfig::make(std::move(client)));
  server_ = value(ServerConfig::make(std::move(server)));
  if (which.resumption == Resumption::none) return;
  Endpoint first_client = this->client();
  Endpoint first_server = this->server();
  handshake(first_client, first_server);
  resumption_ = which.resumption;
}

Ours::Endpoint Ours::client(Trace* trace) const {
  return Endpoint(value(Connection::client(client_, server_name, trace)), resumption_);
}

Ours::Endpoint Ours::server() const { return Endpoint(Connection::server(server_), resumption_); }

void Ours::Endpoint::receive(MutableBytes wire) { receive_all(connection_, wire); }

void Ours::Endpoint::take_output(Buffer& wire) {
  const Bytes output = connection_.output();
  wire.insert(wire.end(), output.begin(), output.end());
  connection_.drained(output.size());
}

void Ours::Endpoint::finish() {
  check(!connection_.handshaking() && !connection_.error(), "the handshake is not done");
  check(connection_.info().resumption == expected_, "resumed otherwise than the case says");
}

void Ours::Endpoint::send(Bytes data) { value(connection_.send(data)); }

void Ours::Endpoint::discard_output() { connection_.drained(connection_.output().size()); }

std::size_t Ours::Endpoint::receive_data(MutableBytes wire) { return receive_all(connection_, wire); }

Messages record_messages(const Ours& ours) {
  Recorder recorder;
  Ours::Endpoint client = ours.client(&recorder);
  Ours::Endpoint server = ours.server();
  handshake(client, server);
  return std::move(recorder.messages);
}

}  // namespace handfast::bench
