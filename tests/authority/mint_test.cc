// Minting: what comes out is what was asked for, and others read it.
#include "authority/mint.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "authority/der_writer.h"
#include "support/hex.h"
#include "support/random.h"
#include "x509/name.h"
#include "x509/verify.h"

namespace handfast::authority {
namespace {

using crypto::KeyType;
using test::to_hex;
using x509::der::Tag;

constexpr std::int64_t start = 1'790'000'000;
constexpr std::int64_t end = start + 86400;

std::string written(auto write) {
  Buffer out;
  DerWriter w(out);
  write(w);
  return to_hex(out);
}

TEST(DerWriter, Values) {
  EXPECT_EQ(written([](DerWriter& w) { w.boolean(true), w.boolean(false), w.null(); }), "0101ff0101000500");
  constexpr std::pair<std::uint32_t, const char*> integers[] = {
      {0, "020100"}, {127, "02017f"}, {128, "02020080"}, {65535, "020300ffff"}, {0xffffffff, "020500ffffffff"},
  };
  for (auto [value, hex] : integers) EXPECT_EQ(written([&](DerWriter& w) { w.integer(value); }), hex);
  constexpr std::pair<std::uint16_t, const char*> bits[] = {
      {0, "030100"}, {1, "03020780"}, {0x60, "03020106"}, {0x80, "03020001"}, {0x100, "0303070080"},
  };
  for (auto [value, hex] : bits) EXPECT_EQ(written([&](DerWriter& w) { w.named_bits(value); }), hex);
  EXPECT_EQ(written([](DerWriter& w) { w.bit_string(test::from_hex("aabb")); }), "030300aabb");
}

TEST(DerWriter, Lengths) {
  for (std::size_t size : {0u, 127u, 128u, 255u, 256u, 70000u}) {
    Buffer out;
    DerWriter w(out);
    w.within(Tag::sequence, [&] { w.element(Tag::octet_string, Buffer(size, 0x11)); });
    x509::der::Reader reader(out);
    x509::der::Reader inner = reader.enter(Tag::sequence);
    EXPECT_EQ(inner.take(Tag::octet_string).size(), size);
    EXPECT_TRUE(reader.done() && inner.done());
  }
}

TEST(DerWriter, Times) {
  for (std::int64_t seconds : {std::int64_t{-631152000}, std::int64_t{0}, start, std::int64_t{2524607999},
                               std::int64_t{2524608000}, std::int64_t{253402300799}}) {
    Buffer out;
    DerWriter w(out);
    ASSERT_TRUE(w.time(seconds));
    EXPECT_EQ(out[0], seconds < 2524608000 ? 0x17 : 0x18);
    x509::der::Reader reader(out);
    EXPECT_EQ(reader.time(), seconds);
    EXPECT_TRUE(reader.done());
  }
  Buffer out;
  DerWriter w(out);
  EXPECT_FALSE(w.time(-631152001));
  EXPECT_FALSE(w.time(253402300800));
  EXPECT_TRUE(out.empty());
}

TEST(DerWriter, ObjectIdentifiers) {
  for (const char* dotted : {"1.2.840.113549.1.1.11", "2.5.29.37.0", "2.999.3", "0.0", "1.39.4294967296"}) {
    Buffer out;
    DerWriter w(out);
    ASSERT_TRUE(w.object_identifier(dotted)) << dotted;
    EXPECT_EQ(x509::oid_text(Bytes(out).subspan(2)), dotted);
  }
  for (const char* dotted : {"", "1", "1.", "1.2.", "1..2", "3.1", "1.40", "a.b", "1.2.x", "-1.2", "1.2 "}) {
    Buffer out;
    DerWriter w(out);
    EXPECT_FALSE(w.object_identifier(dotted)) << dotted;
    EXPECT_TRUE(out.empty());
  }
}

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
                        .policy = {.profile = x509::Profile::strict}});
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
