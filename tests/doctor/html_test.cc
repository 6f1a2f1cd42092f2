// The page of a connection: whole, escaped, and silent about secrets.
#include "doctor/html/page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "doctor/html.h"
#include "doctor/html/anatomy.h"
#include "doctor/html/html.h"
#include "doctor/html/page_file.h"
#include "doctor/script.h"

namespace handfast::doctor {
namespace {

using enum Direction;
using test::between;
using test::is_in;
using test::Script;

std::string hex_text(Bytes bytes) { return fmt::format("{:02x}", fmt::join(bytes, " ")); }

Report report_of(const Script& script) {
  Report report;
  report.target.host = report.target.server_name = "example.com";
  report.recording = script.recording();
  return report;
}

/// What the dumps of a page hold, one after the other.
std::vector<std::string> dumps(const std::string& page) {
  std::vector<std::string> out = between(page, "<p class=\"hex\">", "</p>");
  for (std::string& dump : out) {
    dump = test::without_tags(dump);
    dump.erase(dump.find_last_not_of(' ') + 1);
  }
  return out;
}

/// Every element that is opened is closed, in order.
void expect_balanced(const std::string& page) {
  std::vector<std::string> open;
  // Neither style nor script hold tags.
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::string tag = page.substr(at + 1, page.find_first_of(" >", at) - at - 1);
    if (tag == "!doctype" || tag == "meta" ||
        !std::ranges::all_of(tag, [](char c) { return c == '/' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }))
      continue;
    if (!tag.starts_with('/')) {
      open.push_back(tag);
      continue;
    }
    ASSERT_FALSE(open.empty()) << tag;
    EXPECT_EQ(open.back(), tag.substr(1));
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(Html, EscapesWordsAndValues) {
  Html html;
  {
    const auto element = html.open("p", "a", {{"title", "\"><script>"}, {"hidden", ""}});
    html.text("<b>&'\"\n\x1b[31m\u202e\u200b");
  }
  EXPECT_EQ(html.take(),
            "<p class=\"a\" title=\"&quot;&gt;&lt;script&gt;\" hidden>&lt;b&gt;&amp;&#39;&quot;\\x0a\\x1b[31m"
            "\\xe2\\x80\\xae\\xe2\\x80\\x8b</p>");
}

TEST(Anatomy, HasEveryByteOnceAndInItsField) {
  const Buffer bytes = {1, 2, 3, 4, 5};
  Field whole{"whole", 0, 5, "", "", {}};
  whole.children = {{"first", 0, 1, "one", "why", {}},
                    {"rest", 1, 4, "", "", {{"a", 1, 2, "", "", {}}, {"b", 3, 2, "", "", {}}}}};
  Html html;
  write_anatomy(html, bytes, whole);
  const std::string page = html.take();
  EXPECT_EQ(dumps(page), (std::vector<std::string>{"01 02 03 04 05"}));
  EXPECT_TRUE(is_in(page,
                    "data-f=\"0\"><span class=\"odd\" data-f=\"1\">01</span> <span data-f=\"2\"><span class=\"even\" "
                    "data-f=\"3\">02 03</span>"))
      << page;
  EXPECT_TRUE(
      is_in(page, "<b class=\"name\">first</b> <code class=\"bytes\">01</code> <span class=\"value\">one</span>"));
  EXPECT_TRUE(is_in(page, "<p class=\"why\">why</p>"));
}

TEST(Anatomy, CutsWhatIsLongAndCountsTheRest) {
  const Buffer bytes(5000, 0xab);
  Html html;
  write_anatomy(html, bytes, {"opaque", 0, 5000, "", "", {}});
  const std::string page = html.take();
  EXPECT_TRUE(is_in(page, "3,976 bytes more"));
  EXPECT_LT(page.size(), 5000u);
}

TEST(Anatomy, OfManyFieldsTellsSome) {
  const Buffer bytes(20'000, 1);
  Field whole{"whole", 0, 20'000, "", "", {}};
  for (std::size_t i = 0; i < 20'000; ++i) whole.children.push_back({"field", i, 1, "", "", {}});
  Html html;
  write_anatomy(html, bytes, whole);
  const std::string page = html.take();
  EXPECT_TRUE(is_in(page, "more fields than are shown"));
  EXPECT_LT(page.size(), 10'000u);
}

TEST(Anatomy, WhatIsNotAtHandIsCounted) {
  const Buffer bytes(10, 1);
  Html html;
  write_anatomy(html, bytes, {"data", 0, 100, "", "", {}});
  EXPECT_TRUE(is_in(html.take(), "90 bytes more"));
}

class PageOf : public testing::TestWithParam<Script (*)()> {};

TEST_P(PageOf, HasEveryByteOfEveryMessage) {
  const Script script = GetParam()();
  const std::string page = html_page(report_of(script), {}, Secrets::redacted);
  const std::vector<std::string> shown = dumps(page);
  std::size_t messages = 0;
  for (const Step& step : script.recording().steps()) {
    const auto* message = std::get_if<Message>(&step.what);
    if (message == nullptr) continue;
    ++messages;
    EXPECT_NE(std::ranges::find(shown, hex_text(message->bytes)), shown.end());
  }
  EXPECT_GT(messages, 5u);
  expect_balanced(page);
  EXPECT_TRUE(is_in(page, "http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;;"));
  for (const char* loads : {"src=", "href=\"http", "url(", "@import", " style=\"", " onclick"})
    EXPECT_FALSE(is_in(page, loads)) << loads;
}

INSTANTIATE_TEST_SUITE_P(All, PageOf,
                         testing::Values(
                             test::whole_handshake, [] { return test::whole_handshake_tls12(test::Extras::all); },
                             [] { return test::whole_handshake_tls12(test::Extras::none); }));

TEST(Page, ShowsNoSecretUnlessItIsToldTo) {
  const Report report = report_of(test::derived_secrets(Secrets::shown));
  const std::string silent = html_page(report, {}, Secrets::redacted), full = html_page(report, {}, Secrets::shown);
  std::size_t secrets = 0;
  for (const Step& step : report.recording.steps()) {
    const auto* secret = std::get_if<DerivedSecret>(&step.what);
    if (secret == nullptr) continue;
    ++secrets;
    ASSERT_FALSE(secret->bytes.empty());
    EXPECT_FALSE(is_in(silent, hex_text(secret->bytes))) << secret->name;
    EXPECT_FALSE(is_in(silent, fmt::format("{:02x}", fmt::join(secret->bytes, "")))) << secret->name;
    EXPECT_TRUE(is_in(full, hex_text(secret->bytes))) << secret->name;
    EXPECT_TRUE(is_in(silent, secret->name));
  }
  EXPECT_GT(secrets, 3u);
  EXPECT_TRUE(is_in(silent, "not shown: --keys shows them"));
  EXPECT_TRUE(is_in(full, "holds the secrets of the connection"));
  EXPECT_FALSE(is_in(full, "not shown"));
}

/// A record of TLS 1.3 as one that holds `content`.
Buffer sealed(Bytes content) {
  const std::size_t size = content.size() + 17;
  Buffer out = {23, 3, 3, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
  out.resize(5 + size, 0xee);
  return out;
}

TEST(Page, ShowsRecordsBeforeAndAfter) {
  const Buffer content(20, 0x41);
  const Buffer record = sealed(content);
  Script script(Side::client);
  script
      .add(KeyEvent{sent, Level::application, "client_application_traffic_secret_0",
                    CipherSuite::TLS_AES_128_GCM_SHA256})
      .add(RecordEvent{sent, Level::application, ContentType::application_data, true, record, content})
      .add(DataEvent{sent, Level::application, content.size()});
  const std::string silent = html_page(report_of(script), {}, Secrets::redacted);
  EXPECT_TRUE(is_in(silent, "20 bytes of application data, not shown"));
  EXPECT_FALSE(is_in(silent, "41 41 41 41"));
  EXPECT_EQ(dumps(silent), (std::vector<std::string>{hex_text(record)}));
  EXPECT_TRUE(is_in(silent, "It is record 0 under them"));
  Buffer inner = content;
  inner.push_back(23);
  const std::string full = html_page(report_of(script), {}, Secrets::shown);
  EXPECT_EQ(dumps(full), (std::vector<std::string>{hex_text(record), hex_text(inner)}));
}

/// In TLS 1.0 the last block of the record before is the IV.
TEST(Page, IvsStandInRecordsFromTls11On) {
  for (const std::uint8_t minor : std::initializer_list<std::uint8_t>{1, 2}) {
    const std::uint8_t size = minor == 1 ? 36 : 52;
    Buffer record = {23, 3, minor, 0, size};
    record.resize(std::size_t{5} + size, 0xee);
    Script script(Side::client);
    script.add(KeyEvent{sent, Level::application, "client_write_key", CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA})
        .add(RecordEvent{sent, Level::application, ContentType::application_data, true, record, Buffer(1)});
    const std::string page = html_page(report_of(script), {}, Secrets::redacted);
    EXPECT_TRUE(is_in(page, "block-ciphered"));
    EXPECT_EQ(is_in(page, "What the first block is mixed with"), minor != 1);
  }
}

TEST(Page, ARecordThatNobodyCouldReadStandsForItself) {
  const Buffer record = sealed(Buffer(20, 0));
  Script script(Side::client);
  script.add(RecordEvent{received, Level::application, ContentType::application_data, true, record, std::nullopt});
  const std::string page = html_page(report_of(script), {}, Secrets::redacted);
  EXPECT_TRUE(is_in(page, "It was not decrypted: its keys are not known, or it was changed on its way."));
  EXPECT_EQ(dumps(page), (std::vector<std::string>{hex_text(record)}));
}

TEST(Page, HoldsNoMarkupOfAPeer) {
  constexpr std::string_view evil = "<script>alert(1)</script>\"'&\x01\x1b[2J\n\u202e\u2066";
  Script script(Side::client);
  VerificationReport verification{.certificates = {Buffer{1, 2, 3}}, .sent = 1, .now = 0, .leaf = {}, .error = {}};
  verification.leaf.checks = {
      {CheckKind::server_name, CheckOutcome::failed, Reason::name_mismatch, {{"found", std::string(evil)}}}};
  script.add(DecisionEvent{"alpn", std::string(evil), {std::string(evil)}, {std::string(evil)}})
      .add(VerificationEvent{&verification})
      .add(SecretEvent{evil, evil, 4, {}})
      .add(KeyEvent{sent, Level::application, evil, CipherSuite{0x1234}})
      .add(CompletedEvent{});
  Report report = report_of(script);
  report.target.host = std::string(evil);
  report.info.application_protocol = report.info.server_name = std::string(evil);
  report.info.peer_certificates = {Buffer{1, 2, 3}};
  report.attempts = {{std::string(evil), std::string(evil)}, {std::string(evil), ""}};
  report.verdict.exit_code = ExitCode::certificate;
  report.verdict.summary = report.verdict.found = report.verdict.expected = report.verdict.code = evil;
  report.verdict.advice = {std::string(evil)};
  report.verdict.evidence = {{std::string(evil), std::string(evil), {1, 2, 3}}};
  report.verdict.others = {{std::string(evil), std::string(evil), std::string(evil)}};
  const std::string page = html_page(report, {}, Secrets::shown);
  EXPECT_FALSE(is_in(page, "<script>alert"));
  EXPECT_GT(between(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\x01\\x1b[2J\\x0a", "<").size(), 12u);
  EXPECT_FALSE(is_in(page, "\u202e"));
  EXPECT_FALSE(is_in(page, "\u2066"));
  EXPECT_TRUE(std::ranges::all_of(page, [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\n'; }));
  expect_balanced(page);
}

/// A connection that fails behind its first `count` events, for every count.
TEST(Page, AFailureStandsWhereItHappened) {
  const Recording whole = test::whole_handshake().recording();
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < whole.steps().size(); ++i)
    if (std::holds_alternative<Message>(whole.steps()[i].what)) ends.push_back(i);
  for (const std::size_t end : ends) {
    Script script(Side::client);
    for (std::size_t i = 0; i <= end; ++i)
      if (const auto* message = std::get_if<Message>(&whole.steps()[i].what))
        script.message(message->direction, message->level, message->bytes, message->hello_retry_request);
    const Error error(Alert::unexpected_message, Reason::unexpected_message);
    script.add(AlertEvent{sent, Alert::unexpected_message, true}).add(FailedEvent{&error});
    Report report = report_of(script);
    report.verdict.exit_code = ExitCode::negotiation;
    report.verdict.code = "unexpected_message";
    report.verdict.summary = "It has failed.";
    const std::string page = html_page(report, {}, Secrets::redacted);
    const std::size_t last = page.rfind("<article");
    EXPECT_TRUE(is_in(std::string_view(page).substr(last), "Alert: unexpected_message")) << end;
    EXPECT_GT(page.find("id=\"failure\""), last) << end;
    EXPECT_EQ(between(page, "It has failed.", "<").size(), 2u) << end;
    expect_balanced(page);
  }
}

TEST(Page, AFailureThatNoEventTellsEndsIt) {
  Script script(Side::client);
  script.message(sent, Level::initial, {1, 0, 0, 0});
  Report report = report_of(script);
  report.verdict.exit_code = ExitCode::transport;
  report.verdict.summary = "It took the TCP connection and says nothing.";
  EXPECT_TRUE(is_in(html_page(report, {}, Secrets::redacted), "id=\"failure\""));
}

TEST(Page, WithoutAConnectionThereIsTheVerdict) {
  Report report;
  report.target.host = "example.com";
  report.attempts = {{"192.0.2.1:443", "Connection refused"}, {"192.0.2.2:443", "Connection refused"}};
  report.verdict.exit_code = ExitCode::network;
  report.verdict.summary = "Nothing listens there.";
  report.verdict.advice = {"Check the port."};
  const std::string page = html_page(report, {}, Secrets::redacted);
  for (const char* part :
       {"Nothing listens there.", "Check the port.", "192.0.2.2:443: Connection refused", "(exit code 3)"})
    EXPECT_TRUE(is_in(page, part)) << part;
  EXPECT_FALSE(is_in(page, "<article"));
  expect_balanced(page);
}

/// However much a peer says.
TEST(Page, IsNoLongerThanItMayBe) {
  Script script(Side::client);
  Buffer message(60'000, 0);
  message[0] = 11;
  message[2] = static_cast<std::uint8_t>((message.size() - 4) >> 8);
  message[3] = static_cast<std::uint8_t>(message.size() - 4);
  for (std::size_t i = 0; i < Recording::max_steps; ++i) script.message(received, Level::handshake, message);
  EXPECT_LT(html_page(report_of(script), {}, Secrets::redacted).size(), std::size_t{8} << 20);
}

TEST(PageFile, IsRefusedBeforeItIsNeeded) {
  for (const char* path : {"/nowhere/page.html", "/dev/null", "/"}) {
    const Result<void> checked = check_page_file(path);
    ASSERT_FALSE(checked) << path;
    EXPECT_EQ(checked.error().reason(), Reason::bad_config);
    EXPECT_NE(write_page_file(path, "page", Secrets::redacted), "") << path;
  }
}

}  // namespace
}  // namespace handfast::doctor
