// Differential probes: the failed handshake once more, with one thing changed, to prove what it failed over.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "doctor/certificate.h"
#include "doctor/probe.h"
#include "doctor/probes/exchange.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// What a probe does otherwise than the handshake that it follows.
enum class Change : std::uint8_t {
  nothing,           ///< the same ClientHello: was it chance? (None that offered a session: that is good for once)
  listen,            ///< sends nothing, and hears whether the server speaks first
  http,              ///< an HTTP request instead of a ClientHello
  no_session,        ///< without the session, or key, that was offered
  no_server_name,    ///< without server_name
  with_server_name,  ///< with one, where none was sent
  no_alpn,           ///< without application_layer_protocol_negotiation
  tls12_only,        ///< offers TLS 1.2 and nothing newer
  small,             ///< a ClientHello with the fewest extensions
  small_padded,      ///< the same, padded to the size of the first
  spoken_groups,     ///< with every group that is offered by default, where fewer were
  every_group,       ///< with all others as well: those that must be named here, and those that are not spoken
  spoken_suites,     ///< with every suite that is spoken here, where fewer were offered
  every_suite,       ///< with the suites that are not spoken here as well
  every_signature_scheme,   ///< with the signature schemes that are not spoken here
  older_versions,           ///< offers TLS 1.1 and TLS 1.0, with suites of their time
  two_segments,             ///< the same in two TCP segments
  two_records,              ///< the same in two records
  large,                    ///< padded past two TCP segments, as hellos with post-quantum key shares are
  certificate_without_sni,  ///< a handshake without server_name: which certificate comes?
  certificate_for_another,  ///< a handshake for another name: does a certificate come that is made for it?
};
std::string_view name(Change change) noexcept;      ///< "no_server_name"
std::string_view describe(Change change) noexcept;  ///< "without a server name"

/// Such a probe is a handshake, up to the server's certificate; all others are a hello, or less.
bool is_handshake(Change change) noexcept;

struct Probe {
  Change change{};
  std::size_t bytes_sent = 0;  ///< over TCP; of a handshake with the alert that ends it once the certificate is there
  Answer answer;               ///< of hellos
  /// Of handshakes: the server's own certificate, where one came, and the name that was asked for.
  std::optional<CertificateSummary> certificate;
  std::string asked_for;
};
/// What came of it, in words that are safe to be shown.
std::string outcome(const Probe& probe);

struct Probing {
  std::vector<Probe> probes;     ///< in the order in which they were made; numbered from 1
  std::vector<Change> left_out;  ///< at the limit of time and number
  /// The number of the first probe with that change, or 0.
  std::size_t number(Change change) const noexcept;
  const Probe* find(Change change) const noexcept;
  /// The control: what was repeated unchanged.
  Change control() const noexcept;
  /// That probe was made, and the server went on, the first time at least.
  bool goes_on(Change change) const noexcept;
  /// It was made twice, and the control before each, and each time it was the change alone that decided: the server
  /// went on with it where `goes_on`, and without it where not.
  bool confirmed(Change change) const noexcept;
};

/// When to probe at all.
enum class ProbePolicy : std::uint8_t {
  never,
  after_failure,  ///< of a kind that a probe can say something of
  always,         ///< after success too: does the server take hellos that are large, or come in pieces?
};

/// At most so many connections, so long after one another (the first, after the handshake), and in so much time.
inline constexpr std::size_t max_probes = 16;
inline constexpr std::chrono::milliseconds probe_pace{100};
inline constexpr std::chrono::milliseconds probe_budget{20'000};

/// Which probes say something of that report; empty: none does.
std::vector<Change> plan(const Report& report, ProbePolicy policy);

/// Makes them, towards the address that answered, and none without need: what is proven is not probed further.
/// `options` are those of the report. Blocks.
Probing run_probes(const ProbeOptions& options, const Report& report, const std::vector<Change>& changes);

/// What the probes prove: the report's verdict, made sharper.
Verdict conclude(const Report& report, const Probing& probing);

/// A line a probe, to stand below the verdict; empty where none was made.
std::string probes_text(const Probing& probing, const Style& style);
/// The same for programs (docs/json.md).
nlohmann::ordered_json probes_json(const Probing& probing);

}  // namespace handfast::doctor
