#include "proxy/request_line.h"

#include <utility>

#include "net/address.h"
#include "net/endpoint.h"
#include "proxy/handshake_line.h"

namespace handfast::proxy {
namespace {

std::uint64_t nanoseconds(std::chrono::nanoseconds time) { return static_cast<std::uint64_t>(time.count()); }

void add_failure(LogLine& line, const ExchangeRecord& record) {
  if (record.refused || record.error) line.add("failed", record.of_origin ? "origin" : "client");
  if (record.refused)
    line.add("refused", http::name(*record.refused)).add("error", http::describe(*record.refused));
  else if (record.error && record.of_origin) {
    const Result<net::HostPort> origin = net::parse_host_port(record.upstream, 0);
    add_origin_failure(line, *record.error, origin ? origin->host : record.upstream, origin ? origin->port : 0);
  } else if (record.error) {
    add_client_failure(line, *record.error);
  } else {
    line.add("error", record.problem);
  }
}

}  // namespace

void log_request(Log& log, const RequestSeen& seen, const ExchangeRecord& record) {
  LogLine line = log.line("request");
  line.add("way", seen.way)
      .add("peer", net::to_text(seen.peer))
      .add("user", seen.user)
      .add("scheme", seen.scheme)
      .add("host", record.host)
      .add("method", record.method)
      .add("target", record.target);
  if (record.status != 0) line.add("status", std::uint64_t{record.status});
  line.add("upstream", record.upstream)
      .add_yes("answered_here", record.answered_here)
      .add_yes("reused", record.reused)
      .add_yes("retried", record.retried)
      .add_yes("early_data", record.early_data)
      .add("upgraded", record.upgraded);
  if (seen.rule != 0) line.add("rule", std::uint64_t{seen.rule});
  line.add("bytes_in", record.request_bytes)
      .add("bytes_out", record.response_bytes)
      .add_milliseconds("answer_ms", nanoseconds(record.until_answer))
      .add_milliseconds("ms", nanoseconds(record.duration));
  add_failure(line, record);
  log.write(std::move(line));
}

}  // namespace handfast::proxy
