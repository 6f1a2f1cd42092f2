// handfast connect: one handshake as a client, explained.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include <handfast/config.h>

#include "cli/commands.h"
#include "cli/session_flags.h"
#include "cli/standard_input.h"
#include "cli/times.h"
#include "cli/tls_flags.h"
#include "cli/trust_flags.h"
#include "cli/verification_flags.h"
#include "doctor/html/page.h"
#include "doctor/html/page_file.h"
#include "doctor/json.h"
#include "doctor/ladder.h"
#include "doctor/probe.h"
#include "doctor/probes/probes.h"
#include "doctor/style.h"
#include "net/address.h"
#include "net/idna.h"
#include "x509/server_name.h"

namespace handfast::cli {
namespace {

using doctor::ExitCode;

constexpr const char* connect_examples = R"(Examples:
  handfast connect example.com
      Is the handshake sound, and the certificate good for that name?
  handfast connect example.com --groups P-256,x25519
      Prefer another group; a server that wants x25519 asks again.
  handfast connect example.com --tls 1.2
      The handshake that came before, and what it lacks, if something.
  handfast connect 192.0.2.7:8443 --sni www.example.com --ca our-ca.pem
      A machine before its name points there, with an authority of our own.
  handfast connect nas.local --pin nas.pem
      A self-signed certificate that was fetched from the machine itself.
  handfast connect example.com --pin sha256/47DEQpj8HBSa...
      The usual authorities, and one of their chain's keys must be that one.
  handfast connect example.com --revocation require --crl lists/
      Every certificate proven good, by staple or by list; else exit code 6.
  handfast connect api.example.com --cert me.pem --key me.key
      A server that asks for a client certificate.
  handfast connect example.com --request / > page.html
      The page on standard output, the explanation on standard error.
  printf 'GET / HTTP/1.0\r\n\r\n' | handfast connect example.com
      What is piped in is sent, what comes back goes to standard output. (In a
      loop over a list, add </dev/null, or the list is what is sent.)
  handfast connect example.com --session example.session
      Twice: then the session is resumed, and it says what that has saved.
  handfast connect example.com --session s --early-data request.http
      With a session that allows it, the request goes with the first bytes.
  handfast connect example.com --keys
      The ladder with every secret in it: to learn from, or to check another
      implementation against.
  handfast connect example.com --html page.html
      A page of this connection for a browser: every message, field and byte.
  handfast connect example.com --bytes | less
      Every message to its last byte: each field, its value and its reason.
  handfast connect example.com --json | jq .verdict
      For programs: docs/json.md.

Exit codes: 0 all is well; 1 a fault of ours, or a session or page that can't be
saved; 2 usage, a FILE of --session that is none, or one of --html that can't be
written; 3 no address or no TCP connection; 4 not TLS, closed, reset or timed
out; 5 no common ground, or early data that was not taken; 6 the server's
certificate; 7 the server wants a client certificate, or refuses ours.)";

/// Of --early-data.
constexpr std::size_t max_early_data = std::size_t{1} << 20;

struct ConnectFlags {
  std::string target;
  std::string server_name;
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  std::string request;
  std::string session;
  std::string early_data;
  std::string html;
  std::string clock;
  bool early_data_retry = false;
  double timeout = 10;
  bool json = false;
  bool ladder = false;
  bool no_ladder = false;
  bool secrets = false;
  bool bytes = false;
  bool false_start = false;
  bool fallback_scsv = false;
  doctor::ProbePolicy probes = doctor::ProbePolicy::after_failure;
  TlsFlags tls;
  TrustFlags trust;
  VerificationFlags verification;
};

Result<std::vector<std::shared_ptr<const Credential>>> read_credentials(const ConnectFlags& flags) {
  if (!flags.keys.empty() && flags.keys.size() != flags.certificates.size())
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "--key")
                    .with("problem", fmt::format("{} for {} --cert: give each its own, in the same order",
                                                 flags.keys.size(), flags.certificates.size())));
  std::vector<std::shared_ptr<const Credential>> credentials;
  for (std::size_t i = 0; i < flags.certificates.size(); ++i) {
    const std::string& certificate = flags.certificates[i];
    auto credential = Credential::from_files(certificate, flags.keys.empty() ? certificate : flags.keys[i]);
    if (!credential) return fail(std::move(credential.error()));
    credentials.push_back(std::move(*credential));
  }
  return credentials;
}

/// All of a file, or of standard input.
Result<Buffer> read_early_data(const std::string& path) {
  const auto bad = [](std::string problem, std::string remedy) {
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "--early-data")
                    .with("problem", std::move(problem))
                    .with("remedy", std::move(remedy)));
  };
  const auto unreadable = [&bad](const std::string& what) {
    return bad(fmt::format("{} can't be read: {}", what, std::strerror(errno)),
               "Name a file that you can read, or pipe the data in: --early-data -");
  };
  const bool standard = path == "-";
  const std::string what = standard ? "standard input" : path;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(standard ? stdin : std::fopen(path.c_str(), "rb"),
                                                             [](std::FILE* f) { return f == stdin ? 0 : fclose(f); });
  if (!file) return unreadable(what);
  Buffer data(max_early_data + 1);
  data.resize(std::fread(data.data(), 1, data.size(), file.get()));
  if (std::ferror(file.get()) != 0) return unreadable(what);
  if (data.empty())
    return bad(fmt::format("there is nothing in {}", what),
               "Put in it what is to be sent, a whole request; or leave --early-data out.");
  if (data.size() > max_early_data)
    return bad(fmt::format("{} is longer than 1 MiB", what),
               "Name a file with its beginning only, and pipe the rest in on standard input: that is sent after the "
               "handshake.");
  return data;
}

/// What the command line comes to.
struct Setup {
  std::optional<Buffer> early_data;
  std::shared_ptr<const ClientConfig> config;
  std::shared_ptr<doctor::SessionFile> session;  ///< null without --session
};

Result<Setup> set_up(const ConnectFlags& flags) {
  Setup setup;
  ClientOptions options;
  if (!flags.html.empty())
    if (auto possible = doctor::check_page_file(flags.html); !possible) return fail(std::move(possible.error()));
  if (auto applied = apply(flags.tls, options); !applied) return fail(std::move(applied.error()));
  if (!flags.request.empty() && options.application_protocols.empty()) options.application_protocols = {"http/1.1"};
  options.trace_secrets = flags.secrets;
  options.trace_records = !flags.html.empty();
  options.false_start = flags.false_start;
  options.fallback_scsv = flags.fallback_scsv;
  // RFC 7507, section 4: only a client that could do better says so.
  if (options.fallback_scsv && options.max_version == ProtocolVersion::tls1_3)
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "--fallback-scsv")
                    .with("problem", "it says that a newer version was tried before; name the older one: --tls 1.2"));
  auto trust = trust_of(flags.trust);
  if (!trust) return fail(std::move(trust.error()));
  options.trust = std::move(*trust);
  auto verification = verification_of(flags.verification, RevocationPolicy::staple);
  if (!verification) return fail(std::move(verification.error()));
  options.verification = std::move(*verification);
  if (!flags.clock.empty()) {
    auto time = parse_time("--clock", flags.clock);
    if (!time) return fail(std::move(time.error()));
    options.clock = clock_set_to(*time);
  }
  if (auto read = read_credentials(flags); read)
    options.credentials = std::move(*read);
  else
    return fail(std::move(read.error()));
  // Whoever has a certificate shows it whenever it is asked for.
  options.post_handshake_auth = !options.credentials.empty();
  if (!flags.early_data.empty())
    if (auto possible = check_early_data(options); !possible) return fail(std::move(possible.error()));
  if (!flags.session.empty()) {
    auto session = doctor::SessionFile::open(flags.session);
    if (!session) return fail(std::move(session.error()));
    setup.session = std::move(*session);
    options.sessions.store = setup.session;
  }
  if (!flags.early_data.empty()) {
    auto data = read_early_data(flags.early_data);
    if (!data) return fail(std::move(data.error()));
    options.sessions.early_data = true;
    options.limits.early_data = std::max(options.limits.early_data, data->size());
    setup.early_data = std::move(*data);
  }
  auto config = ClientConfig::make(std::move(options));
  if (!config) return fail(std::move(config.error()));
  setup.config = std::move(*config);
  return setup;
}

Result<doctor::ProbeOptions> make_options(const ConnectFlags& flags) {
  auto address = net::parse_host_port(flags.target, 443);
  if (!address) return fail(std::move(address.error()));
  auto asked_for = net::to_a_labels(flags.server_name.empty() ? address->host : flags.server_name);
  if (!asked_for) return fail(std::move(asked_for.error()));
  auto name = x509::ServerName::parse(*asked_for);
  if (!name) return fail(std::move(name.error()));
  auto setup = set_up(flags);
  if (!setup) return fail(std::move(setup.error()));
  doctor::ProbeOptions options;
  options.host = address->host;
  options.port = address->port;
  options.server_name = name->text();
  options.config = std::move(setup->config);
  options.session = std::move(setup->session);
  options.early_data = std::move(setup->early_data);
  options.early_data_retry = flags.early_data_retry;
  options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(flags.timeout * 1000));
  if (!flags.request.empty()) options.get = flags.request;
  return options;
}

/// What a server says, as it came; to a terminal only what does not command it.
bool write_out(Bytes bytes) {
  std::string shown;
  if (isatty(STDOUT_FILENO) != 0) {
    shown = doctor::printable_lines(as_text(bytes));
    bytes = as_bytes(shown);
  }
  return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0;
}

void print_response(const doctor::HttpResponse& response) {
  std::string head = fmt::format("HTTP/1.1 {} {}\n", response.status, response.reason);
  for (const auto& [name, value] : response.headers) head += fmt::format("{}: {}\n", name, value);
  write_out(as_bytes(head + '\n'));
  write_out(as_bytes(response.body));
}

int exit_status(const doctor::Verdict& verdict) { return static_cast<int>(verdict.exit_code); }

int refuse(const ConnectFlags& flags, const Error& error) {
  const doctor::Verdict verdict = doctor::judge_config(error);
  if (flags.json)
    std::fputs(doctor::connect_json(verdict).c_str(), stdout);
  else
    std::fputs(doctor::verdict_text(verdict, doctor::style_of(STDERR_FILENO)).c_str(), stderr);
  return exit_status(verdict);
}

/// The page of --html. One that can't be written is a fault, where nothing worse has happened.
void write_page(const ConnectFlags& flags, const doctor::Probing& probing, doctor::Report& report) {
  const doctor::Secrets secrets = flags.secrets ? doctor::Secrets::shown : doctor::Secrets::redacted;
  const std::string page = doctor::html_page(report, probing, secrets);
  const std::string problem = doctor::write_page_file(flags.html, page, secrets);
  if (problem.empty())
    fmt::print(stderr, "The page of this connection is in {}\n", flags.html);
  else if (report.verdict.exit_code == ExitCode::ok)
    report.verdict = doctor::judge_page(flags.html, problem);
  else
    fmt::print(stderr, "The page can't be written to {}: {}\n", flags.html, problem);
}

/// Tries again with one thing changed, where that tells more, and sharpens the verdict.
doctor::Probing investigate(const doctor::ProbeOptions& options, doctor::ProbePolicy policy, doctor::Report& report) {
  const std::vector<doctor::Change> changes = doctor::plan(report, policy);
  if (changes.empty()) return {};
  if (isatty(STDERR_FILENO) != 0)
    fmt::print(stderr, "Trying again in up to {} ways, to see what it fails over ...\n", changes.size());
  doctor::Probing probing = doctor::run_probes(options, report, changes);
  report.verdict = doctor::conclude(report, probing);
  return probing;
}

int connect(const ConnectFlags& flags) {
  auto options = make_options(flags);
  if (!options) return refuse(flags, options.error());
  if (!flags.json && !options->get && flags.early_data != "-" && input_is_piped()) options->input = STDIN_FILENO;
  options->answer = write_out;
  if (flags.json) options->answer = [](Bytes) { return true; };
  doctor::Report report = doctor::probe(*options);
  if (!flags.secrets) report.recording = report.recording.redacted();
  const doctor::Probing probing = investigate(*options, flags.probes, report);
  if (!flags.html.empty()) write_page(flags, probing, report);
  const doctor::Detail detail = flags.bytes ? doctor::Detail::bytes : doctor::Detail::words;
  if (flags.json) {
    std::fputs(doctor::connect_json(report, probing, detail).c_str(), stdout);
    return exit_status(report.verdict);
  }
  if (report.response) print_response(*report.response);
  std::fflush(stdout);
  // What the server says goes to standard output; then the explanation steps aside.
  std::FILE* out = options->get || options->early_data || options->input >= 0 ? stderr : stdout;
  const doctor::Style style = doctor::style_of(fileno(out));
  const bool wants_ladder =
      flags.ladder || flags.secrets || flags.bytes || (!flags.no_ladder && isatty(fileno(out)) != 0);
  if (wants_ladder && !report.recording.steps().empty())
    std::fprintf(out, "%s\n", doctor::ladder(report.recording, style, "--keys", detail).c_str());
  std::fputs(doctor::verdict_text(report.verdict, style).c_str(), out);
  std::fputs(doctor::probes_text(probing, style).c_str(), out);
  if (report.verdict.exit_code == ExitCode::ok)
    std::fputs(doctor::agreement(report.info, report.recording, style).c_str(), out);
  if (report.early_data && report.verdict.exit_code == ExitCode::ok)
    std::fputs(doctor::early_data_text(*report.early_data, style).c_str(), out);
  if (report.session && report.recording.completed())
    std::fputs(doctor::session_text(*report.session, style).c_str(), out);
  return exit_status(report.verdict);
}

}  // namespace

void add_connect(CLI::App& program, Command& chosen) {
  auto flags = std::make_shared<ConnectFlags>();
  CLI::App* command = program.add_subcommand("connect", "Handshake with a server; say how it went, and why");
  command->add_option("target", flags->target, "The server; the port is 443 if none is given")
      ->required()
      ->type_name("HOST[:PORT]");
  command->add_option("--sni", flags->server_name, "The name to ask for and to verify, instead of HOST")
      ->type_name("NAME");
  add_trust_flags(*command, flags->trust);
  add_verification_flags(*command, flags->verification);
  auto* certificate =
      command
          ->add_option("--cert", flags->certificates,
                       "Our certificate chain, for servers that ask, now or later; of several the one that fits")
          ->type_name("FILE")
          ->allow_extra_args(false);
  command->add_option("--key", flags->keys, "Its private key, if it is not in the same file; as often as --cert")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->needs(certificate);
  add_tls_flags(*command, flags->tls);
  command->add_flag(
      "--false-start", flags->false_start,
      "In TLS 1.2 send before the server's Finished has come (RFC 7918): a round trip less, under choices "
      "that the server has not confirmed yet");
  command->add_flag("--fallback-scsv", flags->fallback_scsv,
                    "With --tls 1.2: say that it is a second try, after a failure with more (RFC 7507). A server that "
                    "could do better refuses, as it should");
  auto* request = command->add_option("--request", flags->request, "GET this path (HTTP/1.1) and print the answer")
                      ->type_name("PATH");
  request->check([](const std::string& path) {
    const bool plain = std::all_of(path.begin(), path.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
    return path.starts_with('/') && plain ? std::string() : std::string("a path begins with / and holds no blanks");
  });
  auto* session =
      command
          ->add_option(
              "--session", flags->session,
              "Resume the session in FILE, if it is for this server, and save the next one there. One of TLS 1.3 is "
              "offered once, and leaves FILE for that. Whoever can read FILE can read the session's connections")
          ->type_name("FILE");
  auto* early_data =
      command
          ->add_option(
              "--early-data", flags->early_data,
              "Send what is in FILE (-: standard input) with the first flight (0-RTT), where the session allows "
              "as much, and print the answer; up to 1 MiB. It can be replayed by whoever sees it: send what does no "
              "harm "
              "when it is done twice")
          ->type_name("FILE")
          ->needs(session)
          ->excludes(request);
  command
      ->add_flag("--early-data-retry", flags->early_data_retry,
                 "Where the early data was not sent, or not taken, send it as ordinary data after the handshake")
      ->needs(early_data);
  auto* probe = command->add_flag_function(
      "--probe", [flags](std::int64_t) { flags->probes = doctor::ProbePolicy::always; },
      "Probe the server after success too: does it take a ClientHello that is large, or comes in pieces?");
  command
      ->add_flag_function(
          "--no-probe", [flags](std::int64_t) { flags->probes = doctor::ProbePolicy::never; },
          "After a failure do not try again with one thing changed. (Else up to 16 connections are made, one after the "
          "other, within 20 s; each sends a ClientHello or less, or ends once the server's certificate is there)")
      ->excludes(probe);
  command->add_option("--timeout", flags->timeout, "Seconds for each step: name, address, handshake, answer")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0).description(""));
  command
      ->add_option("--clock", flags->clock,
                   "Take TIME for what this machine's clock says, to see what a wrong clock does: 2027-01-15, "
                   "2027-01-15T08:00:00Z, @SECONDS")
      ->type_name("TIME");
  auto* ladder = command->add_flag("--ladder", flags->ladder, "Show every message (the default on a terminal)");
  auto* no_ladder = command->add_flag("--no-ladder", flags->no_ladder, "Show the verdict only")->excludes(ladder);
  command
      ->add_flag("--keys", flags->secrets,
                 "Show the secrets too, in hexadecimal, where they are made: whoever sees them can read the connection")
      ->excludes(no_ladder);
  command
      ->add_option("--html", flags->html,
                   "Write one page of this very connection there: each message, field and byte, and the keys between "
                   "them. It holds secrets and application data with --keys only")
      ->type_name("FILE");
  command
      ->add_flag(
          "--bytes", flags->bytes,
          "Show every message field by field: its bytes (of a field past 256 the first; with --json all), what they "
          "say and why they are there")
      ->excludes(no_ladder);
  command->add_flag("--json", flags->json, "The whole report as JSON, and nothing else on standard output");
  command->footer(connect_examples);
  command->callback([flags, &chosen] { chosen = [flags] { return connect(*flags); }; });
}

}  // namespace handfast::cli
