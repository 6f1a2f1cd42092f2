// The body of a message, out of its framing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <handfast/bytes.h>

#include "http/head.h"
#include "http/line_scanner.h"
#include "http/refusal.h"

namespace handfast::http {

struct BodyLimits {
  std::uint64_t length = UINT64_MAX;     ///< of the content; a longer one that is promised is refused before it comes
  std::size_t chunk_line = 1024;         ///< the size of a chunk with its extensions (RFC 9112, section 7.1.1)
  std::size_t chunk_extensions = 16384;  ///< those of a whole message
  std::size_t trailer_line = 8192;       ///< one field of the trailer section (section 7.1.2)
  std::size_t trailers = 32768;          ///< all of them
};

/// Trailers are read and dropped: who merges them into the head lets a sender say there what a head may not
/// (RFC 9110, section 6.5.1).
class BodyReader {
 public:
  BodyReader(const Framing& framing, const BodyLimits& limits) noexcept;

  struct Step {
    std::size_t taken;  ///< from the beginning of the input
    Bytes content;      ///< a part of what was taken: valid as long as the input; may be empty
  };
  /// One step: to the end of what can be given in one piece, no further than to the end of the message. Call it again
  /// with what is left until nothing is, or it is `done`. Of a tunnel nothing is taken.
  Parsed<Step> take(Bytes input);
  /// The sender has closed: that is the end of Framing::Kind::until_close, and else `truncated`.
  Parsed<> end() noexcept;

  bool done() const noexcept { return state_ == State::done; }
  std::uint64_t received() const noexcept { return received_; }  ///< bytes of content

 private:
  enum class State : std::uint8_t { content, size, extension, data, data_end, trailer, done };
  Parsed<Step> take_content(Bytes input);
  Parsed<Step> take_chunk_line(Bytes input);
  Parsed<Step> take_trailer(Bytes input);
  Parsed<> take_size_byte(std::uint8_t byte);
  Parsed<> check_extension(Bytes line) noexcept;
  Parsed<> end_chunk_line() noexcept;

  Framing framing_;
  BodyLimits limits_;
  State state_;
  std::uint8_t digits_ = 0;
  bool extension_begun_ = false;  ///< its semicolon has come
  std::uint64_t left_ = 0;        ///< of the content, or of the chunk
  std::uint64_t received_ = 0;
  std::size_t line_ = 0;        ///< bytes of the line that have come
  std::size_t extensions_ = 0;  ///< bytes, of all chunks
  std::size_t trailers_ = 0;
  LineScanner scanner_;
  std::string trailer_;
};

}  // namespace handfast::http
