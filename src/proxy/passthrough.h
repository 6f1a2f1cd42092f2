// Passthrough: the ClientHello says where a connection goes, and nothing is decrypted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <handfast/error.h>

#include "proxy/limits.h"
#include "proxy/service.h"

namespace handfast::proxy {

struct PassthroughOptions {
  std::vector<std::string> routes{};        ///< as Routes has them
  std::string fallback{};                   ///< the key `default`: for what no route fits; empty: that is refused
  std::vector<std::string> accept_proxy{};  ///< who sends a PROXY header: addresses, blocks
  std::string send_proxy{};                 ///< "v1", "v2": a header to the targets; empty: none
  Limits limits{};
};

/// A client that fits no route gets unrecognized_name (RFC 6066, section 3); one that does not speak TLS, nothing.
/// Fails with bad_config, evidence `option` ("route", "default", "accept-proxy", "send-proxy"), `problem`, `value`,
/// `remedy`.
Result<std::shared_ptr<const Service>> make_passthrough(const PassthroughOptions& options);

}  // namespace handfast::proxy
