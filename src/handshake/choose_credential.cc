// The credential for a peer, from the config or from outside.
#include <algorithm>
#include <array>
#include <compare>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/contains.h"
#include "crypto/cipher_suite.h"
#include "crypto/key_exchange.h"
#include "crypto/signature.h"
#include "handshake/decision.h"
#include "handshake/negotiate.h"
#include "handshake/outside.h"
#include "handshake/tls12.h"

namespace handfast::handshake {
namespace {

using crypto::KeyType;
using Choice = std::shared_ptr<const Credential>;
using Choices = std::vector<Choice>;
template <typename Item>
using Offered = std::optional<wire::List<Item>>;

template <typename Item>
std::vector<Item> to_vector(const Offered<Item>& list) {
  std::vector<Item> items;
  if (list)
    for (Item item : *list) items.push_back(item);
  return items;
}

std::vector<Bytes> to_views(const Offered<wire::Opaque16>& list) {
  std::vector<Bytes> items;
  if (list)
    for (const wire::Opaque16& item : *list) items.push_back(item.data);
  return items;
}

std::vector<Buffer> to_buffers(const Offered<wire::Opaque16>& list) {
  std::vector<Buffer> items;
  for (Bytes item : to_views(list)) items.emplace_back(item.begin(), item.end());
  return items;
}

/// What a client says of signatures; before TLS 1.3 it need not say it.
Offered<SignatureScheme> accepted_schemes(ProtocolVersion version, const wire::ClientHello& hello) {
  if (version == ProtocolVersion::tls1_3) return hello.signature_algorithms;
  return tls12::signature_algorithms(version, hello);
}

PeerOffer describe(ServerEngine& engine, const wire::ClientHello& hello) {
  PeerOffer offer;
  offer.version = engine.info().version;
  offer.server_name = engine.info().server_name;
  if (hello.application_layer_protocol_negotiation)
    for (const wire::ProtocolName& protocol : *hello.application_layer_protocol_negotiation)
      offer.application_protocols.emplace_back(as_text(protocol.name));
  for (CipherSuite suite : hello.cipher_suites) offer.cipher_suites.push_back(suite);
  offer.versions = to_vector(hello.supported_versions);
  offer.groups = to_vector(hello.supported_groups);
  offer.signature_schemes = to_vector(accepted_schemes(offer.version, hello));
  offer.certificate_schemes = to_vector(hello.signature_algorithms_cert);
  offer.certificate_authorities = to_buffers(hello.certificate_authorities);
  const CertificateTypes types = certificate_types(hello.server_certificate_type);
  offer.credential_types.assign(types.begin(), types.end());
  if (hello.trust_anchors && offer.version == ProtocolVersion::tls1_3)
    for (const wire::TrustAnchorID& each : *hello.trust_anchors) {
      if (offer.trust_anchors.size() == PeerOffer::max_trust_anchors) break;
      offer.trust_anchors.emplace_back(each.id.begin(), each.id.end());
    }
  return offer;
}

PeerOffer describe(Engine& engine, const wire::CertificateRequest& request) {
  PeerOffer offer;
  offer.credential_types = {engine.info().client_certificate_type};
  offer.version = ProtocolVersion::tls1_3;
  offer.signature_schemes = to_vector(Offered<SignatureScheme>(request.signature_algorithms));
  offer.certificate_schemes = to_vector(request.signature_algorithms_cert);
  offer.certificate_authorities = to_buffers(request.certificate_authorities);
  for (const wire::OidFilter& filter : request.oid_filters.value_or(wire::List<wire::OidFilter>())) {
    const auto& [oid, values] = filter;
    offer.oid_filters.push_back({{oid.begin(), oid.end()}, {values.begin(), values.end()}});
  }
  return offer;
}

PeerOffer describe(Engine& engine, const wire::tls12::CertificateRequest& request) {
  const ProtocolVersion version = engine.info().version;
  PeerOffer offer;
  offer.credential_types = {engine.info().client_certificate_type};
  offer.version = version;
  for (auto type : request.certificate_types) offer.certificate_types.push_back(std::to_underlying(type));
  offer.signature_schemes = to_vector(Offered<SignatureScheme>(tls12::signature_algorithms(version, request)));
  offer.certificate_authorities = to_buffers(request.certificate_authorities);
  return offer;
}

/// The schemes of a list that are known here, each once: a peer may send thousands, and each credential is held against
/// them.
std::vector<SignatureScheme> known_schemes(const Offered<SignatureScheme>& list) {
  std::vector<SignatureScheme> schemes;
  for (SignatureScheme scheme : list.value_or(wire::List<SignatureScheme>())) {
    crypto::SchemeAlgorithm parts{};
    if (!base::contains(schemes, scheme) && crypto::lookup(scheme, parts)) schemes.push_back(scheme);
  }
  return schemes;
}

/// What a peer accepts of a credential (RFC 8446, sections 4.4.2.2 and 4.4.2.3).
struct Wanted {
  ProtocolVersion version;
  Side signer;
  CertificateTypes types;
  std::vector<SignatureScheme> schemes;
  std::vector<SignatureScheme> certificate_schemes;  ///< those of `schemes` where the peer names no others
  std::vector<Bytes> authorities;
  bool asks_anchors = false;                        ///< draft-ietf-tls-trust-anchor-ids: it names some, ours or not,
  std::set<std::string_view> trust_anchors{};       ///< and these are ours
  std::optional<std::vector<NamedGroup>> curves{};  ///< of ECDSA keys; nothing: any
  wire::List<wire::OidFilter> filters{};            ///< all of them are to be met (section 4.2.5)
  bool decryption = false;                          ///< a key that decrypts will do (RFC 5246, section 7.4.7.1)

  Wanted(ProtocolVersion negotiated, Side ours, const CertificateTypes& accepted,
         const Offered<SignatureScheme>& signature_algorithms,
         const Offered<SignatureScheme>& signature_algorithms_cert,
         const Offered<wire::Opaque16>& certificate_authorities)
      : version(negotiated),
        signer(ours),
        types(accepted),
        schemes(known_schemes(signature_algorithms)),
        certificate_schemes(signature_algorithms_cert ? known_schemes(signature_algorithms_cert) : schemes),
        authorities(to_views(certificate_authorities)) {}

  bool signs(const Credential& credential) const {
    const std::span<const SignatureScheme> ours = credential.schemes(version, signer);
    return std::ranges::find_first_of(ours, schemes) != ours.end();
  }
  bool signs_well(const Credential& credential) const {
    return std::ranges::any_of(credential.schemes(version, signer), [&](SignatureScheme scheme) {
      return !crypto::by_name_only(scheme) && base::contains(schemes, scheme);
    });
  }
  bool has_curve(const Credential& credential) const {
    return !curves || !credential.curve() || base::contains(*curves, *credential.curve());
  }
  bool serves(const Credential& credential) const {
    return (signs(credential) && has_curve(credential)) || (decryption && credential.decrypts());
  }
  bool leads_to_anchor(const Credential& credential) const {
    return trust_anchors.contains(as_text(credential.extras().trust_anchor_id));
  }
  /// Whether it is issued by whom the peer knows, as far as it says so.
  bool is_issued(const Credential& credential) const {
    return (authorities.empty() && !asks_anchors) || credential.issued_by(authorities) || leads_to_anchor(credential);
  }
  bool may_use(const Credential& credential) const {
    if (!base::contains(types, credential.certificate_type())) return false;
    if (credential.extras().must_match_issuer && !credential.issued_by(authorities) && !leads_to_anchor(credential))
      return false;
    return std::ranges::all_of(filters, [&](const wire::OidFilter& filter) {
      return credential.meets_filter(filter.certificate_extension_oid, filter.certificate_extension_values);
    });
  }
};

/// How well a credential that may be used fits; what stands first weighs more.
struct Fit {
  bool name;    ///< it is for the server name that was asked for
  bool signs;   ///< and so has forward secrecy
  bool well;    ///< it does so with a scheme that is not for peers alone that take no other
  bool issuer;  ///< one of its issuers is among the authorities that the peer named, if it did
  bool chain;   ///< its certificates are signed as the peer accepts
  friend auto operator<=>(const Fit&, const Fit&) = default;
};

/// The key that the scheme is for, which is known; in TLS 1.2 an ECDSA key of another curve will do.
KeyType key_of(SignatureScheme scheme) {
  crypto::SchemeAlgorithm parts{};
  crypto::lookup(scheme, parts);
  return parts.key;
}

/// What a ClientHello of TLS 1.2 says of the server's key beside the schemes: there is a suite under which it signs,
/// and the groups speak of its curve as well (RFC 8422, section 5.1.1). The lists may be long, so each is walked once.
Wanted narrowed(Wanted wanted, const std::vector<CipherSuite>& ours, const wire::ClientHello& hello) {
  bool ecdsa = false, rsa = false;
  for (CipherSuite suite : hello.cipher_suites) {
    const crypto::SuiteParts* parts = crypto::find_suite(suite, wanted.version);
    if (!parts || !base::contains(ours, suite)) continue;
    rsa |= parts->signature == crypto::SuiteSignature::rsa;
    ecdsa |= parts->signature == crypto::SuiteSignature::ecdsa;
  }
  std::erase_if(wanted.schemes, [&](SignatureScheme scheme) {
    return !(crypto::suite_signature(key_of(scheme)) == crypto::SuiteSignature::rsa ? rsa : ecdsa);
  });
  if (!hello.supported_groups) return wanted;
  wanted.curves.emplace();
  for (NamedGroup group : *hello.supported_groups)
    if (crypto::supports(group) && !base::contains(*wanted.curves, group)) wanted.curves->push_back(group);
  return wanted;
}

/// The first of those that fit best; null where none serves or may be used.
Choice best(const Choices& credentials, const Wanted& wanted, std::string_view server_name) {
  Choice best;
  Fit best_fit{};
  for (const Choice& credential : credentials) {
    if (!wanted.serves(*credential) || !wanted.may_use(*credential)) continue;
    const bool is_raw = credential->certificate_type() == CertificateType::RawPublicKey;
    const Fit fit{
        .name = server_name.empty() || credential->matches(server_name),
        .signs = wanted.signs(*credential),
        .well = wanted.signs_well(*credential),
        .issuer = is_raw || wanted.is_issued(*credential),
        // Before TLS 1.2 nobody says what certificates are to be signed with.
        .chain = wanted.version < ProtocolVersion::tls1_2 || credential->signed_with(wanted.certificate_schemes)};
    if (best && fit <= best_fit) continue;
    best = credential;
    best_fit = fit;
  }
  return best;
}

/// Tells the trace; `chosen` may be null.
void tell_choice(Engine& engine, const Choice& chosen, const Choices& credentials) {
  engine.tracer()([&] {
    DecisionEvent decision{"credential", chosen ? chosen->subject() : std::string(), {}, {}};
    if (!engine.info().server_name.empty()) decision.offered.push_back(engine.info().server_name);
    for (const Choice& credential : credentials) decision.supported.push_back(credential->subject());
    return decision;
  });
}

/// Our suites of that version, which is no TLS 1.3, under which that key signs.
std::vector<CipherSuite> suites_of(ProtocolVersion version, KeyType key, const std::vector<CipherSuite>& ours) {
  std::vector<CipherSuite> suites;
  for (CipherSuite suite : ours) {
    const crypto::SuiteParts* parts = crypto::find_suite(suite, version);
    if (parts && parts->signature == crypto::suite_signature(key)) suites.push_back(suite);
  }
  return suites;
}

/// Why none of the server's credentials could be used; `wanted` as the client has it.
Error nothing_usable(ServerEngine& engine, const Choices& credentials, const wire::ClientHello& hello,
                     const Wanted& wanted) {
  constexpr Alert alert = Alert::handshake_failure;
  std::vector<SignatureScheme> ours, shared;
  for (const Choice& credential : credentials)
    for (SignatureScheme scheme : credential->schemes(wanted.version, wanted.signer)) {
      ours.push_back(scheme);
      if (base::contains(wanted.schemes, scheme)) shared.push_back(scheme);
    }
  if (shared.empty())
    return nothing_in_common(engine, "signature_scheme", alert, Reason::no_common_signature_scheme,
                             accepted_schemes(wanted.version, hello).value_or(wire::List<SignatureScheme>()), ours)
        .error();
  if (wanted.version < ProtocolVersion::tls1_3) {
    const std::vector<CipherSuite>& suites = engine.common().cipher_suites;
    const Wanted usable = narrowed(wanted, suites, hello);
    const auto signing = std::ranges::find_if(credentials, [&](const Choice& each) { return usable.signs(*each); });
    if (signing == credentials.end())
      return nothing_in_common(engine, "cipher_suite", alert, Reason::no_common_cipher_suite, hello.cipher_suites,
                               suites_of(wanted.version, key_of(shared.front()), suites))
          .error();
    if (std::ranges::none_of(credentials,
                             [&](const Choice& each) { return usable.signs(*each) && usable.has_curve(*each); }))
      return nothing_in_common(engine, "group", alert, Reason::no_common_group, *hello.supported_groups,
                               std::array{*(*signing)->curve()})
          .error();
  }
  return Error(alert, Reason::no_matching_issuer);
}

/// None of them is of a type that the client takes.
Error no_common_type(ServerEngine& engine, const Choices& credentials, const Wanted& wanted) {
  std::vector<CertificateType> ours;
  for (const Choice& credential : credentials)
    if (!base::contains(ours, credential->certificate_type())) ours.push_back(credential->certificate_type());
  return no_common_credential_type(engine, wanted.types, ours);
}

/// Those that may be shown to whoever asks for that name and takes those types.
Choices candidates_for(const ServerOptions& options, const std::string& server_name, const CertificateTypes& types) {
  Choices candidates;
  std::ranges::copy_if(options.credentials, std::back_inserter(candidates),
                       [&](const Choice& each) { return base::contains(types, each->certificate_type()); });
  if (options.strict_server_name && !server_name.empty())
    std::erase_if(candidates, [&](const Choice& each) { return !each->matches(server_name); });
  return candidates;
}

/// What a client accepts; before TLS 1.3 without what its suites and groups say (`narrowed`).
Wanted wanted_by(ServerEngine& engine, const wire::ClientHello& hello) {
  const ProtocolVersion version = engine.info().version;
  Wanted wanted(version, Side::server, certificate_types(hello.server_certificate_type),
                accepted_schemes(version, hello), hello.signature_algorithms_cert, hello.certificate_authorities);
  wanted.asks_anchors = version == ProtocolVersion::tls1_3 && hello.trust_anchors && !hello.trust_anchors->empty();
  wanted.trust_anchors = asked_trust_anchors(engine, hello, engine.options().credentials);
  return wanted;
}

/// The client's, in either version.
Outside<Choice> choose(Engine& engine, const ClientOptions& options, const Wanted& wanted) {
  // The authorities are a hint (RFC 8446, section 4.2.4): a chain that names none of them may still lead there.
  Choice choice = best(options.credentials, wanted, {});
  tell_choice(engine, choice, options.credentials);
  return Engine::answered(Result<Choice>(std::move(choice)));
}

}  // namespace

Outside<Choice> choose_credential(ServerEngine& engine, const wire::ClientHello& hello) {
  const ServerOptions& options = engine.options();
  if (options.credential_chooser) return engine.ask<Choice>(CredentialRequest{describe(engine, hello)});

  const Choices& credentials = options.credentials;
  const std::string& server_name = engine.info().server_name;
  // Where there is no choice to make, nothing has to be held against anything but the schemes, which the flow does;
  // before TLS 1.3 the suites and groups speak of the certificate as well.
  const ProtocolVersion version = engine.info().version;
  const CertificateTypes types = certificate_types(hello.server_certificate_type);
  const bool no_choice = version == ProtocolVersion::tls1_3 && credentials.size() == 1 && !options.strict_server_name &&
                         base::contains(types, credentials.front()->certificate_type());
  if (no_choice && !credentials.front()->extras().must_match_issuer) {
    tell_choice(engine, credentials.front(), credentials);
    return Engine::answered(Result<Choice>(credentials.front()));
  }
  const Wanted wanted = wanted_by(engine, hello);
  const Choices candidates = candidates_for(options, server_name, wanted.types);
  Wanted usable = wanted;
  if (version < ProtocolVersion::tls1_3) {
    usable = narrowed(wanted, options.cipher_suites, hello);
    usable.decryption = has_common_rsa_key_exchange(engine, hello) &&
                        std::ranges::any_of(candidates, [](const Choice& each) { return each->decrypts(); });
    // There is no use for a signature without a group for ECDHE.
    if (usable.decryption && !has_common_group(engine, hello)) usable.schemes.clear();
  }
  Choice choice = best(candidates, usable, server_name);
  tell_choice(engine, choice, credentials);
  const bool lacks_type = std::ranges::none_of(
      credentials, [&](const Choice& each) { return base::contains(wanted.types, each->certificate_type()); });
  if (lacks_type && !credentials.empty())
    return Engine::answered<Choice>(fail(no_common_type(engine, credentials, wanted)));
  // RFC 6066, section 3: only a name that none of ours has is unrecognized.
  if (candidates.empty())
    return Engine::answered<Choice>(
        fail(Error(Alert::unrecognized_name, Reason::unrecognized_name).with("server_name", server_name)));
  if (!choice) return Engine::answered<Choice>(fail(nothing_usable(engine, candidates, hello, wanted)));
  return Engine::answered(Result<Choice>(std::move(choice)));
}

bool prefers_certificate(ServerEngine& engine, const wire::ClientHello& hello) {
  if (!engine.options().prefer_certificates || !hello.signature_algorithms) return false;
  const Wanted wanted = wanted_by(engine, hello);
  return best(candidates_for(engine.options(), engine.info().server_name, wanted.types), wanted, {}) != nullptr;
}

std::vector<Buffer> available_trust_anchors(ServerEngine& engine, const wire::ClientHello& hello) {
  const ServerOptions& options = engine.options();
  std::vector<Buffer> identifiers;
  if (!hello.trust_anchors || engine.info().resumption != Resumption::none) return identifiers;
  if (!options.available_trust_anchors.empty()) return options.available_trust_anchors;
  const Wanted wanted(engine.info().version, Side::server, certificate_types(hello.server_certificate_type),
                      hello.signature_algorithms, std::nullopt, std::nullopt);
  const std::string& server_name = engine.info().server_name;
  Choices candidates = candidates_for(options, server_name, wanted.types);
  // Of other hosts that are served here nothing is told. A raw public key, which is for any name, has no identifier.
  const auto is_other = [&](const Choice& each) {
    return each->certificate_type() != CertificateType::X509 || !each->matches(server_name);
  };
  if (!std::ranges::all_of(candidates, is_other)) std::erase_if(candidates, is_other);
  for (const Choice& candidate : candidates) {
    const Buffer& id = candidate->extras().trust_anchor_id;
    if (!id.empty() && wanted.signs(*candidate) && !base::contains(identifiers, id)) identifiers.push_back(id);
  }
  return identifiers;
}

Outside<Choice> choose_credential(Engine& engine, const ClientOptions& options,
                                  const wire::CertificateRequest& request) {
  if (options.credential_chooser) return engine.ask<Choice>(CredentialRequest{describe(engine, request)});
  Wanted wanted(ProtocolVersion::tls1_3, Side::client, CertificateTypes(engine.info().client_certificate_type),
                request.signature_algorithms, request.signature_algorithms_cert, request.certificate_authorities);
  if (request.oid_filters) wanted.filters = *request.oid_filters;
  return choose(engine, options, wanted);
}

Outside<Choice> choose_credential(Engine& engine, const ClientOptions& options,
                                  const wire::tls12::CertificateRequest& request) {
  if (options.credential_chooser) return engine.ask<Choice>(CredentialRequest{describe(engine, request)});
  const ProtocolVersion version = engine.info().version;
  Wanted wanted(version, Side::client, CertificateTypes(engine.info().client_certificate_type),
                tls12::signature_algorithms(version, request), std::nullopt, request.certificate_authorities);
  std::erase_if(wanted.schemes,
                [&](SignatureScheme scheme) { return !tls12::is_of_type(scheme, request.certificate_types); });
  return choose(engine, options, wanted);
}

}  // namespace handfast::handshake
