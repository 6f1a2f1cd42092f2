// What a connection does once it stands: data, key updates, closing, padding, limits of size, exporters.
#include <gtest/gtest.h>

#include "engine/middleman.h"
#include "engine/pair.h"

namespace handfast::test {
namespace {

TEST(Data, NothingBeforeTheHandshakeIsOver) {
  Pair pair;
  EXPECT_FALSE(pair.client.connection.can_send());
  EXPECT_EQ(pair.client.connection.send(as_bytes("early")).error().reason(), Reason::closed);
  EXPECT_EQ(pair.client.connection.update_keys(KeyUpdateRequest::update_requested).error().reason(), Reason::closed);
  Buffer out(16);
  EXPECT_EQ(pair.client.connection.export_keying_material("x", {}, out).error().reason(), Reason::closed);
  // None of it has hurt.
  pair.pump();
  EXPECT_TRUE(pair.connected());
}

TEST(Data, HalfRtt) {
  ServerOptions options = server_options();
  options.half_rtt_data = true;
  Pair pair(client_options(), std::move(options));
  Pair::carry(pair.client, pair.server);
  EXPECT_TRUE(pair.server.connection.handshaking());
  ASSERT_TRUE(pair.server.connection.can_send());
  ASSERT_TRUE(pair.server.connection.send(as_bytes("before your Finished")));
  pair.pump();
  EXPECT_TRUE(pair.connected());
  EXPECT_EQ(as_text(pair.client.received), "before your Finished");
}

TEST(Data, WithoutHalfRttTheServerWaits) {
  Pair pair;
  Pair::carry(pair.client, pair.server);
  EXPECT_FALSE(pair.server.connection.can_send());
}

TEST(Data, LargeInBothDirections) {
  Pair pair;
  pair.pump();
  Buffer data(1 << 20);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 31 >> 3);
  ASSERT_TRUE(pair.client.connection.send(data));
  ASSERT_TRUE(pair.server.connection.send(data));
  pair.pump();
  EXPECT_EQ(pair.client.received, data);
  EXPECT_EQ(pair.server.received, data);
}

TEST(KeyUpdates, BothWaysAndOnRequest) {
  Pair pair;
  pair.pump();
  for (KeyUpdateRequest request : {KeyUpdateRequest::update_not_requested, KeyUpdateRequest::update_requested}) {
    for (End* end : {&pair.client, &pair.server}) {
      ASSERT_TRUE(end->connection.update_keys(request));
      ASSERT_TRUE(end->connection.send(as_bytes("x")));
      pair.pump();
      ASSERT_TRUE(pair.connected());
    }
  }
  EXPECT_EQ(as_text(pair.client.received), "xx");
  EXPECT_EQ(as_text(pair.server.received), "xx");
}

/// What a KeyUpdate of ours asks for, as the other side is told.
class UpdateRecorder final : public Trace {
 public:
  void on(const TraceEvent& event) override {
    if (const auto* message = std::get_if<MessageEvent>(&event.what))
      if (message->type == HandshakeType::key_update && message->direction == Direction::received)
        requested.push_back(message->bytes.back() == 1);
  }
  std::vector<bool> requested;
};

/// Nothing is requested again before the peer has answered.
TEST(KeyUpdates, RequestedOnce) {
  UpdateRecorder server;
  Pair pair(client_options(), server_options(), "server.example", nullptr, &server);
  pair.pump();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(pair.client.connection.update_keys(KeyUpdateRequest::update_requested));
  pair.pump();
  EXPECT_EQ(server.requested, (std::vector<bool>{true, false, false}));
  ASSERT_TRUE(pair.client.connection.update_keys(KeyUpdateRequest::update_requested));
  pair.pump();
  EXPECT_EQ(server.requested.back(), true);
  EXPECT_TRUE(pair.connected());
}

/// However often the peer asks, one answer is on its way at most; and once that has gone, the next request gets its
/// own, though the output is never empty.
TEST(KeyUpdates, OneAnswerPending) {
  UpdateRecorder client;
  Pair pair(client_options(), server_options(), "server.example", &client);
  pair.pump();
  Connection& server = pair.server.connection;
  auto request = [&] {
    ASSERT_TRUE(pair.client.connection.update_keys(KeyUpdateRequest::update_requested));
    Pair::carry(pair.client, pair.server);
  };
  // A client that asks again at once: its own engine would not, so the answer is taken for the client alone.
  request();
  const std::size_t one = server.output().size();
  EXPECT_GT(one, 0u);
  ASSERT_TRUE(server.send(as_bytes("more behind it")));
  const Buffer first = Buffer(server.output().begin(), server.output().begin() + static_cast<std::ptrdiff_t>(one));
  server.drained(one);
  EXPECT_FALSE(server.output().empty());
  pair.client.feed(first);
  request();
  EXPECT_GT(server.output().size(), one);
  pair.pump();
  EXPECT_EQ(client.requested.size(), 2u);
  EXPECT_EQ(as_text(pair.client.received), "more behind it");
  EXPECT_TRUE(pair.connected());
}

TEST(KeyUpdates, ByItselfBeforeTheLimit) {
  ClientOptions options = client_options();
  options.limits.records_per_key = 3;
  Pair pair(std::move(options));
  pair.pump();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pair.client.connection.send(as_bytes("x")));
  const std::size_t with_updates = pair.client.connection.output().size();
  Pair plain;
  plain.pump();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(plain.client.connection.send(as_bytes("x")));
  // Three KeyUpdates of 5 bytes in records of 22 more.
  EXPECT_EQ(with_updates - plain.client.connection.output().size(), 3u * 27u);
  pair.pump();
  EXPECT_EQ(pair.server.received.size(), 10u);
}

TEST(KeyUpdates, TooMany) {
  Pair pair;
  pair.pump();
  for (std::size_t i = 0; i < Limits().key_updates; ++i) {
    ASSERT_TRUE(pair.client.connection.update_keys(KeyUpdateRequest::update_not_requested));
  }
  pair.pump();
  ASSERT_TRUE(pair.connected());
  ASSERT_TRUE(pair.client.connection.send(as_bytes("data starts the count again")));
  ASSERT_TRUE(pair.client.connection.update_keys(KeyUpdateRequest::update_not_requested));
  pair.pump();
  ASSERT_TRUE(pair.connected());
  for (std::size_t i = 0; i < Limits().key_updates; ++i) {
    ASSERT_TRUE(pair.client.connection.update_keys(KeyUpdateRequest::update_not_requested));
  }
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "too_many_key_updates");
}

TEST(Closing, HalfClose) {
  Pair pair;
  pair.pump();
  pair.client.connection.close();
  EXPECT_FALSE(pair.client.connection.can_send());
  pair.pump();
  EXPECT_TRUE(pair.server.connection.received_close());
  ASSERT_TRUE(pair.server.connection.can_send());
  ASSERT_TRUE(pair.server.connection.send(as_bytes("still here")));
  pair.pump();
  EXPECT_EQ(as_text(pair.client.received), "still here");
  pair.server.connection.close();
  pair.pump();
  EXPECT_TRUE(pair.client.connection.received_close());
  EXPECT_TRUE(pair.client.connection.peer_closed());
  EXPECT_TRUE(pair.server.connection.peer_closed());
  EXPECT_FALSE(pair.client.connection.error() || pair.server.connection.error());
}

TEST(Closing, TwiceIsOnce) {
  Pair pair;
  pair.pump();
  pair.client.connection.close();
  const std::size_t size = pair.client.connection.output().size();
  pair.client.connection.close();
  EXPECT_EQ(pair.client.connection.output().size(), size);
}

TEST(Closing, WhatComesAfterCloseNotifyIsIgnored) {
  Pair pair;
  pair.pump();
  pair.client.connection.close();
  Buffer bytes = take_output(pair.client.connection);
  bytes.insert(bytes.end(), {1, 2, 3, 4, 5, 6, 7});
  pair.server.feed(bytes);
  EXPECT_FALSE(pair.server.connection.error());
  EXPECT_TRUE(pair.server.input.empty());
}

TEST(Closing, AKeyUpdateIsNotAnsweredAfterOurClose) {
  Pair pair;
  pair.pump();
  pair.server.connection.close();
  const Buffer closing = take_output(pair.server.connection);
  ASSERT_TRUE(pair.client.connection.update_keys(KeyUpdateRequest::update_requested));
  Pair::carry(pair.client, pair.server);
  EXPECT_FALSE(pair.server.connection.error());
  EXPECT_TRUE(pair.server.connection.output().empty());
}

/// Whoever closes before anything could be sent has left the handshake: nothing goes out behind close_notify.
TEST(Closing, DuringTheHandshake) {
  for (bool client_closes : {true, false}) {
    Pair pair;
    if (!client_closes) Pair::carry(pair.client, pair.server);
    End& closing = client_closes ? pair.client : pair.server;
    End& other = client_closes ? pair.server : pair.client;
    closing.connection.close();
    EXPECT_FALSE(closing.connection.handshaking());
    EXPECT_EQ(reason(closing.connection), "closed");
    const Buffer last = take_output(closing.connection);
    other.feed(last);
    // A client that had all it waited for has connected, and then heard the end.
    EXPECT_TRUE(other.connection.received_close());
    EXPECT_EQ(reason(other.connection), client_closes ? "closed" : "none");
    closing.feed(take_output(other.connection));
    EXPECT_TRUE(closing.connection.output().empty());
  }
}

/// RFC 8446, section 6: a failed connection has no keys any more.
TEST(Closing, KeysAreForgotten) {
  Pair pair;
  pair.pump();
  Buffer out(32);
  ASSERT_TRUE(pair.server.connection.export_keying_material("EXPORTER-x", {}, out));
  pair.server.connection.abort(Alert::internal_error);
  pair.pump();
  EXPECT_EQ(pair.server.connection.export_keying_material("EXPORTER-x", {}, out).error().reason(), Reason::closed);
  EXPECT_EQ(pair.client.connection.export_keying_material("EXPORTER-x", {}, out).error().reason(), Reason::closed);
  EXPECT_EQ(reason(pair.server.connection), "aborted");
}

TEST(Closing, Abort) {
  Pair pair;
  pair.pump();
  pair.server.connection.abort(Alert::access_denied);
  pair.pump();
  EXPECT_EQ(alert(pair.client.connection), "access_denied");
  EXPECT_EQ(reason(pair.client.connection), "alert_received");
}

TEST(Sizes, Padding) {
  ClientOptions options = client_options();
  options.record_padding = 256;
  Pair pair(std::move(options));
  pair.pump();
  for (std::size_t size : {1u, 100u, 255u, 256u, 16384u}) {
    ASSERT_TRUE(pair.client.connection.send(Buffer(size, 1)));
    const Bytes record = pair.client.connection.output();
    const std::size_t inner = record.size() - record::header_size - crypto::aead_tag_size;
    EXPECT_TRUE(inner % 256 == 0 || inner == 16385) << size;
    pair.pump();
  }
  EXPECT_EQ(pair.server.received.size(), 1u + 100 + 255 + 256 + 16384);
}

TEST(Sizes, RecordSizeLimit) {
  for (std::uint16_t limit : {std::uint16_t{64}, std::uint16_t{1000}, std::uint16_t{16385}}) {
    ClientOptions client = client_options();
    client.record_size_limit = limit;
    client.record_padding = 48;
    ServerOptions server = server_options();
    server.record_size_limit = limit;
    server.record_padding = 48;
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    ASSERT_TRUE(pair.connected()) << limit << reason(pair.client.connection) << reason(pair.server.connection);
    ASSERT_TRUE(pair.server.connection.send(Buffer(5000, 7)));
    const Bytes first = pair.server.connection.output();
    EXPECT_LE(record::parse_header(first).length, limit + crypto::aead_tag_size);
    pair.pump();
    EXPECT_EQ(pair.client.received.size(), 5000u);
  }
}

/// A limit holds for those who know the extension: others send what they like.
TEST(Sizes, RecordSizeLimitOfOneSideAlone) {
  for (bool client_has_it : {false, true}) {
    ClientOptions client = client_options();
    ServerOptions server = server_options();
    if (client_has_it)
      client.record_size_limit = 100;
    else
      server.record_size_limit = 100;
    Middleman middleman(std::move(client), std::move(server), [&](Side, Piece piece) {
      if (!client_has_it || piece.type != ContentType::handshake) return std::vector{std::move(piece)};
      // A server that does not know it: the answer is taken out of its EncryptedExtensions.
      if (piece.message() == HandshakeType::encrypted_extensions) piece.bytes = {8, 0, 0, 2, 0, 0};
      return std::vector{std::move(piece)};
    });
    middleman.run();
    if (client_has_it) {
      // The transcript was changed, which is noticed; but no record was too long.
      EXPECT_EQ(reason(middleman.client()), "bad_signature");
      continue;
    }
    ASSERT_TRUE(middleman.pair().connected()) << reason(middleman.server());
    ASSERT_TRUE(middleman.pair().client.connection.send(Buffer(5000, 1)));
    middleman.run();
    EXPECT_EQ(middleman.pair().server.received.size(), 5000u) << reason(middleman.server());
  }
}

TEST(Sizes, ARecordPastOurLimitIsRefused) {
  ClientOptions client = client_options();
  client.record_size_limit = 1000;
  Middleman middleman(std::move(client), server_options(), [&](Side side, Piece piece) {
    if (side == Side::server && piece.type == ContentType::application_data) piece.bytes.resize(1000);
    return std::vector{std::move(piece)};
  });
  middleman.run();
  ASSERT_TRUE(middleman.pair().connected()) << reason(middleman.client());
  ASSERT_TRUE(middleman.pair().server.connection.send(as_bytes("x")));
  middleman.run();
  EXPECT_EQ(reason(middleman.client()), "plaintext_too_long");
  EXPECT_EQ(alert(middleman.client()), "record_overflow");
}

TEST(Exporters, BothSidesAgree) {
  Pair pair;
  pair.pump();
  Buffer client(40);
  Buffer server(40);
  ASSERT_TRUE(pair.client.connection.export_keying_material("EXPORTER-test", as_bytes("context"), client));
  ASSERT_TRUE(pair.server.connection.export_keying_material("EXPORTER-test", as_bytes("context"), server));
  EXPECT_EQ(client, server);
  ASSERT_TRUE(pair.server.connection.export_keying_material("EXPORTER-test", {}, server));
  EXPECT_NE(client, server);
  EXPECT_EQ(value(pair.client.connection.channel_binding()), value(pair.server.connection.channel_binding()));
  EXPECT_EQ(value(pair.client.connection.channel_binding()).size(), 32u);
  EXPECT_FALSE(pair.client.connection.export_keying_material(std::string(250, 'x'), {}, client));
  Buffer too_long(255 * 48 + 1);
  EXPECT_FALSE(pair.client.connection.export_keying_material("x", {}, too_long));
}

TEST(KeyLogs, EverySecretOnce) {
  auto keeper = std::make_shared<SecretKeeper>();
  ClientOptions options = client_options();
  options.key_log = keeper;
  Pair pair(std::move(options));
  pair.pump();
  for (const char* label : {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                            "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "EXPORTER_SECRET"})
    EXPECT_EQ(keeper->secrets[label].size(), 32u) << label;
  EXPECT_EQ(keeper->secrets.size(), 5u);
}

}  // namespace
}  // namespace handfast::test
