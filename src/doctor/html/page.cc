#include "doctor/html/page.h"

#include <fmt/format.h>

#include <string_view>

#include "crypto/hash.h"
#include "doctor/html/assets.h"
#include "doctor/html/html.h"
#include "doctor/html/sequence.h"
#include "doctor/html/verdict_view.h"
#include "x509/certificate.h"
#include "x509/pem.h"

namespace handfast::doctor {
namespace {

/// What a Content-Security-Policy calls a text that may be run or applied.
std::string policy_source(std::string_view text) {
  const crypto::Digest digest = crypto::Hash::of(crypto::HashAlgorithm::sha256, as_bytes(text));
  return "'sha256-" + x509::encode_base64(digest.view()) + "'";
}

void write_head(Html& out, const std::string& title) {
  const auto head = out.open("head");
  out.markup("<meta charset=\"utf-8\">");
  const auto meta = [&](std::string_view key, std::string_view name, std::string_view content) {
    out.markup(fmt::format("<meta {}=\"{}\" content=\"{}\">", key, name, escape(content)));
  };
  meta("http-equiv", "Content-Security-Policy",
       fmt::format("default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
                   policy_source(style_sheet), policy_source(script)));
  meta("name", "viewport", "width=device-width, initial-scale=1");
  meta("name", "color-scheme", "light dark");
  meta("name", "referrer", "no-referrer");
  out.add("title", "", title);
  const auto style = out.open("style");
  out.markup(style_sheet);
}

void write_introduction(Html& out, Secrets secrets) {
  const auto section = out.open("section", "introduction");
  out.add(
      "p", "",
      "This is one connection as it happened. The client's words stand on the left, the server's on the right, and "
      "time goes downwards; between them stands what both sides computed. Every message can be unfolded down to its "
      "bytes, and so can the records that it travelled in, as they were on the wire and as they read.");
  {
    const auto list = out.open("ul", "legend");
    out.add("li", "client", "the client's");
    out.add("li", "server", "the server's");
    out.add("li", "sealed", "encrypted");
    out.add("li", "keys", "keys");
  }
  if (secrets == Secrets::shown)
    out.add("p", "warning",
            "This page holds the secrets of the connection: whoever has it can read what was recorded of it.");
}

void write_top(Html& out, const Report& report, const Probing& probing) {
  const auto header = out.open("header", "top");
  out.add("p", "kicker", "TLS handshake");
  out.add("h1", "", report.target.text());
  out.add("p", "when", x509::time_text(report.target.now));
  write_verdict(out, report.verdict);
  write_probes(out, probing);
  if (report.attempts.size() < 2) return;
  const auto list = out.open("ul", "attempts");
  for (const ProbeAttempt& attempt : report.attempts)
    out.add("li", "", attempt.address + ": " + (attempt.error.empty() ? "connected" : attempt.error));
}

void write_main(Html& out, const Report& report, const Recording& recording, Secrets secrets) {
  const auto main = out.open("main");
  if (recording.completed()) {
    const auto section = out.open("section", "agreed");
    out.add("h2", "", "What was agreed");
    write_agreement(out, report);
  }
  if (recording.steps().empty()) return out.add("p", "aside", "There was no TLS to be shown: it did not come so far.");
  out.add("h2", "", "What was said");
  write_introduction(out, secrets);
  const auto rails = out.open("div", "rails");
  {
    const auto ends = out.open("div", "ends");
    out.add("b", "client", "client");
    out.add("b", "server", "server");
  }
  write_sequence(out, recording, report.verdict);
}

}  // namespace

std::string html_page(const Report& report, const Probing& probing, Secrets secrets) {
  const Recording recording = secrets == Secrets::shown ? report.recording : report.recording.redacted();
  Html out;
  out.markup("<!doctype html>\n");
  {
    const auto html = out.open("html", "", {{"lang", "en"}});
    write_head(out, "TLS handshake with " + report.target.text());
    const auto body = out.open("body");
    write_top(out, report, probing);
    write_main(out, report, recording, secrets);
    out.add("footer", "",
            secrets == Secrets::shown
                ? "Made by handfast connect --html --keys."
                : "Made by handfast connect --html. It holds neither secrets nor application data.");
    const auto element = out.open("script");
    out.markup(script);
  }
  out.markup("\n");
  return out.take();
}

}  // namespace handfast::doctor
