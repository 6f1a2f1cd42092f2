// NewSessionTicket of TLS 1.2.
#include "wire/tls12/new_session_ticket.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

using wire::tls12::parse_new_session_ticket;

TEST(Tls12NewSessionTicket, GivesValues) {
  const Buffer body = from_hex("00001c20 0003 c0ffee");
  const Result<wire::tls12::NewSessionTicket> parsed = parse_new_session_ticket(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->ticket_lifetime_hint, 7200u);
  EXPECT_EQ(to_hex(parsed->ticket), "c0ffee");
  EXPECT_EQ(parsed->ticket.data(), body.data() + 6);
}

// RFC 5077, section 3.3: a server that has no ticket to give after all sends an empty one.
TEST(Tls12NewSessionTicket, MayBeEmpty) {
  const Result<wire::tls12::NewSessionTicket> parsed = parse_new_session_ticket(from_hex("00000000 0000"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->ticket_lifetime_hint, 0u);
  EXPECT_TRUE(parsed->ticket.empty());
}

TEST(Tls12NewSessionTicket, FieldsHaveBounds) {
  struct Case {
    std::string_view body;
    std::string_view field;
  };
  for (const Case& each : {Case{"", "ticket_lifetime_hint"},
                           {"00001c", "ticket_lifetime_hint"},
                           {"00001c20", "ticket"},
                           {"00001c2000", "ticket"},
                           {"00001c20 0002 c0", "ticket"},
                           {"00001c20 0002 c0ffee", "ticket"},
                           {"00001c20 0000 00", "ticket"},
                           {"00001c20 0003 c0ffee 0000", "ticket"}})  // TLS 1.2 has no extensions there
    EXPECT_TRUE(is_error(parse_new_session_ticket(from_hex(each.body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "new_session_ticket"}, {"field", each.field}}))
        << each.body;
}

TEST(Tls12NewSessionTicket, EveryTruncationIsRefused) {
  const Buffer body = from_hex("00001c20 0003 c0ffee");
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_TRUE(is_error(parse_new_session_ticket(to_buffer(Bytes(body).first(size))), Alert::decode_error,
                         Reason::decode_error))
        << size;
}

TEST(Tls12NewSessionTicket, IsWritten) {
  const Buffer ticket = from_hex("c0ffee");
  Buffer out;
  ASSERT_TRUE(wire::tls12::write_new_session_ticket(out, {7200, ticket}));
  ASSERT_TRUE(wire::tls12::write_new_session_ticket(out, {}));
  EXPECT_EQ(to_hex(out), to_hex(from_hex("04000009 00001c20 0003 c0ffee 04000006 00000000 0000")));
  out.clear();
  const Buffer longest(0xffff, 1);
  ASSERT_TRUE(wire::tls12::write_new_session_ticket(out, {1, longest}));
  EXPECT_EQ(parse_new_session_ticket(Bytes(out).subspan(4))->ticket.size(), longest.size());
  out.clear();
  const Buffer too_long(0x10000, 1);
  EXPECT_TRUE(is_error(wire::tls12::write_new_session_ticket(out, {1, too_long}), Alert::internal_error,
                       Reason::message_too_long, {{"message", "new_session_ticket"}}));
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace handfast::test
