#include "doctor/ladder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/bytes.h"
#include "doctor/certificate.h"
#include "doctor/dissect/field.h"
#include "doctor/message.h"
#include "doctor/message_words.h"
#include "doctor/resumption.h"
#include "doctor/verification_tree.h"

namespace handfast::doctor {
namespace {

constexpr std::size_t time_width = 8;
constexpr std::size_t words_indent = 3;

/// What the ladder is drawn with.
struct Glyphs {
  std::string_view rail, branch_left, branch_right, to_right, to_left, clear, encrypted, event;
};
constexpr Glyphs unicode_glyphs = {"│", "├", "┤", "▶", "◀", "─", "═", "┄"};
constexpr Glyphs ascii_glyphs = {"|", "|", "|", ">", "<", "-", "=", "."};

std::string repeat(std::string_view glyph, std::size_t count) {
  std::string out;
  for (; count != 0; --count) out += glyph;
  return out;
}

/// In hexadecimal, with room for a line to end after each 32 bytes.
std::string hex_words(Bytes bytes) {
  constexpr std::size_t word = 32;
  std::string out;
  for (; bytes.size() > word; bytes = bytes.subspan(word)) out += hex(bytes.first(word)) + ' ';
  return out + hex(bytes);
}

class Drawing {
 public:
  Drawing(const Recording& recording, const Style& style, std::string_view key_to_secrets, Detail detail)
      : recording_(recording),
        style_(style),
        key_to_secrets_(key_to_secrets),
        detail_(detail),
        fields_(style),
        glyphs_(style.unicode ? unicode_glyphs : ascii_glyphs),
        inner_(style.width - time_width - 3) {
    // What the records hold is what is shown.
    for (const Step& step : recording.steps())
      if (!std::holds_alternative<RecordSeen>(step.what)) steps_.push_back(&step);
  }

  std::string draw() {
    out_ += std::string(time_width + 1, ' ') + style_.paint(Paint::bold, "client");
    out_ += std::string(inner_ + 2 - 12, ' ') + style_.paint(Paint::bold, "server") + '\n';
    for (std::size_t i = 0; i < steps_.size();) i = step(i);
    if (recording_.left_out() != 0) event(Paint::dim, fmt::format("{} more events not kept", recording_.left_out()));
    out_ += std::string(time_width + 1, ' ');
    out_ += style_.paint(Paint::dim,
                         fmt::format("{0}{0} in the clear   {1}{1} encrypted", glyphs_.clear, glyphs_.encrypted));
    out_ += '\n';
    return std::move(out_);
  }

 private:
  /// Draws the step at `i`, with those that belong to it; gives the one after them.
  std::size_t step(std::size_t i) {
    const Step& step = *steps_[i];
    at_ = step.at;
    if (std::holds_alternative<Decision>(step.what)) return decisions(i);
    if (std::holds_alternative<DerivedSecret>(step.what)) return secrets(i);
    std::visit([this](const auto& what) { show(what); }, step.what);
    return i + 1;
  }

  void show(const Message& message) {
    arrow(message.direction, message.level != Level::initial, Paint::plain,
          fmt::format("{}, {} bytes", title(message), message.bytes.size()));
    const MessageSummary summary = summarize(message);
    if (detail_ == Detail::words) {
      note(Paint::dim, words(summary.facts));
      for (const CertificateSummary& certificate : summary.certificates) note(Paint::dim, words(certificate));
    }
    for (const std::string& weakness : summary.weaknesses) note(Paint::yellow, {"weak: " + weakness});
    if (!summary.problem.empty()) note(Paint::red, {"does not parse: " + summary.problem});
    if (detail_ == Detail::bytes) out_ += fields_.write(dissect(message.bytes, message.version), message.bytes) + '\n';
  }
  void show(const ChangeCipherSpec& ccs) {
    if (ccs.version == ProtocolVersion::tls1_3)
      arrow(ccs.direction, false, Paint::dim, "change_cipher_spec, for middleboxes only");
    else
      arrow(ccs.direction, false, Paint::plain, "change_cipher_spec: what follows is encrypted");
  }
  void show(const KeyChange& key) {
    event(Paint::cyan, fmt::format("{} now sends under {}", name(sender(key.direction)), key.secret));
  }
  void show(const AlertSeen& alert) {
    arrow(alert.direction, alert.encrypted, alert.fatal ? Paint::red : Paint::plain,
          fmt::format("alert {}{}", name(alert.alert), alert.fatal ? ", fatal" : ""));
  }
  void show(const Data& data) {
    const std::string_view what = data.level == Level::early ? "early data" : "application data";
    arrow(data.direction, true, Paint::plain,
          data.records == 1 ? fmt::format("{}, {} bytes", what, data.size)
                            : fmt::format("{}, {} bytes in {} records", what, data.size, data.records));
  }
  void show(const SessionSeen& seen) {
    if (seen.how == Resumption::none)
      event(Paint::yellow, fmt::format("session not resumed: {}", doctor::words(seen.refusal)));
    else
      event(Paint::green, fmt::format("session resumed {}", doctor::words(seen.how)));
  }
  void show(const EarlyDataSeen& seen) {
    const bool good = seen.outcome == EarlyData::accepted || seen.outcome == EarlyData::offered;
    event(good ? Paint::green : Paint::yellow, fmt::format("early data {}", doctor::words(seen.outcome)));
  }
  void show(const Completed&) {
    event(Paint::green, fmt::format("handshake complete for the {}", name(recording_.side())));
  }
  void show(const Failed& failed) {
    event(Paint::red, fmt::format("{} stops: {}", name(recording_.side()), describe(failed.error.reason())));
  }
  void show(const DerivedSecret&) {}
  void show(const RecordSeen&) {}
  void show(const Decision&) {}
  void show(const Verification& verification) { checks(verification.report); }

  std::size_t decisions(std::size_t i) {
    std::vector<std::string> chosen;
    for (; i < steps_.size(); ++i) {
      const auto* decision = std::get_if<Decision>(&steps_[i]->what);
      if (decision == nullptr) break;
      if (decision->chosen.empty() && decision->supported.empty())
        note(Paint::dim, {fmt::format("{} has no {}", name(recording_.side()), spaced(decision->what))});
      else if (decision->chosen.empty())
        note(Paint::red, {fmt::format("nothing fits for {}:", spaced(decision->what)),
                          "offered " + printable_utf8(short_list(decision->offered)),
                          "supported " + short_list(decision->supported)});
      else
        chosen.push_back(spaced(decision->what) + ' ' + printable_utf8(decision->chosen));
    }
    if (!chosen.empty()) chosen.front() = fmt::format("{} chooses {}", name(recording_.side()), chosen.front());
    note(Paint::dim, chosen);
    return i;
  }

  /// The secret at `i` and those that were cut from the same output; gives the step after them.
  std::size_t secrets(std::size_t i) {
    const std::string& derivation = std::get<DerivedSecret>(steps_[i]->what).derivation;
    std::vector<const DerivedSecret*> run;
    for (; i < steps_.size(); ++i) {
      const auto* secret = std::get_if<DerivedSecret>(&steps_[i]->what);
      if (secret == nullptr || secret->derivation != derivation) break;
      run.push_back(secret);
    }
    std::vector<std::string> texts, bytes;
    for (const DerivedSecret* secret : run) {
      texts.push_back(fmt::format("{} {}", secret->name, secret->size));
      if (!secret->bytes.empty())
        bytes.push_back((run.size() == 1 ? "" : secret->name + ' ') + hex_words(secret->bytes));
    }
    std::string text = fmt::format("{} bytes", fmt::join(texts, ", "));
    if (bytes.empty() && !std::exchange(redaction_told_, true)) text += redacted();
    event(Paint::yellow, text);
    note(Paint::dim, {"= " + derivation});
    for (const std::string& line : bytes) note(Paint::yellow, {line});
    return i;
  }

  std::string redacted() const {
    return key_to_secrets_.empty() ? std::string(", redacted")
                                   : fmt::format(", redacted ({} shows secrets)", key_to_secrets_);
  }

  /// What passed, a certificate a line; then what failed, and what was not looked at.
  void checks(const VerificationReport& report) {
    std::vector<std::string> failed, not_made;
    checks_of(report.leaf, report, failed, not_made);
    for (const std::string& text : failed) note(Paint::red, {text});
    if (!not_made.empty()) note(Paint::yellow, {fmt::format("not checked: {}", fmt::join(not_made, ", "))});
  }

  /// Where a path was found, what was tried beside it is of no interest.
  void checks_of(const VerificationStep& step, const VerificationReport& report, std::vector<std::string>& failed,
                 std::vector<std::string>& not_made) {
    if (!report.error && !step.is_accepted) return;
    const std::string whose = printable_utf8(summarize(report.certificates[step.certificate]).subject);
    std::vector<std::string> passed;
    for (const VerificationCheck& check : step.checks) {
      const std::string what = spaced(name(check.kind));
      if (check.outcome == CheckOutcome::passed) {
        passed.push_back(what);
      } else if (check.outcome == CheckOutcome::failed) {
        failed.push_back(fmt::format("{} {}: {}", style_.failed(), whose, check_text(check, whose)));
      } else if (std::find(not_made.begin(), not_made.end(), what) == not_made.end()) {
        not_made.push_back(what);
      }
    }
    if (!passed.empty())
      note(Paint::green, {fmt::format("{} {}: {}", style_.passed(), whose, fmt::join(passed, ", "))});
    for (const VerificationStep& issuer : step.issuers) checks_of(issuer, report, failed, not_made);
  }

  Side sender(Direction direction) const noexcept {
    const bool ours = direction == Direction::sent;
    return ours == (recording_.side() == Side::client) ? Side::client : Side::server;
  }

  /// The time of the step, on its first line only.
  std::string time() {
    if (at_ == shown_at_) return std::string(time_width + 1, ' ');
    shown_at_ = at_;
    return style_.paint(Paint::dim, fmt::format("{:>{}}", duration_text(at_), time_width)) + ' ';
  }

  void arrow(Direction direction, bool encrypted, Paint paint, const std::string& text) {
    const std::string_view line = encrypted ? glyphs_.encrypted : glyphs_.clear;
    const std::size_t taken = columns(text) + 5;
    const std::string fill = repeat(line, inner_ > taken ? inner_ - taken : 1);
    const Paint text_paint = paint == Paint::plain ? Paint::bold : paint;
    out_ += time();
    out_ += glyphs_.rail;
    if (sender(direction) == Side::client)
      out_ += repeat(line, 2) + ' ' + style_.paint(text_paint, text) + ' ' + fill + std::string(glyphs_.to_right);
    else
      out_ += std::string(glyphs_.to_left) + fill + ' ' + style_.paint(text_paint, text) + ' ' + repeat(line, 2);
    out_ += glyphs_.rail;
    out_ += '\n';
  }

  /// Something that happens on one side, across the ladder.
  void event(Paint paint, const std::string& text) {
    out_ += time();
    const std::size_t room = inner_ - 4;
    const std::vector<std::string> lines = wrap(text, room);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i != 0) out_ += std::string(time_width + 1, ' ');
      const std::size_t fill = room - columns(lines[i]) + 1;
      out_ += glyphs_.branch_left;
      out_ += style_.paint(paint, fmt::format("{} {} {}", glyphs_.event, lines[i], repeat(glyphs_.event, fill)));
      out_ += glyphs_.branch_right;
      out_ += '\n';
    }
  }

  /// Words between the rails.
  void note(Paint paint, const std::vector<std::string>& items) {
    for (const std::string& line : wrap_items(items, style_.dot(), inner_ - words_indent - 1)) {
      out_ += std::string(time_width + 1, ' ');
      out_ += glyphs_.rail;
      out_ += std::string(words_indent, ' ') + style_.paint(paint, line);
      out_ += std::string(inner_ - words_indent - columns(line), ' ');
      out_ += glyphs_.rail;
      out_ += '\n';
    }
  }

  const Recording& recording_;
  std::vector<const Step*> steps_;
  const Style& style_;
  std::string_view key_to_secrets_;
  Detail detail_;
  FieldWriter fields_;
  bool redaction_told_ = false;
  const Glyphs& glyphs_;
  std::size_t inner_;  ///< columns between the rails
  std::uint64_t at_ = 0;
  std::uint64_t shown_at_ = ~std::uint64_t{0};
  std::string out_;
};

}  // namespace

std::string duration_text(std::uint64_t nanoseconds) {
  const double ms = static_cast<double>(nanoseconds) / 1e6;
  if (ms < 9.95) return fmt::format("{:.1f} ms", ms);
  if (ms < 999.5) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1000);
}

std::string ladder(const Recording& recording, const Style& style, std::string_view key_to_secrets, Detail detail) {
  return Drawing(recording, style, key_to_secrets, detail).draw();
}

}  // namespace handfast::doctor
