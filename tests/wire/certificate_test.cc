// Certificate, CertificateRequest and CertificateVerify.
#include "wire/certificate.h"

#include <gtest/gtest.h>

#include "wire/certificate_request.h"
#include "wire/certificate_verify.h"
#include "wire/messages.h"

namespace handfast::test {
namespace {

using enum ExtensionType;

Buffer entry(std::string_view cert_data, Bytes block = {}) {
  return prefixed(3, from_hex(cert_data)) + prefixed(2, block);
}
Buffer certificate(Bytes entries) { return from_hex("00") + prefixed(3, entries); }

TEST(Certificate, GivesItsEntries) {
  const Buffer block =
      extension_block({{status_request, "01000002aabb"}, {signed_certificate_timestamp, "000400020102"}});
  const Buffer body = from_hex("02c0de") + prefixed(3, entry("3000", block) + entry("3001"));
  const Result<wire::Certificate> parsed = wire::parse_certificate(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(to_hex(parsed->certificate_request_context), "c0de");
  ASSERT_EQ(parsed->certificate_list.size(), 2u);
  const wire::CertificateEntry leaf = parsed->certificate_list.front();
  EXPECT_EQ(to_hex(leaf.cert_data), "3000");
  EXPECT_EQ(leaf.cert_data.data(), body.data() + 3 + 3 + 3);
  EXPECT_EQ(to_hex(leaf.ocsp_response.value()), "aabb");
  EXPECT_EQ(to_hex(leaf.signed_certificate_timestamp->front().data), "0102");
  const wire::CertificateEntry issuer = *++parsed->certificate_list.begin();
  EXPECT_EQ(to_hex(issuer.cert_data), "3001");
  EXPECT_TRUE(issuer.extensions.empty());
  EXPECT_FALSE(issuer.ocsp_response);
}

TEST(Certificate, MayBeEmpty) {
  const Buffer body = certificate({});
  EXPECT_TRUE(wire::parse_certificate(body)->certificate_list.empty());
}

TEST(Certificate, HasALimitOfEntries) {
  Buffer entries;
  for (int i = 0; i < 10; ++i) entries = std::move(entries) + entry("3000");
  EXPECT_EQ(wire::parse_certificate(certificate(entries))->certificate_list.size(), 10u);
  EXPECT_TRUE(is_error(wire::parse_certificate(certificate(entries), 9), Alert::illegal_parameter,
                       Reason::too_many_certificates, {{"limit", "9"}}));
  entries = std::move(entries) + entry("3000");
  EXPECT_TRUE(is_error(wire::parse_certificate(certificate(entries)), Alert::illegal_parameter,
                       Reason::too_many_certificates, {{"limit", "10"}}));
  EXPECT_TRUE(wire::parse_certificate(certificate(entries), 11));
}

TEST(Certificate, FieldsHaveBounds) {
  struct Case {
    std::string_view body;
    std::string_view field;
  };
  for (const Case& each : {Case{"", "certificate_request_context"},
                           {"02c0", "certificate_request_context"},
                           {"000000", "certificate_list"},
                           {"00000001", "certificate_list"},
                           {"0000000000", "certificate_list"},
                           {"00000002 0000", "cert_data"},
                           {"00000005 0000000000", "cert_data"},
                           {"00000005 0000023000", "extensions"},
                           {"00000007 00000230000001", "extensions"},
                           {"00000008 0000023000000100", "extensions"}})
    EXPECT_TRUE(is_error(wire::parse_certificate(from_hex(each.body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "certificate"}, {"field", each.field}}))
        << each.body;
}

TEST(Certificate, BadExtensionsAreNamed) {
  struct Case {
    ExtensionType type;
    std::string_view content;
  };
  for (const Case& each : {Case{status_request, ""},
                           {status_request, "01"},
                           {status_request, "01000000"},
                           {status_request, "02000001aa"},
                           {status_request, "01000001aabb"},
                           {status_request, "01000002aa"},
                           {signed_certificate_timestamp, ""},
                           {signed_certificate_timestamp, "0000"},
                           {signed_certificate_timestamp, "0006000201020000"},
                           {signed_certificate_timestamp, "000400020102aa"}})
    for (bool is_leaf : {true, false}) {
      const Buffer bad = entry("3000", extension_block({{each.type, each.content}}));
      const Buffer body = certificate(is_leaf ? bad + entry("3001") : entry("3001") + Bytes(bad));
      EXPECT_TRUE(is_error(wire::parse_certificate(body), Alert::decode_error, Reason::bad_extension,
                           {{"message", "certificate"}, {"extension", name(each.type)}}))
          << name(each.type) << " " << each.content;
    }
}

TEST(Certificate, ExtensionsOfAnEntryStandOnce) {
  const Buffer twice = extension_block({{status_request, "01000001aa"}, {status_request, "01000001aa"}});
  EXPECT_TRUE(is_error(wire::parse_certificate(certificate(entry("3000", twice))), Alert::decode_error,
                       Reason::duplicate_extension, {{"message", "certificate"}}));
  const Buffer once = extension_block({{status_request, "01000001aa"}});
  EXPECT_TRUE(wire::parse_certificate(certificate(entry("3000", once) + entry("3001", once))));
}

TEST(Certificate, IsWrittenWithWhatBelongsToTheLeaf) {
  const Buffer chain[] = {from_hex("3000"), from_hex("3001")};
  const Buffer context = from_hex("07");
  const Buffer ocsp = from_hex("aabb");
  const Buffer scts = from_hex("000400020102");
  wire::CertificateFields fields;
  fields.certificate_request_context = context;
  fields.chain = chain;
  fields.ocsp_response = ocsp;
  fields.signed_certificate_timestamp = scts;
  Buffer out;
  ASSERT_TRUE(wire::write_certificate(out, fields));
  EXPECT_EQ(rewrite(HandshakeType::certificate, Bytes(out).subspan(4)), out);
  const Result<wire::Certificate> parsed = wire::parse_certificate(Bytes(out).subspan(4));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(to_hex(parsed->certificate_list.front().ocsp_response.value()), "aabb");
  EXPECT_EQ(to_hex(parsed->certificate_list.front().signed_certificate_timestamp->front().data), "0102");
  EXPECT_TRUE((*++parsed->certificate_list.begin()).extensions.empty());
}

TEST(Certificate, TooLargeIsNotWritten) {
  const Buffer chain[] = {Buffer(0x1000000, 0)};
  wire::CertificateFields fields;
  fields.chain = chain;
  Buffer out;
  EXPECT_TRUE(is_error(wire::write_certificate(out, fields), Alert::internal_error, Reason::message_too_long));
  EXPECT_TRUE(out.empty());
}

Buffer request(const Buffer& block) { return from_hex("00") + prefixed(2, block); }

TEST(CertificateRequest, GivesValues) {
  const Buffer body = from_hex("02c0de") + prefixed(2, extension_block({{signature_algorithms, "00020403"},
                                                                        {signature_algorithms_cert, "00020804"},
                                                                        {certificate_authorities, "000400023000"},
                                                                        {status_request, ""},
                                                                        {signed_certificate_timestamp, ""},
                                                                        {oid_filters, "000c050603551d0f000403020780"},
                                                                        {trust_anchors, "000201aa"},
                                                                        {ExtensionType{0xfefe}, "01"}}));
  const Result<wire::CertificateRequest> parsed = wire::parse_certificate_request(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(to_hex(parsed->certificate_request_context), "c0de");
  EXPECT_EQ(parsed->signature_algorithms.front(), SignatureScheme::ecdsa_secp256r1_sha256);
  EXPECT_EQ(parsed->signature_algorithms_cert->front(), SignatureScheme::rsa_pss_rsae_sha256);
  EXPECT_EQ(to_hex(parsed->certificate_authorities->front().data), "3000");
  EXPECT_TRUE(parsed->status_request);
  EXPECT_TRUE(parsed->signed_certificate_timestamp);
  ASSERT_TRUE(parsed->oid_filters);
  EXPECT_EQ(parsed->oid_filters->size(), 1u);
  EXPECT_EQ(to_hex(parsed->oid_filters->front().certificate_extension_oid), "0603551d0f");
  EXPECT_EQ(to_hex(parsed->oid_filters->front().certificate_extension_values), "03020780");
  EXPECT_EQ(parsed->extensions.size(), 8u);
}

TEST(CertificateRequest, OidFiltersThatDoNotParse) {
  auto with = [](std::string_view filters) {
    return wire::parse_certificate_request(
        request(extension_block({{signature_algorithms, "00020403"}, {oid_filters, std::string(filters)}})));
  };
  EXPECT_TRUE(with("0000"));
  EXPECT_TRUE(
      with("00040155"
           "0000"))
      << "an extension of whatever content";
  for (const char* filters : {"", "00", "0001", "000100", "0003000000", "000201aa", "000401aa0001", "000401aa000000"})
    EXPECT_TRUE(is_error(with(filters), Alert::decode_error, Reason::bad_extension, {{"extension", "oid_filters"}}))
        << filters;
}

TEST(CertificateRequest, NeedsSignatureAlgorithms) {
  EXPECT_TRUE(is_error(wire::parse_certificate_request(request(extension_block({{status_request, ""}}))),
                       Alert::missing_extension, Reason::missing_extension, {{"extension", "signature_algorithms"}}));
}

TEST(CertificateRequest, FieldsHaveBounds) {
  struct Case {
    std::string_view body;
    std::string_view field;
  };
  for (const Case& each : {Case{"", "certificate_request_context"},
                           {"02c0", "certificate_request_context"},
                           {"00", "extensions"},
                           {"000000", "extensions"},
                           {"000001", "extensions"},
                           {"000008000d000400020403 00", "extensions"}})
    EXPECT_TRUE(is_error(wire::parse_certificate_request(from_hex(each.body)), Alert::decode_error,
                         Reason::decode_error, {{"message", "certificate_request"}, {"field", each.field}}))
        << each.body;
}

TEST(CertificateRequest, BadExtensionsAreNamed) {
  struct Case {
    ExtensionType type;
    std::string_view content;
  };
  for (const Case& each : {Case{signature_algorithms, ""},
                           {signature_algorithms, "0000"},
                           {signature_algorithms, "0003040301"},
                           {signature_algorithms_cert, "0000"},
                           {certificate_authorities, "0000"},
                           {certificate_authorities, "00020000"},
                           {certificate_authorities, "000400023000aa"},
                           {status_request, "00"},
                           {signed_certificate_timestamp, "00"}})
    EXPECT_TRUE(is_error(wire::parse_certificate_request(request(extension_block({{each.type, each.content}}))),
                         Alert::decode_error, Reason::bad_extension,
                         {{"message", "certificate_request"}, {"extension", name(each.type)}}))
        << name(each.type) << " " << each.content;
}

TEST(CertificateRequest, AsksForWhatItWrites) {
  const SignatureScheme schemes[] = {SignatureScheme::ed25519, SignatureScheme::rsa_pss_pss_sha256};
  const Buffer authorities[] = {from_hex("3000"), from_hex("300131")};
  const wire::Extension others[] = {{status_request, {}}};
  wire::CertificateRequestFields fields;
  fields.signature_algorithms = schemes;
  fields.signature_algorithms_cert = schemes;
  fields.certificate_authorities = authorities;
  fields.others = others;
  Buffer out;
  const Result<wire::ExtensionSet> asked = wire::write_certificate_request(out, fields);
  ASSERT_TRUE(asked);
  const Result<wire::CertificateRequest> parsed = wire::parse_certificate_request(Bytes(out).subspan(4));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->extensions.size(), 4u);
  for (const wire::Extension& extension : parsed->extensions) EXPECT_TRUE(asked->contains(extension.type));
  EXPECT_FALSE(asked->contains(signed_certificate_timestamp));
  EXPECT_EQ(parsed->signature_algorithms.size(), 2u);
  EXPECT_EQ(parsed->certificate_authorities->size(), 2u);
  EXPECT_TRUE(parsed->status_request);
}

TEST(CertificateVerify, FieldsHaveBounds) {
  const Buffer body = from_hex("0804 0003aabbcc");
  const Result<wire::CertificateVerify> parsed = wire::parse_certificate_verify(body, ProtocolVersion::tls1_3);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->algorithm, SignatureScheme::rsa_pss_rsae_sha256);
  EXPECT_EQ(to_hex(parsed->signature), "aabbcc");
  const Buffer empty = from_hex("08040000");
  EXPECT_TRUE(wire::parse_certificate_verify(empty, ProtocolVersion::tls1_3)->signature.empty())
      << "legal syntax, and a bad signature";
  struct Case {
    std::string_view body;
    std::string_view field;
  };
  for (const Case& each : {Case{"", "algorithm"},
                           {"08", "algorithm"},
                           {"0804", "signature"},
                           {"08040001", "signature"},
                           {"0804000000", "signature"}})
    EXPECT_TRUE(is_error(wire::parse_certificate_verify(from_hex(each.body), ProtocolVersion::tls1_3),
                         Alert::decode_error, Reason::decode_error,
                         {{"message", "certificate_verify"}, {"field", each.field}}))
        << each.body;
}

}  // namespace
}  // namespace handfast::test
