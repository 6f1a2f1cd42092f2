#include "doctor/verification_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "doctor/certificate.h"

namespace handfast::doctor {
namespace {

/// What the branches are drawn with.
struct Branches {
  std::string_view fork, last, rail, nothing;
};
constexpr Branches unicode_branches = {"├─ ", "└─ ", "│  ", "   "};
constexpr Branches ascii_branches = {"|- ", "`- ", "|  ", "   "};

class Tree {
 public:
  Tree(const VerificationReport& report, const Style& style)
      : report_(report), style_(style), branches_(style.unicode ? unicode_branches : ascii_branches) {}

  std::string draw() {
    if (report_.certificates.empty()) return {};
    step(report_.leaf, "", "");
    return std::move(out_);
  }

 private:
  /// `head` stands before the first line, `rail` before all that belongs to the step.
  void step(const VerificationStep& step, const std::string& head, const std::string& rail) {
    const CertificateSummary summary = summarize(report_.certificates[step.certificate]);
    std::string title = summary.subject.empty() ? "(no subject)" : summary.subject;
    if (step.is_anchor) title += ", trusted";
    if (step.certificate >= report_.sent && !step.is_anchor) title += ", not sent";
    if (!report_.error && !step.is_accepted) title += " (tried in vain)";
    lines(head, rail + std::string(step.issuers.empty() ? branches_.nothing : branches_.rail), Paint::bold, title);
    const std::string below = rail + std::string(step.issuers.empty() ? branches_.nothing : branches_.rail);
    for (const VerificationCheck& one : step.checks) check(one, summary.subject, below);
    for (std::size_t i = 0; i < step.issuers.size(); ++i) {
      const bool last = i + 1 == step.issuers.size();
      this->step(step.issuers[i], rail + std::string(last ? branches_.last : branches_.fork),
                 rail + std::string(last ? branches_.nothing : branches_.rail));
    }
  }

  void check(const VerificationCheck& check, const std::string& subject, const std::string& rail) {
    std::string text = check_text(check, subject);
    const std::string_view mark = check.outcome == CheckOutcome::passed   ? style_.passed()
                                  : check.outcome == CheckOutcome::failed ? style_.failed()
                                  : style_.unicode                        ? std::string_view("–")
                                                                          : std::string_view("not made:");
    const Paint paint = check.outcome == CheckOutcome::passed   ? Paint::green
                        : check.outcome == CheckOutcome::failed ? Paint::red
                                                                : Paint::yellow;
    if (check.outcome == CheckOutcome::not_made && style_.unicode) text += check.evidence.empty() ? " not made" : "";
    lines(rail + style_.paint(paint, mark) + ' ', rail + std::string(columns(mark) + 1, ' '),
          check.outcome == CheckOutcome::failed ? Paint::red : Paint::plain, text, columns(rail) + columns(mark) + 1);
  }

  void lines(const std::string& first, const std::string& rest, Paint paint, const std::string& text) {
    lines(first, rest, paint, text, std::max(columns(first), columns(rest)));
  }
  void lines(const std::string& first, const std::string& rest, Paint paint, const std::string& text,
             std::size_t indent) {
    constexpr std::size_t least = 20;
    const std::size_t room = style_.width > indent + least ? style_.width - indent : least;
    bool is_first = true;
    for (const std::string& line : wrap(text, room)) {
      out_ += (is_first ? first : rest) + style_.paint(paint, line) + '\n';
      is_first = false;
    }
  }

  const VerificationReport& report_;
  const Style& style_;
  const Branches& branches_;
  std::string out_;
};

}  // namespace

std::string check_text(const VerificationCheck& check, std::string_view subject) {
  std::string out = spaced(name(check.kind));
  if (check.reason) out += fmt::format(": {} {}", code(*check.reason), name(*check.reason));
  std::vector<std::string> facts;
  for (const Fact& fact : check.evidence) {
    const std::string value = printable_utf8(to_text(fact.value));
    if (fact.name == "subject" && value == subject) continue;
    facts.push_back(fact.name == "because" ? value : fmt::format("{} {}", spaced(fact.name), value));
  }
  if (!facts.empty()) out += fmt::format(" ({})", fmt::join(facts, "; "));
  return out;
}

std::string verification_tree(const VerificationReport& report, const Style& style) {
  return Tree(report, style).draw();
}

const VerificationStep* accepted_issuer(const VerificationStep& step) noexcept {
  const auto next = std::ranges::find_if(step.issuers, &VerificationStep::is_accepted);
  return next == step.issuers.end() ? nullptr : &*next;
}

}  // namespace handfast::doctor
