// Streams that follow one another, between a client and a server that keep their sessions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "net/identity.h"
#include "net/loopback.h"
#include "net/workers.h"

namespace handfast::test {

/// What one side of a conversation came to.
struct Told {
  std::optional<NetError> failure;
  std::string heard_early;
  std::string heard;
  ConnectionInfo info;
  bool handshaking = false;  ///< still, after `handshake`
  bool sent_early = false;
  std::string why() const { return failure ? failure->message() : "no failure"; }
};

/// Says `words`, which may have gone as early data already, and hears the answer, tickets included.
inline awaitable<void> ask(Stream& stream, std::string_view words, Told& told) {
  NetResult<> done = co_await stream.handshake();
  told.handshaking = stream.connection().handshaking();
  told.sent_early = stream.early_data_sent();
  if (done && !told.sent_early) done = co_await stream.write(as_bytes(words));
  if (done && told.sent_early && stream.info().early_data != EarlyData::accepted)
    done = co_await stream.resend_early_data();
  while (done) {
    NetResult<Bytes> piece = co_await stream.read();
    if (!piece) done = std::unexpected(piece.error());
    if (!piece || piece->empty()) break;
    told.heard += as_text(*piece);
  }
  told.info = stream.info();
  if (done) done = co_await stream.shutdown();
  if (!done) told.failure = done.error();
}

/// Hears what the client says up to a full stop, in reads of `size`, then answers.
inline awaitable<void> serve(Stream& stream, Told& told, std::size_t size = 16384) {
  NetResult<> done = co_await stream.handshake();
  told.handshaking = stream.connection().handshaking();
  Buffer buffer(size);
  while (done && !told.heard.ends_with('.') && !told.heard_early.ends_with('.')) {
    NetResult<std::size_t> count = co_await stream.read_some(buffer);
    if (!count) done = std::unexpected(count.error());
    if (!count || *count == 0) break;
    const std::string_view piece = as_text(Bytes(buffer).first(*count));
    EXPECT_TRUE(!stream.read_early_data() || told.heard.empty()) << "early data behind other data";
    (stream.read_early_data() ? told.heard_early : told.heard) += piece;
  }
  if (done) done = co_await stream.write(as_bytes("answer"));
  told.info = stream.info();
  if (done) done = co_await stream.shutdown();
  if (!done) told.failure = done.error();
}

struct Talk {
  Told client;
  Told server;
  /// Both sides have come to their end, and heard everything.
  bool good(std::string_view words) const {
    return !client.failure && !server.failure && server.heard_early + server.heard == words && client.heard == "answer";
  }
  std::string why() const { return "client: " + client.why() + ", server: " + server.why(); }
};

/// The options of both sides, which tests change between connections. What keeps sessions stays the same.
struct Resumer {
  ClientOptions client = client_options();
  ServerOptions server = server_options();
  StreamOptions options;

  Resumer() {
    client.sessions.store = std::make_shared<MemoryClientSessionStore>();
    server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  }

  /// However long the test takes, and whenever the tickets were issued.
  void allow_early_data(std::uint32_t limit = 1000) {
    StrikeRegister::Options register_options;
    register_options.freshness = 3'600'000;
    client.sessions.early_data = true;
    server.sessions.max_early_data = limit;
    server.sessions.strike_register = std::make_shared<StrikeRegister>(register_options, 0);
  }

  StreamPair streams(io_context& context) const {
    return connected_streams(context, make(client), make(server), options);
  }

  /// A whole connection. With `early` the words, which end with a full stop, are sent as early data, if that can be.
  Talk talk(std::string_view words = "words.", bool early = false, std::size_t read_size = 16384) {
    io_context context;
    if (early) options.early_data.assign(as_bytes(words).begin(), as_bytes(words).end());
    StreamPair pair = streams(context);
    options.early_data.clear();
    Talk result;
    Together both(context);
    both.add(ask(pair.client, words, result.client));
    both.add(serve(pair.server, result.server, read_size));
    both.run();
    return result;
  }
};

}  // namespace handfast::test
