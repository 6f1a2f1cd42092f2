// JSON test vectors.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "support/hex.h"
#include "support/vectors.h"

namespace handfast::test {

using Json = nlohmann::json;

/// Parses a file below the folder of vectors. Throws where it is missing or no JSON.
inline Json read_json(const std::filesystem::path& below) { return Json::parse(read_text(below)); }

/// A member that holds hexadecimal. Throws where there is none.
inline Buffer hex_of(const Json& object, std::string_view member) {
  return from_hex(object.at(std::string(member)).get_ref<const std::string&>());
}

}  // namespace handfast::test
