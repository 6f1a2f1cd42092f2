// What an intercepting listener needs, made from its options.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <handfast/error.h>

#include "proxy/intercept.h"
#include "proxy/interception.h"

namespace handfast::proxy {

/// What outlives a reload: leaves that were made, hosts that are let pass, sessions with origins.
struct InterceptionMemory {
  std::map<std::string, std::shared_ptr<authority::LeafCache>> leaves;  ///< by their authority's certificate, DER
  std::map<PinningOptions, std::shared_ptr<PinnedHosts>> pins;
  std::shared_ptr<OwnConnections> own = std::make_shared<OwnConnections>();
  std::shared_ptr<Judgements> judgements = std::make_shared<Judgements>();
  std::shared_ptr<ClientSessionStore> origin_sessions = std::make_shared<MemoryClientSessionStore>();
};

/// Fills in what `made` tells, but for the service. Fails as make_intercept does.
Result<std::shared_ptr<const Interception>> load_interception(const InterceptOptions& options, Lasting& lasting,
                                                              MadeIntercept& made);

}  // namespace handfast::proxy
