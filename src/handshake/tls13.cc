#include "handshake/tls13.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/secret.h"
#include "crypto/key_exchange.h"
#include "handshake/authenticate.h"
#include "wire/certificate.h"
#include "wire/certificate_verify.h"
#include "wire/finished.h"

namespace handfast::handshake {

Result<wire::Certificate> read_certificate(Engine& engine, const Msg& message, Bytes context,
                                           const wire::ExtensionSet& asked) {
  Result<wire::Certificate> certificate = wire::parse_certificate(message.body(), engine.common().limits.chain_length);
  if (!certificate) return certificate;
  // Section 4.4.2: during the handshake peers take one that should be empty for a message that does not decode.
  if (!std::ranges::equal(certificate->certificate_request_context, context)) {
    if (context.empty()) return wire::malformed("certificate", "context");
    return fail(Alert::illegal_parameter, Reason::wrong_request_context);
  }
  ConnectionInfo& info = engine.info();
  // Section 4.4.2: a raw public key stands alone, and of the extensions that there are each speaks of a certificate.
  const bool is_raw = engine.certificate_type(engine.peer()) == CertificateType::RawPublicKey;
  if (is_raw && certificate->certificate_list.size() > 1) return wire::too_many_certificates(1);
  wire::ExtensionSet allowed = is_raw ? wire::ExtensionSet() : asked;
  for (const wire::CertificateEntry& entry : certificate->certificate_list) {
    if (auto solicited = check_solicited(entry.extensions, allowed, wire::MessageKind::certificate); !solicited)
      return fail(std::move(solicited.error()));
    // draft-ietf-tls-trust-anchor-ids, section 4: it speaks of the chain, beside the leaf.
    allowed.remove(ExtensionType::trust_anchors);
    info.matched_trust_anchor |= entry.trust_anchors;
    if (is_raw) {
      info.peer_raw_public_key.assign(entry.cert_data.begin(), entry.cert_data.end());
      continue;
    }
    if (info.peer_certificates.empty()) {
      if (entry.ocsp_response) info.ocsp_response.assign(entry.ocsp_response->begin(), entry.ocsp_response->end());
      if (auto scts = entry.extensions.find(ExtensionType::signed_certificate_timestamp))
        info.signed_certificate_timestamps.assign(scts->begin(), scts->end());
    }
    info.peer_certificates.emplace_back(entry.cert_data.begin(), entry.cert_data.end());
  }
  return certificate;
}

Result<void> check_certificate_verify(Engine& engine, schedule::Transcript& transcript, const PeerKey& key,
                                      const Msg& message) {
  Result<wire::CertificateVerify> verify = wire::parse_certificate_verify(message.body(), ProtocolVersion::tls1_3);
  if (!verify) return fail(std::move(verify.error()));
  const crypto::Digest transcript_hash = transcript.digest();
  const wire::SignedContent content(engine.peer(), transcript_hash.view());
  if (auto verified = check_signature(engine, key, verify->algorithm, content.view(), verify->signature); !verified)
    return verified;
  transcript.add(message.bytes());
  return {};
}

HandshakeKeys derive_handshake_keys(Engine& engine, schedule::EarlySecret early_secret, base::Secret shared_secret,
                                    const schedule::Transcript& transcript) {
  const crypto::Digest hello_hash = transcript.digest();
  const bool with_dhe = !shared_secret.empty();
  schedule::HandshakeSecret secret =
      with_dhe ? std::move(early_secret).handshake(shared_secret) : std::move(early_secret).handshake();
  schedule::TrafficSecret client = secret.client_handshake_traffic(hello_hash.view());
  schedule::TrafficSecret server = secret.server_handshake_traffic(hello_hash.view());
  const std::string_view origin = crypto::is_post_quantum(engine.info().group)
                                      ? "KEM(our private key, their share), and ECDH in a hybrid"
                                      : "ECDH(our private key, their share)";
  if (with_dhe) engine.tell_secret("shared_secret", origin, shared_secret.view());
  engine.tell_secret("client_handshake_traffic_secret",
                     "Derive-Secret(Handshake Secret, \"c hs traffic\", ClientHello...ServerHello)", client.view());
  engine.tell_secret("server_handshake_traffic_secret",
                     "Derive-Secret(Handshake Secret, \"s hs traffic\", ClientHello...ServerHello)", server.view());
  engine.log_secret("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client.view());
  engine.log_secret("SERVER_HANDSHAKE_TRAFFIC_SECRET", server.view());
  return {std::move(client), std::move(server), std::move(secret).master()};
}

schedule::TrafficSecret derive_early_keys(Engine& engine, const schedule::EarlySecret& early_secret,
                                          const crypto::Digest& hello_hash) {
  schedule::TrafficSecret early = early_secret.client_early_traffic(hello_hash.view());
  schedule::ExporterSecret exporter = early_secret.early_exporter(hello_hash.view());
  engine.tell_secret("client_early_traffic_secret", "Derive-Secret(Early Secret, \"c e traffic\", ClientHello)",
                     early.view());
  engine.log_secret("CLIENT_EARLY_TRAFFIC_SECRET", early.view());
  engine.log_secret("EARLY_EXPORTER_SECRET", exporter.view());
  engine.set_early_exporter(std::move(exporter));
  return early;
}

ApplicationKeys derive_application_keys(Engine& engine, const schedule::MasterSecret& master,
                                        const schedule::Transcript& transcript) {
  const crypto::Digest finished_hash = transcript.digest();
  ApplicationKeys keys{master.client_application_traffic(finished_hash.view()),
                       master.server_application_traffic(finished_hash.view())};
  schedule::ExporterSecret exporter = master.exporter(finished_hash.view());
  engine.tell_secret("client_application_traffic_secret_0",
                     "Derive-Secret(Master Secret, \"c ap traffic\", ClientHello...server Finished)",
                     keys.client.view());
  engine.tell_secret("server_application_traffic_secret_0",
                     "Derive-Secret(Master Secret, \"s ap traffic\", ClientHello...server Finished)",
                     keys.server.view());
  engine.log_secret("CLIENT_TRAFFIC_SECRET_0", keys.client.view());
  engine.log_secret("SERVER_TRAFFIC_SECRET_0", keys.server.view());
  engine.log_secret("EXPORTER_SECRET", exporter.view());
  engine.set_exporter(std::move(exporter));
  return keys;
}

base::Secret derive_resumption_secret(Engine& engine, schedule::MasterSecret& master,
                                      const schedule::Transcript& transcript) {
  const crypto::Digest finished_hash = transcript.digest();
  base::Secret resumption = master.resumption(finished_hash.view());
  master.wipe();
  engine.tell_secret("resumption_master_secret",
                     "Derive-Secret(Master Secret, \"res master\", ClientHello...client Finished)", resumption.view());
  return resumption;
}

Flow<bool> authenticate_peer(Engine& engine, schedule::Transcript& transcript, Msg message, wire::ExtensionSet asked,
                             Verification how) {
  wire::Certificate certificate = co_await read_certificate(engine, message, {}, asked);
  transcript.add(message.bytes());
  if (certificate.certificate_list.empty()) co_return false;

  PeerKey key = co_await read_peer_key(engine.info(), x509::KeyUsage::digitalSignature);
  co_await verify_peer(engine, key, how);

  message = co_await next(HandshakeType::certificate_verify);
  co_await check_certificate_verify(engine, transcript, key, message);
  co_await conclude_authentication(engine);
  co_return true;
}

Result<Buffer> make_certificate(Engine& engine, schedule::Transcript& transcript, Bytes context,
                                const Credential* credential, const wire::Extensions& asked) {
  wire::CertificateFields fields;
  fields.certificate_request_context = context;
  if (credential) {
    fields.chain = credential->shown();
    if (asked.contains(ExtensionType::status_request))
      fields.ocsp_response = credential->staple(engine.common().clock->now());
    if (asked.contains(ExtensionType::signed_certificate_timestamp))
      fields.signed_certificate_timestamp = credential->extras().signed_certificate_timestamps;
    fields.trust_anchors = engine.side() == Side::server && engine.info().matched_trust_anchor;
  }
  Buffer message;
  if (auto written = wire::write_certificate(message, fields); !written) return fail(std::move(written.error()));
  transcript.add(message);
  return message;
}

Flow<Buffer> make_certificate_verify(Engine& engine, schedule::Transcript& transcript,
                                     std::shared_ptr<const Credential> credential, SignatureScheme scheme) {
  crypto::Digest transcript_hash = transcript.digest();
  wire::SignedContent content(engine.side(), transcript_hash.view());
  Buffer signature = co_await sign(engine, *credential, scheme, content.view());

  Buffer message;
  wire::CertificateVerify verify{scheme, signature};
  co_await wire::write_certificate_verify(message, verify, ProtocolVersion::tls1_3);
  transcript.add(message);
  engine.info().credential = std::move(credential);
  co_return message;
}

Buffer make_finished(schedule::Transcript& transcript, const schedule::TrafficSecret& secret) {
  const crypto::Digest transcript_hash = transcript.digest();
  const crypto::Digest verify_data = secret.finished(transcript_hash.view());
  Buffer message;
  wire::write_finished(message, {verify_data.view()});
  transcript.add(message);
  return message;
}

Result<void> check_finished(schedule::Transcript& transcript, const schedule::TrafficSecret& secret,
                            const Msg& message) {
  const crypto::Digest transcript_hash = transcript.digest();
  const crypto::Digest expected = secret.finished(transcript_hash.view());
  const wire::Finished finished = wire::parse_finished(message.body());
  if (!base::equal_in_constant_time(finished.verify_data, expected.view()))
    return fail(Alert::decrypt_error, Reason::bad_finished);
  transcript.add(message.bytes());
  return {};
}

}  // namespace handfast::handshake
