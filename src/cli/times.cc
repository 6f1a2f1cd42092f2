#include "cli/times.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>

namespace handfast::cli {
namespace {

/// A number of exactly that many digits at the front of `text`, taken off it with the character behind it.
std::optional<int> take_number(std::string_view& text, std::size_t digits, char separator) {
  int value = 0;
  const std::string_view number = text.substr(0, digits);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (number.size() < digits || error != std::errc() || end != number.data() + digits || number[0] == '-') return {};
  text.remove_prefix(digits);
  if (separator != '\0') {
    if (!text.starts_with(separator)) return {};
    text.remove_prefix(1);
  }
  return value;
}

class ShiftedClock final : public Clock {
 public:
  explicit ShiftedClock(std::int64_t seconds) noexcept : seconds_(seconds) {}
  std::int64_t now() override { return system_clock().now() + seconds_; }
  std::int64_t now_milliseconds() override { return system_clock().now_milliseconds() + seconds_ * 1000; }
  std::uint64_t monotonic() override { return system_clock().monotonic(); }

 private:
  std::int64_t seconds_;
};

}  // namespace

std::shared_ptr<Clock> clock_set_to(std::int64_t now) {
  return std::make_shared<ShiftedClock>(now - system_clock().now());
}

Result<std::int64_t> parse_time(std::string_view flag, std::string_view text) {
  const auto bad = [&] {
    return fail(
        Error(Alert::internal_error, Reason::bad_config)
            .with("option", std::string(flag))
            .with("problem", fmt::format("\"{}\" is no time: 2027-01-15, 2027-01-15T08:00:00Z or @SECONDS", text)));
  };
  if (text.starts_with('@')) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size()) return bad();
    return seconds;
  }
  std::string_view rest = text;
  const auto year = take_number(rest, 4, '-'), month = take_number(rest, 2, '-');
  const bool date_only = rest.size() == 2;
  const auto day = take_number(rest, 2, date_only ? '\0' : 'T');
  if (!year || !month || !day) return bad();
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return bad();
  const std::int64_t midnight = std::chrono::sys_seconds(std::chrono::sys_days(date)).time_since_epoch().count();
  if (date_only) return midnight;
  const auto hour = take_number(rest, 2, ':'), minute = take_number(rest, 2, ':'), second = take_number(rest, 2, 'Z');
  if (!hour || !minute || !second || !rest.empty() || *hour > 23 || *minute > 59 || *second > 59) return bad();
  return midnight + *hour * 3600 + *minute * 60 + *second;
}

}  // namespace handfast::cli
