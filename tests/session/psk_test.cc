// Pre-shared keys from outside.
//
// The expected secrets were computed apart from this code, with Python's hmac and hashlib, from RFC 5869's HKDF and the
// text of RFC 8446, section 7.1, and RFC 9258, section 5.1.
#include "session/psk.h"

#include <gtest/gtest.h>

#include <numeric>

#include "session/memory.h"
#include "support/hex.h"

namespace handfast {
namespace {

using test::to_hex;

const Buffer key = [] {
  Buffer bytes(32);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}();
const Bytes identity = as_bytes("sensor-17");

std::string problem(const Result<PreSharedKey::Shared>& result) {
  if (result) return "none";
  EXPECT_EQ(result.error().reason(), Reason::bad_config);
  EXPECT_EQ(std::get<std::string>(*result.error().find("option")), "psk");
  return std::get<std::string>(*result.error().find("problem"));
}

TEST(PreSharedKey, ExternalIsUsedAsItIs) {
  const PreSharedKey::Shared psk = PreSharedKey::external(identity, key).value();
  EXPECT_EQ(to_hex(psk->identity()), to_hex(identity));
  ASSERT_EQ(psk->parts().size(), 1u);
  const PreSharedKey::Parts& part = psk->parts().front();
  EXPECT_EQ(to_hex(part.identity), to_hex(identity));
  EXPECT_EQ(part.hash, crypto::HashAlgorithm::sha256);
  EXPECT_FALSE(part.imported);
  EXPECT_EQ(to_hex(part.early_secret.view()), "46bd320605c5a6b6163ab70bc6345b92a5f908e79fe58979c23ebb47d1a5e307");
}

TEST(PreSharedKey, ExternalUnderAnotherHash) {
  const PreSharedKey::Shared psk = PreSharedKey::external(identity, key, PreSharedKey::Hash::sha384).value();
  ASSERT_EQ(psk->parts().size(), 1u);
  EXPECT_EQ(psk->parts().front().hash, crypto::HashAlgorithm::sha384);
  EXPECT_EQ(to_hex(psk->parts().front().early_secret.view()),
            "79faab675751f724f82634db3212fedb20fc76151305be0d12c946a7f62a9aac22af76ea232f604fb4a30c23e291fb53");
}

struct Imported {
  std::string_view context;
  PreSharedKey::Hash hash;
  std::string_view sha256_identity;
  std::string_view sha256_secret;
  std::string_view sha384_identity;
  std::string_view sha384_secret;
};

constexpr Imported imported[] = {
    {"", PreSharedKey::Hash::sha256, "000973656e736f722d3137000003040001",
     "df0154ae38b3f7fda9bf89c652e059c2b061095496dd5f76421a043bc32be7c1", "000973656e736f722d3137000003040002",
     "efb356b388b1cb7d5ecae4583d31e65acb7ced2700fe5e9600fb5da7bf2468e9c14ee30071ac8e32ead41d4e100ec70b"},
    {"", PreSharedKey::Hash::sha384, "000973656e736f722d3137000003040001",
     "fa231406ebd7671ce706f258fbc76e35520ad17c780c0923d1544f8b5488bfa7", "000973656e736f722d3137000003040002",
     "78a5cd1f2a1bc2a663d5c21c3e051abf8ae810853f9f7a73a5bdf9d1b0543a2f4bbeef48e3e3ab7932fa439e99f0bb81"},
    {"floor 2", PreSharedKey::Hash::sha256, "000973656e736f722d31370007666c6f6f72203203040001",
     "66713cc89f0b3bcd7804276ff04eee8a8a33c5659e0033853151f83e528a4aa3",
     "000973656e736f722d31370007666c6f6f72203203040002",
     "22b4c88184f7a517948e658d32983fe3e3b7404dfa915d549f82d8c370511b51ac74f8a66d27f3af4a8c8372639699d5"},
    {"floor 2", PreSharedKey::Hash::sha384, "000973656e736f722d31370007666c6f6f72203203040001",
     "9314ed0d4850e5c7aa2031af8af863b478526cc893f0724e6cf1d653ce998a5d",
     "000973656e736f722d31370007666c6f6f72203203040002",
     "8a626c2fda8557573348031d7cb7bf0ff217f333b6d98fa68038d8b77aad2ec1c77556a48e22f39810b5be34cae38d86"},
};

TEST(PreSharedKey, ImportedServesBothHashes) {
  for (const Imported& expected : imported) {
    SCOPED_TRACE(expected.sha384_secret);
    const PreSharedKey::Shared psk =
        PreSharedKey::imported(identity, key, as_bytes(expected.context), expected.hash).value();
    EXPECT_EQ(to_hex(psk->identity()), to_hex(identity));
    ASSERT_EQ(psk->parts().size(), 2u);
    const PreSharedKey::Parts& sha256 = psk->parts()[0];
    EXPECT_EQ(sha256.hash, crypto::HashAlgorithm::sha256);
    EXPECT_TRUE(sha256.imported);
    EXPECT_EQ(to_hex(sha256.identity), expected.sha256_identity);
    EXPECT_EQ(to_hex(sha256.early_secret.view()), expected.sha256_secret);
    const PreSharedKey::Parts& sha384 = psk->parts()[1];
    EXPECT_EQ(sha384.hash, crypto::HashAlgorithm::sha384);
    EXPECT_TRUE(sha384.imported);
    EXPECT_EQ(to_hex(sha384.identity), expected.sha384_identity);
    EXPECT_EQ(to_hex(sha384.early_secret.view()), expected.sha384_secret);
  }
}

TEST(PreSharedKey, Bounds) {
  for (const auto& make : {+[](Bytes id, Bytes k) { return PreSharedKey::external(id, k); },
                           +[](Bytes id, Bytes k) { return PreSharedKey::imported(id, k); }}) {
    EXPECT_EQ(problem(make({}, key)), "its identity is empty");
    EXPECT_EQ(problem(make(Buffer(65536), key)), "its identity has more than 65535 bytes");
    EXPECT_EQ(problem(make(identity, Buffer(15))), "its key has less than 16 bytes");
    EXPECT_EQ(problem(make(identity, Buffer(16))), "none");
    EXPECT_EQ(problem(make(identity, Buffer(1024))), "none");
    EXPECT_EQ(problem(make(identity, Buffer(1025))), "its key has more than 1024 bytes");
  }
  EXPECT_EQ(problem(PreSharedKey::external(Buffer(65535), key)), "none");
}

// An ImportedIdentity has to fit in a PskIdentity, with its four lengths and numbers.
TEST(PreSharedKey, ImportedIdentityFitsInOnTheWire) {
  const PreSharedKey::Shared longest = PreSharedKey::imported(Buffer(65527), key).value();
  EXPECT_EQ(longest->parts().front().identity.size(), 65535u);
  EXPECT_EQ(PreSharedKey::imported(Buffer(1), key, Buffer(65526)).value()->parts().front().identity.size(), 65535u);
  for (const auto& [id, context] : {std::pair{65528, 0}, {1, 65527}, {65527, 1}, {65535, 65535}, {1, 1 << 20}})
    EXPECT_EQ(problem(PreSharedKey::imported(Buffer(static_cast<std::size_t>(id)), key,
                                             Buffer(static_cast<std::size_t>(context)))),
              "its identity and context have more than 65527 bytes");
}

TEST(PreSharedKey, IsWipedWhenItGoes) {
  const PreSharedKey::Shared kept = PreSharedKey::imported(identity, key).value();
  for (const PreSharedKey::Parts& part : kept->parts()) {
    test::FreedWatch watch(part.early_secret.view());
    PreSharedKey::imported(identity, key).value().reset();
    EXPECT_EQ(watch.found(), 0u);
  }
}

}  // namespace
}  // namespace handfast
