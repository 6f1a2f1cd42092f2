// A connection through a proxy, both legs side by side: three rails, the client's, the proxy's and the origin's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "doctor/rails.h"
#include "doctor/recording.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// Where the client's TLS ends: at the proxy, which begins another towards the origin, or at the origin.
enum class TlsEnds : std::uint8_t { at_proxy, at_origin };

/// Between which two of the three.
enum class Half : std::uint8_t { client_and_proxy, proxy_and_origin };

/// What two neighbours say outside of TLS.
struct PlainWords {
  std::uint64_t at = 0;  ///< nanoseconds of the clock that the recordings are made with
  Half half{};
  From from{};
  std::string text;
};

struct TwoLegs {
  const Recording& client;  ///< what the client did with whoever answered it
  const Recording& origin;  ///< what the origin did with whoever called it; without a step: nobody did
  TlsEnds tls_ends{};
  std::vector<PlainWords> words{};
};

/// Both on one time line. Where TLS ends at the origin its arrows go through the proxy's rail, as the client saw them.
/// Of messages only what tells who speaks with whom is shown, and no secret. Every line has at most `style.width`
/// columns.
std::string two_legs(const TwoLegs& legs, const Style& style);

/// Whether what one sent is what came to the other, byte for byte, both ways, as far as both handshakes went: nobody
/// stood in between. Not where there was no handshake.
bool is_one_handshake(const Recording& client, const Recording& origin);

}  // namespace handfast::doctor
