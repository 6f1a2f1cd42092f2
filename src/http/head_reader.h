// Collects a head, line by line, until its empty line.
#pragma once

#include <cstddef>
#include <string>

#include "http/line_scanner.h"
#include "http/refusal.h"

namespace handfast::http {

struct HeadLimits {
  std::size_t start_line = 8192;   ///< bytes of the first line, CRLF included
  std::size_t field_line = 16384;  ///< of a field
  std::size_t head = 65536;        ///< of all
  std::size_t fields = 128;
  std::size_t empty_lines = 1;  ///< in front of a request (RFC 9112, section 2.2)
};

/// Refuses early what is no head, without looking at what it says: parse_head does.
class HeadReader {
 public:
  explicit HeadReader(const HeadLimits& limits) noexcept : limits_(limits) {}

  /// Takes from the beginning of `input`, no further than to the end of the head: how many bytes.
  Parsed<std::size_t> take(Bytes input);
  bool done() const noexcept { return done_; }
  /// Whether a byte of the first line has come.
  bool started() const noexcept { return !text_.empty(); }
  /// From the first line to the empty one; each line ends with CRLF.
  const std::string& text() const noexcept { return text_; }
  /// Forgets the text.
  void drop() noexcept { std::string().swap(text_); }

 private:
  Parsed<> end_line();

  HeadLimits limits_;
  LineScanner scanner_;
  std::string text_;
  std::size_t line_ = 0;  ///< where the line begins
  std::size_t lines_ = 0;
  std::size_t empty_lines_ = 0;
  bool done_ = false;
};

/// One field line without its CRLF: a token, a colon, a value.
Parsed<> check_field_line(std::string_view line) noexcept;

}  // namespace handfast::http
