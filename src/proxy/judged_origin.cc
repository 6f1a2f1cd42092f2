#include "proxy/judged_origin.h"

#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <handfast/clock.h>

namespace handfast::proxy {
namespace {

std::string not_verified(const Error& error) {
  return fmt::format(", not verified ({} {})", code(error.reason()), name(error.reason()));
}

/// Takes every chain: the handshake then shows that the origin has the key, and start_judged_tls judges the rest before
/// anybody gets the connection.
class Deferred final : public ChainVerifier {
 public:
  void verify(VerifyRequest, std::function<void(VerifyAnswer)> done) const override { done({Result<void>()}); }
};

Result<std::shared_ptr<const ClientConfig>> config_for(std::vector<std::string> protocols,
                                                       const authority::OriginPolicy& policy,
                                                       std::shared_ptr<ClientSessionStore> sessions) {
  ClientOptions options;
  options.application_protocols = std::move(protocols);
  options.trust = policy.anchors;
  options.verification = policy.verification;
  options.verifier = std::make_shared<const Deferred>();
  options.sessions.store = std::move(sessions);
  return ClientConfig::make(std::move(options));
}

}  // namespace

std::string tls_words(const ConnectionInfo& info) {
  std::string words = fmt::format("{} {}", name(info.version), name(info.cipher_suite));
  if (info.group != NamedGroup{}) words += fmt::format(" {}", name(info.group));
  if (info.resumption != Resumption::none) words += ", resumed";
  return words;
}

Result<OriginJudge> OriginJudge::make(authority::OriginPolicy policy, std::shared_ptr<ClientSessionStore> sessions) {
  OriginJudge judge;
  for (const auto& [config, protocols, store] :
       {std::tuple(&judge.http11_, std::vector<std::string>{"http/1.1"}, sessions),
        std::tuple(&judge.silent_, std::vector<std::string>{}, sessions),
        std::tuple(&judge.http11_sessionless_, std::vector<std::string>{"http/1.1"}, decltype(sessions)()),
        std::tuple(&judge.silent_sessionless_, std::vector<std::string>{}, decltype(sessions)())}) {
    Result<Config> made = config_for(protocols, policy, store);
    if (!made) return fail(std::move(made.error()));
    *config = *std::move(made);
  }
  judge.policy_ = std::move(policy);
  return judge;
}

Awaitable<NetResult<JudgedOrigin>> start_judged_tls(net::PlainStream stream, Origin origin, const OriginJudge& judge,
                                                    Limits limits) {
  const Result<x509::ServerName> name = x509::ServerName::parse(origin.server_name);
  if (!name) co_return std::unexpected(NetError(Stage::handshake, name.error()));
  NetResult<Leg> leg = co_await start_tls(std::move(stream), std::move(origin), limits);
  if (!leg) co_return std::unexpected(std::move(leg).error());
  const ConnectionInfo& info = leg->tls()->info();
  // The handshake has parsed it.
  Result<x509::Certificate> certificate = x509::Certificate::parse(info.peer_certificates.at(0));
  if (!certificate) co_return std::unexpected(NetError(Stage::handshake, std::move(certificate).error()));
  authority::Verdict verdict =
      authority::judge_origin(info.peer_certificates, *name, info.ocsp_response, judge.policy(), system_clock().now());
  std::string words = tls_words(info) + (verdict.error ? not_verified(*verdict.error) : ", verified");
  auto judgement =
      std::make_shared<const Judgement>(Judgement{std::move(verdict), *std::move(certificate), std::move(words)});
  co_return JudgedOrigin{RestingLeg(*std::move(leg)), std::move(judgement)};
}

}  // namespace handfast::proxy
