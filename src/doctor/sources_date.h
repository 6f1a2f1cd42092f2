// When this program was written: no true clock shows an earlier time.
#pragma once

#include <cstdint>

namespace handfast::doctor {

/// 2026-11-20T00:00:00Z, in seconds since 1970. A constant, so that builds repeat; to be moved on with releases.
inline constexpr std::int64_t sources_date = 1795132800;

}  // namespace handfast::doctor
