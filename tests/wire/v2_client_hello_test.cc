// A ClientHello in the format of SSL 2.0: what it stands for, and whatever is none.
#include "wire/v2_client_hello.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/hex.h"
#include "support/random.h"
#include "wire/client_hello.h"
#include "wire/handshake.h"

namespace handfast::test {
namespace {

/// Of TLS 1.2, with a suite of SSL 2.0 between two of TLS; `challenge` is of 32 bytes where nothing else is said.
Buffer v2_hello(std::string_view cipher_specs = "00c02f 0700c0 0000ff", std::size_t challenge = 32,
                std::string_view session_id = "") {
  const Buffer specs = from_hex(cipher_specs);
  const Buffer id = from_hex(session_id);
  Buffer message = from_hex("01 0303");
  for (std::size_t size : {specs.size(), id.size(), challenge}) {
    message.push_back(static_cast<std::uint8_t>(size >> 8));
    message.push_back(static_cast<std::uint8_t>(size));
  }
  message.insert(message.end(), specs.begin(), specs.end());
  message.insert(message.end(), id.begin(), id.end());
  for (std::size_t i = 0; i < challenge; ++i) message.push_back(static_cast<std::uint8_t>(i + 1));
  return message;
}

/// "decode_error cipher_specs", or "none".
std::string refusal(Bytes message) {
  const Result<Buffer> hello = wire::read_v2_client_hello(message);
  if (hello) return "none";
  EXPECT_EQ(hello.error().reason(), Reason::decode_error);
  EXPECT_EQ(to_text(*hello.error().find("message")), "v2_client_hello");
  return name(hello.error().alert()) + " " + to_text(*hello.error().find("field"));
}

TEST(V2ClientHello, StandsForAClientHello) {
  const Buffer message = wire::read_v2_client_hello(v2_hello()).value();
  const auto header = wire::read_handshake_header(message);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, HandshakeType::client_hello);
  EXPECT_EQ(header->length, message.size() - wire::handshake_header_size);
  const wire::ClientHello hello = wire::parse_client_hello(Bytes(message).subspan(wire::handshake_header_size)).value();
  EXPECT_EQ(hello.legacy_version, ProtocolVersion::tls1_2);
  EXPECT_EQ(hello.random.front(), 1);
  EXPECT_EQ(hello.random.back(), 32);
  EXPECT_TRUE(hello.legacy_session_id.empty());
  EXPECT_EQ(to_hex(hello.cipher_suites.bytes()), "c02f00ff");
  EXPECT_EQ(to_hex(hello.legacy_compression_methods), "00");
  EXPECT_FALSE(hello.supported_versions);
  EXPECT_FALSE(hello.signature_algorithms);
}

TEST(V2ClientHello, ChallengesOfAllLengths) {
  for (std::size_t size : {16u, 31u, 32u, 33u, 48u}) {
    const Buffer message = wire::read_v2_client_hello(v2_hello("00c02f", size)).value();
    const wire::ClientHello hello =
        wire::parse_client_hello(Bytes(message).subspan(wire::handshake_header_size)).value();
    Buffer expected(32 - std::min<std::size_t>(size, 32));
    for (std::uint8_t byte = 1; expected.size() < 32; ++byte) expected.push_back(byte);
    EXPECT_EQ(to_hex(hello.random), to_hex(expected)) << size;
  }
  for (std::size_t size : {0u, 15u})
    EXPECT_EQ(refusal(v2_hello("00c02f", size)), "illegal_parameter challenge_length") << size;
}

TEST(V2ClientHello, EachFieldHasItsRefusal) {
  EXPECT_EQ(refusal({}), "decode_error msg_type");
  Buffer other = v2_hello();
  other[0] = 2;
  EXPECT_EQ(refusal(other), "decode_error msg_type");
  EXPECT_EQ(refusal(v2_hello("00c02f 00c0")), "decode_error cipher_specs");
  EXPECT_EQ(refusal(v2_hello("00c02f", 32, "00112233445566778899aabbccddeeff")), "illegal_parameter session_id_length");
  Buffer more = v2_hello();
  more.push_back(0);
  EXPECT_EQ(refusal(more), "decode_error challenge");
  // Suites of SSL 2.0 alone leave a ClientHello without any, which its own parser refuses.
  const Buffer none = wire::read_v2_client_hello(v2_hello("0700c0")).value();
  EXPECT_FALSE(wire::parse_client_hello(Bytes(none).subspan(wire::handshake_header_size)));
}

TEST(V2ClientHello, CutOffAnywhereIsRefused) {
  const Buffer message = v2_hello();
  for (std::size_t size = 0; size < message.size(); ++size) EXPECT_NE(refusal(Bytes(message).first(size)), "none");
}

/// Any bytes give a whole ClientHello or an error.
TEST(V2ClientHello, AnyByteChanged) {
  const Buffer good = v2_hello();
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      Buffer changed = good;
      changed[at] ^= static_cast<std::uint8_t>(flip);
      const Result<Buffer> hello = wire::read_v2_client_hello(changed);
      if (hello) {
        EXPECT_EQ(wire::read_handshake_header(*hello)->length, hello->size() - wire::handshake_header_size);
      }
    }
}

TEST(V2ClientHello, FirstBytes) {
  EXPECT_EQ(wire::v2_client_hello_length(from_hex("802f010303")), 0x2fu);
  EXPECT_EQ(wire::v2_client_hello_length(from_hex("ffff010300")), 0x7fffu);
  EXPECT_EQ(wire::v2_client_hello_length(from_hex("8000010301")), 0u);
  for (std::string_view other : {"1603010200", "802f010002", "802f040303", "002f010303", "474554202f"})
    EXPECT_FALSE(wire::v2_client_hello_length(from_hex(other))) << other;
}

}  // namespace
}  // namespace handfast::test
