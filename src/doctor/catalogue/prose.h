// The texts of the catalogue, read: which of their lines flow, and which are to be copied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doctor/style.h"

namespace handfast::doctor {

/// A part of a text: a paragraph, on one line; or lines that are to be copied, without the blanks that mark them.
struct Block {
  std::string text;
  bool is_verbatim;
};

std::vector<Block> blocks(std::string_view text);

/// The text in lines that begin `indent` columns in, paragraphs wrapped to the style's width and what is to be copied
/// as it is; an empty line between two blocks.
std::string prose(const Style& style, std::string_view text, std::size_t indent);

}  // namespace handfast::doctor
