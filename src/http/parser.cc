#include "http/parser.h"

#include "http/framing.h"
#include "http/parse_head.h"

namespace handfast::http {

Parsed<BodyReader::Step> RequestParser::take(Bytes input) {
  if (refused_) return std::unexpected(*refused_);
  Parsed<BodyReader::Step> step = body_ ? body_->take(input) : take_head(input);
  if (!step) refused_ = step.error();
  return step;
}

Parsed<BodyReader::Step> RequestParser::take_head(Bytes input) {
  const Parsed<std::size_t> taken = reader_.take(input);
  if (!taken) return std::unexpected(taken.error());
  if (reader_.done()) {
    Parsed<RequestHead> head = parse_request_head(reader_.text());
    if (!head) return std::unexpected(head.error());
    const Parsed<Framing> framing = framing_of(*head);
    if (!framing) return std::unexpected(framing.error());
    if (framing->length > limits_.body.length) return std::unexpected(Refusal::body_too_large);
    reader_.drop();
    head_ = *std::move(head);
    framing_ = *framing;
    body_.emplace(framing_, limits_.body);
  }
  return BodyReader::Step{*taken, {}};
}

Parsed<> RequestParser::end() noexcept {
  if (refused_) return std::unexpected(*refused_);
  if (!body_) return std::unexpected(Refusal::truncated);
  return body_->end();
}

Parsed<BodyReader::Step> ResponseParser::take(Bytes input) {
  if (refused_) return std::unexpected(*refused_);
  Parsed<BodyReader::Step> step = body_ ? body_->take(input) : take_head(input);
  if (!step) refused_ = step.error();
  return step;
}

Parsed<BodyReader::Step> ResponseParser::take_head(Bytes input) {
  const Parsed<std::size_t> taken = reader_.take(input);
  if (!taken) return std::unexpected(taken.error());
  if (reader_.done()) {
    Parsed<ResponseHead> head = parse_response_head(reader_.text());
    if (!head) return std::unexpected(head.error());
    const Parsed<Framing> framing = framing_of(*head, method_);
    if (!framing) return std::unexpected(framing.error());
    if (framing->length > limits_.body.length) return std::unexpected(Refusal::body_too_large);
    reader_.drop();
    head_ = *std::move(head);
    framing_ = *framing;
    body_.emplace(framing_, limits_.body);
  }
  return BodyReader::Step{*taken, {}};
}

Parsed<> ResponseParser::end() noexcept {
  if (refused_) return std::unexpected(*refused_);
  if (!body_) return std::unexpected(Refusal::truncated);
  return body_->end();
}

}  // namespace handfast::http
