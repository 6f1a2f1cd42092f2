// The peer of a session that is resumed: it has to be acceptable today, by its dates, by the revocation lists that are
// there now and by the rule of today, and it is told as in the full handshake.
#include <gtest/gtest.h>

#include <handfast/revocation_lists.h>

#include "authority/mint_crl.h"
#include "authority/mint_ocsp.h"
#include "engine/resumption.h"

namespace handfast::test {
namespace {

class SessionPeer : public testing::TestWithParam<Carrier> {
 protected:
  Resumption resumed() const { return resumption_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Carriers, SessionPeer, testing::ValuesIn(all_carriers), carrier_name);
/// Clients have staples in TLS 1.3 alone (RFC 8446, section 4.4.2.1).
class StapledClient : public SessionPeer {};
INSTANTIATE_TEST_SUITE_P(Carriers, StapledClient, testing::ValuesIn(psk_carriers), carrier_name);

constexpr std::uint8_t serial = 0x42;

std::shared_ptr<const Credential> short_lived(std::string name, std::int64_t seconds) {
  authority::CertificateOptions options = shared_authority().leaf({std::move(name)});
  options.not_after = FixedClock().seconds + seconds;
  return shared_authority().credential(options);
}
std::shared_ptr<const Credential> numbered(std::string name) {
  authority::CertificateOptions options = shared_authority().leaf({std::move(name)});
  options.serial_number = {serial};
  return shared_authority().credential(options);
}

/// A list of the shared authority, with the certificate of that number or without.
std::shared_ptr<const RevocationLists> lists(bool revoked) {
  authority::CrlOptions options;
  const std::int64_t now = FixedClock().seconds;
  options.this_update = now - 3600;
  options.next_update = now + 3600;
  if (revoked) options.revoked.push_back({{serial}, now - 1800, x509::CRLReason::keyCompromise, {}});
  const authority::Identity& root = shared_authority().root();
  const Buffer list = value(authority::issue_crl(options, {root.certificate, root.key}));
  const Bytes views[] = {list};
  return value(RevocationLists::from_der(views));
}

/// A certificate whose staples are good for some time.
struct Stapled {
  explicit Stapled(std::string name)
      : identity(value(authority::make_identity(shared_authority().leaf({std::move(name)}), crypto::KeyType::p256,
                                                {shared_authority().root().certificate, shared_authority().root().key},
                                                system_random()))) {}
  /// With a staple that is good for so long after the tests' first moment.
  std::shared_ptr<const Credential> until(std::int64_t seconds) const {
    const authority::Identity& root = shared_authority().root();
    authority::OcspOptions options;
    options.produced_at = FixedClock().seconds - 60;
    options.answers.push_back({.certificate = identity.certificate,
                               .issuer = root.certificate,
                               .this_update = options.produced_at,
                               .next_update = FixedClock().seconds + seconds});
    CredentialExtras extras;
    extras.ocsp_response = value(authority::mint_ocsp_response(options, {root.certificate, root.key}));
    const Bytes der = identity.certificate.der();
    return value(Credential::make({Buffer(der.begin(), der.end())},
                                  value(LocalKey::from_der(value(identity.key.to_der()))), std::move(extras)));
  }
  authority::Identity identity;
};

std::shared_ptr<const Authorization> allow(std::string term) {
  const std::string terms[] = {std::move(term)};
  return value(IdentityRule::any_of(terms));
}

Resumer with_client(Carrier carrier, std::shared_ptr<const Credential> credential) {
  Resumer resumer = resumer_for(carrier);
  resumer.client.credentials = {std::move(credential)};
  resumer.server.client_auth = ClientAuth::request;
  resumer.server.client_trust = shared_authority().anchors();
  return resumer;
}

// --- Clients
// -----------------------------------------------------------------------------------------------------------------

TEST_P(SessionPeer, AClientIsKnownByItsSession) {
  for (ClientAuth demand : {ClientAuth::request, ClientAuth::require}) {
    Resumer resumer = with_client(GetParam(), numbered("client.example"));
    resumer.server.client_auth = demand;
    Pair first = resumer.connect();
    ASSERT_TRUE(full(first));
    Pair second = resumer.connect();
    ASSERT_TRUE(ended_with(second, resumed()));
    const ConnectionInfo& info = second.server.connection.info();
    EXPECT_TRUE(info.peer_verified);
    EXPECT_EQ(info.peer_identity()->dns_names, std::vector<std::string>{"client.example"});
    EXPECT_EQ(info.peer_certificates, first.server.connection.info().peer_certificates);
    EXPECT_EQ(info.peer_signature_scheme, first.server.connection.info().peer_signature_scheme);
    // And by one that was made from it.
    Pair third = resumer.connect();
    ASSERT_TRUE(ended_with(third, resumed()));
    EXPECT_EQ(third.server.connection.info().peer_identity()->dns_names, std::vector<std::string>{"client.example"});
  }
}

TEST_P(SessionPeer, AnExpiredClientIsAskedAgain) {
  Resumer resumer = with_client(GetParam(), short_lived("client.example", 100));
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += 100;
  EXPECT_TRUE(ended_with(resumer.connect(), resumed())) << "in its last second";
  resumer.clock->seconds += 1;
  resumer.client.credentials = {shared_authority().credential("renewed.example")};
  SessionTrace server;
  Pair pair = resumer.connect("server.example", nullptr, &server);
  EXPECT_TRUE(full(pair));
  EXPECT_TRUE(server.says(SessionRefusal::peer_certificate)) << server.text();
  EXPECT_EQ(pair.server.connection.info().peer_identity()->dns_names, std::vector<std::string>{"renewed.example"});
}

TEST_P(SessionPeer, AClientIsOnlyAsGoodAsItsWholePath) {
  // An intermediate that ends before the leaf does.
  const authority::Identity& root = shared_authority().root();
  const std::int64_t now = FixedClock().seconds;
  authority::Identity issuer =
      value(authority::make_identity(authority::ca_options("Intermediate", now - 60, now + 100), crypto::KeyType::p256,
                                     {root.certificate, root.key}, system_random()));
  authority::Identity leaf =
      value(authority::make_identity(shared_authority().leaf({"client.example"}), crypto::KeyType::p256,
                                     {issuer.certificate, issuer.key}, system_random()));
  const Bytes leaf_der = leaf.certificate.der(), issuer_der = issuer.certificate.der();
  Resumer resumer = with_client(
      GetParam(),
      value(Credential::make({Buffer(leaf_der.begin(), leaf_der.end()), Buffer(issuer_der.begin(), issuer_der.end())},
                             value(LocalKey::from_der(value(leaf.key.to_der()))))));
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  ASSERT_TRUE(ended_with(resumer.connect(), resumed()));
  resumer.clock->seconds += 101;
  resumer.client.credentials = {shared_authority().credential("renewed.example")};
  EXPECT_TRUE(full(resumer.connect()));
}

TEST_P(SessionPeer, ARevokedClientIsAskedAgain) {
  for (bool list_before : {true, false}) {
    Resumer resumer = with_client(GetParam(), numbered("client.example"));
    VerificationOptions& how = resumer.server.client_verification;
    how.revocation = RevocationPolicy::prefer;
    if (list_before) how.revocation_lists = lists(false);
    hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    how.revocation_lists = lists(false);
    EXPECT_TRUE(ended_with(resumer.connect(), resumed())) << "by a newer list it is as good";
    how.revocation_lists = lists(true);
    resumer.client.credentials = {shared_authority().credential("renewed.example")};
    SessionTrace server;
    EXPECT_TRUE(full(resumer.connect("server.example", nullptr, &server)));
    EXPECT_TRUE(server.says(SessionRefusal::peer_certificate)) << server.text();
  }
}

/// What is verified again is held to the client's name, chain and dates as ever.
/// Of a certificate whose hash alone was kept no list says anything.
TEST_P(SessionPeer, AHashIsNotLookedUp) {
  for (KeptCertificates kept : {KeptCertificates::chain, KeptCertificates::sha256}) {
    Resumer resumer = with_client(GetParam(), numbered("client.example"));
    resumer.server.kept_certificates = kept;
    resumer.server.client_verification = {.revocation = RevocationPolicy::prefer, .revocation_lists = lists(false)};
    hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    EXPECT_TRUE(ended_with(resumer.connect(), kept == KeptCertificates::chain ? resumed() : Resumption::none));
  }
}

TEST_P(SessionPeer, VerifiedAgainWhereTheConfigSaysSo) {
  Resumer resumer = with_client(GetParam(), numbered("client.example"));
  resumer.server.sessions.reverify = true;
  resumer.client.sessions.reverify = true;
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  Pair again = resumer.connect();
  EXPECT_TRUE(ended_with(again, resumed()));
  expect_usable(again);
}

TEST_P(SessionPeer, WhoMayNotConnectAnyMore) {
  Resumer resumer = with_client(GetParam(), numbered("client.example"));
  resumer.server.authorization = allow("dns:client.example");
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  EXPECT_TRUE(ended_with(resumer.connect(), resumed()));
  resumer.server.authorization = allow("dns:renewed.example");
  resumer.client.credentials = {shared_authority().credential("renewed.example")};
  SessionTrace server;
  EXPECT_TRUE(full(resumer.connect("server.example", nullptr, &server)));
  EXPECT_TRUE(server.says(SessionRefusal::peer_certificate)) << server.text();
}

TEST_P(SessionPeer, ARuleIsForThoseWithoutACertificateToo) {
  Resumer resumer = with_client(GetParam(), numbered("client.example"));
  resumer.client.credentials.clear();
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  ASSERT_TRUE(ended_with(resumer.connect(), resumed()));
  resumer.server.authorization = allow("dns:client.example");
  resumer.client.credentials = {numbered("client.example")};
  EXPECT_TRUE(full(resumer.connect()));
}

// --- Servers
// -----------------------------------------------------------------------------------------------------------------

TEST_P(SessionPeer, AnExpiredServerIsNotResumed) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.credentials = {short_lived("server.example", 100)};
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += 101;
  resumer.server.credentials = {shared_authority().credential("server.example")};
  SessionTrace client;
  EXPECT_TRUE(full(resumer.connect("server.example", &client)));
  EXPECT_TRUE(client.says(SessionRefusal::peer_certificate)) << client.text();
}

TEST_P(SessionPeer, ARevokedServerIsNotResumed) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.credentials = {numbered("server.example")};
  resumer.client.verification.revocation = RevocationPolicy::prefer;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  ASSERT_TRUE(ended_with(resumer.connect(), resumed()));
  resumer.client.verification.revocation_lists = lists(true);
  resumer.server.credentials = {shared_authority().credential("server.example")};
  SessionTrace client;
  EXPECT_TRUE(full(resumer.connect("server.example", &client)));
  EXPECT_TRUE(client.says(SessionRefusal::peer_certificate)) << client.text();
}

TEST_P(SessionPeer, AServerThatMayNotServeAnyMore) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.authorization = allow("dns:server.example");
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  ASSERT_TRUE(ended_with(resumer.connect(), resumed()));
  resumer.client.authorization = allow("dns:other.example");
  Pair pair = resumer.connect();
  EXPECT_EQ(reason(pair.client.connection), "not_authorized") << "as in any full handshake";
}

// --- Staples, where nothing else proves that nobody was revoked: what was proven is of the day
// -------------------------------------------------------------------------------------------------------------------

TEST_P(SessionPeer, AServerIsNotResumedPastItsStaple) {
  const Stapled certificate("server.example");
  Resumer resumer = resumer_for(GetParam());
  resumer.client.verification.revocation = RevocationPolicy::require;
  resumer.server.credentials = {certificate.until(600)};
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += 600;
  ASSERT_TRUE(ended_with(resumer.connect(), resumed())) << "in its last second, and by a session of a session";
  resumer.clock->seconds += 1;
  resumer.server.credentials = {certificate.until(3000)};
  SessionTrace client, server;
  EXPECT_TRUE(full(resumer.connect("server.example", &client, &server)));
  EXPECT_TRUE(client.says(SessionRefusal::peer_certificate)) << client.text();
  EXPECT_FALSE(client.says(SessionRefusal::declined)) << "it was offered";
  EXPECT_TRUE(server.events.empty()) << server.text();
  EXPECT_TRUE(ended_with(resumer.connect(), resumed())) << "by the new staple";
}

/// Whoever does not ask for proof takes no notice.
TEST_P(SessionPeer, AStapleThatWasNotNeededIsNotMissed) {
  for (RevocationPolicy policy : {RevocationPolicy::staple, RevocationPolicy::prefer}) {
    const Stapled certificate("server.example");
    Resumer resumer = resumer_for(GetParam());
    resumer.client.verification.revocation = policy;
    resumer.server.credentials = {certificate.until(600)};
    hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    resumer.clock->seconds += 601;
    EXPECT_TRUE(ended_with(resumer.connect(), resumed()));
  }
}

TEST_P(StapledClient, IsNotResumedPastItsStaple) {
  const Stapled certificate("client.example");
  Resumer resumer = with_client(GetParam(), certificate.until(600));
  resumer.server.client_verification.revocation = RevocationPolicy::require;
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += 600;
  Pair last = resumer.connect();
  ASSERT_TRUE(ended_with(last, resumed()));
  EXPECT_TRUE(last.server.connection.info().peer_verified);
  resumer.clock->seconds += 1;
  resumer.client.credentials = {certificate.until(3000)};
  SessionTrace client, server;
  Pair pair = resumer.connect("server.example", &client, &server);
  EXPECT_TRUE(full(pair));
  EXPECT_TRUE(server.says(SessionRefusal::peer_certificate)) << server.text();
  EXPECT_TRUE(client.says(SessionRefusal::declined)) << client.text();
  EXPECT_TRUE(pair.server.connection.info().peer_verified);
  EXPECT_TRUE(ended_with(resumer.connect(), resumed())) << "by the new staple";
}

/// A session is no way around the proof.
TEST_P(StapledClient, WithoutANewOneIsRefused) {
  const Stapled certificate("client.example");
  Resumer resumer = with_client(GetParam(), certificate.until(600));
  resumer.server.client_verification.revocation = RevocationPolicy::require;
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += 601;
  Pair pair = resumer.connect();
  EXPECT_EQ(reason(pair.server.connection), "revocation_unknown");
}

/// Outside, it is asked once more where that is wanted, and then only.
struct CountingVerifier final : ChainVerifier {
  void verify(VerifyRequest, std::function<void(VerifyAnswer)> done) const override { done({Result<void>()}); }
  std::string policy_name() const override { return "counting"; }
};

TEST_P(SessionPeer, AVerifierOutsideIsAskedAgainOnlyOnRequest) {
  for (bool again : {false, true}) {
    Resumer resumer = with_client(GetParam(), numbered("client.example"));
    resumer.server.client_verifier = std::make_shared<CountingVerifier>();
    resumer.client.verifier = std::make_shared<CountingVerifier>();
    resumer.server.sessions.reverify = resumer.client.sessions.reverify = again;
    ASSERT_TRUE(full(resumer.connect()));
    Pair pair = resumer.begin();
    std::size_t verdicts = 0;
    run_with_needs(pair, [&](std::size_t, Connection& connection) {
      const Need& need = *connection.need();
      verdicts += std::holds_alternative<VerifyRequest>(need.request);
      return connection.answer(need.id, right_answer(need)).has_value();
    });
    EXPECT_TRUE(ended_with(pair, resumed()));
    EXPECT_EQ(verdicts, again ? 2u : 0u);
  }
}

/// A server that learns of a verdict before it has resumed goes on in full.
TEST_P(SessionPeer, AVerifierOutsideThatRefusesASessionCostsTheResumption) {
  Resumer resumer = with_client(GetParam(), numbered("client.example"));
  resumer.server.client_verifier = std::make_shared<CountingVerifier>();
  resumer.server.sessions.reverify = true;
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.begin();
  bool refused = false;
  run_with_needs(pair, [&](std::size_t, Connection& connection) {
    const Need& need = *connection.need();
    const bool refuses = std::holds_alternative<VerifyRequest>(need.request) && !std::exchange(refused, true);
    return connection.answer(need.id, refuses ? failure(need) : right_answer(need)).has_value();
  });
  EXPECT_TRUE(full(pair));
}

}  // namespace
}  // namespace handfast::test
