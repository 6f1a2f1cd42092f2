// http://handfast.ca/, seen through the proxy: how to trust its authority, and what it does not look into.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/http_server.h>

#include "proxy/pinning.h"

namespace handfast::proxy {

/// A name that nobody has: the proxy itself answers for it.
inline constexpr std::string_view ca_host = "handfast.ca";

struct CaPage {
  Bytes certificate;                        ///< the authority's, DER; it has to be one
  std::vector<std::string> passthrough{};   ///< hosts that are never looked into, as they were written
  std::vector<PinnedHosts::Pass> passes{};  ///< and those let pass for a while
  std::string client{};                     ///< who asks: of `passes` it is shown its own alone
};

/// The SHA-256 of a certificate, in pairs as other programs show it: "AB:CD:...".
std::string fingerprint(Bytes certificate);

/// Answers a GET or HEAD (405 for anything else) for `path`, its query left out of account: "/" is the page, "/ca.crt"
/// the certificate in PEM, "/ca.der" the same in DER; else 404. No scripts, and nothing from elsewhere.
http::Response ca_page(const CaPage& facts, std::string_view method, std::string_view path);

}  // namespace handfast::proxy
