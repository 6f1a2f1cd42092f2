// Tickets that somebody outside seals: what is opened is held against the connection, and whatever comes of a sealer
// that is of no use, it costs the resumption and nothing else.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "engine/resumption.h"
#include "session/session.h"
#include "session/ticket.h"

namespace handfast::test {
namespace {

constexpr std::size_t binding_size = std::tuple_size_v<session::Binding>;

/// Keeps the states, and gives out names of them.
struct Vault final : TicketSealer {
  std::optional<Buffer> seal(Bytes state, std::int64_t expires) noexcept override {
    ++sealed;
    last_expires = expires;
    if (seals) return seals();
    Buffer ticket(ticket_size, static_cast<std::uint8_t>(sealed));
    states[ticket].assign(state.begin(), state.end());
    return ticket;
  }
  std::optional<Buffer> open(Bytes ticket) noexcept override {
    const auto found = states.find(Buffer(ticket.begin(), ticket.end()));
    if (found == states.end()) return std::nullopt;
    ++opened;
    return opens ? opens(found->second) : found->second;
  }

  std::map<Buffer, Buffer> states;
  std::function<std::optional<Buffer>()> seals;               ///< what it gives instead of a ticket
  std::function<std::optional<Buffer>(const Buffer&)> opens;  ///< what instead of the state
  std::size_t ticket_size = 40;
  int sealed = 0;
  int opened = 0;
  std::int64_t last_expires = 0;
};

/// The state with its session changed.
template <typename Change>
Buffer with_session(const Buffer& state, Change change) {
  session::Session session = value(session::decode(Bytes(state).subspan(binding_size)));
  change(session);
  const Buffer encoded = session::encode(session);
  Buffer changed(state.begin(), state.begin() + binding_size);
  changed.insert(changed.end(), encoded.begin(), encoded.end());
  return changed;
}

/// Of a server with a vault, and a client that holds its first session.
struct Sealing {
  explicit Sealing(Carrier its_carrier) : carrier(its_carrier), resumer(resumer_for(carrier)), held(hold(resumer)) {
    resumer.server.sessions.ticket_keys = vault;
  }
  /// A full handshake, whose session the client offers from then on.
  void begin() {
    ASSERT_TRUE(full(resumer.connect()));
    ASSERT_TRUE(held->held);
    good = *held->held;
    held->fixed = true;
    if (const auto* far = dynamic_cast<const FarStore*>(resumer.server.sessions.store.get())) kept = far->sessions;
  }
  /// The next connection that offers it, whoever has used it up.
  Pair offer(Trace* server_trace = nullptr) {
    if (auto* far = dynamic_cast<FarStore*>(resumer.server.sessions.store.get())) far->sessions = kept;
    held->held = good;
    return resumer.connect("server.example", nullptr, server_trace);
  }
  /// It was opened, and the connection went on in full.
  void expect_refused(SessionRefusal refusal) {
    const int before = vault->opened;
    SessionTrace server;
    Pair pair = offer(&server);
    EXPECT_TRUE(full(pair));
    EXPECT_EQ(vault->opened, before + 1);
    // An ID that is not known may be none: of that nothing is told.
    if (carrier != Carrier::tls12_far || refusal != SessionRefusal::unknown) {
      EXPECT_TRUE(server.says(refusal)) << server.text();
    }
    expect_usable(pair);
  }

  Carrier carrier;
  std::shared_ptr<Vault> vault = std::make_shared<Vault>();
  Resumer resumer;
  std::shared_ptr<HeldSession> held;
  SavedSession good{nullptr};
  std::map<Buffer, Buffer> kept;
};

class Sealer : public testing::TestWithParam<Carrier> {
 protected:
  Resumption resumed() const { return resumption_of(GetParam()); }
  bool in_a_ticket() const { return !is_far(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Carriers, Sealer, testing::ValuesIn(sealed_carriers), carrier_name);

/// Where the client holds what was sealed, and where a store outside does.
class SealerOfTickets : public Sealer {};
INSTANTIATE_TEST_SUITE_P(Carriers, SealerOfTickets, testing::Values(Carrier::psk_ticket, Carrier::tls12_ticket),
                         carrier_name);
class SealerForAStore : public Sealer {};
INSTANTIATE_TEST_SUITE_P(Carriers, SealerForAStore, testing::Values(Carrier::psk_far, Carrier::tls12_far),
                         carrier_name);

TEST_P(Sealer, Resumes) {
  Sealing sealing(GetParam());
  sealing.begin();
  EXPECT_GE(sealing.vault->sealed, 1);
  EXPECT_EQ(sealing.vault->last_expires, sealing.resumer.clock->now() + sealing.resumer.server.sessions.lifetime);
  Pair pair = sealing.offer();
  EXPECT_TRUE(ended_with(pair, resumed()));
  EXPECT_EQ(sealing.vault->opened, 1);
  expect_usable(pair);
  if (in_a_ticket()) {
    EXPECT_TRUE(sealing.vault->states.contains(sealing.good.content().ticket)) << "it is what the sealer gave";
  }
}

/// A session that was resumed is sealed anew for TLS 1.3, and good as well.
TEST_P(Sealer, ResumesTimeAndAgain) {
  Sealing sealing(GetParam());
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(ended_with(sealing.resumer.connect(), i == 0 ? Resumption::none : resumed())) << i;
}

TEST_P(Sealer, TheStateIsNoneOfAnotherPolicy) {
  Sealing sealing(GetParam());
  sealing.begin();
  sealing.resumer.server.sessions.context = "another site";
  sealing.expect_refused(SessionRefusal::unknown);
  sealing.resumer.server.sessions.context.clear();
  EXPECT_TRUE(ended_with(sealing.offer(), resumed()));
}

TEST_P(Sealer, TheStateIsNoneOfAnotherHostName) {
  Sealing sealing(GetParam());
  sealing.resumer.server.credentials = {
      shared_authority().credential(shared_authority().leaf({"server.example", "other.example"}))};
  ASSERT_TRUE(full(sealing.resumer.connect("other.example")));
  SessionTrace server;
  EXPECT_TRUE(full(sealing.resumer.connect("server.example", nullptr, &server)));
  EXPECT_EQ(sealing.vault->opened, 1);
  EXPECT_TRUE(ended_with(sealing.resumer.connect("server.example"), resumed()));
}

/// Keys here and a sealer at once are none: the sealer's tickets, however short, are not held against a key's name.
TEST_P(SealerOfTickets, StandsBesideKeysThatAreHere) {
  struct Both final : TicketKeys {
    std::shared_ptr<const TicketKeyRing> ring(std::int64_t now) noexcept override { return keys.ring(now); }
    TicketSealer* sealer() noexcept override { return &vault; }
    RotatingTicketKeys keys;
    Vault vault;
  };
  const auto both = std::make_shared<Both>();
  both->vault.ticket_size = 5;
  Resumer resumer = resumer_for(GetParam());
  resumer.server.sessions.ticket_keys = both;
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  EXPECT_TRUE(ended_with(resumer.connect(), resumed()));
  EXPECT_EQ(both->vault.opened, 1);
  if (is_tls12(GetParam())) {
    EXPECT_EQ(both->vault.sealed, 1) << "it was renewed";
  }
}

/// What stands in a store is bound to its ID as well, whatever the sealer makes of it.
TEST_P(SealerForAStore, TheStateIsNoneOfAnotherId) {
  Sealing sealing(GetParam());
  ASSERT_TRUE(full(sealing.resumer.connect()));
  const Buffer other = sealing.vault->states.begin()->second;
  sealing.held->held.reset();
  sealing.begin();
  sealing.vault->opens = [&](const Buffer&) { return other; };
  sealing.expect_refused(SessionRefusal::unknown);
  sealing.vault->opens = nullptr;
  EXPECT_TRUE(ended_with(sealing.offer(), resumed()));
}

// --- What it gives for a ticket
// ----------------------------------------------------------------------------------------

/// Nobody has got a session, nobody has lost a connection.
void expect_none(Sealing& sealing) {
  for (int i = 0; i < 2; ++i) {
    Pair pair = sealing.resumer.connect();
    EXPECT_TRUE(full(pair));
    expect_usable(pair);
  }
  EXPECT_GE(sealing.vault->sealed, 1) << "nobody has asked it";
  if (sealing.carrier != Carrier::tls12_far) {  // whose ID is in the ServerHello
    EXPECT_EQ(sealing.held->puts, 0);
  }
}

TEST_P(Sealer, GivesNoTicket) {
  Sealing sealing(GetParam());
  sealing.vault->seals = [] { return std::nullopt; };
  expect_none(sealing);
}

TEST_P(Sealer, GivesATicketOfNoUse) {
  const std::size_t limit = Limits().ticket;
  for (std::size_t size : {std::size_t{0}, limit + 1, std::size_t{65'536}, std::size_t{1'000'000}}) {
    SCOPED_TRACE(size);
    Sealing sealing(GetParam());
    sealing.vault->ticket_size = size;
    expect_none(sealing);
  }
}

/// And a client takes it.
TEST_P(Sealer, GivesTheLongestTicket) {
  Sealing sealing(GetParam());
  sealing.vault->ticket_size = Limits().ticket;
  sealing.begin();
  EXPECT_TRUE(ended_with(sealing.offer(), resumed()));
}

/// A limit that no message has room for is none.
TEST_P(SealerOfTickets, GivesATicketThatNoMessageHolds) {
  Sealing sealing(GetParam());
  sealing.resumer.server.limits.ticket = 100'000;
  sealing.resumer.client.limits.ticket = 100'000;
  sealing.vault->ticket_size = 65'536;
  expect_none(sealing);
}

/// It would be taken for an ID of the store, whose sessions are good once and ask for no strike register.
TEST_P(SealerOfTickets, GivesATicketAsLongAsAnId) {
  for (std::size_t size : {31u, 32u, 33u}) {
    SCOPED_TRACE(size);
    Sealing sealing(GetParam());
    sealing.resumer.server.sessions.store = std::make_shared<MemorySessionStore>();
    sealing.vault->ticket_size = size;
    ASSERT_TRUE(full(sealing.resumer.connect()));
    EXPECT_EQ(sealing.held->puts == 0, size == 32);
    EXPECT_TRUE(ended_with(sealing.resumer.connect(), size == 32 ? Resumption::none : resumed()));
  }
}

// --- What it gives for a state
// -----------------------------------------------------------------------------------------

TEST_P(Sealer, OpensNothing) {
  Sealing sealing(GetParam());
  sealing.begin();
  sealing.vault->opens = [](const Buffer&) { return std::nullopt; };
  sealing.expect_refused(SessionRefusal::unknown);
  sealing.vault->opens = nullptr;
  EXPECT_TRUE(ended_with(sealing.offer(), resumed()));
}

TEST_P(Sealer, OpensToGarbage) {
  Sealing sealing(GetParam());
  sealing.begin();
  for (std::size_t size : {0u, 1u, 31u, 32u, 33u, 200u, 20'000u, 1'000'000u})
    for (const std::uint8_t byte : std::initializer_list<std::uint8_t>{0x00, 0xff}) {
      SCOPED_TRACE(size);
      sealing.vault->opens = [&](const Buffer&) { return Buffer(size, byte); };
      sealing.expect_refused(SessionRefusal::unknown);
    }
}

TEST_P(Sealer, OpensToPartOfIt) {
  Sealing sealing(GetParam());
  sealing.begin();
  const std::size_t whole = sealing.vault->states.begin()->second.size();
  for (std::size_t size = 0; size < whole; size += size < 40 ? 1 : 7) {
    SCOPED_TRACE(size);
    sealing.vault->opens = [&](const Buffer& state) {
      return Buffer(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(size));
    };
    sealing.expect_refused(SessionRefusal::unknown);
  }
}

TEST_P(Sealer, OpensToMoreThanIt) {
  Sealing sealing(GetParam());
  sealing.begin();
  for (std::size_t more : {1u, 100u, 100'000u}) {
    SCOPED_TRACE(more);
    sealing.vault->opens = [&](const Buffer& state) {
      Buffer longer = state;
      longer.resize(longer.size() + more);
      return longer;
    };
    sealing.expect_refused(SessionRefusal::unknown);
  }
}

TEST_P(Sealer, OpensToAnotherBinding) {
  Sealing sealing(GetParam());
  sealing.begin();
  for (std::size_t at = 0; at < binding_size; ++at) {
    SCOPED_TRACE(at);
    sealing.vault->opens = [&](const Buffer& state) {
      Buffer other = state;
      other[at] ^= 0x10;
      return other;
    };
    sealing.expect_refused(SessionRefusal::unknown);
  }
}

/// A session that nobody here could have sealed, since it is too long, though it is one.
TEST_P(Sealer, OpensToASessionPastTheLimit) {
  Sealing sealing(GetParam());
  sealing.begin();
  for (bool too_long : {false, true}) {
    sealing.vault->opens = [&](const Buffer& state) {
      return with_session(state, [&](session::Session& session) {
        session.peer.ocsp_response.resize(too_long ? Limits().ticket : Limits().ticket / 2);
      });
    };
    if (too_long)
      sealing.expect_refused(SessionRefusal::unknown);
    else
      EXPECT_TRUE(ended_with(sealing.offer(), resumed()));
  }
}

TEST_P(Sealer, OpensToASessionOfAnotherVersion) {
  Sealing sealing(GetParam());
  sealing.begin();
  const bool tls12 = is_tls12(GetParam());
  sealing.vault->opens = [&](const Buffer& state) {
    return with_session(state, [&](session::Session& session) {
      session.version = tls12 ? ProtocolVersion::tls1_3 : ProtocolVersion::tls1_2;
      session.cipher_suite =
          tls12 ? CipherSuite::TLS_AES_128_GCM_SHA256 : CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    });
  };
  sealing.expect_refused(SessionRefusal::version);
}

TEST_P(Sealer, OpensToASessionOfAnotherSuite) {
  Sealing sealing(GetParam());
  sealing.begin();
  const bool tls12 = is_tls12(GetParam());
  const auto as = [&](CipherSuite suite) {
    sealing.vault->opens = [suite](const Buffer& state) {
      return with_session(state, [suite](session::Session& session) { session.cipher_suite = suite; });
    };
  };
  const CipherSuite spoken = sealing.good.content().session.cipher_suite;
  const CipherSuite small =
      tls12 ? CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 : CipherSuite::TLS_AES_128_GCM_SHA256;
  const CipherSuite large =
      tls12 ? CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 : CipherSuite::TLS_AES_256_GCM_SHA384;
  as(spoken == small ? large : small);
  sealing.expect_refused(SessionRefusal::cipher_suite);
  // One that the version has not makes it no session at all.
  as(tls12 ? CipherSuite::TLS_AES_128_GCM_SHA256 : CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
  sealing.expect_refused(SessionRefusal::unknown);
  as(spoken);
  EXPECT_TRUE(ended_with(sealing.offer(), resumed()));
}

TEST_P(Sealer, OpensToASessionThatHasExpired) {
  Sealing sealing(GetParam());
  sealing.begin();
  sealing.vault->opens = [&](const Buffer& state) {
    return with_session(state,
                        [&](session::Session& session) { session.expires = sealing.resumer.clock->now() * 1000; });
  };
  sealing.expect_refused(SessionRefusal::expired);
}

/// Nobody reckons with them, and no session lives for longer than the config says.
TEST_P(Sealer, OpensToTimesThatAreNone) {
  Sealing sealing(GetParam());
  sealing.begin();
  const std::int64_t now = sealing.resumer.clock->now_milliseconds();
  constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  for (auto time : {&session::Session::authenticated, &session::Session::issued, &session::Session::expires})
    for (std::int64_t none : {lowest, std::int64_t{-1}, std::int64_t{1} << 52, highest}) {
      SCOPED_TRACE(none);
      sealing.vault->opens = [&](const Buffer& state) {
        return with_session(state, [&](session::Session& session) { session.*time = none; });
      };
      sealing.expect_refused(SessionRefusal::unknown);
    }
  for (auto time : {&session::Session::authenticated, &session::Session::issued}) {
    sealing.vault->opens = [&](const Buffer& state) {
      return with_session(state, [&](session::Session& session) {
        session.*time = now + 3'600'000;
        session.expires = now + 7'200'000;
      });
    };
    sealing.expect_refused(SessionRefusal::expired);
  }
}

/// Whatever it says of a client, one who was not let in by the handshake is not let in by it.
TEST_P(Sealer, OpensToAnotherClient) {
  Sealing sealing(GetParam());
  sealing.resumer.client.credentials = {shared_authority().credential("client.example")};
  sealing.resumer.server.client_auth = ClientAuth::require;
  sealing.resumer.server.client_trust = shared_authority().anchors();
  sealing.begin();
  const auto as = [&](auto change) {
    sealing.vault->opens = [change](const Buffer& state) {
      return with_session(state, [&](session::Session& session) { change(session.peer); });
    };
  };
  const std::int64_t now = sealing.resumer.clock->now();
  as([](session::PeerRecord& peer) { peer = {}; });
  sealing.expect_refused(SessionRefusal::peer_certificate);
  as([&](session::PeerRecord& peer) { peer.not_after = now - 1; });
  sealing.expect_refused(SessionRefusal::peer_certificate);
  as([&](session::PeerRecord& peer) { peer.not_before = now + 1; });
  sealing.expect_refused(SessionRefusal::peer_certificate);
  as([](session::PeerRecord& peer) { peer.verified = false; });
  sealing.expect_refused(SessionRefusal::peer_certificate);
  sealing.vault->opens = nullptr;
  EXPECT_TRUE(ended_with(sealing.offer(), resumed()));
}

// --- Early data
// --------------------------------------------------------------------------------------------------------

Pair begin_early(Resumer& resumer) {
  Pair pair = resumer.begin();
  value(pair.client.connection.send_early_data(as_bytes("early")));
  return pair;
}

TEST(SealerEarlyData, IsTakenOnce) {
  Sealing sealing(Carrier::psk_ticket);
  sealing.resumer.allow_early_data();
  sealing.begin();
  Pair pair = begin_early(sealing.resumer);
  const Bytes output = pair.client.connection.output();
  const Buffer flight(output.begin(), output.end());
  pump_and_answer(pair);
  EXPECT_TRUE(ended_with(pair, Resumption::psk));
  EXPECT_EQ(name(pair.server.connection.info().early_data), "accepted");
  EXPECT_EQ(as_text(pair.server.received), "early");

  Pair replay = sealing.resumer.begin();
  replay.server.feed(flight);
  EXPECT_EQ(sealing.vault->opened, 2);
  EXPECT_EQ(name(replay.server.connection.info().early_data), "replayed");
  EXPECT_TRUE(replay.server.received.empty());
}

TEST(SealerEarlyData, NeedsAStrikeRegister) {
  Sealing sealing(Carrier::psk_ticket);
  sealing.resumer.allow_early_data();
  EXPECT_TRUE(ServerConfig::make(sealing.resumer.server));
  sealing.resumer.server.sessions.strike_register = nullptr;
  const auto refused = ServerConfig::make(sealing.resumer.server);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason(), Reason::bad_config);
  EXPECT_EQ(std::get<std::string>(*refused.error().find("option")), "sessions.strike_register");
}

/// What a store outside keeps is sealed, by whoever it is.
TEST(SealerConfig, IsEnoughForAStoreOutside) {
  Sealing sealing(Carrier::psk_far);
  EXPECT_TRUE(ServerConfig::make(sealing.resumer.server));
  sealing.resumer.server.sessions.ticket_keys = nullptr;
  EXPECT_FALSE(ServerConfig::make(sealing.resumer.server));
}

}  // namespace
}  // namespace handfast::test
