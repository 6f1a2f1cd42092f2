// The traces of RFC 8448 as steps, read from the RFC's own text.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/types.h>

#include "support/hex.h"
#include "support/vectors.h"

namespace handfast::test {

/// What one side does: "{server}  derive secret "tls13 c hs traffic":", and the values that stand below.
struct TraceStep {
  Side side;
  std::string what;  ///< `derive secret "tls13 c hs traffic"`
  std::map<std::string, Buffer> values;

  bool begins(std::string_view text) const { return what.starts_with(text); }
  bool has(const std::string& name) const { return values.contains(name); }
  /// Throws where there is no such value.
  const Buffer& operator[](const std::string& name) const { return values.at(name); }
  /// What stands between quotation marks, without "tls13 ".
  std::string label() const {
    const std::size_t open = what.find('"');
    std::string text = what.substr(open + 1, what.rfind('"') - open - 1);
    return text.starts_with("tls13 ") ? text.substr(6) : text;
  }
};

/// One section of the RFC.
struct RecordedTrace {
  std::string title;  ///< "Simple 1-RTT Handshake"
  std::vector<TraceStep> steps;

  /// The n-th step of that side that begins so; throws where there is none.
  const TraceStep& step(Side side, std::string_view what, int n = 0) const {
    for (const TraceStep& each : steps)
      if (each.side == side && each.begins(what) && n-- == 0) return each;
    throw std::out_of_range("no step " + std::string(what) + " in " + title);
  }
  const Buffer& record(Side side, int n) const { return step(side, "send", n)["complete record"]; }
};

/// Sections 3 to 7. Throws where a value has not as many octets as the text says.
inline std::vector<RecordedTrace> read_rfc8448() {
  const auto is_hex = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdef ") == std::string_view::npos;
  };
  std::vector<RecordedTrace> traces;
  std::string name;  // of the value that is being read
  std::size_t octets = 0;
  std::string digits;
  bool in_title = false;
  const auto end_value = [&] {
    if (name.empty()) return;
    Buffer bytes = from_hex(digits);
    if (bytes.size() != octets) throw std::runtime_error("RFC 8448: " + name + " has another length");
    traces.back().steps.back().values[name] = std::move(bytes);
    name.clear();
    digits.clear();
  };
  const std::string text = read_text("rfc8448/rfc8448.txt");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (line.find_first_not_of(" \f\r") == std::string_view::npos) {
      in_title = false;
      continue;
    }
    if (line.starts_with("Thomson ") || line.starts_with("RFC 8448 ")) continue;  // the edges of a page
    if (line.size() > 4 && line[0] >= '3' && line[0] <= '8' && line.substr(1, 3) == ".  ") {
      end_value();
      if (line[0] == '8') break;
      traces.push_back({std::string(line.substr(4)), {}});
      continue;
    }
    if (traces.empty()) continue;
    if (line.starts_with("   {client}  ") || line.starts_with("   {server}  ")) {
      end_value();
      const Side side = line[4] == 'c' ? Side::client : Side::server;
      line.remove_prefix(13);
      if (line.ends_with(':')) line.remove_suffix(1);
      traces.back().steps.push_back({side, std::string(line), {}});
      in_title = true;
      continue;
    }
    if (traces.back().steps.empty() || in_title) continue;
    const std::string_view content = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    const std::size_t open = content.find(" (");
    const std::size_t close = content.find(" octets):");
    if (open != std::string_view::npos && close != std::string_view::npos && close > open) {
      end_value();
      name = content.substr(0, open);
      octets = std::stoul(std::string(content.substr(open + 2, close - open - 2)));
      const std::string_view rest = content.substr(close + 9);
      if (rest.find("(empty)") == std::string_view::npos) digits = rest;
    } else if (!name.empty() && is_hex(content)) {
      digits += ' ';
      digits += content;
    } else {
      end_value();
    }
  }
  return traces;
}

}  // namespace handfast::test
