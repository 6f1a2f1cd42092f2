#include "proxy/target.h"

#include <optional>
#include <utility>

#include "net/connect.h"

namespace handfast::proxy {

using boost::asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

Awaitable<std::expected<Endpoints, TargetFailure>> resolve_target(const AccessList& access, x509::ServerName host,
                                                                  std::uint16_t port,
                                                                  std::chrono::milliseconds patience) {
  if (std::optional<std::string> refusal = access.refuses(host, port))
    co_return std::unexpected(TargetFailure{*std::move(refusal), {}});
  net::Resolved resolved = co_await net::resolve(host.text(), port, patience);
  if (resolved.error) co_return std::unexpected(TargetFailure{resolved.error.message(), resolved.error});
  Endpoints allowed;
  std::string refused;
  for (const tcp::endpoint& endpoint : resolved.endpoints) {
    std::optional<std::string> refusal = access.refuses(host, port, endpoint.address());
    if (!refusal)
      allowed.push_back(endpoint);
    else if (refused.empty())
      refused = *std::move(refusal);
  }
  if (allowed.empty()) co_return std::unexpected(TargetFailure{std::move(refused), {}});
  co_return allowed;
}

}  // namespace handfast::proxy
