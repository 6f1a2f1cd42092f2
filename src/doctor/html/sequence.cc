#include "doctor/html/sequence.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "doctor/cases.h"
#include "doctor/dissect/field.h"
#include "doctor/html/anatomy.h"
#include "doctor/html/carriage.h"
#include "doctor/html/checks_view.h"
#include "doctor/html/key_view.h"
#include "doctor/html/purposes.h"
#include "doctor/html/record_view.h"
#include "doctor/html/verdict_view.h"
#include "doctor/message.h"
#include "doctor/message_words.h"
#include "doctor/resumption.h"
#include "doctor/style.h"

namespace handfast::doctor {
namespace {

/// Of one step that came in many, such as a long answer.
constexpr std::size_t most_records = 4;
/// In the few words above a message's fields.
constexpr std::size_t most_certificates = 12;
/// Of a list that something was chosen from.
constexpr std::size_t most_choices = 40;
/// The page is for people: past this, messages are told without their fields.
constexpr std::size_t most_bytes = std::size_t{6} << 20;

class Sequence {
 public:
  Sequence(Html& out, const Recording& recording, const Verdict& verdict)
      : out_(out), recording_(recording), carriage_(recording), verdict_(verdict) {}

  void write() {
    const std::vector<Step>& steps = recording_.steps();
    for (std::size_t i = 0; i < steps.size();) {
      const std::size_t begin = i;
      at_ = i;
      if (is_of_keys(steps[i])) {
        i = end_of(begin, is_of_keys);
        write_keys(out_, recording_, begin, i);
      } else if (std::holds_alternative<Decision>(steps[i].what)) {
        i = end_of(begin, [](const Step& step) { return std::holds_alternative<Decision>(step.what); });
        decisions(begin, i);
      } else {
        std::visit([this](const auto& what) { show(what); }, steps[i].what);
        ++i;
      }
    }
    if (const std::size_t count = recording_.left_out(); count != 0)
      out_.add("p", "aside", fmt::format("{} came after this and are not kept.", counted(count, "more event")));
    if (verdict_.exit_code != ExitCode::ok && !told_) failure();
  }

 private:
  /// Behind the steps of a kind that stand together from `begin` on. Records that are told elsewhere may be among them.
  template <typename Kind>
  std::size_t end_of(std::size_t begin, Kind is_of_kind) const {
    std::size_t end = begin;
    for (std::size_t i = begin; i < recording_.steps().size(); ++i) {
      const Step& step = recording_.steps()[i];
      if (is_of_kind(step))
        end = i + 1;
      else if (!std::holds_alternative<RecordSeen>(step.what) || carriage_.parts_of(i).empty())
        break;
    }
    return end;
  }

  void show(const Message& message) {
    const auto card = open_card(message.direction, "message", message.level != Level::initial);
    head(message.direction, title(message), message.bytes.size(), message.level != Level::initial);
    const Field whole = dissect(message.bytes, message.version);
    if (const std::string_view why = purpose(message, sender(message.direction)); !why.empty())
      out_.add("p", "why", why);
    says(message);
    records();
    if (out_.size() > most_bytes) return out_.add("p", "aside", "The page is long enough: its fields are not shown.");
    const bool is_hello = message.type == HandshakeType::client_hello || message.type == HandshakeType::server_hello;
    const auto fold = is_hello ? out_.open("details", "fields", {{"open", ""}}) : out_.open("details", "fields");
    {
      const auto summary = out_.open("summary");
      out_.add("b", "", "The message");
      out_.text(fmt::format(", {}, field by field", counted(message.bytes.size(), "byte")));
    }
    write_anatomy(out_, message.bytes, whole);
  }

  void says(const Message& message) {
    const MessageSummary summary = summarize(message);
    words_list(words(summary.facts));
    for (std::size_t i = 0; i < std::min(summary.certificates.size(), most_certificates); ++i)
      words_list(words(summary.certificates[i]));
    if (summary.certificates.size() > most_certificates)
      out_.add("p", "aside", counted(summary.certificates.size() - most_certificates, "more certificate") + ".");
    for (const std::string& weakness : summary.weaknesses) out_.add("p", "warning", "Weak: " + weakness);
    if (!summary.problem.empty()) out_.add("p", "warning", "It does not parse: " + summary.problem);
  }
  void words_list(const std::vector<std::string>& items) {
    if (items.empty()) return;
    const auto list = out_.open("ul", "words");
    for (const std::string& item : items) out_.add("li", "", item);
  }

  void show(const ChangeCipherSpec& ccs) {
    const auto card = open_card(ccs.direction, "small", false);
    head(ccs.direction, "change_cipher_spec", 1, false);
    out_.add("p", "why",
             ccs.version == ProtocolVersion::tls1_3
                 ? "It means nothing: it is there for middleboxes that take TLS 1.3 for a resumed TLS 1.2 then (RFC "
                   "8446, appendix D.4)."
                 : "What this side sends from here on is encrypted with the new keys (RFC 5246, section 7.1).");
    records();
    const std::uint8_t content[] = {1};
    fields("The byte", content, dissect_change_cipher_spec(content));
  }

  void show(const AlertSeen& alert) {
    const auto card = open_card(alert.direction, alert.fatal ? "alert bad" : "alert", alert.encrypted);
    head(alert.direction, fmt::format("Alert: {}", name(alert.alert)), 2, alert.encrypted);
    const std::string_view what = meaning(alert.alert);
    if (alert.alert == Alert::close_notify)
      out_.add(
          "p", "why",
          "This side has said all that it had to say: nobody has cut the connection short (RFC 8446, section 6.1).");
    else if (!what.empty() && alert.direction == Direction::received)
      out_.add("p", "why", fmt::format("It says: {}.", what));
    if (alert.fatal) out_.add("p", "why", "It is fatal: the connection ends here (RFC 8446, section 6.2).");
    records();
    const std::uint8_t content[] = {static_cast<std::uint8_t>(alert.fatal ? 2 : 1), std::to_underlying(alert.alert)};
    fields("The alert, 2 bytes", content, dissect_alert(content));
  }

  void show(const Data& data) {
    const auto card = open_card(data.direction, "data", true);
    head(data.direction, data.level == Level::early ? "Early data" : "Application data", data.size, true);
    out_.add("p", "why",
             data.level == Level::early
                 ? "Sent before the server has said anything, under the session's key alone: whoever has recorded it "
                   "can send it again (RFC 8446, section 8)."
                 : "What the connection is for.");
    records();
  }

  void show(const Verification& verification) { write_checks(out_, verification.report); }

  void show(const SessionSeen& seen) {
    const bool resumed = seen.how != Resumption::none;
    event(resumed ? "good" : "",
          resumed ? fmt::format("The session is resumed {}: no certificate is shown, since whoever knows the session's "
                                "secret was there when one was.",
                                doctor::words(seen.how))
                  : fmt::format("The session is not resumed: {}.", doctor::words(seen.refusal)));
  }
  void show(const EarlyDataSeen& seen) {
    const bool good = seen.outcome == EarlyData::accepted || seen.outcome == EarlyData::offered;
    event(good ? "good" : "", fmt::format("Early data: {}.", doctor::words(seen.outcome)));
  }
  void show(const Completed&) {
    event("good", fmt::format("The handshake is complete for the {}.", name(recording_.side())));
  }
  void show(const Failed& failed) {
    event("bad", fmt::format("The {} stops here: {}.", name(recording_.side()), describe(failed.error.reason())));
    if (verdict_.exit_code != ExitCode::ok) failure();
  }
  /// Of records those alone stand for themselves that nothing came of.
  void show(const RecordSeen& record) {
    if (!carriage_.parts_of(at_).empty() || (record.opened && record.content_size == 0)) return;
    const auto card = open_card(record.direction, "small", record.encrypted);
    head(record.direction, "A record", record.size, record.encrypted);
    out_.add("p", "why",
             record.opened ? "Nothing in it came to be a whole message."
                           : "It was not decrypted: its keys are not known, or it was changed on its way.");
    write_record(out_, recording_, carriage_, at_);
  }
  // Theirs are cards of their own.
  void show(const KeyChange&) {}
  void show(const DerivedSecret&) {}
  void show(const Decision&) {}

  void decisions(std::size_t begin, std::size_t end) {
    const auto card =
        out_.open("section", recording_.side() == Side::client ? "card choices client" : "card choices server");
    out_.add("h3", "", fmt::format("The {} decides", name(recording_.side())));
    const auto list = out_.open("dl", "rows");
    for (std::size_t i = begin; i < end; ++i) {
      const auto* decision = std::get_if<Decision>(&recording_.steps()[i].what);
      if (decision == nullptr) continue;
      out_.add("dt", "", spaced(decision->what));
      const auto cell = out_.open("dd");
      if (decision->chosen.empty())
        out_.add("b", decision->supported.empty() ? "" : "failed",
                 decision->supported.empty() ? "none" : "nothing fits");
      else
        out_.add("b", "", decision->chosen);
      // Nothing to choose from: what was asked for is no offer then.
      if (!decision->offered.empty() && (!decision->chosen.empty() || !decision->supported.empty()))
        out_.add("small", "", "offered: " + choices(decision->offered));
      if (!decision->supported.empty()) out_.add("small", "", "supported here: " + choices(decision->supported));
    }
  }

  static std::string choices(const std::vector<std::string>& items) {
    const std::span<const std::string> shown(items.data(), std::min(items.size(), most_choices));
    const std::string more =
        items.size() > shown.size() ? fmt::format(" and {} more", items.size() - shown.size()) : "";
    return fmt::format("{}{}", fmt::join(shown, ", "), more);
  }

  void failure() {
    told_ = true;
    const auto card = out_.open("section", "card failure bad", {{"id", "failure"}});
    out_.add("h3", "", "What failed, and why");
    write_verdict(out_, verdict_);
  }

  void event(std::string_view classes, const std::string& text) {
    out_.add("p", "event " + std::string(classes), text);
  }

  Html::Element open_card(Direction direction, std::string_view kind, bool encrypted) {
    return out_.open("article",
                     fmt::format("card {} {}{}", name(sender(direction)), kind, encrypted ? " encrypted" : ""),
                     {{"id", id_of(at_)}});
  }
  void head(Direction direction, std::string_view title, std::size_t size, bool encrypted) {
    const auto header = out_.open("header");
    out_.add("h3", "", title);
    out_.add("span", "way", sender(direction) == Side::client ? "client → server" : "server → client");
    out_.add("span", encrypted ? "badge sealed" : "badge", encrypted ? "encrypted" : "in the clear");
    out_.add("span", "size", counted(size, "byte"));
    out_.add("time", "", duration_text(recording_.steps()[at_].at));
  }
  /// The records that the step came in; of those that carry several messages the first one tells all.
  void records() {
    std::size_t shown = 0;
    for (const std::size_t record : carriage_.records_of(at_)) {
      const std::size_t teller = carriage_.parts_of(record).front().step;
      if (teller != at_) {
        const auto aside = out_.open("p", "aside");
        out_.text("It came in the record that is shown at ");
        out_.add("a", "", name_of(recording_.steps()[teller]), {{"href", "#" + id_of(teller)}});
      } else if (shown == most_records) {
        out_.add("p", "aside", counted(carriage_.records_of(at_).size() - most_records, "more record") + ".");
        return;
      } else {
        write_record(out_, recording_, carriage_, record);
        ++shown;
      }
    }
  }
  void fields(std::string_view what, Bytes bytes, const Field& whole) {
    const auto fold = out_.open("details", "fields");
    out_.add("summary", "", what);
    write_anatomy(out_, bytes, whole);
  }

  static std::string id_of(std::size_t step) { return fmt::format("step-{}", step); }
  Side sender(Direction direction) const noexcept {
    return (direction == Direction::sent) == (recording_.side() == Side::client) ? Side::client : Side::server;
  }

  Html& out_;
  const Recording& recording_;
  const Carriage carriage_;
  const Verdict& verdict_;
  std::size_t at_ = 0;  ///< the step
  bool told_ = false;   ///< why it failed
};

}  // namespace

void write_sequence(Html& out, const Recording& recording, const Verdict& verdict) {
  Sequence(out, recording, verdict).write();
}

}  // namespace handfast::doctor
