#include "handshake/negotiate.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "base/contains.h"
#include "crypto/key_exchange.h"
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

/// Between which groups the client's order decides, where `first` is our first choice; empty: none.
std::span<const NamedGroup> equal_groups(const ServerEngine& engine, NamedGroup first,
                                         std::span<const NamedGroup> ours) {
  if (!engine.options().prefer_server_order) return ours;
  for (const std::vector<NamedGroup>& equal : engine.options().equal_groups)
    if (base::contains(equal, first)) return equal;
  return {};
}

}  // namespace

Result<const crypto::SuiteParts*> choose_cipher_suite(ServerEngine& engine, const wire::ClientHello& hello,
                                                      crypto::KeyUse key, std::optional<crypto::HashAlgorithm> hash) {
  std::array<CipherSuite, std::size(crypto::suites)> room;  // a config's list names none twice
  const auto end = std::ranges::copy_if(engine.common().cipher_suites, room.begin(), [&](CipherSuite suite) {
                     const crypto::SuiteParts* parts = crypto::find_suite(suite, engine.info().version);
                     return parts && key.serves(*parts) && (!hash || parts->hash == *hash);
                   }).out;
  const std::span ours(room.begin(), end);
  const crypto::SuiteParts* first_of_client = nullptr;
  for (CipherSuite suite : hello.cipher_suites)
    if (base::contains(ours, suite)) {
      first_of_client = crypto::find_suite(suite, engine.info().version);
      break;
    }
  if (!first_of_client)
    return nothing_in_common(engine, "cipher_suite", Alert::handshake_failure, Reason::no_common_cipher_suite,
                             hello.cipher_suites, ours);
  const bool client_decides = !engine.options().prefer_server_order || first_of_client->is_chacha20_poly1305();
  const CipherSuite chosen =
      client_decides
          ? first_of_client->suite
          : *std::ranges::find_if(ours, [&](CipherSuite suite) { return hello.cipher_suites.contains(suite); });
  tell(engine, "cipher_suite", chosen, hello.cipher_suites, ours);
  engine.info().cipher_suite = chosen;
  return crypto::find_suite(chosen, engine.info().version);
}

std::span<const NamedGroup> groups_of_version(ServerEngine& engine, GroupRoom& room) {
  assert(engine.common().groups.size() <= room.size());
  const auto end = std::ranges::copy_if(engine.common().groups, room.begin(), [&](NamedGroup group) {
                     return engine.info().version == ProtocolVersion::tls1_3 || !crypto::is_post_quantum(group);
                   }).out;
  return {room.begin(), end};
}

bool has_common_group(ServerEngine& engine, const wire::ClientHello& hello) {
  if (!hello.supported_groups) return !engine.options().require_supported_groups;
  GroupRoom room;
  return std::ranges::any_of(groups_of_version(engine, room),
                             [&](NamedGroup group) { return hello.supported_groups->contains(group); });
}

bool has_common_rsa_key_exchange(ServerEngine& engine, const wire::ClientHello& hello) {
  return std::ranges::any_of(engine.common().cipher_suites, [&](CipherSuite suite) {
    const crypto::SuiteParts* parts = crypto::find_suite(suite, engine.info().version);
    return parts && !parts->has_forward_secrecy() && hello.cipher_suites.contains(suite);
  });
}

Result<NamedGroup> choose_group(ServerEngine& engine, const wire::List<NamedGroup>& supported_groups) {
  GroupRoom room;
  const std::span<const NamedGroup> ours = groups_of_version(engine, room);
  const auto first_of_ours =
      std::ranges::find_if(ours, [&](NamedGroup group) { return supported_groups.contains(group); });
  if (first_of_ours == ours.end())
    return nothing_in_common(engine, "group", Alert::handshake_failure, Reason::no_common_group, supported_groups,
                             ours);
  NamedGroup chosen = *first_of_ours;
  const std::span<const NamedGroup> equals = equal_groups(engine, chosen, ours);
  for (NamedGroup group : supported_groups)
    if (base::contains(equals, group) && base::contains(ours, group)) {
      chosen = group;
      break;
    }
  tell(engine, "group", chosen, supported_groups, ours);
  engine.info().group = chosen;
  return chosen;
}

Result<void> check_chosen(ServerEngine& engine, const std::shared_ptr<const Credential>& credential) {
  if (credential) return {};
  const std::string& server_name = engine.info().server_name;
  if (server_name.empty()) return fail(Alert::handshake_failure, Reason::rejected_by_config);
  return fail(Error(Alert::unrecognized_name, Reason::unrecognized_name).with("server_name", server_name));
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

Result<void> check_issuer(const Credential& credential, const std::optional<wire::List<wire::Opaque16>>& authorities) {
  if (!credential.extras().must_match_issuer) return {};
  std::vector<Bytes> names;
  if (authorities)
    for (const wire::Opaque16& authority : *authorities) names.push_back(authority.data);
  if (credential.issued_by(names)) return {};
  return fail(Alert::handshake_failure, Reason::no_matching_issuer);
}

Result<SignatureScheme> choose_signature_scheme(Engine& engine, const Credential& credential,
                                                const wire::List<SignatureScheme>& accepted,
                                                const std::optional<wire::List<wire::Opaque16>>& authorities) {
  const std::span<const SignatureScheme> ours = credential.schemes(engine.info().version, engine.side());
  const auto chosen = std::ranges::find_if(ours, [&](SignatureScheme scheme) { return accepted.contains(scheme); });
  if (chosen == ours.end())
    return nothing_in_common(engine, "signature_scheme", Alert::handshake_failure, Reason::no_common_signature_scheme,
                             accepted, ours);
  if (auto checked = check_issuer(credential, authorities); !checked) return fail(std::move(checked.error()));
  tell(engine, "signature_scheme", *chosen, accepted, ours);
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

bool acknowledges_server_name(ServerEngine& engine) noexcept {
  return engine.options().acknowledge_server_name && !engine.info().server_name.empty();
}

}  // namespace handfast::handshake
