// A server of the lab as a row of a table: what is wrong with it, and what a client should make of that.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <handfast/config.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "doctor/finding.h"
#include "doctor/lab/server.h"
#include "doctor/lab/workshop.h"
#include "doctor/verdict.h"

namespace handfast::doctor::lab {

/// All is well, or what is wrong, in the terms of a verdict.
using Code = std::variant<std::monostate, Reason, Finding, Alert>;
std::string word(const Code& code);            ///< "ok", "certificate_expired", "plain_http", "alert_unknown_ca"
std::string_view reference(const Code& code);  ///< "HF0209"; empty where all is well

/// What `handfast connect` should say.
struct Expectation {
  Code code{};
  ExitCode exit_code = ExitCode::ok;
  Fault fault = Fault::unknown;
  std::string_view cure{};           ///< stands somewhere in its advice
  std::optional<Finding> besides{};  ///< what is wrong, but nothing that a connection fails by
};

/// A place that is being furnished for a scenario.
struct Site {
  const Workshop& workshop;
  std::string host;                     ///< the name that clients ask for
  const std::filesystem::path& folder;  ///< where files for clients go

  /// As Workshop::plan, for this host.
  Plan plan() const { return workshop.plan(host); }
  /// A TLS server with such a chain; what the options have besides stays.
  Result<net::Serve> serve(const Plan& plan, ServerOptions options = {}) const;
  Result<net::Serve> serve(const Made& made, ServerOptions options = {}, CredentialExtras extras = {}) const;
  /// A good one but for what is given.
  Result<net::Serve> serve(ServerOptions options = {}) const { return serve(plan(), std::move(options)); }
  Result<net::Serve> serve(Tampering tampering, ServerOptions options = {}) const;
  Result<net::Serve> serve(Break breaks, ServerOptions options = {}) const;
  Result<std::shared_ptr<const ServerConfig>> config(const Plan& plan, ServerOptions options = {}) const;
  /// A file for clients. Fails with file_not_readable.
  Result<void> write(std::string_view name, std::string_view content) const;
  /// Clients must have a certificate by the root.
  Result<ServerOptions> asking_clients(ServerOptions options = {}) const;
};

/// How far a client comes.
enum class Reach : std::uint8_t {
  listening,  ///< to a server
  closed,     ///< to a port where nothing listens
  deaf,       ///< to a port that takes no more connections: the SYN gets no answer
  nameless,   ///< nowhere: the name has no address
};

struct Scenario {
  std::string_view name;     ///< "expired": its server is expired.localhost, unless `host` says otherwise
  std::string_view summary;  ///< what is wrong, or what is good about it, in a line
  Expectation expected{};
  Result<net::Serve> (*server)(const Site&) = nullptr;  ///< makes what runs there; null: see `reach`
  /// What `handfast connect` is told besides, with blanks between: "{folder}" is where the files for clients are.
  std::string_view arguments{};
  /// Only a client that is called so meets the fault: another program has nothing to find.
  bool needs_arguments = false;
  Reach reach = Reach::listening;
  std::string_view host{};

  bool is_good() const noexcept { return expected.exit_code == ExitCode::ok; }
};

/// All of them, by family, the good ones first.
std::span<const Scenario> scenarios();
/// The one of that name, or nullptr.
const Scenario* find_scenario(std::string_view name);

// The families, a file each.
std::span<const Scenario> good_scenarios();
std::span<const Scenario> name_scenarios();
std::span<const Scenario> certificate_scenarios();
std::span<const Scenario> chain_scenarios();
std::span<const Scenario> client_scenarios();
std::span<const Scenario> negotiation_scenarios();
std::span<const Scenario> protocol_scenarios();
std::span<const Scenario> transport_scenarios();

}  // namespace handfast::doctor::lab
