// The table of the lab: that it is whole, that its rows are sound, and how a trial is judged.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "doctor/lab/scenario.h"
#include "doctor/lab/tools.h"
#include "doctor/lab/trial.h"
#include "doctor/process.h"
#include "x509/server_name.h"

namespace handfast::doctor::lab {
namespace {

TEST(LabScenarios, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Scenario& scenario : scenarios()) {
    EXPECT_TRUE(names.insert(scenario.name).second) << scenario.name;
    EXPECT_EQ(find_scenario(scenario.name), &scenario);
    EXPECT_TRUE(x509::is_host_name(std::string(scenario.name) + ".localhost")) << scenario.name;
    EXPECT_FALSE(scenario.summary.empty()) << scenario.name;
    EXPECT_FALSE(scenario.summary.ends_with('.')) << scenario.name;
  }
  EXPECT_EQ(find_scenario("no such thing"), nullptr);
}

TEST(LabScenarios, EachSaysWhatIsToBeSaidOfIt) {
  for (const Scenario& scenario : scenarios()) {
    SCOPED_TRACE(scenario.name);
    const bool ok = std::holds_alternative<std::monostate>(scenario.expected.code);
    EXPECT_EQ(ok, scenario.expected.cure.empty()) << "what is wrong has a cure, what is right has none";
    EXPECT_EQ(ok, reference(scenario.expected.code).empty());
    EXPECT_EQ(ok, scenario.is_good());
    EXPECT_TRUE(ok || !scenario.name.starts_with("good"));
    EXPECT_EQ(scenario.reach == Reach::listening, scenario.server != nullptr);
    EXPECT_TRUE(!scenario.needs_arguments || !scenario.arguments.empty());
  }
}

TEST(LabScenarios, CodesHaveTheWordsOfAVerdict) {
  EXPECT_EQ(word({}), "ok");
  EXPECT_EQ(word(Reason::certificate_expired), "certificate_expired");
  EXPECT_EQ(reference(Reason::certificate_expired), "HF0209");
  EXPECT_EQ(word(Finding::plain_http), "plain_http");
  EXPECT_EQ(reference(Finding::plain_http), "HF0901");
  EXPECT_EQ(word(Alert::unknown_ca), "alert_unknown_ca");
  EXPECT_EQ(reference(Alert::unknown_ca), "HF1048");
}

/// The ways in which handshakes fail, and the scenarios that show each.
TEST(LabScenarios, EveryFailureIsThere) {
  struct Row {
    const char* failure;
    std::vector<std::string_view> shown_by;
  };
  const Row rows[] = {
      {"hostname mismatch", {"wrong-name", "wrong-name-wildcard"}},
      {"what comes without SNI", {"wrong-name-sni"}},
      {"no SAN", {"no-san"}},
      {"expired", {"expired", "expired-intermediate"}},
      {"not yet valid", {"not-yet-valid"}},
      {"wrong system clock", {"wrong-clock"}},
      {"revoked", {"revoked", "revoked-crl"}},
      {"not checked", {"revocation-unknown", "staple-forged"}},
      {"must-staple without staple", {"must-staple"}},
      {"self-signed", {"self-signed", "ca-as-leaf"}},
      {"untrusted CA", {"untrusted-ca", "wrong-ca-key"}},
      {"interception", {"intercepted"}},
      {"intermediates",
       {"missing-intermediate", "missing-second-intermediate", "misordered-chain", "superfluous-certificates",
        "not-a-ca", "path-length", "name-constraints"}},
      {"wrong EKU", {"wrong-eku", "wrong-key-usage"}},
      {"weak key", {"weak-key"}},
      {"no common version", {"no-common-version", "tls11-only", "tls12-only", "tls13-only", "version-intolerant"}},
      {"no common suite", {"no-common-suite", "no-common-suite-left-out"}},
      {"no common group", {"no-common-group", "no-common-group-unnamed"}},
      {"no common signature algorithm", {"no-common-signature", "no-common-key", "sha1-signature"}},
      {"SNI refused", {"sni-refused", "sni-dropped", "sni-required"}},
      {"ALPN refused", {"alpn-refused"}},
      {"client certificate wanted", {"client-certificate-required", "client-certificate-required-tls12"}},
      {"client certificate wrong", {"client-certificate-unknown-tls12", "client-certificate-expired"}},
      {"client certificate rejected late", {"client-certificate-unknown", "client-certificate-forbidden"}},
      {"pin mismatch", {"pin-mismatch"}},
      {"another protocol",
       {"plain-http", "plain-smtp", "plain-imap", "plain-pop3", "plain-ftp", "plain-ssh", "not-tls"}},
      {"RST",
       {"reset-at-once", "reset-after-hello", "reset-after-server-hello", "reset-before-finished",
        "reset-after-handshake"}},
      {"FIN",
       {"closed-at-once", "closed-after-hello", "closed-after-server-hello", "closed-before-finished",
        "closed-after-handshake"}},
      {"silence", {"silent", "silent-after-server-hello", "silent-before-finished", "silent-after-handshake"}},
      {"a ClientHello that is dropped", {"large-hello-dropped", "split-hello-dropped"}},
      {"bad Finished", {"bad-finished"}},
      {"bad CertificateVerify", {"bad-certificate-verify", "bad-server-key-exchange"}},
      {"downgrade", {"downgrade", "fallback"}},
      {"DNS", {"no-such-name"}},
      {"TCP", {"closed-port", "no-answer"}},
      {"nothing", {"good", "good-tls12", "good-client-auth", "good-retry"}},
  };
  for (const Row& row : rows)
    for (const std::string_view name : row.shown_by)
      EXPECT_NE(find_scenario(name), nullptr) << row.failure << ": " << name;
}

TEST(LabTrial, ComplaintsSayWhatIsNotAsItShouldBe) {
  const Expectation expected{Reason::certificate_expired, ExitCode::certificate, Fault::server, "renew"};
  const Said right{6, "certificate_expired", "HF0209", "server", "It has expired.", {"Else.", "They must renew it."},
                   {}};
  EXPECT_TRUE(complaints(expected, right).empty());

  const auto with = [&](auto change) {
    Said said = right;
    change(said);
    return complaints(expected, said);
  };
  EXPECT_EQ(with([](Said& said) { said.code = "name_mismatch"; }),
            std::vector<std::string>{"code: name_mismatch instead of certificate_expired"});
  EXPECT_EQ(with([](Said& said) { said.reference = "HF0210"; }),
            std::vector<std::string>{"short code: HF0210 instead of HF0209"});
  EXPECT_EQ(with([](Said& said) { said.exit_status = 5; }), std::vector<std::string>{"exit status: 5 instead of 6"});
  EXPECT_EQ(with([](Said& said) { said.exit_status.reset(); }),
            std::vector<std::string>{"exit status: none instead of 6"});
  EXPECT_EQ(with([](Said& said) { said.fault = "client"; }),
            std::vector<std::string>{"fault: client instead of server"});
  EXPECT_EQ(with([](Said& said) { said.advice.pop_back(); }), std::vector<std::string>{"cure: nothing of \"renew\""});
  Expectation chain;
  chain.besides = Finding::misordered_chain;
  Said well{0, "ok", "", "", "All is well.", {}, {"superfluous_certificates"}};
  EXPECT_EQ(complaints(chain, well), std::vector<std::string>{"besides: nothing of misordered_chain"});
  well.others.emplace_back("misordered_chain");
  EXPECT_TRUE(complaints(chain, well).empty());
  // Nobody is to blame, as far as the table says.
  EXPECT_TRUE(complaints({Reason::certificate_expired, ExitCode::certificate, Fault::unknown, "renew"}, right).empty());
}

TEST(LabTools, TheLineThatSaysMost) {
  EXPECT_EQ(telling_line("curl", "* one\ncurl: (60) SSL certificate problem\nMore details here: https://...\n"),
            "curl: (60) SSL certificate problem");
  EXPECT_EQ(
      telling_line("/usr/bin/openssl",
                   "Connecting\n40B7F1:error:0A000086:SSL routines:f:certificate verify failed:../ssl/a.c:1883:\n"),
      "error:0A000086:SSL routines:f:certificate verify failed");
  EXPECT_EQ(telling_line("gnutls-cli", "- Got 1\n- Status: The certificate is NOT trusted. \n*** Fatal error: x\n"),
            "- Status: The certificate is NOT trusted.");
  // A program that nobody here knows, and words for a terminal.
  EXPECT_EQ(telling_line("other", "first\n\x1b[31mlast \n\n"), "\\x1b[31mlast");
  EXPECT_EQ(telling_line("other", " \n\n"), "");
}

TEST(LabTools, WhatStandsInBracesIsFilledIn) {
  const TemporaryFolder folder;
  const auto lab = Lab::start({find_scenario("expired"), find_scenario("good-address")}, {}, folder.path());
  ASSERT_TRUE(lab);
  const Place& place = (*lab)->places().front();
  const std::string port = std::to_string(place.port);
  EXPECT_EQ(command_at(**lab, place, {"x", "{host}:{port}", "{url}", "--ca={ca}", "{address}"}),
            (std::vector<std::string>{"x", "expired.localhost:" + port, "https://expired.localhost:" + port + "/",
                                      "--ca=" + (*lab)->ca(), "127.0.0.1:" + port}));
  EXPECT_EQ(command_at(**lab, place, {"x"}), (std::vector<std::string>{"x", "expired.localhost:" + port}));
  const auto curl = command_at(**lab, place, {"curl", "-v"});
  EXPECT_NE(std::ranges::find(curl, "expired.localhost:" + port + ":127.0.0.1"), curl.end());
  EXPECT_EQ(curl.back(), "https://expired.localhost:" + port + "/");
  const auto openssl = command_at(**lab, (*lab)->places().back(), {"openssl"});
  EXPECT_EQ(openssl[1], "s_client");
  EXPECT_NE(std::ranges::find(openssl, "-verify_ip"), openssl.end());
}

/// A port with room behind it, below those that the system gives away (32768 and up), where nothing listens.
std::uint16_t free_base(const std::filesystem::path& folder) {
  for (std::uint16_t base = 21300; base < 32000; base = static_cast<std::uint16_t>(base + 300))
    if (Lab::start({find_scenario("expired")}, {base}, folder)) return base;
  return 0;
}

TEST(Lab, PortsStayTheSame) {
  const TemporaryFolder folder;
  const std::uint16_t base = free_base(folder.path());
  ASSERT_NE(base, 0);
  std::uint16_t first = 0;
  for (int again = 0; again < 2; ++again) {
    const auto lab = Lab::start({find_scenario("expired")}, {base}, folder.path());
    ASSERT_TRUE(lab);
    const std::uint16_t port = (*lab)->places().front().port;
    EXPECT_GT(port, base);
    if (again == 0) first = port;
    EXPECT_EQ(port, first);
    EXPECT_FALSE(Lab::start({find_scenario("expired")}, {base}, folder.path())) << "the ports are taken";
  }
}

}  // namespace
}  // namespace handfast::doctor::lab
