// Who the client has proved to be, passed on to an origin that trusts us (RFC 9440).
#pragma once

#include <handfast/info.h>

#include "http/fields.h"

namespace handfast::proxy {

enum class PassIdentity : bool { no, yes };

/// Drops what the client itself has sent as Client-Cert and Client-Cert-Chain: always, since an origin would believe it
/// (RFC 9440, section 2.4). With `yes`, and where its certificate was verified, says it anew.
void set_client_identity(http::Fields& fields, const ConnectionInfo& info, PassIdentity pass);

}  // namespace handfast::proxy
