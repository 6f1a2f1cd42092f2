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

/// However often the peer asks, one answer is on its way at most.
TEST(KeyUpdates, OneAnswerPending) {
  Pair pair;
  pair.pump();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(pair.client.connection.update_keys(KeyUpdateRequest::update_requested));
  pair.server.feed(take_output(pair.client.connection));
  const std::size_t one = pair.server.connection.output().size();
  pair.pump();
  ASSERT_TRUE(pair.client.connection.update_keys(KeyUpdateRequest::update_requested));
  pair.server.feed(take_output(pair.client.connection));
  EXPECT_EQ(pair.server.connection.output().size(), one);
  pair.pump();
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
