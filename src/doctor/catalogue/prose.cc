#include "doctor/catalogue/prose.h"

#include <algorithm>

namespace handfast::doctor {
namespace {

constexpr std::string_view mark = "  ";

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::vector<Block> blocks(std::string_view text) {
  std::vector<Block> out;
  bool begins = true;  // the next line is not of the block before it
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.empty()) {
      begins = true;
      continue;
    }
    const bool is_verbatim = line.starts_with(mark);
    if (is_verbatim) line.remove_prefix(mark.size());
    if (begins || out.back().is_verbatim != is_verbatim) {
      out.push_back({std::string(line), is_verbatim});
    } else {
      out.back().text += is_verbatim ? '\n' : ' ';
      out.back().text += line;
    }
    begins = false;
  }
  return out;
}

std::string prose(const Style& style, std::string_view text, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string out;
  for (const Block& block : blocks(text)) {
    if (!out.empty()) out += '\n';
    if (!block.is_verbatim) {
      for (const std::string& line : wrap(block.text, style.width - indent)) out += margin + line + '\n';
      continue;
    }
    for (std::string_view rest = block.text; !rest.empty();)
      out += margin + std::string(mark) + style.paint(Paint::cyan, take_line(rest)) + '\n';
  }
  return out;
}

}  // namespace handfast::doctor
