// What a way of the proxy shows and trusts in TLS, as a configuration names it: files.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <handfast/config.h>
#include <handfast/error.h>

#include "proxy/lasting.h"

namespace handfast::proxy {

/// A PEM file with a chain, leaf first, and one with its key; `key` empty: it is in the same file.
struct CredentialFiles {
  std::string certificate{};
  std::string key{};
};

/// Towards clients.
struct ServerTls {
  std::vector<CredentialFiles> credentials{};  ///< at least one; the one for the name that the client asks for
  std::vector<std::string> client_ca{};     ///< clients need a certificate of these authorities; none: no certificate
  std::vector<std::string> client_allow{};  ///< and of these only who is one of those (IdentityRule); none: all
};

/// Towards origins, whose certificates are verified, names included.
struct OriginTls {
  std::vector<std::string> ca{};  ///< authorities to trust instead of the system's; files or folders
  CredentialFiles credential{};   ///< shown to origins that ask for one; no certificate: none is
};

/// Fail with bad_config, evidence `option` ("cert", "client-ca", "client-allow", "upstream-cert"), `problem`, and as
/// Credential, TrustAnchors and IdentityRule do: a certificate that is not valid now among it.
Result<std::shared_ptr<const ServerConfig>> load(const ServerTls& tls, const Lasting& lasting,
                                                 std::vector<std::string> application_protocols);
Result<std::shared_ptr<const ClientConfig>> load(const OriginTls& tls, const Lasting& lasting);

/// Their parts. `option`: the key that the error is said of; a certificate that is not valid now is one.
Result<std::shared_ptr<const Credential>> load_credential(const char* option, const CredentialFiles& files);
/// All of them together.
Result<TrustAnchors::Shared> load_authorities(const std::vector<std::string>& paths);

/// Whatever was read for it.
std::vector<std::filesystem::path> files_of(const CredentialFiles& files);
std::vector<std::filesystem::path> files_of(const ServerTls& tls);
std::vector<std::filesystem::path> files_of(const OriginTls& tls);

}  // namespace handfast::proxy
