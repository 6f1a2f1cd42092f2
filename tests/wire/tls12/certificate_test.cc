// Certificate of TLS 1.2.
#include "wire/tls12/certificate.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

using wire::tls12::parse_certificate;

Buffer certificate(std::initializer_list<std::string_view> chain) {
  Buffer list;
  for (std::string_view each : chain) list = std::move(list) + prefixed(3, from_hex(each));
  return prefixed(3, list);
}

TEST(Tls12Certificate, GivesItsChain) {
  const Buffer body = certificate({"3000", "300131"});
  const Result<wire::tls12::Certificate> parsed = parse_certificate(body);
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->certificate_list.size(), 2u);
  const wire::tls12::ASN1Cert leaf = parsed->certificate_list.front();
  EXPECT_EQ(to_hex(leaf.data), "3000");
  EXPECT_EQ(leaf.data.data(), body.data() + 3 + 3);
  EXPECT_EQ(to_hex((*++parsed->certificate_list.begin()).data), "300131");
}

TEST(Tls12Certificate, MayBeEmpty) {
  const Buffer body = certificate({});
  const Result<wire::tls12::Certificate> parsed = parse_certificate(body);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->certificate_list.empty());
}

TEST(Tls12Certificate, HasALimitOfEntries) {
  const Buffer ten = certificate({"30", "30", "30", "30", "30", "30", "30", "30", "30", "30"});
  const Buffer eleven = certificate({"30", "30", "30", "30", "30", "30", "30", "30", "30", "30", "30"});
  EXPECT_TRUE(parse_certificate(ten));
  EXPECT_TRUE(
      is_error(parse_certificate(ten, 9), Alert::illegal_parameter, Reason::too_many_certificates, {{"limit", "9"}}));
  EXPECT_TRUE(
      is_error(parse_certificate(eleven), Alert::illegal_parameter, Reason::too_many_certificates, {{"limit", "10"}}));
  EXPECT_TRUE(parse_certificate(eleven, 11));
}

TEST(Tls12Certificate, FieldsHaveBounds) {
  for (std::string_view body : {"", "0000", "000001", "00000000", "000003000000", "000002 0000", "000004 00000230",
                                "000006 000001300000", "000004 0000013000"})
    EXPECT_TRUE(is_error(parse_certificate(from_hex(body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "certificate"}, {"field", "certificate_list"}}))
        << body;
}

/// RFC 7250, section 3: no list around it.
TEST(Tls12Certificate, MayBeARawPublicKey) {
  const Buffer raw = from_hex("0000023000");
  EXPECT_EQ(to_hex(wire::tls12::parse_raw_public_key(raw).value()), "3000");
  EXPECT_TRUE(wire::tls12::parse_raw_public_key(from_hex("000000"))->empty());
  for (std::string_view body : {"", "0000", "000001", "00000130 30", "000003 3000"})
    EXPECT_TRUE(is_error(wire::tls12::parse_raw_public_key(from_hex(body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "certificate"}, {"field", "ASN1_subjectPublicKeyInfo"}}))
        << body;
  Buffer out;
  ASSERT_TRUE(wire::tls12::write_raw_public_key(out, from_hex("3000")));
  EXPECT_EQ(out, from_hex("0b000005 000002 3000"));
}

TEST(Tls12Certificate, IsWritten) {
  const Buffer chain[] = {from_hex("3000"), from_hex("300131")};
  Buffer out = from_hex("ff");
  ASSERT_TRUE(wire::tls12::write_certificate(out, chain));
  EXPECT_EQ(out, from_hex("ff 0b00000e 00000b 000002 3000 000003 300131"));
  out.clear();
  ASSERT_TRUE(wire::tls12::write_certificate(out, {}));
  EXPECT_EQ(out, from_hex("0b000003 000000"));
}

TEST(Tls12Certificate, TooLargeIsNotWritten) {
  const Buffer chain[] = {Buffer(0x1000000, 0)};
  Buffer out;
  EXPECT_TRUE(is_error(wire::tls12::write_certificate(out, chain), Alert::internal_error, Reason::message_too_long,
                       {{"message", "certificate"}}));
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace handfast::test
