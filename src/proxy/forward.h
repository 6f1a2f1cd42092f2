// Forward: the proxy that clients know of. CONNECT for whatever speaks TLS by itself, and requests for http:// origins.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <handfast/error.h>

#include "proxy/access.h"
#include "proxy/lasting.h"
#include "proxy/limits.h"
#include "proxy/service.h"
#include "proxy/tls_files.h"

namespace handfast::proxy {

struct ForwardOptions {
  AccessOptions access{};
  ServerTls tls{};          ///< without a credential the proxy itself is spoken to in the clear
  std::string auth_file{};  ///< users, as BasicAuth reads them; empty: whoever reaches the proxy may use it
  std::string realm = "handfast";
  Limits limits{};
};

/// Fails as AccessList, BasicAuth ("auth-file") and load(ServerTls) do.
Result<std::shared_ptr<const Service>> make_forward(const ForwardOptions& options, const Lasting& lasting);
/// Whatever was read for it.
std::vector<std::filesystem::path> files_of(const ForwardOptions& options);

}  // namespace handfast::proxy
