#include "proxy/ca_page.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "crypto/hash.h"
#include "doctor/html/html.h"
#include "x509/certificate.h"
#include "x509/name.h"
#include "x509/pem.h"

namespace handfast::proxy {
namespace {

using doctor::Html;

constexpr std::string_view style_sheet = R"css(
:root { color-scheme: light dark; --paper: #faf9f6; --card: #fff; --ink: #1e2126; --quiet: #575d69; --line: #e1ded6;
  --accent: #0a6b5b; --soft: #e0f2ed; --warn: #845400; --warn-soft: #fcf3df; }
@media (prefers-color-scheme: dark) { :root { --paper: #131519; --card: #1b1e24; --ink: #e4e4e0; --quiet: #a3a9b5;
  --line: #30353f; --accent: #6cd0bb; --soft: #11312b; --warn: #e6bb67; --warn-soft: #2a2312; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 46rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1, h2 { font-family: "Iowan Old Style", Palatino, Georgia, "DejaVu Serif", serif; line-height: 1.25;
  text-wrap: balance; }
h1 { margin: 0; font-size: 2rem; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.4rem; }
p { margin: .6rem 0; }
.kicker { margin: 0; color: var(--quiet); }
.warning { padding: .75rem 1rem; border-radius: 10px; background: var(--warn-soft); color: var(--warn); }
.get { display: inline-block; margin: .5rem .75rem .5rem 0; padding: .55rem 1.25rem; border-radius: 999px;
  background: var(--accent); color: var(--paper); font-weight: 600; text-decoration: none; }
.get.second { background: none; color: var(--accent); border: 1px solid var(--accent); }
a { color: var(--accent); text-underline-offset: .15em; }
dl { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: .3rem 1rem; margin: 1rem 0; padding: 1rem 1.25rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
dt { color: var(--quiet); }
dd { margin: 0; }
pre, .print { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .85rem; }
pre { margin: .6rem 0; padding: .6rem .9rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  overflow-x: auto; white-space: pre-wrap; }
details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { padding: .7rem 0; font-weight: 600; cursor: pointer; }
details > :not(summary) { margin-left: 1.1rem; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .35rem 1rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td:first-child { min-width: 12rem; }
td:last-child { min-width: 13rem; }
th { color: var(--quiet); font-weight: 400; font-size: .875rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
)css";

/// How it is done somewhere. What is to be typed stands in lines of its own, which begin with "$ ".
struct Guide {
  std::string_view where;
  std::span<const std::string_view> steps;
};

constexpr std::string_view windows[] = {
    "Open handfast-ca.crt, choose Install Certificate, Current User, and “Place all certificates in the following "
    "store”: "
    "Trusted "
    "Root Certification Authorities. Or in a terminal:",
    "$ certutil -user -addstore Root handfast-ca.crt",
    "Chrome and Edge follow at once; Firefox does too, unless security.enterprise_roots.enabled is off.",
};
constexpr std::string_view macos[] = {
    "$ security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db handfast-ca.crt",
    "Or open handfast-ca.crt, find it in Keychain Access, and under Trust choose Always Trust. Safari and Chrome "
    "follow at "
    "once.",
};
constexpr std::string_view linux_[] = {
    "Debian, Ubuntu:",
    "$ sudo cp handfast-ca.crt /usr/local/share/ca-certificates/handfast.crt && sudo update-ca-certificates",
    "Fedora, RHEL:",
    "$ sudo cp handfast-ca.crt /etc/pki/ca-trust/source/anchors/handfast.crt && sudo update-ca-trust",
    "Chrome and Chromium have a store of their own (certutil is in libnss3-tools):",
    "$ certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n handfast -i handfast-ca.crt",
};
constexpr std::string_view firefox[] = {
    "Settings, Privacy & Security, Certificates: View Certificates, Authorities, Import. Choose handfast-ca.crt and "
    "“Trust this "
    "CA "
    "to identify websites”.",
};
constexpr std::string_view ios[] = {
    "Open this page in Safari and download handfast-ca.crt. Then Settings, Profile Downloaded, Install.",
    "It counts only when it is switched on as well: Settings, General, About, Certificate Trust Settings.",
};
constexpr std::string_view android[] = {
    "Download handfast-ca.crt. Then Settings, Security, Encryption & credentials, Install a certificate, CA "
    "certificate.",
    "Browsers trust it from then on. Most other apps do not, unless they say so in their network_security_config.",
};
constexpr std::string_view programs[] = {
    "Many take the file from an option or from their environment:",
    "$ curl --cacert handfast-ca.crt https://example.com/",
    "$ export SSL_CERT_FILE=$PWD/handfast-ca.crt        # OpenSSL, Python, Go: in place of all others",
    "$ export NODE_EXTRA_CA_CERTS=$PWD/handfast-ca.crt  # Node.js",
    "$ export REQUESTS_CA_BUNDLE=$PWD/handfast-ca.crt   # Python requests",
    "Java keeps its own store:",
    "$ keytool -importcert -cacerts -storepass changeit -alias handfast -file handfast-ca.crt",
};
constexpr Guide guides[] = {{"Windows", windows},
                            {"macOS", macos},
                            {"Linux", linux_},
                            {"Firefox", firefox},
                            {"iPhone and iPad", ios},
                            {"Android", android},
                            {"curl, Python, Node.js, Java", programs}};

void write_head(Html& out) {
  const auto head = out.open("head");
  out.markup(
      "<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">");
  out.add("title", "", "Trust this proxy");
  const auto style = out.open("style");
  out.markup(style_sheet);
}

void write_row(Html& out, std::string_view what, std::string_view value, std::string_view classes = {}) {
  out.add("dt", "", what);
  out.add("dd", classes, value);
}

void write_certificate(Html& out, Bytes der) {
  out.add("a", "get", "Download handfast-ca.crt", {{"href", "/ca.crt"}});
  out.add("a", "get second", "The same in DER", {{"href", "/ca.der"}});
  const Result<x509::CertificateView> certificate = x509::parse_certificate(der);
  if (!certificate) return;
  const auto list = out.open("dl");
  write_row(out, "Authority", x509::name_text(certificate->subject));
  write_row(out, "Valid until", x509::time_text(certificate->not_after));
  write_row(out, "SHA-256", fingerprint(der), "print");
}

void write_guides(Html& out) {
  out.add("h2", "", "Where it goes");
  for (const Guide& guide : guides) {
    const auto details = out.open("details");
    out.add("summary", "", guide.where);
    for (const std::string_view step : guide.steps) {
      const bool typed = step.starts_with("$ ");
      out.add(typed ? "pre" : "p", "", step);
    }
  }
}

void write_passes(Html& out, const CaPage& facts) {
  out.add("h2", "", "Hosts that are not looked into");
  std::size_t own = 0;
  for (const PinnedHosts::Pass& pass : facts.passes) own += pass.client == facts.client ? 1 : 0;
  if (facts.passthrough.empty() && own == 0) {
    out.add("p", "", "None: every host is looked into.");
    return;
  }
  out.add("p", "", "With these you speak directly: the proxy carries the bytes and reads nothing of them.");
  const auto table = out.open("table");
  {
    const auto row = out.open("tr");
    for (const char* title : {"Host", "Why", "Until"}) out.add("th", "", title);
  }
  for (const std::string& host : facts.passthrough) {
    const auto row = out.open("tr");
    out.add("td", "", host);
    out.add("td", "", "the configuration says so");
    out.add("td", "", "");
  }
  for (const PinnedHosts::Pass& pass : facts.passes) {
    if (pass.client != facts.client) continue;
    const auto row = out.open("tr");
    out.add("td", "", pass.host);
    out.add("td", "", "your client refused this proxy’s certificate several times");
    out.add("td", "", x509::time_text(pass.until));
  }
}

std::string html(const CaPage& facts) {
  Html out;
  out.markup("<!doctype html>\n");
  {
    const auto page = out.open("html", "", {{"lang", "en"}});
    write_head(out);
    const auto body = out.open("body");
    out.add("p", "kicker", "Handfast, an intercepting proxy");
    out.add("h1", "", "Trust this proxy");
    out.add("p", "",
            "Your connections come through a proxy that looks into TLS. It shows you certificates of its own, which "
            "your browser refuses until it trusts the authority that signs them. Each is made only after the real host "
            "was verified, and a host that fails is shown as failing.");
    out.add("p", "warning",
            "Whoever has the key of this authority can read all that you send. Trust it only if the proxy is yours, or "
            "you know whose it is, and take it out again afterwards. Compare the fingerprint below with the one that "
            "the proxy showed when it was started: this page itself came without TLS.");
    write_certificate(out, facts.certificate);
    write_guides(out);
    write_passes(out, facts);
  }
  out.markup("\n");
  return out.take();
}

http::Response answer(unsigned status, std::string_view type, std::string body) {
  http::Response response;
  response.status = status;
  response.fields.push_back({"Content-Type", std::string(type)});
  response.fields.push_back({"Cache-Control", "no-store"});
  response.fields.push_back({"X-Content-Type-Options", "nosniff"});
  response.fields.push_back({"Content-Security-Policy",
                             "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
                             "frame-ancestors 'none'"});
  response.body = std::move(body);
  return response;
}

http::Response certificate_file(std::string_view name, std::string content) {
  http::Response response = answer(200, "application/x-x509-ca-cert", std::move(content));
  response.fields.push_back({"Content-Disposition", fmt::format("attachment; filename=\"{}\"", name)});
  return response;
}

}  // namespace

std::string fingerprint(Bytes certificate) {
  const crypto::Digest digest = crypto::Hash::of(crypto::HashAlgorithm::sha256, certificate);
  std::string out;
  for (const std::uint8_t byte : digest.view()) out += fmt::format("{}{:02X}", out.empty() ? "" : ":", byte);
  return out;
}

http::Response ca_page(const CaPage& facts, std::string_view method, std::string_view path) {
  if (method != "GET" && method != "HEAD") {
    http::Response refused = answer(405, "text/plain; charset=utf-8", "This page is only to be read.\n");
    refused.fields.push_back({"Allow", "GET, HEAD"});
    return refused;
  }
  path = path.substr(0, path.find('?'));
  if (path == "/") return answer(200, "text/html; charset=utf-8", html(facts));
  if (path == "/ca.crt") return certificate_file("handfast-ca.crt", x509::encode_pem("CERTIFICATE", facts.certificate));
  if (path == "/ca.der") return certificate_file("handfast-ca.der", std::string(as_text(facts.certificate)));
  return answer(404, "text/plain; charset=utf-8", "There is no such page: see http://handfast.ca/\n");
}

}  // namespace handfast::proxy
