// Botan's vectors of messages and extensions: bytes, and what Botan says of those that it refuses.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <set>
#include <string>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "support/vec.h"

namespace handfast::test {

/// Empty where the bytes are good.
inline std::string exception(const VecBlock& block) { return block.has("Exception") ? block.text("Exception") : ""; }

/// Every block of a file: a value where the vector has no exception, an error where it has one. Gives their number.
inline int check_botan(const std::string& file, const std::function<std::optional<Error>(Bytes)>& parse,
                       const std::set<std::string>& decided_elsewhere = {}) {
  int checked = 0;
  for (const VecBlock& block : read_vec("tls-messages/botan/" + file)) {
    if (!block.has("Buffer")) continue;
    SCOPED_TRACE(file + ": " + block.text("Buffer"));
    const Buffer buffer = block.hex("Buffer");
    const std::optional<Error> error = parse(buffer);
    EXPECT_EQ(error.has_value(), !exception(block).empty() && !decided_elsewhere.contains(exception(block)))
        << (error ? error->message() : exception(block));
    ++checked;
  }
  return checked;
}

}  // namespace handfast::test
