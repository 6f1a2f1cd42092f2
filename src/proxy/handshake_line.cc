// The line of a handshake.
#include "proxy/handshake_line.h"

#include <string>
#include <vector>

#include <handfast/clock.h>

#include "doctor/recording.h"
#include "doctor/resumption.h"
#include "doctor/verdict.h"
#include "net/endpoint.h"
#include "wire/grease.h"

namespace handfast::proxy {
namespace {

/// Of what a client offers so many are told.
constexpr std::size_t most_told = 16;

/// The names of those that have one: GREASE (RFC 8701) tells nothing of anybody.
template <typename List>
std::vector<std::string> names(const List& list) {
  std::vector<std::string> told;
  for (const auto each : list) {
    if (told.size() == most_told) break;
    if (!wire::is_grease(static_cast<std::uint16_t>(each))) told.emplace_back(name(each));
  }
  return told;
}

void add_offer(LogLine& line, const HelloReader& reader) {
  line.add("sni", reader.server_name());
  const wire::ClientHello& hello = reader.hello();
  if (hello.supported_versions)
    line.add("offered_versions", names(*hello.supported_versions));
  else
    line.add("offered_versions", std::vector<std::string>{std::string(name(hello.legacy_version))});
  if (hello.supported_groups) line.add("offered_groups", names(*hello.supported_groups));
  std::vector<std::string> protocols;
  if (hello.application_layer_protocol_negotiation)
    for (const wire::ProtocolName& protocol : *hello.application_layer_protocol_negotiation)
      if (protocols.size() < most_told) protocols.emplace_back(as_text(protocol.name));
  line.add("offered_alpn", protocols);
}

void add_agreement(LogLine& line, const ConnectionInfo& info, Side side) {
  if (info.version != ProtocolVersion{}) line.add("version", name(info.version));
  if (info.cipher_suite != CipherSuite{}) line.add("suite", name(info.cipher_suite));
  if (info.group != NamedGroup{}) line.add("group", name(info.group));
  line.add("alpn", info.application_protocol);
  line.add_yes("retried", info.retried);
  if (info.resumption != Resumption::none) line.add("resumed", doctor::words(info.resumption));
  if (side == Side::server && doctor::concerns_client(info.early_data))
    line.add("early_data", doctor::words(info.early_data));
  if (side == Side::server && info.peer_verified)
    if (const std::optional<Identity> client = info.peer_identity()) line.add("client", client->subject);
}

}  // namespace

void add_client_failure(LogLine& line, const NetError& error) {
  line.add("code", doctor::log_code(error)).add("error", doctor::log_line(error, Side::server));
}

void add_origin_failure(LogLine& line, const NetError& error, std::string_view host, std::uint16_t port) {
  doctor::Target target;
  target.host = host;
  target.port = port;
  target.now = system_clock().now();
  const doctor::Verdict verdict = doctor::judge(target, error, doctor::Recording());
  line.add("code", verdict.reference).add("error", verdict.summary);
}

void log_handshake(Log& log, const HandshakeSeen& seen) {
  LogLine line = log.line("handshake");
  line.add("way", seen.way)
      .add("side", seen.side == Side::server ? "client" : "origin")
      .add("peer", net::to_text(seen.peer));
  if (seen.origin != nullptr) line.add("origin", to_text(*seen.origin));
  if (seen.hello != nullptr && seen.hello->done()) add_offer(line, *seen.hello);
  if (seen.stream != nullptr) {
    add_agreement(line, seen.stream->info(), seen.side);
    line.add("bytes_in", seen.stream->bytes_received()).add("bytes_out", seen.stream->bytes_sent());
  }
  const auto took = std::chrono::steady_clock::now() - seen.began;
  line.add_milliseconds("ms", static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count()));
  if (seen.error != nullptr && seen.origin != nullptr)
    add_origin_failure(line, *seen.error, seen.origin->host, seen.origin->port);
  else if (seen.error != nullptr)
    add_client_failure(line, *seen.error);
  log.write(std::move(line));
}

}  // namespace handfast::proxy
