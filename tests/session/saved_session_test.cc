// A client's session: what it tells, and its bytes.
#include <gtest/gtest.h>

#include <handfast/session.h>

#include "session/example.h"
#include "session/memory.h"
#include "support/hex.h"

namespace handfast {
namespace {

using test::to_hex;

std::string field(const Result<SavedSession>& result) {
  if (result) return "none";
  EXPECT_EQ(result.error().alert(), Alert::decode_error);
  EXPECT_EQ(result.error().reason(), Reason::decode_error);
  EXPECT_EQ(std::get<std::string>(*result.error().find("message")), "session");
  return std::get<std::string>(*result.error().find("field"));
}

TEST(SavedSession, TellsWhatItIs) {
  const SavedSession session = test::saved(test::client_session());
  EXPECT_EQ(session.version(), ProtocolVersion::tls1_3);
  EXPECT_EQ(session.key().server_name, "example.com");
  EXPECT_EQ(session.expires(), 1'700'007'200);
  EXPECT_TRUE(session.single_use());
  EXPECT_EQ(session.max_early_data(), 16384u);
  EXPECT_TRUE(session.resumption_across_names());
  EXPECT_FALSE(session.has_session_id());

  const SavedSession older = test::saved(test::client_session_tls12());
  EXPECT_EQ(older.version(), ProtocolVersion::tls1_2);
  EXPECT_FALSE(older.single_use());
  EXPECT_FALSE(older.resumption_across_names());
  EXPECT_TRUE(older.has_session_id());
}

TEST(SavedSession, ExpiresRatherTooEarly) {
  for (const auto& [milliseconds, seconds] :
       {std::pair{1999, 1}, {1000, 1}, {999, 0}, {0, 0}, {-1, -1}, {-1000, -1}, {-1001, -2}}) {
    session::ClientSession content = test::client_session();
    content.session.expires = milliseconds;
    EXPECT_EQ(test::saved(std::move(content)).expires(), seconds) << milliseconds;
  }
}

TEST(SavedSession, ComesBackFromItsBytes) {
  for (const bool tls13 : {true, false}) {
    const SavedSession session = test::saved(tls13 ? test::client_session() : test::client_session_tls12());
    const SavedSession again = SavedSession::parse(session.serialize()).value();
    EXPECT_EQ(again.content().ticket, session.content().ticket);
    EXPECT_EQ(again.content().session_id, session.content().session_id);
    EXPECT_EQ(again.key(), session.key());
    EXPECT_EQ(again.content().resumption_across_names, session.content().resumption_across_names);
    EXPECT_EQ(to_hex(session::encode(again.content().session)), to_hex(session::encode(session.content().session)));
  }
}

TEST(SavedSession, CutOffAnywhereIsRefused) {
  const Buffer bytes = test::saved(test::client_session()).serialize();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(field(SavedSession::parse(Bytes(bytes).first(size))), "none") << size;
}

TEST(SavedSession, MoreThanASessionIsRefused) {
  Buffer bytes = test::saved(test::client_session()).serialize();
  bytes.push_back(0);
  EXPECT_EQ(field(SavedSession::parse(bytes)), "peer");
}

TEST(SavedSession, AnyByteChangedIsRefusedOrAnotherSession) {
  for (const bool tls13 : {true, false}) {
    Buffer bytes = test::saved(tls13 ? test::client_session() : test::client_session_tls12()).serialize();
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
        bytes[at] ^= static_cast<std::uint8_t>(flip);
        if (const Result<SavedSession> other = SavedSession::parse(bytes)) {
          EXPECT_EQ(to_hex(other->serialize()), to_hex(bytes)) << at << ", " << flip;
        }
        bytes[at] ^= static_cast<std::uint8_t>(flip);
      }
  }
}

TEST(SavedSession, EachFieldHasItsRefusal) {
  const Buffer bytes = test::saved(test::client_session()).serialize();
  const auto with = [&](std::size_t at, std::uint8_t byte) {
    Buffer changed = bytes;
    changed[at] = byte;
    return field(SavedSession::parse(changed));
  };
  EXPECT_EQ(with(0, 0), "format");
  EXPECT_EQ(with(1, 2), "resumption_across_names");
  EXPECT_EQ(with(2, 0xff), "key");
  EXPECT_EQ(with(49, 0xff), "ticket");
  EXPECT_EQ(with(54, 33), "session_id");
  EXPECT_EQ(with(55, 9), "format");  // the session's own

  session::ClientSession nameless = test::client_session();
  nameless.ticket.clear();
  EXPECT_EQ(field(SavedSession::parse(test::saved(std::move(nameless)).serialize())), "session_id");
}

TEST(SavedSession, LeavesNoSecretBehind) {
  const session::ClientSession content = test::client_session();
  test::FreedWatch watch(content.session.secret.view());
  {
    Buffer bytes = test::saved(test::client_session()).serialize();
    EXPECT_EQ(watch.found(), 0u);
    {
      const SavedSession again = SavedSession::parse(bytes).value();
    }
    base::wipe(bytes.data(), bytes.size());
  }
  EXPECT_EQ(watch.found(), 0u);
}

}  // namespace
}  // namespace handfast
