// Requests of one client's connection, one after the other, each answered here or by an origin.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <handfast/http_server.h>
#include <handfast/net_error.h>

#include "http/head.h"
#include "http/refusal.h"
#include "proxy/leg.h"
#include "proxy/limits.h"
#include "proxy/pool.h"
#include "proxy/worker.h"

namespace handfast::proxy {

/// What became of one request.
struct ExchangeRecord {
  std::string method;  ///< empty: what came is no request
  std::string target;  ///< as the client sent it
  std::string host;    ///< whom it is for, canonical, with its port where there is one
  unsigned minor_version = 1;
  unsigned status = 0;              ///< of the final response; 0: there was none
  bool answered_here = false;       ///< by us, and not by an origin
  std::string upstream;             ///< the origin; empty: none was asked
  bool reused = false;              ///< over a connection that waited in the pool
  bool retried = false;             ///< once more, since that connection was dead
  bool authenticated = false;       ///< over a connection that this client has authenticated itself
  bool early_data = false;          ///< it came as early data, before the end of the handshake
  std::string upgraded;             ///< the protocol that both have changed to
  std::uint64_t request_bytes = 0;  ///< of content; behind an upgrade, of all
  std::uint64_t response_bytes = 0;
  std::chrono::steady_clock::time_point began;  ///< its first byte was there
  std::chrono::nanoseconds until_answer{0};     ///< until the head of the final response, or what was said here
  std::chrono::nanoseconds duration{0};
  /// Why it is no good end. None of it is told to the peer.
  std::optional<http::Refusal> refused;
  std::optional<NetError> error;
  bool of_origin = false;    ///< `refused` or `error` are the origin's
  std::string_view problem;  ///< in words, where neither says it
};

/// Takes the content of a body and gives what goes on instead. What it keeps back it has to bound by itself.
class BodyFilter {
 public:
  virtual ~BodyFilter() = default;
  /// Appends to `out`.
  virtual void pass(Bytes content, Buffer& out) = 0;
  virtual void end(Buffer& out) = 0;
};

/// What a way of the proxy has to say to requests. One for each connection; its functions are called in the order of
/// a request's life, one request at a time.
class Hop {
 public:
  virtual ~Hop() = default;

  /// To an origin.
  struct Forward {
    std::string upstream;         ///< for the log, "127.0.0.1:8080"
    std::optional<PoolKey> pool;  ///< nothing: a connection of its own
  };
  /// It is not for us: the rest of the connection is the caller's (a CONNECT).
  struct TakeOver {};
  /// A response is given from here.
  using Decision = std::variant<Forward, http::Response, TakeOver>;

  /// Called ahead of `request`, with the same head: what that has to know and can't find out at once. Nothing: it needs
  /// no time. The Hop outlives it.
  virtual std::optional<Awaitable<>> prepare(const http::RequestHead& head);

  /// `head` has no hop-by-hop fields, its target is in origin form (its `parsed_target` says what it was), and Host is
  /// what the request is for (RFC 9112, section 3.2.2). It may be changed; the framing is ours, whatever it says.
  virtual Decision request(http::RequestHead& head) = 0;

  struct Failed {
    NetError error;
    std::optional<http::Response> answer = {};  ///< instead of 502 or 504
  };
  /// A connection that was made beforehand, and is asked for before those of the pool; nothing: there is none.
  virtual std::optional<Leg> ready();
  /// A fresh connection for the request that was forwarded last. The Hop outlives it.
  virtual Awaitable<std::expected<Leg, Failed>> connect() = 0;
  /// Another origin for the same request, where the one that was connected to last is not there; nothing: there is
  /// none.
  virtual std::optional<Forward> another();

  /// The final response of the origin; it may be changed but for the framing.
  virtual void response(const http::RequestHead& request, http::ResponseHead& head);
  /// Called behind `request` and `response`; null: the body goes on as it is.
  virtual std::unique_ptr<BodyFilter> request_filter();
  virtual std::unique_ptr<BodyFilter> response_filter();
  /// Sees what the peer has sent of a body, as it comes. Called often.
  virtual void request_content(Bytes content);
  virtual void response_content(Bytes content);
  /// It is over, whatever came of it. Called once for each request.
  virtual void done(const ExchangeRecord& record) = 0;
};

struct ExchangeEnd {
  /// A request that is to be taken over by the caller; nothing: the connection is closed.
  struct TakenOver {
    http::RequestHead request;
    Buffer received;  ///< what came behind it already
  };
  std::optional<TakenOver> taken_over;
};

/// Until the client or we have enough. HTTP/1.1 and 1.0 (RFC 9112), keep-alive and pipelining, bodies of any size with
/// backpressure, interim responses, upgrades. Whatever is not clear beyond doubt is refused (http/refusal.h). Between
/// two requests nothing is held but the Leg, and what waits in the pool.
Awaitable<ExchangeEnd> exchange_http(Leg& client, Hop& hop, Worker& worker, Limits limits);

}  // namespace handfast::proxy
