// The catalogue as pages: docs/errors.
#include <fmt/format.h>

#include <algorithm>

#include "doctor/catalogue/explanation.h"
#include "doctor/catalogue/prose.h"

namespace handfast::doctor {
namespace {

constexpr std::string_view origin = "<!-- Made from the catalogue by `handfast explain --pages docs/errors`. -->\n\n";

/// Text that Markdown takes for nothing but text.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '_' || c == '<' || c == '>' || c == '`' || c == '|') out += '\\';
    out += c;
  }
  return out;
}

/// A message as code, in a cell of a table: '|' would end the cell, and a '`' the code.
std::string code_span(std::string_view text) {
  const std::string fence = text.find('`') == std::string_view::npos ? "`" : "``";
  std::string out = fence;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out + fence;
}

std::string markdown(std::string_view text) {
  std::string out;
  for (const Block& block : blocks(text)) {
    if (!out.empty()) out += '\n';
    out += block.is_verbatim ? fmt::format("```\n{}\n```\n", block.text) : plain(block.text) + '\n';
  }
  return out;
}

}  // namespace

std::string page_markdown(const Entry& entry) {
  std::string out = fmt::format("{}# {}: {}\n\n`{}`\n\n", origin, entry.code, plain(entry.title), entry.word);
  out += markdown(entry.meaning);
  out += "\n## Who is at fault\n\n" + markdown(entry.fault);
  if (!entry.check.empty()) out += "\n## To make sure\n\n" + markdown(entry.check);
  if (!entry.cures.empty()) out += "\n## How to mend it\n";
  for (const Cure& cure : entry.cures) out += fmt::format("\n### {}\n\n{}", cure.where, markdown(cure.text));
  if (!entry.aliases.empty()) out += "\n## What others call it\n\n| program | says |\n|---|---|\n";
  for (const Alias& alias : entry.aliases) out += fmt::format("| {} | {} |\n", alias.program, code_span(alias.text));
  if (!entry.rfc.empty()) out += fmt::format("\n## Where it is written\n\n{}\n", plain(entry.rfc));
  return out;
}

std::string index_markdown() {
  std::string out = fmt::format(
      "{}# Everything that can go wrong\n\nA page for each code, the same that `handfast explain CODE` shows. "
      "`handfast explain` also takes another program's message, whole and with all that stands around it:\n\n"
      "```\ncurl https://example.com/ 2>&1 | handfast explain\n```\n\n"
      "What the program ends with stands in [exit-codes.md](../exit-codes.md). In the pages HOST, NAME and the like "
      "stand "
      "for your own.\n",
      origin);
  for (const Family& family : families()) {
    out += fmt::format("\n## {}\n\n| code | word | |\n|---|---|---|\n", family.title);
    for (const Entry& entry : catalogue())
      if (entry.code.starts_with(family.prefix))
        out += fmt::format("| [{0}]({0}.md) | `{1}` | {2} |\n", entry.code, entry.word, plain(entry.title));
  }
  return out;
}

}  // namespace handfast::doctor
