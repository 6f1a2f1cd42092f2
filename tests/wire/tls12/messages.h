// The messages of TLS 1.2 for the tests that take them all: samples, walked over and written again.
#pragma once

#include <optional>
#include <vector>

#include "wire/messages.h"

namespace handfast::test::tls12 {

/// Parses the body of a message that has a form of its own in TLS 1.2, and looks at every byte of every value; gives
/// the error, or nothing where there is a value. A hello of another version is an unexpected_message.
std::optional<Error> parse_and_walk(HandshakeType type, Bytes body);

/// Writes what was parsed from the message. Only for what parses.
Buffer rewrite(HandshakeType type, Bytes body);

}  // namespace handfast::test::tls12
