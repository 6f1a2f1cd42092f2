#include "handshake/client_tls12.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/contains.h"
#include "crypto/cipher_suite.h"
#include "crypto/key_exchange.h"
#include "crypto/pre_master_secret.h"
#include "handshake/authenticate.h"
#include "handshake/authorize.h"
#include "handshake/client_sessions.h"
#include "handshake/client_tls12_resumption.h"
#include "handshake/negotiate.h"
#include "handshake/outside.h"
#include "handshake/resume.h"
#include "handshake/send.h"
#include "handshake/tls12.h"
#include "handshake/version.h"
#include "wire/certificate_verify.h"
#include "wire/empty.h"
#include "wire/tls12/certificate.h"
#include "wire/tls12/certificate_request.h"
#include "wire/tls12/certificate_status.h"
#include "wire/tls12/client_key_exchange.h"
#include "wire/tls12/new_session_ticket.h"
#include "wire/tls12/server_hello.h"
#include "wire/tls12/server_key_exchange.h"

namespace handfast::handshake {
namespace {

/// RFC 5246, section 7.4.1.3.
Result<const crypto::SuiteParts*> check_server_hello(ClientEngine& engine, const Offer& offer,
                                                     const wire::ServerHello& hello) {
  // RFC 8446, appendix D.3: a server that has once taken early data speaks TLS 1.3.
  if (offer.early_data)
    return fail(Error(Alert::protocol_version, Reason::wrong_version_selected)
                    .with("selected", name(hello.version()))
                    .with("field", "early_data"));
  // The session ID of a hello that offers no session of TLS 1.2 is for middleboxes: no server knows it.
  const bool echoes =
      !offer.legacy_session_id.empty() && std::ranges::equal(hello.legacy_session_id_echo, offer.legacy_session_id);
  if (echoes && !is_resumed(offer, hello)) return fail(Alert::illegal_parameter, Reason::wrong_session_id_echo);
  if (hello.legacy_compression_method != 0) return fail(Alert::illegal_parameter, Reason::bad_compression_methods);
  if (auto solicited = check_solicited(hello.extensions, offer.extensions, hello.kind()); !solicited)
    return fail(std::move(solicited.error()));
  return accept_cipher_suite(engine, hello.cipher_suite);
}

/// RFC 7366, section 2: it means nothing, and is not to be answered, where there is no block cipher.
Result<void> accept_encrypt_then_mac(ClientEngine& engine, wire::MessageKind message) {
  if (crypto::find_suite(engine.info().cipher_suite)->has_aead())
    return wire::illegal_extension(message, ExtensionType::encrypt_then_mac);
  engine.info().encrypt_then_mac = true;
  return {};
}

/// What the ServerHello's extensions settle.
Result<wire::tls12::ServerHelloExtensions> process_extensions(ClientEngine& engine, const wire::ServerHello& hello) {
  Result<wire::tls12::ServerHelloExtensions> parsed = wire::tls12::parse_server_hello_extensions(hello.extensions);
  if (!parsed) return fail(std::move(parsed.error()));
  const auto& extensions = *parsed;
  Result<void> good = tls12::agree_on_master_secret(engine, extensions.extended_master_secret);
  engine.info().secure_renegotiation = extensions.renegotiation_info.has_value();
  if (good && extensions.renegotiation_info) good = tls12::check_renegotiation_info(*extensions.renegotiation_info);
  if (good && extensions.encrypt_then_mac) good = accept_encrypt_then_mac(engine, hello.kind());
  if (good && extensions.ec_point_formats)
    good = tls12::check_point_formats(*extensions.ec_point_formats, hello.kind());
  if (good && extensions.application_protocol)
    good = accept_application_protocol(engine, *extensions.application_protocol);
  if (good && extensions.record_size_limit) good = accept_record_size_limit(engine, *extensions.record_size_limit);
  if (!good) return fail(std::move(good.error()));
  return parsed;
}

/// What may come behind the Certificate where the server has said that there may be a CertificateStatus.
Expected status_or(const Expected& keys) {
  return Expected{{HandshakeType::certificate_status, keys.types[0], keys.types[1]}, keys.count + 1};
}

/// A CertificateVerify of ours would sign all messages: they are kept while there may be one.
bool may_authenticate(const ClientOptions& options) {
  return options.credential_chooser || !options.credentials.empty();
}

/// RFC 6066, section 8.
Result<void> read_certificate_status(ClientEngine& engine, const Msg& message) {
  Result<wire::tls12::CertificateStatus> status = wire::tls12::parse_certificate_status(message.body());
  if (!status) return fail(std::move(status.error()));
  engine.info().ocsp_response.assign(status->ocsp_response.begin(), status->ocsp_response.end());
  return {};
}

/// RFC 5246, section 7.4.2, and RFC 8422, section 5.3: the suite says what key the certificate has; and its curve is
/// one of those that we named.
Result<void> check_certificate_key(ClientEngine& engine, const crypto::SuiteParts& suite,
                                   const x509::SubjectPublicKeyInfo& info) {
  const std::optional<crypto::KeyType> key = info.type;
  const auto wrong = [&] {
    return Error(Alert::illegal_parameter, Reason::wrong_certificate_key)
        .with("cipher_suite", name(suite.suite))
        .with("algorithm", x509::oid_text(info.algorithm.oid));
  };
  const bool fits = key && (suite.has_forward_secrecy() ? crypto::suite_signature(*key) == suite.signature
                                                        : *key == crypto::KeyType::rsa);
  if (!fits) return fail(wrong());
  const std::optional<NamedGroup> curve = crypto::curve_of(*key);
  if (curve && !base::contains(engine.common().groups, *curve)) return fail(wrong().with("group", name(*curve)));
  return {};
}

/// RFC 5246, section 7.4.6: our certificate's key is of one of the types that were asked for. Of ML-DSA there is none.
Result<void> check_certificate_type(const Credential& credential, const wire::tls12::CertificateRequest& request) {
  const std::span<const SignatureScheme> schemes = credential.key()->schemes();
  if (schemes.empty() || tls12::is_of_type(schemes.front(), request.certificate_types)) return {};
  return fail(
      Error(Alert::handshake_failure, Reason::wrong_certificate_key).with("signature_scheme", name(schemes.front())));
}

/// RFC 5246, section 7.4.2: a server has to show what it is known by.
Result<void> process_certificate(ClientEngine& engine, schedule::Transcript& transcript, const Msg& message) {
  if (auto read = tls12::read_certificate(engine, message); !read) return read;
  transcript.add(message.bytes());
  return check_authenticated(engine.info());
}

/// RFC 8422, section 5.4. Gives our share and the premaster secret.
Result<crypto::KeyExchangeResponse> process_server_key_exchange(ClientEngine& engine, const PeerKey& key,
                                                                const schedule::tls12::Randoms& randoms,
                                                                const Msg& message) {
  const ProtocolVersion version = engine.info().version;
  Result<wire::tls12::ServerKeyExchange> theirs = wire::tls12::parse_server_key_exchange(message.body(), version);
  if (!theirs) return fail(std::move(theirs.error()));
  const NamedGroup group = theirs->named_curve;
  if (!base::contains(engine.common().groups, group) || crypto::is_post_quantum(group))
    return fail(Error(Alert::illegal_parameter, Reason::wrong_group_selected).with("selected", name(group)));
  engine.info().group = group;
  const wire::tls12::SignedParams content(randoms.client, randoms.server, group, theirs->point);
  const Result<SignatureScheme> scheme = tls12::signature_scheme(version, key.info(), theirs->algorithm);
  if (!scheme) return fail(scheme.error());
  if (auto good = check_signature(engine, key, *scheme, content.view(), theirs->signature); !good)
    return fail(std::move(good.error()));
  return crypto::respond(group, theirs->point, engine.random());
}

/// RFC 5246, section 7.4.7.1. Gives the premaster secret, and as our share what the server's key has to decrypt.
Result<crypto::KeyExchangeResponse> encrypt_pre_master_secret(ClientEngine& engine,
                                                              const x509::SubjectPublicKeyInfo& key) {
  crypto::KeyExchangeResponse exchange;
  exchange.secret = base::Secret(crypto::pre_master_secret_size);
  const MutableBytes secret = exchange.secret.writable();
  // The version is that of our ClientHello: legacy_version, whatever else it offers.
  const std::uint16_t offered = std::to_underlying(legacy_version(engine.common()));
  secret[0] = static_cast<std::uint8_t>(offered >> 8);
  secret[1] = static_cast<std::uint8_t>(offered);
  engine.random().fill(secret.subspan(2));
  Result<Buffer> encrypted = x509::encrypt(key, secret, engine.random());
  if (!encrypted) return fail(std::move(encrypted.error()));
  exchange.share = std::move(*encrypted);
  return exchange;
}

/// RFC 5246, section 7.4.5: the end of its flight.
Result<void> process_server_hello_done(ClientEngine& engine, schedule::Transcript& transcript, const Msg& message) {
  if (auto read = wire::parse_empty(HandshakeType::server_hello_done, message.body()); !read) return read;
  transcript.add(message.bytes());
  return engine.transport().check_flight_end();
}

/// Our Certificate (RFC 5246, section 7.4.6). Gives whose it is; null where we have none to show.
Flow<std::shared_ptr<const Credential>> send_certificate(ClientEngine& engine, schedule::Transcript& transcript,
                                                         const wire::tls12::CertificateRequest& request) {
  std::shared_ptr<const Credential> credential = co_await choose_credential(engine, engine.options(), request);
  if (credential) co_await check_credential_type(engine, *credential);
  if (credential) co_await check_certificate_type(*credential, request);
  co_await tls12::send_certificate(engine, transcript, credential.get());
  co_return credential;
}

/// RFC 5246, section 7.4.7.1; RFC 8422, section 5.7.
Result<void> send_client_key_exchange(ClientEngine& engine, schedule::Transcript& transcript,
                                      const crypto::SuiteParts& suite, Bytes share) {
  Buffer message;
  auto written = suite.has_forward_secrecy() ? wire::tls12::write_client_key_exchange(message, {share})
                                             : wire::tls12::write_encrypted_pre_master_secret(message, {share});
  if (!written) return written;
  send(engine, transcript, Level::initial, message);
  return {};
}

/// RFC 5246, section 7.4.8: over all messages until now.
Flow<void> send_certificate_verify(ClientEngine& engine, schedule::Transcript& transcript,
                                   std::shared_ptr<const Credential> credential,
                                   const wire::tls12::CertificateRequest& request) {
  const ProtocolVersion version = engine.info().version;
  wire::List<SignatureScheme> accepted = tls12::signature_algorithms(version, request);
  SignatureScheme scheme =
      co_await choose_signature_scheme(engine, *credential, accepted, request.certificate_authorities);
  Buffer signature = co_await sign(engine, *credential, scheme, transcript.messages());
  Buffer message;
  wire::CertificateVerify verify{scheme, signature};
  co_await wire::write_certificate_verify(message, verify, version);
  send(engine, transcript, Level::initial, message);
  engine.info().credential = std::move(credential);
}

/// RFC 5246, section 7.4.9: the end of its flight.
Result<void> process_finished(ClientEngine& engine, schedule::Transcript& transcript,
                              const schedule::tls12::MasterSecret& master_secret, const Msg& message) {
  if (auto good = tls12::check_finished(engine, transcript, master_secret, message); !good) return good;
  return engine.transport().check_flight_end();
}

/// The session, known by its ticket, or by its ID where there is none.
void keep(ClientEngine& engine, const schedule::tls12::MasterSecret& master_secret, const Msg* ticket,
          Bytes session_id) {
  Clock& clock = *engine.common().clock;
  session::Session session =
      make_session(clock, engine.info(), engine.peer_validity(), clock.now_milliseconds(), default_lifetime);
  session.secret.assign(master_secret.view());
  if (!ticket) return keep_session(engine, std::move(session), {}, session_id, 0);
  // It was parsed before.
  const wire::tls12::NewSessionTicket message = *wire::tls12::parse_new_session_ticket(ticket->body());
  if (!message.ticket.empty())
    keep_session(engine, std::move(session), message.ticket, {}, message.ticket_lifetime_hint);
}

}  // namespace

Flow<void> client_tls12(ClientEngine& engine, Offer& offer, Msg& message, wire::ServerHello& hello) {
  const crypto::SuiteParts* suite = co_await check_server_hello(engine, offer, hello);
  wire::tls12::ServerHelloExtensions extensions = co_await process_extensions(engine, hello);
  if (is_resumed(offer, hello)) {
    co_await resume_tls12(engine, offer, message, hello, extensions);
    co_return;
  }
  if (offer.session) refuse(engine, SessionRefusal::declined);
  co_await accept_certificate_types(engine, extensions.server_certificate_type, extensions.client_certificate_type);
  if (auto timestamps = extensions.signed_certificate_timestamp)
    engine.info().signed_certificate_timestamps.assign(timestamps->begin(), timestamps->end());
  const bool may_be_stapled = extensions.status_request;
  const bool gets_ticket = extensions.session_ticket;
  Buffer session_id(hello.legacy_session_id_echo.begin(), hello.legacy_session_id_echo.end());
  schedule::tls12::Randoms randoms = tls12::make_randoms(offer.random, hello.random);
  schedule::Transcript& transcript = offer.transcript;
  if (may_authenticate(engine.options())) transcript.keep_messages();
  transcript.start(suite->hash);
  transcript.add(message.bytes());
  offer.shares.clear();

  // Server Certificate (section 7.4.2), and its staple
  message = co_await next(HandshakeType::certificate);
  co_await process_certificate(engine, transcript, message);
  const bool ephemeral = suite->has_forward_secrecy();
  crypto::KeyExchangeResponse exchange;
  {
    PeerKey key = co_await read_peer_key(
        engine.info(), ephemeral ? x509::KeyUsage::digitalSignature : x509::KeyUsage::keyEncipherment);
    co_await check_certificate_key(engine, *suite, key.info());
    Expected keys = ephemeral ? next(HandshakeType::server_key_exchange)
                              : next(HandshakeType::certificate_request, HandshakeType::server_hello_done);
    Expected after_certificate = may_be_stapled ? status_or(keys) : keys;
    message = co_await after_certificate;
    if (message.type() == HandshakeType::certificate_status) {
      co_await read_certificate_status(engine, message);
      transcript.add(message.bytes());
      message = co_await keys;
    }
    Verification how = verification(engine);
    co_await verify_peer(engine, key, how);

    // ServerKeyExchange (section 7.4.3): here the server proves its key; under RSA key exchange not before its
    // Finished. The parsed key has done its work then.
    if (ephemeral)
      exchange = co_await process_server_key_exchange(engine, key, randoms, message);
    else
      exchange = co_await encrypt_pre_master_secret(engine, key.info());
  }
  co_await authorize(engine);

  // CertificateRequest (section 7.4.4) and ServerHelloDone (section 7.4.5)
  Msg request_message;
  wire::tls12::CertificateRequest certificate_request;
  if (ephemeral) {
    transcript.add(message.bytes());
    mark_verified(engine);
    message = co_await next(HandshakeType::certificate_request, HandshakeType::server_hello_done);
  }
  const bool asked_for_certificate = message.type() == HandshakeType::certificate_request;
  if (asked_for_certificate) {
    transcript.add(message.bytes());
    request_message = std::move(message);
    certificate_request =
        co_await wire::tls12::parse_certificate_request(request_message.body(), engine.info().version);
    message = co_await next(HandshakeType::server_hello_done);
  }
  co_await process_server_hello_done(engine, transcript, message);

  // Our Certificate (section 7.4.6), ClientKeyExchange (7.4.7) and CertificateVerify (7.4.8)
  std::shared_ptr<const Credential> credential;
  if (asked_for_certificate) credential = co_await send_certificate(engine, transcript, certificate_request);
  co_await send_client_key_exchange(engine, transcript, *suite, exchange.share);
  schedule::tls12::MasterSecret master_secret =
      tls12::derive_master_secret(engine, *suite, std::move(exchange.secret), randoms, transcript);
  if (credential) co_await send_certificate_verify(engine, transcript, std::move(credential), certificate_request);
  transcript.forget_messages();

  // Our change_cipher_spec (section 7.1) and Finished (section 7.4.9)
  schedule::tls12::KeyBlock keys = master_secret.key_block(*suite, randoms);
  tls12::tell_key_block(engine, keys);
  engine.transport().send_change_cipher_spec();
  co_await tls12::install(engine, Direction::sent, *suite, keys);
  tls12::send_finished(engine, transcript, master_secret);
  // RFC 7918, section 3: not before the server has proved its key, and under the best ciphers only.
  if (engine.options().false_start && !suite->is_legacy()) engine.transport().open(Direction::sent);

  // The server's, behind its NewSessionTicket (RFC 5077, section 3.3)
  Msg ticket;
  if (gets_ticket) {
    ticket = co_await next(HandshakeType::new_session_ticket);
    co_await wire::tls12::parse_new_session_ticket(ticket.body());
    transcript.add(ticket.bytes());
  }
  co_await change_cipher_spec();
  co_await tls12::install(engine, Direction::received, *suite, keys);
  message = co_await next(HandshakeType::finished);
  co_await process_finished(engine, transcript, master_secret, message);
  if (!ephemeral) mark_verified(engine);
  if (engine.options().sessions.store) keep(engine, master_secret, gets_ticket ? &ticket : nullptr, session_id);
  engine.transport().open(Direction::sent);
  engine.transport().open(Direction::received);
}

}  // namespace handfast::handshake
