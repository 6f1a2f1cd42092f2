// HTTP/1.1: a message in any pieces, and what is written of it again.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fuzz.h"
#include "http/parser.h"
#include "http/write.h"

namespace handfast {
namespace {

using namespace http;

struct Outcome {
  std::optional<Refusal> refused;
  std::string content;
  std::size_t taken = 0;
  bool done = false;
};

/// Feeds pieces whose sizes come from `cuts`; one piece where there are none.
template <typename Parser>
Outcome parse(Parser& parser, Bytes text, Bytes cuts) {
  Outcome outcome;
  std::size_t available = cuts.empty() ? text.size() : 0;
  for (std::size_t cut = 0; !parser.done();) {
    const Bytes input = text.subspan(outcome.taken, available - outcome.taken);
    Parsed<BodyReader::Step> step = BodyReader::Step{0, {}};
    if (!input.empty()) step = parser.take(input);
    if (!step) {
      outcome.refused = step.error();
      return outcome;
    }
    fuzz::require(step->taken <= input.size());
    fuzz::require(step->content.empty() ||
                  (step->content.data() >= input.data() &&
                   step->content.data() + step->content.size() <= input.data() + input.size()));
    outcome.content += as_text(step->content);
    outcome.taken += step->taken;
    if (step->taken > 0) continue;
    if (available == text.size()) break;
    available = cut < cuts.size() ? std::min(text.size(), available + 1 + cuts[cut] % 64) : text.size();
    ++cut;
  }
  outcome.done = parser.done();
  return outcome;
}

/// What was taken means the same to whoever reads what we write of it.
template <typename Parser>
void read_again(Parser first, Parser second, const Outcome& outcome) {
  // We speak HTTP/1.1 to the next, which wants a Host.
  if constexpr (requires { first.head().host; })
    if (!first.head().host) set(first.head().fields, "Host", "a");
  const std::optional<std::string> head = write_head(first.head());
  fuzz::require(head.has_value());
  Buffer text(head->begin(), head->end());
  const bool chunked = first.framing().kind == Framing::Kind::chunked;
  if (chunked) {
    append_chunk(text, as_bytes(outcome.content));
    text.insert(text.end(), last_chunk.begin(), last_chunk.end());
  } else {
    text.insert(text.end(), outcome.content.begin(), outcome.content.end());
  }
  const Outcome again = parse(second, text, {});
  fuzz::require(!again.refused && again.done == (chunked || outcome.done) && again.content == outcome.content);
  fuzz::require(again.taken == text.size() && second.framing() == first.framing());
  fuzz::require(write_head(second.head()) == head);
}

template <typename Parser>
void check(const Parser& fresh, const Parser& unlimited, Bytes text, Bytes cuts) {
  Parser whole = fresh;
  const Outcome first = parse(whole, text, {});
  Parser cut = fresh;
  const Outcome second = parse(cut, text, cuts);
  fuzz::require(first.refused == second.refused);
  if (first.refused) return;
  fuzz::require(first.content == second.content && first.taken == second.taken && first.done == second.done);
  if (whole.has_head() && (first.done || whole.framing().kind != Framing::Kind::chunked))
    read_again(whole, unlimited, first);
}

}  // namespace
}  // namespace handfast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  fuzz::Choices choices(data, size);
  const std::uint8_t kind = choices.byte();
  const Bytes cuts = choices.some();
  const Bytes text = choices.rest();
  if (text.size() > 8000) return 0;  // written again it may be longer, and past our limits
  MessageLimits limits;
  if (kind & 4) limits.head = {.start_line = 40, .field_line = 40, .head = 120, .fields = 4};
  if (kind & 4)
    limits.body = {.length = 100, .chunk_line = 20, .chunk_extensions = 30, .trailer_line = 20, .trailers = 40};
  if (kind & 1) {
    constexpr std::string_view methods[] = {"GET", "HEAD", "CONNECT", "POST"};
    const std::string method(methods[kind >> 3 & 3]);
    check(ResponseParser(method, limits), ResponseParser(method), text, cuts);
  } else {
    check(RequestParser(limits), RequestParser(), text, cuts);
  }
  return 0;
}
