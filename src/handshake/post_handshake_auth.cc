#include "handshake/post_handshake_auth.h"

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "handshake/authenticate.h"
#include "handshake/negotiate.h"
#include "handshake/outside.h"
#include "handshake/server_tls13.h"
#include "handshake/tls13.h"
#include "wire/certificate_request.h"

namespace handfast::handshake {
namespace {

/// Section 4.3.2: unique within the connection, and not to be guessed: nobody with the key for a moment signs ahead.
std::array<std::uint8_t, 32> fresh_context(Engine& engine) {
  std::array<std::uint8_t, 32> context;
  engine.random().fill(context);
  return context;
}

}  // namespace

Flow<void> request_certificate(ServerEngine& engine, schedule::Transcript transcript, ClientAuth demand) {
  std::array<std::uint8_t, 32> context = fresh_context(engine);
  wire::ExtensionSet asked = co_await send_certificate_request(engine, transcript, Level::application, context);

  Msg message = co_await next(HandshakeType::certificate);
  wire::Certificate certificate = co_await read_certificate(engine, message, context, asked);
  transcript.add(message.bytes());
  std::optional<PeerKey> key;
  if (!certificate.certificate_list.empty()) {
    key = co_await read_peer_key(engine.info(), x509::KeyUsage::digitalSignature);
    message = co_await next(HandshakeType::certificate_verify);
    co_await check_certificate_verify(engine, transcript, *key, message);
  }
  message = co_await next(HandshakeType::finished);
  co_await check_finished(transcript, engine.transport().application_secret(Direction::received), message);
  if (!key) {
    co_await check_anonymous(engine.options(), ProtocolVersion::tls1_3, demand);
    co_return;
  }
  Verification how = verification(engine);
  co_await verify_peer(engine, *key, how);
  co_await conclude_authentication(engine);
}

Flow<void> answer_certificate_request(Engine& engine, const ClientOptions& options, schedule::Transcript transcript,
                                      Msg message) {
  wire::CertificateRequest request = co_await wire::parse_certificate_request(message.body());
  transcript.add(message.bytes());
  std::shared_ptr<const Credential> credential = co_await choose_credential(engine, options, request);
  if (credential) co_await check_credential_type(engine, *credential);
  Buffer certificate = co_await make_certificate(engine, transcript, request.certificate_request_context,
                                                 credential.get(), request.extensions);
  Buffer verify;
  if (credential) {
    SignatureScheme scheme = co_await choose_signature_scheme(engine, *credential, request.signature_algorithms,
                                                              request.certificate_authorities);
    verify = co_await make_certificate_verify(engine, transcript, std::move(credential), scheme);
  }
  Buffer finished = make_finished(transcript, engine.transport().application_secret(Direction::sent));
  engine.send(Level::application, certificate);
  if (!verify.empty()) engine.send(Level::application, verify);
  engine.send(Level::application, finished);
}

}  // namespace handfast::handshake
