// The verdict in lines for people.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "doctor/catalogue/catalogue.h"
#include "doctor/catalogue/prose.h"
#include "doctor/verdict.h"

namespace handfast::doctor {
namespace {

constexpr std::size_t indent = 12;

/// "17 0d 32 36 ...", at most as many bytes as fit into two lines.
std::string bytes_text(Bytes bytes) {
  constexpr std::size_t shown = 32;
  const Bytes first = bytes.first(std::min(bytes.size(), shown));
  return fmt::format("{:02x}{}", fmt::join(first, " "), bytes.size() > shown ? " ..." : "");
}

/// The first lines that are to be copied into a server's configuration, or typed there, and fit: a broken line can't be
/// copied. The rest, and the words around it, are `handfast explain`'s.
std::string cure_text(const Style& style, const Cure& cure) {
  const std::string_view label = cure.where.substr(0, cure.where.find(' '));
  for (const Block& block : blocks(cure.text)) {
    std::vector<std::string_view> lines;
    for (std::string_view rest = block.text; !rest.empty();) {
      lines.push_back(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(std::min(lines.back().size() + 1, rest.size()));
    }
    const auto fits = [&](std::string_view line) { return indent + columns(line) <= style.width; };
    if (!block.is_verbatim || !std::ranges::all_of(lines, fits)) continue;
    std::string out;
    for (const std::string_view line : lines) {
      const std::string head = out.empty() ? fmt::format("  {}", label) : std::string();
      out += style.paint(Paint::dim, head) + std::string(indent - head.size(), ' ') + std::string(line) + '\n';
    }
    return out;
  }
  return {};
}

/// The servers' own lines, where it is whoever runs one that has to act.
std::string cures_text(const Verdict& verdict, const Entry& entry, const Style& style) {
  std::string out;
  if (verdict.fault != Fault::server && verdict.fault != Fault::issuer) return out;
  for (const Cure& cure : entry.cures)
    if (cure.where != "client" && cure.where != "anywhere") out += cure_text(style, cure);
  return out;
}

/// What three programs that everybody has met call it.
std::string called_text(const Entry& entry, const Style& style) {
  std::vector<std::string> names;
  for (const std::string_view program : {"OpenSSL", "curl", "Chromium"}) {
    const auto alias = std::ranges::find(entry.aliases, program, &Alias::program);
    if (alias != entry.aliases.end()) names.push_back(fmt::format("{}: {}", program, alias->text));
  }
  std::string out;
  bool first = true;
  for (const std::string& name : names) {
    out += paragraph(style, first ? "  called" : "", name, indent);
    first = false;
  }
  return out;
}

}  // namespace

std::string_view describe(Fault fault) noexcept {
  switch (fault) {
    case Fault::unknown: return "not known";
    case Fault::client: return "on this side: what is trusted or asked for here";
    case Fault::server: return "the server's: whoever runs it has to act";
    case Fault::issuer: return "of whoever issued the certificate";
    case Fault::path: return "on the way: a firewall, a proxy, or the network between the two";
    case Fault::clock: return "this machine's clock";
  }
  return {};
}

std::string_view describe(Confidence confidence) noexcept {
  switch (confidence) {
    case Confidence::certain: return "certain";
    case Confidence::likely: return "likely: what was seen is mostly that, but nothing here proves it";
    case Confidence::possible: return "possible: one cause of several, and nothing here tells them apart";
  }
  return {};
}

std::string verdict_text(const Verdict& verdict, const Style& style) {
  const bool ok = verdict.exit_code == ExitCode::ok;
  std::string out;
  const std::string mark(ok ? style.passed() : style.failed());
  bool first = true;
  for (const std::string& line : wrap(verdict.summary, style.width - columns(mark) - 1)) {
    out += (first ? style.paint(ok ? Paint::green : Paint::red, mark) : std::string(columns(mark), ' ')) + ' ' +
           style.paint(Paint::bold, line) + '\n';
    first = false;
  }
  const auto list = [&](std::string_view label, const auto& items, const auto& text) {
    bool is_first = true;
    for (const auto& item : items) {
      out += paragraph(style, is_first ? label : std::string_view(), text(item), indent);
      is_first = false;
    }
  };
  out += paragraph(style, "  found", verdict.found, indent);
  out += paragraph(style, "  expected", verdict.expected, indent);
  list("  evidence", verdict.evidence, [](const Evidence& seen) {
    return fmt::format("{}: {}{}", seen.where, seen.says,
                       seen.bytes.empty() ? std::string() : fmt::format(" [{}]", bytes_text(seen.bytes)));
  });
  const bool is_proof = verdict.confidence == Confidence::certain;
  out += paragraph(style, is_proof ? "  proven" : "  tried", verdict.proof, indent);
  if (verdict.fault != Fault::unknown) out += paragraph(style, "  fault", describe(verdict.fault), indent);
  // What was typed is as it is.
  if (!ok && verdict.exit_code != ExitCode::usage)
    out += paragraph(style, "  sure?", describe(verdict.confidence), indent);
  list("  to do", verdict.advice, [](const std::string& advice) { return advice; });
  const Entry* entry = ok ? nullptr : find_entry(verdict.code);
  if (entry != nullptr) out += cures_text(verdict, *entry, style);
  list("  besides", verdict.others,
       [](const OtherFinding& other) { return fmt::format("{} ({} {})", other.summary, other.reference, other.code); });
  if (entry != nullptr) out += called_text(*entry, style);
  if (!ok)
    out += paragraph(
        style, "  code",
        fmt::format("{} {} (exit code {})", verdict.reference, verdict.code, std::to_underlying(verdict.exit_code)),
        indent);
  if (entry != nullptr) out += paragraph(style, "  more", fmt::format("handfast explain {}", entry->code), indent);
  return out;
}

}  // namespace handfast::doctor
