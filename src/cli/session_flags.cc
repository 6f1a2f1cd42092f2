#include "cli/session_flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace handfast::cli {
namespace {

constexpr std::int64_t longest_lifetime = 7 * 24 * 3600;  // RFC 8446, section 4.6.1

std::unexpected<Error> bad_flag(std::string option, std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", std::move(option))
                  .with("problem", std::move(problem)));
}

}  // namespace

void add_session_flags(CLI::App& command, SessionFlags& flags) {
  command
      .add_option("--tickets", flags.tickets,
                  "Tickets that a client of TLS 1.3 is given after a full handshake, to resume its session with; 0: no "
                  "session is resumed, in any version")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, 16).description(""));
  command
      .add_option("--ticket-lifetime", flags.lifetime,
                  "Seconds for which a session may be resumed, up to seven days; 7200 if it is not given")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{1}, longest_lifetime).description(""));
  command
      .add_option(
          "--early-data", flags.early_data,
          "Take up to BYTES with a resumed client's first flight (0-RTT), each flight once. Who sees one on its "
          "way can still hold it back and be first: only GET and HEAD are answered before the handshake is over")
      ->type_name("BYTES")
      ->check(CLI::Range(1, 1 << 20).description(""));
}

Result<> apply(const SessionFlags& flags, ServerOptions& options) {
  if (flags.tickets == 0) {
    if (flags.lifetime) return bad_flag("--ticket-lifetime", "it is of no use with --tickets 0");
    if (flags.early_data)
      return bad_flag("--early-data", "it comes with a session that is resumed; not with --tickets 0");
    options.sessions.tickets = 0;
    return {};
  }
  if (flags.early_data && options.max_version < ProtocolVersion::tls1_3)
    return bad_flag("--early-data", "there is none before TLS 1.3, which --tls leaves out");
  ServerSessions& sessions = options.sessions;
  sessions.tickets = static_cast<std::uint8_t>(flags.tickets);
  if (flags.lifetime) sessions.lifetime = *flags.lifetime;
  RotatingTicketKeys::Options keys;
  keys.ticket_lifetime = std::max(keys.ticket_lifetime, sessions.lifetime);
  sessions.ticket_keys = std::make_shared<RotatingTicketKeys>(keys);
  // For clients of TLS 1.2 that take no tickets.
  sessions.store = std::make_shared<MemorySessionStore>();
  if (!flags.early_data) return {};
  sessions.max_early_data = *flags.early_data;
  sessions.strike_register = std::make_shared<StrikeRegister>(system_clock().now_milliseconds());
  return {};
}

}  // namespace handfast::cli
