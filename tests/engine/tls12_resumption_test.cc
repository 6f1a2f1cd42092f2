// Sessions of TLS 1.2 that are resumed (RFC 5246, section 7.3; RFC 5077; RFC 7627, section 5.3): IDs and tickets, what
// is kept of the full handshake, renewal, and when a session is forgotten.
#include <gtest/gtest.h>

#include "base/contains.h"
#include "engine/resumption.h"
#include "engine/tampering.h"

namespace handfast::test {
namespace {

class Tls12Resumption : public testing::TestWithParam<Carrier> {
 protected:
  Resumption resumed() const { return resumption_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Carriers, Tls12Resumption,
                         testing::Values(Carrier::tls12_ticket, Carrier::tls12_id, Carrier::tls12_far), carrier_name);
/// Without the far store, which is asked by a Need, and a Middleman does not answer that.
class Tls12NearResumption : public Tls12Resumption {};
INSTANTIATE_TEST_SUITE_P(Carriers, Tls12NearResumption, testing::Values(Carrier::tls12_ticket, Carrier::tls12_id),
                         carrier_name);
class Tls12StoredResumption : public Tls12Resumption {};
INSTANTIATE_TEST_SUITE_P(Carriers, Tls12StoredResumption, testing::Values(Carrier::tls12_id, Carrier::tls12_far),
                         carrier_name);

std::vector<HandshakeType> messages(const Middleman& middleman) {
  std::vector<HandshakeType> types;
  for (const auto& [side, piece] : middleman.seen)
    if (piece.type == ContentType::handshake) types.push_back(piece.message());
  return types;
}

TEST_P(Tls12NearResumption, TheMessagesAreThoseOfTheRfc) {
  using enum HandshakeType;
  Resumer resumer = resumer_for(GetParam());
  Middleman first(resumer.client, resumer.server, unchanged);
  first.run();
  std::vector<HandshakeType> expected{client_hello,      server_hello,        certificate, server_key_exchange,
                                      server_hello_done, client_key_exchange, finished};
  if (GetParam() == Carrier::tls12_ticket) expected.push_back(new_session_ticket);
  expected.push_back(finished);
  EXPECT_EQ(messages(first), expected);
  Middleman second(resumer.client, resumer.server, unchanged);
  second.run();
  EXPECT_TRUE(ended_with(second.pair(), resumed()));
  EXPECT_EQ(messages(second), (std::vector{client_hello, server_hello, finished, finished}));
}

TEST_P(Tls12Resumption, KeysAreNewEachTime) {
  Resumer resumer = resumer_for(GetParam());
  ASSERT_TRUE(full(resumer.connect()));
  std::set<Buffer> exports, bindings;
  for (int i = 0; i < 4; ++i) {
    Pair pair = resumer.connect();
    ASSERT_TRUE(ended_with(pair, resumed()));
    expect_usable(pair);
    Buffer out(32);
    value(pair.client.connection.export_keying_material("EXPORTER-test", {}, out));
    exports.insert(out);
    bindings.insert(value(pair.client.connection.tls_unique()));
  }
  EXPECT_EQ(exports.size(), 4u);
  EXPECT_EQ(bindings.size(), 4u);
}

TEST_P(Tls12Resumption, OneSessionForManyConnectionsAtOnce) {
  Resumer resumer = resumer_for(GetParam());
  ASSERT_TRUE(full(resumer.connect()));
  std::vector<Pair> pairs;
  for (int i = 0; i < 5; ++i) pairs.push_back(resumer.begin());
  for (Pair& pair : pairs) {
    pump_and_answer(pair);
    EXPECT_TRUE(ended_with(pair, resumed()));
  }
}

TEST_P(Tls12Resumption, WithEverySuite) {
  for (CipherSuite suite : every_cipher_suite()) {
    Resumer resumer = resumer_for(GetParam());
    resumer.server.credentials.push_back(decrypting_credential());
    resumer.client.cipher_suites = {suite};
    if (!ClientConfig::make(resumer.client)) continue;  // of TLS 1.3
    resumer.server.cipher_suites = {suite};
    ASSERT_TRUE(full(resumer.connect())) << name(suite);
    Pair second = resumer.connect();
    EXPECT_TRUE(ended_with(second, resumed())) << name(suite);
    EXPECT_EQ(second.client.connection.info().cipher_suite, suite);
    expect_usable(second);
  }
}

/// Verified again it is asked for what the session's key exchange did with its key (RFC 5246, section 7.4.2).
TEST_P(Tls12Resumption, ACertificateThatIsForEnciphermentAloneIsVerifiedAgain) {
  for (const auto& [suite, usage] :
       {std::pair{CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256, x509::KeyUsage::keyEncipherment},
        {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, x509::KeyUsage::digitalSignature}}) {
    Resumer resumer = resumer_for(GetParam());
    authority::CertificateOptions leaf = shared_authority().leaf({"server.example"});
    leaf.key_usage = usage;
    resumer.server.credentials = {shared_authority().credential(leaf, crypto::KeyType::rsa)};
    resumer.client.cipher_suites = resumer.server.cipher_suites = {suite};
    resumer.client.sessions.reverify = true;
    ASSERT_TRUE(full(resumer.connect())) << name(suite);
    SessionTrace client;
    EXPECT_TRUE(ended_with(resumer.connect("server.example", &client), resumed())) << name(suite) << client.text();
  }
}

TEST_P(Tls12Resumption, FalseStartHasNothingToStart) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.false_start = true;
  for (int i = 0; i < 3; ++i) {
    Pair pair = resumer.connect();
    ASSERT_TRUE(ended_with(pair, i == 0 ? Resumption::none : resumed()));
    expect_usable(pair);
  }
}

/// A client that has sent data behind its Finished has a session only when the server's has come.
TEST(Tls12FalseStart, NoSessionBeforeTheServersFinished) {
  Resumer resumer = resumer_for(Carrier::tls12_id);
  resumer.client.false_start = true;
  const auto held = hold(resumer);
  Pair pair = resumer.begin();
  Pair::carry(pair.client, pair.server);
  Pair::carry(pair.server, pair.client);
  EXPECT_TRUE(pair.client.connection.can_send());
  EXPECT_FALSE(held->held);
  pair.pump();
  EXPECT_TRUE(held->held);
}

TEST_P(Tls12Resumption, ApplicationProtocolsAreNegotiatedAnew) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.application_protocols = {"h2"};
  resumer.server.application_protocols = {"http/1.1", "h2"};
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.client.application_protocols = {"h2", "http/1.1"};
  Pair pair = resumer.connect();
  ASSERT_TRUE(ended_with(pair, resumed()));
  EXPECT_EQ(pair.client.connection.info().application_protocol, "http/1.1");
  EXPECT_EQ(pair.server.connection.info().application_protocol, "http/1.1");
}

// --- Tickets
// -----------------------------------------------------------------------------------------------------------------

TEST(Tls12Tickets, RenewedWhereTheirKeyIssuesNoMore) {
  Resumer resumer = resumer_for(Carrier::tls12_ticket);
  resumer.server.sessions.ticket_keys =
      std::make_shared<RotatingTicketKeys>(RotatingTicketKeys::Options{.rotation = 60, .ticket_lifetime = 600});
  resumer.server.sessions.lifetime = 600;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  const std::int64_t expires = held->held->expires();
  const Buffer first = held->ticket();
  ASSERT_TRUE(ended_with(resumer.connect(), Resumption::ticket));
  EXPECT_EQ(held->ticket(), first) << "under the same key it stays";
  for (int i = 1; i < 9; ++i) {
    resumer.clock->seconds += 60;
    const Buffer before = held->ticket();
    Pair pair = resumer.connect();
    ASSERT_TRUE(ended_with(pair, Resumption::ticket)) << i;
    expect_usable(pair);
    EXPECT_NE(held->ticket(), before) << i;
    EXPECT_EQ(held->held->expires(), expires) << "it does not live longer by it";
  }
}

TEST(Tls12Tickets, ANewOneIsUnderTheTranscript) {
  for (bool dropped : {true, false}) {
    Resumer resumer = resumer_for(Carrier::tls12_ticket);
    resumer.server.sessions.ticket_keys =
        std::make_shared<RotatingTicketKeys>(RotatingTicketKeys::Options{.rotation = 60, .ticket_lifetime = 600});
    resumer.server.sessions.lifetime = 600;
    hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    resumer.clock->seconds += 60;
    Middleman middleman(resumer.client, resumer.server, [&](Side, Piece piece) {
      if (!is(piece, HandshakeType::new_session_ticket)) return std::vector{std::move(piece)};
      if (dropped) return std::vector<Piece>();
      piece.bytes.back() ^= 1;
      return std::vector{std::move(piece)};
    });
    middleman.run();
    EXPECT_EQ(alert(middleman.client()), dropped ? "unexpected_message" : "decrypt_error");
  }
}

TEST(Tls12Tickets, AnEmptyOneIsNoSession) {
  Resumer resumer = resumer_for(Carrier::tls12_ticket);
  resumer.server.limits.ticket = 10;  // none fits
  const auto held = hold(resumer);
  Pair pair = resumer.connect();
  ASSERT_TRUE(full(pair));
  expect_usable(pair);
  EXPECT_FALSE(held->held);
}

/// RFC 5077, section 3.4: with a ticket the session ID only shows whether it was taken.
TEST(Tls12Tickets, AServerThatEchoesWhereItDoesNotResume) {
  Resumer resumer = resumer_for(Carrier::tls12_ticket);
  Middleman middleman(resumer.client, resumer.server, [](Side, Piece piece) { return std::vector{std::move(piece)}; });
  middleman.run();
  ASSERT_TRUE(full(middleman.pair()));
  resumer.server.sessions.context = "another";
  Buffer offered;
  Middleman echoing(resumer.client, resumer.server, [&](Side, Piece piece) {
    if (is(piece, HandshakeType::client_hello))
      offered.assign(piece.bytes.begin() + 38, piece.bytes.begin() + 39 + piece.bytes[38]);
    if (is(piece, HandshakeType::server_hello)) {
      const auto at = piece.bytes.begin() + 38;
      piece.bytes.erase(at, at + 1 + *at);
      piece.bytes.insert(piece.bytes.begin() + 38, offered.begin(), offered.end());
      set_length(piece.bytes);
    }
    return std::vector{std::move(piece)};
  });
  echoing.run();
  EXPECT_EQ(offered.size(), 33u);
  EXPECT_EQ(alert(echoing.client()), "unexpected_message") << "Certificate in place of change_cipher_spec";
}

// --- The extended master secret (RFC 7627, section 5.3)
// --------------------------------------------------------------------------

/// Both sides without it, as far as the other can tell.
Middleman::Change without_extended_master_secret() {
  return [](Side, Piece piece) {
    if (is(piece, HandshakeType::client_hello) || is(piece, HandshakeType::server_hello))
      if (const std::size_t at =
              find_extension(piece.bytes, ExtensionType::extended_master_secret, extensions_of(piece.bytes));
          at != 0)
        remove_extension(piece.bytes, ExtensionType::extended_master_secret);
    return std::vector{std::move(piece)};
  };
}

/// The session says otherwise than it was: as one of a peer without the extension.
SavedSession flipped(const SavedSession& saved) {
  return changed(saved, [](session::ClientSession& session) {
    session.session.extended_master_secret = !session.session.extended_master_secret;
  });
}

TEST_P(Tls12NearResumption, AClientThatHasForgottenItsExtendedMasterSecretIsRefused) {
  Resumer resumer = resumer_for(GetParam());
  ASSERT_TRUE(full(resumer.connect()));
  Middleman middleman(resumer.client, resumer.server, without_extended_master_secret());
  middleman.run();
  EXPECT_EQ(alert(middleman.server()), "handshake_failure");
  EXPECT_EQ(reason(middleman.server()), "no_extended_master_secret");
}

/// But only where it would be resumed: the rest costs a full handshake, whatever else the hello lacks.
TEST_P(Tls12NearResumption, WhatIsNotResumedAnywayIsNoFailureWithoutExtendedMasterSecret) {
  struct Case {
    SessionRefusal refusal;
    std::function<void(Resumer&)> change;
  };
  const bool ticket = GetParam() == Carrier::tls12_ticket;
  const Case cases[] = {
      {SessionRefusal::expired, [](Resumer& resumer) { resumer.server.sessions.lifetime = 50; }},
      {SessionRefusal::unknown, [](Resumer& resumer) { resumer.server.sessions.context = "another policy"; }},
      {SessionRefusal::unknown,
       [](Resumer& resumer) {
         resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
         resumer.server.sessions.store = std::make_shared<MemorySessionStore>();
       }},
      {SessionRefusal::cipher_suite,
       [](Resumer& resumer) {
         resumer.client.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                         CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384};
         resumer.server.prefer_server_order = false;
       }},
      {SessionRefusal::peer_certificate,
       [](Resumer& resumer) {
         const std::string terms[] = {"dns:nobody.example"};
         resumer.server.authorization = value(IdentityRule::any_of(terms));
       }},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(name(one.refusal));
    Resumer resumer = resumer_for(GetParam());
    resumer.client.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384};
    resumer.client.credentials = {shared_authority().credential("client.example")};
    resumer.server.client_auth = ClientAuth::request;
    resumer.server.client_trust = shared_authority().anchors();
    hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    resumer.clock->seconds += 100;
    one.change(resumer);
    SessionTrace server;
    Middleman middleman(resumer.client, resumer.server, without_extended_master_secret(), "server.example", &server);
    middleman.run();
    // The client's transcript has what was taken out of its hello, so that it ends with its Finished, no earlier.
    const std::vector<HandshakeType> said = messages(middleman);
    EXPECT_TRUE(base::contains(said, HandshakeType::server_hello_done));
    EXPECT_TRUE(base::contains(said, HandshakeType::client_key_exchange));
    EXPECT_NE(reason(middleman.server()), "no_extended_master_secret");
    EXPECT_EQ(middleman.server().info().resumption, Resumption::none);
    // An ID that is not known may be one that was never meant as a session.
    if (ticket || one.refusal != SessionRefusal::unknown) {
      EXPECT_TRUE(server.says(one.refusal)) << server.text();
    }
  }
}

TEST(Tls12ExtendedMasterSecret, AServerThatHasForgottenItIsRefused) {
  for (Carrier carrier : {Carrier::tls12_ticket, Carrier::tls12_id}) {
    Resumer resumer = resumer_for(carrier);
    ASSERT_TRUE(full(resumer.connect()));
    Middleman middleman(resumer.client, resumer.server, change(HandshakeType::server_hello, [](Buffer& hello) {
                          remove_extension(hello, ExtensionType::extended_master_secret);
                        }));
    middleman.run();
    EXPECT_EQ(alert(middleman.client()), "handshake_failure");
    EXPECT_EQ(reason(middleman.client()), "no_extended_master_secret");
  }
}

TEST(Tls12ExtendedMasterSecret, AServerThatHasItForASessionWithout) {
  Resumer resumer = resumer_for(Carrier::tls12_ticket);
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  held->held = flipped(*held->held);
  Pair pair = resumer.connect();
  EXPECT_EQ(reason(pair.client.connection), "no_extended_master_secret");
  EXPECT_EQ(alert(pair.client.connection), "handshake_failure");
}

// --- What is resumed stays what it was
// ---------------------------------------------------------------------------------------------

TEST(Tls12Resumed, AnotherSuiteIsRefused) {
  for (Carrier carrier : {Carrier::tls12_ticket, Carrier::tls12_id}) {
    Resumer resumer = resumer_for(carrier);
    ASSERT_TRUE(full(resumer.connect()));
    Middleman middleman(resumer.client, resumer.server, change(HandshakeType::server_hello, [](Buffer& hello) {
                          const std::size_t at = 39u + hello[38];
                          const auto other =
                              std::to_underlying(CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256);
                          hello[at] = static_cast<std::uint8_t>(other >> 8);
                          hello[at + 1] = static_cast<std::uint8_t>(other & 0xff);
                        }));
    middleman.run();
    EXPECT_EQ(alert(middleman.client()), "illegal_parameter");
    EXPECT_EQ(reason(middleman.client()), "wrong_cipher_suite_selected");
  }
}

/// Another suite is liked better by now: a full handshake with it.
TEST_P(Tls12Resumption, ABetterSuite) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384};
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.client.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                  CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384};
  resumer.server.prefer_server_order = false;
  SessionTrace server;
  Pair pair = resumer.connect("server.example", nullptr, &server);
  EXPECT_TRUE(full(pair));
  EXPECT_TRUE(server.says(SessionRefusal::cipher_suite)) << server.text();
  EXPECT_EQ(pair.server.connection.info().cipher_suite, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
}

// --- Forgotten
// ---------------------------------------------------------------------------------------------------------------

/// RFC 5246, section 7.2.2: what failed is resumed no more.
TEST_P(Tls12StoredResumption, AFailedConnectionTakesItsSessionWithIt) {
  for (bool resumed_before : {false, true})
    for (bool by_client : {false, true}) {
      Resumer resumer = resumer_for(GetParam());
      const auto held = hold(resumer);
      Pair pair = resumer.connect();
      ASSERT_TRUE(full(pair));
      held->fixed = true;
      if (resumed_before) {
        pair = resumer.connect();
        ASSERT_TRUE(ended_with(pair, resumed()));
      }
      (by_client ? pair.client : pair.server).connection.abort(Alert::internal_error);
      pair.pump();
      EXPECT_TRUE(full(resumer.connect()));
    }
}

TEST_P(Tls12Resumption, AnEndInPeaceDoesNot) {
  enum { close, cut_off, gone };
  for (int end : {close, cut_off, gone}) {
    Resumer resumer = resumer_for(GetParam());
    hold(resumer);
    {
      Pair pair = resumer.connect();
      ASSERT_TRUE(full(pair));
      if (end == close) {
        pair.client.connection.close();
        pair.pump();
      } else if (end == cut_off) {
        EXPECT_EQ(pair.server.connection.peer_closed().error().reason(), Reason::truncated);
      }
    }
    EXPECT_TRUE(ended_with(resumer.connect(), resumed())) << end;
  }
}

TEST_P(Tls12StoredResumption, ABadRecordIsAFailure) {
  Resumer resumer = resumer_for(GetParam());
  hold(resumer);
  Pair pair = resumer.connect();
  ASSERT_TRUE(full(pair));
  Buffer record{23, 3, 3, 0, 40};
  record.resize(45);
  pair.server.feed(record);
  EXPECT_EQ(alert(pair.server.connection), "bad_record_mac");
  EXPECT_TRUE(full(resumer.connect()));
}

/// A handshake that fails before it has shown the session's secret proves nothing against the session.
TEST_P(Tls12Resumption, SomebodyElsesFailureDoesNotEndIt) {
  Resumer resumer = resumer_for(GetParam());
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  const SavedSession good = *held->held;
  held->fixed = true;
  held->held = changed(good, [](session::ClientSession& session) { session.session.secret.assign(Buffer(48, 1)); });
  Pair impostor = resumer.connect();
  EXPECT_EQ(alert(impostor.client.connection), "bad_record_mac") << reason(impostor.client.connection);
  held->held = good;
  EXPECT_TRUE(ended_with(resumer.connect(), resumed()));
}

// --- Servers and clients of other habits
// ----------------------------------------------------------------------------------------------

TEST(Tls12Habits, NeitherTicketsNorStoreMeansNoSession) {
  Resumer resumer = resumer_for(Carrier::tls12_id);
  resumer.server.sessions.store = nullptr;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  EXPECT_FALSE(held->held);
}

TEST(Tls12Habits, AClientWithoutTicketsAtAServerWithTicketsAlone) {
  Resumer resumer = resumer_for(Carrier::tls12_ticket);
  resumer.client.sessions.tls12_tickets = false;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  EXPECT_FALSE(held->held);
  EXPECT_TRUE(full(resumer.connect()));
}

TEST(Tls12Habits, BothWaysAtOneServer) {
  Resumer resumer = resumer_for(Carrier::tls12_ticket);
  resumer.server.sessions.store = std::make_shared<MemorySessionStore>();
  ASSERT_TRUE(full(resumer.connect()));
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::ticket));
  resumer.client.sessions.tls12_tickets = false;
  resumer.client.sessions.store = std::make_shared<MemoryClientSessionStore>();
  ASSERT_TRUE(full(resumer.connect()));
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::session_id));
}

/// A client of both versions resumes the older one where the server speaks that.
TEST_P(Tls12Resumption, AClientOfBothVersions) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.max_version = ProtocolVersion::tls1_3;
  resumer.server.max_version = ProtocolVersion::tls1_2;
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.connect();
  EXPECT_TRUE(ended_with(pair, resumed()));
  expect_usable(pair);
  // And goes on in full where the server has learnt the newer one.
  resumer.server.max_version = ProtocolVersion::tls1_3;
  Pair newer = resumer.connect();
  EXPECT_TRUE(full(newer));
  EXPECT_EQ(newer.client.connection.info().version, ProtocolVersion::tls1_3);
}

}  // namespace
}  // namespace handfast::test
