// Finds the ends of lines, and what may stand in none.
#pragma once

#include <cstddef>

#include <handfast/bytes.h>

#include "http/refusal.h"

namespace handfast::http {

/// Lines end with CRLF and with nothing else: a recipient may take a bare LF for an end as well (RFC 9112,
/// section 2.2), and who does sees other lines than who does not. Holds no bytes. What is refused, and where, does not
/// depend on how the input is cut.
class LineScanner {
 public:
  struct Step {
    std::size_t taken;  ///< from the beginning of the input, CRLF included
    bool complete;      ///< a line ends there
  };
  /// Takes no further than to the end of the line, of which at most `limit` bytes may come from now on, CRLF included;
  /// `too_long` is what it is otherwise.
  Parsed<Step> take(Bytes input, std::size_t limit, Refusal too_long) noexcept;
  /// The last byte was a CR.
  bool after_cr() const noexcept { return after_cr_; }

 private:
  bool after_cr_ = false;
};

}  // namespace handfast::http
