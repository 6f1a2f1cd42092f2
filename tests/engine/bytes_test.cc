// The byte stream: split anywhere, dripping, garbage, ended early.
#include <gtest/gtest.h>

#include "engine/pair.h"
#include "support/random.h"

namespace handfast::test {
namespace {

class Streams : public testing::TestWithParam<ProtocolVersion> {
 protected:
  static ClientOptions options() {
    ClientOptions options = client_options();
    options.max_version = GetParam();
    return options;
  }
  /// Of TLS 1.2; in TLS 1.3 the last one is empty.
  static constexpr std::size_t flights = 4;
};
INSTANTIATE_TEST_SUITE_P(Versions, Streams, testing::Values(ProtocolVersion::tls1_3, ProtocolVersion::tls1_2));

TEST_P(Streams, EveryPieceSize) {
  for (std::size_t piece : {1u, 2u, 3u, 5u, 7u, 64u, 100u, 1000u}) {
    Pair pair(options());
    pair.pump(piece);
    ASSERT_TRUE(pair.connected()) << piece;
    ASSERT_TRUE(pair.client.connection.send(as_bytes("hello")));
    pair.pump(piece);
    EXPECT_EQ(as_text(pair.server.received), "hello");
  }
}

/// Each flight cut in two at every byte.
TEST_P(Streams, SplitAtEveryByte) {
  for (std::size_t flight = 0; flight < flights; ++flight) {
    std::size_t size = 1;
    for (std::size_t cut = 0; cut <= size; ++cut) {
      // Past the records' headers one cut is like the other; the headers' surroundings are all visited.
      if (cut > 300 && cut % 17 != 0) continue;
      Pair pair(options());
      for (std::size_t turn = 0; turn < flights; ++turn) {
        End& from = turn % 2 == 0 ? pair.client : pair.server;
        End& to = turn % 2 == 0 ? pair.server : pair.client;
        const Buffer bytes = take_output(from.connection);
        if (turn == flight) size = bytes.size();
        const std::size_t at = turn == flight ? std::min(cut, bytes.size()) : bytes.size();
        to.feed(Bytes(bytes).first(at));
        to.feed(Bytes(bytes).subspan(at));
      }
      ASSERT_TRUE(pair.connected()) << flight << " " << cut;
    }
  }
}

/// Records of every plaintext size, down to one byte each.
TEST_P(Streams, FragmentsOfEverySize) {
  for (std::size_t fragment : {1u, 2u, 3u, 4u, 5u, 17u, 255u, 1024u, 16383u}) {
    ClientOptions client = options();
    ServerOptions server = server_options();
    client.max_send_fragment = server.max_send_fragment = fragment;
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    ASSERT_TRUE(pair.connected()) << fragment << reason(pair.server.connection);
    const Buffer data(20'000, 0x5a);
    ASSERT_TRUE(pair.server.connection.send(data));
    pair.pump();
    EXPECT_EQ(pair.client.received, data);
  }
}

TEST(Bytes, TheInputIsLeftWhereARecordIsNotWhole) {
  Pair pair;
  const Buffer hello = take_output(pair.client.connection);
  Buffer part(hello.begin(), hello.end() - 1);
  const Buffer before = part;
  Result<Received> step = pair.server.connection.receive(part);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->consumed, 0u);
  EXPECT_EQ(part, before);
}

TEST(Bytes, EndedEarlyIsTruncated) {
  Pair pair;
  EXPECT_EQ(pair.client.connection.peer_closed().error().reason(), Reason::truncated);
  Pair connected;
  connected.pump();
  EXPECT_EQ(connected.client.connection.peer_closed().error().reason(), Reason::truncated);
  Pair closed;
  closed.pump();
  closed.server.connection.close();
  closed.pump();
  EXPECT_TRUE(closed.client.connection.peer_closed());
}

TEST(Bytes, PlainHttpIsTold) {
  End server{make_server(), {}, {}};
  server.feed(as_bytes("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(reason(server.connection), "http_request");
  EXPECT_TRUE(server.connection.output().empty());
  End proxy{make_server(), {}, {}};
  proxy.feed(as_bytes("CONNECT example.com:443 HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(reason(proxy.connection), "http_proxy_request");
  End client{make_client(), {}, {}};
  client.feed(as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
  EXPECT_EQ(reason(client.connection), "http_request");
  End ssh{make_client(), {}, {}};
  ssh.feed(as_bytes("SSH-2.0-OpenSSH_9.2\r\n"));
  EXPECT_EQ(reason(ssh.connection), "not_tls");
}

/// Any bytes end in an error or wait for more; nothing else is asked of them here but to be survived.
TEST(Bytes, Garbage) {
  SeededRandom random(7);
  for (int round = 0; round < 400; ++round) {
    Buffer garbage(400);
    random.fill(garbage);
    if (round % 2 == 0) {  // a plausible header, so that more than the first byte is looked at
      garbage[0] = static_cast<std::uint8_t>(20 + garbage[0] % 4);
      garbage[1] = 3;
      garbage[3] = 0;
    }
    End server{make_server(), {}, {}};
    server.feed(garbage);
    End client{make_client(), {}, {}};
    client.feed(garbage);
    EXPECT_FALSE(server.connection.can_send() || client.connection.can_send());
  }
}

/// A good handshake with one byte changed anywhere never ends well for both, except in what is not authenticated.
TEST_P(Streams, EveryByteOfTheStreamFlipped) {
  std::size_t survived = 0;
  for (std::size_t flight = 0; flight < flights; ++flight) {
    std::size_t size = 1;
    for (std::size_t at = 0; at < size; at += 1 + size / 200) {
      Pair pair(options());
      for (std::size_t turn = 0; turn < flights; ++turn) {
        End& from = turn % 2 == 0 ? pair.client : pair.server;
        End& to = turn % 2 == 0 ? pair.server : pair.client;
        Buffer bytes = take_output(from.connection);
        if (turn == flight) {
          size = bytes.size();
          if (at < size) bytes[at] ^= 0x80;
        }
        to.feed(bytes);
      }
      pair.pump();
      if (pair.connected()) ++survived;
    }
  }
  // The minor version of a plaintext record's header means nothing: that of the hellos and of change_cipher_spec, in
  // TLS 1.2 that of the client's other messages too.
  EXPECT_LE(survived, GetParam() == ProtocolVersion::tls1_3 ? 4u : 5u);
}

}  // namespace
}  // namespace handfast::test
