// Tickets and session IDs that are not what they were: damaged, cut, too old, too new, under a key that is gone. Each
// costs the resumption and nothing else, and the server's answer does not tell what was wrong.
#include <gtest/gtest.h>

#include "engine/resumption.h"
#include "record/protection.h"

namespace handfast::test {
namespace {

class Ticket : public testing::TestWithParam<Carrier> {
 protected:
  Resumption resumed() const { return resumption_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Carriers, Ticket, testing::ValuesIn(all_carriers), carrier_name);
/// Which may be of any length.
class LongTicket : public Ticket {};
INSTANTIATE_TEST_SUITE_P(Carriers, LongTicket, testing::ValuesIn(ticket_carriers), carrier_name);
class SealedTicket : public Ticket {};
INSTANTIATE_TEST_SUITE_P(Carriers, SealedTicket, testing::ValuesIn(sealed_carriers), carrier_name);

/// The identity that a client has of its session: a ticket or an ID.
Buffer identity_of(const SavedSession& saved) {
  return saved.content().ticket.empty() ? saved.content().session_id : saved.content().ticket;
}
SavedSession with_identity(const SavedSession& saved, Buffer identity) {
  return changed(saved, [&](session::ClientSession& session) {
    (session.ticket.empty() ? session.session_id : session.ticket) = std::move(identity);
  });
}

/// What a server has sent, as everybody sees it: the types and sizes of its records.
std::vector<std::pair<ContentType, std::size_t>> shape(Bytes records) {
  std::vector<std::pair<ContentType, std::size_t>> shape;
  while (!records.empty()) {
    const record::Header header = record::parse_header(records);
    shape.emplace_back(header.type, header.length);
    records = records.subspan(record::header_size + header.length);
  }
  return shape;
}

/// A server that was given one session, and clients that offer what was made of it.
struct Offering {
  explicit Offering(Carrier carrier) : resumer(resumer_for(carrier)), held(hold(resumer)) {
    resumer.server.credentials = {lasting_credential()};
    EXPECT_TRUE(full(resumer.connect()));
    good = *held->held;
    held->fixed = true;
    client = value(ClientConfig::make(resumer.client));
    server = value(ServerConfig::make(resumer.server));
  }
  void reload() { server = value(ServerConfig::make(resumer.server)); }

  /// The shape of all that the server says to it; it went on in full, and the client had really offered it.
  std::vector<std::pair<ContentType, std::size_t>> refused(SavedSession offered) {
    held->held = std::move(offered);
    SessionTrace trace;
    Pair pair{resumer.client, resumer.server};
    pair.client.connection = value(Connection::client(client, "server.example", &trace));
    pair.server.connection = Connection::server(server);
    Buffer said;
    for (bool moved = true; moved;) {
      moved = Pair::carry(pair.client, pair.server);
      while (const Need* need = pair.server.connection.need())
        value(pair.server.connection.answer(need->id, right_answer(*need)));
      const Buffer bytes = take_output(pair.server.connection);
      said.insert(said.end(), bytes.begin(), bytes.end());
      pair.client.feed(bytes);
      moved = moved || !bytes.empty();
    }
    EXPECT_TRUE(full(pair));
    EXPECT_TRUE(trace.says(SessionRefusal::declined));
    return shape(said);
  }

  Resumer resumer;
  std::shared_ptr<HeldSession> held;
  SavedSession good{nullptr};
  std::shared_ptr<const ClientConfig> client;
  std::shared_ptr<const ServerConfig> server;
};

// --- Damaged
// -----------------------------------------------------------------------------------------------------------------

TEST_P(Ticket, EveryByteFlipped) {
  Offering offering(GetParam());
  const Buffer good = identity_of(offering.good);
  const auto usual = offering.refused(with_identity(offering.good, Buffer(good.size(), 0x5a)));
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const std::uint8_t bits : std::initializer_list<std::uint8_t>{0x01, 0x80}) {
      Buffer bad = good;
      bad[at] ^= bits;
      ASSERT_EQ(offering.refused(with_identity(offering.good, bad)), usual) << at;
    }
}

TEST_P(Ticket, TruncatedAtEveryLength) {
  Offering offering(GetParam());
  const Buffer good = identity_of(offering.good);
  // The session ID's echo is as long as what was sent only where it is resumed: here it never is.
  const auto usual = offering.refused(with_identity(offering.good, Buffer{1}));
  for (std::size_t size = 1; size < good.size(); ++size)
    ASSERT_EQ(offering.refused(with_identity(offering.good, Buffer(good.begin(), good.begin() + std::ptrdiff_t(size)))),
              usual)
        << size;
}

TEST_P(LongTicket, Extended) {
  Offering offering(GetParam());
  const auto usual = offering.refused(with_identity(offering.good, Buffer{1}));
  for (std::size_t more : {1u, 2u, 16u, 1000u, 16000u}) {
    Buffer longer = identity_of(offering.good);
    longer.resize(longer.size() + more);
    EXPECT_EQ(offering.refused(with_identity(offering.good, longer)), usual) << more;
  }
}

/// Whatever is wrong, the answer is the same.
TEST_P(Ticket, TheAnswerDoesNotTellWhatIsWrong) {
  Offering offering(GetParam());
  const auto usual = offering.refused(with_identity(offering.good, Buffer(32, 7)));
  const auto server_before = offering.resumer.server;

  offering.resumer.server.sessions.context = "another policy";
  offering.reload();
  EXPECT_EQ(offering.refused(offering.good), usual) << "policy";
  offering.resumer.server = server_before;

  if (offering.resumer.server.sessions.ticket_keys) {
    offering.resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
    offering.reload();
    EXPECT_EQ(offering.refused(offering.good), usual) << "key";
    offering.resumer.server = server_before;
  }

  offering.resumer.clock->seconds += server_before.sessions.lifetime;
  offering.reload();
  // The client does not know that it has expired.
  const SavedSession stretched =
      changed(offering.good, [](session::ClientSession& session) { session.session.expires += 86'400'000; });
  EXPECT_EQ(offering.refused(stretched), usual) << "age";
}

// --- Times
// -------------------------------------------------------------------------------------------------------------------

/// The client's half says nothing of the time that the server would not find out itself.
void stretch(HeldSession& held) {
  held.held = changed(*held.held, [](session::ClientSession& session) {
    session.session.issued -= 1'000'000'000;
    session.session.expires += 1'000'000'000;
  });
}

TEST_P(Ticket, UntilItExpires) {
  for (std::int64_t age : {1, 599, 600, 601}) {
    Resumer resumer = resumer_for(GetParam());
    resumer.server.sessions.lifetime = 600;
    const auto held = hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    stretch(*held);
    resumer.clock->seconds += age;
    EXPECT_TRUE(ended_with(resumer.connect(), age < 600 ? resumed() : Resumption::none)) << age;
  }
}

TEST_P(Ticket, TheClientForgetsItByItself) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.credentials = {lasting_credential()};
  resumer.server.sessions.lifetime = 600;
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += GetParam() == Carrier::tls12_id || GetParam() == Carrier::tls12_far ? 7200 : 600;
  SessionTrace client;
  EXPECT_TRUE(full(resumer.connect("server.example", &client)));
  EXPECT_TRUE(client.says(SessionRefusal::expired)) << client.text();
}

TEST_P(Ticket, FromTheFuture) {
  for (std::int64_t back : {5, 10, 11, 1000}) {
    Resumer resumer = resumer_for(GetParam());
    const auto held = hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    stretch(*held);
    resumer.clock->seconds -= back;
    const bool near = back <= 10;
    EXPECT_TRUE(ended_with(resumer.connect(), near ? resumed() : Resumption::none)) << back;
  }
}

/// Whatever is resumed was authenticated less than a lifetime ago, however often it was resumed since.
TEST_P(Ticket, ChainsOfResumptionsEndWithTheFullHandshakesLifetime) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.sessions.lifetime = 600;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  std::int64_t age = 0;
  for (; age < 600; age += 75) {
    ASSERT_TRUE(ended_with(resumer.connect(), resumed())) << age;
    stretch(*held);
    resumer.clock->seconds += 75;
  }
  EXPECT_TRUE(full(resumer.connect()));
}

/// A config that lets sessions live shorter than the one that made them is obeyed.
TEST_P(Ticket, AShorterLifetimeHoldsAtOnce) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.sessions.lifetime = 3000;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.clock->seconds += 700;
  resumer.server.sessions.lifetime = 600;
  EXPECT_TRUE(full(resumer.connect()));
}

// --- Keys
// -------------------------------------------------------------------------------------------------------------------

TEST_P(SealedTicket, UnderKeysThatRotate) {
  Resumer resumer = resumer_for(GetParam());
  resumer.server.sessions.ticket_keys =
      std::make_shared<RotatingTicketKeys>(RotatingTicketKeys::Options{.rotation = 60, .ticket_lifetime = 600});
  resumer.server.sessions.lifetime = 600;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  held->fixed = !is_far(GetParam()) || is_tls12(GetParam());
  for (int i = 0; i < 9; ++i) {
    resumer.clock->seconds += 60;
    EXPECT_TRUE(ended_with(resumer.connect(), resumed())) << i;
  }
  resumer.clock->seconds += 61;
  EXPECT_TRUE(full(resumer.connect()));
}

TEST_P(SealedTicket, UnderAKeyThatWasTakenAway) {
  Resumer resumer = resumer_for(GetParam());
  auto keys = std::make_shared<SharedTicketKeys>();
  const std::int64_t now = resumer.clock->now();
  TicketKey old_key, new_key;
  old_key.name.fill(1);
  old_key.secret.fill(2);
  new_key.name.fill(3);
  new_key.secret.fill(4);
  for (TicketKey* key : {&old_key, &new_key}) {
    key->issues_from = now - 10;
    key->issues_until = now + 1000;
    key->opens_until = now + 2000;
  }
  value(keys->set({old_key}));
  resumer.server.sessions.ticket_keys = keys;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  held->fixed = true;
  old_key.issues_until = now;
  if (GetParam() != Carrier::psk_far) {
    value(keys->set({old_key, new_key}));
    EXPECT_TRUE(ended_with(resumer.connect(), resumed())) << "it still opens";
  }
  value(keys->set({new_key}));
  EXPECT_TRUE(full(resumer.connect()));
  // The same name with another secret is another key.
  TicketKey impostor = old_key;
  impostor.secret.fill(9);
  value(keys->set({impostor, new_key}));
  EXPECT_TRUE(full(resumer.connect()));
}

/// Gives what it is told to.
struct FixedKeys final : TicketKeys {
  std::shared_ptr<const TicketKeyRing> ring(std::int64_t) noexcept override { return given; }
  std::shared_ptr<const TicketKeyRing> given;
};

TEST_P(SealedTicket, WithoutKeysThereIsNoneAndNothingFails) {
  Resumer resumer = resumer_for(GetParam());
  auto keys = std::make_shared<FixedKeys>();
  TicketKey opens_only;
  opens_only.name.fill(1);
  opens_only.secret.fill(2);
  opens_only.issues_until = resumer.clock->now();
  opens_only.opens_until = resumer.clock->now() + 1000;
  for (const auto& ring :
       {std::shared_ptr<const TicketKeyRing>(), std::make_shared<const TicketKeyRing>(std::vector<TicketKey>()),
        std::make_shared<const TicketKeyRing>(std::vector{opens_only})}) {
    keys->given = ring;
    resumer.server.sessions.ticket_keys = keys;
    const auto held = hold(resumer);
    Pair pair = resumer.connect();
    EXPECT_TRUE(full(pair));
    expect_usable(pair);
    if (!is_tls12(GetParam()) || GetParam() == Carrier::tls12_ticket) {
      EXPECT_EQ(held->puts, 0);
    }
    EXPECT_TRUE(full(resumer.connect()));
  }
}

TEST_P(SealedTicket, KeysThatGoAwayBetween) {
  Resumer resumer = resumer_for(GetParam());
  auto keys = std::make_shared<FixedKeys>();
  RotatingTicketKeys real;
  keys->given = real.ring(resumer.clock->now());
  resumer.server.sessions.ticket_keys = keys;
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  held->fixed = true;
  keys->given = nullptr;
  EXPECT_TRUE(full(resumer.connect()));
}

// --- Sizes
// -------------------------------------------------------------------------------------------------------------------

/// A client's chain that makes a ticket too long makes no ticket, and no failure.
TEST_P(Ticket, TooLongForALimit) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.credentials = {shared_authority().credential("client.example")};
  resumer.server.client_auth = ClientAuth::require;
  resumer.server.client_trust = shared_authority().anchors();
  resumer.server.limits.ticket = 100;
  const auto held = hold(resumer);
  Pair pair = resumer.connect();
  EXPECT_TRUE(full(pair));
  expect_usable(pair);
  const bool in_a_ticket = GetParam() == Carrier::psk_ticket || GetParam() == Carrier::tls12_ticket;
  if (in_a_ticket) {
    EXPECT_EQ(held->puts, 0);
  }
  // A store that is elsewhere gets nothing that is too long either; the client is none the wiser.
  const bool in_this_process = GetParam() == Carrier::psk_stored || GetParam() == Carrier::tls12_id;
  EXPECT_TRUE(ended_with(resumer.connect(), in_this_process ? resumed() : Resumption::none));
}

/// The limit is the ticket's, not that of the session in it.
TEST(OwnTicket, IsAsLongAsTheLimit) {
  for (Carrier carrier : {Carrier::psk_ticket, Carrier::tls12_ticket}) {
    Resumer resumer = resumer_for(carrier);
    const auto held = hold(resumer);
    ASSERT_TRUE(full(resumer.connect()));
    const std::size_t size = held->ticket().size();
    for (std::size_t limit : {size, size - 1}) {
      SCOPED_TRACE(limit);
      held->held.reset();
      held->puts = 0;
      resumer.server.limits.ticket = limit;
      Pair pair = resumer.connect();
      EXPECT_TRUE(full(pair));
      EXPECT_EQ(held->puts > 0, limit == size);
      expect_usable(pair);
    }
  }
}

TEST_P(LongTicket, TooLongForTheClient) {
  Resumer resumer = resumer_for(GetParam());
  resumer.client.limits.ticket = 31;
  const auto held = hold(resumer);
  Pair pair = resumer.connect();
  EXPECT_TRUE(full(pair));
  EXPECT_EQ(held->puts, 0);
  expect_usable(pair);
}

}  // namespace
}  // namespace handfast::test
