// Every question to the outside, answered at once, late, wrongly, twice, with a failure, never.
#include <optional>

#include <gtest/gtest.h>

#include "engine/needs.h"
#include "engine/pair.h"

namespace handfast::test {
namespace {

Answer other_kind(const Need& need) {
  if (std::holds_alternative<VerifyRequest>(need.request)) return SignAnswer{Buffer{1}};
  return VerifyAnswer{Result<void>()};
}

/// Both sides ask for everything: the server for credential, signature and verdict, the client likewise.
Pair asking_pair(ProtocolVersion version) {
  ClientOptions client = client_options();
  client.max_version = version;
  client.verifier = std::make_shared<FarVerifier>();
  client.credential_chooser = std::make_shared<FarChooser>();
  ServerOptions server = server_options();
  server.credential_chooser = std::make_shared<FarChooser>();
  server.client_auth = ClientAuth::require;
  server.client_verifier = std::make_shared<FarVerifier>();
  return Pair(std::move(client), std::move(server));
}

class EveryNeed : public testing::TestWithParam<ProtocolVersion> {};
INSTANTIATE_TEST_SUITE_P(Versions, EveryNeed, testing::Values(ProtocolVersion::tls1_3, ProtocolVersion::tls1_2));

TEST_P(EveryNeed, AllAnswered) {
  Pair pair = asking_pair(GetParam());
  const std::size_t needs = run_with_needs(pair, [](std::size_t, Connection& connection) {
    const Need& need = *connection.need();
    return connection.answer(need.id, right_answer(need)).has_value();
  });
  EXPECT_EQ(needs, 6u);
  ASSERT_TRUE(pair.connected()) << reason(pair.client.connection) << " " << reason(pair.server.connection);
  EXPECT_TRUE(pair.server.connection.info().peer_verified);
}

TEST(Needs, TheyOwnWhatTheySay) {
  ServerOptions options = server_options();
  options.credential_chooser = std::make_shared<FarChooser>();
  ClientOptions client = client_options();
  client.application_protocols = {"h2", "http/1.1"};
  Pair pair(std::move(client), std::move(options));
  pair.pump();
  const Need* need = pair.server.connection.need();
  ASSERT_TRUE(need);
  const PeerOffer& offer = std::get<CredentialRequest>(need->request).offer;
  EXPECT_EQ(offer.server_name, "server.example");
  EXPECT_EQ(offer.application_protocols, (std::vector<std::string>{"h2", "http/1.1"}));
  EXPECT_EQ(offer.versions, (std::vector{ProtocolVersion::tls1_3, ProtocolVersion::tls1_2}));
  EXPECT_EQ(offer.groups, default_groups());
  EXPECT_EQ(offer.signature_schemes, supported_signature_schemes());
}

/// With an outstanding Need the connection takes in nothing, and forgets nothing.
TEST_P(EveryNeed, AnsweredLate) {
  Pair pair = asking_pair(GetParam());
  const std::size_t needs = run_with_needs(pair, [&](std::size_t, Connection& connection) {
    for (int i = 0; i < 3; ++i) pair.pump(1);
    const Need& need = *connection.need();
    return connection.answer(need.id, right_answer(need)).has_value();
  });
  EXPECT_EQ(needs, 6u);
  EXPECT_TRUE(pair.connected());
}

TEST_P(EveryNeed, WrongAnswersChangeNothing) {
  Pair pair = asking_pair(GetParam());
  run_with_needs(pair, [](std::size_t, Connection& connection) {
    const Need need = *connection.need();
    EXPECT_EQ(connection.answer(need.id + 1, right_answer(need)).error().reason(), Reason::wrong_answer);
    EXPECT_EQ(connection.answer(need.id, other_kind(need)).error().reason(), Reason::wrong_answer);
    EXPECT_TRUE(connection.need());
    EXPECT_TRUE(connection.answer(need.id, right_answer(need)));
    EXPECT_EQ(connection.answer(need.id, right_answer(need)).error().reason(), Reason::wrong_answer) << "twice";
    return true;
  });
  EXPECT_TRUE(pair.connected());
  EXPECT_EQ(pair.client.connection.answer(1, VerifyAnswer{Result<void>()}).error().reason(), Reason::wrong_answer);
}

TEST_P(EveryNeed, EachFailing) {
  for (std::size_t failing = 0; failing < 6; ++failing) {
    Pair pair = asking_pair(GetParam());
    Connection* failed = nullptr;
    run_with_needs(pair, [&](std::size_t count, Connection& connection) {
      const Need need = *connection.need();
      if (count == failing) {
        failed = &connection;
        EXPECT_FALSE(connection.answer(need.id, failure(need)));
        return false;
      }
      return connection.answer(need.id, right_answer(need)).has_value();
    });
    ASSERT_TRUE(failed);
    EXPECT_EQ(reason(*failed), "need_failed");
    // The answer's own alert goes to the peer, its evidence stays here. The peer hears it once it waits for no answer.
    Connection& other = failed == &pair.client.connection ? pair.server.connection : pair.client.connection;
    run_with_needs(pair, [](std::size_t, Connection& connection) {
      const Need need = *connection.need();
      return connection.answer(need.id, right_answer(need)).has_value();
    });
    EXPECT_EQ(reason(other), "alert_received") << failing;
    EXPECT_EQ(alert(other), "access_denied") << failing;
    EXPECT_TRUE(failed->error()->find("why"));
  }
}

TEST_P(EveryNeed, NeverAnswered) {
  for (std::size_t last = 0; last < 6; ++last) {
    Pair pair = asking_pair(GetParam());
    run_with_needs(pair, [&](std::size_t count, Connection& connection) {
      const Need& need = *connection.need();
      return count < last && connection.answer(need.id, right_answer(need)).has_value();
    });
    EXPECT_FALSE(pair.connected());
    EXPECT_TRUE(pair.client.connection.need() || pair.server.connection.need());
  }  // and destroyed there
}

TEST(Needs, NoCredentialChosen) {
  ServerOptions options = server_options();
  options.credential_chooser = std::make_shared<FarChooser>();
  Pair pair(client_options(), std::move(options));
  pair.pump();
  const std::uint64_t id = pair.server.connection.need()->id;
  EXPECT_FALSE(pair.server.connection.answer(id, CredentialAnswer{std::shared_ptr<const Credential>()}));
  EXPECT_EQ(alert(pair.server.connection), "unrecognized_name");
}

TEST(Needs, AClientWithoutACredentialGoesOn) {
  ClientOptions client = client_options();
  client.credential_chooser = std::make_shared<FarChooser>();
  ServerOptions server = server_options();
  server.client_auth = ClientAuth::request;
  server.client_trust = shared_authority().anchors();
  Pair pair(std::move(client), std::move(server));
  pair.pump();
  const Need* need = pair.client.connection.need();
  ASSERT_TRUE(need);
  ASSERT_TRUE(pair.client.connection.answer(need->id, CredentialAnswer{std::shared_ptr<const Credential>()}));
  pair.pump();
  EXPECT_TRUE(pair.connected());
  EXPECT_FALSE(pair.server.connection.info().peer_verified);
}

}  // namespace
}  // namespace handfast::test
