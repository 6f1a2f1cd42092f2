// Messages byte by byte: their bytes beside the fields that they are, what those say and why they are there.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <unordered_set>

#include <handfast/bytes.h>

#include "doctor/dissect/field.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// Writes messages for people, one after the other; what a field is there for is told where it comes first, and not
/// again. Every line has at most `style.width` columns. `style` lives longer.
class FieldWriter {
 public:
  explicit FieldWriter(const Style& style) noexcept : style_(style) {}

  /// Every field below `root` on lines of its own: where it begins, its bytes, its name and value. A field that is long
  /// has its bytes below it, as a hex dump; one of more than 256 bytes the first of them.
  std::string write(const Field& root, Bytes message);

 private:
  const Style& style_;
  std::unordered_set<std::string> told_;
};

/// The same for programs: `name`, `offset`, `size`, `value`, `meaning`, and `children`, or `hex` where there are none.
nlohmann::ordered_json fields_json(const Field& field, Bytes message);

}  // namespace handfast::doctor
