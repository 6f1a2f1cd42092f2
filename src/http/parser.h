// Reads one request or one response out of pieces: the head, then the body as it comes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <handfast/bytes.h>

#include "http/body_reader.h"
#include "http/head.h"
#include "http/head_reader.h"
#include "http/refusal.h"

namespace handfast::http {

struct MessageLimits {
  HeadLimits head{};
  BodyLimits body{};
};

/// Both parsers take their message and nothing behind it. What comes out does not depend on how the input is cut, and
/// what is refused is refused for good. Nothing of the body is copied.
///
/// Behind a request with Upgrade, or a CONNECT, stand bytes that are HTTP only if it is refused: whoever calls does not
/// look at them before the response is there (RFC 9110, section 7.8).
class RequestParser {
 public:
  explicit RequestParser(const MessageLimits& limits = {}) noexcept : limits_(limits), reader_(limits.head) {}

  /// One step: the head to its end, or the body as BodyReader::take does. Call it again with what is left until nothing
  /// is, or it is `done`.
  Parsed<BodyReader::Step> take(Bytes input);

  /// The client has closed: a request has its end in itself (RFC 9112, section 6.3).
  Parsed<> end() noexcept;

  bool started() const noexcept { return reader_.started() || head_; }  ///< more than an empty line has come
  bool has_head() const noexcept { return head_.has_value(); }
  bool done() const noexcept { return body_ && body_->done(); }
  /// Once it is there. It may be taken out and changed: the body is read as it was.
  RequestHead& head() noexcept { return *head_; }
  const RequestHead& head() const noexcept { return *head_; }
  const Framing& framing() const noexcept { return framing_; }
  std::uint64_t received() const noexcept { return body_ ? body_->received() : 0; }  ///< bytes of content

 private:
  Parsed<BodyReader::Step> take_head(Bytes input);

  MessageLimits limits_;
  HeadReader reader_;
  std::optional<RequestHead> head_;
  Framing framing_;
  std::optional<BodyReader> body_;
  std::optional<Refusal> refused_;
};

/// One response, final or interim (1xx): behind an interim one a new parser reads the next.
class ResponseParser {
 public:
  /// `method`: of the request that is answered.
  explicit ResponseParser(std::string method, const MessageLimits& limits = {})
      : limits_(limits), method_(std::move(method)), reader_(of_response(limits.head)) {}

  Parsed<BodyReader::Step> take(Bytes input);
  /// The origin has closed: the end of a body without a length, else Refusal::truncated.
  Parsed<> end() noexcept;

  bool started() const noexcept { return reader_.started() || head_; }
  bool has_head() const noexcept { return head_.has_value(); }
  bool done() const noexcept { return body_ && body_->done(); }
  ResponseHead& head() noexcept { return *head_; }
  const ResponseHead& head() const noexcept { return *head_; }
  const Framing& framing() const noexcept { return framing_; }
  std::uint64_t received() const noexcept { return body_ ? body_->received() : 0; }

 private:
  Parsed<BodyReader::Step> take_head(Bytes input);

  /// No empty line stands in front of a response: who takes one may take the rest of the one before for it.
  static HeadLimits of_response(HeadLimits limits) noexcept {
    limits.empty_lines = 0;
    return limits;
  }
  MessageLimits limits_;
  std::string method_;
  HeadReader reader_;
  std::optional<ResponseHead> head_;
  Framing framing_;
  std::optional<BodyReader> body_;
  std::optional<Refusal> refused_;
};

}  // namespace handfast::http
