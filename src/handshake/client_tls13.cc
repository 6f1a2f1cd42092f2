#include "handshake/client_tls13.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/contains.h"
#include "crypto/cipher_suite.h"
#include "handshake/authenticate.h"
#include "handshake/negotiate.h"
#include "handshake/resume.h"
#include "handshake/send.h"
#include "handshake/tls13.h"
#include "session/client_session.h"
#include "wire/certificate_request.h"
#include "wire/empty.h"
#include "wire/encrypted_extensions.h"
#include "wire/server_hello.h"

namespace handfast::handshake {
namespace {

/// What holds for a ServerHello and a HelloRetryRequest alike (section 4.1.3).
Result<const crypto::SuiteParts*> check_server_hello(ClientEngine& engine, const Offer& offer,
                                                     const wire::ServerHello& hello) {
  // RFC 9846, section 4.1.3: legacy_version is TLS 1.2's.
  if (hello.legacy_version != ProtocolVersion::tls1_2)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_version_selected)
                    .with("selected", name(hello.legacy_version))
                    .with("field", "legacy_version"));
  if (!std::ranges::equal(hello.legacy_session_id_echo, offer.legacy_session_id))
    return fail(Alert::illegal_parameter, Reason::wrong_session_id_echo);
  if (auto solicited = check_solicited(hello.extensions, offer.extensions, hello.kind()); !solicited)
    return fail(std::move(solicited.error()));
  return accept_cipher_suite(engine, hello.cipher_suite);
}

/// Section 4.1.4: the second ClientHello, as the HelloRetryRequest asks for it.
Result<void> retry(ClientEngine& engine, Offer& offer, const wire::ServerHello& request, const Msg& message) {
  if (!request.selected_group && !request.cookie) return fail(Alert::illegal_parameter, Reason::empty_retry_request);
  if (request.selected_group) {
    const NamedGroup group = *request.selected_group;
    const bool supported = base::contains(engine.common().groups, group);
    const bool has_share =
        std::ranges::any_of(offer.shares, [&](const crypto::KeyExchange& share) { return share.group() == group; });
    if (!supported || has_share)
      return fail(Error(Alert::illegal_parameter, Reason::wrong_group_selected).with("selected", name(group)));
    Result<crypto::KeyExchange> share = crypto::KeyExchange::generate(group, engine.random());
    if (!share) return fail(std::move(share.error()));
    offer.shares.clear();
    offer.shares.push_back(std::move(*share));
    offer.grease.key_share = 0;
  }
  // Section 4.1.4: what the suite rules out is offered no more; and a retry is the end of early data.
  const crypto::HashAlgorithm hash = crypto::find_suite(engine.info().cipher_suite)->hash;
  std::erase_if(offer.psks, [&](const ClientPsk& psk) { return psk.early_secret.hash() != hash; });
  if (std::exchange(offer.early_data, false)) {
    engine.transport().early_data_rejected();
    decide_early_data(engine, EarlyData::hello_retry_request);
  }
  if (request.cookie) offer.cookie.assign(request.cookie->begin(), request.cookie->end());
  offer.transcript.fold_first_hello();
  offer.transcript.add(message.bytes());
  engine.info().retried = true;
  send_change_cipher_spec(engine, offer);
  return send_client_hello(engine, offer);
}

/// The answer to the second ClientHello holds to the HelloRetryRequest.
Result<void> check_after_retry(const ConnectionInfo& info, const wire::ServerHello& hello) {
  if (hello.is_hello_retry_request()) return fail(Alert::unexpected_message, Reason::second_retry_request);
  if (hello.selected_version != ProtocolVersion::tls1_3)
    return fail(
        Error(Alert::illegal_parameter, Reason::wrong_version_selected).with("selected", name(hello.version())));
  if (hello.cipher_suite != info.cipher_suite)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_cipher_suite_selected)
                    .with("selected", name(hello.cipher_suite)));
  return {};
}

/// The PSK that the server has selected, or nullptr where it has selected none and need not (section 4.2.11).
Result<ClientPsk*> accept_psk(ClientEngine& engine, Offer& offer, const wire::ServerHello& hello,
                              const crypto::SuiteParts& suite) {
  if (!hello.selected_identity && engine.options().require_pre_shared_key)
    return wire::missing_extension(wire::MessageKind::server_hello, ExtensionType::pre_shared_key);
  if (!hello.selected_identity) return nullptr;
  if (*hello.selected_identity >= offer.psks.size())
    return fail(Error(Alert::illegal_parameter, Reason::bad_psk)
                    .with("field", "selected_identity")
                    .with("selected", static_cast<std::int64_t>(*hello.selected_identity)));
  ClientPsk& psk = offer.psks[*hello.selected_identity];
  if (psk.early_secret.hash() != suite.hash)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_cipher_suite_selected)
                    .with("selected", name(suite.suite))
                    .with("field", "pre_shared_key"));
  if (psk.external) {
    engine.info().psk_identity = psk.external->identity();
    resume(engine, session::PeerRecord(), Resumption::external_psk);
  } else {
    resume(engine, offer.session->content().session.peer, Resumption::psk);
  }
  return &psk;
}

/// The shared secret with the server's share (section 4.2.8); none in psk_ke.
Result<base::Secret> agree(ClientEngine& engine, const Offer& offer, const wire::ServerHello& hello,
                           const ClientPsk* psk) {
  if (!hello.key_share && psk && engine.options().sessions.psk_ke) return base::Secret();
  if (!hello.key_share) return wire::missing_extension(wire::MessageKind::server_hello, ExtensionType::key_share);
  const auto share = std::ranges::find(offer.shares, hello.key_share->group, &crypto::KeyExchange::group);
  if (share == offer.shares.end())
    return fail(
        Error(Alert::illegal_parameter, Reason::wrong_key_share).with("selected", name(hello.key_share->group)));
  engine.info().group = hello.key_share->group;
  return share->agree(hello.key_share->key_exchange);
}

/// Section 4.2.10: what the server takes is under the session's key and under all that was agreed on with it.
Result<void> accept_early_data(ClientEngine& engine, const Offer& offer) {
  const ConnectionInfo& info = engine.info();
  // Section 4.2.11: it belongs to the first key that was offered, which is the session's.
  if (info.resumption == Resumption::external_psk)
    return fail(Error(Alert::illegal_parameter, Reason::bad_psk).with("field", "selected_identity"));
  // The second hello did not offer it, so that after a retry it is unsolicited; and so it is without the session.
  if (info.resumption != Resumption::psk)
    return fail(Error(Alert::unsupported_extension, Reason::unsolicited_extension)
                    .with("extension", name(ExtensionType::early_data)));
  const session::Session& session = offer.session->content().session;
  if (info.cipher_suite != session.cipher_suite)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_cipher_suite_selected)
                    .with("selected", name(info.cipher_suite))
                    .with("field", "early_data"));
  if (info.application_protocol != session.application_protocol)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_application_protocol)
                    .with("selected", info.application_protocol)
                    .with("offered", session.application_protocol));
  decide_early_data(engine, EarlyData::accepted);
  return {};
}

/// Section 4.3.1.
Result<void> process_encrypted_extensions(ClientEngine& engine, const Offer& offer, const Msg& message) {
  Result<wire::EncryptedExtensions> parsed = wire::parse_encrypted_extensions(message.body());
  if (!parsed) return fail(std::move(parsed.error()));
  if (auto solicited = check_solicited(parsed->extensions, offer.extensions, wire::MessageKind::encrypted_extensions);
      !solicited)
    return solicited;
  if (parsed->application_protocol)
    if (auto accepted = accept_application_protocol(engine, *parsed->application_protocol); !accepted) return accepted;
  if (parsed->record_size_limit)
    if (auto accepted = accept_record_size_limit(engine, *parsed->record_size_limit); !accepted) return accepted;
  if (auto accepted =
          accept_certificate_types(engine, parsed->server_certificate_type, parsed->client_certificate_type);
      !accepted)
    return accepted;
  if (parsed->trust_anchors)
    for (const wire::TrustAnchorID& each : *parsed->trust_anchors)
      engine.info().available_trust_anchors.emplace_back(each.id.begin(), each.id.end());
  if (parsed->early_data) return accept_early_data(engine, offer);
  if (offer.early_data) {
    engine.transport().early_data_rejected();
    const bool resumed = engine.info().resumption == Resumption::psk;
    decide_early_data(engine, resumed ? EarlyData::peer_declined : EarlyData::session_not_resumed);
  }
  return {};
}

/// Section 4.3.2.
Result<wire::CertificateRequest> read_certificate_request(const Msg& message) {
  Result<wire::CertificateRequest> request = wire::parse_certificate_request(message.body());
  // The context is empty during the handshake.
  if (request && !request->certificate_request_context.empty())
    return wire::malformed("certificate_request", "certificate_request_context");
  return request;
}

/// Our Certificate and CertificateVerify, as the request wants them; an empty Certificate where we have none that fits.
Flow<void> authenticate_client(ClientEngine& engine, schedule::Transcript& transcript,
                               const wire::CertificateRequest& request) {
  std::shared_ptr<const Credential> credential = co_await choose_credential(engine, engine.options(), request);
  if (credential) co_await check_credential_type(engine, *credential);
  Buffer message = co_await make_certificate(engine, transcript, {}, credential.get(), request.extensions);
  engine.send(Level::handshake, message);
  if (!credential) co_return;
  SignatureScheme scheme = co_await choose_signature_scheme(engine, *credential, request.signature_algorithms,
                                                            request.certificate_authorities);
  message = co_await make_certificate_verify(engine, transcript, std::move(credential), scheme);
  engine.send(Level::handshake, message);
}

HandshakeKeys derive_keys(ClientEngine& engine, const crypto::SuiteParts& suite, ClientPsk* psk,
                          base::Secret shared_secret, const schedule::Transcript& transcript) {
  return derive_handshake_keys(engine, psk ? std::move(psk->early_secret) : schedule::EarlySecret(suite.hash),
                               std::move(shared_secret), transcript);
}

void send_end_of_early_data(ClientEngine& engine, schedule::Transcript& transcript) {
  Buffer message;
  wire::write_empty(message, HandshakeType::end_of_early_data);
  send(engine, transcript, Level::early, message);
}

/// Tickets may come from now on (section 4.6.1). What is resumed is as old as its full handshake.
void set_resumable(ClientEngine& engine, const Offer& offer, schedule::MasterSecret& master,
                   const schedule::Transcript& transcript) {
  auto resumable = std::make_unique<Resumable>();
  resumable->key = engine.session_key();
  resumable->resumption_master_secret = derive_resumption_secret(engine, master, transcript);
  resumable->authenticated = engine.info().resumption == Resumption::psk
                                 ? offer.session->content().session.authenticated
                                 : engine.common().clock->now_milliseconds();
  resumable->peer_validity = engine.peer_validity();
  engine.set_resumable(std::move(resumable));
}

}  // namespace

Flow<void> client_tls13(ClientEngine& engine, Offer& offer, Msg& message, wire::ServerHello& hello) {
  const crypto::SuiteParts* suite = co_await check_server_hello(engine, offer, hello);
  engine.info().post_handshake_auth = engine.options().post_handshake_auth;
  schedule::Transcript& transcript = offer.transcript;
  transcript.start(suite->hash);
  co_await engine.transport().check_flight_end();

  // HelloRetryRequest (section 4.1.4)
  if (hello.is_hello_retry_request()) {
    co_await retry(engine, offer, hello, message);
    message = co_await next(HandshakeType::server_hello);
    hello = co_await wire::parse_server_hello(message.body());
    co_await check_after_retry(engine.info(), hello);
    co_await check_server_hello(engine, offer, hello);
  }

  // ServerHello (section 4.1.3), and with it the handshake keys (section 7.1).
  ClientPsk* psk = co_await accept_psk(engine, offer, hello, *suite);
  if (offer.session && engine.info().resumption != Resumption::psk) refuse(engine, SessionRefusal::declined);
  base::Secret shared_secret = co_await agree(engine, offer, hello, psk);
  transcript.add(message.bytes());
  HandshakeKeys keys = derive_keys(engine, *suite, psk, std::move(shared_secret), transcript);
  co_await engine.install(Direction::received, Level::handshake, *suite, keys.server,
                          "server_handshake_traffic_secret");
  // Before our second flight; and before an alert that takes its place.
  send_change_cipher_spec(engine, offer);
  if (!offer.early_data)
    co_await engine.install(Direction::sent, Level::handshake, *suite, keys.client, "client_handshake_traffic_secret");
  offer.shares.clear();
  const bool authenticates_by_psk = psk != nullptr;
  offer.psks.clear();

  // Server parameters (section 4.3)
  message = co_await next(HandshakeType::encrypted_extensions);
  co_await process_encrypted_extensions(engine, offer, message);
  transcript.add(message.bytes());
  const bool sends_early_data = engine.info().early_data == EarlyData::accepted;
  if (offer.early_data && !sends_early_data)
    co_await engine.install(Direction::sent, Level::handshake, *suite, keys.client, "client_handshake_traffic_secret");

  Msg request_message;
  wire::CertificateRequest certificate_request;
  bool asked_for_certificate = false;
  if (!authenticates_by_psk) {
    message = co_await next(HandshakeType::certificate_request, HandshakeType::certificate);
    asked_for_certificate = message.type() == HandshakeType::certificate_request;
  }
  if (asked_for_certificate) {
    transcript.add(message.bytes());
    request_message = std::move(message);
    certificate_request = co_await read_certificate_request(request_message);
    message = co_await next(HandshakeType::certificate);
  }

  // Authentication (section 4.4), where no PSK has done it
  Verification how = verification(engine);
  if (authenticates_by_psk) {
    co_await verify_again(engine, how);
  } else {
    co_await authenticate_peer(engine, transcript, std::move(message), offer.extensions, how);
    co_await check_authenticated(engine.info());
  }
  message = co_await next(HandshakeType::finished);
  co_await check_finished(transcript, keys.server, message);
  ApplicationKeys application = derive_application_keys(engine, keys.master, transcript);
  const bool keeps_sessions = engine.options().sessions.store != nullptr;
  if (!keeps_sessions) keys.master.wipe();
  co_await engine.install(Direction::received, Level::application, *suite, application.server,
                          "server_application_traffic_secret_0");

  // Our flight, behind the last of our early data (section 4.5)
  if (sends_early_data) {
    engine.transport().early_data_accepted();
    send_end_of_early_data(engine, transcript);
    co_await engine.install(Direction::sent, Level::handshake, *suite, keys.client, "client_handshake_traffic_secret");
  }
  if (asked_for_certificate) co_await authenticate_client(engine, transcript, certificate_request);
  Buffer finished = make_finished(transcript, keys.client);
  engine.send(Level::handshake, finished);
  if (keeps_sessions) set_resumable(engine, offer, keys.master, transcript);
  if (engine.info().post_handshake_auth) engine.keep_transcript(std::move(transcript));
  co_await engine.install(Direction::sent, Level::application, *suite, application.client,
                          "client_application_traffic_secret_0");
  engine.transport().open(Direction::sent);
  engine.transport().open(Direction::received);
}

}  // namespace handfast::handshake
