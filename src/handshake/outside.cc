#include "handshake/outside.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/contains.h"
#include "x509/name.h"
#include "x509/verify.h"

namespace handfast::handshake {
namespace {

using Choice = std::shared_ptr<const Credential>;

template <typename Item>
std::vector<Item> to_vector(const std::optional<wire::List<Item>>& list) {
  std::vector<Item> items;
  if (list)
    for (Item item : *list) items.push_back(item);
  return items;
}

std::vector<Buffer> to_buffers(const std::optional<wire::List<wire::Opaque16>>& list) {
  std::vector<Buffer> items;
  if (list)
    for (const wire::Opaque16& item : *list) items.emplace_back(item.data.begin(), item.data.end());
  return items;
}

std::vector<Bytes> to_views(const std::optional<wire::List<wire::Opaque16>>& list) {
  std::vector<Bytes> items;
  if (list)
    for (const wire::Opaque16& item : *list) items.push_back(item.data);
  return items;
}

PeerOffer describe(ServerEngine& engine, const wire::ClientHello& hello) {
  PeerOffer offer;
  offer.server_name = engine.info().server_name;
  if (hello.application_layer_protocol_negotiation)
    for (const wire::ProtocolName& protocol : *hello.application_layer_protocol_negotiation)
      offer.application_protocols.emplace_back(as_text(protocol.name));
  for (CipherSuite suite : hello.cipher_suites) offer.cipher_suites.push_back(suite);
  offer.versions = to_vector(hello.supported_versions);
  offer.groups = to_vector(hello.supported_groups);
  offer.signature_schemes = to_vector(hello.signature_algorithms);
  offer.certificate_schemes = to_vector(hello.signature_algorithms_cert);
  offer.certificate_authorities = to_buffers(hello.certificate_authorities);
  return offer;
}

PeerOffer describe(const wire::CertificateRequest& request) {
  PeerOffer offer;
  offer.signature_schemes = to_vector(std::optional(request.signature_algorithms));
  offer.certificate_schemes = to_vector(request.signature_algorithms_cert);
  offer.certificate_authorities = to_buffers(request.certificate_authorities);
  return offer;
}

bool signs_for(const Credential& credential, const std::optional<wire::List<SignatureScheme>>& peer) {
  return peer && std::ranges::any_of(credential.schemes(), [&](SignatureScheme scheme) { return peer->contains(scheme); });
}

std::string text(const x509::Check& check) {
  std::string text;
  for (const Fact& fact : check.evidence) {
    if (!text.empty()) text += "; ";
    text.append(fact.name).append(": ").append(to_text(fact.value));
  }
  return text;
}

/// The built-in verification, with every check told to the trace.
Result<void> verify_now(Engine& engine, const x509::Certificate& leaf, const Verification& how) {
  std::vector<x509::Certificate> chain{leaf};
  for (Bytes der : std::span(engine.info().peer_certificates).subspan(1)) {
    Result<x509::Certificate> certificate = x509::Certificate::parse(der);
    if (!certificate)
      return fail(std::move(certificate.error()).with("index", static_cast<std::int64_t>(chain.size())));
    chain.push_back(std::move(*certificate));
  }
  x509::Purpose purpose = x509::ClientAuth{};
  if (how.server_name) purpose = x509::ServerAuth{*how.server_name};
  std::vector<x509::Check> checks;
  Result<x509::VerifiedChain> verified = x509::verify({.chain = chain,
                                                       .purpose = std::move(purpose),
                                                       .anchors = *how.anchors,
                                                       .now = engine.common().clock->now()},
                                                      engine.tracer() ? &checks : nullptr);
  for (const x509::Check& check : checks) {
    engine.tracer()([&] {
      const auto place = std::ranges::find(chain, check.certificate);
      return CertificateCheckEvent{name(check.kind), static_cast<std::size_t>(place - chain.begin()),
                                   x509::name_text(check.certificate->subject),
                                   CertificateCheckEvent::Outcome{std::to_underlying(check.outcome)}, text(check)};
    });
  }
  if (!verified) return fail(std::move(verified.error()));
  return {};
}

}  // namespace

Outside<Buffer> sign(Engine& engine, const Credential& credential, SignatureScheme scheme, Bytes message) {
  if (const LocalKey* key = credential.local_key()) return Engine::answered(key->sign_now(scheme, message));
  return engine.ask<Buffer>(SignRequest{credential.key(), scheme, Buffer(message.begin(), message.end())});
}

Outside<Choice> choose_credential(ServerEngine& engine, const wire::ClientHello& hello) {
  const ServerOptions& options = engine.options();
  if (options.credential_chooser) return engine.ask<Choice>(CredentialRequest{describe(engine, hello)});

  const std::string& server_name = engine.info().server_name;
  const std::vector<Bytes> authorities = to_views(hello.certificate_authorities);
  Choice fallback;
  bool signs = false;
  for (const Choice& credential : options.credentials) {
    if (!signs_for(*credential, hello.signature_algorithms)) continue;
    signs = true;
    if (credential->extras().must_match_issuer && !credential->issued_by(authorities)) continue;
    if (!fallback) fallback = credential;
    // One credential without a choice to make needs no look at its names.
    const bool any_name_will_do = server_name.empty() || (options.credentials.size() == 1 && !options.strict_server_name);
    if (any_name_will_do || credential->matches(server_name)) return Engine::answered(Result<Choice>(credential));
  }
  if (!signs)
    return Engine::answered<Choice>(fail(Alert::handshake_failure, Reason::no_common_signature_scheme));
  if (!fallback) return Engine::answered<Choice>(fail(Alert::handshake_failure, Reason::no_matching_issuer));
  if (options.strict_server_name)
    return Engine::answered<Choice>(
        fail(Error(Alert::unrecognized_name, Reason::unrecognized_name).with("server_name", server_name)));
  return Engine::answered(Result<Choice>(std::move(fallback)));
}

Outside<Choice> choose_credential(ClientEngine& engine, const wire::CertificateRequest& request) {
  const ClientOptions& options = engine.options();
  if (options.credential_chooser) return engine.ask<Choice>(CredentialRequest{describe(request)});

  const std::vector<Bytes> authorities = to_views(request.certificate_authorities);
  Choice fallback;
  for (const Choice& credential : options.credentials) {
    if (!signs_for(*credential, request.signature_algorithms)) continue;
    if (authorities.empty() ? !credential->extras().must_match_issuer : credential->issued_by(authorities))
      return Engine::answered(Result<Choice>(credential));
    // The list is a hint (RFC 8446, section 4.2.4): a chain that names none of these may still lead there.
    if (!fallback && !credential->extras().must_match_issuer) fallback = credential;
  }
  return Engine::answered(Result<Choice>(std::move(fallback)));
}

Verification verification(const ClientEngine& engine) noexcept {
  return {engine.options().verifier.get(), engine.options().trust.get(), &engine.server_name()};
}
Verification verification(const ServerEngine& engine) noexcept {
  return {engine.options().client_verifier.get(), engine.options().client_trust.get(), nullptr};
}

Outside<void> verify_chain(Engine& engine, const x509::Certificate& leaf, Verification how) {
  if (!how.verifier) return Engine::answered(verify_now(engine, leaf, how));
  const ConnectionInfo& info = engine.info();
  return engine.ask<void>(VerifyRequest{how.server_name ? Side::server : Side::client,
                                        how.server_name ? how.server_name->text() : std::string(),
                                        info.peer_certificates, info.ocsp_response});
}

}  // namespace handfast::handshake
