#include "wire/alert.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

TEST(AlertMessage, EveryDescriptionIsReadAndWritten) {
  for (int level : {1, 2})
    for (int description = 0; description < 256; ++description) {
      const std::uint8_t content[] = {static_cast<std::uint8_t>(level), static_cast<std::uint8_t>(description)};
      Result<wire::AlertMessage> alert = wire::parse_alert(content);
      ASSERT_TRUE(alert);
      EXPECT_EQ(alert->level, wire::AlertLevel(level));
      EXPECT_EQ(alert->description, Alert(description));
      EXPECT_TRUE(std::ranges::equal(wire::write_alert(*alert), content));
    }
}

TEST(AlertMessage, AnyOtherSizeIsADecodeError) {
  for (std::string_view content : {"", "02", "020000", "01000100"})
    EXPECT_TRUE(is_error(wire::parse_alert(from_hex(content)), Alert::decode_error, Reason::bad_alert)) << content;
}

TEST(AlertMessage, AnUnknownLevelIsIllegal) {
  for (std::string_view content : {"0028", "0328", "ff28"})
    EXPECT_TRUE(is_error(wire::parse_alert(from_hex(content)), Alert::illegal_parameter, Reason::bad_alert)) << content;
}

}  // namespace
}  // namespace handfast::test
