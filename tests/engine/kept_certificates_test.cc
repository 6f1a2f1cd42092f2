// Connections and sessions that keep no more of the peer's certificates than a hash.
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "engine/resumption.h"

namespace handfast::test {
namespace {

struct NamedVerifier final : ChainVerifier {
  void verify(VerifyRequest, std::function<void(VerifyAnswer)> done) const override { done({Result<void>()}); }
  std::string policy_name() const override { return "named"; }
};

class KeptHash : public testing::TestWithParam<Carrier> {
 protected:
  Resumption resumed() const { return resumption_of(GetParam()); }
  Resumer resumer() const {
    Resumer resumer = resumer_for(GetParam());
    resumer.client.credentials = {client_credential()};
    resumer.server.client_auth = ClientAuth::require;
    resumer.server.client_trust = shared_authority().anchors();
    resumer.server.kept_certificates = KeptCertificates::sha256;
    return resumer;
  }
  static const std::shared_ptr<const Credential>& client_credential() {
    static const auto credential = shared_authority().credential("client.example");
    return credential;
  }
  static void expect_hash(const ConnectionInfo& info, const Credential& of) {
    EXPECT_TRUE(info.peer_verified);
    EXPECT_TRUE(info.has_peer_certificate());
    ASSERT_TRUE(info.peer_certificate_sha256);
    const crypto::Digest hash = crypto::Hash::of(crypto::HashAlgorithm::sha256, of.chain().front());
    EXPECT_TRUE(std::ranges::equal(*info.peer_certificate_sha256, hash.view()));
    // And nothing else, nor room for it.
    EXPECT_EQ(info.peer_certificates.capacity(), 0u);
    EXPECT_EQ(info.ocsp_response.capacity(), 0u);
    EXPECT_FALSE(info.peer_identity());
    EXPECT_TRUE(info.verified_path().empty());
  }
};
INSTANTIATE_TEST_SUITE_P(Carriers, KeptHash, testing::ValuesIn(all_carriers), carrier_name);

TEST_P(KeptHash, OfAClient) {
  Resumer with = resumer();
  for (Resumption how : {Resumption::none, resumed(), resumed()}) {
    Pair pair = with.connect();
    ASSERT_TRUE(ended_with(pair, how));
    expect_hash(pair.server.connection.info(), *client_credential());
    // The client has said nothing of the kind.
    EXPECT_EQ(pair.client.connection.info().peer_certificates, shared_credential()->chain());
    EXPECT_FALSE(pair.client.connection.info().peer_certificate_sha256);
    expect_usable(pair);
  }
}

TEST_P(KeptHash, OfAServer) {
  Resumer with = resumer();
  with.client.kept_certificates = KeptCertificates::sha256;
  for (Resumption how : {Resumption::none, resumed()}) {
    Pair pair = with.connect();
    ASSERT_TRUE(ended_with(pair, how));
    expect_hash(pair.client.connection.info(), *shared_credential());
  }
}

TEST_P(KeptHash, OfNobody) {
  Resumer with = resumer();
  with.server.client_auth = ClientAuth::request;
  with.client.credentials.clear();
  for (Resumption how : {Resumption::none, resumed()}) {
    Pair pair = with.connect();
    ASSERT_TRUE(ended_with(pair, how));
    EXPECT_FALSE(pair.server.connection.info().has_peer_certificate());
  }
}

/// The session of a client without a certificate is no way around `require`, that of one whose hash was kept is.
TEST_P(KeptHash, IsACertificateWhereOneIsRequired) {
  Resumer with = resumer();
  with.client.credentials.clear();
  EXPECT_EQ(reason(with.connect().server.connection), "no_certificate");
}

TEST_P(KeptHash, ExpiresWithTheCertificate) {
  Resumer with = resumer();
  hold(with);
  ASSERT_TRUE(full(with.connect()));
  with.clock->seconds += 3600;
  EXPECT_TRUE(ended_with(with.connect(), resumed())) << "in its last second";
  with.clock->seconds += 1;
  authority::CertificateOptions longer = shared_authority().leaf({"client.example"});
  longer.not_after += 86400;
  with.client.credentials = {shared_authority().credential(longer)};
  with.server.sessions.lifetime = 86400;
  SessionTrace server;
  with.client.clock = std::make_shared<FixedClock>();
  EXPECT_TRUE(full(with.connect("server.example", nullptr, &server)));
}

/// What can't be looked at once more is not resumed where it would have to be.
TEST_P(KeptHash, IsNotResumedWhereTheCertificateWouldBeNeeded) {
  const std::string terms[] = {"dns:client.example"};
  const auto rule = value(IdentityRule::any_of(terms));
  const std::function<void(ServerOptions&)> needs[] = {
      [](ServerOptions& server) { server.sessions.reverify = true; },
      [](ServerOptions& server) {
        server.sessions.reverify = true;
        server.client_verifier = std::make_shared<NamedVerifier>();
      },
      [&](ServerOptions& server) { server.authorization = rule; },
  };
  for (const auto& need : needs) {
    Resumer with = resumer();
    need(with.server);
    hold(with);
    ASSERT_TRUE(full(with.connect()));
    SessionTrace server;
    Pair again = with.connect("server.example", nullptr, &server);
    EXPECT_TRUE(full(again));
    EXPECT_TRUE(server.says(SessionRefusal::peer_certificate)) << server.text();
    expect_hash(again.server.connection.info(), *client_credential());

    with.server.kept_certificates = KeptCertificates::chain;
    ASSERT_TRUE(full(with.connect()));
    EXPECT_TRUE(ended_with(with.connect(), resumed())) << "with the whole chain it would have been";
  }
}

/// The client's side of the same: a session that it can't look at again is not offered.
TEST_P(KeptHash, IsNotOfferedWhereTheCertificateWouldBeNeeded) {
  Resumer with = resumer();
  with.client.kept_certificates = KeptCertificates::sha256;
  with.client.sessions.reverify = true;
  hold(with);
  ASSERT_TRUE(full(with.connect()));
  SessionTrace client;
  EXPECT_TRUE(full(with.connect("server.example", &client)));
  EXPECT_TRUE(client.says(SessionRefusal::peer_certificate)) << client.text();
}

TEST(KeptHashTest, AfterTheHandshake) {
  ClientOptions client = client_options();
  client.post_handshake_auth = true;
  client.credentials = {shared_authority().credential("client.example")};
  ServerOptions server = server_options();
  server.post_handshake_auth = true;
  server.client_trust = shared_authority().anchors();
  server.kept_certificates = KeptCertificates::sha256;
  Pair pair(client, server);
  pair.pump();
  for (int i = 0; i < 2; ++i) {
    value(pair.server.connection.request_certificate());
    pair.pump();
    ASSERT_TRUE(pair.connected()) << reason(pair.server.connection);
    EXPECT_TRUE(pair.server.connection.info().peer_verified);
    EXPECT_TRUE(pair.server.connection.info().peer_certificate_sha256);
    EXPECT_TRUE(pair.server.connection.info().peer_certificates.empty());
  }
}

/// What it is for: a session takes the room of a hash, not that of the chain.
TEST(KeptHashTest, SessionsAreSmaller) {
  std::size_t sizes[2];
  for (bool hash : {false, true}) {
    Resumer resumer = resumer_for(Carrier::psk_ticket);
    if (hash) resumer.server.kept_certificates = KeptCertificates::sha256;
    resumer.client.credentials = {shared_authority().credential("client.example")};
    resumer.server.client_auth = ClientAuth::require;
    resumer.server.client_trust = shared_authority().anchors();
    const auto held = hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    sizes[hash] = held->ticket().size();
  }
  EXPECT_LT(sizes[1] + 300, sizes[0]);
}

}  // namespace
}  // namespace handfast::test
