#include "proxy/upstreams.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "http/target.h"
#include "net/address.h"
#include "proxy/bad_option.h"

namespace handfast::proxy {
namespace {

struct Scheme {
  std::string_view prefix;
  std::optional<std::uint16_t> port;
  Upstreams::Kind kind;
};
constexpr Scheme schemes[] = {{"http://", 80, Upstreams::Kind::http},
                              {"https://", 443, Upstreams::Kind::http},
                              {"tcp://", std::nullopt, Upstreams::Kind::bytes}};

}  // namespace

bool any_with_tls(std::span<const std::string> urls) noexcept {
  return std::ranges::any_of(urls, [](const std::string& url) { return url.starts_with("https://"); });
}

Result<std::unique_ptr<const Upstreams>> Upstreams::make(std::span<const std::string> urls,
                                                         std::shared_ptr<const ClientConfig> tls,
                                                         const std::string& server_name) {
  std::vector<Origin> all;
  std::optional<Kind> kind;
  for (const std::string& url : urls) {
    const auto scheme = std::ranges::find_if(schemes, [&](const Scheme& each) { return url.starts_with(each.prefix); });
    if (scheme == std::end(schemes))
      return bad_option("to", url, "it is no address of an origin",
                        "Write http://127.0.0.1:8080, https://origin.example or tcp://127.0.0.1:25.");
    if (kind && *kind != scheme->kind)
      return bad_option("to", url, "requests and bytes can't go to the same place in turn",
                        "Write http:// and https:// origins, or tcp:// ones, not both.");
    kind = scheme->kind;
    std::string_view rest = std::string_view(url).substr(scheme->prefix.size());
    if (scheme->kind == Kind::http && rest.ends_with('/')) rest.remove_suffix(1);
    if (rest.contains('/') || rest.contains('?') || rest.contains('@'))
      return bad_option("to", url, "an origin is a host and a port, without a path",
                        "Requests go on with the path that they have: write the host alone.");
    Result<net::HostPort> address = net::parse_host_port(rest, scheme->port);
    if (!address || address->host.empty() || address->port == 0)
      return bad_option("to", url, "it names no host and port", "Write http://127.0.0.1:8080 or tcp://127.0.0.1:25.");
    Origin origin{.host = address->host, .port = address->port};
    if (url.starts_with("https://")) {
      origin.tls = tls;
      origin.server_name = server_name;
    }
    all.push_back(std::move(origin));
  }
  if (all.empty()) return bad_option("to", "", "there is no origin", "Say where requests go: http://127.0.0.1:8080.");
  return std::unique_ptr<const Upstreams>(new Upstreams(std::move(all), *kind));
}

}  // namespace handfast::proxy
