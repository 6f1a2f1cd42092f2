// The names of what came of a session.
#include <gtest/gtest.h>

#include <set>

#include <handfast/session.h>

namespace handfast {
namespace {

/// Each value up to `last` has a name of its own, and what lies behind it is unknown.
template <typename Enum>
void expect_names(Enum last) {
  std::set<std::string_view> names;
  const unsigned count = static_cast<unsigned>(last) + 1;
  for (unsigned value = 0; value < count; ++value) names.insert(name(static_cast<Enum>(value)));
  EXPECT_EQ(names.size(), count);
  EXPECT_EQ(name(static_cast<Enum>(255)), "unknown");
}

TEST(Names, OneForEachValue) {
  expect_names(EarlyData::unsure);
  expect_names(Resumption::external_psk);
  expect_names(SessionRefusal::declined);
}

TEST(Names, AreTheEnumerators) {
  EXPECT_EQ(name(EarlyData::ticket_age_skew), "ticket_age_skew");
  EXPECT_EQ(name(Resumption::session_id), "session_id");
  EXPECT_EQ(name(SessionRefusal::peer_certificate), "peer_certificate");
  EXPECT_EQ(name(SessionRefusal::unknown), "unknown");
}

}  // namespace
}  // namespace handfast
