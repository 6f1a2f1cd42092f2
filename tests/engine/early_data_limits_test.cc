// How much early data may pass, on both sides, and what is skipped of it where none is taken (RFC 8446,
// section 4.2.10).
#include <gtest/gtest.h>

#include "engine/resumption.h"

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

/// All that a client of ours may send by a ticket of ours is skipped where it is rejected, in whatever pieces.
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

/// But not without end, and only what may be early data.
TEST(EarlyDataLimits, WhatIsSkippedHasAnEnd) {
  Resumer resumer = early_resumer(1000);
  const auto held = hold(resumer);
  ASSERT_TRUE(full(resumer.connect()));
  held->held = changed(*held->held, [](session::ClientSession& session) { session.session.max_early_data = 100'000; });
  resumer.client.limits.early_data = 100'000;
  resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  for (std::size_t fragment : {std::size_t{1}, std::size_t{16384}}) {
    resumer.client.max_send_fragment = fragment;
    Pair pair = resumer.begin();
    value(pair.client.connection.send_early_data(Buffer(20'000, 'a')));
    pair.pump();
    EXPECT_EQ(reason(pair.server.connection), "early_data_too_long");
    EXPECT_EQ(alert(pair.server.connection), "unexpected_message");
  }
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
