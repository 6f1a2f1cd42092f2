#include "doctor/catalogue/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "doctor/catalogue/prose.h"

namespace handfast::doctor {
namespace {

constexpr std::size_t indent = 11;

std::string heading(const Style& style, std::string_view text) { return '\n' + style.paint(Paint::bold, text) + '\n'; }

std::string line_of(const Entry& entry) { return fmt::format("{} {}: {}", entry.code, entry.word, entry.title); }

/// What each program calls it, a paragraph for each.
std::string aliases_text(const Entry& entry, const Style& style) {
  std::string out;
  for (auto alias = entry.aliases.begin(); alias != entry.aliases.end();) {
    const std::string_view program = alias->program;
    std::vector<std::string> texts;
    for (; alias != entry.aliases.end() && alias->program == program; ++alias) texts.emplace_back(alias->text);
    bool first = true;
    for (const std::string& line : wrap_items(texts, style.dot(), style.width - indent)) {
      const std::string label = first ? fmt::format("  {}", program) : std::string();
      out += style.paint(Paint::dim, label) + std::string(indent - columns(label), ' ') + line + '\n';
      first = false;
    }
  }
  return out;
}

/// How the answer was found, and what else it may be.
std::string found_text(std::span<const Match> matches, const Style& style) {
  constexpr std::size_t room = 9;
  const Match& best = matches.front();
  std::string out;
  if (best.by == MatchedBy::message)
    out += paragraph(style, "found", fmt::format("by {}'s words: {}", best.program, best.text), room);
  else if (best.by == MatchedBy::alert)
    out += paragraph(style, "found", "by the alert", room);
  for (const Match& match : matches.subspan(1)) out += paragraph(style, "or", line_of(*match.entry), room);
  return out.empty() ? out : out + '\n';
}

}  // namespace

std::string explanation_text(const Entry& entry, const Style& style) {
  std::string out = style.paint(Paint::bold, entry.title) + '\n';
  out += style.paint(Paint::dim, fmt::format("{} {}", entry.code, entry.word)) + "\n\n";
  out += prose(style, entry.meaning, 2);
  out += heading(style, "Who is at fault") + prose(style, entry.fault, 2);
  if (!entry.check.empty()) out += heading(style, "To make sure") + prose(style, entry.check, 2);
  if (!entry.cures.empty()) out += heading(style, "How to mend it");
  for (const Cure& cure : entry.cures) {
    if (&cure != &entry.cures.front()) out += '\n';
    out += "  " + style.paint(Paint::yellow, cure.where) + '\n' + prose(style, cure.text, 4);
  }
  if (!entry.aliases.empty()) out += heading(style, "What others call it") + aliases_text(entry, style);
  if (!entry.rfc.empty()) out += heading(style, "Where it is written") + prose(style, entry.rfc, 2);
  return out;
}

std::string answer_text(std::string_view what, std::span<const Match> matches, const Style& style) {
  std::string out;
  if (matches.empty()) {
    out = "Nothing of that is known here.\n";
    const std::vector<const Entry*> near = nearest_entries(what);
    if (!near.empty()) out += "\nSpelt much like it:\n";
    for (const Entry* entry : near) out += prose(style, line_of(*entry), 2);
    return out + "\nAll that is known: handfast explain --list\n";
  }
  return found_text(matches, style) + explanation_text(*matches.front().entry, style);
}

std::string list_text(const Style& style) {
  std::string out;
  for (const Family& family : families()) {
    if (!out.empty()) out += '\n';
    out += style.paint(Paint::bold, family.title) + '\n';
    for (const Entry& entry : catalogue()) {
      if (!entry.code.starts_with(family.prefix)) continue;
      out += paragraph(style, fmt::format("  {}", entry.code), fmt::format("{} ({})", entry.title, entry.word), 10);
    }
  }
  return out + "\nOne of them in full: handfast explain HF0213\n";
}

}  // namespace handfast::doctor
