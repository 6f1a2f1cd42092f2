#include "handshake/server_tls12.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/contains.h"
#include "crypto/cipher_suite.h"
#include "crypto/key_exchange.h"
#include "crypto/pre_master_secret.h"
#include "crypto/signature.h"
#include "handshake/authenticate.h"
#include "handshake/decision.h"
#include "handshake/negotiate.h"
#include "handshake/outside.h"
#include "handshake/resume.h"
#include "handshake/send.h"
#include "handshake/server_hello_tls12.h"
#include "handshake/server_sessions.h"
#include "handshake/server_tls12_resumption.h"
#include "handshake/tls12.h"
#include "schedule/transcript.h"
#include "wire/certificate_verify.h"
#include "wire/empty.h"
#include "wire/tls12/certificate.h"
#include "wire/tls12/certificate_request.h"
#include "wire/tls12/certificate_status.h"
#include "wire/tls12/client_key_exchange.h"
#include "wire/tls12/server_hello.h"
#include "wire/tls12/server_key_exchange.h"

namespace handfast::handshake {
namespace {

/// What a ClientHello of TLS 1.2 must not say otherwise (RFC 5246, section 7.4.1.2; RFC 5746, section 3.6).
Result<void> check_client_hello(ServerEngine& engine, const wire::ClientHello& hello) {
  if (!base::contains(hello.legacy_compression_methods, std::uint8_t{0}))
    return fail(Alert::illegal_parameter, Reason::bad_compression_methods);
  engine.info().secure_renegotiation =
      hello.renegotiation_info || hello.cipher_suites.contains(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
  if (hello.renegotiation_info)
    if (auto good = tls12::check_renegotiation_info(*hello.renegotiation_info); !good) return good;
  if (hello.ec_point_formats)
    if (auto good = tls12::check_point_formats(*hello.ec_point_formats, wire::MessageKind::client_hello); !good)
      return good;
  return tls12::agree_on_master_secret(engine, hello.extended_master_secret);
}

/// What the credential's key can do for that client. RSA key exchange has no need of groups and signatures: where the
/// two have it in common, only ECDHE is given up for the lack of those. Else a signature is all that there is: fails as
/// choose_signature_scheme does.
Result<crypto::KeyUse> key_use(ServerEngine& engine, const Credential& credential, const wire::ClientHello& hello) {
  const ProtocolVersion version = engine.info().version;
  const wire::List<SignatureScheme> accepted = tls12::signature_algorithms(version, hello);
  const std::span<const SignatureScheme> ours = credential.schemes(version, Side::server);
  const auto common = std::ranges::find_if(ours, [&](SignatureScheme scheme) { return accepted.contains(scheme); });
  crypto::KeyUse use{crypto::SuiteSignature::none, credential.decrypts() && has_common_rsa_key_exchange(engine, hello)};
  if (!use.decrypts && common == ours.end())
    return fail(std::move(choose_signature_scheme(engine, credential, accepted, {}).error()));
  if (auto checked = check_issuer(credential, hello.certificate_authorities); !checked)
    return fail(std::move(checked.error()));
  crypto::SchemeAlgorithm parts{};
  const bool signs = common != ours.end() && crypto::lookup(*common, parts);
  if (signs && (!use.decrypts || has_common_group(engine, hello))) use.signs = crypto::suite_signature(parts.key);
  return use;
}

/// RFC 8422, section 4: a client that names no groups takes any, and is older than X25519.
Result<NamedGroup> choose_curve(ServerEngine& engine, const wire::ClientHello& hello) {
  if (hello.supported_groups) return choose_group(engine, *hello.supported_groups);
  GroupRoom room;
  const std::span<const NamedGroup> ours = groups_of_version(engine, room);
  if (engine.options().require_supported_groups)
    return nothing_in_common(engine, "group", Alert::handshake_failure, Reason::no_common_group,
                             std::span<const NamedGroup>(), ours);
  const auto older = std::ranges::find_if(ours, [](NamedGroup group) { return group != NamedGroup::x25519; });
  const NamedGroup chosen = base::contains(ours, NamedGroup::secp256r1) ? NamedGroup::secp256r1
                            : older != ours.end()                       ? *older
                                                                        : ours.front();
  tell(engine, "group", chosen, std::span<const NamedGroup>(), ours);
  engine.info().group = chosen;
  return chosen;
}

/// How a client will be able to resume the session.
struct NewSession {
  Buffer id;  ///< it will stand in the store
  bool by_ticket = false;
};

/// A ticket where the client takes them and there are keys; else an ID where there is a store.
NewSession plan_session(ServerEngine& engine, const wire::ClientHello& hello) {
  const ServerSessions& sessions = engine.options().sessions;
  NewSession session;
  if (sessions.ticket_keys && hello.session_ticket) {
    session.by_ticket = issues_tickets(engine);
  } else if (sessions.store) {
    session.id = make_session_id(engine);
  }
  return session;
}

/// What a full handshake's ServerHello has beside (RFC 5246, section 7.4.1.3). With a staple a CertificateStatus
/// follows.
wire::tls12::ServerHelloExtensions full_extensions(ServerEngine& engine, const wire::ClientHello& hello,
                                                   const Credential& credential, Bytes staple,
                                                   const NewSession& session) {
  wire::tls12::ServerHelloExtensions extensions = negotiate_extensions(engine, hello);
  extensions.server_name = acknowledges_server_name(engine);
  extensions.status_request = !staple.empty();
  extensions.session_ticket = session.by_ticket;
  if (hello.client_certificate_type && engine.options().client_auth != ClientAuth::none)
    extensions.client_certificate_type = engine.info().client_certificate_type;
  const Buffer& timestamps = credential.extras().signed_certificate_timestamps;
  if (hello.signed_certificate_timestamp && !timestamps.empty()) extensions.signed_certificate_timestamp = timestamps;
  return extensions;
}

/// The session is kept where the client was told that it would be: in a ticket, or in the store.
Result<void> give_session(ServerEngine& engine, schedule::Transcript& transcript, const NewSession& planned,
                          const schedule::tls12::MasterSecret& master_secret) {
  if (planned.id.empty() && !planned.by_ticket) return {};
  Clock& clock = *engine.common().clock;
  const std::int64_t lifetime = engine.options().sessions.lifetime;
  session::Session session =
      make_session(clock, engine.info(), engine.peer_validity(), clock.now_milliseconds(), lifetime);
  session.secret.assign(master_secret.view());
  if (planned.by_ticket) return send_new_session_ticket(engine, transcript, make_ticket(engine, session), lifetime);
  if (store_session(engine, planned.id, session)) engine.set_stored_session(planned.id);
  return {};
}

/// The staple (RFC 6066, section 8).
Result<void> send_certificate_status(ServerEngine& engine, schedule::Transcript& transcript, Bytes staple) {
  Buffer message;
  if (auto written = wire::tls12::write_certificate_status(message, {staple}); !written) return written;
  send(engine, transcript, Level::initial, message);
  return {};
}

/// RFC 8422, section 5.4.
Flow<void> send_server_key_exchange(ServerEngine& engine, schedule::Transcript& transcript,
                                    crypto::KeyExchange& exchange, const schedule::tls12::Randoms& randoms,
                                    const Credential& credential, SignatureScheme scheme) {
  Buffer share = exchange.share();
  wire::tls12::SignedParams content(randoms.client, randoms.server, exchange.group(), share);
  Buffer signature = co_await sign(engine, credential, scheme, content.view());
  wire::tls12::ServerKeyExchange fields{exchange.group(), share, scheme, signature};
  Buffer message;
  co_await wire::tls12::write_server_key_exchange(message, fields, engine.info().version);
  send(engine, transcript, Level::initial, message);
}

/// RFC 5246, section 7.4.4.
Result<void> send_certificate_request(ServerEngine& engine, schedule::Transcript& transcript) {
  using enum wire::tls12::ClientCertificateType;
  constexpr std::array types{ecdsa_sign, rsa_sign};
  wire::tls12::CertificateRequestFields fields;
  // What TLS 1.3 alone has is left out (RFC 9963, section 2).
  std::vector<SignatureScheme> schemes;
  std::ranges::copy_if(engine.common().signature_schemes, std::back_inserter(schemes), [](SignatureScheme scheme) {
    return crypto::signs_handshakes(ProtocolVersion::tls1_2, Side::client, scheme);
  });
  fields.certificate_types = types;
  fields.supported_signature_algorithms = schemes;
  fields.certificate_authorities = engine.options().client_ca_names;
  Buffer message;
  if (auto written = wire::tls12::write_certificate_request(message, fields, engine.info().version); !written)
    return written;
  send(engine, transcript, Level::initial, message);
  return {};
}

void send_server_hello_done(ServerEngine& engine, schedule::Transcript& transcript) {
  Buffer message;
  wire::write_empty(message, HandshakeType::server_hello_done);
  send(engine, transcript, Level::initial, message);
}

/// The client's Certificate (RFC 5246, section 7.4.6), what it shows verified; its key, or nothing where it has none
/// and may go on without.
Flow<std::optional<PeerKey>> receive_certificate(ServerEngine& engine, schedule::Transcript& transcript) {
  Msg message = co_await next(HandshakeType::certificate);
  co_await tls12::read_certificate(engine, message);
  transcript.add(message.bytes());
  std::optional<PeerKey> key;
  if (!engine.info().has_peer_certificate()) {
    co_await check_anonymous(engine.options(), engine.info().version, engine.options().client_auth);
    co_return key;
  }
  key = co_await read_peer_key(engine.info(), x509::KeyUsage::digitalSignature);
  Verification how = verification(engine);
  co_await verify_peer(engine, *key, how);
  co_return key;
}

/// RFC 5246, section 7.4.7.1, of a client whose hello offered that version. Gives the premaster secret, or, where the
/// client's is not right, one that nobody knows: then its Finished won't be either, and nothing tells before.
Flow<base::Secret> decrypt_pre_master_secret(ServerEngine& engine, const Msg& message, ProtocolVersion offered) {
  wire::tls12::EncryptedPreMasterSecret encrypted =
      co_await wire::tls12::parse_encrypted_pre_master_secret(message.body());
  base::Secret instead(crypto::pre_master_secret_size);
  engine.random().fill(instead.writable());
  base::SecretBuffer block = co_await decrypt(engine, *engine.info().credential, encrypted.pre_master_secret);
  // Both are as long as the modulus, whatever stands in them: a key that strips zeros would tell of them by the time.
  if (block.view().size() != encrypted.pre_master_secret.size()) co_return instead.clone();
  co_return crypto::unpad_pre_master_secret(block.view(), offered, instead);
}

/// RFC 8422, section 5.7. Gives the premaster secret.
Result<base::Secret> process_client_key_exchange(const crypto::KeyExchange& exchange, const Msg& message) {
  Result<wire::tls12::ClientKeyExchange> theirs = wire::tls12::parse_client_key_exchange(message.body());
  if (!theirs) return fail(std::move(theirs.error()));
  return exchange.agree(theirs->ecdh_Yc);
}

/// RFC 5246, section 7.4.8: over all messages before it.
Result<void> check_certificate_verify(ServerEngine& engine, schedule::Transcript& transcript, const PeerKey& key,
                                      const Msg& message) {
  const ProtocolVersion version = engine.info().version;
  Result<wire::CertificateVerify> verify = wire::parse_certificate_verify(message.body(), version);
  if (!verify) return fail(std::move(verify.error()));
  const Result<SignatureScheme> scheme = tls12::signature_scheme(version, key.info(), verify->algorithm);
  if (!scheme) return fail(scheme.error());
  if (auto good = check_signature(engine, key, *scheme, transcript.messages(), verify->signature); !good) return good;
  transcript.add(message.bytes());
  return {};
}

/// From the choice of a credential to the end.
Flow<void> full_tls12(ServerEngine& engine, Msg& message, const wire::ClientHello& hello) {
  std::shared_ptr<const Credential> credential = co_await choose_credential(engine, hello);
  co_await check_chosen(engine, credential, hello);
  crypto::KeyUse use = co_await key_use(engine, *credential, hello);
  engine.info().application_protocol = co_await choose_application_protocol(engine, hello);
  const crypto::SuiteParts* suite = co_await choose_cipher_suite(engine, hello, use);
  const bool ephemeral = suite->has_forward_secrecy();
  SignatureScheme scheme{};
  NamedGroup group{};
  if (ephemeral) {
    wire::List<SignatureScheme> accepted = tls12::signature_algorithms(engine.info().version, hello);
    scheme = co_await choose_signature_scheme(engine, *credential, accepted, hello.certificate_authorities);
    group = co_await choose_curve(engine, hello);
  }
  const ProtocolVersion offered = hello.legacy_version;
  const bool asks_client = engine.options().client_auth != ClientAuth::none;
  if (asks_client) co_await choose_client_certificate_type(engine, hello);

  schedule::Transcript transcript;
  if (asks_client) transcript.keep_messages();
  transcript.start(suite->hash);
  transcript.add(message.bytes());

  // ServerHello (section 7.4.1.3), Certificate (7.4.2), ServerKeyExchange (7.4.3)
  Bytes staple;
  if (hello.status_request) staple = credential->staple(engine.common().clock->now());
  NewSession session = plan_session(engine, hello);
  wire::tls12::ServerHelloExtensions extensions = full_extensions(engine, hello, *credential, staple, session);
  schedule::tls12::Randoms randoms = co_await send_server_hello(engine, transcript, hello, session.id, extensions);
  message = Msg();  // and with it all that `hello` views
  co_await tls12::send_certificate(engine, transcript, credential.get());
  if (!staple.empty()) co_await send_certificate_status(engine, transcript, staple);
  std::optional<crypto::KeyExchange> exchange;
  if (ephemeral) {
    exchange = co_await crypto::KeyExchange::generate(group, engine.random());
    co_await send_server_key_exchange(engine, transcript, *exchange, randoms, *credential, scheme);
  }
  engine.info().credential = std::move(credential);

  // CertificateRequest (section 7.4.4) and ServerHelloDone (7.4.5)
  if (asks_client) co_await send_certificate_request(engine, transcript);
  send_server_hello_done(engine, transcript);

  // The client's Certificate (section 7.4.6), ClientKeyExchange (7.4.7) and CertificateVerify (7.4.8)
  std::optional<PeerKey> key;
  if (asks_client) key = co_await receive_certificate(engine, transcript);
  message = co_await next(HandshakeType::client_key_exchange);
  base::Secret pre_master_secret;
  if (ephemeral)
    pre_master_secret = co_await process_client_key_exchange(*exchange, message);
  else
    pre_master_secret = co_await decrypt_pre_master_secret(engine, message, offered);
  transcript.add(message.bytes());
  schedule::tls12::MasterSecret master_secret =
      tls12::derive_master_secret(engine, *suite, std::move(pre_master_secret), randoms, transcript);
  if (key) {
    message = co_await next(HandshakeType::certificate_verify);
    co_await check_certificate_verify(engine, transcript, *key, message);
    co_await conclude_authentication(engine);
  }
  transcript.forget_messages();

  // Its change_cipher_spec (section 7.1) and Finished (7.4.9)
  schedule::tls12::KeyBlock keys = master_secret.key_block(*suite, randoms);
  tls12::tell_key_block(engine, keys);
  co_await change_cipher_spec();
  co_await tls12::install(engine, Direction::received, *suite, keys);
  message = co_await next(HandshakeType::finished);
  co_await tls12::check_finished(engine, transcript, master_secret, message);
  co_await engine.transport().check_flight_end();

  // Ours, behind the NewSessionTicket (RFC 5077, section 3.3)
  co_await give_session(engine, transcript, session, master_secret);
  engine.transport().send_change_cipher_spec();
  co_await tls12::install(engine, Direction::sent, *suite, keys);
  tls12::send_finished(engine, transcript, master_secret);
  engine.transport().open(Direction::sent);
  engine.transport().open(Direction::received);
}

}  // namespace

Flow<void> server_tls12(ServerEngine& engine, Msg& message, wire::ClientHello& hello) {
  co_await check_client_hello(engine, hello);
  if (engine.options().sessions.max_early_data != 0) decide_early_data(engine, EarlyData::protocol_version);
  std::unique_ptr<ServerSession12> resumed = co_await choose_session(engine, hello);
  // Each is a flow of its own: a server that waits for a Finished holds one frame of them.
  if (resumed) {
    co_await resume_tls12(engine, message, hello, *resumed);
  } else {
    co_await full_tls12(engine, message, hello);
  }
}

}  // namespace handfast::handshake
