#include "http/body_reader.h"

#include <algorithm>

#include "http/head_reader.h"
#include "x509/ascii.h"

namespace handfast::http {
namespace {

constexpr std::uint8_t most_digits = 16;  // of a size of 64 bits

}  // namespace

BodyReader::BodyReader(const Framing& framing, const BodyLimits& limits) noexcept
    : framing_(framing), limits_(limits), state_(State::content), left_(framing.length) {
  if (framing.kind == Framing::Kind::none) state_ = State::done;
  if (framing.kind == Framing::Kind::chunked) state_ = State::size;
}

Parsed<BodyReader::Step> BodyReader::take(Bytes input) {
  switch (state_) {
    case State::content:
    case State::data: return take_content(input);
    case State::size:
    case State::extension:
    case State::data_end: return take_chunk_line(input);
    case State::trailer: return take_trailer(input);
    case State::done: break;
  }
  return Step{0, {}};
}

Parsed<> BodyReader::end() noexcept {
  if (framing_.kind == Framing::Kind::until_close) state_ = State::done;
  if (!done()) return std::unexpected(Refusal::truncated);
  return {};
}

Parsed<BodyReader::Step> BodyReader::take_content(Bytes input) {
  if (framing_.kind == Framing::Kind::tunnel) return Step{0, {}};
  const bool bounded = framing_.kind != Framing::Kind::until_close;
  const std::size_t size =
      bounded ? static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), left_)) : input.size();
  if (size > limits_.length - received_) return std::unexpected(Refusal::body_too_large);
  received_ += size;
  if (bounded) {
    left_ -= size;
    if (left_ == 0) {
      line_ = 0;
      state_ = state_ == State::data ? State::data_end : State::done;
    }
  }
  return Step{size, input.first(size)};
}

/// RFC 9112, section 7.1: chunk-size [ chunk-ext ] CRLF, and the CRLF behind the data of the chunk before.
Parsed<BodyReader::Step> BodyReader::take_chunk_line(Bytes input) {
  std::size_t taken = 0;
  while (taken < input.size()) {
    if (state_ == State::data_end) {
      if (input[taken] != (line_ == 0 ? '\r' : '\n')) return std::unexpected(Refusal::chunk_without_end);
      ++taken;
      if (++line_ < 2) continue;
      line_ = 0;
      state_ = State::size;
    } else if (state_ == State::size) {
      const Parsed<> good = take_size_byte(input[taken]);
      if (!good) return std::unexpected(good.error());
      // The byte behind the digits begins an extension or ends the line: it is looked at there.
      if (state_ == State::size) ++taken, ++line_;
    } else {
      const std::size_t room = limits_.chunk_line - std::min(limits_.chunk_line, line_);
      const Parsed<> good = check_extension(input.subspan(taken, std::min(room, input.size() - taken)));
      if (!good) return std::unexpected(good.error());
      const Parsed<LineScanner::Step> step =
          scanner_.take(input.subspan(taken), room, Refusal::chunk_extensions_too_long);
      if (!step) return std::unexpected(step.error());
      taken += step->taken;
      line_ += step->taken;
      extensions_ += step->taken;
      if (!step->complete) break;
      const Parsed<> ended = end_chunk_line();
      if (!ended) return std::unexpected(ended.error());
      break;
    }
  }
  return Step{taken, {}};
}

Parsed<> BodyReader::take_size_byte(std::uint8_t byte) {
  const std::optional<unsigned> digit = x509::hex_digit(static_cast<char>(byte));
  if (digit) {
    if (digits_ == most_digits) return std::unexpected(Refusal::bad_chunk_size);
    if (digits_++ == 0) left_ = 0;
    left_ = left_ << 4 | *digit;
    return {};
  }
  if (digits_ == 0) return std::unexpected(Refusal::bad_chunk_size);
  if (byte != '\r' && byte != ';' && byte != ' ' && byte != '\t') return std::unexpected(Refusal::bad_chunk_size);
  extension_begun_ = false;
  state_ = State::extension;
  return {};
}

/// An extension begins with a semicolon, white space in front of it or not (RFC 9112, section 7.1.1).
Parsed<> BodyReader::check_extension(Bytes line) noexcept {
  for (const std::uint8_t byte : line) {
    if (extension_begun_ || scanner_.after_cr() || byte == '\r') break;
    if (byte == ';') extension_begun_ = true;
    if (byte != ';' && byte != ' ' && byte != '\t') return std::unexpected(Refusal::bad_chunk_extension);
  }
  return {};
}

Parsed<> BodyReader::end_chunk_line() noexcept {
  const std::size_t extension = line_ - digits_ - 2;
  if (extension > 0 && !extension_begun_) return std::unexpected(Refusal::bad_chunk_extension);
  extensions_ -= 2;
  if (extensions_ > limits_.chunk_extensions) return std::unexpected(Refusal::chunk_extensions_too_long);
  line_ = 0;
  digits_ = 0;
  state_ = left_ > 0 ? State::data : State::trailer;
  if (left_ > limits_.length - received_) return std::unexpected(Refusal::body_too_large);
  return {};
}

Parsed<BodyReader::Step> BodyReader::take_trailer(Bytes input) {
  const std::size_t line_room = limits_.trailer_line - std::min(limits_.trailer_line, trailer_.size());
  const std::size_t room = limits_.trailers - std::min(limits_.trailers, trailers_);
  const Parsed<LineScanner::Step> step = scanner_.take(input, std::min(line_room, room), Refusal::trailers_too_large);
  if (!step) return std::unexpected(step.error());
  trailer_ += as_text(input.first(step->taken));
  trailers_ += step->taken;
  if (!step->complete) return Step{step->taken, {}};
  const std::string_view line = std::string_view(trailer_).substr(0, trailer_.size() - 2);
  if (line.empty()) {
    state_ = State::done;
  } else if (const Parsed<> good = check_field_line(line); !good) {
    return std::unexpected(good.error());
  }
  trailer_.clear();
  return Step{step->taken, {}};
}

}  // namespace handfast::http
