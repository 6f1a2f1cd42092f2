// What is wrong or weak in a configuration: where, what, and what to do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace handfast::proxy::settings {

/// A place in a file, counted from 1. 0: the file as a whole.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Finding {
  enum class Kind : std::uint8_t {
    error,     ///< it is refused
    weakness,  ///< it is allowed, and whoever wrote it should know
  };
  Kind kind = Kind::error;
  Position position = {};
  std::string problem;    ///< a sentence
  std::string cure;       ///< what to write instead; empty: the problem says it
  std::string code = {};  ///< of the doctor, where it has one: "HF0601"
};

using Findings = std::vector<Finding>;

/// Whether any of them is an error.
bool refuse(const Findings& findings) noexcept;
/// By position.
void sort(Findings& findings);

}  // namespace handfast::proxy::settings
