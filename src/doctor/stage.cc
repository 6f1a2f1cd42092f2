#include "doctor/stage.h"

#include <fmt/format.h>

namespace handfast::doctor {

void Stage::print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

void Stage::say(std::string_view text) {
  for (const std::string& line : wrap(text, style_.width)) print(line + '\n');
}

void Stage::heading(std::string_view title, std::string_view text) {
  print('\n' + style_.paint(Paint::bold, fmt::format("{}. {}", ++scene_, title)) + '\n');
  say(text);
  print("\n");
}

void Stage::result(bool good, std::string_view text) {
  print(style_.paint(good ? Paint::green : Paint::red, good ? style_.passed() : style_.failed()) + ' ');
  print(fmt::format("{}\n", text));
}

Result<> Stage::pass_over(std::string_view program) {
  say(fmt::format("Passed over: {} is not installed.", program));
  return {};
}

Result<> Stage::went_wrong(std::string_view text) {
  result(false, printable(text, 600));
  count_failure();
  return {};
}

}  // namespace handfast::doctor
