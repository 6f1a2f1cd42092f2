// Authentication of the client after the handshake: beside data and KeyUpdates, with every message dropped, doubled and
// tampered with, and every Need answered late, wrongly or never.
#include <gtest/gtest.h>

#include "engine/middleman.h"
#include "engine/needs.h"
#include "engine/pair.h"
#include "wire/certificate.h"

namespace handfast::test {
namespace {

const std::shared_ptr<const Credential>& client_credential() {
  static const auto credential = [] {
    authority::CertificateOptions options = shared_authority().leaf({"client.example"});
    return shared_authority().credential(options);
  }();
  return credential;
}

ClientOptions offering_client() {
  ClientOptions options = client_options();
  options.post_handshake_auth = true;
  options.credentials = {client_credential()};
  return options;
}

ServerOptions asking_server() {
  ServerOptions options = server_options();
  options.post_handshake_auth = true;
  options.client_trust = shared_authority().anchors();
  return options;
}

struct AuthPair : Pair {
  explicit AuthPair(ClientOptions client_with = offering_client(), ServerOptions server_with = asking_server())
      : Pair(std::move(client_with), std::move(server_with)) {
    pump();
    if (!connected()) throw std::runtime_error("no handshake");
  }
  Connection& asker() { return server.connection; }
  Connection& answerer() { return client.connection; }
};

bool authenticated(const Connection& server) {
  const ConnectionInfo& info = server.info();
  return !server.awaiting_certificate() && info.peer_verified && info.peer_certificates == client_credential()->chain();
}

TEST(PostHandshakeAuth, OnRequest) {
  AuthPair pair;
  EXPECT_FALSE(pair.asker().info().peer_verified);
  EXPECT_TRUE(pair.asker().info().post_handshake_auth);
  EXPECT_TRUE(pair.answerer().info().post_handshake_auth);
  ASSERT_TRUE(pair.asker().request_certificate());
  EXPECT_TRUE(pair.asker().awaiting_certificate());
  EXPECT_FALSE(pair.asker().handshaking());
  EXPECT_FALSE(pair.asker().info().peer_verified);
  pair.pump();
  ASSERT_TRUE(pair.connected()) << reason(pair.asker());
  EXPECT_TRUE(authenticated(pair.asker()));
  EXPECT_NE(pair.asker().info().peer_signature_scheme, SignatureScheme{});
  EXPECT_EQ(pair.answerer().info().credential, client_credential());
  EXPECT_EQ(pair.answerer().info().own_signature_scheme, pair.asker().info().peer_signature_scheme);
}

TEST(PostHandshakeAuth, AtEverySplit) {
  for (std::size_t piece : {1u, 2u, 7u, 100u}) {
    AuthPair pair;
    ASSERT_TRUE(pair.asker().request_certificate());
    pair.pump(piece);
    EXPECT_TRUE(authenticated(pair.asker())) << piece;
  }
}

TEST(PostHandshakeAuth, AgainAndAgain) {
  AuthPair pair;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(pair.asker().request_certificate());
    pair.pump();
    ASSERT_TRUE(authenticated(pair.asker())) << i;
    ASSERT_TRUE(pair.asker().send(as_bytes("x")));
  }
  pair.pump();
  EXPECT_EQ(as_text(pair.client.received), "xxx");
}

TEST(PostHandshakeAuth, AfterOneInTheHandshake) {
  ServerOptions options = asking_server();
  options.client_auth = ClientAuth::require;
  AuthPair pair(offering_client(), std::move(options));
  EXPECT_TRUE(authenticated(pair.asker()));
  ASSERT_TRUE(pair.asker().request_certificate());
  pair.pump();
  EXPECT_TRUE(authenticated(pair.asker()));
}

TEST(PostHandshakeAuth, OnlyWhereItWasAgreedOn) {
  auto refusal = [](Connection& server, ClientAuth demand = ClientAuth::require) {
    Result<void> asked = server.request_certificate(demand);
    EXPECT_FALSE(server.error()) << "nothing has changed";
    return asked ? "none" : name(asked.error().reason());
  };
  AuthPair not_offered(client_options());
  EXPECT_EQ(refusal(not_offered.asker()), "missing_extension");
  AuthPair not_configured(offering_client(), server_options());
  EXPECT_EQ(refusal(not_configured.asker()), "missing_extension");
  EXPECT_FALSE(not_configured.asker().info().post_handshake_auth);
  AuthPair pair;
  EXPECT_EQ(refusal(pair.answerer()), "missing_extension");
  EXPECT_EQ(refusal(pair.asker(), ClientAuth::none), "bad_config");
  ASSERT_TRUE(pair.asker().request_certificate());
  EXPECT_EQ(refusal(pair.asker()), "too_many_certificate_requests");
  pair.pump();
  EXPECT_TRUE(authenticated(pair.asker()));

  Pair early(offering_client(), asking_server());
  EXPECT_EQ(refusal(early.server.connection), "closed");
  Pair::carry(early.client, early.server);
  EXPECT_EQ(refusal(early.server.connection), "closed");
  ServerOptions half_rtt = asking_server();
  half_rtt.half_rtt_data = true;
  Pair half(offering_client(), std::move(half_rtt));
  Pair::carry(half.client, half.server);
  ASSERT_TRUE(half.server.connection.can_send());
  EXPECT_EQ(refusal(half.server.connection), "closed");
  AuthPair closed;
  closed.asker().close();
  EXPECT_EQ(refusal(closed.asker()), "closed");
  AuthPair client_gone;
  client_gone.answerer().close();
  client_gone.pump();
  EXPECT_EQ(refusal(client_gone.asker()), "closed");
}

TEST(PostHandshakeAuth, NeedsSomebodyToVerify) {
  ServerOptions options = server_options();
  options.post_handshake_auth = true;
  EXPECT_EQ(ServerConfig::make(std::move(options)).error().reason(), Reason::bad_config);
}

TEST(PostHandshakeAuth, WithoutACertificate) {
  for (ClientAuth demand : {ClientAuth::request, ClientAuth::require}) {
    ClientOptions client = offering_client();
    client.credentials.clear();
    AuthPair pair(std::move(client));
    ASSERT_TRUE(pair.asker().request_certificate(demand));
    pair.pump();
    EXPECT_FALSE(pair.asker().awaiting_certificate());
    EXPECT_FALSE(pair.asker().info().peer_verified);
    EXPECT_TRUE(pair.asker().info().peer_certificates.empty());
    if (demand == ClientAuth::request) {
      EXPECT_TRUE(pair.connected()) << reason(pair.asker());
    } else {
      EXPECT_EQ(reason(pair.asker()), "no_certificate");
      EXPECT_EQ(alert(pair.answerer()), "certificate_required");
    }
  }
}

/// Who has no certificate for the second request is still who it was at the first.
TEST(PostHandshakeAuth, AnEmptyAnswerChangesNothing) {
  ClientOptions client = offering_client();
  client.credential_chooser = std::make_shared<FarChooser>();
  AuthPair pair(std::move(client));
  for (const auto& credential : {client_credential(), std::shared_ptr<const Credential>()}) {
    ASSERT_TRUE(pair.asker().request_certificate(ClientAuth::request));
    pair.pump();
    ASSERT_TRUE(pair.answerer().need());
    ASSERT_TRUE(pair.answerer().answer(pair.answerer().need()->id, CredentialAnswer{credential}));
    pair.pump();
    ASSERT_TRUE(authenticated(pair.asker()));
  }
}

TEST(PostHandshakeAuth, AStrangersCertificateIsRefused) {
  ClientOptions client = offering_client();
  client.credentials = {Authority("Another root").credential("client.example")};
  AuthPair pair(std::move(client));
  ASSERT_TRUE(pair.asker().request_certificate(ClientAuth::request));
  pair.pump();
  EXPECT_EQ(reason(pair.asker()), "unknown_issuer");
  EXPECT_FALSE(pair.asker().info().peer_verified);
  EXPECT_TRUE(pair.asker().info().peer_certificates.empty()) << "nobody is called what was not verified";
  EXPECT_EQ(alert(pair.answerer()), "unknown_ca");
}

TEST(PostHandshakeAuth, BesideDataAndKeyUpdates) {
  AuthPair pair;
  ASSERT_TRUE(pair.asker().send(as_bytes("a")));
  ASSERT_TRUE(pair.asker().request_certificate());
  ASSERT_TRUE(pair.asker().send(as_bytes("b")));
  ASSERT_TRUE(pair.asker().update_keys(KeyUpdateRequest::update_requested));
  ASSERT_TRUE(pair.asker().send(as_bytes("c")));
  // The client has not seen the request yet.
  ASSERT_TRUE(pair.answerer().send(as_bytes("d")));
  ASSERT_TRUE(pair.answerer().update_keys(KeyUpdateRequest::update_requested));
  ASSERT_TRUE(pair.answerer().send(as_bytes("e")));
  pair.pump();
  ASSERT_TRUE(pair.connected()) << reason(pair.asker()) << reason(pair.answerer());
  EXPECT_TRUE(authenticated(pair.asker()));
  EXPECT_EQ(as_text(pair.client.received), "abc");
  EXPECT_EQ(as_text(pair.server.received), "de");
}

// --- Needs -----------------------------------------------------------------------------------------------------------

ClientOptions far_client() {
  ClientOptions options = offering_client();
  options.credentials = {far_credential(client_credential())};
  return options;
}
ServerOptions far_server() {
  ServerOptions options = asking_server();
  options.client_verifier = std::make_shared<FarVerifier>();
  return options;
}

/// Data in both directions, and new keys on both sides, while that need is outstanding.
void talk(AuthPair& pair) {
  for (End* end : {&pair.client, &pair.server}) {
    End& other = end == &pair.client ? pair.server : pair.client;
    const std::size_t before = other.received.size();
    ASSERT_TRUE(end->connection.send(as_bytes("x")));
    ASSERT_TRUE(end->connection.update_keys(KeyUpdateRequest::update_requested));
    ASSERT_TRUE(end->connection.send(as_bytes("y")));
    pair.pump();
    ASSERT_EQ(other.received.size(), before + 2);
  }
}

TEST(PostHandshakeAuth, DataGoesOnWhileTheClientSigns) {
  AuthPair pair(far_client());
  ASSERT_TRUE(pair.asker().request_certificate());
  pair.pump();
  ASSERT_TRUE(pair.answerer().need());
  EXPECT_FALSE(pair.answerer().handshaking());
  talk(pair);
  ASSERT_TRUE(pair.asker().awaiting_certificate());
  const Need need = *pair.answerer().need();
  EXPECT_EQ(pair.answerer().answer(need.id + 1, right_answer(need)).error().reason(), Reason::wrong_answer);
  ASSERT_TRUE(pair.answerer().answer(need.id, right_answer(need)));
  EXPECT_EQ(pair.answerer().answer(need.id, right_answer(need)).error().reason(), Reason::wrong_answer);
  talk(pair);
  EXPECT_TRUE(authenticated(pair.asker()));
}

TEST(PostHandshakeAuth, DataGoesOnWhileTheServerVerifies) {
  AuthPair pair(offering_client(), far_server());
  ASSERT_TRUE(pair.asker().request_certificate());
  pair.pump();
  const Need need = *pair.asker().need();
  EXPECT_EQ(std::get<VerifyRequest>(need.request).chain, client_credential()->chain());
  EXPECT_EQ(std::get<VerifyRequest>(need.request).peer, Side::client);
  talk(pair);
  EXPECT_TRUE(pair.asker().awaiting_certificate());
  EXPECT_FALSE(pair.asker().info().peer_verified);
  ASSERT_TRUE(pair.asker().answer(need.id, right_answer(need)));
  EXPECT_TRUE(authenticated(pair.asker()));
  talk(pair);
}

TEST(PostHandshakeAuth, AFailingNeedEndsTheConnection) {
  for (bool client_fails : {false, true}) {
    AuthPair pair(far_client(), far_server());
    ASSERT_TRUE(pair.asker().request_certificate());
    pair.pump();
    if (!client_fails) {
      const Need need = *pair.answerer().need();
      ASSERT_TRUE(pair.answerer().answer(need.id, right_answer(need)));
      pair.pump();
    }
    Connection& failing = client_fails ? pair.answerer() : pair.asker();
    Connection& other = client_fails ? pair.asker() : pair.answerer();
    const Need need = *failing.need();
    EXPECT_FALSE(failing.answer(need.id, failure(need)));
    EXPECT_EQ(reason(failing), "need_failed");
    pair.pump();
    EXPECT_EQ(alert(other), "access_denied");
    EXPECT_FALSE(pair.asker().info().peer_verified);
  }
}

/// No two Needs of a connection have the same number: an answer that comes too late is for none of those that follow.
TEST(PostHandshakeAuth, NeedsAreNumberedThrough) {
  ServerOptions server = far_server();
  server.client_auth = ClientAuth::require;
  Pair pair(far_client(), std::move(server));
  std::uint64_t last_of[2] = {0, 0};
  pair.pump();
  for (int asked = 0; asked < 3; ++asked) {
    for (Connection* connection : {&pair.client.connection, &pair.server.connection}) {
      std::uint64_t& last = last_of[connection == &pair.client.connection];
      ASSERT_TRUE(connection->need()) << asked;
      const Need need = *connection->need();
      EXPECT_GT(need.id, last);
      last = need.id;
      ASSERT_TRUE(connection->answer(need.id, right_answer(need)));
      (connection == &pair.client.connection ? pair.client : pair.server).feed({});
      pair.pump();
    }
    ASSERT_TRUE(pair.connected());
    ASSERT_TRUE(pair.server.connection.request_certificate());
    pair.pump();
  }
}

TEST(PostHandshakeAuth, ClosedInTheMiddle) {
  // By the client, which then owes no answer to who can do without one.
  AuthPair left(far_client());
  ASSERT_TRUE(left.asker().request_certificate(ClientAuth::request));
  left.pump();
  const Need need = *left.answerer().need();
  left.answerer().close();
  EXPECT_FALSE(left.answerer().need());
  EXPECT_FALSE(left.answerer().answer(need.id, right_answer(need)));
  left.pump();
  EXPECT_FALSE(left.asker().awaiting_certificate());
  EXPECT_FALSE(left.asker().info().peer_verified);
  EXPECT_FALSE(left.asker().error());
  ASSERT_TRUE(left.asker().send(as_bytes("still here")));
  left.pump();
  EXPECT_EQ(as_text(left.client.received), "still here");

  // By the server, which still takes the answer.
  AuthPair half(far_client());
  ASSERT_TRUE(half.asker().request_certificate());
  half.asker().close();
  half.pump();
  ASSERT_TRUE(half.answerer().need());
  ASSERT_TRUE(half.answerer().answer(half.answerer().need()->id, right_answer(*half.answerer().need())));
  half.pump();
  EXPECT_TRUE(authenticated(half.asker()));

  // A request that comes after our last word is not answered.
  AuthPair late;
  late.answerer().close();
  ASSERT_TRUE(late.asker().request_certificate(ClientAuth::request));
  late.pump();
  EXPECT_FALSE(late.answerer().error());
  EXPECT_FALSE(late.asker().error());
  EXPECT_FALSE(late.asker().awaiting_certificate());

  // Cut off.
  AuthPair cut(far_client());
  ASSERT_TRUE(cut.asker().request_certificate());
  cut.pump();
  EXPECT_FALSE(cut.asker().peer_closed());
  EXPECT_FALSE(cut.asker().awaiting_certificate());
}  // and destroyed with a Need outstanding

/// Who must show a certificate does not get round that by closing its half.
TEST(PostHandshakeAuth, ACloseIsAnAnswerWithoutACertificate) {
  struct Nobody final : Authorization {
    bool permits(const Identity&) const override { return false; }
  };
  for (ClientAuth demand : {ClientAuth::request, ClientAuth::require})
    for (bool ruled : {false, true})
      for (bool late : {false, true}) {
        ServerOptions server = asking_server();
        if (ruled) server.authorization = std::make_shared<Nobody>();
        AuthPair pair(far_client(), std::move(server));
        if (late) pair.answerer().close();
        ASSERT_TRUE(pair.asker().request_certificate(demand));
        if (!late) Pair::carry(pair.server, pair.client);
        pair.answerer().close();
        pair.pump();
        EXPECT_FALSE(pair.asker().awaiting_certificate());
        EXPECT_FALSE(pair.asker().info().peer_verified);
        const bool refused = ruled || demand == ClientAuth::require;
        EXPECT_EQ(reason(pair.asker()), refused ? "no_certificate" : "none") << ruled << late;
        EXPECT_EQ(alert(pair.answerer()), refused ? "certificate_required" : "none") << ruled << late;
        EXPECT_EQ(pair.asker().can_send(), !refused);
      }

  // What was answered in time is verified to its end.
  AuthPair answered(offering_client(), far_server());
  ASSERT_TRUE(answered.asker().request_certificate());
  answered.pump();
  answered.answerer().close();
  answered.pump();
  ASSERT_TRUE(answered.asker().awaiting_certificate());
  ASSERT_TRUE(answered.asker().answer(answered.asker().need()->id, right_answer(*answered.asker().need())));
  EXPECT_TRUE(authenticated(answered.asker()));
}

TEST(PostHandshakeAuth, DestroyedAnywhere) {
  AuthPair whole;
  ASSERT_TRUE(whole.asker().request_certificate());
  Pair::carry(whole.server, whole.client);
  const std::size_t size = whole.answerer().output().size();
  ASSERT_GT(size, 500u);
  for (std::size_t cut = 0; cut < size; cut += 13) {
    AuthPair pair;
    ASSERT_TRUE(pair.asker().request_certificate());
    Pair::carry(pair.server, pair.client);
    pair.server.feed(pair.answerer().output().first(std::min(cut, pair.answerer().output().size())));
    EXPECT_FALSE(pair.asker().info().peer_verified);
  }
}

// --- Messages that are not as they should be -------------------------------------------------------------------------

using Change = std::function<std::vector<Piece>(Piece)>;

/// An authentication of which `change` changes what comes once the handshake is over.
struct Tampering {
  Middleman middleman;
  explicit Tampering(Side tampered, Change change, ClientOptions client = offering_client(),
                     ServerOptions server = asking_server(), ClientAuth demand = ClientAuth::require)
      : middleman(std::move(client), std::move(server), [this, tampered, change](Side sender, Piece piece) {
          if (!standing || sender != tampered) return std::vector{std::move(piece)};
          return change(std::move(piece));
        }) {
    middleman.run();
    if (!middleman.pair().connected()) throw std::runtime_error("no handshake");
    standing = true;
    value(middleman.pair().server.connection.request_certificate(demand));
    middleman.run();
  }
  const Connection& server() const { return middleman.server(); }
  const Connection& client() const { return middleman.client(); }
  bool standing = false;
};

const HandshakeType answer[] = {HandshakeType::certificate, HandshakeType::certificate_verify, HandshakeType::finished};

bool is(const Piece& piece, HandshakeType type) {
  return piece.type == ContentType::handshake && piece.message() == type;
}

TEST(PostHandshakeAuth, EachMessageDroppedOrDoubled) {
  for (HandshakeType type : answer)
    for (std::size_t times : {0u, 2u}) {
      Tampering tampering(Side::client,
                          [&](Piece piece) { return std::vector<Piece>(is(piece, type) ? times : 1, piece); });
      if (type == HandshakeType::finished && times == 0) {
        EXPECT_TRUE(tampering.server().awaiting_certificate());
        continue;
      }
      EXPECT_EQ(reason(tampering.server()), "unexpected_message") << name(type) << times;
      EXPECT_EQ(alert(tampering.client()), "unexpected_message");
      // What is doubled at the end comes after an authentication that was good.
      EXPECT_EQ(tampering.server().info().peer_verified, type == HandshakeType::finished);
    }
}

TEST(PostHandshakeAuth, OutOfOrder) {
  for (HandshakeType type : {HandshakeType::certificate, HandshakeType::certificate_verify}) {
    std::optional<Piece> kept;
    Tampering tampering(Side::client, [&](Piece piece) {
      if (is(piece, type)) {
        kept = std::move(piece);
        return std::vector<Piece>();
      }
      std::vector<Piece> pieces{std::move(piece)};
      if (kept) pieces.push_back(*std::exchange(kept, std::nullopt));
      return pieces;
    });
    EXPECT_EQ(reason(tampering.server()), "unexpected_message") << name(type);
  }
}

/// A flipped bit anywhere in the answer: never believed.
TEST(PostHandshakeAuth, EachByteTamperedWith) {
  std::map<HandshakeType, std::size_t> sizes;
  Tampering plain(Side::client, [&](Piece piece) {
    if (piece.type == ContentType::handshake) sizes[piece.message()] = piece.bytes.size();
    return std::vector{std::move(piece)};
  });
  ASSERT_TRUE(authenticated(plain.server()));
  for (HandshakeType type : answer)
    for (std::size_t at = 4; at < sizes.at(type); at += type == HandshakeType::finished ? 5 : 23) {
      Tampering tampering(Side::client, [&](Piece piece) {
        if (is(piece, type) && at < piece.bytes.size()) piece.bytes[at] ^= 1;
        return std::vector{std::move(piece)};
      });
      EXPECT_FALSE(tampering.server().info().peer_verified) << name(type) << at;
      EXPECT_TRUE(tampering.server().error()) << name(type) << at;
    }
}

/// The alert for `change` to one message.
std::pair<std::string, std::string> refusal(HandshakeType type, const std::function<void(Buffer&)>& change) {
  Tampering tampering(Side::client, [&](Piece piece) {
    if (is(piece, type)) change(piece.bytes);
    return std::vector{std::move(piece)};
  });
  return {reason(tampering.server()), alert(tampering.client())};
}
using Refusal = std::pair<std::string, std::string>;

TEST(PostHandshakeAuth, AlertsAreExact) {
  EXPECT_EQ(refusal(HandshakeType::certificate, [](Buffer& bytes) { bytes[5] ^= 1; }),
            Refusal("wrong_request_context", "illegal_parameter"));
  EXPECT_EQ(refusal(HandshakeType::certificate,
                    [](Buffer& bytes) {
                      wire::CertificateFields fields;
                      fields.chain = client_credential()->chain();
                      bytes.clear();
                      value(wire::write_certificate(bytes, fields));
                    }),
            Refusal("wrong_request_context", "illegal_parameter"));
  EXPECT_EQ(refusal(HandshakeType::certificate, [](Buffer& bytes) { bytes.back() ^= 1; }),
            Refusal("decode_error", "decode_error"));
  EXPECT_EQ(refusal(HandshakeType::certificate_verify, [](Buffer& bytes) { bytes.back() ^= 1; }),
            Refusal("bad_signature", "decrypt_error"));
  EXPECT_EQ(refusal(HandshakeType::certificate_verify, [](Buffer& bytes) { bytes[4] = 0x99; }),
            Refusal("wrong_signature_scheme", "illegal_parameter"));
  EXPECT_EQ(refusal(HandshakeType::finished, [](Buffer& bytes) { bytes.back() ^= 1; }),
            Refusal("bad_finished", "decrypt_error"));
}

/// RFC 8446, section 4.6.2: nothing comes between the messages of the answer.
TEST(PostHandshakeAuth, NothingInBetween) {
  const Piece between[] = {{ContentType::application_data, {1}},
                           {ContentType::handshake, {24, 0, 0, 1, 0}},
                           {ContentType::handshake, {11, 0, 0, 0}}};
  for (const Piece& foreign : between)
    for (HandshakeType type : {HandshakeType::certificate, HandshakeType::certificate_verify}) {
      Tampering tampering(Side::client, [&](Piece piece) {
        std::vector<Piece> pieces{piece};
        if (is(piece, type)) pieces.push_back(foreign);
        return pieces;
      });
      EXPECT_EQ(alert(tampering.client()), "unexpected_message") << name(foreign.type) << name(type);
      EXPECT_FALSE(tampering.server().info().peer_verified);
    }
}

TEST(PostHandshakeAuth, ACloseInBetweenEndsTheRequest) {
  for (ClientAuth demand : {ClientAuth::request, ClientAuth::require}) {
    const Change closing = [](Piece piece) {
      std::vector<Piece> pieces{piece};
      if (is(piece, HandshakeType::certificate)) pieces.push_back({ContentType::alert, {1, 0}});
      return pieces;
    };
    Tampering tampering(Side::client, closing, offering_client(), asking_server(), demand);
    EXPECT_FALSE(tampering.server().awaiting_certificate());
    EXPECT_FALSE(tampering.server().info().peer_verified);
    EXPECT_TRUE(tampering.server().info().peer_certificates.empty());
    EXPECT_TRUE(tampering.server().received_close());
    EXPECT_EQ(reason(tampering.server()), demand == ClientAuth::request ? "none" : "no_certificate");
  }
}

TEST(PostHandshakeAuth, AnswersThatNobodyAskedFor) {
  for (HandshakeType type : answer) {
    bool standing = false;
    Middleman middleman(offering_client(), asking_server(), [&](Side sender, Piece piece) {
      if (standing && sender == Side::client)
        piece = {ContentType::handshake, {static_cast<std::uint8_t>(type), 0, 0, 0}};
      return std::vector{std::move(piece)};
    });
    middleman.run();
    standing = true;
    ASSERT_TRUE(middleman.pair().client.connection.send(as_bytes("x")));
    middleman.run();
    EXPECT_EQ(reason(middleman.server()), "unexpected_message") << name(type);
    EXPECT_EQ(alert(middleman.client()), "unexpected_message");
  }
}

TEST(PostHandshakeAuth, RequestsThatAreNoRequests) {
  auto refusal_of = [](const std::function<void(Buffer&)>& change) {
    Tampering tampering(Side::server, [&](Piece piece) {
      if (is(piece, HandshakeType::certificate_request)) change(piece.bytes);
      return std::vector{std::move(piece)};
    });
    return Refusal(reason(tampering.client()), alert(tampering.server()));
  };
  EXPECT_EQ(refusal_of([](Buffer& bytes) { bytes[4] = 200; }), Refusal("decode_error", "decode_error"));
  EXPECT_EQ(refusal_of([](Buffer& bytes) { bytes[bytes.size() - 1] ^= 1; }).second, "decrypt_error")
      << "another list of schemes is another transcript";
  EXPECT_EQ(refusal_of([](Buffer& bytes) { bytes = {13, 0, 0, 3, 0, 0, 0}; }), Refusal("decode_error", "decode_error"));
  EXPECT_EQ(refusal_of([](Buffer& bytes) { bytes = {13, 0, 0, 7, 0, 0, 4, 0, 99, 0, 0}; }),
            Refusal("missing_extension", "missing_extension"));
}

/// Somebody puts a CertificateRequest in front of what the server sends.
struct Injection {
  Middleman middleman;
  std::size_t requests = 0;
  bool injected = false;
  explicit Injection(ClientOptions client, ServerOptions server = asking_server())
      : middleman(std::move(client), std::move(server), [this](Side sender, Piece piece) {
          std::vector<Piece> pieces{piece};
          const Buffer request{13, 0, 0, 12, 1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3};
          if (sender == Side::server)
            pieces.insert(pieces.end(), std::exchange(requests, 0), {ContentType::handshake, request});
          else if (injected && piece.type == ContentType::handshake)
            pieces.clear();  // the server has asked for nothing
          return pieces;
        }) {
    middleman.run();
  }
  void inject(std::size_t count) {
    requests = count;
    injected = true;
    value(middleman.pair().server.connection.send(as_bytes("x")));
    middleman.run();
  }
};

TEST(PostHandshakeAuth, AClientThatDidNotOfferItRefuses) {
  Injection injection(client_options());
  injection.inject(1);
  EXPECT_EQ(reason(injection.middleman.client()), "unexpected_message");
  EXPECT_EQ(alert(injection.middleman.server()), "unexpected_message");
}

TEST(PostHandshakeAuth, AServerTakesNoRequest) {
  bool standing = false;
  Middleman middleman(offering_client(), asking_server(), [&](Side sender, Piece piece) {
    if (standing && sender == Side::client) piece = {ContentType::handshake, {13, 0, 0, 3, 0, 0, 0}};
    return std::vector{std::move(piece)};
  });
  middleman.run();
  standing = true;
  ASSERT_TRUE(middleman.pair().client.connection.send(as_bytes("x")));
  middleman.run();
  EXPECT_EQ(reason(middleman.server()), "unexpected_message");
}

/// A client answers one request after the other, but not without end.
TEST(PostHandshakeAuth, RequestsAreCounted) {
  const std::size_t limit = Limits().certificate_requests;
  for (bool far : {false, true}) {
    Injection injection(far ? far_client() : offering_client());
    std::size_t answered = 0;
    injection.inject(limit);
    for (Connection& client = injection.middleman.pair().client.connection; client.need(); ++answered) {
      const Need need = *client.need();
      ASSERT_TRUE(client.answer(need.id, right_answer(need)));
    }
    EXPECT_EQ(answered, far ? limit : 0u);
    EXPECT_FALSE(injection.middleman.client().error()) << reason(injection.middleman.client());
  }
  Injection one_more(offering_client());
  one_more.inject(limit + 1);
  EXPECT_EQ(reason(one_more.middleman.client()), "too_many_certificate_requests");
  EXPECT_EQ(one_more.middleman.client().error()->alert(), Alert::unexpected_message);

  // Data starts the count again, but those that wait are as many still.
  ClientOptions few = far_client();
  few.limits.certificate_requests = 2;
  Injection waiting(std::move(few));
  waiting.inject(2);  // one is being answered, one waits
  EXPECT_FALSE(waiting.middleman.client().error());
  waiting.inject(1);
  EXPECT_FALSE(waiting.middleman.client().error()) << reason(waiting.middleman.client());
  waiting.inject(1);
  EXPECT_EQ(reason(waiting.middleman.client()), "too_many_certificate_requests");
}

/// Nor with data in between.
TEST(PostHandshakeAuth, RequestsAreCountedInAll) {
  const std::size_t limit = Limits().certificate_requests_in_all;
  AuthPair pair;
  for (std::size_t i = 0; i < limit; ++i) {
    ASSERT_TRUE(pair.asker().request_certificate());
    pair.pump();
    ASSERT_TRUE(authenticated(pair.asker())) << i;
    ASSERT_TRUE(pair.asker().send(as_bytes("x")));
    pair.pump();
  }
  ASSERT_TRUE(pair.asker().request_certificate());
  pair.pump();
  ASSERT_EQ(reason(pair.answerer()), "too_many_certificate_requests");
  EXPECT_EQ(alert(pair.asker()), "unexpected_message");
  EXPECT_EQ(std::get<std::int64_t>(*pair.answerer().error()->find("limit")), static_cast<std::int64_t>(limit));
}

TEST(PostHandshakeAuth, ARequestPastItsLimit) {
  ClientOptions client = offering_client();
  // Enough for the server's own Certificate.
  client.limits.certificate = 700;
  ServerOptions server = asking_server();
  const Bytes root = shared_authority().subject();
  server.client_ca_names.assign(50, Buffer(root.begin(), root.end()));
  AuthPair pair(std::move(client), std::move(server));
  ASSERT_TRUE(pair.asker().request_certificate());
  pair.pump();
  EXPECT_EQ(reason(pair.answerer()), "message_too_long");
  EXPECT_EQ(alert(pair.asker()), "illegal_parameter");
}

/// Which secret is in Finished: the one that holds when it is sent.
TEST(PostHandshakeAuth, FinishedFollowsTheKeys) {
  AuthPair pair;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(pair.answerer().update_keys(KeyUpdateRequest::update_not_requested));
  ASSERT_TRUE(pair.asker().request_certificate());
  pair.pump();
  EXPECT_TRUE(authenticated(pair.asker()));
}

/// Messages, and the verification of the chain: all of it is told, under the keys of the application.
TEST(PostHandshakeAuth, IsTraced) {
  struct Listener final : Trace {
    void on(const TraceEvent& event) override {
      if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
        if (message->level == Level::application) messages.push_back(name(message->type));
      } else if (std::holds_alternative<VerificationEvent>(event.what)) {
        ++verifications;
      } else if (std::holds_alternative<CompletedEvent>(event.what)) {
        ++completed;
      }
    }
    std::vector<std::string> messages;
    int verifications = 0;
    int completed = 0;
  } listener;
  Pair pair(offering_client(), asking_server(), "server.example", nullptr, &listener);
  pair.pump();
  ASSERT_TRUE(pair.server.connection.request_certificate());
  pair.pump();
  EXPECT_EQ(listener.messages,
            (std::vector<std::string>{"certificate_request", "certificate", "certificate_verify", "finished"}));
  EXPECT_EQ(listener.verifications, 1);
  EXPECT_EQ(listener.completed, 1);
}

}  // namespace
}  // namespace handfast::test
