// Minting: what comes out is what was asked for, and others read it.
#include "authority/mint.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/hex.h"
#include "support/random.h"
#include "x509/name.h"
#include "x509/verify.h"

namespace handfast::authority {
namespace {

using crypto::KeyType;
using test::to_hex;

constexpr std::int64_t start = 1'790'000'000;
constexpr std::int64_t end = start + 86400;

TEST(Mint, SerialNumbersArePositiveAndDiffer) {
  Identity ca = make_ca(ca_options("CA", start, end), KeyType::p256, system_random()).value();
  std::vector<std::string> serials;
  for (int i = 0; i < 20; ++i) {
    x509::Certificate leaf =
        issue(leaf_options({"a.test"}, start, end), ca.key, {ca.certificate, ca.key}, system_random()).value();
    EXPECT_EQ(leaf->serial_number.size(), 16u);
    EXPECT_LT(leaf->serial_number[0], 0x80);
    serials.push_back(to_hex(leaf->serial_number));
  }
  std::ranges::sort(serials);
  EXPECT_EQ(std::ranges::adjacent_find(serials), serials.end());
}

TEST(Mint, IsGoodInTheStrictProfile) {
  for (KeyType type : {KeyType::p256, KeyType::p384, KeyType::p521, KeyType::rsa, KeyType::ed25519}) {
    Identity root = make_ca(ca_options("Root", start, end), type, system_random()).value();
    CertificateOptions below = ca_options("Intermediate", start, end);
    below.path_len = 0;
    Identity intermediate = make_identity(below, type, {root.certificate, root.key}, system_random()).value();
    Identity leaf = make_identity(leaf_options({"a.test", "*.a.test", "192.0.2.1"}, start, end), type,
                                  {intermediate.certificate, intermediate.key}, system_random())
                        .value();
    Bytes anchor = root.certificate.der();
    std::vector<x509::Certificate> chain = {leaf.certificate, intermediate.certificate};
    for (const char* name : {"a.test", "www.a.test", "192.0.2.1"}) {
      Result<x509::VerifiedChain> verified =
          x509::verify({.chain = chain,
                        .purpose = x509::ServerAuth{x509::ServerName::parse(name).value()},
                        .anchors = *TrustAnchors::from_der({&anchor, 1}).value(),
                        .now = start,
                        .policy = {.profile = Profile::strict}});
      EXPECT_TRUE(verified) << verified.error().message();
    }
  }
}

TEST(Mint, WithoutACommonNameTheNamesAreCritical) {
  CertificateOptions options = leaf_options({"a.test"}, start, end);
  options.common_name.clear();
  test::SeededRandom random;
  Identity leaf = make_ca(options, KeyType::p256, random).value();
  EXPECT_TRUE(x509::is_empty_name(leaf.certificate->subject));
  Bytes rest = leaf.certificate->extensions;
  bool found = false;
  while (std::optional<x509::Extension> extension = x509::read_extension(rest))
    if (x509::extension_name(extension->oid) == "subjectAltName") found = extension->critical;
  EXPECT_TRUE(found);
}

TEST(Mint, AnOrganizationStandsBeforeTheCommonName) {
  CertificateOptions options = ca_options("Root", start, end);
  options.organization = "Somebody";
  test::SeededRandom random;
  EXPECT_EQ(x509::name_text(make_ca(options, KeyType::p256, random).value().certificate->subject),
            "O=Somebody, CN=Root");
}

TEST(Mint, ALongNameFits) {
  std::string name = std::string(60, 'a') + '.' + std::string(60, 'b') + ".test";
  test::SeededRandom random;
  Identity leaf = make_ca(leaf_options({name}, start, end), KeyType::p256, random).value();
  EXPECT_TRUE(x509::matches(*leaf.certificate, x509::ServerName::parse(name).value()));
}

TEST(Mint, RefusesWhatCannotBe) {
  crypto::SigningKey key = crypto::SigningKey::generate(KeyType::p256).value();
  test::SeededRandom random;
  auto refused = [&](auto change) {
    CertificateOptions options = leaf_options({"a.test"}, start, end);
    change(options);
    Result<x509::Certificate> made = self_sign(options, key, random);
    return !made && made.error().reason() == Reason::bad_config;
  };
  EXPECT_FALSE(refused([](CertificateOptions&) {}));
  EXPECT_TRUE(refused([](CertificateOptions& o) { o.names = {"no name"}; }));
  EXPECT_TRUE(refused([](CertificateOptions& o) { o.names = {"*.192.0.2.1"}; }));
  EXPECT_TRUE(refused([](CertificateOptions& o) { o.not_after = 253402300800; }));
  EXPECT_TRUE(refused([](CertificateOptions& o) { o.extended_key_usage = {"x"}; }));
  EXPECT_TRUE(refused([](CertificateOptions& o) { o.extensions = {{"x", false, {}}}; }));
}

}  // namespace
}  // namespace handfast::authority
