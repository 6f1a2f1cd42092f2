// RSASSA-PSS keys that are for one hash (RFC 4055, section 3.3), wherever a signature is verified with them.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "authority/mint_ocsp.h"
#include "x509/crls.h"
#include "x509/der_writer.h"
#include "x509/ocsp.h"
#include "x509/oid.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

using crypto::HashAlgorithm;
using der::Tag;

/// RSASSA-PSS-params with that hash for both purposes; without a salt length, its DEFAULT of 20.
Buffer parameters_of(Bytes hash, std::optional<std::uint32_t> salt_length) {
  Buffer der;
  der::Writer w(der);
  auto algorithm = [&] { w.within(Tag::sequence, [&] { w.object_identifier(hash), w.null(); }); };
  w.within(Tag::sequence, [&] {
    w.within(der::context_constructed(0), algorithm);
    w.within(der::context_constructed(1), [&] {
      w.within(Tag::sequence, [&] {
        w.object_identifier(oid::id_mgf1);
        algorithm();
      });
    });
    if (salt_length) w.within(der::context_constructed(2), [&] { w.integer(*salt_length); });
  });
  return der;
}

/// SubjectPublicKeyInfo of that key, with those parameters.
Buffer public_key_info(Bytes bits, Bytes parameters) {
  Buffer der;
  der::Writer w(der);
  w.within(Tag::sequence, [&] {
    w.within(Tag::sequence, [&] {
      w.object_identifier(oid::id_RSASSA_PSS);
      w.raw(parameters);
    });
    w.bit_string(bits);
  });
  return der;
}

/// The same certificate with another SubjectPublicKeyInfo, its signature as it was: good for an anchor.
Certificate with_public_key(const Certificate& certificate, Bytes info) {
  const Bytes old = certificate->public_key.der;
  Bytes tbs = certificate->tbs;
  der::Reader reader(tbs);
  const Bytes content = reader.take(Tag::sequence);
  Buffer out;
  der::Writer w(out);
  w.within(Tag::sequence, [&] {
    w.within(Tag::sequence, [&] {
      w.raw({content.data(), old.data()});
      w.raw(info);
      w.raw({old.data() + old.size(), content.data() + content.size()});
    });
    w.raw(certificate->signature_algorithm.der);
    w.bit_string(certificate->signature);
  });
  return Certificate::parse(out).value();
}

/// One root for all: to generate its key takes a while. What it signs, it signs with SHA-256.
const Identity& root() {
  static const Identity root = root_of(ca("PSS Root"), KeyType::rsa_pss);
  return root;
}
/// The root as one whose key is for that hash only.
Certificate root_for(Bytes hash, std::optional<std::uint32_t> salt_length) {
  return with_public_key(root().certificate,
                         public_key_info(root().key.public_key(), parameters_of(hash, salt_length)));
}

TEST(PssKeys, OfTheHashThatIsSaid) {
  struct Row {
    Bytes hash;
    std::optional<std::uint32_t> salt_length;
    std::optional<HashAlgorithm> only_hash;  ///< none: the key is not supported
  };
  const Row rows[] = {
      {oid::id_sha256, 32, HashAlgorithm::sha256},
      {oid::id_sha384, 48, HashAlgorithm::sha384},
      {oid::id_sha512, 64, HashAlgorithm::sha512},
      {oid::id_sha256, 0, HashAlgorithm::sha256},
      {oid::id_sha512, {}, HashAlgorithm::sha512},
      {oid::id_sha256, 33, {}},  // our signatures' salts have 32 octets
      {oid::id_sha1, 20, {}},
  };
  for (const Row& row : rows) {
    const Certificate certificate = root_for(row.hash, row.salt_length);
    const SubjectPublicKeyInfo& info = certificate->public_key;
    EXPECT_EQ(info.only_hash, row.only_hash) << &row - rows;
    EXPECT_EQ(info.type.has_value(), row.only_hash.has_value()) << &row - rows;
    for (const auto& [scheme, hash] : {std::pair(SignatureScheme::rsa_pss_pss_sha256, HashAlgorithm::sha256),
                                       {SignatureScheme::rsa_pss_pss_sha384, HashAlgorithm::sha384},
                                       {SignatureScheme::rsa_pss_pss_sha512, HashAlgorithm::sha512}})
      EXPECT_EQ(fits(info, scheme, ProtocolVersion::tls1_3, Side::server), row.only_hash == hash)
          << &row - rows << name(scheme);
  }
  EXPECT_FALSE(root().certificate->public_key.only_hash);
  EXPECT_TRUE(
      fits(root().certificate->public_key, SignatureScheme::rsa_pss_pss_sha512, ProtocolVersion::tls1_3, Side::server));
}

TEST(PssKeys, SignCertificatesWithTheirHashOnly) {
  const Certificate end = signed_by(root(), leaf()).certificate;
  EXPECT_TRUE(accepted(Case{{end}, anchors_of({root().certificate})}.verify()));
  EXPECT_TRUE(accepted(Case{{end}, anchors_of({root_for(oid::id_sha256, 32)})}.verify()));
  EXPECT_TRUE(accepted(Case{{end}, anchors_of({root_for(oid::id_sha256, {})})}.verify()));
  EXPECT_TRUE(refused(Case{{end}, anchors_of({root_for(oid::id_sha384, 48)})}.verify(),
                      Reason::bad_certificate_signature, Alert::bad_certificate));
}

TEST(PssKeys, SignCrlsWithTheirHashOnly) {
  const Certificate end = signed_by(root(), leaf()).certificate;
  const Buffer list = signed_crl(crl(), root());
  const auto asked = [&](const Certificate& issuer) { return Asked{end, issuer}.of({list}).status; };
  EXPECT_EQ(asked(root_for(oid::id_sha256, 32)), RevocationStatus::good);
  EXPECT_EQ(asked(root_for(oid::id_sha512, 64)), RevocationStatus::not_said);
}

TEST(PssKeys, SignOcspResponsesWithTheirHashOnly) {
  const Certificate end = signed_by(root(), leaf()).certificate;
  authority::OcspAnswer answer{.certificate = end, .issuer = root().certificate};
  answer.this_update = now - day;
  answer.next_update = now + day;
  const Buffer response =
      authority::mint_ocsp_response({.answers = {answer}, .produced_at = now - day}, {root().certificate, root().key})
          .value();
  const auto asked = [&](const Certificate& issuer) {
    Work work = plenty();
    return ask_ocsp(response, {*end, *issuer, nullptr, {}, nullptr, now}, nullptr, work);
  };
  const Result<RevocationAnswer> good = asked(root_for(oid::id_sha256, 32));
  ASSERT_TRUE(good) << good.error().message();
  EXPECT_EQ(good->status, RevocationStatus::good);
  const Result<RevocationAnswer> bad = asked(root_for(oid::id_sha512, 64));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().reason(), Reason::bad_ocsp_response);
}

}  // namespace
}  // namespace handfast::x509::test
