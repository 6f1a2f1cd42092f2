// handfast cert chain-fix: the chain that a server should send.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <handfast/clock.h>

#include "base/contains.h"
#include "base/replace_file.h"
#include "cli/cert.h"
#include "doctor/certificate_file.h"
#include "doctor/chain_fix.h"
#include "doctor/style.h"
#include "x509/files.h"

namespace handfast::cli {
namespace {

namespace fs = std::filesystem;
using doctor::ExitCode;

constexpr const char* schema = "handfast/cert-chain-fix/1";

constexpr const char* cert_chain_fix_examples = R"(Examples:
  handfast cert chain-fix server.pem intermediate.pem > fullchain.pem
      Leaf first, each issued by the next, without the root.
  handfast cert chain-fix bundle.pem intermediates/ --out fullchain.pem --system
      What is missing is looked for in a directory; the chain has to verify by
      the system's roots. A FILE that is right already is not written again.
  cat *.pem | handfast cert chain-fix - --ca our-root.pem
      From standard input, up to an authority of our own.

The chain goes to standard output, or to --out; what was changed and why, to
standard error, or to standard output with --out. Private keys are left alone
and never shown: a file that holds one is not written to. Nothing is fetched.

Exit codes: 0 the chain is whole as far as is known, and was written; 2 a file
can't be read or written; 6 something is missing, or it does not verify: then
nothing was written.)";

struct CertChainFixFlags {
  std::vector<std::string> files;
  std::string out;
  std::string trust;
  bool system = false;
  bool json = false;
};

Error not_writable(const std::string& path, std::string problem) {
  return Error(Alert::internal_error, Reason::bad_config)
      .with("option", "--out")
      .with("problem", path + " is not written to: " + std::move(problem));
}

/// Writes the whole file or nothing; one that holds just that already stays as it is. Where there is a link, what it
/// leads to is written.
Result<> write_file(const std::string& path, const std::string& text) {
  constexpr std::size_t limit = 16 << 20;
  std::error_code error;
  const fs::path target = fs::is_symlink(path, error) ? fs::canonical(path, error) : fs::path(path);
  if (target.empty()) return fail(not_writable(path, "it is a link, and " + error.message()));
  if (fs::exists(target, error)) {
    if (!fs::is_regular_file(target, error)) return fail(not_writable(path, "it is no regular file"));
    const auto old = x509::read_file(target, limit);
    if (!old) return fail(old.error());
    if (as_text(*old) == text) return {};
    const auto items = doctor::read_items(*old);
    const auto is_key = [](const doctor::FileItem& item) {
      return item.content == doctor::Content::private_key || item.content == doctor::Content::encrypted_private_key;
    };
    if (items && std::ranges::any_of(*items, is_key))
      return fail(not_writable(path, "it holds a private key, which would be lost"));
  }
  if (std::string problem = base::replace_file(target, text, base::FileAccess::as_before); !problem.empty())
    return fail(not_writable(path, std::move(problem)));
  return {};
}

Result<TrustAnchors::Shared> anchors_of(const CertChainFixFlags& flags) {
  if (!flags.trust.empty()) return TrustAnchors::from_path(flags.trust);
  if (flags.system) return TrustAnchors::system();
  return TrustAnchors::Shared();
}

int chain_fix(const CertChainFixFlags& flags) {
  const std::string refusal = flags.json ? schema : "";
  const auto anchors = anchors_of(flags);
  if (!anchors) return refuse(anchors.error(), refusal);
  const auto sources = doctor::read_chain_sources(flags.files);
  if (!sources) return refuse(sources.error(), refusal);
  const doctor::FixedChain fixed = doctor::fix_chain(*sources, anchors->get(), system_clock().now());
  const doctor::Verdict verdict = doctor::judge_chain(*sources, fixed);
  const bool good = verdict.exit_code == ExitCode::ok;
  const std::string pem = doctor::chain_pem(*sources, fixed);
  if (good && !flags.out.empty())
    if (const Result<> written = write_file(flags.out, pem); !written) return refuse(written.error(), refusal);
  if (flags.json) {
    std::fputs(doctor::chain_json(*sources, fixed, good ? flags.out : "").c_str(), stdout);
    return static_cast<int>(verdict.exit_code);
  }
  if (good && flags.out.empty()) std::fputs(pem.c_str(), stdout);
  std::fflush(stdout);
  std::FILE* said = flags.out.empty() || !good ? stderr : stdout;
  const doctor::Style style = doctor::style_of(fileno(said));
  std::fputs(doctor::verdict_text(verdict, style).c_str(), said);
  std::fputs(doctor::chain_text(*sources, fixed, style).c_str(), said);
  return static_cast<int>(verdict.exit_code);
}

}  // namespace

void add_cert_chain_fix(CLI::App& cert, Command& chosen) {
  auto flags = std::make_shared<CertChainFixFlags>();
  CLI::App* command = cert.add_subcommand("chain-fix", "Put together, from files, the chain that a server should send");
  command->add_option("files", flags->files, "Certificates in any order; directories to look for missing ones in")
      ->required()
      ->type_name("FILE|DIR...");
  command->add_option("--out", flags->out, "Write the chain there")->type_name("FILE");
  auto* trust =
      command->add_option("--ca", flags->trust, "The chain has to verify by these authorities")->type_name("FILE|DIR");
  command->add_flag("--system", flags->system, "The chain has to verify by the system's authorities")->excludes(trust);
  command->add_flag("--json", flags->json, "The same as JSON");
  command->footer(cert_chain_fix_examples);
  command->callback([flags, &chosen] { chosen = [flags] { return chain_fix(*flags); }; });
}

}  // namespace handfast::cli
