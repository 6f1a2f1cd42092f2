// Where a tour is played: scenes with a number, what is said of them, and how many went wrong.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include <handfast/error.h>

#include "doctor/style.h"

namespace handfast::doctor {

class TourStage {
 public:
  TourStage(std::FILE* out, const Style& style) : out_(out), style_(style) {}

  const Style& style() const noexcept { return style_; }
  /// Scenes that went otherwise than they should.
  int failures() const noexcept { return failures_; }

  void print(std::string_view text);  ///< as it is, at once
  void say(std::string_view text);    ///< in lines that fit
  void heading(std::string_view title, std::string_view text);
  void result(bool good, std::string_view text);
  void count_failure() noexcept { ++failures_; }
  /// These two have told and counted what is to be told: nothing fails any more.
  Result<> pass_over(std::string_view program);
  Result<> went_wrong(std::string_view text);

 private:
  std::FILE* out_;
  Style style_;
  int scene_ = 0;
  int failures_ = 0;
};

}  // namespace handfast::doctor
