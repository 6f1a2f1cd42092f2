// Whether a peer that has proved who it is may connect.
#pragma once

#include <handfast/error.h>

#include "handshake/engine.h"

namespace handfast::handshake {

/// Asks the config's rule, if it has one, about the leaf in ConnectionInfo::peer_certificates, and tells the trace. To
/// be called once the chain was verified and CertificateVerify was good: a rule never sees a name that was not proven.
/// Fails with access_denied, not_authorized (evidence `identity`).
Result<void> authorize(Engine& engine);

}  // namespace handfast::handshake
