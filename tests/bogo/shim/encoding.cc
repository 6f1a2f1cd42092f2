#include "encoding.h"

#include <cstdint>
#include <fstream>
#include <sstream>

#include "failure.h"

namespace handfast::bogo {
namespace {

std::optional<unsigned> base64_digit(char c) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = digits.find(c);
  if (at == digits.npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

std::optional<unsigned> hex_digit(char c) {
  constexpr std::string_view lower = "0123456789abcdef";
  constexpr std::string_view upper = "0123456789ABCDEF";
  for (std::string_view digits : {lower, upper})
    if (const std::size_t at = digits.find(c); at != digits.npos) return static_cast<unsigned>(at);
  return std::nullopt;
}

}  // namespace

std::optional<Buffer> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  Buffer out;
  unsigned bits = 0, count = 0;
  for (char c : text) {
    const auto digit = base64_digit(c);
    if (!digit) return std::nullopt;
    bits = bits << 6 | *digit;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
    bits &= (1u << count) - 1;
  }
  return out;
}

std::optional<Buffer> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Buffer out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  return out;
}

std::vector<Buffer> certificates_from_pem(std::string_view pem) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
  std::vector<Buffer> certificates;
  while (true) {
    const std::size_t from = pem.find(begin);
    const std::size_t to = pem.find(end, from);
    if (from == pem.npos || to == pem.npos) return certificates;
    std::string base64(pem.substr(from + begin.size(), to - from - begin.size()));
    std::erase_if(base64, [](char c) { return c == '\n' || c == '\r'; });
    auto der = from_base64(base64);
    if (!der) throw Failure("a certificate file that is no PEM");
    certificates.push_back(*std::move(der));
    pem.remove_prefix(to + end.size());
  }
}

std::optional<std::vector<std::string>> from_length_prefixed(std::string_view wire) {
  std::vector<std::string> names;
  while (!wire.empty()) {
    const auto length = static_cast<std::uint8_t>(wire.front());
    wire.remove_prefix(1);
    if (wire.size() < length) return std::nullopt;
    names.emplace_back(wire.substr(0, length));
    wire.remove_prefix(length);
  }
  return names;
}

std::string to_length_prefixed(const std::vector<std::string>& names) {
  std::string wire;
  for (const std::string& name : names) {
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Failure("can't read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace handfast::bogo
