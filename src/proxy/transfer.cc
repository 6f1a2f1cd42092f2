#include "proxy/transfer.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/grammar.h"
#include "http/write.h"

namespace handfast::proxy {

Transfer::Upload::~Upload() {
  if (!running) return;
  running->upload = nullptr;
  // A loop that has ended resumes nobody. In one that runs this has been destroyed for want of memory, and the upload
  // would go on with what is not there any more: better that the process ends.
  if (worker.loop().stopped()) return;
  std::fputs("handfast: out of memory in the middle of a request\n", stderr);
  std::abort();
}

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Outcome = Transferred::Outcome;
using std::chrono::milliseconds;

/// 100, 103 and their like in front of a response.
constexpr int most_interim_responses = 16;
/// Where the origin does not say for how long it keeps a connection.
constexpr milliseconds usual_patience{30'000};
/// It may count from an earlier moment than we do.
constexpr milliseconds haste{1'000};
constexpr milliseconds cancel_again{20};

bool is_time_out(const NetError& error) { return error.transport() == asio::error::timed_out; }

// --- The request's body

/// That the coroutine is there. Asio destroys one that finds no memory to begin a wait with, and tells nobody.
class Running {
 public:
  explicit Running(Transfer& t) : link_(std::make_shared<Transfer::Upload::Link>(&t.upload)), origin_(&t.origin) {
    t.upload.running = link_;
  }
  Running(Running&& other) noexcept : link_(std::exchange(other.link_, nullptr)), origin_(other.origin_) {}
  Running& operator=(Running&&) = delete;
  ~Running() {
    if (!link_ || link_->upload == nullptr) return;
    Transfer::Upload& upload = *link_->upload;
    // Whoever waits for the answer to what did not come to its end would wait for long.
    if (!upload.over) origin_->break_off();
    upload.running = nullptr;
    upload.ended.cancel();
  }

 private:
  std::shared_ptr<Transfer::Upload::Link> link_;
  Leg* origin_;
};

Awaitable<> upload(Transfer& t, [[maybe_unused]] Running running) {
  co_await asio::this_coro::throw_if_cancelled(false);
  Moved moved = co_await move_request_body(t.request, t.from_client, t.to_origin);
  t.upload.moved = std::move(moved);
  t.upload.over = true;
  t.upload.ended_at = Clock::now();
  // What has gone is a part, and the origin has to see that; and whoever waits for its answer waits no more.
  const bool cancelled =
      t.upload.moved.read_error && t.upload.moved.read_error->transport() == asio::error::operation_aborted;
  if ((t.upload.moved.read_error && !cancelled) || t.upload.moved.refused) t.origin.break_off();
}

void start_upload(Transfer& t, const asio::any_io_executor& executor) {
  Awaitable<> moving = upload(t, Running(t));
  asio::co_spawn(executor, std::move(moving),
                 asio::bind_cancellation_slot(t.upload.cancel.slot(), [](const std::exception_ptr&) {}));
}

/// Whoever has answered needs no more of the request.
Awaitable<> end_upload(Transfer& t) {
  if (!t.upload.over) t.origin.break_off();
  while (t.upload.running) {
    t.upload.cancel.emit(asio::cancellation_type::terminal);
    if (!t.upload.running) break;
    // It may have been between two waits just now.
    t.upload.ended.expires_after(cancel_again);
    boost::system::error_code ignored;
    co_await t.upload.ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

/// The client has failed, and not the origin: it is why there is no answer.
bool client_failed(const Transfer& t) { return t.upload.moved.read_error || t.upload.moved.refused; }

// --- The response

/// No final response has gone to the client yet, and none will come.
Transferred unsent(Transfer& t, std::optional<NetError> error, std::optional<http::Refusal> refused) {
  if (client_failed(t)) {
    t.record.error = t.upload.moved.read_error;
    t.record.refused = t.upload.moved.refused;
    const unsigned status = status_of_broken(t.upload.moved);
    return {.outcome = status != 0 ? Outcome::unsent : Outcome::broken, .status = status};
  }
  t.record.of_origin = true;
  const bool dead =
      !t.answered && (!error || !is_time_out(*error)) && (!refused || refused == http::Refusal::truncated);
  if (dead && t.may_repeat) return {.outcome = Outcome::repeat};
  const bool slow = error && is_time_out(*error);
  t.record.error = std::move(error);
  t.record.refused = refused;
  return {.outcome = Outcome::unsent, .status = slow ? 504U : 502U};
}

/// The next of what the origin says, within the time that it has from the end of the request.
Awaitable<NetResult<Bytes>> read_answer(Transfer& t) {
  for (;;) {
    milliseconds patience = t.limits.response_timeout;
    if (patience.count() > 0 && t.upload.over) {
      const auto left = std::chrono::ceil<milliseconds>(t.upload.ended_at + patience - Clock::now());
      patience = std::max(left, milliseconds(1));
    }
    t.origin.set_read_timeout(patience);
    NetResult<Bytes> bytes = co_await t.origin.read();
    const bool waits_for_request = !bytes && is_time_out(bytes.error()) &&
                                   (!t.upload.over || Clock::now() < t.upload.ended_at + t.limits.response_timeout);
    if (!waits_for_request) co_return bytes;
  }
}

struct HeadRead {
  std::optional<NetError> error;
  std::optional<http::Refusal> refused;
};

Awaitable<HeadRead> read_head(Transfer& t, http::ResponseParser& parser) {
  while (!parser.has_head()) {
    if (t.from_origin.rest.empty()) {
      NetResult<Bytes> bytes = co_await read_answer(t);
      if (!bytes) co_return HeadRead{std::move(bytes).error(), {}};
      if (bytes->empty()) co_return HeadRead{{}, http::Refusal::truncated};
      t.answered = true;
      t.from_origin.rest = *bytes;
    }
    const http::Parsed<http::BodyReader::Step> step = parser.take(t.from_origin.rest);
    if (!step) co_return HeadRead{{}, step.error()};
    t.from_origin.rest = t.from_origin.rest.subspan(step->taken);
  }
  co_return HeadRead{};
}

/// RFC 9110, section 15.2: it goes on to clients that know such.
Awaitable<NetResult<>> pass_interim(Transfer& t, http::ResponseHead& head) {
  if (!t.asks.interim_responses) co_return NetResult<>();
  frame_response(head, {}, 1, false);
  const std::optional<std::string> text = http::write_head(head);
  if (!text) co_return NetResult<>();
  NetResult<> written = co_await t.client.write(as_bytes(*text));
  co_return written;
}

/// "Keep-Alive: timeout=5".
milliseconds patience_of(const http::Fields& fields) {
  http::ListReader list(http::value_of(fields, "Keep-Alive"));
  while (const std::optional<std::string_view> element = list.next()) {
    if (!element->starts_with("timeout=")) continue;
    const std::optional<std::uint64_t> seconds = http::parse_digits(element->substr(8));
    if (seconds && *seconds < 3600) return std::max(milliseconds(*seconds * 1000) - haste, milliseconds(0));
  }
  return usual_patience;
}

Awaitable<Transferred> pass_upgrade(Transfer& t, http::ResponseHead& head) {
  const std::string protocol(http::value_of(head.fields, "Upgrade"));
  bool asked = false;
  http::ListReader list(t.asks.upgrade);
  while (const std::optional<std::string_view> element = list.next())
    asked = asked || (!element->empty() && http::same_name(*element, protocol));
  if (!asked) {
    t.record.of_origin = true;
    t.record.problem = "it has changed to a protocol that was not asked for";
    co_return Transferred{.outcome = Outcome::unsent, .status = 502};
  }
  t.hop.response(t.head, head);
  frame_response(head, {}, 1, false);  // RFC 9110, section 8.6: nor has it a length
  head.fields.push_back({"Connection", "Upgrade"});
  head.fields.push_back({"Upgrade", protocol});
  const std::optional<std::string> text = http::write_head(head);
  if (!text) co_return Transferred{.outcome = Outcome::unsent, .status = 502};
  t.record.upgraded = protocol;
  t.record.status = head.status;
  NetResult<> written = co_await t.client.write(as_bytes(*text));
  if (!written) {
    t.record.error = std::move(written).error();
    co_return Transferred{.outcome = Outcome::broken};
  }
  co_return Transferred{.outcome = Outcome::upgraded};
}

Awaitable<Transferred> pass_final(Transfer& t, http::ResponseParser& parser) {
  http::ResponseHead& head = parser.head();
  const bool origin_keeps =
      http::keeps_alive(head.minor_version, head.fields) && parser.framing().kind != http::Framing::Kind::until_close;
  const milliseconds patience = origin_keeps ? patience_of(head.fields) : milliseconds(0);
  const unsigned client_version = t.asks.interim_responses ? 1 : 0;
  t.record.status = head.status;
  t.record.until_answer = Clock::now() - t.record.began;

  const bool authenticates = authenticates_connection(t.head.fields, "Authorization") ||
                             authenticates_connection(head.fields, "WWW-Authenticate");
  t.hop.response(t.head, head);
  Outgoing out(&t.client, RateMeter(t.limits.minimum_rate, t.limits.rate_grace));
  if (parser.framing().kind != http::Framing::Kind::none) out.filter = t.hop.response_filter();
  const ResponseForm form = frame_response(head, parser.framing(), client_version, out.filter != nullptr);
  out.chunked = form.chunked;
  // A client that is still sending, and is not to go on, learns it by the end of its connection
  // (RFC 9112, section 9.3).
  const bool kept = t.asks.keep_alive && !form.until_close && t.upload.moved.complete && !t.worker.draining();
  say_whether_kept(head, client_version, kept);
  const std::optional<std::string> text = http::write_head(head);
  if (!text) {
    t.record.status = 0;
    t.record.problem = "the response was changed to one that is none";
    co_return Transferred{.outcome = Outcome::unsent, .status = 502};
  }
  out.buffer.assign(text->begin(), text->end());

  t.from_origin.idle_timeout = t.limits.idle_timeout;
  Moved moved = co_await move_response_body(parser, t.from_origin, out);
  t.record.response_bytes = parser.received();
  if (!moved.complete) {
    t.record.of_origin = !moved.write_error;
    t.record.error = moved.write_error ? std::move(moved.write_error) : std::move(moved.read_error);
    t.record.refused = moved.refused;
    // Of what broke off behind an upload that failed the client is the cause.
    if (client_failed(t)) t.record.of_origin = false;
    co_return Transferred{.outcome = Outcome::broken};
  }
  // An origin may leave the content of a GET unread and take it for another request (RFC 9110, section 9.3.1): what
  // that is answered with would be the answer to whoever comes next.
  const bool unread = is_safe(t.head.method) && t.request.framing().kind != http::Framing::Kind::none;
  // Bytes behind the end are no other response: nothing was asked.
  const bool reusable = t.upload.moved.complete && !unread && t.from_origin.rest.empty();
  co_return Transferred{.outcome = kept ? Outcome::kept : Outcome::closing,
                        .status = head.status,
                        .origin_patience = reusable ? patience : milliseconds(0),
                        .authenticates_connection = authenticates};
}

Awaitable<Transferred> respond(Transfer& t) {
  for (int interim = 0; interim <= most_interim_responses; ++interim) {
    http::ResponseParser parser(t.head.method, t.message_limits);
    HeadRead read = co_await read_head(t, parser);
    if (read.error || read.refused) co_return unsent(t, std::move(read.error), read.refused);
    if (parser.head().status == 101) {
      Transferred upgraded = co_await pass_upgrade(t, parser.head());
      co_return upgraded;
    }
    if (parser.head().status / 100 != 1) {
      Transferred done = co_await pass_final(t, parser);
      co_return done;
    }
    NetResult<> passed = co_await pass_interim(t, parser.head());
    if (!passed) {
      t.record.error = std::move(passed).error();
      co_return Transferred{.outcome = Outcome::broken};
    }
  }
  t.record.of_origin = true;
  t.record.problem = "too many interim responses";
  co_return Transferred{.outcome = Outcome::unsent, .status = 502};
}

}  // namespace

unsigned status_of_broken(const Moved& body) noexcept {
  if (body.refused && body.refused != http::Refusal::truncated) return http::status_of(*body.refused);
  return body.read_error && is_time_out(*body.read_error) ? 408 : 0;
}

Awaitable<Transferred> transfer(Transfer& t) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  t.upload.ended_at = Clock::now();
  if (t.request.done()) {
    // Its body, if any, is in the buffer with the head.
    NetResult<> sent = co_await flush(t.to_origin);
    t.upload.over = true;
    t.upload.ended_at = Clock::now();
    t.upload.moved.complete = sent.has_value();
    if (!sent) t.upload.moved.write_error = std::move(sent).error();
  } else {
    start_upload(t, executor);
  }
  Transferred done;
  std::exception_ptr thrown;
  try {
    done = co_await respond(t);
  } catch (...) {
    thrown = std::current_exception();
  }
  // The upload refers to what goes with this coroutine's caller.
  co_await end_upload(t);
  t.record.request_bytes = t.request.received();
  if (thrown) std::rethrow_exception(thrown);
  co_return done;
}

}  // namespace handfast::proxy
