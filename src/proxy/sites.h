// The sites of a reverse proxy: who they are, how clients reach them, and where their requests go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/config.h>
#include <handfast/error.h>

#include "proxy/client_identity.h"
#include "proxy/lasting.h"
#include "proxy/opening.h"
#include "proxy/tls_files.h"
#include "proxy/upstreams.h"

namespace handfast::proxy {

/// One site, as a command line or a file says it. What stays empty has its default.
struct SiteOptions {
  /// "shop.example", "*.shop.example" (all below it); none: whatever is no other site's.
  std::vector<std::string> names{};
  std::vector<std::string> to{};  ///< as Upstreams has them

  // Towards clients.
  std::vector<CredentialFiles> credentials{};  ///< for each name there has to be one
  /// Instead of files: one that was made for the occasion.
  std::shared_ptr<const Credential> made_credential{};
  std::string versions{};                   ///< "1.2..1.3"
  std::string suites{};                     ///< "TLS_AES_128_GCM_SHA256,..."
  std::string groups{};                     ///< "x25519,secp256r1"
  std::string client_auth{};                ///< "none", "request", "require"
  std::vector<std::string> client_ca{};     ///< files, folders
  std::string client_crl{};                 ///< a file or folder; where it is given, revoked ones are refused
  std::vector<std::string> client_allow{};  ///< as IdentityRule has them
  std::vector<std::string> alpn{};          ///< of tcp:// origins; others speak http/1.1
  std::int64_t tickets = 2;                 ///< 0 to 16; 0: nothing is resumed
  std::int64_t ticket_lifetime = 7200;      ///< seconds
  std::int64_t early_data = 0;              ///< bytes
  bool require_extended_master_secret = false;

  // Towards origins.
  OriginTls origin{};
  std::string origin_name{};      ///< whom their certificates have to be for, and SNI; empty: each its own host
  std::string origin_host{};      ///< Host that they get; empty: the client's
  std::string send_proxy{};       ///< "v1", "v2"
  bool pass_client_cert = false;  ///< Client-Cert (RFC 9440)
};

/// The same with all that it names loaded. Immutable.
struct Site {
  std::string label;  ///< its first name, for the log; "*" for one without
  std::vector<std::string> names;
  std::shared_ptr<const ServerConfig> config;
  std::unique_ptr<const Upstreams> upstreams;
  std::string origin_host;
  SendProxy send_proxy = SendProxy::none;
  PassIdentity pass_identity = PassIdentity::no;
};

class Sites {
 public:
  /// Sessions are bound to the site (ServerSessions::context): none goes on at another. Fails with bad_config, evidence
  /// `option` ("name", "to", "cert", "versions", ...), `problem`, `value`, `remedy`, and as the loaders do.
  static Result<Sites> make(std::span<const SiteOptions> options, const Lasting& lasting);

  /// Whose a canonical host name is (SNI, Host), or an address; empty: the client has named none. The most exact name
  /// counts. Null: nobody's.
  const Site* find(std::string_view name) const noexcept;

 private:
  std::vector<std::unique_ptr<const Site>> all_;
};

/// Whatever is read for it.
std::vector<std::filesystem::path> files_of(const SiteOptions& options);

}  // namespace handfast::proxy
