// Who may connect: asked of those who have proved who they are, in the handshake and after it.
#include <gtest/gtest.h>

#include "engine/middleman.h"
#include "engine/needs.h"
#include "engine/pair.h"

namespace handfast::test {
namespace {

std::shared_ptr<const Authorization> allow(std::string term) {
  const std::string terms[] = {std::move(term)};
  return value(IdentityRule::any_of(terms));
}

/// Counts how often it is asked.
struct Counting final : Authorization {
  bool permits(const Identity&) const override { return ++asked, true; }
  mutable int asked = 0;
};

ClientOptions client_with_certificate() {
  ClientOptions options = client_options();
  options.post_handshake_auth = true;
  options.credentials = {shared_authority().credential("client.example")};
  return options;
}

ServerOptions server_with(std::shared_ptr<const Authorization> rule, ClientAuth auth = ClientAuth::require) {
  ServerOptions options = server_options();
  options.client_auth = auth;
  options.client_trust = shared_authority().anchors();
  options.post_handshake_auth = true;
  options.authorization = std::move(rule);
  return options;
}

TEST(Authorization, PermitsAndRefuses) {
  Pair good(client_with_certificate(), server_with(allow("dns:client.example")));
  good.pump();
  EXPECT_TRUE(good.connected());
  EXPECT_EQ(good.server.connection.info().peer_identity()->dns_names, std::vector<std::string>{"client.example"});

  Pair bad(client_with_certificate(), server_with(allow("dns:other.example")));
  bad.pump();
  EXPECT_EQ(reason(bad.server.connection), "not_authorized");
  EXPECT_EQ(alert(bad.client.connection), "access_denied");
  EXPECT_NE(to_text(*bad.server.connection.error()->find("identity")).find("dns:client.example"), std::string::npos);
  EXPECT_FALSE(bad.server.connection.info().peer_identity());
}

TEST(Authorization, AfterTheHandshake) {
  for (bool permitted : {true, false}) {
    auto rule = allow(permitted ? "dns:client.example" : "dns:other.example");
    Pair pair(client_with_certificate(), server_with(std::move(rule), ClientAuth::none));
    pair.pump();
    ASSERT_TRUE(pair.connected());
    EXPECT_FALSE(pair.server.connection.info().peer_identity());
    ASSERT_TRUE(pair.server.connection.request_certificate());
    pair.pump();
    EXPECT_EQ(pair.server.connection.info().peer_identity().has_value(), permitted);
    EXPECT_EQ(reason(pair.server.connection), permitted ? "none" : "not_authorized");
    if (!permitted) {
      EXPECT_EQ(alert(pair.client.connection), "access_denied");
    }
  }
}

/// From the leaf to the anchor, in a copy as well, and when the connection has gone.
TEST(Authorization, TheVerifiedPath) {
  ConnectionInfo kept;
  {
    Pair pair(client_with_certificate(), server_with(nullptr));
    pair.pump();
    kept = pair.server.connection.info();
  }
  const Buffer root = [] {
    const auto anchors = shared_authority().anchors();
    return anchors->subjects().front();
  }();
  const std::vector<Bytes> path = kept.verified_path();
  ASSERT_EQ(path.size(), 2u);
  EXPECT_TRUE(std::ranges::equal(path[0], kept.peer_certificates[0]));
  EXPECT_EQ(value(identity_of(path[1])).subject_der, root);
  kept.peer_verified = false;
  EXPECT_TRUE(kept.verified_path().empty());

  ClientOptions pinning = client_options();
  const Bytes leaf[] = {shared_credential()->chain().front()};
  pinning.trust = value(TrustAnchors::pinned(leaf));
  Pair pinned(std::move(pinning));
  pinned.pump();
  ASSERT_TRUE(pinned.connected());
  EXPECT_EQ(pinned.client.connection.info().verified_path().size(), 1u);
}

/// Where there is a rule, nobody passes as nobody.
TEST(Authorization, ClientsWithoutACertificate) {
  Pair pair(client_options(), server_with(allow("dns:client.example"), ClientAuth::request));
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "no_certificate");
  EXPECT_EQ(alert(pair.client.connection), "certificate_required");

  ClientOptions client = client_with_certificate();
  client.credentials.clear();
  Pair later(std::move(client), server_with(allow("dns:client.example"), ClientAuth::none));
  later.pump();
  ASSERT_TRUE(later.server.connection.request_certificate(ClientAuth::request));
  later.pump();
  EXPECT_EQ(alert(later.client.connection), "certificate_required");
}

/// A certificate that anybody can copy says nothing: the rule is asked when the key was proved, and once.
TEST(Authorization, OnlyOnceTheKeyWasProved) {
  for (bool later : {false, true}) {
    auto rule = std::make_shared<Counting>();
    bool standing = !later;
    Middleman middleman(client_with_certificate(), server_with(rule, later ? ClientAuth::none : ClientAuth::require),
                        [&](Side sender, Piece piece) {
                          const bool signs = sender == Side::client && piece.type == ContentType::handshake &&
                                             piece.message() == HandshakeType::certificate_verify;
                          if (standing && signs) piece.bytes.back() ^= 1;
                          return std::vector{std::move(piece)};
                        });
    middleman.run();
    standing = true;
    if (later) value(middleman.pair().server.connection.request_certificate());
    middleman.run();
    EXPECT_EQ(reason(middleman.server()), "bad_signature");
    EXPECT_EQ(rule->asked, 0);
  }
  auto rule = std::make_shared<Counting>();
  Pair pair(client_with_certificate(), server_with(rule));
  pair.pump();
  EXPECT_EQ(rule->asked, 1);

  auto never = std::make_shared<Counting>();
  ClientOptions stranger = client_with_certificate();
  stranger.credentials = {Authority("Another root").credential("client.example")};
  Pair unverified(std::move(stranger), server_with(never));
  unverified.pump();
  EXPECT_EQ(reason(unverified.server.connection), "unknown_issuer");
  EXPECT_EQ(never->asked, 0);
}

TEST(Authorization, AfterAnExternalVerifier) {
  ServerOptions options = server_with(allow("dns:other.example"));
  options.client_verifier = std::make_shared<FarVerifier>();
  Pair pair(client_with_certificate(), std::move(options));
  pair.pump();
  const Need need = *pair.server.connection.need();
  // What waited for the verdict is looked at with it: the proof of the key, and then who it is.
  EXPECT_FALSE(pair.server.connection.answer(need.id, right_answer(need)));
  EXPECT_EQ(reason(pair.server.connection), "not_authorized");
}

TEST(Authorization, AClientsRuleOnItsServer) {
  for (bool permitted : {true, false}) {
    ClientOptions options = client_options();
    options.authorization = allow(permitted ? "dns:server.example" : "uri:spiffe://example.org/server");
    Pair pair(std::move(options));
    pair.pump();
    EXPECT_EQ(pair.connected(), permitted);
    if (!permitted) {
      EXPECT_EQ(alert(pair.server.connection), "access_denied");
    }
  }
}

TEST(Authorization, ARuleThatIsNeverAskedIsRefused) {
  ServerOptions options = server_with(allow("cn:x"), ClientAuth::none);
  options.post_handshake_auth = false;
  const auto config = ServerConfig::make(std::move(options));
  ASSERT_FALSE(config);
  EXPECT_EQ(to_text(*config.error().find("option")), "authorization");
}

TEST(Authorization, IsTraced) {
  struct Listener final : Trace {
    void on(const TraceEvent& event) override {
      if (const auto* decision = std::get_if<DecisionEvent>(&event.what))
        if (decision->what == "authorization") decisions.push_back(*decision);
    }
    std::vector<DecisionEvent> decisions;
  } listener;
  Pair pair(client_with_certificate(), server_with(allow("dns:client.example")), "server.example", nullptr, &listener);
  pair.pump();
  ASSERT_EQ(listener.decisions.size(), 1u);
  EXPECT_EQ(listener.decisions[0].supported, std::vector<std::string>{"dns:client.example"});
  EXPECT_EQ(listener.decisions[0].offered.front(), "dns:client.example");
  EXPECT_FALSE(listener.decisions[0].chosen.empty());
}

}  // namespace
}  // namespace handfast::test
