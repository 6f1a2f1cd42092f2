// Every message of a resumed handshake dropped, doubled, swapped, cut, extended, flipped and replaced, every record of
// a flight with early data too; and connections that are left at any point of it.
#include <gtest/gtest.h>

#include "engine/attempt.h"
#include "engine/resumption.h"

namespace handfast::test {
namespace {

struct Scenario {
  const char* name;
  Carrier carrier;
  bool retry = false;
  bool psk_ke = false;
  bool renewal = false;
  bool tls12() const { return is_tls12(carrier); }
};

/// Sides that have a session already. One for each attempt: a failure may be the session's end.
Resumer prepared(const Scenario& scenario) {
  Resumer resumer = resumer_for(scenario.carrier);
  resumer.client.application_protocols = resumer.server.application_protocols = {"h2"};
  resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  resumer.client.sessions.psk_ke = resumer.server.sessions.psk_ke = scenario.psk_ke;
  if (scenario.renewal)
    resumer.server.sessions.ticket_keys =
        std::make_shared<RotatingTicketKeys>(RotatingTicketKeys::Options{.rotation = 600, .ticket_lifetime = 7200});
  EXPECT_TRUE(full(resumer.connect()));
  if (scenario.retry) resumer.server.groups = {NamedGroup::secp256r1};
  if (scenario.psk_ke) resumer.server.groups = {NamedGroup::secp384r1};
  if (scenario.renewal) resumer.clock->seconds += 600;
  return resumer;
}

class ResumedTampering : public testing::TestWithParam<Scenario> {
 protected:
  Play play() const {
    const auto sides = [scenario = GetParam()] {
      const Resumer resumer = prepared(scenario);
      return Sides{resumer.client, resumer.server};
    };
    return {sides, GetParam().tls12()};
  }
  Messages messages() const {
    return honest_messages(play(), [&](Middleman& honest) {
      EXPECT_TRUE(ended_with(honest.pair(), resumption_of(GetParam().carrier)));
      EXPECT_EQ(honest.client().info().retried, GetParam().retry);
    });
  }
};

TEST_P(ResumedTampering, Dropped) {
  const Messages messages = this->messages();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Attempt run(play(), i, [](Piece) { return std::vector<Piece>(); });
    EXPECT_FALSE(run.connected()) << i << " " << name(messages[i].second);
  }
}

TEST_P(ResumedTampering, Doubled) { expect_doubles_are_noticed(play(), messages()); }
TEST_P(ResumedTampering, SwappedWithTheNext) { expect_swaps_are_noticed(play(), messages()); }
TEST_P(ResumedTampering, CutAndExtended) { expect_lengths_are_noticed(play(), messages()); }
TEST_P(ResumedTampering, Flipped) { expect_flips_are_noticed(play(), messages(), 150); }

TEST_P(ResumedTampering, Replaced) {
  const Messages messages = this->messages();
  constexpr HandshakeType types[] = {
      HandshakeType::client_hello,        HandshakeType::server_hello,         HandshakeType::new_session_ticket,
      HandshakeType::end_of_early_data,   HandshakeType::encrypted_extensions, HandshakeType::certificate,
      HandshakeType::server_key_exchange, HandshakeType::certificate_request,  HandshakeType::server_hello_done,
      HandshakeType::certificate_verify,  HandshakeType::client_key_exchange,  HandshakeType::finished,
      HandshakeType::certificate_status,  HandshakeType::key_update,           HandshakeType::message_hash};
  for (std::size_t i = 0; i < messages.size(); ++i)
    for (HandshakeType type : types) {
      if (type == messages[i].second) continue;
      Attempt run(play(), i, [&](Piece piece) {
        piece.bytes[0] = static_cast<std::uint8_t>(type);
        return std::vector{std::move(piece)};
      });
      const Connection& receiver = run.receiver(messages[i].first);
      EXPECT_EQ(alert(receiver), "unexpected_message") << name(messages[i].second) << " as " << name(type);
    }
}

/// A message more, of a full handshake, in front of each.
TEST_P(ResumedTampering, Inserted) {
  const Messages messages = this->messages();
  for (std::size_t i = 1; i < messages.size(); ++i)
    for (HandshakeType type : {HandshakeType::certificate, HandshakeType::certificate_request,
                               HandshakeType::server_hello_done, HandshakeType::end_of_early_data}) {
      Attempt run(play(), i, [&](Piece piece) {
        Piece inserted{ContentType::handshake, {static_cast<std::uint8_t>(type), 0, 0, 0}};
        return std::vector{std::move(inserted), std::move(piece)};
      });
      EXPECT_EQ(alert(run.receiver(messages[i].first)), "unexpected_message")
          << name(type) << " before " << name(messages[i].second);
    }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, ResumedTampering,
                         testing::Values(Scenario{"Psk", Carrier::psk_ticket}, Scenario{"Stored", Carrier::psk_stored},
                                         Scenario{"PskAndRetry", Carrier::psk_ticket, true},
                                         Scenario{"PskKe", Carrier::psk_ticket, false, true},
                                         Scenario{"Tls12Ticket", Carrier::tls12_ticket},
                                         Scenario{"Tls12Id", Carrier::tls12_id},
                                         Scenario{"Tls12Renewal", Carrier::tls12_ticket, false, false, true}),
                         [](const auto& info) { return std::string(info.param.name); });

// --- Records of a connection with early data
// -----------------------------------------------------------------------------------------

Resumer early_resumer(bool accepted) {
  Resumer resumer;
  resumer.allow_early_data();
  EXPECT_TRUE(full(resumer.connect()));
  if (!accepted) resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  return resumer;
}

using Records = std::vector<Buffer>;
Records split(Bytes bytes) {
  Records records;
  while (!bytes.empty()) {
    const std::size_t size = record::header_size + record::parse_header(bytes).length;
    records.emplace_back(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
  }
  return records;
}

/// A connection with three records of early data, whose `index`-th record is changed on its way.
struct EarlyRun {
  EarlyRun(bool accepted, std::size_t index, const std::function<void(Records&, std::size_t)>& change)
      : resumer(early_resumer(accepted)), pair(resumer.begin()) {
    for (std::string_view text : {"one ", "two ", "three "})
      value(pair.client.connection.send_early_data(as_bytes(text)));
    for (bool moved = true; moved;) {
      const bool sent = carry(pair.client, pair.server, index, change);
      moved = carry(pair.server, pair.client, index, change) || sent;
    }
  }
  bool carry(End& from, End& to, std::size_t index, const std::function<void(Records&, std::size_t)>& change) {
    const Buffer bytes = take_output(from.connection);
    Records records = split(bytes);
    const std::size_t before = count;
    count += records.size();
    if (index >= before && index < count) {
      type = ContentType{records[index - before][0]};
      change(records, index - before);
    }
    for (const Buffer& record : records) to.feed(record);
    return !bytes.empty();
  }
  Resumer resumer;
  Pair pair;
  std::size_t count = 0;
  ContentType type{};
};

/// Whatever happens: what was received is a beginning of what was sent, and no end is good that was tampered with.
void expect_no_harm(const EarlyRun& run, bool accepted, std::size_t index) {
  EXPECT_TRUE(std::string_view("one two three ").starts_with(as_text(run.pair.server.received))) << index;
  if (!accepted) {
    EXPECT_TRUE(run.pair.server.received.empty());
  }
}

std::size_t honest_records(bool accepted) {
  EarlyRun run(accepted, SIZE_MAX, [](Records&, std::size_t) {});
  EXPECT_TRUE(run.pair.connected());
  EXPECT_EQ(as_text(run.pair.server.received), accepted ? "one two three " : "");
  return run.count;
}

TEST(EarlyRecords, DroppedDoubledSwappedFlipped) {
  for (bool accepted : {true, false}) {
    const std::size_t count = honest_records(accepted);
    EXPECT_GE(count, 8u);
    for (std::size_t index = 0; index < count; ++index) {
      const auto harmless = [&](const EarlyRun& run) {
        // A change_cipher_spec means nothing; tickets come when all is over; early data that is not taken is nobody's.
        return run.type == ContentType::change_cipher_spec ||
               (run.type == ContentType::application_data && (!accepted || index + 1 == count));
      };
      EarlyRun dropped(accepted, index, [](Records& records, std::size_t at) {
        records.erase(records.begin() + static_cast<std::ptrdiff_t>(at));
      });
      expect_no_harm(dropped, accepted, index);
      if (!harmless(dropped)) {
        EXPECT_FALSE(dropped.pair.connected()) << index;
      }
      EarlyRun doubled(accepted, index, [](Records& records, std::size_t at) { records.push_back(records[at]); });
      expect_no_harm(doubled, accepted, index);
      EarlyRun repeated(accepted, index, [](Records& records, std::size_t at) {
        records.insert(records.begin() + static_cast<std::ptrdiff_t>(at), records[at]);
      });
      expect_no_harm(repeated, accepted, index);
      if (!harmless(repeated)) {
        EXPECT_FALSE(repeated.pair.connected()) << index;
      }
      EarlyRun swapped(accepted, index, [](Records& records, std::size_t at) {
        if (at + 1 < records.size()) std::swap(records[at], records[at + 1]);
      });
      expect_no_harm(swapped, accepted, index);
      EarlyRun flipped(accepted, index, [](Records& records, std::size_t at) { records[at].back() ^= 1; });
      expect_no_harm(flipped, accepted, index);
      if (!harmless(flipped)) {
        EXPECT_FALSE(flipped.pair.connected()) << index;
      }
      EarlyRun cut(accepted, index, [](Records& records, std::size_t at) { records.resize(at); });
      expect_no_harm(cut, accepted, index);
    }
  }
}

/// Early data of another connection of the same session is none of this one.
TEST(EarlyRecords, OfAnotherConnection) {
  Resumer resumer = early_resumer(true);
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  Pair first = resumer.begin(), second = resumer.begin();
  value(first.client.connection.send_early_data(as_bytes("first")));
  value(second.client.connection.send_early_data(as_bytes("second")));
  Records ours = split(take_output(first.client.connection));
  const Records theirs = split(take_output(second.client.connection));
  ours.back() = theirs.back();
  for (const Buffer& record : ours) first.server.feed(record);
  EXPECT_EQ(alert(first.server.connection), "bad_record_mac");
  EXPECT_TRUE(first.server.received.empty());
}

/// early_data at the end of a server's EncryptedExtensions.
void accept_early_data(Buffer& message) {
  const Buffer extension{0, 42, 0, 0};
  message.insert(message.end(), extension.begin(), extension.end());
  const std::size_t size = message.size() - 6;
  message[4] = static_cast<std::uint8_t>(size >> 8);
  message[5] = static_cast<std::uint8_t>(size);
  set_length(message);
}

/// Section 4.2.11: it belongs to the first key that was offered.
TEST(EarlyRecords, AcceptedWithAnotherKeyThanItsOwn) {
  Resumer resumer = early_resumer(true);
  hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.client.pre_shared_keys =
      resumer.server.pre_shared_keys = {value(PreSharedKey::external(as_bytes("id"), Buffer(32, 1)))};
  resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  Middleman middleman(resumer.client, resumer.server, change(HandshakeType::encrypted_extensions, accept_early_data));
  // The client's alert is under keys of early data, which the middleman does not follow.
  EXPECT_THROW(middleman.run(), std::runtime_error);
  EXPECT_EQ(alert(middleman.client()), "illegal_parameter");
}

/// A server that takes early data which it should not.
TEST(EarlyRecords, AcceptedWithoutBeingOffered) {
  for (bool resumed : {true, false}) {
    Resumer resumer;
    if (resumed) {
      ASSERT_TRUE(full(resumer.connect()));
    }
    Middleman middleman(resumer.client, resumer.server, change(HandshakeType::encrypted_extensions, accept_early_data));
    middleman.run();
    EXPECT_EQ(alert(middleman.client()), "unsupported_extension");
  }
}

// --- Left at any point
// ---------------------------------------------------------------------------------------------------------------

TEST(ResumedLeaving, AfterAnyNumberOfBytes) {
  for (Carrier carrier : all_carriers)
    for (std::size_t pieces = 0;; pieces += 3) {
      Resumer resumer = resumer_for(carrier);
      if (!is_tls12(carrier) && carrier != Carrier::psk_far) {
        resumer.allow_early_data();
      }
      ASSERT_TRUE(full(resumer.connect()));
      Pair pair = resumer.begin();
      if (pair.client.connection.early_data_left() != 0)
        value(pair.client.connection.send_early_data(as_bytes("early")));
      std::size_t left = pieces;
      const auto carry = [&](End& from, End& to) {
        const Buffer bytes = take_output(from.connection);
        for (std::size_t at = 0; at < bytes.size() && left > 0; at += 40, --left)
          to.feed(Bytes(bytes).subspan(at, std::min<std::size_t>(40, bytes.size() - at)));
        return !bytes.empty() && left > 0;
      };
      for (bool moved = true; moved;) {
        moved = carry(pair.client, pair.server);
        if (const Need* need = pair.server.connection.need(); need && left > 0) {
          value(pair.server.connection.answer(need->id, right_answer(*need)));
          moved = true;
        }
        moved = carry(pair.server, pair.client) || moved;
      }
      if (left > 0) break;
    }  // and destroyed there
}

TEST(ResumedLeaving, WithAnyNeedUnanswered) {
  for (Carrier carrier : {Carrier::psk_far, Carrier::tls12_far})
    for (std::size_t last = 0; last < 4; ++last) {
      Resumer resumer = resumer_for(carrier);
      resumer.client.verifier = std::make_shared<FarVerifier>();
      resumer.client.sessions.reverify = true;
      const auto held = hold(resumer);
      ASSERT_TRUE(full(resumer.connect()));
      Pair pair = resumer.begin();
      run_with_needs(pair, [&](std::size_t count, Connection& connection) {
        const Need& need = *connection.need();
        return count < last && connection.answer(need.id, right_answer(need)).has_value();
      });
    }
}

}  // namespace
}  // namespace handfast::test
