// handfast cert verify: whether a chain in files is good, and every check that says so.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <handfast/clock.h>

#include "cli/cert.h"
#include "cli/host_names.h"
#include "cli/times.h"
#include "cli/tls_flags.h"
#include "cli/trust_flags.h"
#include "cli/verification_flags.h"
#include "doctor/certificate_file.h"
#include "doctor/chain_question.h"
#include "doctor/style.h"
#include "doctor/verification_tree.h"
#include "x509/files.h"
#include "x509/server_name.h"

namespace handfast::cli {
namespace {

using doctor::ChainQuestion;

constexpr const char* schema = "handfast/cert-verify/1";

constexpr const char* cert_verify_examples = R"(Examples:
  handfast cert verify fullchain.pem --host www.example.com
      As a client would that knows the system's authorities.
  handfast cert verify server.pem --untrusted intermediates/ --ca our-root.pem
      Intermediates that a server does not send, but that may be used.
  handfast cert verify fullchain.pem --at 2027-03-01 --profile strict
      On another day, by RFC 5280 to the letter.
  handfast cert verify fullchain.pem --crl lists/ --revocation require
      Only if every certificate is proven not to be revoked.
  handfast cert verify fullchain.pem --json | jq .verdict.code
      For programs: docs/json.md.

Exit codes: 0 it verifies; 2 a file or an argument can't be read; 6 it does not,
and the tree says which checks failed.)";

struct CertVerifyFlags {
  std::vector<std::string> files;
  std::vector<std::string> untrusted;
  std::string host;
  std::string purpose = "server";
  std::string at;
  std::string ocsp;
  bool json = false;
  TrustFlags trust;
  VerificationFlags verification;
};

std::unexpected<Error> bad_flag(std::string option, std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", std::move(option))
                  .with("problem", std::move(problem)));
}

Result<> add_files(const std::vector<std::string>& files, ChainQuestion& out) {
  for (const std::string& file : files) {
    auto ders = doctor::read_certificates(file);
    if (!ders) return fail(std::move(ders.error()));
    for (const Buffer& der : *ders) {
      auto certificate = x509::Certificate::parse(der);
      if (!certificate) return fail(std::move(certificate.error()).with("path", file));
      out.chain.push_back(*std::move(certificate));
    }
  }
  return {};
}

Result<ChainQuestion> make_question(const CertVerifyFlags& flags) {
  ChainQuestion out;
  auto options =
      verification_of(flags.verification, flags.ocsp.empty() ? RevocationPolicy::off : RevocationPolicy::staple);
  if (!options) return fail(std::move(options.error()));
  out.options = *std::move(options);
  if (!flags.ocsp.empty()) {
    if (out.options.revocation == RevocationPolicy::off)
      return bad_flag("--ocsp", "with --revocation off no response is looked at");
    auto response = x509::read_file(flags.ocsp, 1 << 20);
    if (!response) return fail(std::move(response.error()));
    out.ocsp_response = *std::move(response);
  }
  out.now = system_clock().now();
  if (!flags.at.empty()) {
    auto at = parse_time("--at", flags.at);
    if (!at) return fail(std::move(at.error()));
    out.now = *at;
    out.now_was_asked_for = true;
  }
  if (flags.purpose == "client") {
    if (!flags.host.empty()) return bad_flag("--host", "a client's certificate is not for a host name");
    out.purpose = x509::ClientAuth{};
  } else if (!flags.host.empty()) {
    auto labels = with_a_labels("--host", flags.host);
    if (!labels) return fail(std::move(labels.error()));
    auto name = x509::ServerName::parse(*labels);
    if (!name) return fail(of_flag("--host", name.error()));
    out.purpose = x509::ServerAuth{*std::move(name)};
  }
  if (Result<> added = add_files(flags.files, out); !added) return fail(std::move(added.error()));
  out.sent = out.chain.size();
  if (Result<> added = add_files(flags.untrusted, out); !added) return fail(std::move(added.error()));
  auto anchors = trust_of(flags.trust);
  if (!anchors) return fail(std::move(anchors.error()));
  out.anchors = *std::move(anchors);
  out.owner = doctor::printable_utf8(flags.files.front());
  out.command = "handfast cert verify";
  for (const std::string& file : flags.files) out.command += ' ' + doctor::shell_word(file);
  return out;
}

int verify(const CertVerifyFlags& flags) {
  const auto question = make_question(flags);
  if (!question) return refuse(question.error(), flags.json ? schema : "");
  const doctor::ChainAnswer answer = doctor::ask(*question);
  if (flags.json) {
    std::fputs(doctor::chain_answer_json(*question, answer).c_str(), stdout);
  } else {
    const doctor::Style style = doctor::style_of(STDOUT_FILENO);
    std::fputs(doctor::verification_tree(answer.report, style).c_str(), stdout);
    std::fputs(("\n" + doctor::verdict_text(answer.verdict, style)).c_str(), stdout);
  }
  return static_cast<int>(answer.verdict.exit_code);
}

}  // namespace

void add_cert_verify(CLI::App& cert, Command& chosen) {
  auto flags = std::make_shared<CertVerifyFlags>();
  CLI::App* command = cert.add_subcommand("verify", "Verify a chain in files, and show every check");
  command->add_option("files", flags->files, "The chain as a server would send it, the leaf first (-: standard input)")
      ->required()
      ->type_name("FILE...");
  command->add_option("--host", flags->host, "The name that it has to be for; without it no name is checked")
      ->type_name("NAME");
  command->add_option("--untrusted", flags->untrusted, "More certificates that may stand in the chain (repeatable)")
      ->type_name("FILE|DIR")
      ->take_all();
  add_trust_flags(*command, flags->trust);
  command->add_option("--purpose", flags->purpose, "server or client")
      ->type_name("PURPOSE")
      ->capture_default_str()
      ->check(CLI::IsMember({"server", "client"}).description(""));
  command->add_option("--at", flags->at, "As of that time: 2027-01-15, 2027-01-15T08:00:00Z, @SECONDS")
      ->type_name("TIME");
  add_verification_flags(*command, flags->verification);
  command->add_option("--ocsp", flags->ocsp, "The leaf's OCSP response, in DER, as a server would staple it")
      ->type_name("FILE");
  command->add_flag("--json", flags->json, "The same as JSON");
  command->footer(cert_verify_examples);
  command->callback([flags, &chosen] { chosen = [flags] { return verify(*flags); }; });
}

}  // namespace handfast::cli
