// exchange_http: a request after the other.
#include "proxy/exchange.h"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include "http/message.h"
#include "http/parser.h"
#include "http/static_files.h"
#include "http/write.h"
#include "proxy/forwarded_head.h"
#include "proxy/relay.h"
#include "proxy/transfer.h"

namespace handfast::proxy {

std::optional<Awaitable<>> Hop::prepare(const http::RequestHead&) { return std::nullopt; }
std::optional<Hop::Forward> Hop::another() { return std::nullopt; }
std::optional<Leg> Hop::ready() { return std::nullopt; }
void Hop::response(const http::RequestHead&, http::ResponseHead&) {}
std::unique_ptr<BodyFilter> Hop::request_filter() { return nullptr; }
std::unique_ptr<BodyFilter> Hop::response_filter() { return nullptr; }
void Hop::request_content(Bytes) {}
void Hop::response_content(Bytes) {}

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// What there is between two requests.
struct Conversation {
  Leg& client;
  Hop& hop;
  Worker& worker;
  Limits limits;
  Bytes rest{};             ///< what was read and belongs to the next request: a view into the Leg's input
  bool rest_early = false;  ///< it came as early data, while the handshake was not over
  bool heard = false;       ///< it has asked for something

  /// Of the connections that this client has authenticated: they wait for nobody else (Pool::new_owner); 0: none.
  std::uint64_t owner = 0;

  ~Conversation() {
    if (owner != 0) worker.pool().forget(owner);
  }
};

/// One request, from its first byte on.
struct Turn {
  explicit Turn(Conversation& in, const http::MessageLimits& limits)
      : talk(in), message_limits(limits), request(limits) {}
  Conversation& talk;
  http::MessageLimits message_limits;
  http::RequestParser request;
  ClientAsks asks{};
  ExchangeRecord record{};
};

/// Of a body that is filtered.
constexpr std::uint64_t most_gathered = std::uint64_t{64} << 10;

enum class Next : std::uint8_t { request, close, gone, taken_over };

bool comes_early(const Leg& client) {
  const Stream* const tls = client.tls();
  return tls && tls->read_early_data() && tls->connection().handshaking();
}

http::MessageLimits limits_of(const Limits& limits) {
  http::MessageLimits all;
  all.head.head = limits.header_bytes;
  all.head.start_line = std::min(all.head.start_line, limits.header_bytes);
  all.head.field_line = std::min(all.head.field_line, limits.header_bytes);
  return all;
}

/// The first bytes of the next request; a worker that drains ends the wait.
Awaitable<NetResult<Bytes>> await_request(Conversation& talk) {
  const Worker::Idle idle(talk.worker, [&talk] { talk.client.stop_reading(); });
  // Who comes while we go is asked to say at once what it wants.
  talk.client.set_read_timeout(talk.worker.draining() ? talk.limits.header_timeout : talk.limits.idle_timeout);
  NetResult<Bytes> bytes = co_await talk.client.read();
  co_return bytes;
}

/// Until the head is there, or it is clear that none comes: then what is said of that, 0 where there is nobody to say
/// it to.
Awaitable<std::optional<unsigned>> read_head(Turn& turn) {
  Conversation& talk = turn.talk;
  const Clock::time_point deadline = Clock::now() + talk.limits.header_timeout;
  for (;;) {
    const http::Parsed<http::BodyReader::Step> step = turn.request.take(talk.rest);
    if (!step) {
      turn.record.refused = step.error();
      co_return http::status_of(step.error());
    }
    talk.rest = talk.rest.subspan(step->taken);
    if (turn.request.has_head()) co_return std::nullopt;
    if (talk.limits.header_timeout.count() > 0) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
      talk.client.set_read_timeout(std::max(left, milliseconds(1)));
    }
    NetResult<Bytes> bytes = co_await talk.client.read();
    if (!bytes && bytes.error().transport() == asio::error::timed_out) {
      turn.record.problem = "the head did not come in time";
      co_return 408;
    }
    if (!bytes) turn.record.error = std::move(bytes).error();
    if (!bytes || bytes->empty()) {
      if (bytes) turn.record.refused = http::Refusal::truncated;
      co_return 0;
    }
    talk.rest = *bytes;
    talk.rest_early = talk.rest_early || comes_early(talk.client);
  }
}

/// Takes what has come of the body already, without waiting for more; false: there is more.
bool skip_body(Turn& turn) {
  while (!turn.request.done() && !turn.talk.rest.empty()) {
    const http::Parsed<http::BodyReader::Step> step = turn.request.take(turn.talk.rest);
    if (!step) return false;
    turn.talk.rest = turn.talk.rest.subspan(step->taken);
  }
  return turn.request.done();
}

/// What a peer is told of a failure: nothing of the reason.
http::Response words_for(unsigned status) {
  switch (status) {
    case 408: return http::text_response(status, "The request did not come in time.");
    case 425: return http::text_response(status, "This came as early data. Send it again after the handshake.");
    case 500: return http::text_response(status, "The proxy has made a mistake.");
    case 502: return http::text_response(status, "The origin could not be asked, or its answer is none.");
    case 504: return http::text_response(status, "The origin did not answer in time.");
    default: return http::text_response(status, "This request is not taken.");
  }
}

/// Says something by ourselves.
Awaitable<Next> answer(Turn& turn, http::Response response) {
  Conversation& talk = turn.talk;
  turn.record.answered_here = true;
  const bool kept = turn.request.has_head() && turn.asks.keep_alive && turn.asks.interim_responses &&
                    !talk.worker.draining() && skip_body(turn);
  std::optional<std::string> text = http::write_head(response, response.body.size(), kept);
  if (!text) {
    response = words_for(500);
    text = http::write_head(response, response.body.size(), kept);
  }
  const bool has_body = !turn.asks.head_only && response.status != 204 && response.status != 304;
  if (has_body) text->append(response.body);
  turn.record.status = response.status;
  turn.record.until_answer = Clock::now() - turn.record.began;
  NetResult<> written = co_await talk.client.write(as_bytes(*text));
  if (!written) {
    if (!turn.record.error) turn.record.error = std::move(written).error();
    co_return Next::gone;
  }
  if (has_body) turn.record.response_bytes = response.body.size();
  co_return kept ? Next::request : Next::close;
}

/// Both sides have changed to another protocol: bytes from now on.
Awaitable<> relay_upgraded(Turn& turn, Leg& origin, Bytes from_origin) {
  Conversation& talk = turn.talk;
  NetResult<> written;
  if (!from_origin.empty()) written = co_await talk.client.write(from_origin);
  if (written && !talk.rest.empty()) written = co_await origin.write(talk.rest);
  if (!written) {
    turn.record.error = std::move(written).error();
    co_return;
  }
  const std::uint64_t up = talk.rest.size();
  const std::uint64_t down = from_origin.size();
  talk.rest = {};
  const RelayOptions options{.idle_timeout = talk.limits.tunnel_timeout};
  Relayed relayed = co_await relay(talk.client, origin, options);
  turn.record.request_bytes = up + relayed.to_origin;
  turn.record.response_bytes = down + relayed.to_client;
  turn.record.error = std::move(relayed.error);
  turn.record.of_origin = relayed.origin_failed;
}

Incoming body_from_client(Conversation& talk) {
  return {.from = talk.client,
          .meter = RateMeter(talk.limits.minimum_rate, talk.limits.rate_grace),
          .rest = talk.rest,
          .idle_timeout = talk.limits.idle_timeout,
          .observer = &talk.hop};
}
/// Nobody measures an origin.
RateMeter any_rate() { return RateMeter(0, milliseconds(0)); }

/// Whether a body that is filtered is taken whole before the request goes on: what came with a length then has one
/// again, for there are origins that take no other. Whoever waits for a 100 would send none before it.
bool is_gathered(const http::RequestParser& request) {
  const http::Framing& framing = request.framing();
  return framing.kind == http::Framing::Kind::length && framing.length <= most_gathered &&
         !http::find(request.head().fields, "Expect");
}

/// That body, as it goes on, into `body`.
Awaitable<Moved> gather_body(Turn& turn, std::unique_ptr<BodyFilter> filter, Buffer& body) {
  Incoming from_client = body_from_client(turn.talk);
  Outgoing gathered(nullptr, any_rate());
  gathered.filter = std::move(filter);
  Moved moved = co_await move_request_body(turn.request, from_client, gathered);
  turn.talk.rest = from_client.rest;
  body = std::move(gathered.buffer);
  co_return moved;
}

/// One attempt over one connection. The head of the request is `text`, with its body where that was gathered.
Awaitable<Transferred> attempt(Turn& turn, const std::string& text, std::unique_ptr<BodyFilter> filter,
                               std::optional<Leg>& origin, bool may_repeat) {
  Conversation& talk = turn.talk;
  Incoming from_client = body_from_client(talk);
  Outgoing to_origin(&*origin, any_rate());
  to_origin.buffer.assign(text.begin(), text.end());
  to_origin.chunked = turn.request.framing().kind == http::Framing::Kind::chunked || filter;
  to_origin.filter = std::move(filter);
  origin->set_write_timeout(talk.limits.idle_timeout);
  Transfer state{.client = talk.client,
                 .origin = *origin,
                 .hop = talk.hop,
                 .worker = talk.worker,
                 .limits = talk.limits,
                 .message_limits = turn.message_limits,
                 .request = turn.request,
                 .head = turn.request.head(),
                 .asks = turn.asks,
                 .from_client = from_client,
                 .to_origin = to_origin,
                 .record = turn.record,
                 .may_repeat = may_repeat,
                 .upload = Transfer::Upload(talk.worker),
                 .from_origin = Incoming{.from = *origin, .meter = any_rate(), .observer = &talk.hop}};
  Transferred done = co_await transfer(state);
  talk.rest = from_client.rest;
  if (done.outcome == Transferred::Outcome::upgraded) co_await relay_upgraded(turn, *origin, state.from_origin.rest);
  co_return done;
}

/// Where a connection to an origin comes from.
enum class From : std::uint8_t {
  fresh,
  hop,           ///< it was made beforehand
  pool,          ///< it has waited there
  authenticated  ///< so it has, for this client alone
};
struct OriginLeg {
  std::optional<Leg> leg;
  From from = From::fresh;
};

/// One that is there already; or none.
OriginLeg take_waiting(Conversation& talk, std::optional<PoolKey> key) {
  if (std::optional<Leg> ready = talk.hop.ready()) return {std::move(ready), From::hop};
  if (!key) return {};
  if (talk.owner != 0) {
    key->owner = talk.owner;
    if (std::optional<Leg> own = talk.worker.pool().take(*key)) return {std::move(own), From::authenticated};
    key->owner = 0;
  }
  std::optional<Leg> leg = talk.worker.pool().take(*key);
  const From from = leg ? From::pool : From::fresh;
  return {std::move(leg), from};
}

void keep_waiting(Conversation& talk, PoolKey key, RestingLeg leg, milliseconds patience, bool own) {
  if (own && talk.owner == 0) talk.owner = talk.worker.pool().new_owner();
  if (own) key.owner = talk.owner;
  talk.worker.pool().put(std::move(key), std::move(leg), patience);
}

/// To an origin, and its answer back. A pooled connection that is dead costs nobody anything but time, where the
/// request may be sent twice and nothing of its body has gone (RFC 9110, section 9.2.2; RFC 9112, section 9.3.1).
Awaitable<Next> forward(Turn& turn, Hop::Forward way) {
  Conversation& talk = turn.talk;
  http::RequestHead& head = turn.request.head();
  std::unique_ptr<BodyFilter> filter;
  if (!turn.request.done()) filter = talk.hop.request_filter();
  http::Framing framing = turn.request.framing();
  Buffer body;
  if (filter && is_gathered(turn.request)) {
    Moved moved = co_await gather_body(turn, std::move(filter), body);
    if (!moved.complete) {
      turn.record.error = std::move(moved.read_error);
      turn.record.refused = moved.refused;
      const unsigned status = status_of_broken(moved);
      if (status == 0) {
        talk.client.break_off();
        co_return Next::gone;
      }
      http::Response words = words_for(status);
      Next next = co_await answer(turn, std::move(words));
      co_return next;
    }
    framing.length = body.size();
  } else if (filter) {
    framing.kind = http::Framing::Kind::chunked;
  }
  frame_request(head, framing);
  if (!turn.asks.upgrade.empty())
    ask_for_upgrade(head, turn.asks.upgrade);
  else if (!way.pool)
    http::set(head.fields, "Connection", "close");
  // RFC 9112, section 3.2: ours is a request of HTTP/1.1.
  if (!http::find(head.fields, "Host")) http::set(head.fields, "Host", way.upstream);
  std::optional<std::string> text = http::write_head(head);
  if (!text) {
    turn.record.problem = "the request was changed to one that is none";
    http::Response words = words_for(500);
    Next next = co_await answer(turn, std::move(words));
    co_return next;
  }

  text->append(as_text(body));
  body = Buffer();
  turn.record.upstream = way.upstream;
  OriginLeg origin = take_waiting(talk, way.pool);
  for (;;) {
    if (!origin.leg) {
      std::expected<Leg, Hop::Failed> connected = co_await talk.hop.connect();
      if (!connected) {
        // Nothing was sent yet: it is all the same which of them does it.
        if (std::optional<Hop::Forward> other = talk.hop.another()) {
          way = *std::move(other);
          turn.record.upstream = way.upstream;
          origin = take_waiting(talk, way.pool);
          continue;
        }
        const bool slow = connected.error().error.transport() == asio::error::timed_out;
        turn.record.of_origin = true;
        turn.record.error = connected.error().error;
        http::Response words = words_for(slow ? 504 : 502);
        if (connected.error().answer) words = *std::move(connected.error().answer);
        Next next = co_await answer(turn, std::move(words));
        co_return next;
      }
      origin.leg.emplace(*std::move(connected));
    }
    turn.record.reused = origin.from == From::pool || origin.from == From::authenticated;
    const bool may_repeat =
        origin.from != From::fresh && !turn.record.retried && turn.request.done() && is_idempotent(head.method);
    Transferred done = co_await attempt(turn, *text, std::move(filter), origin.leg, may_repeat);
    switch (done.outcome) {
      case Transferred::Outcome::repeat:
        turn.record.retried = true;
        origin = OriginLeg();
        continue;
      case Transferred::Outcome::unsent: {
        origin = OriginLeg();
        http::Response words = words_for(done.status);
        Next next = co_await answer(turn, std::move(words));
        co_return next;
      }
      case Transferred::Outcome::broken: talk.client.break_off(); co_return Next::gone;
      case Transferred::Outcome::upgraded: co_return Next::gone;
      case Transferred::Outcome::kept:
      case Transferred::Outcome::closing: break;
    }
    turn.record.authenticated = origin.from == From::authenticated || done.authenticates_connection;
    RestingLeg rested(*std::move(origin.leg));
    if (way.pool && done.origin_patience.count() > 0)
      keep_waiting(talk, *std::move(way.pool), std::move(rested), done.origin_patience, turn.record.authenticated);
    co_return done.outcome == Transferred::Outcome::kept ? Next::request : Next::close;
  }
}

Awaitable<Next> serve(Turn& turn, ExchangeEnd& end) {
  Conversation& talk = turn.talk;
  std::optional<unsigned> refused = co_await read_head(turn);
  if (refused == 0U) co_return Next::gone;
  if (refused) {
    http::Response words = words_for(*refused);
    Next next = co_await answer(turn, std::move(words));
    co_return next;
  }
  http::RequestHead& head = turn.request.head();
  turn.record.method = head.method;
  turn.record.target = head.target;
  turn.record.minor_version = head.minor_version;
  turn.record.early_data = talk.rest_early;
  turn.asks = take_for_us(head, turn.request.framing());
  if (head.host) turn.record.host = http::to_text(*head.host);
  if (talk.rest_early) {
    // RFC 8470, section 5.1: whoever has seen it on its way may send it again, and so nothing that does anything goes
    // on before the handshake has shown that it is this client. Behind an upgrade stand bytes, and no one here knows
    // what those do.
    if (!is_safe(head.method) || !turn.asks.upgrade.empty()) {
      http::Response words = words_for(425);
      Next next = co_await answer(turn, std::move(words));
      co_return next;
    }
    http::set(head.fields, "Early-Data", "1");
  }

  std::optional<Awaitable<>> prepared = talk.hop.prepare(head);
  if (prepared) co_await *std::move(prepared);
  Hop::Decision decision = talk.hop.request(head);
  if (http::Response* const response = std::get_if<http::Response>(&decision)) {
    Next next = co_await answer(turn, std::move(*response));
    co_return next;
  }
  if (Hop::Forward* const way = std::get_if<Hop::Forward>(&decision)) {
    Next next = co_await forward(turn, std::move(*way));
    co_return next;
  }
  end.taken_over = ExchangeEnd::TakenOver{std::move(head), Buffer(talk.rest.begin(), talk.rest.end())};
  co_return Next::taken_over;
}

Awaitable<Next> take_turn(Conversation& talk, ExchangeEnd& end) {
  Turn turn(talk, limits_of(talk.limits));
  turn.record.began = Clock::now();
  Next next = co_await serve(turn, end);
  // What was only an empty line, or nothing, was no request.
  const bool begun = turn.request.started() || turn.record.refused;
  turn.record.duration = Clock::now() - turn.record.began;
  if (begun && next != Next::taken_over) talk.hop.done(turn.record);
  co_return next;
}

}  // namespace

Awaitable<ExchangeEnd> exchange_http(Leg& client, Hop& hop, Worker& worker, Limits limits) {
  Conversation talk{client, hop, worker, limits};
  ExchangeEnd end;
  client.set_write_timeout(limits.idle_timeout);
  Next next = Next::request;
  while (next == Next::request) {
    if (talk.rest.empty()) {
      next = Next::close;
      // A drain has ended those that were idle. Its request was under way then, or else nobody has heard it yet.
      if (worker.draining() && talk.heard) break;
      NetResult<Bytes> bytes = co_await await_request(talk);
      if (!bytes || bytes->empty()) break;
      talk.rest = *bytes;
      talk.rest_early = comes_early(client);
    }
    talk.heard = true;
    next = co_await take_turn(talk, end);
  }
  if (next == Next::close) {
    NetResult<> closed = co_await client.shutdown();
  }
  co_return end;
}

}  // namespace handfast::proxy
