// Identifiers of trust anchors (draft-ietf-tls-trust-anchor-ids): which certificate a server shows to a client that
// asks by them.
#include <algorithm>

#include <gtest/gtest.h>

#include "engine/needs.h"
#include "engine/resumption.h"
#include "engine/tampering.h"
#include "wire/certificate.h"

namespace handfast::test {
namespace {

using Identifiers = std::vector<Buffer>;
const Buffer id_one{1}, id_two{2, 2}, id_three{3, 3, 3};

/// Of the root that all tests trust; `must_match`: shown only to those who ask for it.
std::shared_ptr<const Credential> leading_to(const Buffer& id, bool must_match) {
  CredentialExtras extras;
  extras.trust_anchor_id = id;
  extras.must_match_issuer = must_match;
  return shared_authority().credential(shared_authority().leaf({"server.example"}), crypto::KeyType::p256,
                                       std::move(extras));
}
const std::shared_ptr<const Credential>& leading_to_one() {
  static const auto credential = leading_to(id_one, true);
  return credential;
}
const std::shared_ptr<const Credential>& leading_to_two() {
  static const auto credential = leading_to(id_two, true);
  return credential;
}

ClientOptions asking_anchors(std::optional<Identifiers> identifiers) {
  ClientOptions options = client_options();
  options.trust_anchors = std::move(identifiers);
  return options;
}
ServerOptions server_showing(std::vector<std::shared_ptr<const Credential>> credentials) {
  ServerOptions options = server_options();
  options.credentials = std::move(credentials);
  return options;
}

/// What a server with all three shows, and what the client is told.
void expect_shown(std::optional<Identifiers> asked, const std::shared_ptr<const Credential>& shown, bool matched,
                  const Identifiers& available) {
  Pair pair(asking_anchors(std::move(asked)),
            server_showing({leading_to_one(), leading_to_two(), shared_credential()}));
  pair.pump();
  ASSERT_TRUE(full(pair));
  EXPECT_EQ(pair.server.connection.info().credential, shown);
  for (const Connection* each : {&pair.client.connection, &pair.server.connection})
    EXPECT_EQ(each->info().matched_trust_anchor, matched);
  EXPECT_EQ(pair.client.connection.info().available_trust_anchors, available);
}

TEST(TrustAnchors, ChooseTheCertificate) {
  const Identifiers available{id_one, id_two};
  expect_shown(Identifiers{id_one}, leading_to_one(), true, available);
  expect_shown(Identifiers{id_two}, leading_to_two(), true, available);
  expect_shown(Identifiers{id_three, id_two}, leading_to_two(), true, available);
  expect_shown(Identifiers{id_three}, shared_credential(), false, available);
  expect_shown(Identifiers{}, shared_credential(), false, available);
  expect_shown(std::nullopt, shared_credential(), false, {});
}

/// One that is for anybody is liked better by whoever has asked for it.
TEST(TrustAnchors, ArePreferred) {
  const auto third = leading_to(id_three, false);
  for (bool asks : {true, false}) {
    Pair pair(asking_anchors(asks ? std::optional(Identifiers{id_three}) : std::nullopt),
              server_showing({shared_credential(), third}));
    pair.pump();
    ASSERT_TRUE(full(pair));
    EXPECT_EQ(pair.server.connection.info().credential, asks ? third : shared_credential());
  }
}

TEST(TrustAnchors, NoneThatMayBeShown) {
  expect_alert(asking_anchors(Identifiers{id_three}), server_showing({leading_to_one(), leading_to_two()}),
               Side::server, "handshake_failure", "no_matching_issuer");
  expect_alert(asking_anchors(std::nullopt), server_showing({leading_to_one()}), Side::server, "handshake_failure",
               "no_matching_issuer");
}

TEST(TrustAnchors, AreNothingInTls12) {
  ServerOptions server = server_showing({leading_to_one(), shared_credential()});
  server.max_version = ProtocolVersion::tls1_2;
  Pair pair(asking_anchors(Identifiers{id_one}), std::move(server));
  pair.pump();
  ASSERT_TRUE(full(pair));
  EXPECT_EQ(pair.server.connection.info().credential, shared_credential());
  EXPECT_FALSE(pair.client.connection.info().matched_trust_anchor);
  EXPECT_TRUE(pair.client.connection.info().available_trust_anchors.empty());
}

TEST(TrustAnchors, TheConfigSaysWhichAreAvailable) {
  ServerOptions server = server_showing({leading_to_one(), shared_credential()});
  server.available_trust_anchors = {id_three, id_one};
  Pair pair(asking_anchors(Identifiers{}), server);
  pair.pump();
  ASSERT_TRUE(full(pair));
  EXPECT_EQ(pair.client.connection.info().available_trust_anchors, server.available_trust_anchors);
}

/// One for a host of its own.
std::shared_ptr<const Credential> for_host(std::string name, const Buffer& id) {
  CredentialExtras extras;
  extras.trust_anchor_id = id;
  return shared_authority().credential(shared_authority().leaf({std::move(name)}), crypto::KeyType::p256,
                                       std::move(extras));
}

/// A client that asks for one host is not told by whose leave another is served.
TEST(TrustAnchors, AreThoseOfTheHost) {
  const auto one = for_host("server.example", id_one), other = for_host("other.example", id_two),
             silent = for_host("silent.example", {});
  const auto told = [&](std::string server_name, bool strict) {
    ClientOptions client = asking_anchors(Identifiers{});
    client.verification.unverified_peer = UnverifiedPeer::go_on;
    ServerOptions server = server_showing({one, other, silent});
    server.strict_server_name = strict;
    Pair pair(std::move(client), std::move(server), std::move(server_name));
    pair.pump();
    EXPECT_TRUE(full(pair));
    return pair.client.connection.info().available_trust_anchors;
  };
  for (bool strict : {false, true}) {
    EXPECT_EQ(told("server.example", strict), Identifiers{id_one});
    EXPECT_EQ(told("other.example", strict), Identifiers{id_two});
    EXPECT_EQ(told("silent.example", strict), Identifiers{});
  }
  EXPECT_EQ(told("nobody.example", false), (Identifiers{id_one, id_two})) << "it could be shown either";
  EXPECT_EQ(told("192.0.2.1", true), (Identifiers{id_one, id_two})) << "no name at all";
}

/// Names as many identifiers as a record has room for, none of which is ours but the last, which stands there twice.
Middleman::Change asking_for_too_many() {
  return change(HandshakeType::client_hello, [](Buffer& hello) {
    Buffer content;
    base::Writer w(content);
    {
      auto list = w.length16();
      for (std::uint16_t i = 0; i < 3000; ++i) w.vector8(Buffer{0xee, static_cast<std::uint8_t>(i >> 8), 7});
      for (int i = 0; i < 2; ++i) w.vector8(id_two);
    }
    add_extension(hello, ExtensionType::trust_anchors, content);
  });
}

/// The server looks through all, and keeps what is its own.
TEST(TrustAnchors, ThatAreManyAreLookedThroughOnce) {
  Middleman middleman(client_options(), server_showing({shared_credential(), leading_to_one(), leading_to_two()}),
                      asking_for_too_many());
  middleman.run();
  EXPECT_EQ(middleman.server().info().credential, leading_to_two());
  EXPECT_TRUE(middleman.server().info().matched_trust_anchor);
}

TEST(TrustAnchors, AChooserIsToldOfABoundedNumber) {
  ServerOptions server = server_options();
  server.credential_chooser = std::make_shared<FarChooser>();
  Middleman middleman(client_options(), std::move(server), asking_for_too_many());
  middleman.run();
  const Need* need = middleman.server().need();
  ASSERT_TRUE(need);
  const PeerOffer& offer = std::get<CredentialRequest>(need->request).offer;
  EXPECT_EQ(offer.trust_anchors.size(), PeerOffer::max_trust_anchors);
  EXPECT_EQ(offer.trust_anchors.front(), (Buffer{0xee, 0, 7}));
}

/// A session tells nothing of them, and nothing is chosen.
TEST(TrustAnchors, NotInAResumption) {
  Resumer resumer;
  resumer.client.trust_anchors = {id_one};
  resumer.server.credentials = {leading_to_one()};
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.connect();
  ASSERT_TRUE(ended_with(pair, Resumption::psk));
  EXPECT_FALSE(pair.client.connection.info().matched_trust_anchor);
  EXPECT_TRUE(pair.client.connection.info().available_trust_anchors.empty());
}

/// Puts a trust_anchors with that content beside a certificate of TLS 1.3, the only one or the last of two.
std::function<void(Buffer&)> certificate_with(Buffer content, bool beside_the_second) {
  return [=](Buffer& message) {
    const Buffer& leaf = shared_credential()->chain().front();
    message.resize(4);
    base::Writer w(message);
    w.u8(0);
    {
      auto list = w.length24();
      if (beside_the_second) w.vector24(leaf), w.u16(0);
      w.vector24(leaf);
      auto extensions = w.length16();
      w.u16(std::to_underlying(ExtensionType::trust_anchors));
      w.vector16(content);
    }
    set_length(message);
  };
}

TEST(TrustAnchors, AnswersStandWhereTheyMay) {
  const auto refused = [](std::function<void(Buffer&)> how, std::optional<Identifiers> asked, std::string_view alert,
                          std::string_view reason) {
    expect_refusal(HandshakeType::certificate, std::move(how), Side::client, alert, reason,
                   asking_anchors(std::move(asked)));
  };
  refused(certificate_with({}, false), std::nullopt, "unsupported_extension", "unsolicited_extension");
  refused(certificate_with({}, true), Identifiers{id_one}, "unsupported_extension", "unsolicited_extension");
  refused(certificate_with({0}, false), Identifiers{id_one}, "decode_error", "bad_extension");
}

/// A client of which nothing is configured answers a server that asks by them in CertificateRequest as any other: after
/// the handshake, where its answer is seen although the transcripts differ; and in the handshake it reads on, until the
/// server has signed another transcript.
TEST(TrustAnchors, InARequestForACertificate) {
  const auto ask = [] {
    return change(HandshakeType::certificate_request,
                  [](Buffer& message) { add_extension(message, ExtensionType::trust_anchors, Buffer{0, 2, 1, 1}); });
  };
  ClientOptions client = client_options();
  client.credentials = {shared_credential()};
  client.post_handshake_auth = true;
  ServerOptions server = server_options();
  server.client_trust = shared_authority().anchors();
  server.post_handshake_auth = true;
  Middleman later(client, server, ask());
  later.run();
  value(later.pair().server.connection.request_certificate());
  later.run();
  const auto answer = std::ranges::find_if(later.seen, [](const auto& each) {
    return each.first == Side::client && is(each.second, HandshakeType::certificate);
  });
  ASSERT_NE(answer, later.seen.end());
  const auto shown = value(wire::parse_certificate(Bytes(answer->second.bytes).subspan(4)));
  ASSERT_FALSE(shown.certificate_list.empty());
  EXPECT_TRUE(std::ranges::equal(shown.certificate_list.front().cert_data, shared_credential()->chain().front()));
  EXPECT_TRUE(shown.certificate_list.front().extensions.empty());

  server.client_auth = ClientAuth::require;
  Middleman at_once(client, server, ask());
  expect_alert(at_once, Side::client, "decrypt_error", "bad_signature");
}

TEST(TrustAnchors, IdentifiersHaveBounds) {
  const auto refusal = [](ClientOptions options) {
    const auto config = ClientConfig::make(std::move(options));
    return config ? "made" : to_text(*config.error().find("option"));
  };
  EXPECT_EQ(refusal(asking_anchors(Identifiers{Buffer(255, 1)})), "made");
  EXPECT_EQ(refusal(asking_anchors(Identifiers{Buffer(256, 1)})), "trust_anchors");
  EXPECT_EQ(refusal(asking_anchors(Identifiers{{}})), "trust_anchors");
  EXPECT_EQ(refusal(asking_anchors(Identifiers(16, Buffer(255, 1)))), "made") << "to the byte";
  EXPECT_EQ(refusal(asking_anchors(Identifiers(2049, Buffer{1}))), "trust_anchors") << "two bytes too many";
  ClientOptions old = asking_anchors(Identifiers{id_one});
  old.max_version = ProtocolVersion::tls1_2;
  EXPECT_EQ(refusal(std::move(old)), "trust_anchors");
  ServerOptions server = server_options();
  server.available_trust_anchors = {{}};
  EXPECT_EQ(to_text(*ServerConfig::make(std::move(server)).error().find("option")), "available_trust_anchors");
  server = server_options();
  server.available_trust_anchors = Identifiers(17, Buffer(255, 1));
  EXPECT_EQ(to_text(*ServerConfig::make(std::move(server)).error().find("option")), "available_trust_anchors");
  CredentialExtras extras;
  extras.trust_anchor_id.resize(256);
  const auto& whole = shared_credential();
  EXPECT_EQ(Credential::make(whole->chain(), whole->key(), extras).error().reason(), Reason::bad_config);
}

/// What would be told of credentials has the bound of what is configured, each identifier being told once; where it is
/// not told, there is none.
TEST(TrustAnchors, OfCredentialsHaveABound) {
  ServerOptions server = server_options();
  const auto& whole = shared_credential();
  for (std::uint8_t i = 0; i < 17; ++i)
    for (int twice = 0; twice < 2; ++twice) {
      CredentialExtras extras;
      extras.trust_anchor_id.assign(255, i);
      server.credentials.push_back(value(Credential::make(whole->chain(), whole->key(), std::move(extras))));
    }
  EXPECT_EQ(to_text(*ServerConfig::make(server).error().find("option")), "credentials");
  ServerOptions said = server;
  said.available_trust_anchors = {id_one};
  EXPECT_TRUE(ServerConfig::make(std::move(said)));
  ServerOptions old = server;
  old.max_version = ProtocolVersion::tls1_2;
  EXPECT_TRUE(ServerConfig::make(std::move(old)));
  server.credentials.resize(server.credentials.size() - 2);
  EXPECT_TRUE(ServerConfig::make(std::move(server))) << "to the byte";
}

/// The longest list that may be told comes through.
TEST(TrustAnchors, TheLongestListFits) {
  ClientOptions client = asking_anchors(Identifiers(16, Buffer(255, 1)));
  ServerOptions server = server_options();
  server.available_trust_anchors = Identifiers(2048, Buffer{1});
  Pair pair(std::move(client), server);
  pair.pump();
  ASSERT_TRUE(full(pair));
  EXPECT_EQ(pair.client.connection.info().available_trust_anchors, server.available_trust_anchors);
}

}  // namespace
}  // namespace handfast::test
