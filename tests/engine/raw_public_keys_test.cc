// Raw public keys (RFC 7250), of either side: what is agreed on, whom it lets in, and what a session of theirs is bound
// to.
#include <gtest/gtest.h>

#include "engine/resumption.h"
#include "engine/tampering.h"

namespace handfast::test {
namespace {

using enum CertificateType;

std::shared_ptr<const Credential> make_raw(crypto::KeyType type) {
  const auto key = LocalKey::of(value(crypto::SigningKey::generate(type)));
  return value(Credential::raw_public_key(key->subject_public_key_info(), key));
}
const std::shared_ptr<const Credential>& server_key() {
  static const auto credential = make_raw(crypto::KeyType::p256);
  return credential;
}
const std::shared_ptr<const Credential>& client_key() {
  static const auto credential = make_raw(crypto::KeyType::ed25519);
  return credential;
}
SpkiPin pin_of(const std::shared_ptr<const Credential>& credential) {
  return SpkiPin::of(credential->raw_public_key());
}

/// Both sides show their keys and take the other's, and nothing else.
Resumer with_raw_keys(Carrier carrier) {
  Resumer resumer = resumer_for(carrier);
  resumer.client.trust = nullptr;
  resumer.client.peer_certificate_types = {RawPublicKey};
  resumer.client.trusted_raw_public_keys = {pin_of(server_key())};
  resumer.client.credentials = {client_key()};
  resumer.server.credentials = {server_key()};
  resumer.server.client_auth = ClientAuth::require;
  resumer.server.peer_certificate_types = {RawPublicKey};
  resumer.server.trusted_raw_public_keys = {pin_of(client_key())};
  return resumer;
}

void expect_known(const Connection& connection, const std::shared_ptr<const Credential>& peer) {
  const ConnectionInfo& info = connection.info();
  EXPECT_TRUE(info.peer_verified);
  EXPECT_TRUE(info.has_peer_certificate());
  EXPECT_EQ(info.peer_raw_public_key, peer->raw_public_key());
  EXPECT_TRUE(info.peer_certificates.empty());
  EXPECT_FALSE(info.peer_identity());
  EXPECT_TRUE(info.verified_path().empty());
  EXPECT_EQ(info.server_certificate_type, RawPublicKey);
  EXPECT_EQ(info.client_certificate_type, RawPublicKey);
}

class RawPublicKeys : public testing::TestWithParam<Carrier> {
 protected:
  Resumption resumed() const { return resumption_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Carriers, RawPublicKeys, testing::ValuesIn(all_carriers), carrier_name);

TEST_P(RawPublicKeys, OfBothSides) {
  Resumer resumer = with_raw_keys(GetParam());
  for (Resumption how : {Resumption::none, resumed(), resumed()}) {
    Pair pair = resumer.connect();
    ASSERT_TRUE(ended_with(pair, how));
    expect_known(pair.client.connection, server_key());
    expect_known(pair.server.connection, client_key());
    expect_usable(pair);
  }
}

TEST_P(RawPublicKeys, WhereAHashIsKeptTheyAreKeptWhole) {
  Resumer resumer = with_raw_keys(GetParam());
  resumer.client.kept_certificates = resumer.server.kept_certificates = KeptCertificates::sha256;
  for (Resumption how : {Resumption::none, resumed()}) {
    Pair pair = resumer.connect();
    ASSERT_TRUE(ended_with(pair, how));
    expect_known(pair.server.connection, client_key());
    EXPECT_FALSE(pair.server.connection.info().peer_certificate_sha256);
  }
}

/// By a suite of its kind, in TLS 1.2 too.
TEST_P(RawPublicKeys, OfEveryKind) {
  for (crypto::KeyType type : {crypto::KeyType::p256, crypto::KeyType::p384, crypto::KeyType::p521,
                               crypto::KeyType::ed25519, crypto::KeyType::rsa}) {
    const auto credential = make_raw(type);
    Resumer resumer = with_raw_keys(GetParam());
    resumer.server.credentials = {credential};
    resumer.client.trusted_raw_public_keys = {pin_of(server_key()), pin_of(credential)};
    Pair pair = resumer.connect();
    ASSERT_TRUE(full(pair));
    expect_known(pair.client.connection, credential);
  }
}

TEST_P(RawPublicKeys, OfNobodyThatIsTrusted) {
  Resumer servers = with_raw_keys(GetParam());
  servers.client.trusted_raw_public_keys = {pin_of(client_key())};
  Pair pair = servers.connect();
  EXPECT_EQ(reason(pair.client.connection), "unknown_public_key");
  EXPECT_EQ(alert(pair.client.connection), "certificate_unknown");
  EXPECT_EQ(alert(pair.server.connection), "certificate_unknown");
  EXPECT_FALSE(pair.client.connection.info().peer_verified);

  Resumer clients = with_raw_keys(GetParam());
  clients.server.trusted_raw_public_keys = {pin_of(server_key())};
  EXPECT_EQ(reason(clients.connect().server.connection), "unknown_public_key");
}

/// The config says in so many words that it goes on.
TEST_P(RawPublicKeys, OfNobodyThatIsTrustedAndItGoesOn) {
  Resumer resumer = with_raw_keys(GetParam());
  resumer.client.trusted_raw_public_keys.clear();
  resumer.client.verification.unverified_peer = UnverifiedPeer::go_on;
  for (Resumption how : {Resumption::none, resumed()}) {
    Pair pair = resumer.connect();
    ASSERT_TRUE(ended_with(pair, how));
    const ConnectionInfo& info = pair.client.connection.info();
    EXPECT_FALSE(info.peer_verified);
    ASSERT_TRUE(info.verification_error);
    EXPECT_EQ(info.verification_error->reason(), Reason::unknown_public_key);
    EXPECT_EQ(info.peer_raw_public_key, server_key()->raw_public_key());
  }
}

/// Where a session's certificates are verified once more, so is its key: what was not trusted then is not now.
TEST_P(RawPublicKeys, OfNobodyThatIsTrustedAndItIsVerifiedAnew) {
  Resumer servers = with_raw_keys(GetParam());
  servers.client.trusted_raw_public_keys.clear();
  servers.client.verification.unverified_peer = UnverifiedPeer::go_on;
  servers.client.sessions.reverify = true;
  Resumer clients = with_raw_keys(GetParam());
  clients.server.trusted_raw_public_keys.clear();
  clients.server.client_verification.unverified_peer = UnverifiedPeer::go_on;
  clients.server.sessions.reverify = true;
  for (Resumer* resumer : {&servers, &clients}) {
    ASSERT_TRUE(full(resumer->connect()));
    SessionTrace client, server;
    EXPECT_TRUE(full(resumer->connect("server.example", &client, &server)));
    EXPECT_TRUE((resumer == &servers ? client : server).says(SessionRefusal::peer_certificate));
  }
  // Of one that was trusted there is nothing to find anew.
  Resumer known = with_raw_keys(GetParam());
  known.client.sessions.reverify = known.server.sessions.reverify = true;
  ASSERT_TRUE(full(known.connect()));
  EXPECT_TRUE(ended_with(known.connect(), resumed()));
}

struct KeyVerifier final : ChainVerifier {
  explicit KeyVerifier(bool verdict) : accepts(verdict) {}
  void verify(VerifyRequest request, std::function<void(VerifyAnswer)> done) const override {
    EXPECT_TRUE(request.chain.empty());
    EXPECT_EQ(request.raw_public_key, server_key()->raw_public_key());
    ++asked;
    done({accepts ? Result<void>() : fail(Alert::certificate_unknown, Reason::verification_failed)});
  }
  std::string policy_name() const override { return "keys"; }
  bool accepts;
  mutable int asked = 0;
};

/// Instead of the list, in the full handshake and, where the config wants it, in the resumption.
TEST_P(RawPublicKeys, AVerifierOutsideDecides) {
  const auto verifier = std::make_shared<KeyVerifier>(true);
  Resumer resumer = with_raw_keys(GetParam());
  resumer.client.trusted_raw_public_keys.clear();
  resumer.client.verifier = verifier;
  resumer.client.sessions.reverify = true;
  const auto answer = [&](Pair& pair) {
    run_with_needs(pair, [&](std::size_t, Connection& connection) {
      const Need& need = *connection.need();
      const auto* request = std::get_if<VerifyRequest>(&need.request);
      if (!request) return connection.answer(need.id, right_answer(need)).has_value();
      std::optional<VerifyAnswer> verdict;
      verifier->verify(*request, [&](VerifyAnswer given) { verdict = std::move(given); });
      return connection.answer(need.id, *verdict).has_value();
    });
  };
  for (int i = 0; i < 2; ++i) {
    Pair pair = resumer.begin();
    answer(pair);
    ASSERT_TRUE(ended_with(pair, i == 0 ? Resumption::none : resumed()));
    EXPECT_TRUE(pair.client.connection.info().peer_verified);
    EXPECT_EQ(verifier->asked, i + 1);
  }
  verifier->accepts = false;
  Pair pair = resumer.begin();
  answer(pair);
  EXPECT_EQ(alert(pair.client.connection), "certificate_unknown");
  EXPECT_FALSE(pair.client.connection.info().peer_verified);
}

// --- Sessions

/// Whatever the store gives out, and whatever the session is bound to beside.
TEST_P(RawPublicKeys, ASessionEndsWithThePolicyOfAClient) {
  struct Case {
    const char* what;
    std::function<void(ClientOptions&)> change;
  };
  const Case cases[] = {{"another key", [](ClientOptions& o) { o.trusted_raw_public_keys = {pin_of(client_key())}; }},
                        {"certificates alone", [](ClientOptions& o) {
                           o.peer_certificate_types = {X509};
                           o.trusted_raw_public_keys.clear();
                           o.trust = shared_authority().anchors();
                         }}};
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    Resumer resumer = with_raw_keys(GetParam());
    resumer.server.credentials = {server_key(), shared_credential()};
    const auto held = hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    held->fixed = true;
    SessionTrace trace;
    each.change(resumer.client);
    Pair pair = resumer.begin("server.example", &trace);
    EXPECT_TRUE(trace.says(SessionRefusal::peer_certificate)) << trace.text();
    pump_and_answer(pair);
    EXPECT_EQ(pair.client.connection.info().resumption, Resumption::none);
  }
}

TEST_P(RawPublicKeys, ASessionEndsWithThePolicyOfAServer) {
  Resumer resumer = with_raw_keys(GetParam());
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.trusted_raw_public_keys.push_back(pin_of(server_key()));
  EXPECT_TRUE(full(resumer.connect()));
  ASSERT_TRUE(ended_with(resumer.connect(), resumed()));
  resumer.server.trusted_raw_public_keys = {pin_of(server_key())};
  EXPECT_EQ(reason(resumer.connect().server.connection), "unknown_public_key");
  resumer.server.trusted_raw_public_keys.clear();
  resumer.server.peer_certificate_types.clear();
  resumer.server.client_trust = shared_authority().anchors();
  EXPECT_EQ(reason(resumer.connect().server.connection), "no_common_certificate_type");
}

/// And a session of certificates is none of a config that takes keys alone.
TEST_P(RawPublicKeys, ASessionOfCertificatesIsNoneOfKeys) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.credentials = {shared_credential(), server_key()};
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.client.peer_certificate_types = {RawPublicKey};
  resumer.client.trusted_raw_public_keys = {pin_of(server_key())};
  Pair pair = resumer.connect();
  ASSERT_TRUE(full(pair));
  EXPECT_EQ(pair.client.connection.info().peer_raw_public_key, server_key()->raw_public_key());
}

/// A server says of a session what was shown then; a client takes nothing else than it has offered.
TEST_P(RawPublicKeys, NoOtherTypeIsChosenForASession) {
  Resumer resumer = with_raw_keys(GetParam());
  ASSERT_TRUE(full(resumer.connect()));
  const bool tls12 = is_tls12(GetParam());
  const auto set = [=](Buffer& bytes) {
    const std::size_t from = tls12 ? extensions_of_server_hello(bytes) : 6;
    const std::size_t at = find_extension(bytes, ExtensionType::server_certificate_type, from);
    ASSERT_NE(at, 0u);
    EXPECT_EQ(bytes[at + 4], std::to_underlying(RawPublicKey));
    bytes[at + 4] = std::to_underlying(X509);
  };
  if (is_far(GetParam())) return;  // nobody answers for the store here
  expect_refusal(tls12 ? HandshakeType::server_hello : HandshakeType::encrypted_extensions, set, Side::client,
                 "unsupported_certificate", "wrong_certificate_type", resumer.client, resumer.server);
}

// --- Negotiation

/// A client of this version that takes these types of a server that has both.
ClientOptions taking_types(ProtocolVersion version, std::vector<CertificateType> types) {
  ClientOptions options = client_options();
  options.max_version = version;
  options.peer_certificate_types = std::move(types);
  if (std::ranges::find(options.peer_certificate_types, RawPublicKey) != options.peer_certificate_types.end())
    options.trusted_raw_public_keys = {pin_of(server_key())};
  return options;
}
ServerOptions showing(std::vector<std::shared_ptr<const Credential>> credentials) {
  ServerOptions options = server_options();
  options.credentials = std::move(credentials);
  return options;
}

class CertificateTypes : public testing::TestWithParam<ProtocolVersion> {};
INSTANTIATE_TEST_SUITE_P(Versions, CertificateTypes, testing::Values(ProtocolVersion::tls1_2, ProtocolVersion::tls1_3));

TEST_P(CertificateTypes, TheServersOrderDecides) {
  const auto shown = [&](std::vector<CertificateType> taken, std::vector<std::shared_ptr<const Credential>> has) {
    Pair pair(taking_types(GetParam(), std::move(taken)), showing(std::move(has)));
    pair.pump();
    EXPECT_TRUE(full(pair));
    EXPECT_EQ(pair.client.connection.info().server_certificate_type,
              pair.server.connection.info().server_certificate_type);
    EXPECT_TRUE(pair.client.connection.info().peer_verified);
    return pair.client.connection.info().server_certificate_type;
  };
  EXPECT_EQ(shown({RawPublicKey, X509}, {shared_credential(), server_key()}), X509);
  EXPECT_EQ(shown({X509, RawPublicKey}, {server_key(), shared_credential()}), RawPublicKey);
  EXPECT_EQ(shown({RawPublicKey}, {shared_credential(), server_key()}), RawPublicKey);
  // Who does not ask is shown a certificate.
  EXPECT_EQ(shown({}, {server_key(), shared_credential()}), X509);
  // And a server that does not know what is asked shows one too.
  EXPECT_EQ(shown({RawPublicKey, X509}, {shared_credential()}), X509);
}

TEST_P(CertificateTypes, NothingInCommon) {
  expect_alert(taking_types(GetParam(), {RawPublicKey}), server_options(), Side::server, "handshake_failure",
               "no_common_certificate_type");
  expect_alert(taking_types(GetParam(), {}), showing({server_key()}), Side::server, "handshake_failure",
               "no_common_certificate_type");
  ServerOptions asking = server_options();
  asking.client_auth = ClientAuth::request;
  asking.peer_certificate_types = {RawPublicKey};
  asking.trusted_raw_public_keys = {pin_of(client_key())};
  expect_alert(taking_types(GetParam(), {}), asking, Side::server, "unsupported_certificate",
               "no_common_certificate_type");
}

/// A server that has never heard of it answers nothing, and shows a certificate.
TEST_P(CertificateTypes, ASilentServerShowsCertificates) {
  Middleman strict(taking_types(GetParam(), {RawPublicKey}), server_options(),
                   hide(ExtensionType::server_certificate_type));
  strict.run();
  EXPECT_EQ(alert(strict.client()), "unsupported_certificate");
  EXPECT_EQ(reason(strict.client()), "wrong_certificate_type");
}

/// What a server answers, changed on the way.
void expect_answer_refused(ProtocolVersion version, std::uint8_t type, std::string_view alert,
                           std::string_view reason) {
  const HandshakeType message =
      version == ProtocolVersion::tls1_3 ? HandshakeType::encrypted_extensions : HandshakeType::server_hello;
  const auto set = [=](Buffer& bytes) {
    const std::size_t from = message == HandshakeType::server_hello ? extensions_of_server_hello(bytes) : 6;
    const std::size_t at = find_extension(bytes, ExtensionType::server_certificate_type, from);
    ASSERT_NE(at, 0u);
    bytes[at + 4] = type;
  };
  expect_refusal(message, set, Side::client, alert, reason, taking_types(version, {RawPublicKey}),
                 showing({server_key()}));
}

TEST_P(CertificateTypes, AServerMayChooseNoOther) {
  expect_answer_refused(GetParam(), 0, "unsupported_certificate", "wrong_certificate_type");
  expect_answer_refused(GetParam(), 1, "unsupported_certificate", "wrong_certificate_type");
}

/// RFC 7250, section 4.1: the default alone, or nothing, is no list.
TEST_P(CertificateTypes, AListSaysSomething) {
  const auto set = [](Buffer bytes) {
    return [bytes](Buffer& hello) {
      remove_extension(hello, ExtensionType::server_certificate_type);
      add_extension(hello, ExtensionType::server_certificate_type, bytes);
    };
  };
  struct Case {
    Buffer content;
    const char* alert;
  };
  for (const Case& each : {Case{{0}, "illegal_parameter"},
                           {{1, 0}, "illegal_parameter"},
                           {{2, 2}, "decode_error"},
                           {{1, 2, 0}, "decode_error"},
                           {{}, "decode_error"}})
    expect_refusal(HandshakeType::client_hello, set(each.content), Side::server, each.alert, "bad_extension",
                   taking_types(GetParam(), {RawPublicKey}), showing({server_key()}));
  // Those that nobody knows are passed over; and where nothing else is there, there is nothing in common.
  expect_refusal(HandshakeType::client_hello, set({1, 9}), Side::server, "handshake_failure",
                 "no_common_certificate_type", taking_types(GetParam(), {RawPublicKey}), showing({server_key()}));
}

/// A Certificate of the other type than was agreed on does not decode.
TEST_P(CertificateTypes, WhatIsShownIsOfTheType) {
  const bool tls13 = GetParam() == ProtocolVersion::tls1_3;
  const auto put = [tls13](Bytes shown, bool in_list) {
    return [=, bytes = Buffer(shown.begin(), shown.end())](Buffer& message) {
      message.resize(4);
      base::Writer w(message);
      if (tls13) w.u8(0);
      if (tls13 || in_list) {
        auto list = w.length24();
        w.vector24(bytes);
        if (tls13) w.u16(0);
      } else {
        w.vector24(bytes);
      }
      set_length(message);
    };
  };
  const Buffer& certificate = shared_credential()->chain().front();
  expect_refusal(HandshakeType::certificate, put(certificate, true), Side::client, "decode_error", "bad_certificate",
                 taking_types(GetParam(), {RawPublicKey}), showing({server_key()}));
  expect_refusal(HandshakeType::certificate, put(server_key()->raw_public_key(), false), Side::client, "decode_error",
                 tls13 ? "bad_certificate" : "decode_error", taking_types(GetParam(), {RawPublicKey, X509}),
                 showing({shared_credential()}));
  // And one that is cut short, or empty.
  Bytes key = server_key()->raw_public_key();
  expect_refusal(HandshakeType::certificate, put(key.first(key.size() - 1), false), Side::client, "decode_error",
                 "bad_certificate", taking_types(GetParam(), {RawPublicKey}), showing({server_key()}));
  expect_refusal(HandshakeType::certificate, put({}, false), Side::client, "decode_error",
                 tls13 ? "decode_error" : "no_certificate", taking_types(GetParam(), {RawPublicKey}),
                 showing({server_key()}));
}

/// Section 4.4.2 of RFC 8446: there is one.
TEST(RawPublicKeysInTls13, StandAlone) {
  const auto twice = [](Buffer& message) {
    const Buffer& key = server_key()->raw_public_key();
    message.resize(4);
    base::Writer w(message);
    w.u8(0);
    {
      auto list = w.length24();
      for (int i = 0; i < 2; ++i) w.vector24(key), w.u16(0);
    }
    set_length(message);
  };
  expect_refusal(HandshakeType::certificate, twice, Side::client, "illegal_parameter", "too_many_certificates",
                 taking_types(ProtocolVersion::tls1_3, {RawPublicKey}), showing({server_key()}));
}

/// The client shows what the server wants of the two.
TEST_P(CertificateTypes, OfAClient) {
  const auto credential = shared_authority().credential("client.example");
  ServerOptions server = server_options();
  server.client_auth = ClientAuth::request;
  server.client_trust = shared_authority().anchors();
  server.peer_certificate_types = {RawPublicKey, X509};
  server.trusted_raw_public_keys = {pin_of(client_key())};
  const auto shown = [&](std::vector<std::shared_ptr<const Credential>> has) {
    ClientOptions client = taking_types(GetParam(), {});
    client.credentials = std::move(has);
    Pair pair(std::move(client), server);
    pair.pump();
    EXPECT_TRUE(full(pair));
    EXPECT_TRUE(pair.server.connection.info().peer_verified || !pair.server.connection.info().has_peer_certificate());
    return pair.client.connection.info().credential;
  };
  EXPECT_EQ(shown({credential, client_key()}), client_key());
  EXPECT_EQ(shown({client_key(), credential}), client_key());
  EXPECT_EQ(shown({credential}), credential);
  server.peer_certificate_types = {X509};
  server.trusted_raw_public_keys.clear();
  EXPECT_EQ(shown({client_key(), credential}), credential);
  // One that has nothing of what is wanted is refused, rather than asked in vain (RFC 7250, section 4.2).
  ClientOptions client = taking_types(GetParam(), {});
  client.credentials = {client_key()};
  expect_alert(client, server, Side::server, "unsupported_certificate", "no_common_certificate_type");
}

TEST(RawPublicKeysInTls13, AfterTheHandshake) {
  ClientOptions client = client_options();
  client.post_handshake_auth = true;
  client.credentials = {client_key()};
  ServerOptions server = server_options();
  server.post_handshake_auth = true;
  server.peer_certificate_types = {RawPublicKey};
  server.trusted_raw_public_keys = {pin_of(client_key())};
  Pair pair(client, server);
  pair.pump();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(pair.server.connection.request_certificate());
    pair.pump();
    ASSERT_TRUE(pair.connected()) << reason(pair.server.connection);
    EXPECT_TRUE(pair.server.connection.info().peer_verified);
    EXPECT_EQ(pair.server.connection.info().peer_raw_public_key, client_key()->raw_public_key());
  }
  // A client that has nothing of the kind can't be asked.
  client.credentials = {shared_authority().credential("client.example")};
  Pair other(client, server);
  other.pump();
  ASSERT_TRUE(other.connected());
  EXPECT_FALSE(other.server.connection.info().post_handshake_auth);
  EXPECT_FALSE(other.server.connection.request_certificate());
}

/// What is found then is told, or ends the connection, as in the handshake.
TEST(RawPublicKeysInTls13, AfterTheHandshakeOfNobodyThatIsTrusted) {
  ClientOptions client = client_options();
  client.post_handshake_auth = true;
  client.credentials = {client_key()};
  for (UnverifiedPeer unverified : {UnverifiedPeer::refuse, UnverifiedPeer::go_on}) {
    ServerOptions server = server_options();
    server.post_handshake_auth = true;
    server.peer_certificate_types = {RawPublicKey};
    server.trusted_raw_public_keys = {pin_of(server_key())};
    server.client_verification.unverified_peer = unverified;
    Pair pair(client, server);
    pair.pump();
    ASSERT_TRUE(pair.server.connection.request_certificate());
    pair.pump();
    const ConnectionInfo& info = pair.server.connection.info();
    EXPECT_FALSE(info.peer_verified);
    if (unverified == UnverifiedPeer::refuse) {
      EXPECT_EQ(reason(pair.server.connection), "unknown_public_key");
      EXPECT_EQ(alert(pair.client.connection), "certificate_unknown");
      EXPECT_TRUE(info.peer_raw_public_key.empty());
      continue;
    }
    ASSERT_TRUE(pair.connected()) << reason(pair.server.connection);
    ASSERT_TRUE(info.verification_error);
    EXPECT_EQ(info.verification_error->reason(), Reason::unknown_public_key);
    EXPECT_EQ(info.peer_raw_public_key, client_key()->raw_public_key());
  }
}

/// Who has shown a key in the session's full handshake shows keys behind it, whatever else it has by now.
TEST(RawPublicKeysInTls13, AfterAResumption) {
  const auto certificate = shared_authority().credential("client.example");
  Resumer resumer;
  const auto held = hold(resumer);
  resumer.client.post_handshake_auth = true;
  resumer.client.credentials = {client_key()};
  resumer.server.client_auth = ClientAuth::request;
  resumer.server.post_handshake_auth = true;
  resumer.server.client_trust = shared_authority().anchors();
  resumer.server.peer_certificate_types = {X509, RawPublicKey};
  resumer.server.trusted_raw_public_keys = {pin_of(client_key())};
  ASSERT_TRUE(full(resumer.connect()));
  held->fixed = true;

  resumer.client.credentials = {certificate, client_key()};
  Pair pair = resumer.connect();
  ASSERT_TRUE(ended_with(pair, Resumption::psk));
  for (int i = 0; i < 2; ++i) {
    const ConnectionInfo& info = pair.server.connection.info();
    EXPECT_TRUE(info.peer_verified);
    EXPECT_EQ(info.peer_raw_public_key, client_key()->raw_public_key());
    EXPECT_EQ(info.client_certificate_type, RawPublicKey);
    EXPECT_EQ(pair.client.connection.info().client_certificate_type, RawPublicKey);
    ASSERT_TRUE(pair.server.connection.request_certificate());
    pair.pump();
    ASSERT_TRUE(pair.connected()) << reason(pair.server.connection);
  }

  resumer.client.credentials = {certificate};
  Pair other = resumer.connect();
  ASSERT_TRUE(ended_with(other, Resumption::psk));
  EXPECT_FALSE(other.server.connection.info().post_handshake_auth);
  EXPECT_EQ(other.server.connection.info().client_certificate_type, RawPublicKey);
}

/// TLS 1.1 and 1.0 have the extensions and the message of TLS 1.2, and keys that sign as theirs do.
TEST(RawPublicKeysInOlderVersions, OfBothSides) {
  const auto client = make_raw(crypto::KeyType::p256);
  for (ProtocolVersion version : {ProtocolVersion::tls1_1, ProtocolVersion::tls1_0})
    for (crypto::KeyType type : {crypto::KeyType::p256, crypto::KeyType::rsa}) {
      Resumer resumer = with_raw_keys(Carrier::tls12_ticket);
      const auto server = make_raw(type);
      for (CommonOptions* options :
           {static_cast<CommonOptions*>(&resumer.client), static_cast<CommonOptions*>(&resumer.server)}) {
        options->min_version = options->max_version = version;
        options->cipher_suites = {type == crypto::KeyType::rsa ? CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
                                                               : CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA};
      }
      resumer.client.credentials = {client};
      resumer.server.credentials = {server};
      resumer.client.trusted_raw_public_keys = {pin_of(server)};
      resumer.server.trusted_raw_public_keys = {pin_of(client)};
      for (Resumption how : {Resumption::none, Resumption::ticket}) {
        Pair pair = resumer.connect();
        ASSERT_TRUE(ended_with(pair, how));
        EXPECT_EQ(pair.server.connection.info().version, version);
        expect_known(pair.client.connection, server);
        expect_known(pair.server.connection, client);
      }
      resumer.client.trusted_raw_public_keys = {pin_of(client)};
      EXPECT_EQ(reason(resumer.connect().client.connection), "unknown_public_key");
    }
}

/// RSA key exchange proves the key as well (RFC 7250, section 4.3).
TEST(RawPublicKeysInTls12, DecryptToo) {
  const auto credential = make_raw(crypto::KeyType::rsa);
  ClientOptions client = taking_types(ProtocolVersion::tls1_2, {RawPublicKey});
  client.trusted_raw_public_keys = {pin_of(credential)};
  client.cipher_suites = {CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256};
  ServerOptions server = showing({credential});
  server.cipher_suites = client.cipher_suites;
  Pair pair(client, server);
  pair.pump();
  ASSERT_TRUE(full(pair));
  EXPECT_TRUE(pair.client.connection.info().peer_verified);
}

/// A chooser outside is told which types there may be, and is held to them.
TEST_P(CertificateTypes, AChooserOutsideIsHeldToThem) {
  const auto certificate = shared_authority().credential("client.example");
  const auto chosen = [](Pair& pair, const std::shared_ptr<const Credential>& credential) {
    std::vector<CertificateType> types;
    run_with_needs(pair, [&](std::size_t, Connection& connection) {
      types = std::get<CredentialRequest>(connection.need()->request).offer.credential_types;
      return connection.answer(connection.need()->id, CredentialAnswer{credential}).has_value();
    });
    return types;
  };
  const auto expect_held = [](const Connection& chooser, bool fits) {
    EXPECT_EQ(reason(chooser), fits ? "none" : "no_common_certificate_type");
    EXPECT_EQ(alert(chooser), fits ? "none" : "handshake_failure");
  };
  for (CertificateType taken : {X509, RawPublicKey})
    for (CertificateType shown : {X509, RawPublicKey}) {
      const bool is_raw = shown == RawPublicKey;
      ServerOptions server = server_options();
      server.credential_chooser = std::make_shared<FarChooser>();
      Pair of_server(taking_types(GetParam(), {taken}), server);
      EXPECT_EQ(chosen(of_server, is_raw ? server_key() : shared_credential()), std::vector{taken});
      expect_held(of_server.server.connection, taken == shown);

      ClientOptions client = taking_types(GetParam(), {});
      client.credential_chooser = std::make_shared<FarChooser>();
      client.client_certificate_types = {X509, RawPublicKey};
      server = server_options();
      server.client_auth = ClientAuth::require;
      server.client_trust = shared_authority().anchors();
      server.peer_certificate_types = {taken};
      if (taken == RawPublicKey) server.trusted_raw_public_keys = {pin_of(client_key())};
      Pair of_client(client, server);
      EXPECT_EQ(chosen(of_client, is_raw ? client_key() : certificate), std::vector{taken});
      expect_held(of_client.client.connection, taken == shown);
    }
}

/// A proof of another key than the one that was shown.
TEST_P(CertificateTypes, TheKeyIsProved) {
  const auto other = make_raw(crypto::KeyType::p256);
  const Buffer& key = server_key()->raw_public_key();
  const auto swap = [&](Buffer& message) {
    const auto at = std::ranges::search(message, other->raw_public_key());
    ASSERT_FALSE(at.empty());
    std::ranges::copy(key, at.begin());
  };
  expect_refusal(HandshakeType::certificate, swap, Side::client, "decrypt_error", "bad_signature",
                 taking_types(GetParam(), {RawPublicKey}), showing({other}));
}

}  // namespace
}  // namespace handfast::test
