// ClientKeyExchange.
#include "wire/tls12/client_key_exchange.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

using wire::tls12::parse_client_key_exchange;

TEST(ClientKeyExchange, GivesThePoint) {
  const Buffer body = from_hex("03 04aabb");
  const Result<wire::tls12::ClientKeyExchange> parsed = parse_client_key_exchange(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(to_hex(parsed->ecdh_Yc), "04aabb");
  EXPECT_EQ(parsed->ecdh_Yc.data(), body.data() + 1);
}

TEST(ClientKeyExchange, HasBounds) {
  for (std::string_view body : {"", "00", "01", "02aa", "01aabb", "0001"})
    EXPECT_TRUE(is_error(parse_client_key_exchange(from_hex(body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "client_key_exchange"}, {"field", "ecdh_Yc"}}))
        << body;
}

TEST(ClientKeyExchange, IsWritten) {
  Buffer point(255, 0xab);
  Buffer out;
  ASSERT_TRUE(wire::tls12::write_client_key_exchange(out, {point}));
  EXPECT_EQ(out, from_hex("10000100 ff") + Bytes(point));
  out.clear();
  point.push_back(0xab);
  EXPECT_TRUE(is_error(wire::tls12::write_client_key_exchange(out, {point}), Alert::internal_error,
                       Reason::message_too_long, {{"message", "client_key_exchange"}}));
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace handfast::test
