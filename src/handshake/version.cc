#include "handshake/version.h"

#include <algorithm>
#include <array>

#include "base/contains.h"
#include "base/copy.h"
#include "handshake/decision.h"

namespace handfast::handshake {
namespace {

using enum ProtocolVersion;

constexpr std::array known{tls1_3, tls1_2, tls1_1, tls1_0};

/// What a client without supported_versions speaks: everything up to legacy_version (RFC 5246, appendix E.1), but never
/// more than TLS 1.2, since TLS 1.3 is chosen by the extension alone (RFC 8446, section 4.2.1).
bool offers(const wire::ClientHello& hello, ProtocolVersion version) {
  if (hello.supported_versions) return hello.supported_versions->contains(version);
  return version <= tls1_2 && version <= hello.legacy_version;
}

/// Whether the server speaks more than it has chosen, and more of what we do.
bool says_downgrade(const ClientOptions& options, ProtocolVersion chosen, Bytes random) {
  const Bytes sentinel = random.last(wire::downgrade_to_tls1_2.size());
  const bool tls13 = options.max_version >= tls1_3;
  const bool tls12 = options.max_version >= tls1_2 && chosen < tls1_2;
  return (tls13 && std::ranges::equal(sentinel, wire::downgrade_to_tls1_2)) ||
         ((tls13 || tls12) && std::ranges::equal(sentinel, wire::downgrade_to_tls1_1));
}

}  // namespace

ProtocolVersion legacy_version(const CommonOptions& options) noexcept { return std::min(options.max_version, tls1_2); }

bool speaks(const CommonOptions& options, ProtocolVersion version) noexcept {
  return version >= options.min_version && version <= options.max_version;
}

std::span<const ProtocolVersion> versions(const CommonOptions& options) noexcept {
  const auto first = std::ranges::find(known, options.max_version);
  const auto last = std::ranges::find(known, options.min_version);
  return {first, last + 1};
}

Result<ProtocolVersion> choose_version(ServerEngine& engine, const wire::ClientHello& hello) {
  const std::span<const ProtocolVersion> ours = versions(engine.common());
  const auto offered = [&] {
    return hello.supported_versions ? names(*hello.supported_versions) : names(std::array{hello.legacy_version});
  };
  const auto failed = [&](Alert alert, Reason reason) {
    return fail(Error(alert, reason).with("offered", offered()).with("supported", names(ours)));
  };
  const auto chosen = std::ranges::find_if(ours, [&](ProtocolVersion version) { return offers(hello, version); });
  engine.tracer()([&] {
    return DecisionEvent{"version", chosen == ours.end() ? std::string() : name(*chosen), offered(), names(ours)};
  });
  // RFC 7507, section 3: it tries again with less than it can, and somebody has made it do so; even where it has come
  // below all that we speak.
  const bool below =
      chosen == ours.end() ? !hello.supported_versions && hello.legacy_version < ours.back() : *chosen < ours.front();
  if (below && hello.cipher_suites.contains(CipherSuite::TLS_FALLBACK_SCSV))
    return failed(Alert::inappropriate_fallback, Reason::inappropriate_fallback);
  if (chosen == ours.end()) return failed(Alert::protocol_version, Reason::no_common_version);
  return *chosen;
}

void mark_downgrade(const CommonOptions& options, ProtocolVersion chosen, MutableBytes random) noexcept {
  const MutableBytes sentinel = random.last(wire::downgrade_to_tls1_2.size());
  if (chosen == tls1_2 && options.max_version > tls1_2) base::copy(wire::downgrade_to_tls1_2, sentinel);
  if (chosen < tls1_2 && options.max_version >= tls1_2) base::copy(wire::downgrade_to_tls1_1, sentinel);
}

Result<ProtocolVersion> check_version(const ClientOptions& options, const wire::ServerHello& hello) {
  const ProtocolVersion version = hello.version();
  const auto wrong = [&](Alert alert, Reason reason) {
    return fail(Error(alert, reason).with("selected", name(version)).with("offered", names(versions(options))));
  };
  if (hello.selected_version) {
    // RFC 8446, section 4.2.1: the extension never stands there for anything less than TLS 1.3.
    if (version == tls1_3 && speaks(options, tls1_3)) return version;
    return wrong(Alert::illegal_parameter, Reason::wrong_version_selected);
  }
  if (hello.is_hello_retry_request()) return wire::missing_extension(hello.kind(), ExtensionType::supported_versions);
  // Section 4.1.3: a server that knows TLS 1.3, or 1.2, says so when it chooses less. Then somebody has changed our
  // hello.
  if (says_downgrade(options, version, hello.random))
    return wrong(Alert::illegal_parameter, Reason::downgrade_detected);
  if (version < tls1_3 && options.require_pre_shared_key)
    return fail(Error(Alert::protocol_version, Reason::no_common_version)
                    .with("offered", names(std::array{version}))
                    .with("supported", names(std::array{tls1_3})));
  if (version < tls1_3 && speaks(options, version)) return version;
  return wrong(Alert::protocol_version, Reason::wrong_version_selected);
}

}  // namespace handfast::handshake
