// Whole handshakes in memory: what is negotiated, and what both sides then know.
#include <gtest/gtest.h>

#include "engine/pair.h"

namespace handfast::test {
namespace {

void expect_data_flows(Pair& pair) {
  ASSERT_TRUE(pair.connected()) << reason(pair.client.connection) << " " << reason(pair.server.connection);
  ASSERT_TRUE(pair.client.connection.send(as_bytes("to the server")));
  ASSERT_TRUE(pair.server.connection.send(as_bytes("to the client")));
  pair.pump();
  EXPECT_EQ(as_text(pair.server.received), "to the server");
  EXPECT_EQ(as_text(pair.client.received), "to the client");
}

TEST(Handshake, Full) {
  Pair pair;
  pair.pump();
  expect_data_flows(pair);
  const ConnectionInfo& client = pair.client.connection.info();
  EXPECT_EQ(client.version, ProtocolVersion::tls1_3);
  EXPECT_EQ(client.group, NamedGroup::x25519);
  EXPECT_FALSE(client.retried);
  EXPECT_TRUE(client.peer_verified);
  EXPECT_EQ(client.peer_certificates, shared_credential()->chain());
  EXPECT_EQ(pair.server.connection.info().server_name, "server.example");
  EXPECT_FALSE(pair.server.connection.info().peer_verified);
}

}  // namespace
}  // namespace handfast::test
