#include "outside.h"

#include <algorithm>
#include <string>

#include "encoding.h"
#include "error_strings.h"
#include "failure.h"

namespace handfast::bogo {
namespace {

Error refused(Alert alert, std::string boringssl) {
  return Error(alert, Reason::rejected_by_config).with(injected, std::move(boringssl));
}

std::string joined_hex(const std::vector<Buffer>& names) {
  std::string text;
  for (const Buffer& name : names) {
    if (!text.empty()) text += ',';
    text += to_text(name);
  }
  return text;
}

/// Whether certificate_types, which TLS 1.2 asks a client for, has the one of keys with that scheme.
bool is_of_type(SignatureScheme scheme, const PeerOffer& offer) {
  constexpr std::uint8_t rsa_sign = 1;
  constexpr std::uint8_t ecdsa_sign = 64;  // Ed25519 too (RFC 8422, section 5.5)
  if (offer.certificate_types.empty()) return true;
  const std::uint8_t type = name(scheme).starts_with("rsa") ? rsa_sign : ecdsa_sign;
  return std::ranges::find(offer.certificate_types, type) != offer.certificate_types.end();
}

bool suits(const Credential& credential, const PeerOffer& offer, Side ours) {
  if (std::ranges::find(offer.credential_types, credential.certificate_type()) == offer.credential_types.end())
    return false;
  const bool decrypts = credential.decrypts() && offer.version < ProtocolVersion::tls1_3 &&
                        std::ranges::any_of(offer.cipher_suites, is_rsa_key_exchange);
  const bool serves =
      decrypts || std::ranges::any_of(credential.schemes(offer.version, ours), [&](SignatureScheme scheme) {
        return std::ranges::find(offer.signature_schemes, scheme) != offer.signature_schemes.end() &&
               is_of_type(scheme, offer);
      });
  if (!credential.extras().must_match_issuer) return serves;
  const std::vector<Bytes> names(offer.certificate_authorities.begin(), offer.certificate_authorities.end());
  const bool leads_there =
      std::ranges::find(offer.trust_anchors, credential.extras().trust_anchor_id) != offer.trust_anchors.end();
  return serves && (leads_there || credential.issued_by(names));
}

}  // namespace

bool is_rsa_key_exchange(CipherSuite suite) { return name(suite).starts_with("TLS_RSA_"); }

void Chooser::choose(CredentialRequest request, std::function<void(CredentialAnswer)> done) const {
  check(request.offer);
  if (auto error = refusal()) return done({fail(*std::move(error))});
  done({pick(request.offer)});
}

void Chooser::check(const PeerOffer& offer) const {
  if (flags_.server && !flags_.expect_advertised_alpn.empty() && !flags_.decline_alpn && !flags_.reject_alpn &&
      to_length_prefixed(offer.application_protocols) != flags_.expect_advertised_alpn)
    throw Failure("other ALPN protocols were offered than expected");
  if (!flags_.expect_peer_verify_prefs.empty() &&
      !std::ranges::equal(offer.signature_schemes, flags_.expect_peer_verify_prefs, {},
                          [](SignatureScheme scheme) { return static_cast<int>(scheme); }))
    throw Failure("other signature schemes were offered than expected");
  if (!flags_.expect_certificate_types.empty() && offer.certificate_types != flags_.expect_certificate_types)
    throw Failure("other certificate types were named than expected");
  if (!flags_.expect_client_ca_list.empty()) {
    const bool none = flags_.expect_client_ca_list.starts_with('<');
    if (joined_hex(offer.certificate_authorities) != (none ? std::string() : flags_.expect_client_ca_list))
      throw Failure("other certificate authorities were named than expected");
  }
}

std::optional<Error> Chooser::refusal() const {
  if (flags_.fail_early_callback) return refused(Alert::handshake_failure, ":CONNECTION_REJECTED:");
  if (flags_.fail_ddos_callback) return refused(Alert::internal_error, ":CONNECTION_REJECTED:");
  if (flags_.fail_cert_callback) return refused(Alert::internal_error, ":CERT_CB_ERROR:");
  if (flags_.select_empty_alpn) {
    // Protocols are selected by a config, which is refused with the alert that the runner looks for.
    ServerOptions options;
    options.application_protocols = {""};
    return ServerConfig::make(std::move(options)).error();
  }
  if (flags_.server && flags_.use_ocsp_callback && flags_.fail_ocsp_callback)
    return refused(Alert::internal_error, ":OCSP_CB_ERROR:");
  if (flags_.server && has_psk_ && credentials_.empty())
    return refused(Alert::handshake_failure, trace_.refusal() == SessionRefusal::psk_mode ? ":NO_SUPPORTED_PSK_MODE:"
                                                                                          : ":PSK_IDENTITY_NOT_FOUND:");
  return std::nullopt;
}

SharedCredential Chooser::pick(const PeerOffer& offer) const {
  const Side ours = flags_.server ? Side::server : Side::client;
  const auto suitable = std::ranges::find_if(credentials_, [&](const auto& one) { return suits(*one, offer, ours); });
  if (suitable != credentials_.end()) return *suitable;
  return credentials_.empty() ? nullptr : credentials_.back();
}

void Verifier::verify(VerifyRequest request, std::function<void(VerifyAnswer)> done) const {
  if (!flags_->expect_ocsp_response.empty() && request.ocsp_response.empty())
    throw Failure("the verifier was not shown the OCSP response");
  if (auto error = refusal()) return done({fail(*std::move(error))});
  done({{}});
}

std::optional<Error> Verifier::refusal() const {
  if (flags_->verify_fail)
    return refused(flags_->use_custom_verify_callback ? Alert::certificate_unknown : Alert::handshake_failure,
                   ":CERTIFICATE_VERIFY_FAILED:");
  if (!flags_->server && flags_->enable_ocsp_stapling && flags_->use_ocsp_callback && flags_->fail_ocsp_callback)
    return refused(Alert::bad_certificate_status_response, ":OCSP_CB_ERROR:");
  return std::nullopt;
}

Answer ask_outside(const Need& need, const CredentialChooser& chooser, const ChainVerifier& verifier) {
  struct Asker {
    const CredentialChooser& chooser;
    const ChainVerifier& verifier;
    std::optional<Answer> answer;

    void operator()(const SignRequest& request) {
      request.key->sign(request.scheme, request.message,
                        [this](Result<Buffer> signature) { answer = SignAnswer{std::move(signature)}; });
    }
    void operator()(const DecryptRequest& request) {
      request.key->decrypt(request.ciphertext,
                           [this](std::optional<Buffer> block) { answer = DecryptAnswer{std::move(block)}; });
    }
    void operator()(const CredentialRequest& request) {
      chooser.choose(request, [this](CredentialAnswer chosen) { answer = std::move(chosen); });
    }
    void operator()(const VerifyRequest& request) {
      verifier.verify(request, [this](VerifyAnswer verdict) { answer = std::move(verdict); });
    }
    void operator()(const SessionRequest& request) {
      request.store->find(request.id, request.use,
                          [this](std::optional<Buffer> session) { answer = SessionAnswer{std::move(session)}; });
    }
  };
  Asker asker{chooser, verifier, {}};
  std::visit(asker, need.request);
  if (!asker.answer) throw Failure("a Need was not answered");
  return *std::move(asker.answer);
}

}  // namespace handfast::bogo
