#include "handshake/negotiate.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>
#include <set>
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

/// Between which the client's order decides, where `first` is our first choice; empty: none.
template <typename Enum>
std::span<const Enum> equals(const ServerEngine& engine, const std::vector<std::vector<Enum>>& sets, Enum first,
                             std::span<const Enum> ours) {
  if (!engine.options().prefer_server_order) return ours;
  for (const std::vector<Enum>& equal : sets)
    if (base::contains(equal, first)) return equal;
  return {};
}

/// Our first choice of what both have, or of its equals the client's. Nothing: they have nothing in common.
template <typename Enum>
std::optional<Enum> choose(const ServerEngine& engine, std::span<const Enum> ours, const wire::List<Enum>& theirs,
                           const std::vector<std::vector<Enum>>& sets) {
  const auto first = std::ranges::find_if(ours, [&](Enum one) { return theirs.contains(one); });
  if (first == ours.end()) return std::nullopt;
  const std::span<const Enum> equal = equals(engine, sets, *first, ours);
  for (Enum one : theirs)
    if (base::contains(equal, one) && base::contains(ours, one)) return one;
  return *first;
}

}  // namespace

Result<const crypto::SuiteParts*> choose_cipher_suite(ServerEngine& engine, const wire::ClientHello& hello,
                                                      crypto::KeyUse key, std::optional<crypto::HashAlgorithm> hash) {
  std::array<CipherSuite, std::size(crypto::suites)> room;  // a config's list names none twice
  const ProtocolVersion version = engine.info().version;
  const auto end = std::ranges::copy_if(engine.common().cipher_suites, room.begin(), [&](CipherSuite suite) {
                     const crypto::SuiteParts* parts = crypto::find_suite(suite, version);
                     return parts && key.serves(*parts) && (!hash || parts->hash == *hash);
                   }).out;
  const std::span<const CipherSuite> ours(room.begin(), end);
  std::optional<CipherSuite> chosen = choose(engine, ours, hello.cipher_suites, engine.options().equal_cipher_suites);
  if (!chosen)
    return nothing_in_common(engine, "cipher_suite", Alert::handshake_failure, Reason::no_common_cipher_suite,
                             hello.cipher_suites, ours);
  // A client without AES in hardware says so by its order.
  const CipherSuite first_of_client =
      *std::ranges::find_if(hello.cipher_suites, [&](CipherSuite suite) { return base::contains(ours, suite); });
  if (crypto::find_suite(first_of_client, version)->is_chacha20_poly1305()) chosen = first_of_client;
  tell(engine, "cipher_suite", *chosen, hello.cipher_suites, ours);
  engine.info().cipher_suite = *chosen;
  return crypto::find_suite(*chosen, version);
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
  const std::optional<NamedGroup> chosen = choose(engine, ours, supported_groups, engine.options().equal_groups);
  if (!chosen)
    return nothing_in_common(engine, "group", Alert::handshake_failure, Reason::no_common_group, supported_groups,
                             ours);
  tell(engine, "group", *chosen, supported_groups, ours);
  engine.info().group = *chosen;
  return *chosen;
}

void CertificateTypes::add(CertificateType type) noexcept {
  const bool known = type == CertificateType::X509 || type == CertificateType::RawPublicKey;
  if (known && !base::contains(*this, type)) types_[count_++] = type;
}

CertificateTypes certificate_types(const std::optional<wire::List<CertificateType>>& list) {
  if (!list) return CertificateTypes(CertificateType::X509);
  CertificateTypes types;
  for (CertificateType type : *list) types.add(type);
  return types;
}

Error no_common_credential_type(ServerEngine& engine, const CertificateTypes& theirs,
                                std::span<const CertificateType> ours) {
  return nothing_in_common(engine, "server_certificate_type", Alert::handshake_failure,
                           Reason::no_common_certificate_type, theirs, ours)
      .error();
}

Result<void> check_chosen(ServerEngine& engine, const std::shared_ptr<const Credential>& credential,
                          const wire::ClientHello& hello) {
  if (credential) {
    const CertificateTypes theirs = certificate_types(hello.server_certificate_type);
    const std::array ours{credential->certificate_type()};
    if (!base::contains(theirs, ours.front())) return fail(no_common_credential_type(engine, theirs, ours));
    engine.info().server_certificate_type = ours.front();
    engine.info().matched_trust_anchor = !asked_trust_anchors(engine, hello, std::span(&credential, 1)).empty();
    return {};
  }
  const std::string& server_name = engine.info().server_name;
  if (server_name.empty()) return fail(Alert::handshake_failure, Reason::rejected_by_config);
  return fail(Error(Alert::unrecognized_name, Reason::unrecognized_name).with("server_name", server_name));
}

std::set<std::string_view> asked_trust_anchors(ServerEngine& engine, const wire::ClientHello& hello,
                                               std::span<const std::shared_ptr<const Credential>> ours) {
  std::set<std::string_view> known, asked;
  if (!hello.trust_anchors || engine.info().version != ProtocolVersion::tls1_3) return asked;
  for (const auto& credential : ours)
    if (const Buffer& id = credential->extras().trust_anchor_id; !id.empty()) known.insert(as_text(id));
  for (const wire::TrustAnchorID& theirs : *hello.trust_anchors) {
    if (known.empty()) break;
    asked.insert(known.extract(as_text(theirs.id)));
  }
  return asked;
}

std::optional<CertificateType> server_certificate_type(ServerEngine& engine, const wire::ClientHello& hello) {
  if (!hello.server_certificate_type || engine.info().resumption == Resumption::external_psk) return std::nullopt;
  // Of a session it is what was shown then, and a client may offer it that takes another now.
  const CertificateType type = engine.info().server_certificate_type;
  if (!hello.server_certificate_type->contains(type)) return std::nullopt;
  return type;
}

Result<void> choose_client_certificate_type(ServerEngine& engine, const wire::ClientHello& hello) {
  const CertificateTypes theirs = certificate_types(hello.client_certificate_type);
  const std::vector<CertificateType>& ours = engine.common().peer_certificate_types;
  const auto chosen = std::ranges::find_first_of(ours, theirs);
  if (chosen == ours.end())
    return nothing_in_common(engine, "client_certificate_type", Alert::unsupported_certificate,
                             Reason::no_common_certificate_type, theirs, ours);
  if (hello.client_certificate_type) tell(engine, "client_certificate_type", *chosen, theirs, ours);
  engine.info().client_certificate_type = *chosen;
  return {};
}

Result<void> check_credential_type(Engine& engine, const Credential& credential) {
  const std::array wanted{engine.certificate_type(engine.side())};
  const std::array ours{credential.certificate_type()};
  if (ours == wanted) return {};
  return nothing_in_common(engine, "client_certificate_type", Alert::handshake_failure,
                           Reason::no_common_certificate_type, wanted, ours);
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
  // A server's that leads where the client wants it to need not be named there as well.
  const bool matches = engine.side() == Side::server && engine.info().matched_trust_anchor;
  if (!matches)
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
