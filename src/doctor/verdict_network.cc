// Verdicts on the way there: no address, no TCP connection, one that was broken off or fell silent.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/error.hpp>

#include <utility>

#include "doctor/cases.h"

namespace handfast::doctor {
namespace {

namespace asio = boost::asio;

Verdict not_resolved(const Target& target, const NetError& error) {
  const boost::system::error_code code = error.transport();
  Verdict v;
  v.set(Finding::name_not_resolved);
  v.expected = "an A or AAAA record";
  v.found = printable_utf8(code.message());
  if (code == asio::error::host_not_found_try_again || error.timed_out()) {
    // The name may exist: nobody has said that it does not.
    v.summary = fmt::format("No DNS server could be asked for the address of {}.", target.host);
    v.fault = Fault::path;
    v.advice = {"Look at this machine's network and its resolver: cat /etc/resolv.conf, resolvectl status",
                fmt::format("Whether another resolver answers: dig @9.9.9.9 {}", shell_word(target.host))};
    return v;
  }
  v.summary = fmt::format("The name {} has no address.", target.host);
  v.fault = Fault::client;
  v.confidence = Confidence::likely;
  v.advice = {
      fmt::format("Check the spelling. What this machine's resolver says: getent ahosts {}", shell_word(target.host)),
      "If it is right, whoever looks after that domain must add an A or AAAA record."};
  return v;
}

Verdict not_connected(const Target& target, const NetError& error) {
  const std::string peer = target.text();
  const boost::system::error_code code = error.transport();
  Verdict v;
  v.found = fmt::format("{} at {}", printable_utf8(code.message()), fmt::join(target.tried, ", "));
  v.expected = "a TCP connection";
  if (code == asio::error::connection_refused) {
    v.set(Finding::tcp_refused);
    v.fault = Fault::server;
    v.confidence = Confidence::likely;
    v.summary = fmt::format("Nothing listens on {}.", peer);
    v.advice = {"Check the port, and that the server runs (there: ss -ltnp).",
                "A firewall that rejects looks the same."};
  } else if (error.timed_out()) {
    v.set(Finding::tcp_timed_out);
    v.fault = Fault::path;
    v.confidence = Confidence::possible;
    v.summary = fmt::format("{} does not answer.", peer);
    v.advice = {"The host is down, or a firewall on the way drops the packets without a word."};
  } else {
    v.set(Finding::tcp_failed);
    v.fault = Fault::path;
    v.confidence = Confidence::likely;
    v.summary = fmt::format("There is no TCP connection to {}.", peer);
    v.advice = {"Check the address, and whether this machine has a route to it: ip route get ADDRESS"};
  }
  return v;
}

}  // namespace

Verdict judge_network(const Target& target, const NetError& error) {
  Verdict v = error.stage() == Stage::resolve ? not_resolved(target, error) : not_connected(target, error);
  v.exit_code = ExitCode::network;
  return v;
}

Verdict judge_cut(const Target& target, const NetError& error, const Recording& recording) {
  const std::string peer = target.text();
  const bool silent = target.bytes_received == 0;
  const bool done = recording.completed();
  const std::string_view when = done     ? "after the handshake"
                                : silent ? "after our ClientHello"
                                         : "in the middle of the handshake";
  Verdict v;
  v.exit_code = ExitCode::transport;
  v.confidence = Confidence::possible;
  v.expected = done ? "an answer" : silent ? "a ServerHello" : "the rest of the handshake";
  if (error.timed_out()) {
    v.set(Finding::timed_out);
    v.summary = silent ? fmt::format("{} took the TCP connection and says nothing.", peer)
                : done ? fmt::format("{} did not answer in time after the handshake.", peer)
                       : fmt::format("{} did not finish the handshake in time.", peer);
    v.found = silent ? "not one byte within the time-out"
                     : fmt::format("{} bytes in all when the time was over", target.bytes_received);
    if (silent) v.advice = {"The port may not speak TLS, or wait for a command first (mail servers: STARTTLS)."};
    v.advice.emplace_back("If the server is only slow, give it longer: --timeout 60");
    return v;
  }
  v.set(Finding::reset);
  v.summary = fmt::format("{} broke the connection {}.", peer, when);
  v.found = printable_utf8(error.transport().message()) + ", and no alert that says why";
  if (silent)
    v.advice = {fmt::format("A firewall, or a server that does not know the name that was sent ({}), may do so: try "
                            "--sni NAME, or from another network.",
                            target.server_name),
                "Or the port does not speak TLS."};
  else
    v.advice = {"The server's log may say why."};
  return v;
}

}  // namespace handfast::doctor
