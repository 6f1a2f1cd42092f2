// HelloRequest, ServerHelloDone and EndOfEarlyData.
#include "wire/empty.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

TEST(EmptyMessages, HaveNoBody) {
  for (HandshakeType type :
       {HandshakeType::hello_request, HandshakeType::server_hello_done, HandshakeType::end_of_early_data}) {
    EXPECT_TRUE(wire::parse_empty(type, {}));
    EXPECT_TRUE(is_error(wire::parse_empty(type, from_hex("00")), Alert::decode_error, Reason::decode_error,
                         {{"message", name(type)}, {"field", "body"}}));
  }
  Buffer out;
  wire::write_empty(out, HandshakeType::server_hello_done);
  wire::write_empty(out, HandshakeType::hello_request);
  wire::write_empty(out, HandshakeType::end_of_early_data);
  EXPECT_EQ(out, from_hex("0e000000 00000000 05000000"));
}

}  // namespace
}  // namespace handfast::test
