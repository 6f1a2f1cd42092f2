// Reverse: TLS ends here, for the sites that we are, and requests go to their origins.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <handfast/error.h>

#include "proxy/lasting.h"
#include "proxy/limits.h"
#include "proxy/service.h"
#include "proxy/sites.h"

namespace handfast::proxy {

struct ReverseOptions {
  std::vector<SiteOptions> sites{};
  std::vector<std::string> accept_proxy{};  ///< who sends a PROXY header: addresses, blocks
  Limits limits{};
};

/// The site is chosen by the ClientHello's SNI: a name that is no site's gets unrecognized_name (RFC 6066, section 3),
/// and a request whose Host is another site's, 421 (RFC 9110, section 7.4). Fails as Sites::make does, and with
/// bad_config, evidence `option` "accept-proxy".
Result<std::shared_ptr<const Service>> make_reverse(const ReverseOptions& options, const Lasting& lasting);
/// Whatever is read for it.
std::vector<std::filesystem::path> files_of(const ReverseOptions& options);

}  // namespace handfast::proxy
