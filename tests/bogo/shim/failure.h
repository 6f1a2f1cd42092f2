// How a test ends, if not well.
#pragma once

#include <stdexcept>
#include <string>

namespace handfast::bogo {

/// The connection failed, or was not as the flags expect it; what() is what the runner looks for in stderr.
struct Failure : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The test needs something that Handfast does not have; what() says what. The runner counts it apart (exit code 89).
struct Unimplemented : std::runtime_error {
  using runtime_error::runtime_error;
};

}  // namespace handfast::bogo
