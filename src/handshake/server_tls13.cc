#include "handshake/server_tls13.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/contains.h"
#include "base/secret.h"
#include "crypto/key_exchange.h"
#include "handshake/authenticate.h"
#include "handshake/negotiate.h"
#include "handshake/resume.h"
#include "handshake/send.h"
#include "handshake/server_psk.h"
#include "handshake/server_sessions.h"
#include "handshake/tls13.h"
#include "wire/certificate_request.h"
#include "wire/empty.h"
#include "wire/encrypted_extensions.h"
#include "wire/server_hello.h"

namespace handfast::handshake {
namespace {

constexpr std::size_t cookie_size = 32;

/// Section 4.1.2: a TLS 1.3 ClientHello offers exactly the null compression, and what must be there is there.
Result<void> check_client_hello(const wire::ClientHello& hello) {
  if (!std::ranges::equal(hello.legacy_compression_methods, std::array<std::uint8_t, 1>{0}))
    return fail(Alert::illegal_parameter, Reason::bad_compression_methods);
  // Section 4.2.9.
  if (hello.pre_shared_key && !hello.psk_key_exchange_modes)
    return wire::missing_extension(wire::MessageKind::client_hello, ExtensionType::psk_key_exchange_modes);
  return {};
}

std::unexpected<Error> changed(std::string_view field) {
  return fail(Error(Alert::illegal_parameter, Reason::changed_hello).with("field", std::string(field)));
}

struct GroupChoice {
  NamedGroup group{};
  /// The client's share of that group; without one a HelloRetryRequest is due.
  std::optional<Bytes> key_exchange;
};

/// Our first group that the client supports, share or no share (section 4.2.8).
Result<GroupChoice> choose_share(ServerEngine& engine, const wire::ClientHello& hello) {
  if (!hello.supported_groups)
    return wire::missing_extension(wire::MessageKind::client_hello, ExtensionType::supported_groups);
  if (!hello.key_share) return wire::missing_extension(wire::MessageKind::client_hello, ExtensionType::key_share);
  // One share a group. Comparing each with each asks for a bound on how many there are.
  std::array<NamedGroup, 64> seen;
  std::size_t count = 0;
  for (const wire::KeyShareEntry& share : *hello.key_share) {
    if (base::contains(std::span(seen).first(count), share.group))
      return fail(Error(Alert::illegal_parameter, Reason::duplicate_key_share).with("group", name(share.group)));
    if (count == seen.size())
      return fail(Error(Alert::illegal_parameter, Reason::bad_extension)
                      .with("extension", name(ExtensionType::key_share))
                      .with("limit", static_cast<std::int64_t>(seen.size())));
    seen[count++] = share.group;
  }
  Result<NamedGroup> group = choose_group(engine, *hello.supported_groups);
  if (!group) return fail(std::move(group.error()));
  GroupChoice choice{*group, std::nullopt};
  for (const wire::KeyShareEntry& share : *hello.key_share)
    if (share.group == *group) choice.key_exchange = share.key_exchange;
  return choice;
}

/// Section 4.1.2: what the second ClientHello must repeat, and the share that was asked for.
Result<Bytes> check_second_hello(const wire::ClientHello& first, const wire::ClientHello& second, NamedGroup group,
                                 Bytes cookie) {
  if (!second.key_share) return wire::missing_extension(wire::MessageKind::client_hello, ExtensionType::key_share);
  if (second.key_share->size() != 1 || second.key_share->front().group != group)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_key_share).with("expected", name(group)));
  if (first.legacy_version != second.legacy_version) return changed("legacy_version");
  if (!std::ranges::equal(first.random, second.random)) return changed("random");
  if (!std::ranges::equal(first.legacy_session_id, second.legacy_session_id)) return changed("legacy_session_id");
  if (!std::ranges::equal(first.cipher_suites.bytes(), second.cipher_suites.bytes())) return changed("cipher_suites");
  if (!std::ranges::equal(second.cookie.value_or(Bytes()), cookie))
    return fail(Alert::illegal_parameter, Reason::bad_cookie);
  // What was negotiated by the first holds for both. Of extensions that nothing here reads, JDK 11 leaves some out; and
  // an early_data that should be gone means nothing, since no early data is skipped any more.
  constexpr std::array read{ExtensionType::server_name,
                            ExtensionType::status_request,
                            ExtensionType::supported_groups,
                            ExtensionType::signature_algorithms,
                            ExtensionType::application_layer_protocol_negotiation,
                            ExtensionType::signed_certificate_timestamp,
                            ExtensionType::client_certificate_type,
                            ExtensionType::server_certificate_type,
                            ExtensionType::trust_anchors,
                            ExtensionType::record_size_limit,
                            ExtensionType::supported_versions,
                            ExtensionType::psk_key_exchange_modes,
                            ExtensionType::certificate_authorities,
                            ExtensionType::post_handshake_auth,
                            ExtensionType::signature_algorithms_cert};
  for (ExtensionType type : read) {
    const std::optional<Bytes> before = first.extensions.find(type);
    const std::optional<Bytes> after = second.extensions.find(type);
    if (before.has_value() != after.has_value() || (before && !std::ranges::equal(*before, *after)))
      return fail(Error(Alert::illegal_parameter, Reason::changed_hello).with("extension", name(type)));
  }
  return second.key_share->front().key_exchange;
}

/// Section 4.1.4. The second ClientHello's cookie is to be that which is given back, empty for none.
Result<Buffer> send_hello_retry_request(ServerEngine& engine, schedule::Transcript& transcript,
                                        const wire::ClientHello& hello, NamedGroup group) {
  Buffer cookie;
  if (engine.options().retry_cookie) {
    cookie.resize(cookie_size);
    engine.random().fill(cookie);
  }
  wire::ServerHello retry;
  retry.random = wire::hello_retry_request_random;
  retry.legacy_session_id_echo = hello.legacy_session_id;
  retry.cipher_suite = engine.info().cipher_suite;
  retry.selected_version = ProtocolVersion::tls1_3;
  retry.selected_group = group;
  if (!cookie.empty()) retry.cookie = cookie;
  Buffer message;
  if (auto written = wire::write_server_hello(message, retry); !written) return fail(std::move(written.error()));
  transcript.fold_first_hello();
  transcript.add(message);
  engine.send(Level::initial, message);
  engine.info().retried = true;
  return cookie;
}

/// `share` is empty in psk_ke.
Result<void> send_server_hello(ServerEngine& engine, schedule::Transcript& transcript, const wire::ClientHello& hello,
                               Bytes share, const ServerPsk* psk) {
  std::array<std::uint8_t, 32> random;
  engine.random().fill(random);
  wire::ServerHello answer;
  answer.random = random;
  answer.legacy_session_id_echo = hello.legacy_session_id;
  answer.cipher_suite = engine.info().cipher_suite;
  answer.selected_version = ProtocolVersion::tls1_3;
  if (!share.empty()) answer.key_share = wire::KeyShareEntry{engine.info().group, share};
  if (psk) answer.selected_identity = psk->selected_identity;
  Buffer message;
  if (auto written = wire::write_server_hello(message, answer); !written) return written;
  transcript.add(message);
  engine.send(Level::initial, message);
  return {};
}

/// Whether the client is asked who it is in the handshake: not whom a PSK authenticates.
bool asks_client(ServerEngine& engine) {
  return engine.info().resumption == Resumption::none && engine.options().client_auth != ClientAuth::none;
}

/// What a client shows, now or later. One that may only be asked later, and has nothing that is taken, never is. What
/// it has shown in the full handshake of its session is of one type, and so is all that it shows behind it.
Result<void> agree_on_client_authentication(ServerEngine& engine, const wire::ClientHello& hello) {
  ConnectionInfo& info = engine.info();
  info.post_handshake_auth = engine.options().post_handshake_auth && hello.post_handshake_auth;
  if (asks_client(engine)) return choose_client_certificate_type(engine, hello);
  if (!info.post_handshake_auth) return {};
  if (info.has_peer_certificate())
    info.post_handshake_auth =
        base::contains(certificate_types(hello.client_certificate_type), info.client_certificate_type);
  else
    info.post_handshake_auth = choose_client_certificate_type(engine, hello).has_value();
  return {};
}

Result<void> send_encrypted_extensions(ServerEngine& engine, schedule::Transcript& transcript,
                                       const wire::ClientHello& hello) {
  wire::EncryptedExtensionsFields fields;
  // What is resumed was acknowledged before (RFC 6066, section 3).
  fields.server_name = acknowledges_server_name(engine) && engine.info().resumption == Resumption::none;
  fields.application_protocol = as_bytes(engine.info().application_protocol);
  fields.early_data = engine.info().early_data == EarlyData::accepted;
  fields.server_certificate_type = server_certificate_type(engine, hello);
  if (hello.client_certificate_type && (asks_client(engine) || engine.info().post_handshake_auth))
    fields.client_certificate_type = engine.info().client_certificate_type;
  Buffer trust_anchors;
  std::array<wire::Extension, 1> others;
  if (const std::vector<Buffer> available = available_trust_anchors(engine, hello); !available.empty()) {
    trust_anchors = wire::trust_anchor_list(available);
    others.front() = {ExtensionType::trust_anchors, trust_anchors};
    fields.others = others;
  }
  if (hello.record_size_limit) {
    // RFC 8449, section 4: a server answers with its own, which may be the protocol's.
    fields.record_size_limit =
        engine.common().record_size_limit.value_or(wire::max_record_size_limit(ProtocolVersion::tls1_3));
    engine.transport().limit_records(Direction::sent, *hello.record_size_limit);
    engine.transport().limit_records(Direction::received, fields.record_size_limit);
  }
  Buffer message;
  if (auto written = wire::write_encrypted_extensions(message, fields); !written) return written;
  send(engine, transcript, Level::handshake, message);
  return {};
}

/// Appendix D.4: once, behind our first message. A client that sent a session ID is owed it, every one takes it.
void send_change_cipher_spec(ServerEngine& engine, const wire::ClientHello& hello) {
  if (engine.options().middlebox_compatibility || !hello.legacy_session_id.empty())
    engine.transport().send_change_cipher_spec();
}

/// HelloRetryRequest and the second ClientHello (section 4.1.4), which takes the place of the first.
Flow<void> retry(ServerEngine& engine, schedule::Transcript& transcript, GroupChoice& choice, ServerPsk* psk,
                 Msg& message, wire::ClientHello& hello) {
  Buffer cookie = co_await send_hello_retry_request(engine, transcript, hello, choice.group);
  send_change_cipher_spec(engine, hello);

  Msg second_message = co_await next(HandshakeType::client_hello);
  wire::ClientHello second = co_await wire::parse_client_hello(second_message.body());
  co_await engine.transport().check_flight_end();
  co_await check_client_hello(second);
  choice.key_exchange = co_await check_second_hello(hello, second, choice.group, cookie);
  crypto::Digest hello_hash = add_client_hello(transcript, second, second_message.bytes());
  if (psk) co_await check_psk_again(*psk, second, hello_hash);
  message = std::move(second_message);
  hello = second;
}

/// A key from outside has brought a suite of another hash.
const crypto::SuiteParts* start_again(schedule::Transcript& transcript, const crypto::SuiteParts& suite,
                                      Bytes message) {
  transcript = schedule::Transcript();
  transcript.start(suite.hash);
  transcript.add(message);
  return &suite;
}

HandshakeKeys derive_keys(ServerEngine& engine, const crypto::SuiteParts& suite, ServerPsk* psk,
                          base::Secret shared_secret, const schedule::Transcript& transcript) {
  return derive_handshake_keys(engine, psk ? std::move(psk->early_secret) : schedule::EarlySecret(suite.hash),
                               std::move(shared_secret), transcript);
}

/// Section 9.2: without a PSK that is taken it authenticates by certificates.
Result<void> check_signature_algorithms(const wire::ClientHello& hello) {
  if (hello.signature_algorithms) return {};
  return wire::missing_extension(wire::MessageKind::client_hello, ExtensionType::signature_algorithms);
}

/// Who signs the handshake, where no PSK authenticates it.
struct Signer {
  std::shared_ptr<const Credential> credential;
  SignatureScheme scheme{};
};
Flow<Signer> choose_signer(ServerEngine& engine, const wire::ClientHello& hello) {
  Signer signer;
  co_await check_signature_algorithms(hello);
  signer.credential = co_await choose_credential(engine, hello);
  co_await check_chosen(engine, signer.credential, hello);
  signer.scheme = co_await choose_signature_scheme(engine, *signer.credential, *hello.signature_algorithms,
                                                   hello.certificate_authorities);
  co_return signer;
}

}  // namespace

Result<wire::ExtensionSet> send_certificate_request(ServerEngine& engine, schedule::Transcript& transcript, Level level,
                                                    Bytes context) {
  wire::CertificateRequestFields fields;
  fields.certificate_request_context = context;
  fields.signature_algorithms = engine.common().signature_schemes;
  fields.signature_algorithms_cert = engine.common().certificate_schemes;
  fields.certificate_authorities = engine.options().client_ca_names;
  // Section 4.4.2.1: an empty status_request asks the client for a staple.
  constexpr std::array staple{wire::Extension{ExtensionType::status_request, {}}};
  if (engine.options().client_verification.revocation != RevocationPolicy::off) fields.others = staple;
  Buffer message;
  Result<wire::ExtensionSet> asked = wire::write_certificate_request(message, fields);
  if (asked) send(engine, transcript, level, message);
  return asked;
}

namespace {

/// Sections 4.4.2 and 4.4.3. A flow of its own, so that its frame is there only where a client is asked.
Flow<void> authenticate_client(ServerEngine& engine, schedule::Transcript& transcript, wire::ExtensionSet asked) {
  Verification how = verification(engine);
  Msg certificate = co_await next(HandshakeType::certificate);
  bool authenticated = co_await authenticate_peer(engine, transcript, std::move(certificate), asked, how);
  if (!authenticated) co_await check_anonymous(engine.options(), ProtocolVersion::tls1_3, engine.options().client_auth);
}

}  // namespace

Flow<void> server_tls13(ServerEngine& engine, Msg& message, wire::ClientHello& hello) {
  co_await check_client_hello(hello);
  engine.info().application_protocol = co_await choose_application_protocol(engine, hello);
  const crypto::SuiteParts* suite = co_await choose_cipher_suite(engine, hello, crypto::any_key);

  schedule::Transcript transcript;
  transcript.start(suite->hash);
  crypto::Digest hello_hash = add_client_hello(transcript, hello, message.bytes());

  // Who authenticates the server: a pre-shared key (section 4.2.11), or a certificate.
  std::unique_ptr<ServerPsk> psk = co_await choose_psk(engine, hello, message.bytes(), hello_hash, *suite);
  if (psk && psk->suite != suite) suite = start_again(transcript, *psk->suite, message.bytes());
  Signer signer;
  if (!psk) signer = co_await choose_signer(engine, hello);
  GroupChoice choice;
  if (!psk || psk->mode == wire::PskKeyExchangeMode::psk_dhe_ke) choice = co_await choose_share(engine, hello);
  co_await agree_on_client_authentication(engine, hello);

  // Early data (section 4.2.10): a HelloRetryRequest rules it out.
  const bool must_retry = choice.group != NamedGroup{} && !choice.key_exchange;
  EarlyData early_data = consider_early_data(engine, hello, psk.get());
  if (must_retry && early_data == EarlyData::accepted) early_data = EarlyData::hello_retry_request;
  decide_early_data(engine, early_data);
  const bool takes_early_data = early_data == EarlyData::accepted;
  if (hello.early_data && !takes_early_data) engine.transport().skip_early_data(engine.allowed_early_data());
  if (takes_early_data) {
    schedule::TrafficSecret early = derive_early_keys(engine, psk->early_secret, transcript.digest());
    co_await engine.install(Direction::received, Level::early, *suite, early, "client_early_traffic_secret");
    engine.transport().open_early_data(Direction::received, psk->session->max_early_data,
                                       psk->session->application_protocol);
  }
  if (must_retry) co_await retry(engine, transcript, choice, psk.get(), message, hello);
  const bool gives_tickets = sends_session_tickets(engine, hello);

  // ServerHello (section 4.1.3), and with it the handshake keys (section 7.1).
  crypto::KeyExchangeResponse exchange;
  if (choice.key_exchange) exchange = co_await crypto::respond(choice.group, *choice.key_exchange, engine.random());
  co_await send_server_hello(engine, transcript, hello, exchange.share, psk.get());
  if (!engine.info().retried) send_change_cipher_spec(engine, hello);
  HandshakeKeys keys = derive_keys(engine, *suite, psk.get(), std::move(exchange.secret), transcript);
  const bool by_psk = psk != nullptr;
  const std::int64_t resumed = psk && psk->session ? psk->session->authenticated : 0;
  psk.reset();
  co_await engine.install(Direction::sent, Level::handshake, *suite, keys.server, "server_handshake_traffic_secret");
  if (!takes_early_data)
    co_await engine.install(Direction::received, Level::handshake, *suite, keys.client,
                            "client_handshake_traffic_secret");

  // Server parameters (section 4.3). Whom a PSK authenticates is asked for nothing else.
  co_await send_encrypted_extensions(engine, transcript, hello);
  const bool asks = asks_client(engine);
  wire::ExtensionSet asked;
  if (asks) asked = co_await send_certificate_request(engine, transcript, Level::handshake, {});

  // Authentication (section 4.4)
  Buffer ours;
  if (!by_psk) {
    ours = co_await make_certificate(engine, transcript, {}, signer.credential.get(), hello.extensions);
    engine.send(Level::handshake, ours);
  }
  message = Msg();  // and with it all that `hello` views
  if (!by_psk) {
    ours = co_await make_certificate_verify(engine, transcript, std::move(signer.credential), signer.scheme);
    engine.send(Level::handshake, ours);
  }
  ours = make_finished(transcript, keys.server);
  engine.send(Level::handshake, ours);
  ApplicationKeys application = derive_application_keys(engine, keys.master, transcript);
  if (!gives_tickets) keys.master.wipe();
  co_await engine.install(Direction::sent, Level::application, *suite, application.server,
                          "server_application_traffic_secret_0");
  if (takes_early_data || engine.options().half_rtt_data) engine.transport().open(Direction::sent);

  // The client's flight, behind its early data
  if (takes_early_data) {
    message = co_await next(HandshakeType::end_of_early_data);
    co_await wire::parse_empty(HandshakeType::end_of_early_data, message.body());
    transcript.add(message.bytes());
    co_await engine.install(Direction::received, Level::handshake, *suite, keys.client,
                            "client_handshake_traffic_secret");
  }
  if (asks) co_await authenticate_client(engine, transcript, asked);
  Msg finished = co_await next(HandshakeType::finished);
  co_await check_finished(transcript, keys.client, finished);
  co_await engine.install(Direction::received, Level::application, *suite, application.client,
                          "client_application_traffic_secret_0");

  // NewSessionTicket (section 4.6.1)
  if (gives_tickets && !engine.sent_close()) {
    base::Secret resumption = derive_resumption_secret(engine, keys.master, transcript);
    const std::int64_t authenticated = resumed != 0 ? resumed : engine.common().clock->now_milliseconds();
    send_session_tickets(engine, *suite, resumption, authenticated);
  }
  if (engine.info().post_handshake_auth) engine.keep_transcript(std::move(transcript));
  engine.transport().open(Direction::sent);
  engine.transport().open(Direction::received);
}

}  // namespace handfast::handshake
