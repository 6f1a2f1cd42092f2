#include "handshake/server_tls12_resumption.h"

#include <utility>

#include "crypto/cipher_suite.h"
#include "handshake/negotiate.h"
#include "handshake/outside.h"
#include "handshake/resume.h"
#include "handshake/send.h"
#include "handshake/server_hello_tls12.h"
#include "handshake/server_sessions.h"
#include "handshake/tls12.h"
#include "schedule/transcript.h"
#include "wire/tls12/server_hello.h"

namespace handfast::handshake {
namespace {

/// The suite is chosen as ever, and the session has to be one of it: else a better one would be passed over.
bool has_chosen_suite(ServerEngine& engine, const wire::ClientHello& hello, const session::Session& session) {
  const crypto::SuiteParts* suite = crypto::find_suite(session.cipher_suite, session.version);
  // Where it has no forward secrecy, any RSA suite would be better; where it has, it is not given up for one without.
  crypto::KeyUse key{suite->signature};
  if (!suite->has_forward_secrecy())
    key = {has_common_group(engine, hello) ? crypto::SuiteSignature::rsa : crypto::SuiteSignature::none, true};
  const Result<const crypto::SuiteParts*> chosen = choose_cipher_suite(engine, hello, key);
  return chosen && *chosen == suite;
}

SessionRefusal check(ServerEngine& engine, const wire::ClientHello& hello, const session::Session& session) {
  if (const SessionRefusal refusal = check_session(engine, session); refusal != SessionRefusal::none) return refusal;
  // RFC 7627, section 5.3: a client that has learnt it gets it.
  if (!session.extended_master_secret && hello.extended_master_secret) return SessionRefusal::extended_master_secret;
  return has_chosen_suite(engine, hello, session) ? SessionRefusal::none : SessionRefusal::cipher_suite;
}

/// And one that has forgotten it is no client of that session.
Result<void> check_extended_master_secret(const wire::ClientHello& hello, const session::Session& session) {
  if (!session.extended_master_secret || hello.extended_master_secret) return {};
  return fail(Alert::handshake_failure, Reason::no_extended_master_secret);
}

}  // namespace

Flow<std::unique_ptr<ServerSession12>> choose_session(ServerEngine& engine, const wire::ClientHello& hello) {
  std::unique_ptr<ServerSession12> chosen;
  const bool by_ticket =
      hello.session_ticket && !hello.session_ticket->empty() && engine.options().sessions.ticket_keys;
  FoundSession session;
  if (by_ticket)
    session = open_ticket(engine, *hello.session_ticket);
  else
    session = co_await find_session(engine, hello.legacy_session_id, SessionUse::keep);
  if (!session) {
    if (by_ticket) refuse(engine, SessionRefusal::unknown);
    co_return chosen;
  }
  SessionRefusal refusal = check(engine, hello, *session);
  if (refusal == SessionRefusal::none) {
    Verification how = verification(engine);
    bool accepted = co_await accepts_again(engine, *session, how);
    if (!accepted) refusal = SessionRefusal::peer_certificate;
  }
  if (refusal != SessionRefusal::none) {
    refuse(engine, refusal);
    co_return chosen;
  }
  co_await check_extended_master_secret(hello, *session);
  chosen = std::make_unique<ServerSession12>();
  chosen->session = std::move(session);
  chosen->how = by_ticket ? Resumption::ticket : Resumption::session_id;
  chosen->renews_ticket = by_ticket && wants_renewal(engine, *hello.session_ticket);
  co_return chosen;
}

Flow<void> resume_tls12(ServerEngine& engine, Msg& message, const wire::ClientHello& hello,
                        const ServerSession12& resumed) {
  const session::Session& session = *resumed.session;
  resume(engine, session.peer, resumed.how);
  engine.info().group = session.group;
  engine.info().application_protocol = co_await choose_application_protocol(engine, hello);
  const crypto::SuiteParts& suite = *crypto::find_suite(session.cipher_suite, session.version);
  if (resumed.how == Resumption::session_id) engine.set_stored_session(hello.legacy_session_id);

  schedule::Transcript transcript;
  transcript.start(suite.hash);
  transcript.add(message.bytes());

  // ServerHello (section 7.4.1.3): the ID that the client has sent says that its session is resumed.
  wire::tls12::ServerHelloExtensions extensions = negotiate_extensions(engine, hello);
  const std::int64_t lifetime = lifetime_left(engine, session.authenticated);
  Buffer ticket;
  if (resumed.renews_ticket && lifetime > 0) ticket = renew_ticket(engine, session, lifetime);
  extensions.session_ticket = !ticket.empty();
  schedule::tls12::Randoms randoms =
      co_await send_server_hello(engine, transcript, hello, hello.legacy_session_id, extensions);
  message = Msg();  // and with it all that `hello` views
  if (!ticket.empty()) co_await send_new_session_ticket(engine, transcript, ticket, lifetime);

  // Our change_cipher_spec (section 7.1) and Finished (7.4.9)
  schedule::tls12::MasterSecret master_secret = tls12::resume_master_secret(engine, suite, session, randoms);
  schedule::tls12::KeyBlock keys = master_secret.key_block(suite, randoms);
  tls12::tell_key_block(engine, keys);
  engine.transport().send_change_cipher_spec();
  co_await tls12::install(engine, Direction::sent, suite, keys);
  tls12::send_finished(engine, transcript, master_secret);

  // The client's
  co_await change_cipher_spec();
  co_await tls12::install(engine, Direction::received, suite, keys);
  message = co_await next(HandshakeType::finished);
  co_await tls12::check_finished(engine, transcript, master_secret, message);
  co_await engine.transport().check_flight_end();
  engine.transport().open(Direction::sent);
  engine.transport().open(Direction::received);
}

}  // namespace handfast::handshake
