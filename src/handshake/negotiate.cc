#include "handshake/negotiate.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/contains.h"
#include "handshake/decision.h"
#include "x509/server_name.h"

namespace handfast::handshake {
namespace {

/// ALPN's names as text, bounded as `names` is.
std::vector<std::string> texts(const wire::List<wire::ProtocolName>& protocols) {
  constexpr std::size_t most = 64;
  std::vector<std::string> texts;
  for (const wire::ProtocolName& protocol : protocols) {
    if (texts.size() == most) break;
    texts.emplace_back(as_text(protocol.name));
  }
  return texts;
}

}  // namespace

Result<ProtocolVersion> choose_version(ServerEngine& engine, const wire::ClientHello& hello) {
  // Without supported_versions the client speaks TLS 1.2 or below (section 4.2.1).
  const CommonOptions& options = engine.common();
  constexpr ProtocolVersion versions[] = {ProtocolVersion::tls1_3};
  if (hello.supported_versions) {
    for (ProtocolVersion version : versions)
      if (version >= options.min_version && version <= options.max_version &&
          hello.supported_versions->contains(version)) {
        tell(engine, "version", name(version), *hello.supported_versions, versions);
        return version;
      }
    return nothing_in_common(engine, "version", Alert::protocol_version, Reason::no_common_version,
                             *hello.supported_versions, versions);
  }
  return nothing_in_common(engine, "version", Alert::protocol_version, Reason::no_common_version,
                           std::array{hello.legacy_version}, versions);
}

Result<const crypto::SuiteParts*> choose_cipher_suite(ServerEngine& engine, const wire::ClientHello& hello) {
  const std::vector<CipherSuite>& ours = engine.common().cipher_suites;
  std::optional<CipherSuite> first_of_client;
  for (CipherSuite suite : hello.cipher_suites)
    if (base::contains(ours, suite)) {
      first_of_client = suite;
      break;
    }
  if (!first_of_client)
    return nothing_in_common(engine, "cipher_suite", Alert::handshake_failure, Reason::no_common_cipher_suite,
                             hello.cipher_suites, ours);
  const bool client_decides =
      !engine.options().prefer_server_order || *first_of_client == CipherSuite::TLS_CHACHA20_POLY1305_SHA256;
  const CipherSuite chosen = client_decides ? *first_of_client : *std::ranges::find_if(ours, [&](CipherSuite suite) {
    return hello.cipher_suites.contains(suite);
  });
  tell(engine, "cipher_suite", name(chosen), hello.cipher_suites, ours);
  engine.info().cipher_suite = chosen;
  return crypto::find_suite(chosen);
}

Result<GroupChoice> choose_group(ServerEngine& engine, const wire::ClientHello& hello) {
  if (!hello.supported_groups)
    return wire::missing_extension(wire::MessageKind::client_hello, ExtensionType::supported_groups);
  if (!hello.key_share) return wire::missing_extension(wire::MessageKind::client_hello, ExtensionType::key_share);
  // Section 4.2.8: one share a group. Comparing each with each asks for a bound on how many there are.
  std::array<NamedGroup, 64> seen;
  std::size_t count = 0;
  for (const wire::KeyShareEntry& share : *hello.key_share) {
    if (base::contains(std::span(seen).first(count), share.group))
      return fail(Error(Alert::illegal_parameter, Reason::duplicate_key_share).with("group", name(share.group)));
    if (count == seen.size())
      return fail(Error(Alert::illegal_parameter, Reason::bad_extension)
                      .with("extension", name(ExtensionType::key_share))
                      .with("limit", static_cast<std::int64_t>(seen.size())));
    seen[count++] = share.group;
  }
  const std::vector<NamedGroup>& ours = engine.common().groups;
  const auto chosen =
      engine.options().prefer_server_order
          ? std::ranges::find_if(ours, [&](NamedGroup group) { return hello.supported_groups->contains(group); })
          : std::ranges::find(ours, [&] {
              for (NamedGroup group : *hello.supported_groups)
                if (base::contains(ours, group)) return group;
              return NamedGroup{};
            }());
  if (chosen == ours.end())
    return nothing_in_common(engine, "group", Alert::handshake_failure, Reason::no_common_group,
                             *hello.supported_groups, ours);
  tell(engine, "group", name(*chosen), *hello.supported_groups, ours);
  engine.info().group = *chosen;
  GroupChoice choice{*chosen, std::nullopt};
  for (const wire::KeyShareEntry& share : *hello.key_share)
    if (share.group == *chosen) choice.key_exchange = share.key_exchange;
  return choice;
}

Result<std::string> choose_application_protocol(ServerEngine& engine, const wire::ClientHello& hello) {
  const std::vector<std::string>& ours = engine.common().application_protocols;
  if (ours.empty() || !hello.application_layer_protocol_negotiation) return std::string();
  const auto& theirs = *hello.application_layer_protocol_negotiation;
  auto offers = [&](const std::string& protocol) {
    for (const wire::ProtocolName& name : theirs)
      if (as_text(name.name) == protocol) return true;
    return false;
  };
  const auto found = std::ranges::find_if(ours, offers);
  std::string chosen = found == ours.end() ? std::string() : *found;
  engine.tracer()([&] { return DecisionEvent{"application_protocol", chosen, texts(theirs), ours}; });
  if (chosen.empty() && engine.options().require_application_protocol)
    return fail(Error(Alert::no_application_protocol, Reason::no_application_protocol)
                    .with("offered", texts(theirs))
                    .with("supported", ours));
  return chosen;
}

Result<SignatureScheme> choose_signature_scheme(Engine& engine, const Credential& credential,
                                                const wire::List<SignatureScheme>& accepted,
                                                const std::optional<wire::List<wire::Opaque16>>& authorities) {
  const auto chosen =
      std::ranges::find_if(credential.schemes(), [&](SignatureScheme scheme) { return accepted.contains(scheme); });
  if (chosen == credential.schemes().end())
    return nothing_in_common(engine, "signature_scheme", Alert::handshake_failure, Reason::no_common_signature_scheme,
                             accepted, credential.schemes());
  if (credential.extras().must_match_issuer) {
    std::vector<Bytes> names;
    if (authorities)
      for (const wire::Opaque16& authority : *authorities) names.push_back(authority.data);
    if (!credential.issued_by(names)) return fail(Alert::handshake_failure, Reason::no_matching_issuer);
  }
  tell(engine, "signature_scheme", name(*chosen), accepted, credential.schemes());
  engine.info().own_signature_scheme = *chosen;
  return *chosen;
}

Result<std::string> read_server_name(const wire::ClientHello& hello) {
  if (!hello.server_name) return std::string();
  Result<x509::ServerName> name = x509::ServerName::parse(*hello.server_name);
  if (!name)
    return fail(Error(Alert::illegal_parameter, Reason::bad_extension)
                    .with("extension", handfast::name(ExtensionType::server_name))
                    .with("server_name", std::string(*hello.server_name)));
  return name->is_ip() ? std::string() : name->text();
}

}  // namespace handfast::handshake
