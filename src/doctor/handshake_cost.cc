#include "doctor/handshake_cost.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "doctor/message.h"
#include "doctor/style.h"

namespace handfast::doctor {
namespace {

std::uint64_t signatures_on_path(const VerificationStep& step) {
  std::uint64_t count = 0;
  for (const VerificationCheck& check : step.checks)
    if (check.kind == CheckKind::signature && check.outcome == CheckOutcome::passed) ++count;
  for (const VerificationStep& issuer : step.issuers)
    if (issuer.is_accepted) count += signatures_on_path(issuer);
  return count;
}

class Count {
 public:
  explicit Count(HandshakeCost& cost) noexcept : cost_(cost) {}

  void operator()(const Message& message) {
    const bool received = message.direction == Direction::received;
    ++cost_.messages;
    (received ? cost_.bytes_received : cost_.bytes_sent) += message.bytes.size();
    // Each time the word comes back.
    if (received && !listening_) ++cost_.round_trips;
    listening_ = received;
    switch (message.type) {
      case HandshakeType::certificate:
        if (summarize(message).certificates.empty()) break;
        ++cost_.chains;
        cost_.certificate_bytes += message.bytes.size();
        break;
      case HandshakeType::certificate_verify:
      case HandshakeType::server_key_exchange: ++(received ? cost_.signatures_checked : cost_.signatures_made); break;
      default: break;
    }
  }
  void operator()(const Verification& verification) {
    cost_.signatures_checked += signatures_on_path(verification.report.leaf);
  }
  template <typename Other>
  void operator()(const Other&) {}

 private:
  HandshakeCost& cost_;
  bool listening_ = false;
};

}  // namespace

HandshakeCost cost_of(const Recording& recording) {
  HandshakeCost cost;
  Count count(cost);
  for (const Step& step : recording.steps()) {
    cost.microseconds = step.at / 1000;
    if (std::holds_alternative<Completed>(step.what)) break;
    std::visit(count, step.what);
  }
  return cost;
}

std::array<CostMember, 9> members(HandshakeCost& cost) noexcept {
  return {{{"bytes_sent", &cost.bytes_sent},
           {"bytes_received", &cost.bytes_received},
           {"messages", &cost.messages},
           {"round_trips", &cost.round_trips},
           {"certificate_chains", &cost.chains},
           {"certificate_bytes", &cost.certificate_bytes},
           {"signatures_made", &cost.signatures_made},
           {"signatures_checked", &cost.signatures_checked},
           {"microseconds", &cost.microseconds}}};
}

std::string savings(const HandshakeCost& resumed, const HandshakeCost& full) {
  std::vector<std::string> parts;
  const auto of = [&](std::uint64_t now, std::uint64_t before, std::string_view what) {
    if (now < before) parts.push_back(fmt::format("{} of {} {}", grouped(before - now), grouped(before), what));
  };
  const auto less = [&](std::uint64_t now, std::uint64_t before, std::string_view what) {
    if (now < before) parts.push_back(counted(before - now, what));
  };
  of(resumed.bytes(), full.bytes(), "bytes");
  of(resumed.messages, full.messages, "messages");
  less(resumed.round_trips, full.round_trips, "round trip");
  less(resumed.chains, full.chains, "certificate chain");
  less(resumed.signatures(), full.signatures(), "signature");
  if (resumed.microseconds < full.microseconds)
    parts.push_back(fmt::format("{:.1f} of {:.1f} ms",
                                static_cast<double>(full.microseconds - resumed.microseconds) / 1000,
                                static_cast<double>(full.microseconds) / 1000));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace handfast::doctor
