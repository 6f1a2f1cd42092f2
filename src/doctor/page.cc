#include "doctor/page.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/html/html.h"
#include "doctor/json.h"
#include "doctor/ladder.h"
#include "doctor/message.h"
#include "doctor/resumption.h"
#include "doctor/style.h"
#include "doctor/verdict.h"
#include "http/static_files.h"

namespace handfast::doctor {
namespace {

using Row = std::pair<std::string, std::string>;

std::string session_row(const ConnectionInfo& info, const Recording& recording) {
  if (info.resumption != Resumption::none) return fmt::format("resumed {}", words(info.resumption));
  const SessionRefusal refusal = session_refusal(recording);
  return refusal == SessionRefusal::none ? "a new one"
                                         : fmt::format("a new one; yours was not resumed: {}", words(refusal));
}

/// What was agreed on, seen from the server.
std::vector<Row> rows(const http::Peer& peer, const Recording& recording) {
  const ConnectionInfo& info = peer.connection.info();
  std::vector<Row> out = {
      {"you", peer.address},
      {"version", name(info.version)},
      {"cipher suite", name(info.cipher_suite)},
      {"group", (std::to_underlying(info.group) != 0 ? name(info.group) : "none: the session's secret alone") +
                    (info.retried ? ", after a HelloRetryRequest" : "")},
      {"server name", info.server_name.empty() ? "none was sent" : printable(info.server_name)},
      {"protocol", info.application_protocol.empty() ? "none (no ALPN)" : printable(info.application_protocol)},
      {"our signature", std::to_underlying(info.own_signature_scheme) != 0 ? name(info.own_signature_scheme)
                                                                           : "none: the session's key is our proof"},
      {"session", session_row(info, recording)}};
  if (info.early_data != EarlyData::disabled) out.emplace_back("early data", words(info.early_data));
  for (const std::string_view weakness : weaknesses(info)) out.emplace_back("weak", weakness);
  if (!info.peer_raw_public_key.empty())
    out.emplace_back("your public key",
                     SpkiPin::of(info.peer_raw_public_key).text() + (info.peer_verified ? ", known" : ", not known"));
  else if (info.peer_certificates.empty())
    out.emplace_back("your certificate", "none");
  else
    out.emplace_back("your certificate", summarize(info.peer_certificates.front()).subject +
                                             (info.peer_verified ? ", verified" : ", not verified"));
  if (const std::optional<Identity> identity = info.peer_identity())
    for (const std::string& term : identity->terms()) out.emplace_back("you are", printable(term));
  return out;
}

std::string text_page(const http::Peer& peer, const Recording& recording) {
  std::string out = "Your TLS handshake with this server:\n\n";
  for (const auto& [label, value] : rows(peer, recording)) out += fmt::format("  {:<18}{}\n", label, value);
  return out + '\n' + ladder(recording, Style{});
}

std::string html_page(const http::Peer& peer, const Recording& recording) {
  std::string table;
  for (const auto& [label, value] : rows(peer, recording))
    table += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", escape(label), escape(value));
  return fmt::format(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your TLS handshake</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font-family: system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }}
th {{ text-align: left; font-weight: normal; opacity: .7; padding-right: 1.5rem; }}
pre {{ overflow-x: auto; line-height: 1.25; font-size: .85rem; }}
</style>
</head>
<body>
<h1>Your TLS handshake</h1>
<p>This is what your client and this server have just done to talk in private.</p>
<table>
{}</table>
<pre>{}</pre>
</body>
</html>
)",
                     table, escape(ladder(recording, Style{})));
}

std::string json_page(const http::Peer& peer, const Recording& recording) {
  nlohmann::ordered_json out = {{"schema", "handfast/handshake/1"}, {"peer", peer.address}};
  out["connection"] = info_json(peer.connection.info());
  out["ladder"] = ladder_json(recording);
  return dump(out);
}

}  // namespace

http::Response handshake_page(const http::Request& request, const Recording& recording) {
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response response = http::text_response(405, "Only GET and HEAD are answered here.");
    response.fields.push_back({"Allow", "GET, HEAD"});
    return response;
  }
  if (request.target != "/" && !request.target.starts_with("/?"))
    return http::text_response(404, "There is only one page here, at /.");
  const Recording shown = recording.redacted();
  const std::string_view accept = request.field("Accept");
  http::Response response;
  response.fields = {{"Cache-Control", "no-store"}, {"Vary", "Accept"}, {"X-Content-Type-Options", "nosniff"}};
  if (accept.find("text/html") != std::string_view::npos) {
    response.fields.push_back({"Content-Type", "text/html; charset=utf-8"});
    response.fields.push_back({"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"});
    response.body = html_page(request.peer, shown);
  } else if (accept.find("application/json") != std::string_view::npos) {
    response.fields.push_back({"Content-Type", "application/json"});
    response.body = json_page(request.peer, shown);
  } else {
    response.fields.push_back({"Content-Type", "text/plain; charset=utf-8"});
    response.body = text_page(request.peer, shown);
  }
  return response;
}

}  // namespace handfast::doctor
