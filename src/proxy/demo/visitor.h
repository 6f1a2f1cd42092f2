// A client that visits a site through a proxy of ours, and remembers how it went.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <handfast/config.h>
#include <handfast/net_error.h>

#include "doctor/http_get.h"
#include "doctor/recording.h"
#include "doctor/two_legs.h"
#include "net/address.h"

namespace handfast::proxy::demo {

struct VisitOptions {
  std::uint16_t proxy_port = 0;            ///< on 127.0.0.1
  std::optional<net::HostPort> tunnel_to;  ///< asked for by CONNECT; nothing: the proxy stands where the site is
  std::string server_name;                 ///< SNI, Host, and whom the certificate has to be for
  std::shared_ptr<const ClientConfig> config;
};

struct Visit {
  doctor::Recording recording;
  std::vector<doctor::PlainWords> words;  ///< what went before TLS
  NetResult<doctor::HttpResponse> answer = std::unexpected(NetError(Stage::connect, boost::system::error_code()));
};

/// Connects, asks for the tunnel, handshakes, gets "/", closes. Blocks for a few seconds at most.
Visit visit(const VisitOptions& options);

}  // namespace handfast::proxy::demo
