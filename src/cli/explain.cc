// handfast explain: what a code, an alert or another program's message means, offline.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/standard_input.h"
#include "doctor/catalogue/explanation.h"
#include "doctor/verdict.h"

namespace handfast::cli {
namespace {

using doctor::ExitCode;

constexpr const char* explain_examples = R"(Examples:
  handfast explain HF0213
      A code of Handfast's, as connect prints it; its word does as well:
      handfast explain name_mismatch
  handfast explain 48
      An alert, by its number or its name: handfast explain unknown_ca
  handfast explain NET::ERR_CERT_DATE_INVALID
      What OpenSSL, GnuTLS, curl, Chromium, Firefox, Go, Java, Node.js, Python
      or rustls say.
  handfast explain 'x509: certificate signed by unknown authority'
      A message as it was printed; what stands around it does not matter.
  curl https://example.com/ 2>&1 | handfast explain
      From standard input.
  handfast explain --list
      Every code there is.
  handfast explain HF0921 --json | jq '.matches[0].cures'
      For programs: docs/json.md.

Nothing is asked of any network. Exit codes: 0 it is known; 2 nothing of it is,
and then what is spelt much like it is named.)";

struct ExplainFlags {
  std::vector<std::string> what;
  std::string pages;
  bool list = false;
  bool json = false;
};

int fail(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  return static_cast<int>(ExitCode::usage);
}

/// The pages of docs/errors.
int write_pages(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const std::string index = doctor::index_markdown();
  const std::string mark = index.substr(0, index.find('\n'));
  std::string first;
  if (std::ifstream before(folder / "README.md"); before && std::getline(before, first) && first != mark)
    return fail(fmt::format("{} holds a README.md of something else: name a folder of its own", folder.string()));
  const auto write = [&folder](const std::string& name, const std::string& text) {
    std::ofstream file(folder / name, std::ios::binary);
    file << text;
    file.close();
    return !file.fail();
  };
  bool good = write("README.md", index);
  for (const doctor::Entry& entry : doctor::catalogue())
    good = good && write(fmt::format("{}.md", entry.code), doctor::page_markdown(entry));
  return good ? static_cast<int>(ExitCode::ok) : fail(fmt::format("{} can't be written to", folder.string()));
}

int list(const ExplainFlags& flags) {
  const std::string text = flags.json ? doctor::list_json() : doctor::list_text(doctor::style_of(STDOUT_FILENO));
  std::fputs(text.c_str(), stdout);
  return static_cast<int>(ExitCode::ok);
}

int explain(const ExplainFlags& flags) {
  if (!flags.pages.empty()) return write_pages(flags.pages);
  const bool from_input = flags.what.empty() ? input_is_piped() : flags.what == std::vector<std::string>{"-"};
  if (flags.list || (flags.what.empty() && !from_input)) return list(flags);
  const std::string what =
      from_input ? read_standard_input(doctor::max_explained) : fmt::format("{}", fmt::join(flags.what, " "));
  if (what.find_first_not_of(" \t\r\n") == std::string::npos) return fail("There is nothing to explain.");
  const std::vector<doctor::Match> matches = doctor::explain(what);
  const bool known = !matches.empty();
  if (flags.json)
    std::fputs(doctor::answer_json(what, matches).c_str(), stdout);
  else
    std::fputs(doctor::answer_text(what, matches, doctor::style_of(known ? STDOUT_FILENO : STDERR_FILENO)).c_str(),
               known ? stdout : stderr);
  return static_cast<int>(known ? ExitCode::ok : ExitCode::usage);
}

}  // namespace

void add_explain(CLI::App& program, Command& chosen) {
  auto flags = std::make_shared<ExplainFlags>();
  CLI::App* command = program.add_subcommand("explain", "Say what a code, an alert or another program's message means");
  command
      ->add_option(
          "what", flags->what,
          "A code (HF0213), an alert's number or name, or a message (-, or nothing and a pipe: standard input); "
          "without it all codes are listed")
      ->type_name("WHAT...");
  command->add_flag("--list", flags->list, "Every code, by family");
  command->add_flag("--json", flags->json, "The same as JSON");
  command
      ->add_option("--pages", flags->pages, "Write a page for each code into DIR, in Markdown (docs/errors is made so)")
      ->type_name("DIR");
  command->footer(explain_examples);
  command->callback([flags, &chosen] { chosen = [flags] { return explain(*flags); }; });
}

}  // namespace handfast::cli
