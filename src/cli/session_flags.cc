#include "cli/session_flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "crypto/cipher_suite.h"

namespace handfast::cli {
namespace {

constexpr std::int64_t longest_lifetime = 7 * 24 * 3600;  // RFC 8446, section 4.6.1

std::unexpected<Error> bad_flag(std::string option, std::string problem, std::string remedy) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", std::move(option))
                  .with("problem", std::move(problem))
                  .with("remedy", std::move(remedy)));
}

}  // namespace

void add_session_flags(CLI::App& command, SessionFlags& flags) {
  command
      .add_option("--tickets", flags.tickets,
                  "Tickets that a client of TLS 1.3 is given after a full handshake, to resume its session with, 0 to "
                  "16; 0: no session is resumed, in any version")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, 16).description(""));
  command
      .add_option("--ticket-lifetime", flags.lifetime,
                  "Seconds for which a session may be resumed, 1 to 604800 (seven days); 7200 if it is not given")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{1}, longest_lifetime).description(""));
  command
      .add_option(
          "--early-data", flags.early_data,
          "Take up to BYTES (1 to 1048576) with a resumed client's first flight (0-RTT), each flight once. Who sees "
          "one on its way can still hold it back and be first: only GET and HEAD are answered before the handshake is "
          "over, anything else with 425")
      ->type_name("BYTES")
      ->check(CLI::Range(1, 1 << 20).description(""));
}

Result<> apply(const SessionFlags& flags, ServerOptions& options) {
  if (flags.tickets == 0) {
    if (flags.lifetime)
      return bad_flag("--ticket-lifetime", "it is of no use with --tickets 0", "Leave one of the two out.");
    if (flags.early_data)
      return bad_flag("--early-data", "it comes with a session that is resumed; not with --tickets 0",
                      "Leave one of the two out: without --tickets two are given.");
    options.sessions.tickets = 0;
    return {};
  }
  if (flags.early_data)
    if (auto possible = check_early_data(options); !possible) return possible;
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

Result<> check_early_data(const CommonOptions& options) {
  if (options.max_version < ProtocolVersion::tls1_3)
    return bad_flag("--early-data", "there is none before TLS 1.3, which --tls leaves out",
                    "Let --tls reach 1.3 (1.2..1.3 is the default), or leave --early-data out.");
  // None: all that there are.
  const bool has_suite = std::ranges::any_of(options.cipher_suites, [](CipherSuite suite) {
    return crypto::find_suite(suite)->version == ProtocolVersion::tls1_3;
  });
  if (!has_suite && !options.cipher_suites.empty())
    return bad_flag("--early-data", "there is none before TLS 1.3, which --suites leaves out",
                    "Name a suite of TLS 1.3 too, TLS_AES_128_GCM_SHA256, or leave --early-data out.");
  return {};
}

}  // namespace handfast::cli
