// What is piped into the program.
#pragma once

#include <cstddef>
#include <string>

namespace handfast::cli {

/// Something stands at the other end of standard input that can be read to an end: a pipe, a file, a socket.
bool input_is_piped();

/// The first `limit` bytes of standard input, which is read to its end: whoever writes there is not cut off.
std::string read_standard_input(std::size_t limit);

}  // namespace handfast::cli
