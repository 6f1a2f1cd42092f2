// What the page looks like, and the little that moves in it.
#pragma once

#include <string_view>

namespace handfast::doctor {

extern const std::string_view style_sheet;
/// Points from fields to their bytes and back. Nothing depends on it.
extern const std::string_view script;

}  // namespace handfast::doctor
