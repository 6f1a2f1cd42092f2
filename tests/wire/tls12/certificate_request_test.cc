// CertificateRequest of TLS 1.2.
#include "wire/tls12/certificate_request.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

using wire::tls12::ClientCertificateType;
using wire::tls12::parse_certificate_request;

TEST(Tls12CertificateRequest, GivesValues) {
  const Buffer body = from_hex("03 014005 0006 040308040301 000b 0002 3000 0005 3003310130");
  const Result<wire::tls12::CertificateRequest> parsed = parse_certificate_request(body, ProtocolVersion::tls1_2);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->certificate_types.size(), 3u);
  EXPECT_EQ(parsed->certificate_types.front(), ClientCertificateType::rsa_sign);
  EXPECT_TRUE(parsed->certificate_types.contains(ClientCertificateType::ecdsa_sign));
  EXPECT_FALSE(parsed->certificate_types.contains(ClientCertificateType::dss_sign));
  EXPECT_EQ(parsed->supported_signature_algorithms.size(), 3u);
  EXPECT_EQ(parsed->supported_signature_algorithms.front(), SignatureScheme::ecdsa_secp256r1_sha256);
  EXPECT_TRUE(parsed->supported_signature_algorithms.contains(SignatureScheme::rsa_pss_rsae_sha256));
  ASSERT_EQ(parsed->certificate_authorities.size(), 2u);
  EXPECT_EQ(to_hex(parsed->certificate_authorities.front().data), "3000");
  EXPECT_EQ(to_hex((*++parsed->certificate_authorities.begin()).data), "3003310130");
}

TEST(Tls12CertificateRequest, NeedsNoAuthorities) {
  const Buffer body = from_hex("01 40 0002 0403 0000");
  const Result<wire::tls12::CertificateRequest> parsed = parse_certificate_request(body, ProtocolVersion::tls1_2);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->certificate_authorities.empty());
}

TEST(Tls12CertificateRequest, FieldsHaveBounds) {
  struct Case {
    std::string_view body;
    std::string_view field;
  };
  for (const Case& each : {Case{"", "certificate_types"},
                           {"00 0002 0403 0000", "certificate_types"},
                           {"02 40", "certificate_types"},
                           {"01 40", "supported_signature_algorithms"},
                           {"01 40 0000 0000", "supported_signature_algorithms"},
                           {"01 40 0003 040308 0000", "supported_signature_algorithms"},
                           {"01 40 0004 0403", "supported_signature_algorithms"},
                           {"01 40 0002 0403", "certificate_authorities"},
                           {"01 40 0002 0403 00", "certificate_authorities"},
                           {"01 40 0002 0403 0001", "certificate_authorities"},
                           {"01 40 0002 0403 0000 00", "certificate_authorities"},
                           {"01 40 0002 0403 0001 00", "certificate_authorities"},
                           {"01 40 0002 0403 0002 0000", "certificate_authorities"},
                           {"01 40 0002 0403 0004 0003 3000", "certificate_authorities"},
                           {"01 40 0002 0403 0005 0002 3000 00", "certificate_authorities"}})
    EXPECT_TRUE(is_error(parse_certificate_request(from_hex(each.body), ProtocolVersion::tls1_2), Alert::decode_error,
                         Reason::decode_error, {{"message", "certificate_request"}, {"field", each.field}}))
        << each.body;
}

TEST(Tls12CertificateRequest, IsWritten) {
  const ClientCertificateType types[] = {ClientCertificateType::ecdsa_sign, ClientCertificateType::rsa_sign};
  const SignatureScheme schemes[] = {SignatureScheme::ed25519, SignatureScheme::rsa_pkcs1_sha256};
  const Buffer authorities[] = {from_hex("3000"), from_hex("300131")};
  Buffer out;
  ASSERT_TRUE(wire::tls12::write_certificate_request(out, {types, schemes, authorities}, ProtocolVersion::tls1_2));
  EXPECT_EQ(out, from_hex("0d000014 02 4001 0004 08070401 0009 0002 3000 0003 300131"));
}

TEST(Tls12CertificateRequest, TooLargeIsNotWritten) {
  const ClientCertificateType types[] = {ClientCertificateType::ecdsa_sign};
  const SignatureScheme schemes[] = {SignatureScheme::ed25519};
  const Buffer authorities[] = {Buffer(0x8000, 0), Buffer(0x8000, 0)};
  Buffer out;
  EXPECT_TRUE(
      is_error(wire::tls12::write_certificate_request(out, {types, schemes, authorities}, ProtocolVersion::tls1_2),
               Alert::internal_error, Reason::message_too_long, {{"message", "certificate_request"}}));
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace handfast::test
