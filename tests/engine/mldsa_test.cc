// ML-DSA in handshakes (draft-ietf-tls-mldsa): TLS 1.3 alone, where libcrypto has it, and refused by name elsewhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/contains.h"
#include "engine/agreement.h"
#include "engine/tampering.h"

namespace handfast::test {
namespace {

using crypto::KeyType;
using enum SignatureScheme;

class MlDsa : public testing::Test {
 protected:
  void SetUp() override {
    if (!crypto::supports(KeyType::mldsa44))
      GTEST_SKIP() << "skipped: libcrypto has no ML-DSA: it is older than OpenSSL 3.5";
  }
};

/// A root, an intermediate and a leaf, each with a key of ML-DSA.
struct Chain {
  authority::Identity root = value(authority::make_ca(
      authority::ca_options("ML-DSA root", FixedClock().seconds - 86400, FixedClock().seconds + 86400),
      KeyType::mldsa87, system_random()));
  authority::Identity intermediate = value(authority::make_identity(
      authority::ca_options("ML-DSA CA", FixedClock().seconds - 86400, FixedClock().seconds + 86400), KeyType::mldsa65,
      {root.certificate, root.key}, system_random()));

  std::shared_ptr<const Credential> credential(std::string name) const {
    authority::Identity leaf =
        value(authority::make_identity(shared_authority().leaf({std::move(name)}), KeyType::mldsa44,
                                       {intermediate.certificate, intermediate.key}, system_random()));
    std::vector<Buffer> chain;
    for (Bytes der : {leaf.certificate.der(), intermediate.certificate.der()})
      chain.emplace_back(der.begin(), der.end());
    return value(Credential::make(std::move(chain), LocalKey::of(std::move(leaf.key))));
  }
  std::shared_ptr<const TrustAnchors> anchors() const {
    const Bytes der[] = {root.certificate.der()};
    return value(TrustAnchors::from_der(der));
  }
};

TEST_F(MlDsa, AWholeChainOnBothSides) {
  const Chain chain;
  ClientOptions client = client_options();
  client.trust = chain.anchors();
  client.credentials = {chain.credential("client.example")};
  ServerOptions server = server_options();
  server.min_version = ProtocolVersion::tls1_3;
  server.credentials = {chain.credential("server.example")};
  server.client_auth = ClientAuth::require;
  server.client_trust = chain.anchors();
  Pair pair(client, server);
  pair.pump();
  expect_data_flows(pair);
  EXPECT_EQ(pair.client.connection.info().peer_signature_scheme, mldsa44);
  EXPECT_EQ(pair.server.connection.info().peer_signature_scheme, mldsa44);
  EXPECT_TRUE(pair.server.connection.info().peer_verified);
  // Whoever takes no certificates that are signed so refuses the chain.
  client.certificate_schemes = {ecdsa_secp256r1_sha256};
  Pair refused(client, server);
  refused.pump();
  EXPECT_EQ(reason(refused.client.connection), "unsupported_signature_algorithm");
  // A signature that was changed is none.
  client.certificate_schemes.clear();
  Middleman middleman(client, server, change(HandshakeType::certificate_verify, [](Buffer& m) { m.back() ^= 1; }));
  expect_alert(middleman, Side::client, "decrypt_error", "bad_signature");
}

TEST_F(MlDsa, IsNotOfTls12) {
  ServerOptions server = server_options();
  server.credentials = {shared_authority().credential("server.example", KeyType::mldsa65)};
  EXPECT_FALSE(ServerConfig::make(server)) << "nobody could be served in TLS 1.2";
  server.credentials.push_back(shared_credential());
  server.client_auth = ClientAuth::require;
  server.client_trust = shared_authority().anchors();
  for (bool tls13 : {true, false}) {
    ClientOptions client = tls13 ? client_options() : tls12_client_options();
    client.credentials = {shared_authority().credential("client.example", KeyType::mldsa87)};
    if (!tls13) {
      EXPECT_FALSE(ClientConfig::make(client)) << "its credential could sign nothing";
      client.credentials = {shared_authority().credential("client.example")};
      EXPECT_FALSE(base::contains(value(ClientConfig::make(client))->options().signature_schemes, mldsa44));
    }
    Pair pair(client, server);
    pair.pump();
    ASSERT_TRUE(pair.connected()) << reason(pair.server.connection);
    EXPECT_EQ(pair.server.connection.info().own_signature_scheme, tls13 ? mldsa65 : ecdsa_secp256r1_sha256);
    EXPECT_EQ(pair.client.connection.info().own_signature_scheme, tls13 ? mldsa87 : ecdsa_secp256r1_sha256);
  }
  // A client that would have spoken TLS 1.3 has nothing to show in TLS 1.2.
  ClientOptions client = client_options();
  client.credentials = {shared_authority().credential("client.example", KeyType::mldsa87)};
  server.max_version = ProtocolVersion::tls1_2;
  server.credentials = {shared_credential()};
  Pair pair(client, server);
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "no_certificate");
}

/// What a build without it says of a key: what it needs.
TEST(MlDsaMissing, IsSaid) {
  Buffer der = {0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86,
                0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12, 0x04, 0x22, 0x80, 0x20};
  der.resize(der.size() + 32, 7);
  const auto key = LocalKey::from_der(der);
  ASSERT_EQ(key.has_value(), crypto::supports(KeyType::mldsa65));
  ClientOptions options = client_options();
  options.signature_schemes = {ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256, mldsa65};
  EXPECT_EQ(ClientConfig::make(options).has_value(), key.has_value());
  if (key) return;
  EXPECT_EQ(key.error().reason(), Reason::bad_private_key);
  ASSERT_TRUE(key.error().find("problem"));
  EXPECT_EQ(to_text(*key.error().find("problem")), "ML-DSA needs libcrypto of OpenSSL 3.5 or later, or AWS-LC");
}

}  // namespace
}  // namespace handfast::test
