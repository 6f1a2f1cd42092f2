// Heads out of their text, on Boost.Beast.
#pragma once

#include <string>

#include "http/head.h"
#include "http/refusal.h"

namespace handfast::http {

/// `text`: what a HeadReader has collected. The target and Host are parsed, the framing is not looked at.
Parsed<RequestHead> parse_request_head(const std::string& text);
/// The space behind the status may be missing where there is no reason: many leave it out.
Parsed<ResponseHead> parse_response_head(std::string text);

}  // namespace handfast::http
