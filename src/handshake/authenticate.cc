#include "handshake/authenticate.h"

#include <utility>

#include "base/contains.h"
#include "x509/describe.h"
#include "x509/name.h"

namespace handfast::handshake {

Result<x509::Certificate> read_leaf(Bytes der) {
  Result<x509::Certificate> leaf = x509::Certificate::parse(der);
  // A leaf that is no certificate is a Certificate message that does not decode.
  if (!leaf) {
    Error error(Alert::decode_error, Reason::bad_certificate);
    for (const Fact& fact : leaf.error().evidence()) error = std::move(error).with(fact.name, fact.value);
    return fail(std::move(error).with("index", 0));
  }
  return leaf;
}

Result<x509::Certificate> read_leaf(Bytes der, x509::KeyUsage usage) {
  Result<x509::Certificate> leaf = read_leaf(der);
  if (!leaf) return leaf;
  // It must be set where the extension is there (RFC 8446, section 4.4.2.2; RFC 5246, section 7.4.2).
  const auto& allowed = (*leaf)->key_usage;
  if (allowed && !contains(*allowed, usage))
    return fail(Error(Alert::illegal_parameter, Reason::wrong_key_usage)
                    .with("subject", x509::name_text((*leaf)->subject))
                    .with("required", x509::key_usages(usage).front()));
  return leaf;
}

Result<void> check_authenticated(const ConnectionInfo& info) {
  if (info.peer_certificates.empty()) return fail(Alert::decode_error, Reason::no_certificate);
  return {};
}

Result<void> check_signature(Engine& engine, const x509::Certificate& leaf, SignatureScheme scheme, Bytes content,
                             Bytes signature) {
  if (!base::contains(engine.common().signature_schemes, scheme))
    return fail(Error(Alert::illegal_parameter, Reason::wrong_signature_scheme).with("signature_scheme", name(scheme)));
  auto verified = x509::verify_signature(*leaf, engine.info().version, scheme, content, signature);
  if (verified) engine.info().peer_signature_scheme = scheme;
  return verified;
}

Result<void> check_anonymous(const ServerOptions& options, ProtocolVersion version, ClientAuth demand) {
  if (demand != ClientAuth::require && !options.authorization) return {};
  const bool has_alert = version == ProtocolVersion::tls1_3;
  return fail(has_alert ? Alert::certificate_required : Alert::handshake_failure, Reason::no_certificate);
}

}  // namespace handfast::handshake
