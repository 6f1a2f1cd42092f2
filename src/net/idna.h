// Internationalised host names (IDNA 2008, RFC 5891), as people write them, for the wire, for DNS and for certificates,
// which know A-labels only.
//
// The mapping (UTS #46) belongs where a name is typed in, before anything is asked of it (RFC 5895): resolver and
// handshake then see one and the same name. So it stands here and not in the engine, whose names are those of RFC 6066
// and of dNSName, and which compares octets.
#pragma once

#include <string>
#include <string_view>

#include <handfast/error.h>

namespace handfast::net {

/// "Bücher.example", in UTF-8, as "xn--bcher-kva.example". A text in ASCII, an address among them, stays what it is,
/// good or bad, and the labels need not be those of a host (x509::ServerName decides). Fails with internal_error,
/// bad_config, evidence `option` = "server_name", `problem`, `value`.
Result<std::string> to_a_labels(std::string_view host);

}  // namespace handfast::net
