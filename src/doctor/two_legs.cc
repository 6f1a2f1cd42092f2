#include "doctor/two_legs.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "doctor/message.h"
#include "doctor/message_words.h"

namespace handfast::doctor {
namespace {

/// Of what a message says, that which tells who speaks with whom, and in what.
std::vector<Fact> telling_facts(HandshakeType type, std::vector<Fact> facts) {
  std::erase_if(facts, [type](const Fact& fact) {
    switch (type) {
      case HandshakeType::client_hello: return fact.name != "server_name" && fact.name != "alpn";
      case HandshakeType::server_hello:
        return fact.name != "version" && fact.name != "cipher_suite" && fact.name != "alpn";
      case HandshakeType::encrypted_extensions: return fact.name != "alpn";
      default: return true;
    }
  });
  return facts;
}

/// An arrow's text in the room that there is: what does not fit stands beneath.
std::vector<std::string> cut(std::string_view text, std::size_t room) {
  if (columns(text) <= room) return {std::string(text)};
  const std::size_t end = text.find_first_of(",:");
  if (end == std::string_view::npos || end > room || !text.substr(end).starts_with(text[end] == ',' ? ", " : ": "))
    return wrap(text, room);
  std::vector<std::string> out = {std::string(text.substr(0, end))};
  for (std::string& line : wrap(text.substr(end + 2), room)) out.push_back(std::move(line));
  return out;
}

class Drawing {
 public:
  Drawing(const TwoLegs& legs, const Style& style)
      : legs_(legs),
        style_(style),
        glyphs_(glyphs_of(style)),
        times_(style),
        left_((style.width - Times::width - 3) / 2),
        right_(style.width - Times::width - 3 - left_) {}

  std::string draw() {
    collect();
    head();
    for (const Moment& moment : moments_) {
      at_ = moment.at - moments_.front().at;
      if (moment.words != nullptr)
        show(*moment.words);
      else
        std::visit([&](const auto& what) { show(*moment.of, what); }, moment.step->what);
    }
    if (const std::size_t left_out = legs_.client.left_out() + legs_.origin.left_out())
      note(Half::client_and_proxy, {Paint::dim, {fmt::format("{} more events not kept", left_out)}});
    foot();
    return std::move(out_);
  }

 private:
  struct Moment {
    std::uint64_t at;
    const Recording* of;
    const Step* step;
    const PlainWords* words;
  };

  void collect() {
    for (const PlainWords& words : legs_.words) moments_.push_back({words.at, nullptr, nullptr, &words});
    for (const Recording* recording : {&legs_.client, &legs_.origin})
      for (const Step& step : recording->steps()) {
        // What goes through is drawn once: as the client saw it. When the origin was done, only the origin knows.
        const bool is_twin = recording == &legs_.origin && goes_through() &&
                             !std::holds_alternative<Completed>(step.what) &&
                             !std::holds_alternative<Failed>(step.what);
        if (!is_twin) moments_.push_back({recording->began() + step.at, recording, &step, nullptr});
      }
    std::ranges::stable_sort(moments_, {}, &Moment::at);
  }

  bool goes_through() const noexcept { return legs_.tls_ends == TlsEnds::at_origin; }
  /// Where whoever recorded stands.
  Half half_of(const Recording& recording) const noexcept {
    return &recording == &legs_.client ? Half::client_and_proxy : Half::proxy_and_origin;
  }
  std::size_t width_of(Half half) const noexcept { return half == Half::client_and_proxy ? left_ : right_; }

  // Steps.

  void show(const PlainWords& words) {
    arrow(words.half, words.from, {{}, false, Paint::plain, printable(words.text)});
  }
  void show(const Recording& of, const Message& message) {
    const MessageSummary summary = summarize(message);
    const Half beneath = travels(of, arrow_of(message));
    note(beneath, {Paint::dim, words(telling_facts(message.type, summary.facts))});
    if (!summary.certificates.empty()) {
      const CertificateSummary& leaf = summary.certificates.front();
      note(beneath, {Paint::plain, {leaf.subject, leaf.self_issued ? "self-issued" : "from " + leaf.issuer}});
    }
    if (!summary.problem.empty()) note(beneath, {Paint::red, {"does not parse: " + summary.problem}});
  }
  void show(const Recording& of, const ChangeCipherSpec& ccs) {
    // In TLS 1.3 it means nothing (RFC 8446, section 5).
    if (ccs.version != ProtocolVersion::tls1_3) travels(of, arrow_of(ccs));
  }
  void show(const Recording& of, const AlertSeen& alert) { travels(of, arrow_of(alert)); }
  void show(const Recording& of, const Data& data) { travels(of, arrow_of(data)); }
  void show(const Recording& of, const Verification& verification) {
    std::vector<Note> notes = notes_of(verification.report, style_);
    if (verification.report.error) {
      for (const Note& each : notes)
        if (each.paint == Paint::red) note(half_of(of), each);
    } else {
      note(half_of(of), {Paint::green, {fmt::format("{} verified by the {}", style_.passed(), name_of(of))}});
    }
  }
  void show(const Recording& of, const SessionSeen& seen) { note(half_of(of), note_of(seen)); }
  void show(const Recording& of, const EarlyDataSeen& seen) { note(half_of(of), note_of(seen)); }
  void show(const Recording& of, const Completed&) {
    note(half_of(of), {Paint::green, {fmt::format("{} {}: handshake complete", style_.passed(), name_of(of))}});
  }
  void show(const Recording& of, const Failed& failed) {
    const std::string why(describe(failed.error.reason()));
    // Behind a handshake this is how many connections end that were kept for others.
    if (of.completed() && failed.error.reason() == Reason::truncated)
      note(half_of(of), {Paint::dim, {fmt::format("{}: {}", name_of(of), why)}});
    else
      note(half_of(of), {Paint::red, {fmt::format("{} {} stops: {}", style_.failed(), name_of(of), why)}});
  }
  void show(const Recording&, const KeyChange&) {}
  void show(const Recording&, const DerivedSecret&) {}
  void show(const Recording&, const RecordSeen&) {}
  void show(const Recording&, const Decision&) {}

  std::string_view name_of(const Recording& recording) const noexcept {
    return &recording == &legs_.client ? "client" : "origin";
  }

  // Lines.

  void head() {
    out_ += Times::none() + style_.paint(Paint::bold, "client");
    // Its middle over the middle rail.
    const std::size_t before_proxy = left_ + 1 - 2;
    out_ += std::string(before_proxy - 6, ' ') + style_.paint(Paint::bold, "proxy");
    out_ += std::string(style_.width - Times::width - before_proxy - 5 - 6, ' ') + style_.paint(Paint::bold, "origin");
    out_ += '\n';
  }
  void foot() {
    std::string text = legend(style_);
    if (goes_through()) text += fmt::format("   {} not opened", glyphs_.crossing_encrypted);
    out_ += Times::none() + style_.paint(Paint::dim, text) + '\n';
  }

  /// Draws what `of` sent or received; gives the half its words stand in.
  Half travels(const Recording& of, const Arrow& arrow_seen) {
    const bool is_clients = (arrow_seen.direction == Direction::sent) == (of.side() == Side::client);
    const From from = is_clients ? From::left : From::right;
    if (!goes_through()) {
      arrow(half_of(of), from, arrow_seen);
      return half_of(of);
    }
    const Half beside = from == From::left ? Half::client_and_proxy : Half::proxy_and_origin;
    through(beside, from, arrow_seen);
    return beside;
  }

  void arrow(Half half, From from, Arrow arrow) {
    const std::vector<std::string> lines = cut(arrow.text, width_of(half) - arrow_room);
    arrow.text = lines.front();
    const std::string cell = arrow_line(style_, arrow, from, width_of(half));
    if (half == Half::client_and_proxy)
      row(times_.next(at_), cell, glyphs_.rail, std::string(right_, ' '));
    else
      row(times_.next(at_), std::string(left_, ' '), glyphs_.rail, cell);
    rest(half, arrow.paint, lines);
  }

  /// The text stands in `half`, where it comes from.
  void through(Half half, From from, Arrow arrow) {
    const std::vector<std::string> lines = cut(arrow.text, width_of(half) - arrow_room);
    arrow.text = lines.front();
    const std::string_view line = glyphs_.shaft(arrow.encrypted), crossing = glyphs_.crossing(arrow.encrypted);
    if (from == From::left)
      row(times_.next(at_), shaft_line(style_, arrow, from, left_), crossing,
          repeat(line, right_ - 1) + std::string(glyphs_.to_right));
    else
      row(times_.next(at_), std::string(glyphs_.to_left) + repeat(line, left_ - 1), crossing,
          shaft_line(style_, arrow, from, right_));
    rest(half, arrow.paint, lines);
  }

  /// What did not fit the arrow.
  void rest(Half half, Paint paint, const std::vector<std::string>& lines) {
    for (std::size_t i = 1; i < lines.size(); ++i) words_in(half, paint, lines[i]);
  }

  void note(Half half, const Note& note) {
    for (const std::string& line : wrap_items(note.items, style_.dot(), width_of(half) - words_indent - 1))
      words_in(half, note.paint, line);
  }

  void words_in(Half half, Paint paint, std::string_view text) {
    const std::string cell = words_line(style_, paint, text, width_of(half));
    if (half == Half::client_and_proxy)
      row(Times::none(), cell, glyphs_.rail, std::string(right_, ' '));
    else
      row(Times::none(), std::string(left_, ' '), glyphs_.rail, cell);
  }

  void row(std::string_view time, std::string_view left, std::string_view middle, std::string_view right) {
    out_ += fmt::format("{0}{1}{2}{3}{4}{1}\n", time, glyphs_.rail, left, middle, right);
  }

  const TwoLegs& legs_;
  const Style& style_;
  const Glyphs& glyphs_;
  Times times_;
  std::size_t left_, right_;  ///< columns between two rails
  std::vector<Moment> moments_;
  std::uint64_t at_ = 0;
  std::string out_;
};

/// The handshake's own messages in one direction, as it went; tickets and the like are not part of it.
std::vector<Bytes> messages(const Recording& recording, Direction direction) {
  std::vector<Bytes> out;
  for (const Step& step : recording.steps())
    if (const auto* message = std::get_if<Message>(&step.what))
      if (message->direction == direction && message->level != Level::application) out.emplace_back(message->bytes);
  return out;
}

bool are_equal(const std::vector<Bytes>& sent, const std::vector<Bytes>& received) {
  return std::ranges::equal(sent, received, [](Bytes one, Bytes other) { return std::ranges::equal(one, other); });
}

}  // namespace

std::string two_legs(const TwoLegs& legs, const Style& style) { return Drawing(legs, style).draw(); }

bool is_one_handshake(const Recording& client, const Recording& origin) {
  return client.completed() && origin.completed() &&
         are_equal(messages(client, Direction::sent), messages(origin, Direction::received)) &&
         are_equal(messages(origin, Direction::sent), messages(client, Direction::received));
}

}  // namespace handfast::doctor
