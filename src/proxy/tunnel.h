// Tunnel: any protocol over TCP, with TLS put around it or taken off.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/error.h>

#include "net/address.h"
#include "proxy/lasting.h"
#include "proxy/limits.h"
#include "proxy/service.h"
#include "proxy/tls_files.h"

namespace handfast::proxy {

/// One end of it: "tls://example.com:993", "tcp://:8443", ":8443" (which is tcp).
struct TunnelEnd {
  bool tls = false;
  net::HostPort address;
};
/// Fails with bad_config, evidence `option`, `problem`, `value`, `remedy`.
Result<TunnelEnd> parse_tunnel_end(std::string_view option, std::string_view text);

struct TunnelOptions {
  std::string from{};                                ///< where clients come, and how
  std::string to{};                                  ///< where their bytes go, and how; one of the two is TLS, or both
  ServerTls server{};                                ///< of a `from` with TLS
  OriginTls origin{};                                ///< of a `to` with TLS, which is verified
  std::string server_name{};                         ///< whom it has to be, where that is not its host
  std::vector<std::string> application_protocols{};  ///< ALPN, on the sides with TLS
  std::vector<std::string> accept_proxy{};           ///< who sends a PROXY header: addresses, blocks
  std::string send_proxy{};                          ///< "v1", "v2"; ahead of TLS
  Limits limits{};
};

/// A client that can't be served is broken off, so that it does not take nothing for everything. Fails with bad_config
/// as above ("from", "to", "cert", "client-cert", "server-name", "accept-proxy", "send-proxy"), and as `load` does.
Result<std::shared_ptr<const Service>> make_tunnel(const TunnelOptions& options, const Lasting& lasting);
/// Whatever was read for it.
std::vector<std::filesystem::path> files_of(const TunnelOptions& options);

}  // namespace handfast::proxy
