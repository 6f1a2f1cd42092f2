// What a session is bound to: across another host name or another policy of either side there is a full handshake,
// never a resumption and never an error; under the same policy there is a resumption, whoever made the config.
#include <gtest/gtest.h>

#include <functional>

#include "engine/resumption.h"

namespace handfast::test {
namespace {

class Binding : public testing::TestWithParam<Carrier> {
 protected:
  Resumption resumed() const { return resumption_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Carriers, Binding, testing::ValuesIn(all_carriers), carrier_name);
class SealedBinding : public Binding {};
INSTANTIATE_TEST_SUITE_P(Carriers, SealedBinding, testing::ValuesIn(sealed_carriers), carrier_name);

const std::shared_ptr<const Credential>& client_credential() {
  static const auto credential = shared_authority().credential("client.example");
  return credential;
}
const Authority& other_authority() {
  static const Authority authority("Other root");
  return authority;
}

// --- The server's side: the client offers what it has, whatever it is good for
// ----------------------------------------------------------------------------------------------------------------

/// A session is made, `change` is made to the server, and the session is offered.
void expect_crossing(Carrier carrier, const std::function<void(Resumer&)>& prepare,
                     const std::function<void(Resumer&)>& change) {
  Resumer resumer = resumer_for(carrier);
  prepare(resumer);
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  ASSERT_TRUE(held->held);
  const SavedSession saved = *held->held;
  change(resumer);
  SessionTrace client, server;
  Pair crossing = resumer.connect("server.example", &client, &server);
  EXPECT_TRUE(full(crossing)) << server.text();
  EXPECT_TRUE(client.says(SessionRefusal::declined)) << "it was not offered";
  expect_usable(crossing);

  // And back again under what it was made for, where it is not used up.
  if (carrier == Carrier::psk_stored || carrier == Carrier::psk_far) return;
  Resumer before = resumer_for(carrier);
  prepare(before);
  before.server.sessions.ticket_keys = resumer.server.sessions.ticket_keys;
  before.server.sessions.store = resumer.server.sessions.store;
  hold(before)->held = saved;
  EXPECT_TRUE(ended_with(before.connect(), resumption_of(carrier)));
}

void nothing(Resumer&) {}

void ask_client(Resumer& resumer, ClientAuth demand) {
  resumer.client.credentials = {client_credential()};
  resumer.server.client_auth = demand;
  resumer.server.client_trust = shared_authority().anchors();
}
void ask(Resumer& resumer) { ask_client(resumer, ClientAuth::request); }

TEST_P(Binding, TheSamePolicyInAnotherConfigResumes) {
  for (const auto& prepare : {std::function(nothing), std::function(ask)}) {
    Resumer resumer = resumer_for(GetParam());
    prepare(resumer);
    hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    // What does not belong to the policy may change: credentials, groups, limits, random numbers.
    resumer.server.credentials = {shared_authority().credential("server.example")};
    resumer.server.max_send_fragment = 1000;
    resumer.server.prefer_server_order = false;
    Pair again = resumer.connect();
    EXPECT_TRUE(ended_with(again, resumed()));
    expect_usable(again);
  }
}

TEST_P(Binding, AnotherServerName) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.credentials = {shared_authority().credential(shared_authority().leaf({"a.example", "b.example"}))};
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect("a.example")));
  SessionTrace client;
  EXPECT_TRUE(full(resumer.connect("b.example", &client)));
  EXPECT_TRUE(client.says(SessionRefusal::declined));
  EXPECT_TRUE(ended_with(resumer.connect("b.example"), resumed()));
  EXPECT_TRUE(full(resumer.connect("a.example")));
  // The same name in other letters is the same.
  EXPECT_TRUE(ended_with(resumer.connect("A.Example"), resumed()));
}

TEST_P(Binding, NoServerName) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.credentials = {shared_authority().credential(shared_authority().leaf({"a.example", "192.0.2.7"}))};
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect("a.example")));
  EXPECT_TRUE(full(resumer.connect("192.0.2.7"))) << "from a name to none";
  EXPECT_TRUE(ended_with(resumer.connect("192.0.2.7"), resumed()));
  EXPECT_TRUE(full(resumer.connect("a.example"))) << "from none to a name";
}

TEST_P(Binding, AcrossNamesWhereBothConfigsSaySo) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.credentials = {shared_authority().credential(shared_authority().leaf({"a.example", "b.example"}))};
  resumer.server.sessions.across_names = true;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect("a.example")));
  EXPECT_TRUE(ended_with(resumer.connect("b.example"), resumed()));
  resumer.server.sessions.across_names = false;
  EXPECT_TRUE(full(resumer.connect("b.example")));
  resumer.server.sessions.across_names = true;
  EXPECT_TRUE(full(resumer.connect("b.example")));
}

TEST_P(Binding, ClientAuth) {
  const auto demand = [](enum ClientAuth to) { return [to](Resumer& resumer) { ask_client(resumer, to); }; };
  using enum ClientAuth;
  for (auto [from, to] : {std::pair{none, request},
                          {none, require},
                          {request, none},
                          {request, require},
                          {require, none},
                          {require, request}}) {
    SCOPED_TRACE(static_cast<int>(from) * 10 + static_cast<int>(to));
    expect_crossing(GetParam(), demand(from), demand(to));
  }
}

/// Someone without a certificate gets no further by a session than without.
TEST_P(Binding, ASessionIsNoWayAroundRequire) {
  Resumer resumer = resumer_for(GetParam());
  ask_client(resumer, ClientAuth::request);
  resumer.client.credentials.clear();
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.client_auth = ClientAuth::require;
  Pair pair = resumer.connect();
  EXPECT_EQ(reason(pair.server.connection), "no_certificate");
}

TEST_P(Binding, ClientTrust) {
  expect_crossing(GetParam(), ask, [](Resumer& resumer) {
    const Bytes both[] = {shared_authority().root().certificate.der(), other_authority().root().certificate.der()};
    resumer.server.client_trust = value(TrustAnchors::from_der(both));
  });
}

TEST_P(Binding, TheSameTrustReadAgain) {
  Resumer resumer = resumer_for(GetParam());
  ask(resumer);
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.client_trust = shared_authority().anchors();
  EXPECT_TRUE(ended_with(resumer.connect(), resumed()));
}

TEST_P(Binding, ApplicationProtocols) {
  const auto with = [](std::vector<std::string> protocols) {
    return [=](Resumer& resumer) {
      resumer.client.application_protocols = {"h2", "http/1.1"};
      resumer.server.application_protocols = protocols;
    };
  };
  expect_crossing(GetParam(), with({"h2", "http/1.1"}), with({"h2"}));
  expect_crossing(GetParam(), with({"h2"}), with({"http/1.1"}));
  expect_crossing(GetParam(), with({"h2", "http/1.1"}), with({"http/1.1", "h2"}));
  expect_crossing(GetParam(), with({"h2"}), with({}));
  expect_crossing(GetParam(), with({}), with({"h2"}));
  expect_crossing(GetParam(), with({"h2"}), [&](Resumer& resumer) {
    with({"h2"})(resumer);
    resumer.server.require_application_protocol = false;
  });
}

TEST_P(Binding, CipherSuitesAndVersions) {
  const std::vector<CipherSuite> all = supported_cipher_suites();
  std::vector<CipherSuite> fewer(all.begin(), all.end() - 1);
  expect_crossing(GetParam(), nothing, [&](Resumer& resumer) { resumer.server.cipher_suites = fewer; });
  expect_crossing(GetParam(), nothing, [&](Resumer& resumer) {
    (is_tls12(GetParam()) ? resumer.server.max_version : resumer.server.min_version) =
        is_tls12(GetParam()) ? ProtocolVersion::tls1_2 : ProtocolVersion::tls1_3;
  });
  expect_crossing(GetParam(), nothing, [](Resumer& resumer) { resumer.server.require_extended_master_secret = true; });
}

/// A session whose secret came of a curve is no way around groups that are post-quantum alone.
TEST_P(Binding, PostQuantumGroupsAlone) {
  if (is_tls12(GetParam())) return;
  const auto takes = [](std::vector<NamedGroup> groups) {
    return [groups](Resumer& resumer) {
      resumer.server.min_version = ProtocolVersion::tls1_3;
      resumer.server.groups = groups;
    };
  };
  expect_crossing(GetParam(), takes({NamedGroup::x25519, NamedGroup::X25519MLKEM768}),
                  takes({NamedGroup::X25519MLKEM768}));
}

TEST_P(Binding, SignatureSchemes) {
  expect_crossing(GetParam(), ask, [](Resumer& resumer) {
    ask(resumer);
    resumer.server.signature_schemes = supported_signature_schemes();
    resumer.server.signature_schemes.pop_back();
  });
  expect_crossing(GetParam(), ask,
                  [](Resumer& resumer) { resumer.server.certificate_schemes = supported_signature_schemes(); });
}

/// Who was signed to with SHA-1, or for whom, is not resumed where nobody signs so any more.
TEST_P(Binding, SchemesThatAreUsedByNameOnly) {
  const auto with = [](std::vector<SignatureScheme> schemes) {
    return [=](Resumer& resumer) {
      CredentialExtras extras;
      extras.signature_schemes = schemes;
      resumer.server.credentials = {shared_authority().credential(shared_authority().leaf({"server.example"}),
                                                                  crypto::KeyType::p256, std::move(extras))};
    };
  };
  using enum SignatureScheme;
  expect_crossing(GetParam(), nothing, with({ecdsa_secp256r1_sha256, ecdsa_sha1}));
  expect_crossing(GetParam(), with({ecdsa_secp256r1_sha256, ecdsa_sha1}), with({ecdsa_secp256r1_sha256}));
}

TEST_P(Binding, Context) {
  const auto with = [](std::string context) {
    return [=](Resumer& resumer) { resumer.server.sessions.context = context; };
  };
  expect_crossing(GetParam(), nothing, with("site b"));
  expect_crossing(GetParam(), with("site a"), with("site b"));
  expect_crossing(GetParam(), with("site a"), with(""));
}

TEST_P(Binding, KeysFromOutside) {
  const auto with = [](std::uint8_t secret) {
    return [=](Resumer& resumer) {
      resumer.server.pre_shared_keys = {value(PreSharedKey::external(as_bytes("id"), Buffer(32, secret)))};
    };
  };
  expect_crossing(GetParam(), nothing, with(1));
  expect_crossing(GetParam(), with(1), with(2));
}

TEST_P(Binding, VerificationProfile) {
  expect_crossing(GetParam(), ask,
                  [](Resumer& resumer) { resumer.server.client_verification.profile = Profile::strict; });
  expect_crossing(GetParam(), ask,
                  [](Resumer& resumer) { resumer.server.client_verification.revocation = RevocationPolicy::prefer; });
}

/// Whoever was let in without being verified comes back nowhere else.
TEST_P(Binding, UnverifiedPeers) {
  const auto with = [](UnverifiedPeer unverified) {
    return [=](Resumer& resumer) {
      ask(resumer);
      resumer.server.client_verification.unverified_peer = unverified;
    };
  };
  expect_crossing(GetParam(), with(UnverifiedPeer::refuse), with(UnverifiedPeer::go_on));
  expect_crossing(GetParam(), with(UnverifiedPeer::go_on), with(UnverifiedPeer::refuse));
}

TEST_P(Binding, KeptCertificates) {
  const auto with = [](enum KeptCertificates kept) {
    return [=](Resumer& resumer) {
      ask(resumer);
      resumer.server.kept_certificates = kept;
    };
  };
  expect_crossing(GetParam(), with(KeptCertificates::chain), with(KeptCertificates::sha256));
  expect_crossing(GetParam(), with(KeptCertificates::sha256), with(KeptCertificates::chain));
}

struct NamedVerifier final : ChainVerifier {
  explicit NamedVerifier(std::string name) : its_name(std::move(name)) {}
  void verify(VerifyRequest, std::function<void(VerifyAnswer)> done) const override { done({Result<void>()}); }
  std::string policy_name() const override { return its_name; }
  std::string its_name;
};

TEST_P(Binding, AVerifierWithAName) {
  const auto with = [](std::string verifier) {
    return [=](Resumer& resumer) {
      ask(resumer);
      resumer.server.client_verifier = std::make_shared<NamedVerifier>(verifier);
    };
  };
  expect_crossing(GetParam(), with("a"), with("b"));
  expect_crossing(GetParam(), ask, with("a"));
  Resumer resumer = resumer_for(GetParam());
  with("a")(resumer);
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  with("a")(resumer);
  EXPECT_TRUE(ended_with(resumer.connect(), resumed()));
}

TEST_P(Binding, AVerifierWithoutANameIsGoodForItsConfigAlone) {
  Resumer resumer = resumer_for(GetParam());
  ask(resumer);
  resumer.server.client_verifier = std::make_shared<NamedVerifier>("");
  hold(resumer);
  const auto client = value(ClientConfig::make(resumer.client));
  const auto server = value(ServerConfig::make(resumer.server));
  const auto connect = [&](const std::shared_ptr<const ServerConfig>& config) {
    Pair pair(resumer.client, resumer.server);
    pair.client.connection = value(Connection::client(client, "server.example"));
    pair.server.connection = Connection::server(config);
    pump_and_answer(pair);
    return pair;
  };
  ASSERT_TRUE(full(connect(server)));
  EXPECT_TRUE(ended_with(connect(server), resumed()));
  EXPECT_TRUE(full(connect(value(ServerConfig::make(resumer.server)))));
}

// --- Sharing
// -----------------------------------------------------------------------------------------------------------------

TEST_P(SealedBinding, AnotherHostWithTheSameKeysResumes) {
  Resumer resumer = resumer_for(GetParam());
  ask(resumer);
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  const SavedSession saved = *held->held;
  const Buffer exported = export_keys(*resumer.server.sessions.ticket_keys->ring(resumer.clock->now()));

  Resumer host = resumer_for(GetParam());
  ask(host);
  host.server.sessions.store = resumer.server.sessions.store;
  auto keys = std::make_shared<SharedTicketKeys>();
  host.server.sessions.ticket_keys = keys;
  hold(host)->held = saved;
  if (GetParam() != Carrier::psk_far) {
    EXPECT_TRUE(full(host.connect())) << "without the keys";
    hold(host)->held = saved;
  }
  value(keys->set(exported));
  Pair resumed_there = host.connect();
  EXPECT_TRUE(ended_with(resumed_there, resumed()));
  EXPECT_EQ(resumed_there.server.connection.info().peer_identity()->dns_names,
            std::vector<std::string>{"client.example"});
}

TEST_P(SealedBinding, OtherKeysDoNot) {
  Resumer resumer = resumer_for(GetParam());
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  EXPECT_TRUE(full(resumer.connect()));
}

/// What one carrier has sealed or kept is no session in another. But for a ticket of the same keys, where a config of
/// the same policy gives out IDs: it may be another worker's, or of before the reload.
TEST(BindingAcross, CarriersAreNotMixed) {
  for (Carrier from : all_carriers)
    for (Carrier to : all_carriers) {
      if (is_tls12(from) != is_tls12(to) || from == to) continue;
      SCOPED_TRACE(static_cast<int>(from) * 10 + static_cast<int>(to));
      Resumer first = resumer_for(from), second = resumer_for(to);
      const auto held = hold(first);
      ASSERT_TRUE(full(first.connect()));
      if (second.server.sessions.ticket_keys && first.server.sessions.ticket_keys)
        second.server.sessions.ticket_keys = first.server.sessions.ticket_keys;
      second.client.sessions.store = held;
      const bool opens = from == Carrier::psk_ticket && to == Carrier::psk_far;
      EXPECT_TRUE(ended_with(second.connect(), opens ? Resumption::psk : Resumption::none));
    }
}

TEST(BindingAcross, VersionsAreNotMixed) {
  for (Carrier carrier : all_carriers) {
    SCOPED_TRACE(static_cast<int>(carrier));
    Resumer resumer = resumer_for(carrier);
    const auto held = hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    // The client offers it as if it was of the other version, with another identity of the same bytes.
    const bool to_13 = is_tls12(carrier);
    held->held = changed(*held->held, [&](session::ClientSession& session) {
      session.session.version = to_13 ? ProtocolVersion::tls1_3 : ProtocolVersion::tls1_2;
      session.session.cipher_suite =
          to_13 ? CipherSuite::TLS_AES_128_GCM_SHA256 : CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
      if (session.ticket.empty()) session.ticket = session.session_id;
      if (!to_13 && session.ticket.size() == 32) session.session_id = std::exchange(session.ticket, {});
    });
    resumer.client.max_version = to_13 ? ProtocolVersion::tls1_3 : ProtocolVersion::tls1_2;
    EXPECT_TRUE(full(resumer.connect()));
  }
}

// --- The client's side
// -------------------------------------------------------------------------------------------------------

struct ClientBinding : Binding {
  /// A session is made, `change` is made to the client, and nothing is offered; before and afterwards it is.
  void expect_no_offer(const std::function<void(Resumer&)>& prepare, const std::function<void(Resumer&)>& change) {
    Resumer resumer = resumer_for(GetParam());
    prepare(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    const ClientOptions before = resumer.client;
    change(resumer);
    SessionTrace client;
    Pair crossing = resumer.connect("server.example", &client);
    EXPECT_TRUE(full(crossing));
    EXPECT_TRUE(client.events.empty()) << "it was offered: " << client.text();
    resumer.client = before;
    EXPECT_TRUE(ended_with(resumer.connect(), resumed()));
  }
};
INSTANTIATE_TEST_SUITE_P(Carriers, ClientBinding, testing::ValuesIn(all_carriers), carrier_name);
/// TLS 1.2 has no keys from outside.
struct PskClientBinding : ClientBinding {};
INSTANTIATE_TEST_SUITE_P(Carriers, PskClientBinding, testing::ValuesIn(psk_carriers), carrier_name);

TEST_P(ClientBinding, Trust) {
  expect_no_offer(nothing, [](Resumer& resumer) {
    const Bytes both[] = {shared_authority().root().certificate.der(), other_authority().root().certificate.der()};
    resumer.client.trust = value(TrustAnchors::from_der(both));
  });
}
TEST_P(ClientBinding, Credential) {
  expect_no_offer(
      ask, [](Resumer& resumer) { resumer.client.credentials = {shared_authority().credential("client.example")}; });
  expect_no_offer(ask, [](Resumer& resumer) { resumer.client.credentials.clear(); });
}
TEST_P(ClientBinding, Verification) {
  expect_no_offer(nothing, [](Resumer& resumer) { resumer.client.verification.profile = Profile::strict; });
  expect_no_offer(nothing, [](Resumer& resumer) { resumer.client.verification.revocation = RevocationPolicy::off; });
  expect_no_offer(nothing, [](Resumer& resumer) { resumer.client.verifier = std::make_shared<NamedVerifier>("a"); });
  expect_no_offer(nothing,
                  [](Resumer& resumer) { resumer.client.verification.unverified_peer = UnverifiedPeer::go_on; });
}
TEST_P(ClientBinding, KeptCertificates) {
  expect_no_offer(nothing, [](Resumer& resumer) { resumer.client.kept_certificates = KeptCertificates::sha256; });
}
TEST_P(ClientBinding, ApplicationProtocols) {
  expect_no_offer(nothing, [](Resumer& resumer) { resumer.client.application_protocols = {"h2"}; });
}
TEST_P(ClientBinding, CipherSuites) {
  expect_no_offer(nothing, [](Resumer& resumer) {
    resumer.client.cipher_suites = supported_cipher_suites();
    resumer.client.cipher_suites.pop_back();
  });
}
TEST_P(ClientBinding, Context) {
  expect_no_offer(nothing, [](Resumer& resumer) { resumer.client.sessions.context = "another user"; });
}
TEST_P(PskClientBinding, KeysFromOutside) {
  expect_no_offer(nothing, [](Resumer& resumer) {
    resumer.client.pre_shared_keys = {value(PreSharedKey::external(as_bytes("id"), Buffer(32, 1)))};
  });
}
/// A session of a server that was known by its certificate is none for who wants a key to be had.
TEST_P(PskClientBinding, ARequiredKey) {
  const auto with = [](bool required) {
    return [=](Resumer& resumer) {
      resumer.client.pre_shared_keys = {value(PreSharedKey::external(as_bytes("id"), Buffer(32, 1)))};
      resumer.client.require_pre_shared_key = required;
    };
  };
  Resumer resumer = resumer_for(GetParam());
  with(false)(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  with(true)(resumer);
  SessionTrace client;
  Pair crossing = resumer.connect("server.example", &client);
  EXPECT_EQ(reason(crossing.client.connection), "missing_extension");
  EXPECT_TRUE(client.events.empty()) << "it was offered: " << client.text();
}
TEST_P(ClientBinding, NameAndPort) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.credentials = {shared_authority().credential(shared_authority().leaf({"a.example", "b.example"}))};
  const auto connect = [&](std::string_view name, std::uint16_t port, SessionTrace& trace) {
    Pair pair(resumer.client, resumer.server, name);
    pair.client.connection = value(Connection::client(value(ClientConfig::make(resumer.client)), {name, port}, &trace));
    pump_and_answer(pair);
    return pair;
  };
  SessionTrace first, other_port, other_name, again;
  ASSERT_TRUE(full(connect("a.example", 443, first)));
  EXPECT_TRUE(full(connect("a.example", 8443, other_port)));
  EXPECT_TRUE(full(connect("b.example", 443, other_name)));
  EXPECT_TRUE(first.events.empty() && other_port.events.empty() && other_name.events.empty());
  EXPECT_TRUE(ended_with(connect("a.example", 443, again), resumed()));
}

/// A client that was pinned to less offers nothing that it could not speak.
TEST_P(ClientBinding, WhatItDoesNotSpeakIsNotOffered) {
  Resumer resumer = resumer_for(GetParam());
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  const SavedSession saved = *held->held;
  SessionTrace version;
  if (is_tls12(GetParam())) {
    resumer.client.max_version = ProtocolVersion::tls1_3;
    resumer.client.min_version = ProtocolVersion::tls1_3;
  } else {
    resumer.client.max_version = ProtocolVersion::tls1_2;
  }
  EXPECT_TRUE(full(resumer.connect("server.example", &version)));
  EXPECT_TRUE(version.says(SessionRefusal::version)) << version.text();

  resumer = resumer_for(GetParam());
  hold(resumer)->held = saved;
  for (CipherSuite suite : supported_cipher_suites())
    if (suite != saved.content().session.cipher_suite) resumer.client.cipher_suites.push_back(suite);
  SessionTrace suites;
  EXPECT_TRUE(full(resumer.connect("server.example", &suites)));
  EXPECT_TRUE(suites.says(SessionRefusal::cipher_suite)) << suites.text();
}

}  // namespace
}  // namespace handfast::test
