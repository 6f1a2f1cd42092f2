// Exporters of TLS 1.2 against those of OpenSSL. The values are of handshakes between two SSL objects of OpenSSL
// 3.0.22's libssl: SSL_SESSION_get_master_key, SSL_get_client_random, SSL_get_server_random, and
// SSL_export_keying_material(ssl, out, 80, "EXPERIMENTAL-handfast", 21, context, size, use_context).
#include <gtest/gtest.h>

#include "base/copy.h"
#include "schedule/tls12/secrets.h"
#include "support/hex.h"

namespace handfast::test {
namespace {

using schedule::tls12::Exporter;
using schedule::tls12::MasterSecret;
using schedule::tls12::Randoms;

struct Recorded {
  crypto::HashAlgorithm hash;
  const char* master_secret;
  const char* client_random;
  const char* server_random;
  const char* without_context;
  const char* with_empty_context;
  const char* with_context;       ///< "context"
  const char* with_long_context;  ///< 300 times "c"
};

const Recorded recorded[] = {
    // ECDHE-ECDSA-AES128-GCM-SHA256
    {crypto::HashAlgorithm::sha256,
     "3a225dfd8d8b341c4c7adec7736c9b7d589810ff40adff2eaf520c8e375c66cb4a75d26ab9015cf0c8583a090d78fb9d",
     "b59783c3faef5114ddb27b1493283ddc257befc73d16de3970db43cecf96c241",
     "75e0e2ce640062acd5a39b2f8418a8ff2e7a28d8b3a6e735444f574e47524401",
     "ef36db8dedcc914a20e3d24baa068fc99ceab9a0a90c5dcb3fd4ecfa61c8645cd4afe7b0601cff4f"
     "9e5fc93a6fca57b19d78b9b7b473b8271bd1441ac52f963db7b71759761d9a54547a05488e9cd9f2",
     "1ff9f31e4925412c64fd253dce06d04a46c573337348fadcaa5e241d552d5baacca57343ad62409f"
     "981efe0d5a08a0c31b76338f4fa58efd120b8f6f93b3648e03e966a2cb09f484575f03b220a311dd",
     "82be54d075499c6f2c9c12cda91fe80fabf28ff9439ebccb566376173c55ae83e3f7d70474a800bf"
     "8eaecf021f4d2caef125b095ae3b2d2007c0f4194d66507b9ee0672aad78ff9e35ab3d0a4819c98c",
     "cd88c00e3e27119fce5742dcfaa1e6c61fec8b67a45e8fa9655b7aed7e1ef501f95ffe9a1ce9dbde"
     "f16160d48a9d6da4773b015497ff5afd415c96865bec71481795cf1835c870bb663ba4275d1df301"},
    // ECDHE-ECDSA-AES256-GCM-SHA384
    {crypto::HashAlgorithm::sha384,
     "5780a492b3d556b296ba8c56e92917511d0df04c99f1fd543fe0a213ee218b7772b01d41e98543e5221295001606db2e",
     "965685b0c45bd9e6ac5dbbaee8a33832e69ec1da98855e3b33aadda1a6258c75",
     "570d69de41258448614a78cd41e07e5f3d9cdcac157f6537444f574e47524401",
     "66261f4f563c39427e1e1a032b53529fdd73850f2b91fbc6da0f017c10e184c16b85b1fde5187493"
     "d83cbab091cd5815024c29a60a2821c9c1a9f0e2c94d9178f899ce077977ba302f8a337a498e6c35",
     "e2f2207924aaff351ed58fe43ae10e0b1e3ce48f0a4e75528b9b947200abecdf12a8bd68b2a8dbb5"
     "c3a3c1a5767ec1285eb57fbcf2ee36aa62973a7eae8188acd71b0634fbee9d3f3fb5b702d306c8fa",
     "0afd56dd321cf1e9e9c9331b297066c6d7111ab70dd26ce76966ffc201bd3d4450d7fff0d1689fd2"
     "a8f7042c571c5e95847c4f17b26f73478585bd2e57f9bf3c3be5e59841bbbec90f08d62690ed0d89",
     "086d1f2c914260310c11f02d2ca396ed9b01e099c0f1cf1c30024f258f5416b81f1b2e6cc043278f"
     "e43f0b30c6bed9e804c26ed6449e0131c36dabf111e0ddea1a245566a07f9f169e2a5488a2198b2e"},
};

Exporter exporter_of(const Recorded& recorded) {
  Randoms randoms;
  base::copy(from_hex(recorded.client_random), randoms.client);
  base::copy(from_hex(recorded.server_random), randoms.server);
  return MasterSecret(recorded.hash, base::Secret(Bytes(from_hex(recorded.master_secret)))).exporter(randoms);
}

std::string exported(const Exporter& exporter, std::optional<Bytes> context) {
  std::array<std::uint8_t, 80> out;
  exporter.derive("EXPERIMENTAL-handfast", context, out);
  return to_hex(out);
}

TEST(Tls12Exporter, IsThatOfOpenSsl) {
  for (const Recorded& each : recorded) {
    const Exporter exporter = exporter_of(each);
    EXPECT_EQ(exported(exporter, std::nullopt), each.without_context);
    EXPECT_EQ(exported(exporter, Bytes()), each.with_empty_context);
    EXPECT_EQ(exported(exporter, as_bytes("context")), each.with_context);
    EXPECT_EQ(exported(exporter, Buffer(300, 'c')), each.with_long_context);
  }
}

TEST(Tls12Exporter, TakesTheLongestContext) {
  const Exporter exporter = exporter_of(recorded[0]);
  const Buffer longest(0xffff, 'c');
  EXPECT_NE(exported(exporter, longest), exported(exporter, Bytes(longest).first(0xfffe)));
}

TEST(Tls12Exporter, IsEmptyUntilThereIsASecretAndAfterItMovedAway) {
  Exporter kept;
  EXPECT_TRUE(kept.empty());
  Exporter exporter = exporter_of(recorded[0]);
  EXPECT_FALSE(exporter.empty());
  kept = std::move(exporter);
  EXPECT_TRUE(exporter.empty());  // NOLINT(bugprone-use-after-move): that nothing stays behind is what is tested
  EXPECT_EQ(exported(kept, std::nullopt), recorded[0].without_context);
}

}  // namespace
}  // namespace handfast::test
