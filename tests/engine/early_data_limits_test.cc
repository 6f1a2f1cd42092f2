// How much early data may pass, on both sides, and what is skipped of it where none is taken (RFC 8446,
// section 4.2.10).
#include <gtest/gtest.h>

#include "engine/resumption.h"
#include "record/record.h"

namespace handfast::test {
namespace {

Resumer early_resumer(std::uint32_t limit) {
  Resumer resumer;
  resumer.allow_early_data(limit);
  return resumer;
}

TEST(EarlyDataLimits, AClientSendsNoMoreThanTheTicketAllows) {
  Resumer resumer = early_resumer(1000);
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.begin();
  Connection& client = pair.client.connection;
  EXPECT_EQ(client.early_data_left(), 1000u);
  EXPECT_EQ(client.send_early_data(Buffer(1001, 'a')).error().reason(), Reason::early_data_too_long);
  EXPECT_EQ(client.early_data_left(), 1000u) << "nothing of it was sent";
  value(client.send_early_data(Buffer(400, 'a')));
  EXPECT_EQ(client.early_data_left(), 600u);
  EXPECT_EQ(client.send_early_data(Buffer(601, 'a')).error().reason(), Reason::early_data_too_long);
  value(client.send_early_data(Buffer(600, 'b')));
  EXPECT_EQ(client.early_data_left(), 0u);
  EXPECT_FALSE(client.send_early_data(Buffer(1, 'c')));
  pair.pump();
  ASSERT_TRUE(ended_with(pair, Resumption::psk));
  EXPECT_EQ(pair.server.received.size(), 1000u);
  expect_usable(pair);
}

TEST(EarlyDataLimits, NorThanItsOwnConfig) {
  Resumer resumer = early_resumer(100'000);
  resumer.client.limits.early_data = 5000;
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.begin();
  EXPECT_EQ(pair.client.connection.early_data_left(), 5000u);
  EXPECT_EQ(pair.client.connection.send_early_data(Buffer(5001, 'a')).error().reason(), Reason::early_data_too_long);
}

/// Exactly as much as the ticket says is taken, whole or in pieces; one byte more is not.
TEST(EarlyDataLimits, AServerTakesExactlyWhatTheTicketSays) {
  for (std::size_t fragment : {std::size_t{1}, std::size_t{7}, std::size_t{100}, std::size_t{16384}})
    for (std::size_t size : {std::size_t{300}, std::size_t{301}}) {
      Resumer resumer = early_resumer(300);
      resumer.client.max_send_fragment = fragment;
      const auto held = hold(resumer);
      ASSERT_TRUE(full(resumer.connect()));
      // A client that believes in more.
      held->held = changed(*held->held, [](session::ClientSession& session) { session.session.max_early_data = 5000; });
      Pair pair = resumer.begin();
      value(pair.client.connection.send_early_data(Buffer(size, 'a')));
      pair.pump();
      if (size <= 300) {
        ASSERT_TRUE(ended_with(pair, Resumption::psk));
        EXPECT_EQ(pair.server.received.size(), size);
      } else {
        EXPECT_EQ(reason(pair.server.connection), "early_data_too_long");
        EXPECT_EQ(alert(pair.server.connection), "unexpected_message");
        EXPECT_EQ(alert(pair.client.connection), "unexpected_message");
        EXPECT_LE(pair.server.received.size(), 300u);
      }
    }
}

/// Padding does not count (section 4.2.10).
TEST(EarlyDataLimits, PaddingDoesNotCount) {
  Resumer resumer = early_resumer(300);
  resumer.client.record_padding = 512;
  resumer.client.max_send_fragment = 10;
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.begin();
  value(pair.client.connection.send_early_data(Buffer(300, 'a')));
  pair.pump();
  ASSERT_TRUE(ended_with(pair, Resumption::psk));
  EXPECT_EQ(pair.server.received.size(), 300u);
}

/// It is not agreed on yet when early data is sent (RFC 8449, section 4).
TEST(EarlyDataLimits, ARecordSizeLimitIsNotForEarlyData) {
  Resumer resumer = early_resumer(1000);
  resumer.client.record_size_limit = 16385;
  resumer.server.record_size_limit = 64;
  ASSERT_TRUE(full(resumer.connect()));
  for (bool accepted : {true, false}) {
    if (!accepted) resumer.server.sessions.max_early_data = 0;
    Pair pair = resumer.begin();
    const Buffer hello = take_output(pair.client.connection);
    value(pair.client.connection.send_early_data(Buffer(1000, 'a')));
    EXPECT_GT(record::parse_header(pair.client.connection.output()).length, 1000) << "in one record";
    pair.server.feed(hello);
    pair.pump();
    ASSERT_TRUE(ended_with(pair, Resumption::psk));
    EXPECT_EQ(pair.server.received.size(), accepted ? 1000u : 0u);
    // Of what comes behind it, it is.
    value(pair.client.connection.send(Buffer(1000, 'b')));
    EXPECT_LE(record::parse_header(pair.client.connection.output()).length, 64 + 16);
    pair.pump();
    EXPECT_EQ(pair.server.received.size(), accepted ? 2000u : 1000u);
    expect_usable(pair);
  }
}

/// All that a client may send by a ticket of today is skipped where it is rejected, if its records are not tiny.
TEST(EarlyDataLimits, AllOfItIsSkippedWhereItIsRejected) {
  for (bool retry : {false, true})
    for (std::uint32_t limit : {1000u, 16384u, 40'000u})
      for (std::size_t fragment : {std::size_t{100}, std::size_t{16384}}) {
        SCOPED_TRACE(limit);
        Resumer resumer = early_resumer(limit);
        resumer.client.limits.early_data = limit;
        resumer.client.max_send_fragment = fragment;
        resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
        ASSERT_TRUE(full(resumer.connect()));
        if (retry)
          resumer.server.groups = {NamedGroup::secp256r1};
        else
          resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
        Pair pair = resumer.begin();
        value(pair.client.connection.send_early_data(Buffer(limit, 'a')));
        pair.pump();
        ASSERT_TRUE(ended_with(pair, retry ? Resumption::psk : Resumption::none));
        EXPECT_TRUE(pair.server.received.empty());
        value(pair.client.connection.resend_early_data());
        pair.pump();
        EXPECT_EQ(pair.server.received.size(), limit);
        EXPECT_FALSE(pair.client.connection.resend_early_data()) << "and that once";
        expect_usable(pair);
      }
}

/// And what it may send by one that was given out when more was allowed: it may be on its way when a reload says less.
TEST(EarlyDataLimits, WhatTheTicketAllowedIsSkippedWhereLessIsAllowedNow) {
  for (bool retry : {false, true})
    for (std::uint32_t now : {0u, 1000u})
      for (std::size_t size : {std::size_t{20'000}, std::size_t{90'000}, std::size_t{100'000}}) {
        SCOPED_TRACE(size);
        Resumer resumer = early_resumer(100'000);
        resumer.client.limits.early_data = 100'000;
        resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
        ASSERT_TRUE(full(resumer.connect()));
        resumer.server.sessions.max_early_data = now;
        if (retry) resumer.server.groups = {NamedGroup::secp256r1};
        Pair pair = resumer.begin();
        value(pair.client.connection.send_early_data(Buffer(size, 'a')));
        pair.pump();
        ASSERT_TRUE(ended_with(pair, Resumption::psk));
        EXPECT_EQ(pair.client.connection.info().retried, retry);
        EXPECT_EQ(name(pair.server.connection.info().early_data), now == 0 ? "disabled" : "unsupported_for_session");
        EXPECT_TRUE(pair.server.received.empty());
        value(pair.client.connection.resend_early_data());
        pair.pump();
        EXPECT_EQ(pair.server.received.size(), size);
        expect_usable(pair);
      }
}

/// How much early data makes that many bytes of records, as few as can be; there is room for one more in the last.
std::size_t filling(std::size_t records) {
  constexpr std::size_t longest = 16384, around = record::header_size + 1 + 16;
  const std::size_t whole = records / (longest + around);
  const std::size_t last = records % (longest + around);
  EXPECT_GT(last, around);
  return whole * longest + last - around;
}

/// But not without end: Limits::skipped_early_data and what the ticket allowed, or, where nobody can tell, what those
/// of today allow.
TEST(EarlyDataLimits, WhatIsSkippedHasAnEnd) {
  for (bool opens : {true, false})
    for (bool retry : {false, true})
      for (std::uint32_t now : {0u, 1000u})
        for (std::size_t limit : {std::size_t{16384}, std::size_t{500}}) {
          Resumer resumer = early_resumer(100'000);
          resumer.client.limits.early_data = 200'000;
          resumer.client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
          const auto held = hold(resumer);
          ASSERT_TRUE(full(resumer.connect()));
          // A client that believes in more.
          held->held =
              changed(*held->held, [](session::ClientSession& session) { session.session.max_early_data = 200'000; });
          held->fixed = true;
          resumer.server.sessions.max_early_data = now;
          resumer.server.limits.skipped_early_data = limit;
          if (!opens) resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
          if (retry) resumer.server.groups = {NamedGroup::secp256r1};
          const std::size_t bound = limit + (opens ? 100'000 : now);
          for (std::size_t more : {0u, 1u}) {
            SCOPED_TRACE(bound + more);
            Pair pair = resumer.begin();
            value(pair.client.connection.send_early_data(Buffer(filling(bound) + more, 'a')));
            pair.pump();
            if (more == 0) {
              EXPECT_TRUE(ended_with(pair, opens ? Resumption::psk : Resumption::none));
              expect_usable(pair);
            } else {
              EXPECT_EQ(reason(pair.server.connection), "early_data_too_long");
              EXPECT_EQ(alert(pair.server.connection), "unexpected_message");
              EXPECT_EQ(alert(pair.client.connection), "unexpected_message");
            }
          }
        }
}

/// Bytes of records count: in pieces of one byte it is not much.
TEST(EarlyDataLimits, TinyRecordsCountAsRecords) {
  Resumer resumer = early_resumer(1000);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  resumer.client.max_send_fragment = 1;
  Pair pair = resumer.begin();
  value(pair.client.connection.send_early_data(Buffer(1000, 'a')));  // 23 bytes each
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "early_data_too_long");
}

TEST(EarlyDataLimits, NothingIsSkippedWhereNothingWasOffered) {
  Resumer resumer = early_resumer(1000);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.client.sessions.early_data = false;
  Pair pair = resumer.begin();
  Pair::carry(pair.client, pair.server);
  const Buffer record{23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  pair.server.feed(record);
  EXPECT_EQ(alert(pair.server.connection), "bad_record_mac");
}

/// Behind the first record that opens nothing is skipped any more.
TEST(EarlyDataLimits, SkippingEndsWithTheHandshakesFirstRecord) {
  Resumer resumer = early_resumer(1000);
  ASSERT_TRUE(full(resumer.connect()));
  resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  Pair pair = resumer.begin();
  value(pair.client.connection.send_early_data(as_bytes("early")));
  pair.pump();
  ASSERT_TRUE(full(pair));
  const Buffer record{23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  pair.server.feed(record);
  EXPECT_EQ(alert(pair.server.connection), "bad_record_mac");
}

TEST(EarlyDataLimits, ItEndsWithTheServersAnswer) {
  Resumer resumer = early_resumer(1000);
  ASSERT_TRUE(full(resumer.connect()));
  Pair pair = resumer.begin();
  value(pair.client.connection.send_early_data(as_bytes("early")));
  EXPECT_FALSE(pair.client.connection.resend_early_data()) << "nobody has rejected it yet";
  EXPECT_FALSE(pair.client.connection.can_send());
  pair.pump();
  EXPECT_EQ(pair.client.connection.early_data_left(), 0u);
  EXPECT_EQ(pair.client.connection.send_early_data(as_bytes("late")).error().reason(), Reason::closed);
  EXPECT_FALSE(pair.server.connection.send_early_data(as_bytes("late")));
  expect_usable(pair);
}

/// A client that leaves, or fails, in between sends nothing any more.
TEST(EarlyDataLimits, NotBehindAnEnd) {
  Resumer resumer = early_resumer(1000);
  ASSERT_TRUE(full(resumer.connect()));
  Pair aborted = resumer.begin();
  aborted.client.connection.abort(Alert::internal_error);
  EXPECT_EQ(aborted.client.connection.early_data_left(), 0u);
  EXPECT_FALSE(aborted.client.connection.send_early_data(as_bytes("early")));
  Pair closed = resumer.begin();
  closed.client.connection.close();
  EXPECT_EQ(closed.client.connection.early_data_left(), 0u);
  EXPECT_FALSE(closed.client.connection.send_early_data(as_bytes("early")));
}

/// In pieces of any size the flight is the same.
TEST(EarlyDataLimits, ByteByByte) {
  for (bool accepted : {true, false}) {
    Resumer resumer = early_resumer(1000);
    ASSERT_TRUE(full(resumer.connect()));
    if (!accepted) resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
    Pair pair = resumer.begin();
    value(pair.client.connection.send_early_data(Buffer(500, 'a')));
    pair.pump(1);
    EXPECT_TRUE(ended_with(pair, accepted ? Resumption::psk : Resumption::none));
    EXPECT_EQ(pair.server.received.size(), accepted ? 500u : 0u);
    expect_usable(pair);
  }
}

}  // namespace
}  // namespace handfast::test
