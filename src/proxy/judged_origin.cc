#include "proxy/judged_origin.h"

#include <utility>

#include <handfast/clock.h>

namespace handfast::proxy {
namespace {

/// Takes every chain: the handshake then shows that the origin has the key, and start_judged_tls judges the rest before
/// anybody gets the connection.
class Deferred final : public ChainVerifier {
 public:
  void verify(VerifyRequest, std::function<void(VerifyAnswer)> done) const override { done({Result<void>()}); }
};

Result<std::shared_ptr<const ClientConfig>> config_for(std::vector<std::string> protocols,
                                                       const authority::OriginPolicy& policy) {
  ClientOptions options;
  options.application_protocols = std::move(protocols);
  options.trust = policy.anchors;
  options.verification = policy.verification;
  options.verifier = std::make_shared<const Deferred>();
  // A resumed session would show no certificate, and there is one to be shown.
  options.sessions.store = nullptr;
  return ClientConfig::make(std::move(options));
}

}  // namespace

Result<OriginJudge> OriginJudge::make(authority::OriginPolicy policy) {
  OriginJudge judge;
  auto http11 = config_for({"http/1.1"}, policy);
  if (!http11) return fail(std::move(http11.error()));
  auto silent = config_for({}, policy);
  if (!silent) return fail(std::move(silent.error()));
  judge.policy_ = std::move(policy);
  judge.http11_ = *std::move(http11);
  judge.silent_ = *std::move(silent);
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
  co_return JudgedOrigin{*std::move(leg), std::move(verdict), *std::move(certificate)};
}

}  // namespace handfast::proxy
