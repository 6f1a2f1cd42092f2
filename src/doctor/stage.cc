#include "doctor/stage.h"

#include <fmt/format.h>

namespace handfast::doctor {

void TourStage::print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

void TourStage::say(std::string_view text) {
  for (const std::string& line : wrap(text, style_.width)) print(line + '\n');
}

void TourStage::heading(std::string_view title, std::string_view text) {
  print('\n' + style_.paint(Paint::bold, fmt::format("{}. {}", ++scene_, title)) + '\n');
  say(text);
  print("\n");
}

void TourStage::result(bool good, std::string_view text) {
  const std::string_view mark = good ? style_.passed() : style_.failed();
  const std::size_t indent = columns(mark) + 1;
  std::string out = style_.paint(good ? Paint::green : Paint::red, mark);
  for (const std::string& line : wrap(text, style_.width - indent)) {
    out.append(out.ends_with('\n') ? indent : 1, ' ');
    out += line + '\n';
  }
  print(out);
}

Result<> TourStage::pass_over(std::string_view program) {
  say(fmt::format("Passed over: {} is not installed.", program));
  return {};
}

Result<> TourStage::went_wrong(std::string_view text) {
  result(false, printable(text, 600));
  count_failure();
  return {};
}

}  // namespace handfast::doctor
