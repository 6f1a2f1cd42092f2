// What exports keying material, of either version.
#pragma once

#include <variant>

#include "schedule/secrets.h"
#include "schedule/tls12/secrets.h"

namespace handfast::schedule {

/// RFC 8446, section 7.5, or RFC 5705; nothing before there is a master secret.
using Exporter = std::variant<std::monostate, ExporterSecret, tls12::Exporter>;

}  // namespace handfast::schedule
