#include "proxy/tls_files.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <handfast/clock.h>
#include <handfast/credential.h>
#include <handfast/identity.h>
#include <handfast/trust.h>

#include "x509/certificate.h"

namespace handfast::proxy {
namespace {

Error bad_config(const char* option, std::string problem) {
  return Error(Alert::internal_error, Reason::bad_config).with("option", option).with("problem", std::move(problem));
}

}  // namespace

/// What nobody would accept is not begun with.
Result<std::shared_ptr<const Credential>> load_credential(const char* option, const CredentialFiles& files) {
  auto credential = Credential::from_files(files.certificate, files.key.empty() ? files.certificate : files.key);
  if (!credential) return credential;
  const std::int64_t now = system_clock().now();
  const std::int64_t begin = (*credential)->not_before();
  const std::int64_t end = (*credential)->not_after();
  if (now > end)
    return fail(bad_config(
        option, fmt::format("the certificate in {} has expired, on {}", files.certificate, x509::time_text(end))));
  if (now < begin)
    return fail(bad_config(option, fmt::format("the certificate in {} is not valid before {}", files.certificate,
                                               x509::time_text(begin))));
  return credential;
}

Result<TrustAnchors::Shared> load_authorities(const std::vector<std::string>& paths) {
  std::vector<TrustAnchors::Shared> sets;
  for (const std::string& path : paths) {
    auto set = TrustAnchors::from_path(path);
    if (!set) return fail(std::move(set.error()));
    sets.push_back(*std::move(set));
  }
  return TrustAnchors::combine(sets);
}

Result<std::shared_ptr<const ServerConfig>> load(const ServerTls& tls, const Lasting& lasting,
                                                 std::vector<std::string> application_protocols) {
  ServerOptions options;
  options.application_protocols = std::move(application_protocols);
  if (tls.credentials.empty()) return fail(bad_config("cert", "TLS needs a certificate"));
  for (const CredentialFiles& files : tls.credentials) {
    auto credential = load_credential("cert", files);
    if (!credential) return fail(std::move(credential.error()));
    options.credentials.push_back(*std::move(credential));
  }
  if (!tls.client_ca.empty()) {
    auto trust = load_authorities(tls.client_ca);
    if (!trust) return fail(std::move(trust.error()));
    options.client_auth = ClientAuth::require;
    options.client_ca_names = (*trust)->subjects();
    options.client_trust = *std::move(trust);
  }
  if (!tls.client_allow.empty()) {
    if (tls.client_ca.empty())
      return fail(bad_config("client-allow", "it is of no use without client-ca: no client shows a certificate"));
    auto rule = IdentityRule::any_of(tls.client_allow);
    if (!rule) return fail(std::move(rule.error()));
    options.authorization = *std::move(rule);
  }
  options.sessions.ticket_keys = lasting.ticket_keys;
  options.sessions.store = lasting.sessions;
  return ServerConfig::make(std::move(options));
}

Result<std::shared_ptr<const ClientConfig>> load(const OriginTls& tls, const Lasting& lasting) {
  ClientOptions options;
  if (!tls.ca.empty()) {
    auto trust = load_authorities(tls.ca);
    if (!trust) return fail(std::move(trust.error()));
    options.trust = *std::move(trust);
  }
  if (!tls.credential.certificate.empty()) {
    auto credential = load_credential("client-cert", tls.credential);
    if (!credential) return fail(std::move(credential.error()));
    options.credentials.push_back(*std::move(credential));
  }
  options.sessions.store = lasting.origin_sessions;
  return ClientConfig::make(std::move(options));
}

std::vector<std::filesystem::path> files_of(const CredentialFiles& files) {
  std::vector<std::filesystem::path> paths;
  if (!files.certificate.empty()) paths.emplace_back(files.certificate);
  if (!files.key.empty()) paths.emplace_back(files.key);
  return paths;
}

std::vector<std::filesystem::path> files_of(const ServerTls& tls) {
  std::vector<std::filesystem::path> files(tls.client_ca.begin(), tls.client_ca.end());
  for (const CredentialFiles& credential : tls.credentials)
    std::ranges::move(files_of(credential), std::back_inserter(files));
  return files;
}

std::vector<std::filesystem::path> files_of(const OriginTls& tls) {
  std::vector<std::filesystem::path> files(tls.ca.begin(), tls.ca.end());
  std::ranges::move(files_of(tls.credential), std::back_inserter(files));
  return files;
}

}  // namespace handfast::proxy
