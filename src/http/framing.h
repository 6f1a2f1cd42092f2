// How the body of a message is framed (RFC 9112, section 6), with no room for two opinions: that is how requests get
// smuggled (section 11.2).
#pragma once

#include <string_view>

#include "http/head.h"
#include "http/refusal.h"

namespace handfast::http {

/// Several Content-Lengths that are equal, in a list or not, become one field in `head`.
Parsed<Framing> framing_of(RequestHead& head);
/// `method`: of the request that is answered.
Parsed<Framing> framing_of(ResponseHead& head, std::string_view method);

}  // namespace handfast::http
