// Two connections in memory, with certificates of their own, and the pump between them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <handfast/connection.h>

#include "authority/mint.h"

namespace handfast::test {

/// The value of a Result that has to be one.
template <typename T>
T value(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A clock that stands at a moment of the test's choice.
class FixedClock final : public Clock {
 public:
  std::int64_t now() override { return seconds; }
  std::uint64_t monotonic() override { return ++ticks_; }
  std::int64_t seconds = 1'800'000'000;

 private:
  std::uint64_t ticks_ = 0;
};

/// A root, and credentials that chain to it.
class Authority {
 public:
  explicit Authority(std::string name = "Test root")
      : root_(value(authority::make_ca(
            authority::ca_options(std::move(name), FixedClock().seconds - 86400, FixedClock().seconds + 86400),
            crypto::KeyType::p256, system_random()))) {}

  authority::CertificateOptions leaf(std::vector<std::string> names) const {
    return authority::leaf_options(std::move(names), FixedClock().seconds - 3600, FixedClock().seconds + 3600);
  }
  std::shared_ptr<const Credential> credential(const authority::CertificateOptions& options,
                                               crypto::KeyType type = crypto::KeyType::p256,
                                               CredentialExtras extras = {}) const {
    authority::Identity identity =
        value(authority::make_identity(options, type, {root_.certificate, root_.key}, system_random()));
    const Bytes der = identity.certificate.der();
    return value(Credential::make({Buffer(der.begin(), der.end())},
                                  value(LocalKey::from_der(value(identity.key.to_der()))), std::move(extras)));
  }
  std::shared_ptr<const Credential> credential(std::string name, crypto::KeyType type = crypto::KeyType::p256) const {
    return credential(leaf({std::move(name)}), type);
  }
  std::shared_ptr<const TrustAnchors> anchors() const {
    const Bytes der[] = {root_.certificate.der()};
    return value(TrustAnchors::from_der(der));
  }
  Bytes subject() const { return root_.certificate->subject; }
  const authority::Identity& root() const { return root_; }

 private:
  authority::Identity root_;
};

/// One for all tests that need no special one: keys take their time.
inline const Authority& shared_authority() {
  static const Authority authority;
  return authority;
}
inline const std::shared_ptr<const Credential>& shared_credential() {
  static const auto credential = shared_authority().credential("server.example");
  return credential;
}

/// With an RSA key that clients may encrypt for.
inline const std::shared_ptr<const Credential>& decrypting_credential() {
  static const auto credential = [] {
    authority::CertificateOptions leaf = shared_authority().leaf({"server.example"});
    leaf.key_usage = x509::KeyUsage::digitalSignature | x509::KeyUsage::keyEncipherment;
    return shared_authority().credential(leaf, crypto::KeyType::rsa);
  }();
  return credential;
}

inline ClientOptions client_options() {
  ClientOptions options;
  options.trust = shared_authority().anchors();
  options.clock = std::make_shared<FixedClock>();
  return options;
}
inline ClientOptions tls12_client_options() {
  ClientOptions options = client_options();
  options.max_version = ProtocolVersion::tls1_2;
  return options;
}
inline ServerOptions server_options() {
  ServerOptions options;
  options.credentials = {shared_credential()};
  options.clock = std::make_shared<FixedClock>();
  return options;
}

inline Connection make_client(ClientOptions options = client_options(), std::string_view name = "server.example",
                              Trace* trace = nullptr) {
  return value(Connection::client(value(ClientConfig::make(std::move(options))), name, trace));
}
inline Connection make_server(ServerOptions options = server_options(), Trace* trace = nullptr) {
  return Connection::server(value(ServerConfig::make(std::move(options))), trace);
}

/// What a connection has to say, taken from it.
inline Buffer take_output(Connection& connection) {
  const Bytes output = connection.output();
  Buffer taken(output.begin(), output.end());
  connection.drained(taken.size());
  return taken;
}

/// One end with the input that it has not consumed yet, and all application data that it has received.
struct End {
  Connection connection;
  Buffer input;
  Buffer received;

  /// Gives it bytes and lets it work on all that it has. The error, where it has ended, stands in the connection.
  void feed(Bytes bytes) {
    input.insert(input.end(), bytes.begin(), bytes.end());
    std::size_t done = 0;
    while (true) {
      Result<Received> step = connection.receive(MutableBytes(input).subspan(done));
      if (!step) break;
      received.insert(received.end(), step->data.begin(), step->data.end());
      done += step->consumed;
      if (step->consumed == 0) break;
    }
    input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(done));
  }
};

/// A client and a server.
struct Pair {
  End client;
  End server;

  explicit Pair(ClientOptions client_with = client_options(), ServerOptions server_with = server_options(),
                std::string_view name = "server.example", Trace* client_trace = nullptr, Trace* server_trace = nullptr)
      : client{make_client(std::move(client_with), name, client_trace), {}, {}},
        server{make_server(std::move(server_with), server_trace), {}, {}} {}

  /// Carries bytes both ways, at most `piece` at a time, until nothing moves any more.
  void pump(std::size_t piece = SIZE_MAX) {
    for (bool moved = true; moved;) {
      const bool sent = carry(client, server, piece);
      moved = carry(server, client, piece) || sent;
    }
  }

  static bool carry(End& from, End& to, std::size_t piece = SIZE_MAX) {
    const Buffer bytes = take_output(from.connection);
    for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at))
      to.feed(Bytes(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    return !bytes.empty();
  }

  bool connected() const {
    auto done = [](const Connection& connection) { return !connection.handshaking() && !connection.error(); };
    return done(client.connection) && done(server.connection);
  }
};

/// Why a connection ended: its reason, or "none".
inline std::string reason(const Connection& connection) {
  return connection.error() ? std::string(name(connection.error()->reason())) : "none";
}
inline std::string alert(const Connection& connection) {
  return connection.error() ? name(connection.error()->alert()) : "none";
}

}  // namespace handfast::test
