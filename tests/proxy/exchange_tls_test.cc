// Requests over TLS: early data, and ends that are none.
#include <gtest/gtest.h>

#include <handfast/stream.h>

#include "net/identity.h"
#include "proxy/scripted_peers.h"

namespace handfast::test {
namespace {

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct EarlyRig {
  EarlyRig() {
    ServerOptions server = server_options();
    StrikeRegister::Options lenient;
    lenient.freshness = 3'600'000;
    server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
    server.sessions.max_early_data = 4096;
    server.sessions.strike_register = std::make_shared<StrikeRegister>(lenient, 0);
    ClientOptions client = client_options();
    client.sessions.store = std::make_shared<MemoryClientSessionStore>();
    client.sessions.early_data = true;
    client_config = make(std::move(client));
    Behaviour behaviour;
    behaviour.tls = make(std::move(server));
    rig.emplace(std::move(behaviour));
  }

  BlockingStream connect(std::string_view early = {}) {
    StreamOptions options;
    options.early_data.assign(as_bytes(early).begin(), as_bytes(early).end());
    NetResult<BlockingStream> stream = BlockingStream::connect(host, rig->port(), client_config, options);
    if (!stream) throw std::runtime_error(stream.error().message());
    return *std::move(stream);
  }
  static std::string read(BlockingStream& stream, std::size_t size) {
    std::string all;
    while (all.size() < size) {
      NetResult<Bytes> piece = stream.read();
      if (!piece || piece->empty()) break;
      all += as_text(*piece);
    }
    return all;
  }
  /// A session, and a connection to the origin that waits.
  Peer warm() {
    BlockingStream stream = connect();
    EXPECT_TRUE(stream.write(as_bytes("GET /warm HTTP/1.1\r\nHost: a\r\nEarly-Data: 1\r\n\r\n")));
    Peer origin = rig->origin.accept();
    // Over a completed handshake it is somebody else's word, and goes on.
    EXPECT_EQ(origin.head(), "GET /warm HTTP/1.1\r\nHost: a\r\nEarly-Data: 1\r\n\r\n");
    origin.send(ok);
    EXPECT_EQ(read(stream, ok.size()), ok);
    return origin;
  }

  std::shared_ptr<const ClientConfig> client_config;
  std::optional<Rig> rig;
};

TEST(ExchangeTls, EarlyDataIsSaidToTheOrigin) {
  EarlyRig early;
  Peer origin = early.warm();
  BlockingStream stream = early.connect("GET /early HTTP/1.1\r\nHost: a\r\nConnection: Early-Data\r\n\r\n");
  ASSERT_TRUE(stream.early_data_sent());
  EXPECT_EQ(origin.head(), "GET /early HTTP/1.1\r\nHost: a\r\nEarly-Data: 1\r\n\r\n");
  origin.send(ok);
  EXPECT_EQ(EarlyRig::read(stream, ok.size()), ok);
  EXPECT_TRUE(early.rig->record(1).early_data);
  // What comes behind the handshake does not.
  EXPECT_TRUE(stream.write(as_bytes("GET /late HTTP/1.1\r\nHost: a\r\n\r\n")));
  EXPECT_EQ(origin.head(), "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
  origin.send(ok);
  EXPECT_EQ(EarlyRig::read(stream, ok.size()), ok);
  EXPECT_FALSE(early.rig->record(2).early_data);
}

TEST(ExchangeTls, AHeadThatBeganAsEarlyDataIsEarlyToItsEnd) {
  EarlyRig early;
  Peer origin = early.warm();
  BlockingStream stream = early.connect("GET /early HTTP/1.1\r\nHo");
  ASSERT_TRUE(stream.early_data_sent());
  EXPECT_TRUE(stream.write(as_bytes("st: a\r\n\r\n")));
  EXPECT_EQ(origin.head(), "GET /early HTTP/1.1\r\nHost: a\r\nEarly-Data: 1\r\n\r\n");
}

TEST(ExchangeTls, WhatDoesSomethingIsTooEarly) {
  EarlyRig early;
  Peer origin = early.warm();
  BlockingStream stream = early.connect("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(stream.early_data_sent());
  EXPECT_TRUE(EarlyRig::read(stream, 20).starts_with("HTTP/1.1 425 Too Early\r\n"));
  EXPECT_TRUE(origin.silent());
  EXPECT_EQ(early.rig->record(1).status, 425u);
}

/// An upgrade is no request of its own: what stands behind it may do anything.
TEST(ExchangeTls, AnUpgradeIsTooEarly) {
  EarlyRig early;
  Peer origin = early.warm();
  BlockingStream stream = early.connect(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbytes of the other protocol");
  ASSERT_TRUE(stream.early_data_sent());
  EXPECT_TRUE(EarlyRig::read(stream, 20).starts_with("HTTP/1.1 425 Too Early\r\n"));
  EXPECT_TRUE(origin.silent());
  EXPECT_EQ(early.rig->record(1).status, 425u);
}

TEST(ExchangeTls, WhatAnOriginSaysBeforeTlsIsNoAnswer) {
  Behaviour behaviour;
  behaviour.origin_tls = make(client_options());
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer origin = rig.origin.accept();
  origin.send(ok);
  EXPECT_TRUE(client.head().starts_with("HTTP/1.1 502 "));
  const proxy::ExchangeRecord record = rig.record(0);
  EXPECT_TRUE(record.answered_here);
  EXPECT_TRUE(record.of_origin);
}

TEST(ExchangeTls, ABodyThatEndsWithoutCloseNotifyIsBrokenOff) {
  EarlyRig early;
  BlockingStream stream = early.connect();
  EXPECT_TRUE(stream.write(as_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")));
  Peer origin = early.rig->origin.accept();
  origin.head();
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
  EXPECT_TRUE(EarlyRig::read(stream, 44).ends_with("hello"));
  origin.close();
  NetResult<Bytes> end = stream.read();
  ASSERT_FALSE(end);  // no close_notify: it takes no part for the whole
  EXPECT_EQ(end.error().tls()->reason(), Reason::truncated);
}

}  // namespace
}  // namespace handfast::test
