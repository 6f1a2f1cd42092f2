// A body that is held back whole, rewritten by rules, and then goes on.
#pragma once

#include <string>
#include <utility>

#include "proxy/exchange.h"
#include "proxy/har.h"
#include "proxy/rules.h"

namespace handfast::proxy {

/// One that turns out to be longer than `max_rule_body` goes on as it is.
class RewriteFilter final : public BodyFilter {
 public:
  using Rewrite = std::string (RulePlan::*)(std::string_view) const;
  /// `plan` outlives it; `kept`, where it is not null, gets what goes on.
  RewriteFilter(const RulePlan& plan, Rewrite rewrite, HarBody* kept) noexcept
      : plan_(plan), rewrite_(rewrite), kept_(kept) {}

  void pass(Bytes content, Buffer& out) override;
  void end(Buffer& out) override;

 private:
  void put(Bytes content, Buffer& out);
  const RulePlan& plan_;
  Rewrite rewrite_;
  HarBody* kept_;
  std::string held_;
  bool too_long_ = false;
};

}  // namespace handfast::proxy
