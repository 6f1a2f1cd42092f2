// Pre-shared keys of TLS 1.3: of sessions, with and without a fresh key exchange and over a HelloRetryRequest, and from
// outside (RFC 8446, section 4.2.11; RFC 9258).
#include <gtest/gtest.h>

#include <functional>

#include "engine/resumption.h"
#include "engine/tampering.h"

namespace handfast::test {
namespace {

using enum PreSharedKey::Hash;

PreSharedKey::Shared key(std::string_view identity, std::uint8_t secret, PreSharedKey::Hash hash = sha256) {
  return value(PreSharedKey::external(as_bytes(identity), Buffer(32, secret), hash));
}
PreSharedKey::Shared imported(std::string_view identity, std::uint8_t secret, std::string_view context = "") {
  return value(PreSharedKey::imported(as_bytes(identity), Buffer(32, secret), as_bytes(context)));
}

/// Both sides with keys from outside.
Resumer with_keys(std::vector<PreSharedKey::Shared> clients, std::vector<PreSharedKey::Shared> servers) {
  Resumer resumer;
  resumer.client.sessions.store = nullptr;
  resumer.server.sessions.ticket_keys = nullptr;
  resumer.client.pre_shared_keys = std::move(clients);
  resumer.server.pre_shared_keys = std::move(servers);
  return resumer;
}
const std::vector<CipherSuite> sha384_suites{CipherSuite::TLS_AES_256_GCM_SHA384};

bool offers(const Buffer& client_hello, ExtensionType type) {
  return find_extension(client_hello, type, extensions_of_client_hello(client_hello)) != 0;
}
/// The ClientHello that stands in the output of a client, without its record's header.
Buffer first_hello(const ClientOptions& options) {
  Connection client = make_client(options);
  const Bytes record = client.output().subspan(record::header_size);
  return Buffer(record.begin(), record.end());
}

// --- Sessions
// -----------------------------------------------------------------------------------------------------------------

TEST(Psk, WithAFreshKeyExchange) {
  Resumer resumer;
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.connect();
  ASSERT_TRUE(ended_with(pair, Resumption::psk));
  EXPECT_NE(pair.server.connection.info().group, NamedGroup{});
  EXPECT_EQ(pair.client.connection.info().group, pair.server.connection.info().group);
  EXPECT_EQ(pair.server.connection.info().own_signature_scheme, SignatureScheme{});
  expect_usable(pair);
}

TEST(Psk, WithoutOneOnlyWhereBothWantIt) {
  for (bool client_wants : {false, true})
    for (bool server_wants : {false, true})
      for (bool has_group : {true, false}) {
        Resumer resumer;
        resumer.client.sessions.psk_ke = client_wants;
        resumer.server.sessions.psk_ke = server_wants;
        resumer.client.groups = {NamedGroup::secp256r1};
        const auto held = hold(resumer);
        ASSERT_TRUE(full(resumer.connect()));
        if (!has_group) resumer.server.groups = {NamedGroup::x25519};
        Pair pair = resumer.connect();
        SCOPED_TRACE(client_wants * 100 + server_wants * 10 + has_group);
        if (!has_group && !(client_wants && server_wants)) {
          EXPECT_EQ(reason(pair.server.connection), "no_common_group");
          continue;
        }
        ASSERT_TRUE(ended_with(pair, Resumption::psk));
        EXPECT_EQ(pair.server.connection.info().group, has_group ? NamedGroup::secp256r1 : NamedGroup{});
        expect_usable(pair);
      }
}

/// psk_key_exchange_modes of a hello: what it lists.
Buffer modes(const Buffer& hello) {
  const std::size_t at =
      find_extension(hello, ExtensionType::psk_key_exchange_modes, extensions_of_client_hello(hello));
  if (at == 0) return {};
  const auto from = hello.begin() + static_cast<std::ptrdiff_t>(at + 5);
  return Buffer(from, from + hello[at + 4]);
}

TEST(Psk, ModesAreOfferedAsTheConfigSays) {
  EXPECT_TRUE(modes(first_hello(client_options())).empty()) << "without a store no tickets are asked for";
  ClientOptions options = client_options();
  options.sessions.store = std::make_shared<MemoryClientSessionStore>();
  EXPECT_EQ(modes(first_hello(options)), Buffer{1});
  options.sessions.psk_ke = true;
  EXPECT_EQ(modes(first_hello(options)), (Buffer{1, 0}));
}

/// The first identity's obfuscated_ticket_age of a hello.
std::uint32_t obfuscated_ticket_age(const Buffer& hello) {
  std::size_t at = find_extension(hello, ExtensionType::pre_shared_key, extensions_of_client_hello(hello)) + 4 + 2;
  at += 2 + (hello[at] << 8 | hello[at + 1]);
  return std::uint32_t{hello[at]} << 24 | hello[at + 1] << 16 | hello[at + 2] << 8 | hello[at + 3];
}

/// Clocks of whole milliseconds make an age up to one too long; a server may see that as a client ahead of it.
TEST(Psk, TheTicketsAgeIsNeverToldLongerThanItIs) {
  Resumer resumer;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  for (const std::uint32_t add : {0u, 0xffffffffu}) {
    held->held = changed(*held->held, [&](session::ClientSession& session) { session.session.ticket_age_add = add; });
    const std::int64_t issued = resumer.clock->seconds;
    EXPECT_EQ(obfuscated_ticket_age(first_hello(resumer.client)), add) << "not below nothing";
    resumer.clock->seconds += 2;
    EXPECT_EQ(obfuscated_ticket_age(first_hello(resumer.client)), add + 1999);
    resumer.clock->seconds = issued;
  }
}

/// A server that answers without a key share where the client has not asked for it.
TEST(Psk, AServerThatSkipsTheKeyExchange) {
  Resumer resumer;
  ASSERT_TRUE(full(resumer.connect()));
  Middleman middleman(resumer.client, resumer.server, change(HandshakeType::server_hello, [](Buffer& hello) {
                        remove_extension(hello, ExtensionType::key_share);
                      }));
  middleman.run();
  EXPECT_EQ(alert(middleman.client()), "missing_extension");
}

TEST(Psk, AServerThatSelectsWhatWasNotOffered) {
  for (const std::uint8_t selected : std::initializer_list<std::uint8_t>{1, 2, 255}) {
    Resumer resumer;
    ASSERT_TRUE(full(resumer.connect()));
    Middleman middleman(resumer.client, resumer.server, change(HandshakeType::server_hello, [=](Buffer& hello) {
                          const std::size_t at =
                              find_extension(hello, ExtensionType::pre_shared_key, extensions_of_server_hello(hello));
                          ASSERT_NE(at, 0u);
                          hello[at + 5] = selected;
                        }));
    middleman.run();
    EXPECT_EQ(alert(middleman.client()), "illegal_parameter");
    EXPECT_EQ(reason(middleman.client()), "bad_psk");
  }
}

TEST(Psk, AServerThatSelectsWhereNothingWasOffered) {
  Resumer resumer;
  Middleman middleman(resumer.client, resumer.server, change(HandshakeType::server_hello, [](Buffer& hello) {
                        add_extension(hello, ExtensionType::pre_shared_key, Buffer{0, 0});
                      }));
  middleman.run();
  EXPECT_EQ(alert(middleman.client()), "unsupported_extension");
}

TEST(Psk, OverAHelloRetryRequest) {
  for (bool cookie : {false, true}) {
    Resumer resumer;
    resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
    resumer.server.groups = {NamedGroup::secp256r1};
    resumer.server.retry_cookie = cookie;
    ASSERT_TRUE(full(resumer.connect()));
    for (int again = 0; again < 3; ++again) {
      Pair pair = resumer.connect();
      ASSERT_TRUE(ended_with(pair, Resumption::psk));
      EXPECT_TRUE(pair.client.connection.info().retried);
      expect_usable(pair);
    }
  }
}

/// From a store a session is taken once, and is still there for the second hello.
TEST(Psk, AStoredSessionOverAHelloRetryRequest) {
  for (Carrier carrier : {Carrier::psk_stored, Carrier::psk_far}) {
    Resumer resumer = resumer_for(carrier);
    resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
    resumer.server.groups = {NamedGroup::secp256r1};
    ASSERT_TRUE(full(resumer.connect()));
    EXPECT_TRUE(ended_with(resumer.connect(), Resumption::psk));
  }
}

TEST(Psk, TheSecondHelloHasToOfferItAgain) {
  Resumer resumer;
  resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  resumer.server.groups = {NamedGroup::secp256r1};
  ASSERT_TRUE(full(resumer.connect()));
  int hellos = 0;
  Middleman middleman(resumer.client, resumer.server, [&](Side, Piece piece) {
    if (is(piece, HandshakeType::client_hello) && ++hellos == 2)
      remove_extension(piece.bytes, ExtensionType::pre_shared_key);
    return std::vector{std::move(piece)};
  });
  middleman.run();
  EXPECT_EQ(hellos, 2);
  EXPECT_EQ(alert(middleman.server()), "missing_extension");
}

TEST(Psk, EveryByteOfTheBinder) {
  for (bool retry : {false, true}) {
    Resumer resumer;
    if (retry) resumer.server.groups = {NamedGroup::secp256r1};
    resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
    const auto held = hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    held->fixed = true;
    const std::size_t size =
        resumer.connect().server.connection.info().cipher_suite == CipherSuite::TLS_AES_256_GCM_SHA384 ? 48 : 32;
    for (std::size_t from_end = 1; from_end <= size; ++from_end) {
      int hellos = 0;
      Middleman middleman(resumer.client, resumer.server, [&](Side, Piece piece) {
        if (is(piece, HandshakeType::client_hello) && ++hellos == (retry ? 2 : 1))
          piece.bytes[piece.bytes.size() - from_end] ^= 1;
        return std::vector{std::move(piece)};
      });
      middleman.run();
      ASSERT_EQ(alert(middleman.server()), "decrypt_error") << from_end;
      ASSERT_EQ(reason(middleman.server()), "bad_psk");
      ASSERT_EQ(alert(middleman.client()), "decrypt_error");
      // Of whom has not shown the key nothing is told.
      EXPECT_EQ(middleman.server().info().resumption, retry ? Resumption::psk : Resumption::none);
    }
  }
}

/// What is before the binders is under them.
TEST(Psk, AChangedHello) {
  Resumer resumer;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  held->fixed = true;
  for (std::size_t at : {6u, 37u}) {  // of the random
    Middleman middleman(resumer.client, resumer.server,
                        change(HandshakeType::client_hello, [&](Buffer& hello) { hello[at] ^= 1; }));
    middleman.run();
    EXPECT_EQ(alert(middleman.server()), "decrypt_error");
  }
}

TEST(Psk, EachTicketIsOfferedOnce) {
  Resumer resumer;
  auto store = std::make_shared<MemoryClientSessionStore>();
  resumer.client.sessions.store = store;
  ASSERT_TRUE(full(resumer.connect()));
  EXPECT_EQ(store->size(), 2u);
  std::vector<Buffer> hellos;
  for (int i = 0; i < 3; ++i) hellos.push_back(first_hello(resumer.client));
  EXPECT_TRUE(offers(hellos[0], ExtensionType::pre_shared_key));
  EXPECT_TRUE(offers(hellos[1], ExtensionType::pre_shared_key));
  EXPECT_FALSE(offers(hellos[2], ExtensionType::pre_shared_key));
  EXPECT_EQ(store->size(), 0u);
}

TEST(Psk, AFailedHandshakeHasUsedItsTicketUp) {
  Resumer resumer;
  resumer.server.sessions.tickets = 1;
  ASSERT_TRUE(full(resumer.connect()));
  {
    Pair pair = resumer.begin();
    pair.client.connection.abort(Alert::internal_error);
  }
  EXPECT_TRUE(full(resumer.connect()));
}

// --- Tickets
// -----------------------------------------------------------------------------------------------------------------

TEST(Psk, NumberOfTickets) {
  for (const std::uint8_t tickets : std::initializer_list<std::uint8_t>{0, 1, 2, 16}) {
    Resumer resumer;
    resumer.server.sessions.tickets = tickets;
    auto store =
        std::make_shared<MemoryClientSessionStore>(MemoryClientSessionStore::Options{.servers = 1, .per_server = 100});
    resumer.client.sessions.store = store;
    ASSERT_TRUE(full(resumer.connect()));
    EXPECT_EQ(store->size(), tickets);
    Pair pair = resumer.connect();
    EXPECT_TRUE(ended_with(pair, tickets == 0 ? Resumption::none : Resumption::psk));
    EXPECT_EQ(store->size(), tickets) << "one was used, one came";
  }
}

TEST(Psk, TicketsOfOneConnectionHaveNothingInCommon) {
  Resumer resumer;
  resumer.server.sessions.tickets = 16;
  auto store =
      std::make_shared<MemoryClientSessionStore>(MemoryClientSessionStore::Options{.servers = 1, .per_server = 100});
  resumer.client.sessions.store = store;
  ASSERT_TRUE(full(resumer.connect()));
  const auto config = value(ClientConfig::make(resumer.client));
  const ClientSessionKey key{"server.example", 0, config->session_policy()};
  std::set<Buffer> tickets, secrets;
  while (auto saved = store->find(key)) {
    tickets.insert(saved->content().ticket);
    const Bytes secret = saved->content().session.secret.view();
    secrets.insert(Buffer(secret.begin(), secret.end()));
    EXPECT_EQ(saved->expires(), resumer.clock->now() + 7200);
  }
  EXPECT_EQ(tickets.size(), 16u);
  EXPECT_EQ(secrets.size(), 16u);
}

TEST(Psk, NoMoreTicketsAreKeptThanTheLimit) {
  Resumer resumer;
  resumer.server.sessions.tickets = 5;
  resumer.client.limits.tickets = 3;
  auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  EXPECT_EQ(held->puts, 3);
}

TEST(Psk, NoTicketsForWhoCannotUseThem) {
  Resumer resumer;
  resumer.client.sessions.store = nullptr;
  Middleman middleman(resumer.client, resumer.server, unchanged);
  middleman.run();
  for (const auto& [side, piece] : middleman.seen) EXPECT_FALSE(is(piece, HandshakeType::new_session_ticket));
}

TEST(Psk, TicketsComeBehindTheClientsFinished) {
  for (bool resumed : {false, true}) {
    Resumer resumer;
    resumer.server.half_rtt_data = true;
    if (resumed) {
      ASSERT_TRUE(full(resumer.connect()));
    }
    Middleman middleman(resumer.client, resumer.server, unchanged);
    middleman.run();
    bool finished = false;
    int tickets = 0;
    for (const auto& [side, piece] : middleman.seen) {
      finished = finished || (side == Side::client && is(piece, HandshakeType::finished));
      if (!is(piece, HandshakeType::new_session_ticket)) continue;
      EXPECT_TRUE(finished);
      ++tickets;
    }
    EXPECT_EQ(tickets, resumed ? 1 : 2);
  }
}

/// RFC 8446, section 4.6.1: at most seven days, and 0 is to be discarded at once.
TEST(Psk, LifetimesThatAServerTells) {
  for (auto [told, kept] : {std::pair<std::uint32_t, std::int64_t>{0, 0},
                            {1, 1},
                            {604800, 604800},
                            {604801, 604800},
                            {0xffffffff, 604800}}) {
    Resumer resumer;
    const auto held = hold(resumer);
    Middleman middleman(resumer.client, resumer.server, [told = told](Side, Piece piece) {
      if (is(piece, HandshakeType::new_session_ticket))
        for (int i = 0; i < 4; ++i)
          piece.bytes[4 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(told >> (24 - 8 * i));
      return std::vector{std::move(piece)};
    });
    middleman.run();
    ASSERT_TRUE(middleman.pair().connected());
    EXPECT_EQ(held->held.has_value(), told != 0) << told;
    if (held->held) {
      EXPECT_EQ(held->held->expires(), resumer.clock->now() + kept) << told;
    }
  }
}

// --- After it
// -----------------------------------------------------------------------------------------------------------------

TEST(Psk, KeyUpdatesAfterIt) {
  Resumer resumer;
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.connect();
  ASSERT_TRUE(ended_with(pair, Resumption::psk));
  for (int i = 0; i < 3; ++i) {
    value(pair.client.connection.update_keys(KeyUpdateRequest::update_requested));
    pair.pump();
    value(pair.server.connection.update_keys(KeyUpdateRequest::update_not_requested));
    pair.pump();
    expect_usable(pair);
  }
}

TEST(Psk, AuthenticationAfterIt) {
  Resumer resumer;
  resumer.client.post_handshake_auth = resumer.server.post_handshake_auth = true;
  resumer.client.credentials = {shared_authority().credential("client.example")};
  resumer.server.client_trust = shared_authority().anchors();
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.connect();
  ASSERT_TRUE(ended_with(pair, Resumption::psk));
  EXPECT_FALSE(pair.server.connection.info().peer_identity());
  value(pair.server.connection.request_certificate());
  pair.pump();
  ASSERT_TRUE(pair.server.connection.info().peer_identity());
  EXPECT_EQ(pair.server.connection.info().resumption, Resumption::psk);
  expect_usable(pair);
  // A session that was made before the client was known does not know it.
  Pair third = resumer.connect();
  ASSERT_TRUE(ended_with(third, Resumption::psk));
  EXPECT_FALSE(third.server.connection.info().peer_identity());
}

// --- Keys from outside
// -------------------------------------------------------------------------------------------------------

TEST(ExternalPsk, AuthenticatesBothSides) {
  for (auto hash : {sha256, sha384})
    for (bool is_imported : {false, true}) {
      const auto shared = is_imported ? imported("id", 1) : key("id", 1, hash);
      Resumer resumer = with_keys({shared}, {is_imported ? imported("id", 1) : key("id", 1, hash)});
      if (hash == sha384) resumer.client.cipher_suites = sha384_suites;
      Pair pair = resumer.connect();
      ASSERT_TRUE(ended_with(pair, Resumption::external_psk));
      for (const End* end : {&pair.client, &pair.server}) {
        EXPECT_EQ(as_text(end->connection.info().psk_identity), "id");
        EXPECT_TRUE(end->connection.info().peer_certificates.empty());
        EXPECT_FALSE(end->connection.info().peer_verified);
      }
      expect_usable(pair);
    }
}

/// With what both prefer the key may not fit; a key that both have is used all the same.
TEST(ExternalPsk, OfEitherHashWithAllSuites) {
  for (auto hash : {sha256, sha384}) {
    Resumer resumer = with_keys({key("id", 1, hash)}, {key("id", 1, hash)});
    EXPECT_TRUE(ended_with(resumer.connect(), Resumption::external_psk)) << static_cast<int>(hash);
  }
}

TEST(ExternalPsk, AWrongKeyIsADecryptError) {
  for (bool is_imported : {false, true}) {
    Resumer resumer =
        is_imported ? with_keys({imported("id", 1)}, {imported("id", 2)}) : with_keys({key("id", 1)}, {key("id", 2)});
    Pair pair = resumer.connect();
    EXPECT_EQ(alert(pair.server.connection), "decrypt_error");
    EXPECT_EQ(reason(pair.server.connection), "bad_psk");
    EXPECT_EQ(alert(pair.client.connection), "decrypt_error");
    EXPECT_EQ(pair.server.connection.info().resumption, Resumption::none);
    EXPECT_TRUE(pair.server.connection.info().psk_identity.empty()) << "nobody has shown the key";
  }
}

TEST(ExternalPsk, AnUnknownIdentityIsAFullHandshake) {
  for (auto [ours, theirs] : {std::pair{key("a", 1), key("b", 1)},
                              {key("id", 1), imported("id", 1)},
                              {imported("id", 1), key("id", 1)},
                              {imported("id", 1, "context"), imported("id", 1)}}) {
    Resumer resumer = with_keys({ours}, {theirs});
    Pair pair = resumer.connect();
    EXPECT_TRUE(full(pair));
    EXPECT_TRUE(pair.client.connection.info().peer_verified);
    EXPECT_TRUE(pair.server.connection.info().psk_identity.empty());
  }
}

TEST(ExternalPsk, TheServersOrderDecides) {
  Resumer resumer = with_keys({key("a", 1), key("b", 2), key("c", 3)}, {key("x", 9), key("c", 3), key("a", 1)});
  Pair pair = resumer.connect();
  ASSERT_TRUE(ended_with(pair, Resumption::external_psk));
  EXPECT_EQ(as_text(pair.client.connection.info().psk_identity), "c");
  EXPECT_EQ(as_text(pair.server.connection.info().psk_identity), "c");
}

TEST(ExternalPsk, OverAHelloRetryRequest) {
  for (bool is_imported : {false, true}) {
    const auto first = is_imported ? imported("a", 1) : key("a", 1);
    const auto second = is_imported ? imported("b", 2) : key("b", 2);
    Resumer resumer = with_keys({key("z", 1, sha384), first, second}, {second});
    resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
    resumer.server.groups = {NamedGroup::secp256r1};
    resumer.client.cipher_suites = {CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384};
    Pair pair = resumer.connect();
    ASSERT_TRUE(ended_with(pair, Resumption::external_psk));
    EXPECT_EQ(as_text(pair.server.connection.info().psk_identity), "b");
    expect_usable(pair);
  }
}

TEST(ExternalPsk, AServerOfKeysAlone) {
  Resumer resumer = with_keys({key("id", 1)}, {key("id", 1)});
  resumer.server.credentials.clear();
  resumer.server.min_version = ProtocolVersion::tls1_3;
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::external_psk));
  resumer.client.pre_shared_keys = {key("other", 1)};
  Pair unknown = resumer.connect();
  EXPECT_TRUE(unknown.server.connection.error());
  EXPECT_FALSE(unknown.client.connection.info().peer_verified);
  resumer.client.pre_shared_keys.clear();
  Pair none = resumer.connect();
  EXPECT_TRUE(none.server.connection.error());
  resumer.client.max_version = ProtocolVersion::tls1_2;
  Pair older = resumer.connect();
  EXPECT_EQ(alert(older.server.connection), "protocol_version");
}

/// Its counterpart: a certificate, good as it may be, is not what it wants.
TEST(ExternalPsk, AClientOfKeysAlone) {
  Resumer resumer;
  resumer.client.pre_shared_keys = resumer.server.pre_shared_keys = {key("id", 1)};
  resumer.client.require_pre_shared_key = true;
  resumer.client.trust = nullptr;
  ASSERT_TRUE(ended_with(resumer.connect(), Resumption::external_psk));
  Pair again = resumer.connect();
  ASSERT_TRUE(ended_with(again, Resumption::psk)) << "its session came of the key";
  expect_usable(again);

  resumer.client.sessions.store = std::make_shared<MemoryClientSessionStore>();
  resumer.server.pre_shared_keys = {key("other", 1)};
  Pair unknown = resumer.connect();
  EXPECT_EQ(alert(unknown.client.connection), "missing_extension");
  EXPECT_EQ(reason(unknown.client.connection), "missing_extension");
  EXPECT_EQ(to_text(*unknown.client.connection.error()->find("extension")), "pre_shared_key");
  EXPECT_TRUE(unknown.client.connection.info().peer_certificates.empty()) << "nobody looks at them";
  // TLS 1.2 is offered where the config speaks it, so that it can be told what the server lacks.
  resumer.server.pre_shared_keys.clear();
  resumer.server.max_version = ProtocolVersion::tls1_2;
  Pair older = resumer.connect();
  EXPECT_EQ(alert(older.client.connection), "protocol_version");
  EXPECT_EQ(reason(older.client.connection), "no_common_version");
  EXPECT_EQ(to_text(*older.client.connection.error()->find("supported")), "TLS 1.3");
  EXPECT_EQ(alert(older.server.connection), "protocol_version");

  ClientOptions none = client_options();
  none.require_pre_shared_key = true;
  const auto refused = ClientConfig::make(none);
  ASSERT_FALSE(refused);
  EXPECT_EQ(to_text(*refused.error().find("option")), "require_pre_shared_key");
}

/// A server that likes certificates better shows one to whoever would take it, and falls back to the key.
TEST(ExternalPsk, CertificatesFirst) {
  Resumer resumer;
  resumer.client.pre_shared_keys = resumer.server.pre_shared_keys = {key("id", 1)};
  resumer.server.prefer_certificates = true;
  Pair certified = resumer.connect();
  EXPECT_TRUE(full(certified));
  EXPECT_TRUE(certified.client.connection.info().peer_verified);
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::psk)) << "a session comes before both";

  const std::function<void(Resumer&)> reasons_for_the_key[] = {
      [](Resumer& with) { with.client.signature_schemes = {SignatureScheme::rsa_pss_rsae_sha256}; },
      [](Resumer& with) {
        with.server.credentials.clear();
        with.server.min_version = ProtocolVersion::tls1_3;
      },
      [](Resumer& with) {
        with.server.strict_server_name = true;
        with.server.credentials = {shared_authority().credential("another.example")};
      },
      [](Resumer& with) {
        CredentialExtras extras;
        extras.must_match_issuer = true;
        with.server.credentials = {shared_authority().credential(shared_authority().leaf({"server.example"}),
                                                                 crypto::KeyType::p256, std::move(extras))};
      },
  };
  for (const auto& reason_for : reasons_for_the_key) {
    Resumer with = with_keys({key("id", 1)}, {key("id", 1)});
    with.server.prefer_certificates = true;
    reason_for(with);
    EXPECT_TRUE(ended_with(with.connect(), Resumption::external_psk));
  }
  ServerOptions asking = server_options();
  asking.prefer_certificates = true;
  asking.credential_chooser = std::make_shared<FarChooser>();
  const auto refused = ServerConfig::make(asking);
  ASSERT_FALSE(refused);
  EXPECT_EQ(to_text(*refused.error().find("option")), "prefer_certificates");
}

/// Whom the key authenticates is asked for no certificate, whatever the config asks of others.
TEST(ExternalPsk, ClientsAreAskedForNothingElse) {
  Resumer resumer = with_keys({key("id", 1)}, {key("id", 1)});
  resumer.server.client_auth = ClientAuth::require;
  resumer.server.client_trust = shared_authority().anchors();
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::external_psk));
}

TEST(ExternalPsk, ASessionComesBeforeIt) {
  Resumer resumer;
  resumer.server.pre_shared_keys = {key("id", 1)};
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.client.pre_shared_keys = {key("id", 1)};
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::psk));
  // And where the server knows the session no more, the key is there.
  resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::external_psk));
}

/// A session that came of a key from outside, and a client that offers it whatever its own config says by now.
Resumer with_session_of_a_key(Carrier carrier, const PreSharedKey::Shared& shared) {
  Resumer resumer = resumer_for(carrier);
  resumer.client.pre_shared_keys = resumer.server.pre_shared_keys = {shared};
  hold(resumer);
  EXPECT_TRUE(ended_with(resumer.connect(), Resumption::external_psk));
  return resumer;
}

/// Who was let in by a key is let in by what came of it as long as both sides have that key, and no longer: there was
/// no certificate.
class SessionOfAKey : public testing::TestWithParam<Carrier> {};
INSTANTIATE_TEST_SUITE_P(Carriers, SessionOfAKey, testing::ValuesIn(psk_carriers), carrier_name);

TEST_P(SessionOfAKey, IsResumedWhileTheKeyIsThere) {
  const std::function<PreSharedKey::Shared()> keys[] = {[] { return key("id", 1); }, [] { return imported("id", 1); }};
  for (const auto& make : keys) {
    Resumer resumer = with_session_of_a_key(GetParam(), make());
    // It may have been read again.
    resumer.client.pre_shared_keys = resumer.server.pre_shared_keys = {make()};
    for (int again = 0; again < 3; ++again) {
      Pair pair = resumer.connect();
      ASSERT_TRUE(ended_with(pair, Resumption::psk));
      EXPECT_FALSE(pair.client.connection.info().peer_verified);
      expect_usable(pair);
    }
  }
}

TEST_P(SessionOfAKey, EndsWithTheKey) {
  Resumer resumer = with_session_of_a_key(GetParam(), key("id", 1));
  resumer.client.pre_shared_keys.clear();
  resumer.server.pre_shared_keys.clear();
  SessionTrace server;
  Pair pair = resumer.connect("server.example", nullptr, &server);
  EXPECT_TRUE(full(pair));
  EXPECT_TRUE(server.says(SessionRefusal::unknown)) << server.text();
  EXPECT_TRUE(pair.client.connection.info().peer_verified);
}

TEST_P(SessionOfAKey, EndsWhereTheServerHasItNoMore) {
  Resumer resumer = with_session_of_a_key(GetParam(), key("id", 1));
  resumer.server.pre_shared_keys = {key("other", 1)};
  Pair pair = resumer.connect();
  EXPECT_TRUE(full(pair));
  EXPECT_TRUE(pair.client.connection.info().peer_verified);
}

TEST_P(SessionOfAKey, EndsWhereTheClientHasItNoMore) {
  Resumer resumer = resumer_for(GetParam());  // with a store that keeps policies apart
  resumer.client.pre_shared_keys = resumer.server.pre_shared_keys = {key("id", 1)};
  ASSERT_TRUE(ended_with(resumer.connect(), Resumption::external_psk));
  resumer.client.pre_shared_keys.clear();
  SessionTrace client;
  Pair pair = resumer.connect("server.example", &client);
  EXPECT_TRUE(full(pair));
  EXPECT_TRUE(client.events.empty()) << "it was offered: " << client.text();
}

/// Another key under the same identity is another key.
TEST_P(SessionOfAKey, EndsWhereAnotherKeyHasItsName) {
  Resumer resumer = with_session_of_a_key(GetParam(), key("id", 1));
  resumer.server.pre_shared_keys = {key("id", 2)};
  Pair ours = resumer.connect();
  EXPECT_EQ(reason(ours.server.connection), "bad_psk") << "the client offers its key as well, which is wrong by now";
  resumer = with_session_of_a_key(GetParam(), key("id", 1));
  resumer.client.pre_shared_keys = resumer.server.pre_shared_keys = {key("id", 2)};
  SessionTrace server;
  Pair both = resumer.connect("server.example", nullptr, &server);
  EXPECT_TRUE(ended_with(both, Resumption::external_psk));
  EXPECT_TRUE(server.says(SessionRefusal::unknown)) << server.text();
  expect_usable(both);
}

TEST(ExternalPsk, OnlyInTls13) {
  Resumer resumer = with_keys({key("id", 1)}, {key("id", 1)});
  resumer.server.max_version = ProtocolVersion::tls1_2;
  resumer.server.pre_shared_keys.clear();
  Pair pair = resumer.connect();
  EXPECT_TRUE(full(pair));
  EXPECT_EQ(pair.client.connection.info().version, ProtocolVersion::tls1_2);
}

}  // namespace
}  // namespace handfast::test
