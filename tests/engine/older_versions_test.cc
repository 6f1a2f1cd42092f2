// TLS 1.1 (RFC 4346) and TLS 1.0 (RFC 2246), which a config has to name (RFC 8996).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "crypto/cipher_suite.h"
#include "engine/agreement.h"
#include "engine/needs.h"
#include "engine/tampering.h"
#include "wire/client_hello.h"
#include "wire/server_hello.h"

namespace handfast::test {
namespace {

using enum CipherSuite;
using enum ProtocolVersion;

constexpr CipherSuite rsa = TLS_RSA_WITH_AES_128_CBC_SHA;
constexpr CipherSuite ecdhe_rsa = TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA;

/// Those of TLS 1.0 and 1.1, and after them the ones that everybody has.
std::vector<CipherSuite> older_suites() {
  std::vector<CipherSuite> suites = supported_cipher_suites();
  for (CipherSuite suite : legacy_cipher_suites())
    if (crypto::find_suite(suite, tls1_0)) suites.push_back(suite);
  return suites;
}

template <typename Options>
Options speaking(Options options, ProtocolVersion lowest, ProtocolVersion highest) {
  options.min_version = lowest;
  options.max_version = highest;
  options.cipher_suites = older_suites();
  return options;
}
ClientOptions client_of(ProtocolVersion lowest, ProtocolVersion highest) {
  return speaking(client_options(), lowest, highest);
}
ServerOptions server_of(ProtocolVersion lowest, ProtocolVersion highest) {
  ServerOptions options = speaking(server_options(), lowest, highest);
  options.credentials = {shared_credential(), decrypting_credential()};
  return options;
}

template <typename Config, typename Options>
std::string problem(Options options) {
  const auto made = Config::make(std::move(options));
  if (made) return "none";
  return to_text(*made.error().find("option")) + ": " + to_text(*made.error().find("problem"));
}

class OlderVersion : public testing::TestWithParam<ProtocolVersion> {
 protected:
  static ClientOptions client() { return client_of(GetParam(), GetParam()); }
  static ServerOptions server() { return server_of(GetParam(), GetParam()); }
};
std::string version_name(const testing::TestParamInfo<ProtocolVersion>& version) {
  return version.param == tls1_1 ? "Tls11" : "Tls10";
}
INSTANTIATE_TEST_SUITE_P(Engine, OlderVersion, testing::Values(tls1_1, tls1_0), version_name);

// --- Named, or not there
// ---------------------------------------------------------------------------------------------------

TEST_P(OlderVersion, NobodySpeaksItUnnamed) {
  {
    Pair pair(client(), server_options());
    pair.pump();
    EXPECT_EQ(alert(pair.server.connection), "protocol_version");
    EXPECT_EQ(reason(pair.server.connection), "no_common_version");
  }
  // Nor where its suites are named: they are of TLS 1.2 as well.
  ServerOptions suites_alone = server_of(tls1_2, tls1_3);
  Pair pair(client(), std::move(suites_alone));
  pair.pump();
  EXPECT_EQ(alert(pair.client.connection), "protocol_version");
}

TEST_P(OlderVersion, NeedsSuitesThatAreNamed) {
  ClientOptions options = client_options();
  options.min_version = GetParam();
  EXPECT_EQ(
      problem<ClientConfig>(options),
      "min_version: " + name(GetParam()) +
          " has none of the cipher suites; those of older versions have to be named beside those of TLS 1.2 and 1.3: "
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA for one");
  options.cipher_suites = {TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, TLS_RSA_WITH_AES_128_GCM_SHA256};
  EXPECT_NE(problem<ClientConfig>(options), "none");
  // Nor is TLS 1.3 lost by whoever takes that advice.
  options.cipher_suites = {ecdhe_rsa};
  EXPECT_EQ(problem<ClientConfig>(options),
            "max_version: TLS 1.3 has none of the cipher suites; those of older versions have to be named beside those "
            "of TLS 1.2 and 1.3: TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA for one");
  options.cipher_suites = supported_cipher_suites();
  options.cipher_suites.push_back(ecdhe_rsa);
  const auto config = ClientConfig::make(options);
  ASSERT_TRUE(config);
  EXPECT_EQ((*config)->options().min_version, GetParam());
  EXPECT_EQ((*config)->options().max_version, tls1_3);
  options.max_version = GetParam();
  options.cipher_suites = {ecdhe_rsa};
  EXPECT_EQ(problem<ClientConfig>(options), "none");
}

/// They would take what was named away again.
TEST_P(OlderVersion, NeedsGroupsThatItHas) {
  ClientOptions options = client_of(GetParam(), tls1_3);
  options.groups = {NamedGroup::X25519MLKEM768};
  EXPECT_EQ(problem<ClientConfig>(options),
            "groups: all of them are of TLS 1.3, and " + name(GetParam()) + " was named");
  options.groups.push_back(NamedGroup::x25519);
  EXPECT_EQ(problem<ClientConfig>(options), "none");
}

/// RFC 9963: that scheme is of TLS 1.3 alone, and TLS 1.2 is neither the lowest version nor the highest.
TEST_P(OlderVersion, EachVersionAboveItNeedsASignatureScheme) {
  ServerOptions options = server_of(GetParam(), tls1_3);
  options.client_auth = ClientAuth::request;
  options.client_trust = shared_authority().anchors();
  options.signature_schemes = {SignatureScheme::rsa_pkcs1_sha256_legacy};
  EXPECT_EQ(problem<ServerConfig>(options),
            "signature_schemes: none of them signs a handshake of TLS 1.2, only certificates, or other versions");
  options.signature_schemes.push_back(SignatureScheme::rsa_pkcs1_sha256);
  EXPECT_EQ(problem<ServerConfig>(options), "none");
}

/// This one signs in TLS 1.2 alone.
TEST_P(OlderVersion, ACredentialNeedsOneVersionOfThem) {
  CredentialExtras extras;
  extras.signature_schemes = {SignatureScheme::rsa_pkcs1_sha256};
  const auto credential =
      shared_authority().credential(shared_authority().leaf({"server.example"}), crypto::KeyType::rsa, extras);
  ClientOptions client = client_of(GetParam(), tls1_3);
  client.credentials = {credential};
  EXPECT_EQ(problem<ClientConfig>(client), "none");
  ServerOptions server = server_of(GetParam(), tls1_3);
  server.credentials.push_back(credential);
  EXPECT_EQ(problem<ServerConfig>(server), "none");
  client = client_of(GetParam(), tls1_1);
  client.credentials = {credential};
  EXPECT_TRUE(problem<ClientConfig>(client).starts_with("credentials: one of them signs with no scheme"));
}

TEST(OlderVersions, ACredentialHasToServeEach) {
  ServerOptions options = server_of(tls1_1, tls1_2);
  options.credentials = {credential_of(crypto::KeyType::ed25519)};
  EXPECT_EQ(problem<ServerConfig>(options), "credentials: none of them can serve TLS 1.1 with these cipher suites");
}

/// RFC 5246, section 7.4.1.4.1: nor does a list for certificates alone say anything before TLS 1.2.
TEST_P(OlderVersion, NoSignatureSchemesAreOffered) {
  for (ProtocolVersion highest : {GetParam(), tls1_2}) {
    ClientOptions options = client_of(GetParam(), highest);
    options.certificate_schemes = {SignatureScheme::rsa_pkcs1_sha256};
    Connection connection = make_client(std::move(options));
    const Buffer hello = take_output(connection);
    const auto parsed = value(wire::parse_client_hello(Bytes(hello).subspan(5 + wire::handshake_header_size)));
    EXPECT_EQ(parsed.signature_algorithms.has_value(), highest == tls1_2);
    EXPECT_EQ(parsed.signature_algorithms_cert.has_value(), highest == tls1_2);
  }
}

// --- Handshakes
// -------------------------------------------------------------------------------------------------------------

TEST_P(OlderVersion, EverySuite) {
  for (CipherSuite suite : older_suites()) {
    if (!crypto::find_suite(suite, GetParam())) continue;
    SCOPED_TRACE(name(suite));
    ClientOptions client_options = client();
    client_options.cipher_suites = {suite};
    Pair pair(std::move(client_options), server());
    pair.pump(1);
    expect_data_flows(pair);
    for (const End* end : {&pair.client, &pair.server}) {
      const ConnectionInfo& info = end->connection.info();
      EXPECT_EQ(info.version, GetParam());
      EXPECT_EQ(info.cipher_suite, suite);
      EXPECT_TRUE(info.extended_master_secret && info.encrypt_then_mac && info.secure_renegotiation);
    }
    const bool ecdsa = crypto::find_suite(suite)->signature == crypto::SuiteSignature::ecdsa;
    const SignatureScheme scheme = !crypto::find_suite(suite)->has_forward_secrecy() ? SignatureScheme{}
                                   : ecdsa                                           ? SignatureScheme::ecdsa_sha1
                                           : SignatureScheme::rsa_pkcs1_md5_sha1;
    EXPECT_EQ(pair.client.connection.info().peer_signature_scheme, scheme);
    EXPECT_EQ(pair.server.connection.info().own_signature_scheme, scheme);
    Buffer ours(20), theirs(20);
    ASSERT_TRUE(pair.client.connection.export_keying_material("label", Bytes(), ours));
    ASSERT_TRUE(pair.server.connection.export_keying_material("label", Bytes(), theirs));
    EXPECT_EQ(ours, theirs);
  }
}

TEST_P(OlderVersion, ClientsAuthenticate) {
  for (const auto& credential : {shared_credential(), decrypting_credential()}) {
    ClientOptions client_options = client();
    client_options.credentials = {credential};
    ServerOptions server_options = server();
    server_options.client_auth = ClientAuth::require;
    server_options.client_trust = shared_authority().anchors();
    Pair pair(std::move(client_options), std::move(server_options));
    pair.pump();
    expect_data_flows(pair);
    EXPECT_TRUE(pair.server.connection.info().peer_verified);
    EXPECT_EQ(pair.server.connection.info().peer_signature_scheme, pair.client.connection.info().own_signature_scheme);
  }
}

/// Nothing of it is in the records of today: their headers say the version.
TEST_P(OlderVersion, StandsInEveryRecord) {
  Pair pair(client(), server());
  EXPECT_EQ(take_output(pair.client.connection).at(2), 1);  // the first ClientHello's is always TLS 1.0's
  Pair other(client(), server());
  Pair::carry(other.client, other.server);
  const Buffer flight = take_output(other.server.connection);
  for (std::size_t at = 0; at < flight.size(); at += 5 + (flight[at + 3] << 8 | flight[at + 4]))
    EXPECT_EQ(flight[at + 1] << 8 | flight[at + 2], std::to_underlying(GetParam()));
}

TEST_P(OlderVersion, ARecordOfAnotherVersionIsRefused) {
  Pair pair(client(), server());
  pair.pump();
  ASSERT_TRUE(pair.client.connection.send(as_bytes("data")));
  Buffer record = take_output(pair.client.connection);
  record[2] = 3;
  pair.server.feed(record);
  EXPECT_EQ(alert(pair.server.connection), "protocol_version");
  EXPECT_EQ(reason(pair.server.connection), "bad_record_version");
}

/// BEAST: in TLS 1.0 alone the first byte goes ahead.
TEST_P(OlderVersion, DataIsSplitWhereIvsAreKnown) {
  Pair pair(client(), server());
  pair.pump();
  ASSERT_TRUE(pair.client.connection.send(Buffer(100)));
  const Buffer sent = take_output(pair.client.connection);
  std::size_t records = 0;
  for (std::size_t at = 0; at < sent.size(); at += 5 + (sent[at + 3] << 8 | sent[at + 4])) ++records;
  EXPECT_EQ(records, GetParam() == tls1_0 ? 2u : 1u);
  const std::size_t first = 5 + (sent[3] << 8 | sent[4]);
  pair.server.feed(Buffer(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(first)));
  EXPECT_EQ(pair.server.received.size(), GetParam() == tls1_0 ? 1u : 100u);
  pair.server.feed(Buffer(sent.begin() + static_cast<std::ptrdiff_t>(first), sent.end()));
  EXPECT_EQ(pair.server.received.size(), 100u);
  ASSERT_TRUE(pair.client.connection.send(Buffer(40000)));
  ASSERT_TRUE(pair.client.connection.send(Buffer(1)));
  pair.pump();
  EXPECT_EQ(pair.server.received.size(), 40101u);
}

/// A changed record tells nothing, whatever is wrong with it.
TEST_P(OlderVersion, EveryChangeOfARecordIsTheSameAlert) {
  for (const std::size_t from_end : {std::size_t{1}, std::size_t{17}, std::size_t{30}, std::size_t{36}}) {
    ClientOptions client_options = client();
    Pair pair(std::move(client_options), server());
    pair.pump();
    ASSERT_TRUE(pair.client.connection.send(Buffer(1)));
    Buffer record = take_output(pair.client.connection);
    ASSERT_GT(record.size(), from_end);
    record[record.size() - from_end] ^= 1;
    pair.server.feed(record);
    EXPECT_EQ(alert(pair.server.connection), "bad_record_mac");
    EXPECT_EQ(reason(pair.server.connection), "bad_record_mac");
  }
}

// --- Which version
// ----------------------------------------------------------------------------------------------------------

TEST(OlderVersions, TheHighestInCommonIsSpoken) {
  for (ProtocolVersion ours : {tls1_0, tls1_1, tls1_2, tls1_3})
    for (ProtocolVersion theirs : {tls1_0, tls1_1, tls1_2, tls1_3}) {
      Pair pair(client_of(tls1_0, ours), server_of(tls1_0, theirs));
      pair.pump();
      expect_data_flows(pair);
      EXPECT_EQ(pair.client.connection.info().version, std::min(ours, theirs));
    }
}

/// RFC 8446, section 4.1.3: a server of TLS 1.2 or 1.3 says that it could do better.
TEST(OlderVersions, ADowngradeIsSeen) {
  for (ProtocolVersion highest : {tls1_2, tls1_3}) {
    // Somebody has made less of the client's offer.
    constexpr std::size_t minor = wire::handshake_header_size + 1;  // of legacy_version
    Middleman::Change lower = change(HandshakeType::client_hello, [](Buffer& message) { message[minor] = 2; });
    Middleman middleman(client_of(tls1_0, tls1_2), server_of(tls1_0, highest), lower);
    expect_alert(middleman, Side::client, "illegal_parameter", "downgrade_detected");
  }
  // One that can't says nothing.
  Pair pair(client_of(tls1_0, tls1_2), server_of(tls1_0, tls1_1));
  pair.pump();
  expect_data_flows(pair);
}

TEST(OlderVersions, AFallbackIsRefused) {
  ClientOptions options = client_of(tls1_0, tls1_1);
  options.fallback_scsv = true;
  expect_alert(options, server_of(tls1_0, tls1_2), Side::server, "inappropriate_fallback", "inappropriate_fallback");
  Pair pair(options, server_of(tls1_0, tls1_1));
  pair.pump();
  expect_data_flows(pair);
}

/// RFC 5246, section 7.4.7.1: the premaster secret has the version that was offered, not the one that was chosen.
TEST(OlderVersions, RsaKeyExchangeSaysWhatWasOffered) {
  for (ProtocolVersion highest : {tls1_1, tls1_2, tls1_3}) {
    ClientOptions options = client_of(tls1_0, highest);
    options.cipher_suites = {rsa, TLS_AES_128_GCM_SHA256};
    Pair pair(std::move(options), server_of(tls1_0, tls1_0));
    pair.pump();
    expect_data_flows(pair);
  }
}

/// RFC 5246, section 1.2: AEADs and MACs of SHA-2 came later.
TEST_P(OlderVersion, NewerSuitesAreRefused) {
  for (CipherSuite suite : {TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256}) {
    ClientOptions options = client_of(GetParam(), tls1_2);
    options.cipher_suites = every_cipher_suite();
    Middleman::Change chosen = change(HandshakeType::server_hello, [&](Buffer& message) {
      const std::size_t at = 4 + 2 + 32 + 1 + message[4 + 2 + 32];
      message[at] = static_cast<std::uint8_t>(std::to_underlying(suite) >> 8);
      message[at + 1] = static_cast<std::uint8_t>(std::to_underlying(suite));
    });
    Middleman middleman(std::move(options), server(), chosen);
    expect_alert(middleman, Side::client, "illegal_parameter", "wrong_cipher_suite_selected");
  }
}

// --- Sessions
// ---------------------------------------------------------------------------------------------------------------

/// Gives whatever was put last, under whatever policy.
class AnySession final : public ClientSessionStore {
 public:
  void put(const ClientSessionKey&, SavedSession session) noexcept override { session_ = std::move(session); }
  std::optional<SavedSession> find(const ClientSessionKey&) noexcept override { return session_; }
  void erase(const ClientSessionKey&, const SavedSession&) noexcept override { session_.reset(); }

 private:
  std::optional<SavedSession> session_;
};

/// In its own version, and in no other, though nothing else of the policies differs.
TEST_P(OlderVersion, SessionsAreBoundToTheVersion) {
  ServerOptions server_options = server_of(tls1_0, tls1_3);
  server_options.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  const auto store = std::make_shared<AnySession>();
  const auto expect_session = [&](ProtocolVersion highest, Resumption expected) {
    ClientOptions client_options = client_of(tls1_0, highest);
    client_options.sessions.store = store;
    Pair pair(std::move(client_options), server_options);
    pair.pump();
    expect_data_flows(pair);
    EXPECT_EQ(pair.client.connection.info().version, highest);
    EXPECT_EQ(pair.client.connection.info().resumption, expected);
    EXPECT_EQ(pair.server.connection.info().resumption, expected);
  };
  expect_session(GetParam(), Resumption::none);
  expect_session(GetParam(), Resumption::ticket);
  expect_session(tls1_2, Resumption::none);
}

/// A server that resumes in another version than the session's.
TEST(OlderVersions, AResumedSessionKeepsItsVersion) {
  ClientOptions client_options = client_of(tls1_0, tls1_1);
  client_options.sessions.store = std::make_shared<MemoryClientSessionStore>();
  ServerOptions server_options = server_of(tls1_0, tls1_1);
  server_options.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  Pair pair(client_options, server_options);
  pair.pump();
  expect_data_flows(pair);
  Pair again(client_options, server_options);
  Pair::carry(again.client, again.server);
  Buffer flight = take_output(again.server.connection);
  flight[5 + wire::handshake_header_size + 1] = 1;  // of legacy_version in the ServerHello, the first of it
  again.client.feed(flight);
  EXPECT_EQ(alert(again.client.connection), "illegal_parameter");
  EXPECT_EQ(reason(again.client.connection), "wrong_version_selected");
}

/// A key elsewhere is asked for the scheme by its name.
TEST_P(OlderVersion, KeysOutsideSignWithASchemeOfTheirOwn) {
  ServerOptions options = server();
  options.credentials = {far_credential(decrypting_credential())};
  ClientOptions offer = client();
  offer.cipher_suites = {ecdhe_rsa};
  Pair pair(std::move(offer), std::move(options));
  pair.pump();
  const Need* need = pair.server.connection.need();
  ASSERT_TRUE(need && std::holds_alternative<SignRequest>(need->request));
  EXPECT_EQ(std::get<SignRequest>(need->request).scheme, SignatureScheme::rsa_pkcs1_md5_sha1);
  ASSERT_TRUE(pair.server.connection.answer(need->id, right_answer(*need)));
  pair.pump();
  expect_data_flows(pair);
  EXPECT_EQ(std::to_underlying(SignatureScheme::rsa_pkcs1_md5_sha1), 0xff01);
  EXPECT_EQ(name(SignatureScheme::rsa_pkcs1_md5_sha1), "rsa_pkcs1_md5_sha1");
  const std::span<const SignatureScheme> rsa_schemes = decrypting_credential()->schemes(GetParam(), Side::server);
  EXPECT_EQ(std::vector(rsa_schemes.begin(), rsa_schemes.end()), std::vector{SignatureScheme::rsa_pkcs1_md5_sha1});
  const std::span<const SignatureScheme> ecdsa_schemes = shared_credential()->schemes(GetParam(), Side::client);
  EXPECT_EQ(std::vector(ecdsa_schemes.begin(), ecdsa_schemes.end()), std::vector{SignatureScheme::ecdsa_sha1});
  for (SignatureScheme scheme : decrypting_credential()->schemes(tls1_2, Side::server))
    EXPECT_NE(scheme, SignatureScheme::rsa_pkcs1_md5_sha1);
}

}  // namespace
}  // namespace handfast::test
