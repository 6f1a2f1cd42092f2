// What tests of whole handshakes have in common.
#pragma once

#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "engine/pair.h"

namespace handfast::test {

/// Both ends are connected, and data passes both ways.
inline void expect_data_flows(Pair& pair) {
  ASSERT_TRUE(pair.connected()) << reason(pair.client.connection) << " " << reason(pair.server.connection);
  ASSERT_TRUE(pair.client.connection.send(as_bytes("to the server")));
  ASSERT_TRUE(pair.server.connection.send(as_bytes("to the client")));
  pair.pump();
  EXPECT_EQ(as_text(pair.server.received), "to the server");
  EXPECT_EQ(as_text(pair.client.received), "to the client");
}

/// For server.example, with a key of that type.
inline std::shared_ptr<const Credential> credential_of(crypto::KeyType type) {
  static std::map<crypto::KeyType, std::shared_ptr<const Credential>> made;
  auto& credential = made[type];
  if (!credential) credential = shared_authority().credential("server.example", type);
  return credential;
}

}  // namespace handfast::test
