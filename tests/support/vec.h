// Text test vectors of the kinds that BoringSSL, Botan and OpenSSL keep: blocks of "Key = Value" or "KEY: value".
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/hex.h"
#include "support/vectors.h"

namespace handfast::test {

/// Consecutive lines up to an empty one.
struct VecBlock {
  std::string section;                        ///< the last "[section]" before it
  std::map<std::string, std::string> fields;  ///< of a key that is there twice, the last value
  bool repeats = false;                       ///< whether a key is there twice

  bool has(const std::string& key) const { return fields.contains(key); }
  /// Throw where there is no such key.
  const std::string& text(const std::string& key) const {
    if (auto field = fields.find(key); field != fields.end()) return field->second;
    throw std::out_of_range("no " + key + " in a block of section " + section);
  }
  /// Hexadecimal, or the characters of a text in quotation marks.
  Buffer hex(const std::string& key) const {
    const std::string& value = text(key);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') return {value.begin() + 1, value.end() - 1};
    return from_hex(value);
  }
  /// OpenSSL's "Ctrl.key = name:value": the value; empty where there is no such key.
  std::string_view control(const std::string& key) const {
    const auto field = fields.find(key);
    if (field == fields.end()) return {};
    return std::string_view(field->second).substr(field->second.find(':') + 1);
  }
};

/// Blanks around keys and values are dropped, and lines that begin with '#' are skipped; a section ends a block.
inline std::vector<VecBlock> read_vec(const std::filesystem::path& below) {
  auto trim = [](std::string_view text) {
    std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return std::string_view{};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
  };
  std::string content = read_text(below);
  std::vector<VecBlock> blocks;
  VecBlock block;
  auto end_block = [&] {
    if (!block.fields.empty()) blocks.push_back(block);
    block.fields.clear();
    block.repeats = false;
  };
  for (std::size_t at = 0; at < content.size();) {
    std::size_t end = std::min(content.find('\n', at), content.size());
    std::string_view line = trim(std::string_view(content).substr(at, end - at));
    at = end + 1;
    if (line.empty()) {
      end_block();
    } else if (line.front() == '[') {
      end_block();
      block.section = line.substr(1, line.rfind(']') - 1);
    } else if (std::size_t split = line.find_first_of("=:"); line.front() != '#' && split != std::string_view::npos) {
      const std::string key(trim(line.substr(0, split)));
      block.repeats |= block.fields.contains(key);
      block.fields[key] = trim(line.substr(split + 1));
    }
  }
  end_block();
  return blocks;
}

}  // namespace handfast::test
