#include "handshake/client_tls12_resumption.h"

#include <algorithm>
#include <utility>

#include "crypto/cipher_suite.h"
#include "handshake/client_sessions.h"
#include "handshake/outside.h"
#include "handshake/resume.h"
#include "handshake/send.h"
#include "handshake/tls12.h"
#include "session/client_session.h"
#include "wire/tls12/new_session_ticket.h"

namespace handfast::handshake {
namespace {

/// What is resumed stays what it was (RFC 5246, section 7.4.1.3; RFC 7627, section 5.3).
Result<void> check_resumed(const ConnectionInfo& info, const session::Session& session) {
  if (info.version != session.version)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_version_selected)
                    .with("selected", name(info.version))
                    .with("session", name(session.version)));
  if (info.cipher_suite != session.cipher_suite)
    return fail(Error(Alert::illegal_parameter, Reason::wrong_cipher_suite_selected)
                    .with("selected", name(info.cipher_suite))
                    .with("session", name(session.cipher_suite)));
  if (info.extended_master_secret != session.extended_master_secret)
    return fail(Error(Alert::handshake_failure, Reason::no_extended_master_secret)
                    .with("session", session.extended_master_secret ? "it has it" : "it has it not"));
  return {};
}

/// The session with a new ticket; it lives as long as its full handshake lets it.
void renew(ClientEngine& engine, const session::Session& session, const Msg& message) {
  const Result<wire::tls12::NewSessionTicket> ticket = wire::tls12::parse_new_session_ticket(message.body());
  if (!ticket || ticket->ticket.empty()) return;
  session::Session renewed = session.clone();
  renewed.issued = engine.common().clock->now_milliseconds();
  // It may have been verified anew.
  renewed.peer.verified = engine.info().peer_verified;
  renewed.peer.verification_error = verdict(engine.info());
  renewed.application_protocol = engine.info().application_protocol;
  keep_session(engine, std::move(renewed), ticket->ticket, {}, ticket->ticket_lifetime_hint);
}

}  // namespace

bool is_resumed(const Offer& offer, const wire::ServerHello& hello) noexcept {
  return offer.session && offer.session->version() < ProtocolVersion::tls1_3 && !offer.legacy_session_id.empty() &&
         std::ranges::equal(hello.legacy_session_id_echo, offer.legacy_session_id);
}

Flow<void> resume_tls12(ClientEngine& engine, Offer& offer, Msg& message, const wire::ServerHello& hello,
                        const wire::tls12::ServerHelloExtensions& extensions) {
  const session::Session& session = offer.session->content().session;
  co_await check_resumed(engine.info(), session);
  const crypto::SuiteParts& suite = *crypto::find_suite(session.cipher_suite, session.version);
  resume(engine, session.peer, offer.session->has_session_id() ? Resumption::session_id : Resumption::ticket);
  engine.info().group = session.group;
  co_await accept_certificate_types(engine, extensions.server_certificate_type, extensions.client_certificate_type);
  Verification how = verification(engine);
  co_await verify_again(engine, how);
  schedule::tls12::Randoms randoms = tls12::make_randoms(offer.random, hello.random);
  schedule::Transcript& transcript = offer.transcript;
  transcript.start(suite.hash);
  transcript.add(message.bytes());
  offer.shares.clear();

  // NewSessionTicket (RFC 5077, section 3.3), where the ServerHello has said so
  Msg ticket;
  if (extensions.session_ticket) {
    ticket = co_await next(HandshakeType::new_session_ticket);
    co_await wire::tls12::parse_new_session_ticket(ticket.body());
    transcript.add(ticket.bytes());
  }

  // The server's change_cipher_spec (section 7.1) and Finished (7.4.9)
  schedule::tls12::MasterSecret master_secret = tls12::resume_master_secret(engine, suite, session, randoms);
  schedule::tls12::KeyBlock keys = master_secret.key_block(suite, randoms);
  tls12::tell_key_block(engine, keys);
  co_await change_cipher_spec();
  co_await tls12::install(engine, Direction::received, suite, keys);
  message = co_await next(HandshakeType::finished);
  co_await tls12::check_finished(engine, transcript, master_secret, message);
  co_await engine.transport().check_flight_end();

  // Ours
  engine.transport().send_change_cipher_spec();
  co_await tls12::install(engine, Direction::sent, suite, keys);
  tls12::send_finished(engine, transcript, master_secret);
  if (extensions.session_ticket) renew(engine, session, ticket);
  engine.transport().open(Direction::sent);
  engine.transport().open(Direction::received);
}

}  // namespace handfast::handshake
