// Handshakes whose instructions someone else counts.
#pragma once

#include <cstddef>

#include "case.h"
#include "verify.h"

namespace handfast::bench {

/// Runs `count` handshakes, rounded up to whole batches, after a batch of warm-up. Everything that `side` does in them,
/// and nothing else, happens below the function handfast_bench_counted: `valgrind --tool=callgrind
/// --toggle-collect=handfast_bench_counted` counts just that. Returns how many handshakes were run.
std::size_t run_ours(const Case& which, Side side, std::size_t count);
/// The same for the bare cryptography.
std::size_t run_floor(const Case& which, Side side, std::size_t count);
/// The same for verifications of a chain.
std::size_t run_verifier(ChainVerifier& verifier, std::size_t count);

}  // namespace handfast::bench
