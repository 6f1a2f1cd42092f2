#include "proxy/tunnel_line.h"

#include "net/endpoint.h"
#include "proxy/handshake_line.h"

namespace handfast::proxy {
namespace {

LogLine begin(Log& log, const TunnelSeen& seen) {
  LogLine line = log.line("tunnel");
  line.add("way", seen.way).add("peer", net::to_text(seen.peer)).add("user", seen.user).add("sni", seen.sni);
  if (seen.origin != nullptr) line.add("origin", to_text(*seen.origin));
  if (!seen.address.address().is_unspecified()) line.add("address", net::to_text(seen.address));
  return line;
}

void add_time(LogLine& line, const TunnelSeen& seen) {
  const auto took = std::chrono::steady_clock::now() - seen.began;
  line.add_milliseconds("ms", static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count()));
}

}  // namespace

void log_tunnel(Log& log, const TunnelSeen& seen, const Relayed& moved) {
  LogLine line = begin(log, seen);
  line.add("bytes_in", moved.to_origin).add("bytes_out", moved.to_client);
  add_time(line, seen);
  if (moved.idle)
    line.add("error", "nothing came any more");
  else if (moved.error)
    line.add("failed", moved.origin_failed ? "origin" : "client").add("error", moved.error->message());
  log.write(std::move(line));
}

void log_refused_tunnel(Log& log, const TunnelSeen& seen, std::string_view reason) {
  LogLine line = begin(log, seen);
  add_time(line, seen);
  line.add("error", reason);
  log.write(std::move(line));
}

void log_unreached(Log& log, const TunnelSeen& seen, const NetError& error) {
  LogLine line = begin(log, seen);
  add_time(line, seen);
  if (seen.origin != nullptr) add_origin_failure(line, error, seen.origin->host, seen.origin->port);
  log.write(std::move(line));
}

}  // namespace handfast::proxy
