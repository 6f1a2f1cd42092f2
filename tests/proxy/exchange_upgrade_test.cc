// Upgrades: nothing that a client says behind its wish goes to the origin before that has agreed.
#include <gtest/gtest.h>

#include "proxy/scripted_peers.h"

namespace handfast::test {
namespace {

const std::string wish =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "
    "x\r\n\r\n";
const std::string passed =
    "GET /ws HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const std::string agreed =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\nX: "
    "y\r\n\r\n";

TEST(ExchangeUpgrade, BytesBothWays) {
  Rig rig;
  Peer client = rig.connect();
  client.send(wish);
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), passed);
  origin.send(agreed + "first");
  EXPECT_EQ(client.head(),
            "HTTP/1.1 101 Switching Protocols\r\nX: y\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(client.receive(5), "first");
  client.send("ping");
  EXPECT_EQ(origin.receive(4), "ping");
  origin.send("pong");
  EXPECT_EQ(client.receive(4), "pong");
  client.end();
  EXPECT_EQ(origin.rest(), "");
  origin.send("bye");
  origin.close();
  EXPECT_EQ(client.rest(), "bye");
  const proxy::ExchangeRecord record = rig.record(0);
  EXPECT_EQ(record.status, 101u);
  EXPECT_EQ(record.upgraded, "websocket");
  EXPECT_EQ(record.request_bytes, 4u);
  EXPECT_EQ(record.response_bytes, 12u);
}

TEST(ExchangeUpgrade, NothingGoesAheadOfTheAgreement) {
  Rig rig;
  Peer client = rig.connect();
  client.send(wish + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), passed);
  EXPECT_TRUE(origin.silent());
  origin.send(agreed);
  EXPECT_EQ(origin.head(), "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");  // bytes of the other protocol
}

TEST(ExchangeUpgrade, WithoutAgreementItIsARequest) {
  Rig rig;
  Peer client = rig.connect();
  client.send(wish + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), passed);
  origin.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_EQ(client.head(), "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.receive(2), "no");
  EXPECT_EQ(origin.head(), "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");  // read as a request, looked at as one
  EXPECT_EQ(rig.record(0).upgraded, "");
}

TEST(ExchangeUpgrade, ToAnotherHttpIsNotPassedOn) {
  Rig rig;
  Peer client = rig.connect();
  client.send(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c, TLS/1.0\r\nHTTP2-Settings: "
      "x\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  origin.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n");
  EXPECT_TRUE(client.head().starts_with("HTTP/1.1 502 "));
}

TEST(ExchangeUpgrade, ToWhatWasNotAskedFor) {
  Rig rig;
  Peer client = rig.connect();
  client.send(wish);
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n");
  EXPECT_TRUE(client.head().starts_with("HTTP/1.1 502 "));
  // Nor without a wish.
  Peer plain = rig.connect();
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  origin = rig.origin.accept();
  origin.head();
  origin.send(agreed);
  EXPECT_TRUE(plain.head().starts_with("HTTP/1.1 502 "));
}

TEST(ExchangeUpgrade, WithContentItIsNotPassedOn) {
  Rig rig;
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nok");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n");
}

}  // namespace
}  // namespace handfast::test
