#include "x509/pem.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace handfast::x509 {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t not_base64 = 0xff;

constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(not_base64);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

bool may_stand_in_base64(char c) noexcept { return c == '=' || values[static_cast<std::uint8_t>(c)] != not_base64; }

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";

/// The label of "-----BEGIN label-----", where `line` is that.
std::optional<std::string_view> label_of(std::string_view line, std::string_view mark) noexcept {
  if (!line.starts_with(mark) || !line.ends_with(dashes) || line.size() < mark.size() + dashes.size()) return {};
  return line.substr(mark.size(), line.size() - mark.size() - dashes.size());
}

std::string_view trimmed(std::string_view line) noexcept {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  return line;
}

std::unexpected<Error> bad_pem(std::size_t line, std::string expected) {
  return fail(Error(Alert::internal_error, Reason::bad_pem)
                  .with("expected", std::move(expected))
                  .with("line", static_cast<std::int64_t>(line)));
}

}  // namespace

std::string encode_base64(Bytes bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? alphabet[group >> (18 - 6 * k) & 0x3f] : '=';
  }
  return text;
}

bool decode_base64(std::string_view text, Buffer& out) {
  if (text.size() % 4 != 0) return false;
  out.reserve(out.size() + text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::string_view quad = text.substr(i, 4);
    bool last = i + 4 == text.size();
    std::size_t padding = !last || quad[3] != '=' ? 0 : quad[2] == '=' ? 2 : 1;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      std::uint8_t value = k < 4 - padding ? values[static_cast<std::uint8_t>(quad[k])] : 0;
      if (value == not_base64) return false;
      group = group << 6 | value;
    }
    // The bits that padding cuts off are zero, or two texts would mean the same bytes.
    if (padding > 0 && (group & ((1u << 8 * padding) - 1)) != 0) return false;
    for (std::size_t k = 0; k < 3 - padding; ++k) out.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * k)));
  }
  return true;
}

Result<std::vector<PemBlock>> decode_pem(std::string_view text) {
  std::vector<PemBlock> blocks;
  PemBlock block;
  std::string base64;
  bool inside = false;
  std::size_t number = 0;
  auto end_line = [&block] { return fmt::format("-----END {}-----", block.label); };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = trimmed(text.substr(at, end - at));
    at = end + 1;
    ++number;
    if (!inside) {
      if (line.starts_with(end_mark)) return bad_pem(number, "a BEGIN line before this END line");
      if (!line.starts_with(begin_mark)) continue;
      std::optional<std::string_view> label = label_of(line, begin_mark);
      if (!label) return bad_pem(number, "-----BEGIN label-----");
      block.label = *label;
      base64.clear();
      inside = true;
    } else if (line.starts_with(dashes)) {
      if (label_of(line, end_mark) != block.label) return bad_pem(number, end_line());
      const bool decoded = decode_base64(base64, block.der);
      base::wipe(base64.data(), base64.size());
      if (!decoded || block.der.empty()) return bad_pem(number, "base64 before this line");
      blocks.push_back(std::exchange(block, {}));
      inside = false;
    } else if (std::ranges::all_of(line, may_stand_in_base64)) {
      base64 += line;
    } else {
      return bad_pem(number, "base64");
    }
  }
  if (inside) return bad_pem(number, end_line());
  return blocks;
}

std::string encode_pem(std::string_view label, Bytes der) {
  std::string text = fmt::format("-----BEGIN {}-----\n", label);
  std::string base64 = encode_base64(der);
  for (std::size_t at = 0; at < base64.size(); at += 64) text += base64.substr(at, 64) + '\n';
  return text + fmt::format("-----END {}-----\n", label);
}

}  // namespace handfast::x509
