#include "doctor/catalogue/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "doctor/catalogue/explanation.h"
#include "doctor/catalogue/prose.h"

namespace handfast::doctor {
namespace {

/// The codes of all matches, best first: "HF0211 HF0921".
std::string codes(std::string_view what) {
  std::string out;
  for (const Match& match : explain(what)) out += (out.empty() ? "" : " ") + std::string(match.entry->code);
  return out;
}

MatchedBy by(std::string_view what) { return explain(what).at(0).by; }

TEST(Explain, Codes) {
  for (const std::string_view what : {"HF0213", "hf0213", "HF213", " hf0213\n", "[HF0213]", "code HF0213:"})
    EXPECT_EQ(codes(what), "HF0213") << what;
  EXPECT_EQ(by("HF0213"), MatchedBy::code);
  EXPECT_EQ(codes("HF1048"), "HF1048");
  for (const std::string_view none : {"HF9999", "HF", "HF02131", "hf02x3", "0213HF"})
    EXPECT_EQ(codes(none), "") << none;
}

TEST(Explain, WhatThisProgramPrinted) {
  EXPECT_EQ(codes("✗ The certificate of localhost:8443 is for another name.\n  found     other.example\n"
                  "  code      HF0213 name_mismatch (exit code 6)\n"),
            "HF0213");
  EXPECT_EQ(codes(R"({"verdict": {"ok": false, "code": "certificate_expired", "reference": "HF0209"}})"), "HF0209");
}

TEST(Explain, Words) {
  EXPECT_EQ(codes("name_mismatch"), "HF0213");
  EXPECT_EQ(codes("Name mismatch"), "HF0213");
  EXPECT_EQ(codes("plain_http"), "HF0901");
  EXPECT_EQ(codes("alert_unknown_ca"), "HF1048");
  EXPECT_EQ(by("name_mismatch"), MatchedBy::word);
  // A Reason and an alert of one name.
  EXPECT_EQ(codes("certificate_expired"), "HF0209 HF1045");
  EXPECT_EQ(codes("internal_error"), "HF0605 HF1080");
}

TEST(Explain, Alerts) {
  for (const std::string_view what :
       {"48", "0x30", "alert 48", "Alert (48)", "SSL alert number 48", "tls alert 48", "unknown_ca", "unknown ca",
        "fatal alert: unknown_ca", "unknown_ca alert", "TLS alert description 48"})
    EXPECT_EQ(codes(what), "HF1048") << what;
  EXPECT_EQ(by("48"), MatchedBy::alert);
  EXPECT_EQ(by("unknown_ca"), MatchedBy::word);
  EXPECT_EQ(codes("0"), "HF1000");
  for (const std::string_view none : {"1", "256", "99999999999999999999", "-48", "0x", "0xfff"})
    EXPECT_EQ(codes(none).find("HF1048"), none == "-48" ? 0 : std::string::npos) << none;
  EXPECT_EQ(codes("something went wrong, alert number 112, and so on"), "HF1112");
  EXPECT_EQ(codes("TLSv1.2 Record Layer: Alert (Level: Fatal, Description: Unknown CA)"), "HF1048");
  EXPECT_EQ(codes("the server sent the alert unrecognized_name: it has no site of that name"), "HF1112");
  EXPECT_EQ(codes("no alert, but an internal error"), "");
}

TEST(Explain, TheLongestMessageWins) {
  EXPECT_EQ(codes("unable to get local issuer certificate"), "HF0211 HF0921");
  EXPECT_EQ(codes("self-signed certificate in certificate chain"), "HF0211 HF0924");
  EXPECT_EQ(codes("self-signed certificate"), "HF0212");
  // What only stands around another's words says nothing where those are known.
  EXPECT_EQ(codes("SSL certificate problem"), "HF0226");
  EXPECT_EQ(codes("SSL certificate problem: certificate has expired"), "HF0209");
}

TEST(Explain, ReadsWholeWords) {
  EXPECT_EQ(codes("certificate has expiredness"), "");
  EXPECT_EQ(codes("xNET::ERR_CERT_DATE_INVALIDx"), "");
  EXPECT_EQ(codes("the alert 4800 times"), "");
}

TEST(Explain, StarsStandForSomethingNear) {
  EXPECT_EQ(codes("x509: certificate is valid for a.example, not b.example"), "HF0213");
  EXPECT_EQ(codes("x509: certificate is valid for " + std::string(4000, 'x') + ", not b.example"), "");
}

TEST(Explain, NothingIsSaidHonestly) {
  for (const std::string_view what :
       {"", " ", "\n\n", "hello", "SSL", "certificate", "error", "404 Not Found", "curl: (22)"})
    EXPECT_EQ(codes(what), "") << what;
}

TEST(Explain, NamesWhatComesNear) {
  const auto nearest = [](std::string_view what) {
    const auto near = nearest_entries(what);
    return near.empty() ? std::string() : std::string(near.front()->code);
  };
  EXPECT_EQ(nearest("nmae_mismatch"), "HF0213");
  EXPECT_EQ(nearest("certifcate expired"), "HF0209");
  EXPECT_EQ(nearest("ERR_CERT_DATE_INVALD"), "HF0209");
  EXPECT_EQ(nearest("unkown ca"), "HF1048");
  EXPECT_EQ(nearest("qqqqqqqqqqqqqqqq"), "");
  EXPECT_EQ(nearest(""), "");
  EXPECT_LE(nearest_entries("certificate").size(), 3u);
}

TEST(Explain, BearsAnyInput) {
  const std::string nul("SSL_ERROR\0BAD_CERT_DOMAIN", 25);
  EXPECT_EQ(codes(nul), "HF0213");  // a NUL is punctuation like any other
  for (const std::string_view what :
       {"(((((((((", "[[[*+?{}\\^$|.()", "%s%n%x{}{0}", "\xff\xfe\xc0\xaf", "*", "**", "\\", "'\"`"})
    EXPECT_EQ(codes(what), "") << what;
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(codes(all), "");
}

/// Every text that makes the search begin over and over; megabytes of it are cut to max_explained first.
TEST(Explain, ItsWorkIsBounded) {
  std::vector<std::string> hostile = {std::string(8 << 20, 'a'), std::string(8 << 20, ' '), std::string(8 << 20, '\0')};
  for (const std::string_view piece : {"a ", "x509: certificate is valid for ", "lookup ", "alert number ", "hf",
                                       "error: ", "Failed to connect to ", "certificate "}) {
    std::string text;
    while (text.size() < 4 << 20) text += piece;
    hostile.push_back(std::move(text));
  }
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& text : hostile) {
    explain(text);
    nearest_entries(text);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start,
            std::chrono::seconds(20));  // far less: sanitizers, a busy machine
  // Past the limit nothing is read.
  EXPECT_EQ(codes(std::string(max_explained, '.') + " HF0213"), "");
  EXPECT_EQ(codes(std::string(max_explained - 100, '.') + " HF0213"), "HF0213");
}

TEST(Prose, KnowsWhatFlowsAndWhatIsToBeCopied) {
  const auto parts = blocks("One\ntwo.\n\nDo this:\n  a --b\n    c\n\n  d\nThen that.");
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[0].text, "One two.");
  EXPECT_FALSE(parts[0].is_verbatim);
  EXPECT_EQ(parts[2].text, "a --b\n  c");
  EXPECT_TRUE(parts[2].is_verbatim);
  EXPECT_EQ(parts[3].text, "d");
  EXPECT_EQ(parts[4].text, "Then that.");
  EXPECT_TRUE(blocks("").empty());
  EXPECT_EQ(prose(Style{}, "One\ntwo.\n\n  a --b", 2), "  One two.\n\n    a --b\n");
}

TEST(Explanation, KeepsToTheWidth) {
  const Style style{80, false, true};
  for (const Entry& entry : catalogue()) {
    const std::string whole = explanation_text(entry, style);
    for (std::string_view text = whole; !text.empty();) {
      const std::string_view line = text.substr(0, text.find('\n'));
      // What is to be copied is not broken; the rest keeps to the width.
      if (!line.starts_with("    ")) {
        EXPECT_LE(columns(line), style.width) << entry.code << ": " << line;
      }
      text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
  }
}

}  // namespace
}  // namespace handfast::doctor
