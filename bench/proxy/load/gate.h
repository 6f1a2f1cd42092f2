// How the generator keeps step with the driver that measures the server: a line on standard output says where it is, a
// line on standard input lets it go on.
#pragma once

#include <nlohmann/json.hpp>

namespace handfast::bench {

/// Everything is prepared: says "ready", and waits for the driver, which reads its clocks meanwhile.
void wait_for_start();

/// Prints the result as one line of JSON, and waits for the driver: until then connections stay open.
void wait_after(const nlohmann::json& result);

}  // namespace handfast::bench
