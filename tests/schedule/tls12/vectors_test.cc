// The PRF and the secrets of TLS 1.2, and of TLS 1.1 and 1.0, against NIST's ACVP, and the vectors that OpenSSL and
// Botan keep.
#include <gtest/gtest.h>

#include "base/copy.h"
#include "crypto/wycheproof.h"
#include "schedule/tls12/prf.h"
#include "schedule/tls12/secrets.h"
#include "support/vec.h"

namespace handfast::test {
namespace {

using namespace schedule::tls12;

using Tls12Vectors = VectorTest;

std::string prf_of(crypto::HashAlgorithm hash, Bytes secret, std::string_view label, Bytes seed, Bytes more_seed,
                   std::size_t size) {
  Buffer out(size);
  prf(crypto::Hmac(hash, secret), label, seed, more_seed, out);
  return to_hex(out);
}

Randoms randoms(Bytes client, Bytes server) {
  Randoms randoms;
  EXPECT_EQ(client.size(), 32u);
  EXPECT_EQ(server.size(), 32u);
  base::copy(client, randoms.client);
  base::copy(server, randoms.server);
  return randoms;
}

/// The four parts in the order of RFC 5246, section 6.3, each as long as it is to be, and the keys made of them.
void check_key_block(const MasterSecret& master, const Randoms& randoms, const std::string& expected) {
  for (const CipherSuite suite :
       {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256}) {
    const KeyBlock block = master.key_block(*crypto::find_suite(suite), randoms);
    const crypto::AeadAlgorithm aead = crypto::find_suite(suite)->aead();
    const std::size_t iv_size = aead == crypto::AeadAlgorithm::chacha20_poly1305 ? 12 : 4;
    EXPECT_EQ(block.client_write_key().size(), crypto::key_size(aead));
    EXPECT_EQ(block.server_write_key().size(), crypto::key_size(aead));
    EXPECT_EQ(block.client_write_IV().size(), iv_size);
    EXPECT_EQ(block.server_write_IV().size(), iv_size);
    const std::string parts = to_hex(block.client_write_key()) + to_hex(block.server_write_key()) +
                              to_hex(block.client_write_IV()) + to_hex(block.server_write_IV());
    EXPECT_EQ(parts, expected.substr(0, parts.size()));

    const std::string zeros(2 * (crypto::aead_nonce_size - iv_size), '0');
    auto client = std::get<schedule::TrafficKeys>(block.client({})),
         server = std::get<schedule::TrafficKeys>(block.server({}));
    EXPECT_EQ(to_hex(client.iv), to_hex(block.client_write_IV()) + zeros);
    EXPECT_EQ(to_hex(server.iv), to_hex(block.server_write_IV()) + zeros);
    const auto sealed = [](crypto::Aead key) {
      std::array<std::uint8_t, crypto::aead_tag_size> tag;
      EXPECT_TRUE(key.seal(crypto::Nonce{}, {}, {}, {}, tag));
      return to_hex(tag);
    };
    EXPECT_EQ(sealed(std::move(client.key)), sealed(crypto::Aead(aead, block.client_write_key())));
    EXPECT_EQ(sealed(std::move(server.key)), sealed(crypto::Aead(aead, block.server_write_key())));
    EXPECT_TRUE(block.client_write_MAC_key().empty() && block.server_write_MAC_key().empty());
  }
  // Those of block ciphers begin with the MACs' keys, and have no IVs.
  for (const CipherSuite suite :
       {CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384}) {
    const KeyBlock block = master.key_block(*crypto::find_suite(suite), randoms);
    const crypto::CbcAlgorithm cbc = crypto::find_suite(suite)->cbc();
    EXPECT_EQ(block.client_write_MAC_key().size(), crypto::digest_size(cbc.mac));
    EXPECT_EQ(block.server_write_key().size(), crypto::key_size(cbc.cipher));
    EXPECT_TRUE(block.client_write_IV().empty() && block.server_write_IV().empty());
    const std::string parts = to_hex(block.client_write_MAC_key()) + to_hex(block.server_write_MAC_key()) +
                              to_hex(block.client_write_key()) + to_hex(block.server_write_key());
    const std::size_t size = std::min(parts.size(), expected.size());
    EXPECT_EQ(parts.substr(0, size), expected.substr(0, size));
  }
}

/// Those of TLS 1.0 end with the IVs (RFC 2246, section 6.3), of which TLS 1.1 has none (RFC 4346, section 6.3).
void check_older_key_block(ProtocolVersion version, const MasterSecret& master, const Randoms& randoms,
                           const std::string& expected) {
  const crypto::SuiteParts* suite = crypto::find_suite(CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, version);
  ASSERT_TRUE(suite);
  const bool has_iv = version == ProtocolVersion::tls1_0;
  const KeyBlock block = master.key_block(*suite, randoms);
  EXPECT_EQ(block.client_write_IV().size(), has_iv ? 16u : 0u);
  const std::string parts = to_hex(block.client_write_MAC_key()) + to_hex(block.server_write_MAC_key()) +
                            to_hex(block.client_write_key()) + to_hex(block.server_write_key()) +
                            to_hex(block.client_write_IV()) + to_hex(block.server_write_IV());
  EXPECT_EQ(parts.size(), 2u * 2 * (20 + 16 + (has_iv ? 16 : 0)));
  const std::size_t size = std::min(parts.size(), expected.size());
  EXPECT_EQ(parts.substr(0, size), expected.substr(0, size));
  const auto client = std::get<CbcTrafficKeys>(block.client({})), server = std::get<CbcTrafficKeys>(block.server({}));
  ASSERT_EQ(client.iv.has_value(), has_iv);
  ASSERT_EQ(server.iv.has_value(), has_iv);
  if (!has_iv) return;
  EXPECT_EQ(to_hex(*client.iv), to_hex(block.client_write_IV()));
  EXPECT_EQ(to_hex(*server.iv), to_hex(block.server_write_IV()));
}

TEST_F(Tls12Vectors, AcvpExtendedMasterSecret) {
  int cases = 0;
  each_acvp("tls-kdf/acvp/TLS12", [&](const Json&, const Json& group, const Json& test, const Json& expected) {
    const crypto::HashAlgorithm hash = hash_named(group.at("hashAlg")).value();
    const MasterSecret master =
        MasterSecret::extended(hash, base::Secret(Bytes(hex_of(test, "preMasterSecret"))), hex_of(test, "sessionHash"));
    EXPECT_EQ(to_hex(master.view()), expected.at("masterSecret").get<std::string>());
    const Buffer client = hex_of(test, "clientRandom"), server = hex_of(test, "serverRandom");
    const std::string key_block = expected.at("keyBlock");
    check_key_block(master, randoms(client, server), key_block);
    EXPECT_EQ(prf_of(hash, master.view(), "key expansion", server, client, key_block.size() / 2), key_block);
    ++cases;
  });
  EXPECT_EQ(cases, 14);
}

TEST_F(Tls12Vectors, AcvpMasterSecret) {
  int cases = 0;
  each_acvp("tls-kdf/acvp/kdf-components",
            [&](const Json& set, const Json& group, const Json& test, const Json& expected) {
              if (set.at("mode") != "tls" || group.at("tlsVersion") != "v1.2") return;
              const crypto::HashAlgorithm hash = hash_named(group.at("hashAlg")).value();
              const MasterSecret master =
                  MasterSecret::derive(hash, base::Secret(Bytes(hex_of(test, "preMasterSecret"))),
                                       randoms(hex_of(test, "clientHelloRandom"), hex_of(test, "serverHelloRandom")));
              EXPECT_EQ(to_hex(master.view()), expected.at("masterSecret").get<std::string>());
              // Here the randoms of the key block are others than those of the hellos.
              const Buffer client = hex_of(test, "clientRandom"), server = hex_of(test, "serverRandom");
              const std::string key_block = expected.at("keyBlock");
              check_key_block(master, randoms(client, server), key_block);
              EXPECT_EQ(prf_of(hash, master.view(), "key expansion", server, client, key_block.size() / 2), key_block);
              ++cases;
            });
  EXPECT_EQ(cases, 3);
}

TEST_F(Tls12Vectors, OpenSsl) {
  int master_secrets = 0, key_blocks = 0;
  for (const VecBlock& block : read_vec("tls-kdf/openssl/evpkdf_tls12_prf.txt")) {
    if (!block.has("Ctrl.digest")) continue;
    const crypto::HashAlgorithm hash = hash_named("SHA-256").value();
    ASSERT_EQ(block.control("Ctrl.digest"), "SHA256");
    const std::string_view label = block.control("Ctrl.label");
    const Buffer secret = from_hex(block.control("Ctrl.Secret")), expected = block.hex("Output");
    const Buffer client = from_hex(block.control("Ctrl.client_random"));
    const Buffer server = from_hex(block.control("Ctrl.server_random"));
    if (label == "master secret") {
      const MasterSecret master = MasterSecret::derive(hash, base::Secret(Bytes(secret)), randoms(client, server));
      EXPECT_EQ(to_hex(master.view()), to_hex(expected));
      ++master_secrets;
    } else {
      ASSERT_EQ(label, "key expansion");
      EXPECT_EQ(prf_of(hash, secret, label, server, client, expected.size()), to_hex(expected));
      check_key_block(MasterSecret(hash, base::Secret(Bytes(secret))), randoms(client, server), to_hex(expected));
      ++key_blocks;
    }
  }
  EXPECT_EQ(master_secrets, 1);
  EXPECT_EQ(key_blocks, 2);
}

TEST_F(Tls12Vectors, Botan) {
  int cases = 0;
  for (const VecBlock& block : read_vec("tls-kdf/botan/tls_prf.vec")) {
    constexpr std::string_view before = "TLS-12-PRF(HMAC(";
    if (!block.section.starts_with(before)) continue;  // the PRF of the versions before: see below
    const auto hash = hash_named(block.section.substr(before.size(), 7));
    if (!hash) continue;  // SHA-224
    SCOPED_TRACE(block.section);
    const Buffer label = block.hex("Label"), seed = block.hex("Salt"), expected = block.hex("Output");
    // Wherever the seed is cut in two, it is the same, and what is shorter is the beginning of what is longer.
    for (std::size_t cut = 0; cut <= seed.size(); ++cut)
      EXPECT_EQ(prf_of(*hash, block.hex("Secret"), as_text(label), Bytes(seed).first(cut), Bytes(seed).subspan(cut),
                       expected.size()),
                to_hex(expected));
    for (std::size_t size = 0; size < expected.size(); ++size)
      EXPECT_EQ(prf_of(*hash, block.hex("Secret"), as_text(label), seed, {}, size),
                to_hex(Bytes(expected).first(size)));
    ++cases;
  }
  EXPECT_EQ(cases, 3);
}

constexpr crypto::HashAlgorithm md5_sha1 = crypto::HashAlgorithm::md5_sha1;

TEST_F(Tls12Vectors, AcvpMasterSecretOfOlderVersions) {
  int cases = 0;
  each_acvp(
      "tls-kdf/acvp/kdf-components", [&](const Json& set, const Json& group, const Json& test, const Json& expected) {
        if (set.at("mode") != "tls" || group.at("tlsVersion") != "v1.0/1.1") return;
        const MasterSecret master =
            MasterSecret::derive(md5_sha1, base::Secret(Bytes(hex_of(test, "preMasterSecret"))),
                                 randoms(hex_of(test, "clientHelloRandom"), hex_of(test, "serverHelloRandom")));
        EXPECT_EQ(to_hex(master.view()), expected.at("masterSecret").get<std::string>());
        const Buffer client = hex_of(test, "clientRandom"), server = hex_of(test, "serverRandom");
        const std::string key_block = expected.at("keyBlock");
        EXPECT_EQ(prf_of(md5_sha1, master.view(), "key expansion", server, client, key_block.size() / 2), key_block);
        for (ProtocolVersion version : {ProtocolVersion::tls1_1, ProtocolVersion::tls1_0})
          check_older_key_block(version, master, randoms(client, server), key_block);
        ++cases;
      });
  EXPECT_EQ(cases, 1);
}

/// The label stands in the seed there; secrets are of odd lengths and even ones.
TEST_F(Tls12Vectors, BotanOfOlderVersions) {
  int cases = 0;
  for (const VecBlock& block : read_vec("tls-kdf/botan/tls_prf.vec")) {
    if (block.section != "TLS-PRF") continue;
    const Buffer seed = block.hex("Salt"), expected = block.hex("Output");
    for (std::size_t cut = 0; cut <= seed.size(); ++cut)
      EXPECT_EQ(prf_of(md5_sha1, block.hex("Secret"), as_text(Bytes(seed).first(cut)), Bytes(seed).subspan(cut), {},
                       expected.size()),
                to_hex(expected));
    ++cases;
  }
  EXPECT_GT(cases, 10);
}

// RFC 5246, section 7.4.9
TEST(Tls12Finished, IsThePrfOfItsLabelAndTheTranscript) {
  for (const auto hash : {crypto::HashAlgorithm::sha256, crypto::HashAlgorithm::sha384}) {
    const Buffer secret(48, 3), transcript(crypto::digest_size(hash), 4);
    const MasterSecret master(hash, base::Secret(Bytes(secret)));
    EXPECT_EQ(to_hex(master.client_finished(transcript)), prf_of(hash, secret, "client finished", transcript, {}, 12));
    EXPECT_EQ(to_hex(master.server_finished(transcript)), prf_of(hash, secret, "server finished", transcript, {}, 12));
    EXPECT_NE(master.client_finished(transcript), master.server_finished(transcript));
  }
}

}  // namespace
}  // namespace handfast::test
