// Peers that do not verify, where the config goes on all the same: what is told of them, and where it is the end.
#include <gtest/gtest.h>

#include <handfast/connection.h>

#include "engine/resumption.h"
#include "engine/tampering.h"

namespace handfast::test {
namespace {

const Authority& other_authority() {
  static const Authority authority("Other root");
  return authority;
}

/// What was told of a peer that was not verified, each time.
struct Told final : Trace {
  void on(const TraceEvent& event) override {
    const auto* decision = std::get_if<DecisionEvent>(&event.what);
    if (decision && decision->what == "unverified_peer") texts.push_back(decision->offered.at(0));
  }
  std::vector<std::string> texts;
};

/// The server's certificate is of an authority that the client does not trust, and so is the client's, if it has one.
Resumer with_strangers(Carrier carrier, UnverifiedPeer unverified) {
  Resumer resumer = resumer_for(carrier);
  resumer.client.trust = other_authority().anchors();
  resumer.client.verification.unverified_peer = unverified;
  return resumer;
}
Resumer with_strange_clients(Carrier carrier, UnverifiedPeer unverified) {
  Resumer resumer = resumer_for(carrier);
  resumer.client.credentials = {other_authority().credential("client.example")};
  resumer.server.client_auth = ClientAuth::require;
  resumer.server.client_trust = shared_authority().anchors();
  resumer.server.client_verification.unverified_peer = unverified;
  return resumer;
}

void expect_unverified(const Connection& connection) {
  const ConnectionInfo& info = connection.info();
  EXPECT_FALSE(info.peer_verified);
  ASSERT_TRUE(info.verification_error);
  EXPECT_EQ(name(info.verification_error->reason()), "unknown_issuer");
  EXPECT_EQ(name(info.verification_error->alert()), "unknown_ca");
  EXPECT_TRUE(info.has_peer_certificate());
  EXPECT_EQ(info.peer_certificates.size(), 1u);
  EXPECT_FALSE(info.peer_identity());
  EXPECT_TRUE(info.verified_path().empty());
}

class Unverified : public testing::TestWithParam<Carrier> {
 protected:
  Resumption resumed() const { return resumption_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Carriers, Unverified, testing::ValuesIn(all_carriers), carrier_name);

TEST_P(Unverified, IsRefusedByDefault) {
  EXPECT_EQ(VerificationOptions().unverified_peer, UnverifiedPeer::refuse);
  EXPECT_EQ(ServerOptions().client_verification.unverified_peer, UnverifiedPeer::refuse);
  Pair servers = with_strangers(GetParam(), UnverifiedPeer::refuse).connect();
  EXPECT_EQ(alert(servers.client.connection), "unknown_ca");
  EXPECT_FALSE(servers.client.connection.info().verification_error);
  Pair clients = with_strange_clients(GetParam(), UnverifiedPeer::refuse).connect();
  EXPECT_EQ(alert(clients.server.connection), "unknown_ca");
}

/// In the full handshake, and in the resumptions that come of it.
TEST_P(Unverified, ServerIsToldOfEachTime) {
  Resumer resumer = with_strangers(GetParam(), UnverifiedPeer::go_on);
  for (Resumption how : {Resumption::none, resumed(), resumed()}) {
    Told told;
    Pair pair = resumer.connect("server.example", &told);
    ASSERT_TRUE(ended_with(pair, how));
    expect_unverified(pair.client.connection);
    ASSERT_EQ(told.texts.size(), 1u);
    EXPECT_TRUE(told.texts.front().starts_with(code(Reason::unknown_issuer))) << told.texts.front();
    expect_usable(pair);
  }
}

TEST_P(Unverified, ClientIsToldOfEachTime) {
  Resumer resumer = with_strange_clients(GetParam(), UnverifiedPeer::go_on);
  for (Resumption how : {Resumption::none, resumed(), resumed()}) {
    Told told;
    Pair pair = resumer.connect("server.example", nullptr, &told);
    ASSERT_TRUE(ended_with(pair, how));
    expect_unverified(pair.server.connection);
    EXPECT_EQ(told.texts.size(), 1u);
    expect_usable(pair);
  }
}

/// Why it was not verified the session tells once more, but not by what that was seen.
TEST_P(Unverified, SessionsKeepNoEvidence) {
  Resumer resumer = with_strangers(GetParam(), UnverifiedPeer::go_on);
  const auto held = hold(resumer);
  Pair pair = resumer.connect();
  ASSERT_TRUE(full(pair));
  EXPECT_FALSE(pair.client.connection.info().verification_error->evidence().empty());
  ASSERT_TRUE(held->held);
  const std::optional<Error>& kept = held->held->content().session.peer.verification_error;
  ASSERT_TRUE(kept);
  EXPECT_EQ(name(kept->reason()), "unknown_issuer");
  EXPECT_EQ(name(kept->alert()), "unknown_ca");
  EXPECT_TRUE(kept->evidence().empty());
}

/// Who does verify is verified, and nothing else is told of it.
TEST_P(Unverified, WhoVerifiesIsVerified) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.verification.unverified_peer = UnverifiedPeer::go_on;
  for (Resumption how : {Resumption::none, resumed()}) {
    Told told;
    Pair pair = resumer.connect("server.example", &told);
    ASSERT_TRUE(ended_with(pair, how));
    EXPECT_TRUE(pair.client.connection.info().peer_verified);
    EXPECT_FALSE(pair.client.connection.info().verification_error);
    EXPECT_TRUE(told.texts.empty());
  }
}

TEST_P(Unverified, ClientWithoutACertificateIsStillMissed) {
  Resumer resumer = with_strange_clients(GetParam(), UnverifiedPeer::go_on);
  resumer.client.credentials.clear();
  EXPECT_EQ(reason(resumer.connect().server.connection), "no_certificate");
}

/// An expired certificate is no peer of a session: each time there is a handshake in full, and its verdict.
TEST_P(Unverified, ExpiredIsNotResumed) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.verification.unverified_peer = UnverifiedPeer::go_on;
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += 3601;
  for (int i = 0; i < 2; ++i) {
    Pair pair = resumer.connect();
    ASSERT_TRUE(full(pair));
    ASSERT_TRUE(pair.client.connection.info().verification_error);
    EXPECT_EQ(name(pair.client.connection.info().verification_error->reason()), "certificate_expired");
  }
}

/// A session that was made with a stranger is nothing to a config that refuses strangers, wherever it comes from.
TEST_P(Unverified, SessionIsNotOfferedByWhoVerifies) {
  Resumer resumer = with_strangers(GetParam(), UnverifiedPeer::go_on);
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  ASSERT_TRUE(held->held);
  resumer.client.verification.unverified_peer = UnverifiedPeer::refuse;
  SessionTrace client;
  Pair pair = resumer.connect("server.example", &client);
  EXPECT_EQ(alert(pair.client.connection), "unknown_ca");
  EXPECT_TRUE(client.says(SessionRefusal::peer_certificate)) << client.text();
}

/// It has to have the key of the certificate that it shows.
TEST(UnverifiedPeerTest, HasProvedItsKey) {
  const auto spoil = [](Buffer& message) { message.back() ^= 1; };
  for (ProtocolVersion version : {ProtocolVersion::tls1_2, ProtocolVersion::tls1_3}) {
    ClientOptions client = client_options();
    client.max_version = version;
    client.trust = other_authority().anchors();
    client.verification.unverified_peer = UnverifiedPeer::go_on;
    const bool tls12 = version == ProtocolVersion::tls1_2;
    Middleman forged(client, server_options(),
                     change(tls12 ? HandshakeType::server_key_exchange : HandshakeType::certificate_verify, spoil));
    expect_alert(forged, Side::client, "decrypt_error", "bad_signature");

    client = client_options();
    client.max_version = version;
    client.credentials = {other_authority().credential("client.example")};
    ServerOptions server = server_options();
    server.client_auth = ClientAuth::require;
    server.client_trust = shared_authority().anchors();
    server.client_verification.unverified_peer = UnverifiedPeer::go_on;
    Middleman stolen(client, server, [&, done = false](Side side, Piece piece) mutable {
      if (side == Side::client && !done && is(piece, HandshakeType::certificate_verify)) {
        spoil(piece.bytes);
        done = true;
      }
      return std::vector{std::move(piece)};
    });
    expect_alert(stolen, Side::server, "decrypt_error", "bad_signature");
  }
}

/// It would be said before anybody sees whom it is said to.
TEST(UnverifiedPeerTest, HearsNoEarlyData) {
  for (bool trusted : {true, false}) {
    Resumer resumer = with_strangers(Carrier::psk_ticket, UnverifiedPeer::go_on);
    if (trusted) resumer.client.trust = shared_authority().anchors();
    resumer.allow_early_data(1000);
    ASSERT_TRUE(ended_with(resumer.connect(), Resumption::none));
    Pair pair = resumer.begin();
    EXPECT_EQ(pair.client.connection.early_data_left(), trusted ? 1000u : 0u);
    pump_and_answer(pair);
    EXPECT_TRUE(ended_with(pair, Resumption::psk));
  }
}

/// A connection of that config, whose verifier says yes or no.
Pair connect(Resumer& resumer, const std::shared_ptr<const ClientConfig>& config, bool accepts) {
  Pair pair = resumer.begin();
  pair.client.connection = value(Connection::client(config, "server.example"));
  run_with_needs(pair, [&](std::size_t, Connection& connection) {
    const Need& need = *connection.need();
    return connection.answer(need.id, accepts ? right_answer(need) : failure(need)).has_value();
  });
  return pair;
}

/// What somebody outside says is told as it was said, and what he finds once more counts.
TEST(UnverifiedPeerTest, VerifierOutside) {
  for (Carrier carrier : {Carrier::psk_ticket, Carrier::tls12_ticket})
    for (UnverifiedPeer unverified : {UnverifiedPeer::refuse, UnverifiedPeer::go_on}) {
      Resumer resumer = resumer_for(carrier);
      resumer.client.verification.unverified_peer = unverified;
      resumer.client.verifier = std::make_shared<FarVerifier>();
      resumer.client.sessions.reverify = true;
      const auto config = value(ClientConfig::make(resumer.client));
      Pair refused = connect(resumer, config, false);
      if (unverified == UnverifiedPeer::refuse) {
        EXPECT_EQ(reason(refused.client.connection), "need_failed");
        continue;
      }
      ASSERT_TRUE(full(refused));
      EXPECT_EQ(to_text(*refused.client.connection.info().verification_error->find("why")), "the test says so");
      for (bool accepts : {true, false, true}) {
        Pair pair = connect(resumer, config, accepts);
        ASSERT_TRUE(ended_with(pair, resumption_of(carrier)));
        EXPECT_EQ(pair.client.connection.info().peer_verified, accepts);
        EXPECT_EQ(pair.client.connection.info().verification_error.has_value(), !accepts);
      }
    }
}

/// The session behind a new ticket is of a peer that was just looked at.
TEST(UnverifiedPeerTest, ARenewedTicketTakesTheVerdictOver) {
  Resumer resumer = resumer_for(Carrier::tls12_ticket);
  resumer.server.sessions.ticket_keys =
      std::make_shared<RotatingTicketKeys>(RotatingTicketKeys::Options{.rotation = 60, .ticket_lifetime = 600});
  resumer.server.sessions.lifetime = 600;
  resumer.client.verification.unverified_peer = UnverifiedPeer::go_on;
  resumer.client.verifier = std::make_shared<FarVerifier>();
  resumer.client.sessions.reverify = true;
  const auto held = hold(resumer);
  const auto config = value(ClientConfig::make(resumer.client));
  ASSERT_TRUE(full(connect(resumer, config, true)));
  for (bool accepts : {false, true, false}) {
    resumer.clock->seconds += 60;
    const Buffer before = held->ticket();
    ASSERT_TRUE(ended_with(connect(resumer, config, accepts), Resumption::ticket));
    ASSERT_NE(held->ticket(), before);
    const session::PeerRecord& peer = held->held->content().session.peer;
    EXPECT_EQ(peer.verified, accepts);
    ASSERT_EQ(peer.verification_error.has_value(), !accepts);
    EXPECT_TRUE(accepts || peer.verification_error->evidence().empty());
  }
}

TEST(UnverifiedPeerTest, AfterTheHandshake) {
  ClientOptions client = client_options();
  client.post_handshake_auth = true;
  client.credentials = {other_authority().credential("client.example")};
  ServerOptions server = server_options();
  server.post_handshake_auth = true;
  server.client_trust = shared_authority().anchors();
  server.client_verification.unverified_peer = UnverifiedPeer::go_on;
  Pair pair(client, server);
  pair.pump();
  ASSERT_TRUE(pair.connected());
  EXPECT_FALSE(pair.server.connection.info().verification_error);
  value(pair.server.connection.request_certificate());
  pair.pump();
  ASSERT_TRUE(pair.connected()) << reason(pair.server.connection);
  expect_unverified(pair.server.connection);
}

/// A rule on who may connect would be asked of a name that nobody has proved.
TEST(UnverifiedPeerTest, NoRuleBesideIt) {
  const std::string terms[] = {"dns:server.example"};
  ClientOptions client = client_options();
  client.authorization = value(IdentityRule::any_of(terms));
  client.verification.unverified_peer = UnverifiedPeer::go_on;
  const auto refused = ClientConfig::make(client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(to_text(*refused.error().find("option")), "authorization");
  ServerOptions server = server_options();
  server.client_auth = ClientAuth::request;
  server.client_trust = shared_authority().anchors();
  server.authorization = client.authorization;
  server.client_verification.unverified_peer = UnverifiedPeer::go_on;
  EXPECT_FALSE(ServerConfig::make(server));
}

}  // namespace
}  // namespace handfast::test
