// One way of the proxy, played once: a client, the proxy, an origin, and what came of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <handfast/config.h>
#include <handfast/net_error.h>

#include "doctor/loopback_server.h"
#include "doctor/recording.h"
#include "doctor/stage.h"
#include "doctor/two_legs.h"
#include "net/address.h"
#include "proxy/demo/visitor.h"
#include "proxy/service.h"

namespace handfast::proxy::demo {

struct Act {
  std::shared_ptr<const Service> service;
  std::unique_ptr<doctor::LoopbackServer> origin;
  std::optional<net::HostPort> tunnel_to;  ///< what the client asks the proxy for, where it knows of one
};

struct Played {
  Visit visit;
  doctor::Recording origin;      ///< of the first that came to it; empty: nobody did
  std::vector<std::string> log;  ///< the proxy's, a line each
};
/// Plays it for a client that asks for `server_name`. Fails where the proxy can't listen.
NetResult<Played> play(Act act, std::shared_ptr<const ClientConfig> client, const std::string& server_name);

/// What is told of it, beneath its drawing.
struct Account {
  doctor::TlsEnds tls_ends{};  ///< where the client's TLS should end
  std::string decrypts;        ///< who does
  std::string client_sees;     ///< whose certificate that is
  std::string proxy_sees;      ///< what it knows
  std::string how_it_ended;    ///< in a sentence, where all is as it should be
};
void show(doctor::TourStage& stage, const Played& played, const Account& account);

/// The leaf that the client was shown, and the one that the origin has shown: "CN=shop.example, from CN=Example CA".
std::string shown_to_client(const Played& played);
std::string shown_by_origin(const Played& played);

}  // namespace handfast::proxy::demo
