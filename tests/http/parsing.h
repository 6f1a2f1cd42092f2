// Messages through a parser, in one piece and in two, cut at every byte.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "http/parser.h"

namespace handfast::http::test {

/// What came of it.
template <typename Head>
struct Outcome {
  std::optional<Refusal> refused{};
  std::optional<Head> head{};
  Framing framing{};
  std::string content{};
  bool done = false;
  std::string rest{};  ///< what the parser has left, where nothing was refused
};

/// Feeds the pieces one after the other; a rest is kept in front of the next one.
template <typename Head, typename Parser>
Outcome<Head> parse_pieces(Parser parser, const std::vector<std::string_view>& pieces, bool closed) {
  Outcome<Head> outcome;
  for (const std::string_view piece : pieces) {
    outcome.rest += piece;
    while (!outcome.rest.empty() && !parser.done()) {
      const std::string input = outcome.rest;
      const Parsed<BodyReader::Step> step = parser.take(as_bytes(input));
      if (!step) {
        outcome.refused = step.error();
        return outcome;
      }
      outcome.content += as_text(step->content);
      outcome.rest.erase(0, step->taken);
      if (step->taken == 0) break;  // a tunnel
    }
  }
  if (closed) {
    const Parsed<> end = parser.end();
    if (!end) outcome.refused = end.error();
  }
  outcome.done = parser.done();
  outcome.framing = parser.framing();
  if (parser.has_head()) outcome.head = parser.head();
  return outcome;
}

/// In one piece; and it is checked that it is the same in any two, and byte by byte.
template <typename Head, typename Parser>
Outcome<Head> parse_all_ways(const Parser& parser, std::string_view text, bool closed) {
  const Outcome<Head> whole = parse_pieces<Head>(parser, {text}, closed);
  const auto expect_same = [&](const Outcome<Head>& other, std::size_t split) {
    EXPECT_EQ(other.refused, whole.refused) << "cut at " << split << ":\n" << text;
    if (whole.refused) return;
    EXPECT_EQ(other.content, whole.content) << "cut at " << split << ":\n" << text;
    EXPECT_EQ(other.rest, whole.rest) << "cut at " << split << ":\n" << text;
    EXPECT_EQ(other.done, whole.done) << "cut at " << split << ":\n" << text;
    EXPECT_EQ(other.framing, whole.framing) << "cut at " << split << ":\n" << text;
  };
  for (std::size_t split = 1; split < text.size(); ++split)
    expect_same(parse_pieces<Head>(parser, {text.substr(0, split), text.substr(split)}, closed), split);
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
  expect_same(parse_pieces<Head>(parser, bytes, closed), 0);
  return whole;
}

inline Outcome<RequestHead> request(std::string_view text, const MessageLimits& limits = {}) {
  return parse_all_ways<RequestHead>(RequestParser(limits), text, false);
}
inline Outcome<ResponseHead> response(std::string_view text, std::string method = "GET") {
  return parse_all_ways<ResponseHead>(ResponseParser(std::move(method)), text, false);
}
/// The same with the origin's end behind it.
inline Outcome<ResponseHead> closed_response(std::string_view text, std::string method = "GET") {
  return parse_all_ways<ResponseHead>(ResponseParser(std::move(method)), text, true);
}
/// The same with a NUL in it, or any byte.
inline std::optional<Refusal> refusal(std::string_view text, const MessageLimits& limits = {}) {
  return request(text, limits).refused;
}

}  // namespace handfast::http::test

namespace handfast::http {
/// For messages of GoogleTest.
inline void PrintTo(Refusal refusal, std::ostream* out) { *out << name(refusal); }
}  // namespace handfast::http
