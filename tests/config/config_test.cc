// ClientConfig and ServerConfig: what is filled in, and every option that is refused.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/needs.h"
#include "engine/pair.h"
#include "support/random.h"

namespace handfast::test {
namespace {

/// "option: problem" of a bad_config, "made" where there is a config, another error's reason.
template <typename Config, typename Options>
std::string refusal(Options options) {
  const auto config = Config::make(std::move(options));
  if (config) return "made";
  if (config.error().reason() != Reason::bad_config) return std::string(name(config.error().reason()));
  EXPECT_EQ(config.error().alert(), Alert::internal_error);
  return to_text(config.error().find("option") ? *config.error().find("option") : "?") + ": " +
         to_text(config.error().find("problem") ? *config.error().find("problem") : "?");
}

/// The option that both sides refuse after `change`, or what each of them says.
std::string common_refusal(const std::function<void(CommonOptions&)>& change) {
  ClientOptions client = client_options();
  ServerOptions server = server_options();
  change(client);
  change(server);
  const std::string of_client = refusal<ClientConfig>(std::move(client));
  const std::string of_server = refusal<ServerConfig>(std::move(server));
  return of_client == of_server ? of_client.substr(0, of_client.find(':')) : of_client + " / " + of_server;
}

std::string client_refusal(const std::function<void(ClientOptions&)>& change) {
  ClientOptions options = client_options();
  change(options);
  const std::string refused = refusal<ClientConfig>(std::move(options));
  return refused.substr(0, refused.find(':'));
}

std::string server_refusal(const std::function<void(ServerOptions&)>& change) {
  ServerOptions options = server_options();
  change(options);
  const std::string refused = refusal<ServerConfig>(std::move(options));
  return refused.substr(0, refused.find(':'));
}

TEST(Config, RawPublicKeysAreTakenWhereItIsSaidWhich) {
  using enum CertificateType;
  EXPECT_EQ(value(ClientConfig::make(client_options()))->options().peer_certificate_types, std::vector{X509});
  EXPECT_EQ(common_refusal([](CommonOptions& o) { o.trusted_raw_public_keys.resize(1); }), "trusted_raw_public_keys");
  EXPECT_EQ(common_refusal([](CommonOptions& o) { o.peer_certificate_types = {X509, RawPublicKey}; }),
            "peer_certificate_types");
  EXPECT_EQ(common_refusal([](CommonOptions& o) { o.peer_certificate_types = {X509, X509}; }),
            "peer_certificate_types");
  EXPECT_EQ(common_refusal([](CommonOptions& o) { o.peer_certificate_types = {CertificateType{1}}; }),
            "peer_certificate_types");
  const auto with_key = [](CommonOptions& o) {
    o.peer_certificate_types = {RawPublicKey};
    o.trusted_raw_public_keys.resize(1);
  };
  EXPECT_EQ(client_refusal([&](ClientOptions& o) { with_key(o), o.trust = nullptr; }), "made");
  EXPECT_EQ(client_refusal([&](ClientOptions& o) {
              o.peer_certificate_types = {RawPublicKey};
              o.verification.unverified_peer = UnverifiedPeer::go_on;
            }),
            "made");
  EXPECT_EQ(client_refusal([&](ClientOptions& o) {
              with_key(o);
              const std::string terms[] = {"dns:server.example"};
              o.authorization = value(IdentityRule::any_of(terms));
            }),
            "authorization");
  EXPECT_EQ(client_refusal([&](ClientOptions& o) { o.client_certificate_types = {RawPublicKey}; }),
            "client_certificate_types");
  // Clients are asked for nothing.
  EXPECT_EQ(server_refusal([&](ServerOptions& o) { with_key(o); }), "peer_certificate_types");
  EXPECT_EQ(server_refusal([&](ServerOptions& o) { with_key(o), o.peer_certificate_types.push_back(X509); }),
            "peer_certificate_types");
  // A verifier decides in the place of the list.
  EXPECT_EQ(client_refusal([&](ClientOptions& o) { with_key(o), o.verifier = std::make_shared<FarVerifier>(); }),
            "trusted_raw_public_keys");
  EXPECT_EQ(server_refusal([&](ServerOptions& o) {
              with_key(o);
              o.client_auth = ClientAuth::require;
              o.client_verifier = std::make_shared<FarVerifier>();
            }),
            "trusted_raw_public_keys");
  EXPECT_EQ(server_refusal([&](ServerOptions& o) { with_key(o), o.client_auth = ClientAuth::require; }), "made");
}

TEST(Config, WhatAClientShowsIsWhatItHas) {
  using enum CertificateType;
  const auto key = LocalKey::of(value(crypto::SigningKey::generate(crypto::KeyType::p256)));
  ClientOptions options = client_options();
  options.credentials = {value(Credential::raw_public_key(key->subject_public_key_info(), key)), shared_credential()};
  EXPECT_EQ(value(ClientConfig::make(options))->options().client_certificate_types, (std::vector{RawPublicKey, X509}));
  options.credentials.pop_back();
  EXPECT_EQ(value(ClientConfig::make(options))->options().client_certificate_types, std::vector{RawPublicKey});
  options.client_certificate_types = {RawPublicKey, X509};
  EXPECT_EQ(refusal<ClientConfig>(options), "client_certificate_types: none of the credentials is of the type X509");
  options.client_certificate_types = {X509};
  options.credentials.clear();
  EXPECT_EQ(refusal<ClientConfig>(options), "made") << "what is said by default";
}

/// What a session is bound to, of raw public keys on either side.
TEST(Config, ThePolicyOfSessionsSpeaksOfRawPublicKeys) {
  using enum CertificateType;
  const auto raw = [] {
    const auto key = LocalKey::of(value(crypto::SigningKey::generate(crypto::KeyType::p256)));
    return value(Credential::raw_public_key(key->subject_public_key_info(), key));
  };
  const auto one = raw(), other = raw();
  const auto takes = [](CommonOptions& options, std::vector<CertificateType> types, std::uint8_t key) {
    options.peer_certificate_types = std::move(types);
    options.trusted_raw_public_keys = {SpkiPin{}};
    options.trusted_raw_public_keys.front().sha256.fill(key);
  };
  const std::vector<std::function<void(ClientOptions&)>> clients = {
      [](ClientOptions&) {},
      [&](ClientOptions& o) { takes(o, {RawPublicKey}, 1); },
      [&](ClientOptions& o) { takes(o, {RawPublicKey}, 2); },
      [&](ClientOptions& o) { takes(o, {RawPublicKey, X509}, 1); },
      [&](ClientOptions& o) { takes(o, {X509, RawPublicKey}, 1); },
      [&](ClientOptions& o) { o.credentials = {one}; },
      [&](ClientOptions& o) { o.credentials = {other}; },
      [&](ClientOptions& o) { o.credentials = {one, shared_credential()}; },
      [&](ClientOptions& o) {
        o.credentials = {one, shared_credential()};
        o.client_certificate_types = {X509, RawPublicKey};
      }};
  const std::vector<std::function<void(ServerOptions&)>> servers = {
      [](ServerOptions&) {},
      [&](ServerOptions& o) { takes(o, {RawPublicKey}, 1); },
      [&](ServerOptions& o) { takes(o, {RawPublicKey}, 2); },
      [&](ServerOptions& o) { takes(o, {RawPublicKey, X509}, 1); },
      [&](ServerOptions& o) { takes(o, {X509, RawPublicKey}, 1); },
      [&](ServerOptions& o) { o.credentials = {one}; },
      [&](ServerOptions& o) { o.credentials = {other}; },
      [&](ServerOptions& o) { o.credentials = {one, shared_credential()}; }};
  std::set<std::array<std::uint8_t, 32>> policies;
  for (const auto& change : clients) {
    ClientOptions options = client_options();
    change(options);
    const auto policy = value(ClientConfig::make(options))->session_policy();
    EXPECT_EQ(value(ClientConfig::make(options))->session_policy(), policy);
    policies.insert(policy);
  }
  for (const auto& change : servers) {
    ServerOptions options = server_options();
    options.client_auth = ClientAuth::request;
    options.client_trust = shared_authority().anchors();
    change(options);
    const auto policy = value(ServerConfig::make(options))->session_policy();
    EXPECT_EQ(value(ServerConfig::make(options))->session_policy(), policy);
    policies.insert(policy);
  }
  EXPECT_EQ(policies.size(), clients.size() + servers.size());
}

TEST(Config, FillsDefaultsIn) {
  const auto client = value(ClientConfig::make(client_options()));
  EXPECT_EQ(client->options().cipher_suites, supported_cipher_suites());
  EXPECT_EQ(client->options().groups, default_groups());
  EXPECT_EQ(client->options().signature_schemes, supported_signature_schemes());
  EXPECT_TRUE(client->options().certificate_schemes.empty());
  EXPECT_EQ(client->options().key_shares, (std::vector{NamedGroup::X25519MLKEM768, NamedGroup::x25519}));
  EXPECT_NE(client->options().random, nullptr);
  const auto server = value(ServerConfig::make(server_options()));
  EXPECT_EQ(server->options().cipher_suites, supported_cipher_suites());
  EXPECT_NE(server->options().random, nullptr);
  EXPECT_EQ(server->options().client_auth, ClientAuth::none);

  ClientOptions options = client_options();
  options.clock = nullptr;
  EXPECT_GT(value(ClientConfig::make(std::move(options)))->options().clock->now(), 1'700'000'000);
}

TEST(Config, KeepsWhatWasSaid) {
  ClientOptions options = client_options();
  options.cipher_suites = {CipherSuite::TLS_CHACHA20_POLY1305_SHA256};
  options.groups = {NamedGroup::secp384r1, NamedGroup::x25519};
  options.key_shares = options.groups;
  options.signature_schemes = {SignatureScheme::ed25519};
  const auto config = value(ClientConfig::make(options));
  EXPECT_EQ(config->options().cipher_suites, options.cipher_suites);
  EXPECT_EQ(config->options().groups, options.groups);
  EXPECT_EQ(config->options().key_shares, options.key_shares);
  EXPECT_EQ(config->options().signature_schemes, options.signature_schemes);
}

TEST(Config, RefusesVersions) {
  EXPECT_EQ(common_refusal([](auto& o) { o.min_version = ProtocolVersion::tls1_1; }), "min_version");  // without suites
  EXPECT_EQ(common_refusal([](auto& o) { o.min_version = ProtocolVersion::ssl3_0; }), "min_version");
  EXPECT_EQ(common_refusal([](auto& o) {
              o.min_version = ProtocolVersion::tls1_3;
              o.max_version = ProtocolVersion::tls1_2;
            }),
            "min_version");
  EXPECT_EQ(common_refusal([](auto& o) { o.max_version = ProtocolVersion{0x0305}; }), "min_version");
}

/// A rule that nobody could ever be asked about would let everybody in.
TEST(Config, AskingLaterNeedsTls13) {
  const auto asks_later = [](ServerOptions& o) {
    o.post_handshake_auth = true;
    o.client_trust = shared_authority().anchors();
  };
  EXPECT_EQ(server_refusal(asks_later), "made");
  EXPECT_EQ(server_refusal([&](ServerOptions& o) {
              asks_later(o);
              o.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
            }),
            "post_handshake_auth");
}

/// Versions without a suite are not spoken, and suites of versions that are not spoken are left out.
TEST(Config, SuitesAndVersionsSayTheSame) {
  ClientOptions client = client_options();
  client.cipher_suites = {CipherSuite::TLS_AES_128_GCM_SHA256};
  EXPECT_EQ(value(ClientConfig::make(client))->options().min_version, ProtocolVersion::tls1_3);
  client.cipher_suites = {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256};
  const auto older = value(ClientConfig::make(client));
  EXPECT_EQ(older->options().max_version, ProtocolVersion::tls1_2);
  EXPECT_TRUE(older->options().key_shares.empty());
  client.min_version = ProtocolVersion::tls1_3;
  EXPECT_FALSE(ClientConfig::make(client));
  client.cipher_suites = {};
  EXPECT_EQ(value(ClientConfig::make(client))->options().cipher_suites.size(), 3u);
}

/// So do groups: those with ML-KEM are of TLS 1.3.
TEST(Config, GroupsAndVersionsSayTheSame) {
  using enum NamedGroup;
  ClientOptions client = client_options();
  client.max_version = ProtocolVersion::tls1_2;
  EXPECT_EQ(value(ClientConfig::make(client))->options().groups,
            (std::vector{x25519, secp256r1, secp384r1, secp521r1}));
  client.groups = {MLKEM1024, secp256r1, X25519MLKEM768};
  EXPECT_EQ(value(ClientConfig::make(client))->options().groups, (std::vector{secp256r1}));
  const auto only_post_quantum = [](CommonOptions& o) { o.groups = {X25519MLKEM768, MLKEM768}; };
  EXPECT_EQ(common_refusal([&](auto& o) {
              only_post_quantum(o);
              o.max_version = ProtocolVersion::tls1_2;
            }),
            "groups");
  EXPECT_EQ(common_refusal([&](auto& o) {
              only_post_quantum(o);
              o.cipher_suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
            }),
            "cipher_suites");
  ClientOptions newer = client_options();
  only_post_quantum(newer);
  EXPECT_EQ(value(ClientConfig::make(newer))->options().min_version, ProtocolVersion::tls1_3);
  newer.groups.push_back(secp256r1);
  EXPECT_EQ(value(ClientConfig::make(newer))->options().min_version, ProtocolVersion::tls1_2);
}

TEST(Config, GroupsThatMustBeNamed) {
  for (NamedGroup group : supported_groups()) {
    EXPECT_EQ(common_refusal([&](auto& o) { o.groups = {group}; }), "made") << name(group);
  }
  EXPECT_EQ(default_groups().size(), 5U);
  EXPECT_EQ(supported_groups().size(), 9U);
}

TEST(Config, RefusesWhatIsNotSupported) {
  EXPECT_EQ(common_refusal([](auto& o) { o.cipher_suites = {CipherSuite{0x1304}}; }), "cipher_suites");
  EXPECT_EQ(common_refusal([](auto& o) { o.cipher_suites = {CipherSuite{0xc008}}; }), "cipher_suites");
  EXPECT_EQ(common_refusal([](auto& o) { o.groups = {NamedGroup::x25519, NamedGroup::x448}; }), "groups");
  EXPECT_EQ(common_refusal([](auto& o) { o.signature_schemes = {SignatureScheme::ecdsa_sha1}; }), "signature_schemes");
  EXPECT_EQ(common_refusal([](auto& o) { o.certificate_schemes = {SignatureScheme::ed448}; }), "certificate_schemes");
}

TEST(Config, RefusesWhatStandsThereTwice) {
  EXPECT_EQ(common_refusal([](auto& o) {
              o.cipher_suites = {CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_128_GCM_SHA256};
            }),
            "cipher_suites");
  EXPECT_EQ(common_refusal([](auto& o) { o.groups = {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::x25519}; }),
            "groups");
  EXPECT_EQ(common_refusal([](auto& o) { o.signature_schemes = {SignatureScheme::ed25519, SignatureScheme::ed25519}; }),
            "signature_schemes");
}

TEST(Config, RefusesProtocols) {
  EXPECT_EQ(common_refusal([](auto& o) { o.application_protocols = {"h2", ""}; }), "application_protocols");
  EXPECT_EQ(common_refusal([](auto& o) { o.application_protocols = {std::string(255, 'a')}; }), "made");
  EXPECT_EQ(common_refusal([](auto& o) { o.application_protocols = {std::string(256, 'a')}; }),
            "application_protocols");
  // 256 names of 256 bytes, length included, are one byte too many for the list.
  EXPECT_EQ(common_refusal([](auto& o) { o.application_protocols.assign(255, std::string(255, 'a')); }), "made");
  EXPECT_EQ(common_refusal([](auto& o) { o.application_protocols.assign(256, std::string(255, 'a')); }),
            "application_protocols");
}

TEST(Config, RefusesSizes) {
  for (const std::uint16_t good : std::initializer_list<std::uint16_t>{64, 16385})
    EXPECT_EQ(common_refusal([&](auto& o) { o.record_size_limit = good; }), "made") << good;
  for (const std::uint16_t bad : std::initializer_list<std::uint16_t>{0, 63, 16386, 65535})
    EXPECT_EQ(common_refusal([&](auto& o) { o.record_size_limit = bad; }), "record_size_limit") << bad;
  for (const std::size_t good : {1u, 16384u})
    EXPECT_EQ(common_refusal([&](auto& o) { o.max_send_fragment = good; }), "made") << good;
  for (const std::size_t bad : {0u, 16385u})
    EXPECT_EQ(common_refusal([&](auto& o) { o.max_send_fragment = bad; }), "max_send_fragment") << bad;
  EXPECT_EQ(common_refusal([](auto& o) { o.record_padding = 16384; }), "made");
  EXPECT_EQ(common_refusal([](auto& o) { o.record_padding = 16385; }), "record_padding");
  EXPECT_EQ(common_refusal([](auto& o) { o.limits.records_per_key = 0; }), "limits.records_per_key");
}

TEST(ClientConfig, RefusesKeyShares) {
  const auto shares = [](std::vector<NamedGroup> groups, std::vector<NamedGroup> key_shares, bool none = false) {
    return client_refusal([&](ClientOptions& o) {
      o.groups = groups;
      o.key_shares = key_shares;
      o.empty_key_share = none;
    });
  };
  using enum NamedGroup;
  EXPECT_EQ(shares({x25519, secp256r1, secp384r1}, {x25519, secp384r1}), "made");
  EXPECT_EQ(shares({x25519, secp256r1}, {}, true), "made");
  EXPECT_EQ(shares({x25519, secp256r1}, {secp384r1}), "key_shares");          // not among them
  EXPECT_EQ(shares({x25519, secp256r1}, {secp256r1, x25519}), "key_shares");  // not in their order
  EXPECT_EQ(shares({x25519, secp256r1}, {x25519, x25519}), "key_shares");     // twice
  EXPECT_EQ(shares({x25519, secp256r1}, {x25519}, true), "empty_key_share");  // both
}

TEST(ClientConfig, SharesOfTheFirstOfEachKind) {
  using enum NamedGroup;
  const auto shares = [](std::vector<NamedGroup> groups) {
    ClientOptions options = client_options();
    options.groups = std::move(groups);
    return value(ClientConfig::make(std::move(options)))->options().key_shares;
  };
  EXPECT_EQ(shares({x25519, secp256r1}), (std::vector{x25519}));
  EXPECT_EQ(shares({secp256r1, x25519, MLKEM1024, X25519MLKEM768}), (std::vector{secp256r1, MLKEM1024}));
  EXPECT_EQ(shares({X25519MLKEM768, MLKEM768}), (std::vector{X25519MLKEM768}));
}

TEST(ClientConfig, WhatTheServerIsKnownToTakeDecidesTheShare) {
  using enum NamedGroup;
  const auto shares = [](std::vector<NamedGroup> hint, std::vector<NamedGroup> named, bool none = false) {
    ClientOptions options = client_options();
    options.groups = {X25519MLKEM768, x25519, secp256r1};
    options.server_groups = std::move(hint);
    options.key_shares = std::move(named);
    options.empty_key_share = none;
    const auto config = value(ClientConfig::make(std::move(options)));
    EXPECT_EQ(config->options().empty_key_share, config->options().key_shares.empty());
    return config->options().key_shares;
  };
  // Our order counts, not the hint's.
  EXPECT_EQ(shares({secp256r1, x25519}, {}), (std::vector{x25519}));
  EXPECT_EQ(shares({NamedGroup{0x1234}, secp256r1}, {}), (std::vector{secp256r1}));
  EXPECT_EQ(shares({secp256r1}, {X25519MLKEM768, x25519}), (std::vector{secp256r1}));
  EXPECT_EQ(shares({secp256r1}, {}, true), (std::vector{secp256r1}));
  // What says nothing of ours changes nothing.
  EXPECT_EQ(shares({secp521r1, NamedGroup{0x1234}}, {x25519}), (std::vector{x25519}));
  EXPECT_EQ(shares({secp521r1}, {}, true), (std::vector<NamedGroup>{}));
}

TEST(ServerConfig, RefusesEqualGroups) {
  using enum NamedGroup;
  const auto equal = [](std::vector<std::vector<NamedGroup>> sets, bool ours = true) {
    return server_refusal([&](ServerOptions& o) {
      o.groups = {X25519MLKEM768, MLKEM1024, x25519};
      o.equal_groups = sets;
      o.prefer_server_order = ours;
    });
  };
  EXPECT_EQ(equal({{X25519MLKEM768, MLKEM1024}, {x25519}}), "made");
  ServerOptions older = server_options();
  older.max_version = ProtocolVersion::tls1_2;
  older.equal_groups = {{X25519MLKEM768, x25519, secp256r1}};
  // The options of a config make a config.
  const auto made = value(ServerConfig::make(older));
  EXPECT_EQ(made->options().equal_groups, (std::vector<std::vector<NamedGroup>>{{x25519, secp256r1}}));
  EXPECT_TRUE(ServerConfig::make(made->options()));
  EXPECT_EQ(equal({{X25519MLKEM768, secp256r1}}), "equal_groups");                       // not among them
  EXPECT_EQ(equal({{X25519MLKEM768, MLKEM1024}, {MLKEM1024, x25519}}), "equal_groups");  // in two sets
  EXPECT_EQ(equal({{X25519MLKEM768, X25519MLKEM768}}), "equal_groups");                  // twice
  EXPECT_EQ(equal({{X25519MLKEM768, MLKEM1024}}, false), "equal_groups");                // the client decides anyway
}

TEST(ServerConfig, RefusesEqualCipherSuites) {
  using enum CipherSuite;
  const auto equal = [](std::vector<std::vector<CipherSuite>> sets, bool ours = true) {
    return server_refusal([&](ServerOptions& o) {
      o.cipher_suites = {TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
      o.equal_cipher_suites = sets;
      o.prefer_server_order = ours;
    });
  };
  EXPECT_EQ(equal({{TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256}, {}}), "made");
  ServerOptions older = server_options();
  older.max_version = ProtocolVersion::tls1_2;
  older.equal_cipher_suites = {
      {TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}};
  // The options of a config make a config.
  const auto made = value(ServerConfig::make(older));
  EXPECT_EQ(made->options().equal_cipher_suites,
            (std::vector<std::vector<CipherSuite>>{
                {TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}));
  EXPECT_TRUE(ServerConfig::make(made->options()));
  EXPECT_EQ(equal({{TLS_AES_128_GCM_SHA256, TLS_CHACHA20_POLY1305_SHA256}}), "equal_cipher_suites");  // not among them
  EXPECT_EQ(equal({{TLS_AES_128_GCM_SHA256}, {TLS_AES_128_GCM_SHA256}}), "equal_cipher_suites");      // in two sets
  EXPECT_EQ(equal({{TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384}}, false), "equal_cipher_suites");
}

TEST(ClientConfig, RefusesCredentials) {
  EXPECT_EQ(client_refusal([](auto& o) { o.credentials = {nullptr}; }), "credentials");
  EXPECT_EQ(client_refusal([](auto& o) { o.credentials = {shared_credential()}; }), "made");
}

TEST(ServerConfig, RefusesCredentials) {
  EXPECT_EQ(server_refusal([](auto& o) { o.credentials.clear(); }), "credentials");
  EXPECT_EQ(server_refusal([](auto& o) { o.credentials = {shared_credential(), nullptr}; }), "credentials");
}

class Chooser final : public CredentialChooser {
 public:
  void choose(CredentialRequest, std::function<void(CredentialAnswer)>) const override { FAIL(); }
};
class Verifier final : public ChainVerifier {
 public:
  void verify(VerifyRequest, std::function<void(VerifyAnswer)>) const override { FAIL(); }
};

TEST(ClientConfig, EarlyDataNeedsSessions) {
  const auto early = [](ClientOptions& o) {
    o.sessions.early_data = true;
    o.sessions.store = std::make_shared<MemoryClientSessionStore>();
  };
  EXPECT_EQ(client_refusal(early), "made");
  EXPECT_EQ(client_refusal([&](auto& o) { early(o), o.sessions.store = nullptr; }), "sessions.early_data");
  // Where TLS 1.2 alone is spoken there is never any, which is nothing that anybody could rely on.
  EXPECT_EQ(client_refusal([&](auto& o) { early(o), o.max_version = ProtocolVersion::tls1_2; }), "made");
  EXPECT_EQ(client_refusal([&](auto& o) { early(o), o.min_version = ProtocolVersion::tls1_3; }), "made");
}

TEST(ServerConfig, EarlyDataNeedsSessions) {
  const auto early = [](ServerOptions& o) {
    o.sessions.max_early_data = 1000;
    o.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
    o.sessions.strike_register = std::make_shared<StrikeRegister>(0);
  };
  EXPECT_EQ(server_refusal(early), "made");
  EXPECT_EQ(server_refusal([&](auto& o) { early(o), o.max_version = ProtocolVersion::tls1_2; }), "made");
  EXPECT_EQ(server_refusal([&](auto& o) { early(o), o.sessions.ticket_keys = nullptr; }), "sessions.max_early_data");
  EXPECT_EQ(server_refusal([&](auto& o) { early(o), o.sessions.strike_register = nullptr; }),
            "sessions.strike_register");
  // Sessions of a store are good once, and need none.
  EXPECT_EQ(server_refusal([&](auto& o) {
              early(o);
              o.sessions.strike_register = nullptr;
              o.sessions.store = std::make_shared<MemorySessionStore>();
              o.sessions.stored_tickets = true;
            }),
            "made");
}

TEST(ServerConfig, RefusesSessions) {
  EXPECT_EQ(server_refusal([](auto& o) { o.sessions.lifetime = 0; }), "sessions.lifetime");
  EXPECT_EQ(server_refusal([](auto& o) { o.sessions.lifetime = 7 * 86400 + 1; }), "sessions.lifetime");
  EXPECT_EQ(server_refusal([](auto& o) { o.sessions.lifetime = 7 * 86400; }), "made");
  EXPECT_EQ(server_refusal([](auto& o) { o.sessions.tickets = 17; }), "sessions.tickets");
  EXPECT_EQ(server_refusal([](auto& o) { o.sessions.tickets = 16; }), "made");
  EXPECT_EQ(server_refusal([](auto& o) { o.sessions.stored_tickets = true; }), "sessions.stored_tickets");
}

TEST(ServerConfig, AChooserStandsForCredentials) {
  EXPECT_EQ(server_refusal([](auto& o) {
              o.credentials.clear();
              o.credential_chooser = std::make_shared<Chooser>();
            }),
            "made");
}

// Nothing is asked for that nobody checks.
TEST(ServerConfig, ClientAuthNeedsSomebodyToVerify) {
  for (const ClientAuth asked : {ClientAuth::request, ClientAuth::require}) {
    EXPECT_EQ(server_refusal([&](auto& o) { o.client_auth = asked; }), "client_trust");
    EXPECT_EQ(server_refusal([&](auto& o) {
                o.client_auth = asked;
                o.client_trust = shared_authority().anchors();
              }),
              "made");
    EXPECT_EQ(server_refusal([&](auto& o) {
                o.client_auth = asked;
                o.client_verifier = std::make_shared<Verifier>();
              }),
              "made");
    // Trust in certain servers is trust in no client.
    EXPECT_EQ(server_refusal([&](auto& o) {
                o.client_auth = asked;
                o.client_trust =
                    shared_authority().anchors()->only_for(std::vector<std::string>{"example.com"}).value();
              }),
              "client_trust");
  }
}

TEST(ServerConfig, RefusesNamesThatAreNone) {
  const Bytes subject = shared_authority().subject();
  EXPECT_EQ(server_refusal([&](auto& o) { o.client_ca_names = {Buffer(subject.begin(), subject.end())}; }), "made");
  for (const Buffer& bad : {Buffer{}, Buffer{0x30}, Buffer{0x31, 0x00}, Buffer{0x30, 0x02, 0x31, 0x00}})
    EXPECT_EQ(server_refusal([&](auto& o) { o.client_ca_names = {bad}; }), "client_ca_names");
}

// A verifier of one's own stands for the system's roots, which may not even be there.
TEST(ClientConfig, TrustsTheSystemOnlyWhereNothingElseIsSaid) {
  ::setenv("SSL_CERT_FILE", "/nonexistent/roots.pem", 1);
  EXPECT_EQ(client_refusal([](auto& o) { o.trust = nullptr; }), "file_not_readable");
  EXPECT_EQ(client_refusal([](auto& o) {
              o.trust = nullptr;
              o.verifier = std::make_shared<Verifier>();
            }),
            "made");
  ::unsetenv("SSL_CERT_FILE");
}

}  // namespace
}  // namespace handfast::test
