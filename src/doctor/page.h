// What `handfast serve` answers: the visitor's own handshake.
#pragma once

#include <string>

#include <handfast/http_server.h>

#include "doctor/recording.h"

namespace handfast::doctor {

/// The page at "/": HTML, JSON (schema "handfast/handshake/1") or text, as the request's Accept asks; text where it
/// does not care. 404 for other paths, 405 for other methods than GET and HEAD. `recording` is of that connection; its
/// secrets are never shown.
http::Response handshake_page(const http::Request& request, const Recording& recording);

}  // namespace handfast::doctor
