// A throw-away authority and configurations of its making, for tests that talk over a network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <handfast/config.h>

namespace handfast::test {

/// The name that the certificate of `credential` is for.
inline constexpr const char* host = "localhost";

/// The CA, made once a process.
std::shared_ptr<const TrustAnchors> trust();
/// Another CA, which has issued nothing.
std::shared_ptr<const TrustAnchors> trust_in_others();
/// A chain and key for "localhost", 127.0.0.1 and ::1, P-256, by that CA; made once a process.
std::shared_ptr<const Credential> credential();
/// The same chain, signed for by another key object.
std::shared_ptr<const Credential> credential_with(std::shared_ptr<const PrivateKey> key);

/// Options that handshake with each other.
ClientOptions client_options();
ServerOptions server_options();
/// Throw where the options are refused.
std::shared_ptr<const ClientConfig> make(ClientOptions options);
std::shared_ptr<const ServerConfig> make(ServerOptions options);

/// In PEM, for programs that read files.
struct PemFiles {
  std::string ca;
  std::string chain;
  std::string key;
};
PemFiles pem_files();

}  // namespace handfast::test
