// handfast cert inspect: what certificates say, from a file or a server.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <handfast/config.h>

#include "cli/cert.h"
#include "doctor/inspect.h"
#include "doctor/probe.h"
#include "doctor/style.h"
#include "net/address.h"
#include "net/idna.h"
#include "x509/server_name.h"

namespace handfast::cli {
namespace {

using doctor::ExitCode;

constexpr const char* schema = "handfast/cert-inspect/1";

constexpr const char* cert_inspect_examples = R"(Examples:
  handfast cert inspect server.pem
      Certificates in PEM or DER; keys, requests and lists are named as well.
  handfast cert inspect example.com:443
      What a server sends, whether it verifies or not: the last line says so.
  openssl pkcs12 -nokeys -in store.p12 | handfast cert inspect -
      From standard input.
  handfast cert inspect server.pem --json | jq -r '.items[0].not_after'
      For programs: docs/json.md.

Exit codes: 0 it was shown, good or not; 2 the file can't be read, or nothing
of it is whole; for a server that sent no certificate, those of `handfast
connect`.)";

struct CertInspectFlags {
  std::string target;
  std::string server_name;
  std::string trust;
  double timeout = 10;
  bool json = false;
};

void print(const CertInspectFlags& flags, const doctor::Inspection& inspection,
           const doctor::InspectionSource& source) {
  const std::string text = flags.json ? doctor::inspection_json(inspection, source)
                                      : doctor::inspection_text(inspection, source, doctor::style_of(STDOUT_FILENO));
  std::fputs(text.c_str(), stdout);
}

bool is_broken(const doctor::FileItem& item) noexcept { return item.content == doctor::Content::malformed; }

int inspect_file(const CertInspectFlags& flags) {
  auto items = doctor::read_certificate_file(flags.target);
  if (!items) return refuse(items.error(), flags.json ? schema : "");
  if (std::ranges::all_of(*items, is_broken))
    return refuse(Error(Alert::internal_error, Reason::bad_pem)
                      .with("path", flags.target)
                      .with("expected", "certificates, keys and the like, in PEM or DER")
                      .with("found", items->front().problem),
                  flags.json ? schema : "");
  doctor::InspectionSource source;
  source.file = flags.target;
  source.now = system_clock().now();
  print(flags, doctor::inspect(*items, source.now), source);
  return static_cast<int>(ExitCode::ok);
}

Result<doctor::ProbeOptions> make_options(const CertInspectFlags& flags) {
  auto address = net::parse_host_port(flags.target, std::nullopt);
  if (!address || address->host.empty())
    return fail(Error(Alert::internal_error, Reason::file_not_readable)
                    .with("path", flags.target)
                    .with("error", "there is no such file (a server is written HOST:PORT)"));
  auto labels = net::to_a_labels(flags.server_name.empty() ? address->host : flags.server_name);
  if (!labels) return fail(std::move(labels.error()));
  auto name = x509::ServerName::parse(*labels);
  if (!name) return fail(std::move(name.error()));
  ClientOptions client;
  if (!flags.trust.empty()) {
    auto trust = TrustAnchors::from_path(flags.trust);
    if (!trust) return fail(std::move(trust.error()));
    client.trust = std::move(*trust);
  }
  auto config = ClientConfig::make(std::move(client));
  if (!config) return fail(std::move(config.error()));
  doctor::ProbeOptions options;
  options.host = address->host;
  options.port = address->port;
  options.server_name = name->text();
  options.config = std::move(*config);
  options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(flags.timeout * 1000));
  return options;
}

int inspect_server(const CertInspectFlags& flags) {
  auto options = make_options(flags);
  if (!options) return refuse(options.error(), flags.json ? schema : "");
  const doctor::Report report = doctor::probe(*options);
  doctor::InspectionSource source;
  source.server = report.target;
  source.verdict = report.verdict;
  source.now = report.target.now;
  const std::vector<doctor::FileItem> items = doctor::server_items(report.recording);
  print(flags, doctor::inspect(items, source.now), source);
  return static_cast<int>(items.empty() ? report.verdict.exit_code : ExitCode::ok);
}

int inspect(const CertInspectFlags& flags) {
  std::error_code ignored;
  const bool file = flags.target == "-" || std::filesystem::exists(flags.target, ignored);
  return file ? inspect_file(flags) : inspect_server(flags);
}

}  // namespace

void add_cert_inspect(CLI::App& cert, Command& chosen) {
  auto flags = std::make_shared<CertInspectFlags>();
  CLI::App* command = cert.add_subcommand("inspect", "Show what a file or a server holds, and what is weak in it");
  command->add_option("target", flags->target, "A file (-: standard input), or a server")
      ->required()
      ->type_name("FILE|HOST:PORT");
  command->add_option("--sni", flags->server_name, "The name to ask a server for, instead of HOST")->type_name("NAME");
  command->add_option("--ca", flags->trust, "Verify a server's chain by these authorities, instead of the system's")
      ->type_name("FILE|DIR");
  command->add_option("--timeout", flags->timeout, "Seconds for each step towards a server")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0).description(""));
  command->add_flag("--json", flags->json, "The same as JSON");
  command->footer(cert_inspect_examples);
  command->callback([flags, &chosen] { chosen = [flags] { return inspect(*flags); }; });
}

}  // namespace handfast::cli
