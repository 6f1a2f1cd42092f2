// Origins that are to be shown as they are: verified, but not refused.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <handfast/config.h>
#include <handfast/net_error.h>
#include <handfast/session.h>

#include "authority/verdict.h"
#include "base/short_memory.h"
#include "net/plain_stream.h"
#include "proxy/leg.h"
#include "proxy/limits.h"
#include "proxy/origin.h"
#include "proxy/pool.h"
#include "x509/certificate.h"

namespace handfast::proxy {

/// What an origin has shown, and what that is worth.
struct Judgement {
  authority::Verdict verdict;
  x509::Certificate certificate;
  std::string words;  ///< "TLS 1.3 TLS_AES_128_GCM_SHA256 x25519, verified"
};

/// A connection on which an origin has proved its key, whoever it is. Nothing is to be sent there that the client would
/// not send to such an origin.
struct JudgedOrigin {
  RestingLeg leg;
  std::shared_ptr<const Judgement> judgement;
};

/// What origins were found to be within the last minute, by all that a connection to one is told from others by: enough
/// to show a client the certificate of one before there is a connection to it. Nothing goes there before it has been
/// judged anew, or over a connection that was.
class Judgements : public base::ShortMemory<PoolKey, std::shared_ptr<const Judgement>> {
 public:
  Judgements() noexcept : ShortMemory(4096, std::chrono::minutes(1)) {}
};

/// Immutable, shared by all connections.
class OriginJudge {
 public:
  /// Sessions with origins are kept in `sessions`, which must be nobody else's: no certificate was verified for them.
  /// Fails as ClientConfig::make does.
  static Result<OriginJudge> make(authority::OriginPolicy policy, std::shared_ptr<ClientSessionStore> sessions);

  using Config = std::shared_ptr<const ClientConfig>;
  /// The config for a client that offers HTTP/1.1 by ALPN, or one that offers nothing.
  const Config& config(bool offers_http11) const noexcept { return offers_http11 ? http11_ : silent_; }
  /// The same, but with no session: the origin shows its certificate and what proves it today.
  const Config& sessionless(const Config& config) const noexcept {
    return config == http11_ ? http11_sessionless_ : silent_sessionless_;
  }
  const authority::OriginPolicy& policy() const noexcept { return policy_; }

 private:
  authority::OriginPolicy policy_;
  Config http11_;
  Config silent_;
  Config http11_sessionless_;
  Config silent_sessionless_;
};

/// "TLS 1.3 TLS_AES_128_GCM_SHA256 x25519, resumed".
std::string tls_words(const ConnectionInfo& info);

/// Handshakes for `origin.server_name` under one of the judge's configs, and judges; a session's certificates too, as
/// of now. Fails at Stage::handshake, for anything but the certificate.
Awaitable<NetResult<JudgedOrigin>> start_judged_tls(net::PlainStream stream, Origin origin, const OriginJudge& judge,
                                                    Limits limits);

}  // namespace handfast::proxy
