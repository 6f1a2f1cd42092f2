// Sessions that are resumed: by ID, by ticket, by PSK, in both versions, with and without early data.
#include <gtest/gtest.h>

#include "engine/resumption.h"

namespace handfast::test {
namespace {

TEST(Resumption, ByPsk) {
  Resumer resumer;
  Pair first = resumer.connect();
  ASSERT_TRUE(first.connected()) << reason(first.client.connection) << reason(first.server.connection);
  EXPECT_EQ(first.client.connection.info().resumption, Resumption::none);
  Pair second = resumer.connect();
  ASSERT_TRUE(second.connected()) << reason(second.client.connection) << reason(second.server.connection);
  EXPECT_EQ(second.client.connection.info().resumption, Resumption::psk);
  EXPECT_EQ(second.server.connection.info().resumption, Resumption::psk);
  EXPECT_TRUE(second.client.connection.info().peer_verified);
  EXPECT_EQ(second.client.connection.info().peer_certificates, first.client.connection.info().peer_certificates);
}

TEST(Resumption, ByTicketOfTls12) {
  Resumer resumer;
  resumer.client.max_version = ProtocolVersion::tls1_2;
  Pair first = resumer.connect();
  ASSERT_TRUE(first.connected()) << reason(first.client.connection) << reason(first.server.connection);
  Pair second = resumer.connect();
  ASSERT_TRUE(second.connected()) << reason(second.client.connection) << reason(second.server.connection);
  EXPECT_EQ(second.client.connection.info().resumption, Resumption::ticket);
  EXPECT_EQ(second.server.connection.info().resumption, Resumption::ticket);
  EXPECT_EQ(value(second.client.connection.tls_unique()), value(second.server.connection.tls_unique()));
}

TEST(Resumption, BySessionId) {
  Resumer resumer;
  resumer.client.max_version = ProtocolVersion::tls1_2;
  resumer.server.sessions.ticket_keys = nullptr;
  resumer.server.sessions.store = std::make_shared<MemorySessionStore>();
  Pair first = resumer.connect();
  ASSERT_TRUE(first.connected()) << reason(first.client.connection) << reason(first.server.connection);
  for (int again = 0; again < 3; ++again) {
    Pair second = resumer.connect();
    ASSERT_TRUE(second.connected()) << reason(second.client.connection) << reason(second.server.connection);
    EXPECT_EQ(second.client.connection.info().resumption, Resumption::session_id);
    EXPECT_EQ(second.server.connection.info().resumption, Resumption::session_id);
  }
}

TEST(Resumption, EarlyDataIsAccepted) {
  Resumer resumer;
  resumer.allow_early_data();
  ASSERT_TRUE(resumer.connect().connected());
  Pair second = resumer.begin();
  EXPECT_EQ(second.client.connection.early_data_left(), 1000u);
  value(second.client.connection.send_early_data(as_bytes("early")));
  Pair::carry(second.client, second.server);
  EXPECT_EQ(as_text(second.server.received), "early");
  EXPECT_TRUE(second.server.connection.handshaking());
  EXPECT_TRUE(second.server.connection.can_send());
  value(second.server.connection.send(as_bytes("half")));
  second.pump();
  ASSERT_TRUE(second.connected()) << reason(second.client.connection) << reason(second.server.connection);
  EXPECT_EQ(second.client.connection.info().early_data, EarlyData::accepted);
  EXPECT_EQ(second.server.connection.info().early_data, EarlyData::accepted);
  EXPECT_EQ(as_text(second.client.received), "half");
}

}  // namespace
}  // namespace handfast::test
