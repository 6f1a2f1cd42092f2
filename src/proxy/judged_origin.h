// Origins that are to be shown as they are: verified, but not refused.
#pragma once

#include <memory>
#include <string>

#include <handfast/config.h>
#include <handfast/net_error.h>

#include "authority/verdict.h"
#include "net/plain_stream.h"
#include "proxy/leg.h"
#include "proxy/limits.h"
#include "proxy/origin.h"
#include "x509/certificate.h"

namespace handfast::proxy {

/// A connection on which an origin has proved its key, whoever it is; what its certificate is worth says the verdict.
/// Nothing is to be sent there that the client would not send to such an origin.
struct JudgedOrigin {
  Leg leg;
  authority::Verdict verdict;
  x509::Certificate certificate;
};

/// Immutable, shared by all connections.
class OriginJudge {
 public:
  /// Fails as ClientConfig::make does.
  static Result<OriginJudge> make(authority::OriginPolicy policy);

  /// The config for a client that offers HTTP/1.1 by ALPN, or one that offers nothing.
  const std::shared_ptr<const ClientConfig>& config(bool offers_http11) const noexcept {
    return offers_http11 ? http11_ : silent_;
  }
  const authority::OriginPolicy& policy() const noexcept { return policy_; }

 private:
  authority::OriginPolicy policy_;
  std::shared_ptr<const ClientConfig> http11_;
  std::shared_ptr<const ClientConfig> silent_;
};

/// Handshakes for `origin.server_name` under one of the judge's configs, and judges. Fails at Stage::handshake, for
/// anything but the certificate.
Awaitable<NetResult<JudgedOrigin>> start_judged_tls(net::PlainStream stream, Origin origin, const OriginJudge& judge,
                                                    Limits limits);

}  // namespace handfast::proxy
