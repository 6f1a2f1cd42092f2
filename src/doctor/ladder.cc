#include "doctor/ladder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <utility>
#include <vector>

#include "doctor/bytes.h"
#include "doctor/certificate.h"
#include "doctor/dissect/field.h"
#include "doctor/message.h"
#include "doctor/message_words.h"
#include "doctor/rails.h"
#include "doctor/step_words.h"

namespace handfast::doctor {
namespace {

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
        glyphs_(glyphs_of(style)),
        times_(style),
        inner_(style.width - Times::width - 2) {
    // What the records hold is what is shown.
    for (const Step& step : recording.steps())
      if (!std::holds_alternative<RecordSeen>(step.what)) steps_.push_back(&step);
  }

  std::string draw() {
    out_ += Times::none() + style_.paint(Paint::bold, "client");
    out_ += std::string(inner_ + 2 - 12, ' ') + style_.paint(Paint::bold, "server") + '\n';
    for (std::size_t i = 0; i < steps_.size();) i = step(i);
    if (recording_.left_out() != 0) event(Paint::dim, fmt::format("{} more events not kept", recording_.left_out()));
    out_ += Times::none() + style_.paint(Paint::dim, legend(style_)) + '\n';
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
    arrow(arrow_of(message));
    const MessageSummary summary = summarize(message);
    if (detail_ == Detail::words) {
      note(Paint::dim, words(summary.facts));
      for (const CertificateSummary& certificate : summary.certificates) note(Paint::dim, words(certificate));
    }
    for (const std::string& weakness : summary.weaknesses) note(Paint::yellow, {"weak: " + weakness});
    if (!summary.problem.empty()) note(Paint::red, {"does not parse: " + summary.problem});
    if (detail_ == Detail::bytes) out_ += fields_.write(dissect(message.bytes, message.version), message.bytes) + '\n';
  }
  void show(const ChangeCipherSpec& ccs) { arrow(arrow_of(ccs)); }
  void show(const AlertSeen& alert) { arrow(arrow_of(alert)); }
  void show(const Data& data) { arrow(arrow_of(data)); }
  void show(const KeyChange& key) {
    event(Paint::cyan, fmt::format("{} now sends under {}", name(sender(key.direction)), key.secret));
  }
  void show(const SessionSeen& seen) { event(note_of(seen)); }
  void show(const EarlyDataSeen& seen) { event(note_of(seen)); }
  void show(const Completed&) {
    event(Paint::green, fmt::format("handshake complete for the {}", name(recording_.side())));
  }
  void show(const Failed& failed) {
    event(Paint::red, fmt::format("{} stops: {}", name(recording_.side()), describe(failed.error.reason())));
  }
  void show(const DerivedSecret&) {}
  void show(const RecordSeen&) {}
  void show(const Decision&) {}
  void show(const Verification& verification) {
    for (const Note& each : notes_of(verification.report, style_)) note(each.paint, each.items);
  }

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

  Side sender(Direction direction) const noexcept {
    const bool ours = direction == Direction::sent;
    return ours == (recording_.side() == Side::client) ? Side::client : Side::server;
  }

  void arrow(const Arrow& arrow) {
    const From from = sender(arrow.direction) == Side::client ? From::left : From::right;
    out_ += fmt::format("{}{}{}{}\n", times_.next(at_), glyphs_.rail, arrow_line(style_, arrow, from, inner_),
                        glyphs_.rail);
  }

  /// Something that happens on one side, across the ladder.
  void event(Paint paint, const std::string& text) {
    out_ += times_.next(at_);
    const std::size_t room = inner_ - 4;
    const std::vector<std::string> lines = wrap(text, room);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i != 0) out_ += Times::none();
      const std::size_t fill = room - columns(lines[i]) + 1;
      out_ += glyphs_.branch_left;
      out_ += style_.paint(paint, fmt::format("{} {} {}", glyphs_.event, lines[i], repeat(glyphs_.event, fill)));
      out_ += glyphs_.branch_right;
      out_ += '\n';
    }
  }

  void event(const Note& note) { event(note.paint, note.items.front()); }

  /// Words between the rails.
  void note(Paint paint, const std::vector<std::string>& items) {
    for (const std::string& line : wrap_items(items, style_.dot(), inner_ - words_indent - 1))
      out_ +=
          fmt::format("{}{}{}{}\n", Times::none(), glyphs_.rail, words_line(style_, paint, line, inner_), glyphs_.rail);
  }

  const Recording& recording_;
  std::vector<const Step*> steps_;
  const Style& style_;
  std::string_view key_to_secrets_;
  Detail detail_;
  FieldWriter fields_;
  bool redaction_told_ = false;
  const Glyphs& glyphs_;
  Times times_;
  std::size_t inner_;  ///< columns between the rails
  std::uint64_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string ladder(const Recording& recording, const Style& style, std::string_view key_to_secrets, Detail detail) {
  return Drawing(recording, style, key_to_secrets, detail).draw();
}

}  // namespace handfast::doctor
