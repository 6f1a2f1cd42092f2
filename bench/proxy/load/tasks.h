// Several coroutines at once, to the end of all of them.
#pragma once

#include <vector>

#include "client.h"

namespace handfast::bench {

/// Throws what one of them throws.
void run_all(asio::io_context& io, std::vector<Awaitable<void>> tasks);

}  // namespace handfast::bench
