#include "proxy/target.h"

#include <optional>
#include <utility>

#include <boost/asio/error.hpp>

#include "http/static_files.h"
#include "net/connect.h"
#include "net/endpoint.h"
#include "proxy/limits.h"

namespace handfast::proxy {

using boost::asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

namespace {

TargetFailure unresolved(const boost::system::error_code& error) {
  if (error == boost::asio::error::try_again) return {429, "too many look-ups of this address are waiting", {}};
  const bool slow = error == boost::asio::error::timed_out;
  return {slow ? 504U : 502U, error.message(), error};
}

}  // namespace

http::Response forbidden() { return http::text_response(403, "This proxy does not go there."); }

http::Response TargetFailure::answer() const {
  if (status == 403) return forbidden();
  return http::text_response(status, "Too many names are being looked up for you. Ask again later.");
}

Awaitable<std::expected<Endpoints, TargetFailure>> resolve_target(const AccessList& access, tcp::endpoint client,
                                                                  x509::ServerName host, std::uint16_t port,
                                                                  std::chrono::milliseconds patience) {
  if (std::optional<std::string> refusal = access.refuses(host, port))
    co_return std::unexpected(TargetFailure{403, *std::move(refusal), {}});
  std::string whose = net::to_text(counted_as(client.address()));
  net::Resolved resolved = co_await net::resolve_for(std::move(whose), host.text(), port, patience);
  if (resolved.error) co_return std::unexpected(unresolved(resolved.error));
  Endpoints allowed;
  std::string refused;
  for (const tcp::endpoint& endpoint : resolved.endpoints) {
    std::optional<std::string> refusal = access.refuses(host, port, endpoint.address());
    if (!refusal)
      allowed.push_back(endpoint);
    else if (refused.empty())
      refused = *std::move(refusal);
  }
  if (allowed.empty()) co_return std::unexpected(TargetFailure{403, std::move(refused), {}});
  co_return allowed;
}

}  // namespace handfast::proxy
