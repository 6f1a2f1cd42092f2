// ServerKeyExchange, and what it signs.
#include "wire/tls12/server_key_exchange.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

using wire::tls12::parse_server_key_exchange;

TEST(ServerKeyExchange, GivesValues) {
  const Buffer body = from_hex("03 001d 02aabb 0804 0003c0ffee");
  const Result<wire::tls12::ServerKeyExchange> parsed = parse_server_key_exchange(body, ProtocolVersion::tls1_2);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->named_curve, NamedGroup::x25519);
  EXPECT_EQ(to_hex(parsed->point), "aabb");
  EXPECT_EQ(parsed->algorithm, SignatureScheme::rsa_pss_rsae_sha256);
  EXPECT_EQ(to_hex(parsed->signature), "c0ffee");
  const Buffer unsigned_body = from_hex("03 0017 01aa 0403 0000");
  const Result<wire::tls12::ServerKeyExchange> empty =
      parse_server_key_exchange(unsigned_body, ProtocolVersion::tls1_2);
  ASSERT_TRUE(empty) << "legal syntax, and a bad signature";
  EXPECT_TRUE(empty->signature.empty());
}

TEST(ServerKeyExchange, FieldsHaveBounds) {
  struct Case {
    std::string_view body;
    std::string_view field;
  };
  for (const Case& each : {Case{"", "curve_type"},
                           {"03", "named_curve"},
                           {"0300", "named_curve"},
                           {"03001d", "point"},
                           {"03001d 00 0804 0000", "point"},
                           {"03001d 02aa", "point"},
                           {"03001d 01aa", "algorithm"},
                           {"03001d 01aa 08", "algorithm"},
                           {"03001d 01aa 0804", "signature"},
                           {"03001d 01aa 0804 00", "signature"},
                           {"03001d 01aa 0804 0002aa", "signature"},
                           {"03001d 01aa 0804 0001aabb", "signature"}})
    EXPECT_TRUE(is_error(parse_server_key_exchange(from_hex(each.body), ProtocolVersion::tls1_2), Alert::decode_error,
                         Reason::decode_error, {{"message", "server_key_exchange"}, {"field", each.field}}))
        << each.body;
}

TEST(ServerKeyExchange, IsOfANamedCurve) {
  for (std::string_view body : {"00", "01", "02 0017 01aa 0403 0000", "04001d01aa08040000", "ff"})
    EXPECT_TRUE(is_error(parse_server_key_exchange(from_hex(body), ProtocolVersion::tls1_2), Alert::illegal_parameter,
                         Reason::decode_error, {{"message", "server_key_exchange"}, {"field", "curve_type"}}))
        << body;
}

TEST(ServerKeyExchange, IsWritten) {
  const Buffer signature = from_hex("c0ffee");
  Buffer point(255, 0xab);
  Buffer out;
  ASSERT_TRUE(wire::tls12::write_server_key_exchange(
      out, {NamedGroup::secp521r1, point, SignatureScheme::ecdsa_secp521r1_sha512, signature},
      ProtocolVersion::tls1_2));
  EXPECT_EQ(out, from_hex("0c00010a 03 0019 ff") + Bytes(point) + from_hex("0603 0003 c0ffee"));
  out.clear();
  point.push_back(0xab);
  EXPECT_TRUE(is_error(wire::tls12::write_server_key_exchange(
                           out, {NamedGroup::secp521r1, point, SignatureScheme::ecdsa_secp521r1_sha512, signature},
                           ProtocolVersion::tls1_2),
                       Alert::internal_error, Reason::message_too_long, {{"message", "server_key_exchange"}}));
  EXPECT_TRUE(out.empty());
}

TEST(SignedParams, AreRandomsCurveAndPoint) {
  const Buffer client_random(32, 0xcc);
  const Buffer server_random(32, 0x55);
  for (std::size_t size : {std::size_t{1}, std::size_t{32}, std::size_t{255}}) {
    const Buffer point(size, 0xab);
    const wire::tls12::SignedParams params(client_random, server_random, NamedGroup::secp384r1, point);
    EXPECT_EQ(to_hex(params.view()),
              to_hex(client_random + Bytes(server_random) + from_hex("03 0018") + prefixed(1, point)));
  }
}

TEST(SignedParams, AreTheParamsOfTheMessage) {
  const Buffer zeros(32, 0);
  const Buffer point = from_hex("0400112233");
  Buffer out;
  ASSERT_TRUE(wire::tls12::write_server_key_exchange(
      out, {NamedGroup::secp256r1, point, SignatureScheme::ed25519, from_hex("aa")}, ProtocolVersion::tls1_2));
  const wire::tls12::SignedParams params(zeros, zeros, NamedGroup::secp256r1, point);
  EXPECT_EQ(to_hex(params.view().subspan(64)), to_hex(Bytes(out).subspan(4, 4 + point.size())));
}

}  // namespace
}  // namespace handfast::test
