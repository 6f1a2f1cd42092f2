#include "doctor/step_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "doctor/certificate.h"
#include "doctor/message.h"
#include "doctor/resumption.h"
#include "doctor/verification_tree.h"

namespace handfast::doctor {
namespace {

/// Goes through the checks of a report's certificates.
class Checks {
 public:
  Checks(const VerificationReport& report, const Style& style) : report_(report), style_(style) {}

  std::vector<Note> notes() {
    look_at(report_.leaf);
    for (std::string& text : failed_) notes_.push_back({Paint::red, {std::move(text)}});
    if (!not_made_.empty())
      notes_.push_back({Paint::yellow, {fmt::format("not checked: {}", fmt::join(not_made_, ", "))}});
    return std::move(notes_);
  }

 private:
  /// Where a path was found, what was tried beside it is of no interest.
  void look_at(const VerificationStep& step) {
    if (!report_.error && !step.is_accepted) return;
    const std::string whose = printable_utf8(summarize(report_.certificates[step.certificate]).subject);
    std::vector<std::string> passed;
    for (const VerificationCheck& check : step.checks) {
      const std::string what = spaced(name(check.kind));
      if (check.outcome == CheckOutcome::passed) {
        passed.push_back(what);
      } else if (check.outcome == CheckOutcome::failed) {
        failed_.push_back(fmt::format("{} {}: {}", style_.failed(), whose, check_text(check, whose)));
      } else if (std::find(not_made_.begin(), not_made_.end(), what) == not_made_.end()) {
        not_made_.push_back(what);
      }
    }
    if (!passed.empty())
      notes_.push_back({Paint::green, {fmt::format("{} {}: {}", style_.passed(), whose, fmt::join(passed, ", "))}});
    for (const VerificationStep& issuer : step.issuers) look_at(issuer);
  }

  const VerificationReport& report_;
  const Style& style_;
  std::vector<Note> notes_;
  std::vector<std::string> failed_, not_made_;
};

}  // namespace

Arrow arrow_of(const Message& message) {
  return {message.direction, message.level != Level::initial, Paint::plain,
          fmt::format("{}, {} bytes", title(message), message.bytes.size())};
}

Arrow arrow_of(const ChangeCipherSpec& ccs) {
  if (ccs.version == ProtocolVersion::tls1_3)
    return {ccs.direction, false, Paint::dim, "change_cipher_spec, for middleboxes only"};
  return {ccs.direction, false, Paint::plain, "change_cipher_spec: what follows is encrypted"};
}

Arrow arrow_of(const AlertSeen& alert) {
  return {alert.direction, alert.encrypted, alert.fatal ? Paint::red : Paint::plain,
          fmt::format("alert {}{}", name(alert.alert), alert.fatal ? ", fatal" : "")};
}

Arrow arrow_of(const Data& data) {
  const std::string_view what = data.level == Level::early ? "early data" : "application data";
  return {data.direction, true, Paint::plain,
          data.records == 1 ? fmt::format("{}, {} bytes", what, data.size)
                            : fmt::format("{}, {} bytes in {} records", what, data.size, data.records)};
}

Note note_of(const SessionSeen& seen) {
  if (seen.how == Resumption::none)
    return {Paint::yellow, {fmt::format("session not resumed: {}", words(seen.refusal))}};
  return {Paint::green, {fmt::format("session resumed {}", words(seen.how))}};
}

Note note_of(const EarlyDataSeen& seen) {
  const bool good = seen.outcome == EarlyData::accepted || seen.outcome == EarlyData::offered;
  return {good ? Paint::green : Paint::yellow, {fmt::format("early data {}", words(seen.outcome))}};
}

std::vector<Note> notes_of(const VerificationReport& report, const Style& style) {
  return Checks(report, style).notes();
}

}  // namespace handfast::doctor
