#include "doctor/lab/tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <utility>

#include "doctor/style.h"

namespace handfast::doctor::lab {
namespace {

using Words = std::vector<std::string>;

/// What can be said of a place to any program.
struct Facts {
  const Place& place;
  std::string address;  ///< "127.0.0.1:PORT"; of a name without an address "NAME:PORT"
  std::string host_port;
  std::string url;
  std::string ca, cert, key;
  bool has_name;           ///< the host is no address
  bool resolves;           ///< and has one
  bool shows_certificate;  ///< the scenario has the client show one, a good one
};

Facts facts_of(const Lab& lab, const Place& place) {
  const std::string_view arguments = place.scenario->arguments;
  const bool resolves = place.scenario->reach != Reach::nameless;
  const std::string host_port = fmt::format("{}:{}", place.host, place.port);
  return {.place = place,
          .address = resolves ? fmt::format("127.0.0.1:{}", place.port) : host_port,
          .host_port = host_port,
          .url = fmt::format("https://{}/", host_port),
          // A certificate that is pinned is the one thing that others can be told to trust in its place.
          .ca = arguments.find("/pinned.pem") != std::string_view::npos ? lab.path("pinned.pem") : lab.ca(),
          .cert = lab.path("client.pem"),
          .key = lab.path("client.key"),
          .has_name = place.host != "127.0.0.1",
          .resolves = resolves,
          .shows_certificate = arguments.find("/client.pem") != std::string_view::npos};
}

void append(Words& out, std::initializer_list<std::string> words) { out.insert(out.end(), words); }

void curl(const Facts& f, Words& out) {
  append(out, {"--silent", "--show-error", "--noproxy", "*", "--max-time", "4", "--output", "/dev/null"});
  append(out, {"--cacert", f.ca});
  if (f.resolves && f.has_name) append(out, {"--resolve", f.host_port + ":127.0.0.1"});
  if (f.shows_certificate) append(out, {"--cert", f.cert, "--key", f.key});
  out.push_back(f.url);
}

void openssl(const Facts& f, Words& out) {
  if (out.size() == 1) out.emplace_back("s_client");
  append(out, {"-connect", f.address, "-CAfile", f.ca, "-verify_return_error", "-brief"});
  append(out, f.has_name
                  ? std::initializer_list<std::string>{"-servername", f.place.host, "-verify_hostname", f.place.host}
                  : std::initializer_list<std::string>{"-noservername", "-verify_ip", f.place.host});
  if (f.shows_certificate) append(out, {"-cert", f.cert, "-key", f.key});
}

void gnutls(const Facts& f, Words& out) {
  append(out, {"--x509cafile", f.ca, "--port", std::to_string(f.place.port)});
  if (f.has_name) append(out, {"--sni-hostname=" + f.place.host, "--verify-hostname=" + f.place.host});
  if (f.shows_certificate) append(out, {"--x509certfile", f.cert, "--x509keyfile", f.key});
  out.push_back(f.resolves ? "127.0.0.1" : f.place.host);
}

void sslscan(const Facts& f, Words& out) {
  append(out, {"--no-colour", "--timeout=2", "--connect-timeout=2"});
  if (f.has_name) out.push_back("--sni-name=" + f.place.host);
  if (f.shows_certificate) append(out, {"--certs=" + f.cert, "--pk=" + f.key});
  out.push_back(f.address);
}

void testssl(const Facts& f, Words& out) {
  // What the server says of itself alone: the whole takes minutes.
  append(out, {"--quiet", "--color", "0", "--warnings", "batch", "--connect-timeout", "2", "--openssl-timeout", "2"});
  append(out, {"--add-ca", f.ca, "-S"});
  if (f.resolves) append(out, {"--ip", "127.0.0.1"});
  out.push_back(f.host_port);
}

struct Tool {
  std::string_view name;
  void (*arguments)(const Facts&, Words&);
  std::chrono::seconds patience;
  /// What is in the lines that say most, the best first.
  std::array<std::string_view, 6> telling;
  /// What its words come to where there is none of those; empty: the last line speaks for them.
  std::string_view otherwise{};
};

using std::chrono::seconds;

constexpr std::array<std::string_view, 6> testssl_tells{"doesn't seem",   "Fatal error", "Oops",
                                                        "does not match", "no SAN",      "Chain of trust"};

constexpr Tool tools[] = {
    {"curl", curl, seconds(8), {"curl: ("}},
    {"openssl",
     openssl,
     seconds(6),
     {"Verification error", "verify error", ":error:", "connect:", "Verification: OK", "errno"}},
    {"gnutls-cli",
     gnutls,
     seconds(6),
     {"- Status: The certificate is NOT", "*** Fatal error", "Cannot", "Could not", "- Handshake was completed"}},
    {"sslscan",
     sslscan,
     seconds(30),
     {"ERROR", "Could not", "Certificate information cannot"},
     "shows versions, suites and the certificate, without a verdict"},
    {"testssl", testssl, seconds(180), testssl_tells},
    {"testssl.sh", testssl, seconds(180), testssl_tells},
};

const Tool* tool_of(std::string_view program) {
  const std::string name = std::filesystem::path(program).filename().string();
  const auto* found = std::ranges::find(tools, name, &Tool::name);
  return found == std::end(tools) ? nullptr : found;
}

/// Fills in all that stands in braces; gives whether there was any.
bool fill_in(std::string& word, const Facts& f) {
  const std::pair<std::string_view, std::string> known[] = {
      {"{url}", f.url},         {"{host}", f.place.host}, {"{port}", std::to_string(f.place.port)},
      {"{address}", f.address}, {"{ca}", f.ca},           {"{cert}", f.cert},
      {"{key}", f.key}};
  bool any = false;
  for (const auto& [name, value] : known)
    for (std::size_t at = 0; (at = word.find(name, at)) != std::string::npos; at += value.size()) {
      word.replace(at, name.size(), value);
      any = true;
    }
  return any;
}

/// Lines without blanks at their ends, those that hold something.
std::vector<std::string_view> lines_of(std::string_view output) {
  std::vector<std::string_view> out;
  while (!output.empty()) {
    std::string_view line = output.substr(0, output.find('\n'));
    output.remove_prefix(std::min(line.size() + 1, output.size()));
    constexpr std::string_view blanks = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (const std::size_t end = line.find_last_not_of(blanks); end != std::string_view::npos)
      out.push_back(line.substr(0, end + 1));
  }
  return out;
}

/// OpenSSL's lines of its error queue begin with a thread and a number and end with where that is in its sources:
/// "40B7...:error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/...:1883:"
std::string_view without_places(std::string_view line) {
  const std::size_t error = line.find(":error:");
  if (error == std::string_view::npos) return line;
  line.remove_prefix(error + 1);
  const std::size_t sources = line.find(":../");
  return line.substr(0, sources);
}

}  // namespace

std::vector<std::string> command_at(const Lab& lab, const Place& place, const std::vector<std::string>& command) {
  const Facts facts = facts_of(lab, place);
  Words out = command;
  bool filled_in = false;
  for (std::string& word : out) filled_in = fill_in(word, facts) || filled_in;
  if (filled_in) return out;
  if (const Tool* tool = tool_of(command.front()))
    tool->arguments(facts, out);
  else
    out.push_back(facts.host_port);
  return out;
}

std::chrono::milliseconds patience_for(std::string_view program) {
  constexpr seconds for_others{10};
  const Tool* tool = tool_of(program);
  return tool != nullptr ? tool->patience : for_others;
}

std::string telling_line(std::string_view program, std::string_view output) {
  constexpr std::size_t shown = 160;
  const std::vector<std::string_view> lines = lines_of(output);
  if (lines.empty()) return {};
  if (const Tool* tool = tool_of(program)) {
    for (const std::string_view telling : tool->telling) {
      if (telling.empty()) break;
      for (const std::string_view line : lines)
        if (line.find(telling) != std::string_view::npos) return printable_utf8(without_places(line), shown);
    }
    if (!tool->otherwise.empty()) return std::string(tool->otherwise);
  }
  return printable_utf8(lines.back(), shown);
}

}  // namespace handfast::doctor::lab
