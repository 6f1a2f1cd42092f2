// What a connection does once it stands: KeyUpdate, NewSessionTicket, and the authentication of clients.
#include <algorithm>
#include <utility>

#include "engine/impl.h"
#include "handshake/authenticate.h"
#include "handshake/client_sessions.h"
#include "handshake/post_handshake_auth.h"
#include "wire/key_update.h"
#include "wire/new_session_ticket.h"

namespace handfast {

bool Connection::Impl::within_answer() const noexcept {
  return completed_ && engine_ && engine_->expected() && !engine_->expects(HandshakeType::certificate);
}

Result<void> Connection::Impl::check_post_handshake_header(const wire::HandshakeHeader& header) const {
  // RFC 8446, section 4.6.2: a client's answer comes without other messages in between.
  if (within_answer() || (engine_ && engine_->expects(header.type))) return engine_->check_header(header);
  const bool client = side_ == Side::client;
  const bool expected =
      info_.version == ProtocolVersion::tls1_3 &&
      (header.type == HandshakeType::key_update || (client && header.type == HandshakeType::new_session_ticket) ||
       (client && auth_ && header.type == HandshakeType::certificate_request));
  if (expected) return handshake::check_length(header, options_.limits);
  const bool renegotiates = header.type == HandshakeType::client_hello || header.type == HandshakeType::hello_request;
  // Before TLS 1.3 a server refuses by an alert of its own (RFC 5246, section 7.2.2).
  const bool refuses = header.type == HandshakeType::client_hello && !client && info_.version < ProtocolVersion::tls1_3;
  return fail(Error(refuses ? Alert::no_renegotiation : Alert::unexpected_message,
                    renegotiates ? Reason::renegotiation : Reason::unexpected_message)
                  .with("received", name(header.type)));
}

Result<void> Connection::Impl::process_post_handshake(handshake::Msg message) {
  trace_([&] { return MessageEvent{Direction::received, message.type(), false, Level::application, message.bytes()}; });
  if (message.type() == HandshakeType::key_update) return process_key_update(message);
  if (message.type() == HandshakeType::certificate_request) return process_certificate_request(std::move(message));
  return process_new_session_ticket(message);
}

/// A bad one is answered as the RFC asks, whether sessions are kept or not.
Result<void> Connection::Impl::process_new_session_ticket(const handshake::Msg& message) {
  Result<wire::NewSessionTicket> ticket = wire::parse_new_session_ticket(message.body());
  if (!ticket) return fail(std::move(ticket.error()));
  if (resumable_) handshake::keep_session(static_cast<const ClientOptions&>(options_), info_, *resumable_, *ticket);
  return {};
}

// --- KeyUpdate (RFC 8446, section 4.6.3)
// -----------------------------------------------------------------------------

Result<void> Connection::Impl::update_keys(KeyUpdateRequest request) {
  if (!can_send()) return error_ ? fail(*error_) : fail(Alert::internal_error, Reason::closed);
  if (info_.version != ProtocolVersion::tls1_3)
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "update_keys")
                    .with("problem", "there is no KeyUpdate before TLS 1.3"));
  // RFC 9846, section 4.7.3: nothing is requested again before the peer has answered.
  if (key_update_requested_) request = KeyUpdateRequest::update_not_requested;
  key_update_requested_ = key_update_requested_ || request == KeyUpdateRequest::update_requested;
  Buffer message;
  wire::write_key_update(message, {request});
  trace_([&] { return MessageEvent{Direction::sent, HandshakeType::key_update, false, Level::application, message}; });
  outbound_.queue(message);
  return note(install_next(Direction::sent));
}

Result<void> Connection::Impl::process_key_update(const handshake::Msg& message) {
  Result<wire::KeyUpdate> update = wire::parse_key_update(message.body());
  if (!update) return fail(std::move(update.error()));
  if (++key_updates_ > options_.limits.key_updates)
    return fail(Error(Alert::unexpected_message, Reason::too_many_key_updates)
                    .with("limit", static_cast<std::int64_t>(options_.limits.key_updates)));
  if (auto installed = install_next(Direction::received); !installed) return installed;
  key_update_requested_ = false;
  // One answer at most is on its way: a peer that asks again before it has gone gets that one.
  if (update->request_update != KeyUpdateRequest::update_requested || !can_send() || key_update_end_ != 0) return {};
  auto answered = update_keys(KeyUpdateRequest::update_not_requested);
  key_update_end_ = outbound_.output().view().size();
  return answered;
}

/// application_traffic_secret_N+1 (RFC 8446, section 7.2).
Result<void> Connection::Impl::install_next(Direction direction) {
  const KeyedDirection& keys = direction == Direction::sent ? sent_keys_ : received_keys_;
  const schedule::TrafficSecret next = keys.secret.next();
  const crypto::SuiteParts& suite = *keys.suite;
  if (auto installed = install(direction, Level::application, suite, next); !installed) return installed;
  trace_([&] {
    const bool client = (direction == Direction::sent) == (side_ == Side::client);
    return KeyEvent{direction, Level::application,
                    client ? "client_application_traffic_secret_N+1" : "server_application_traffic_secret_N+1",
                    suite.suite};
  });
  return {};
}

// --- Authentication of the client (RFC 8446, section 4.6.2)
// ----------------------------------------------------------

Result<void> Connection::Impl::request_certificate(ClientAuth demand) {
  if (handshaking() || received_close_ || !can_send())
    return error_ ? fail(*error_) : fail(Alert::internal_error, Reason::closed);
  if (side_ == Side::client || !auth_)
    return fail(Error(Alert::internal_error, Reason::missing_extension)
                    .with("extension", name(ExtensionType::post_handshake_auth)));
  if (demand == ClientAuth::none)
    return fail(Error(Alert::internal_error, Reason::bad_config)
                    .with("option", "request_certificate")
                    .with("problem", "none is no demand"));
  if (engine_)
    return fail(Error(Alert::internal_error, Reason::too_many_certificate_requests).with("limit", std::int64_t{1}));
  auth_->demand = demand;
  auth_->info = std::make_unique<ConnectionInfo>(info_);
  auth_->info->peer_certificates.clear();
  auth_->info->peer_raw_public_key.clear();
  auth_->info->peer_verified = false;
  auth_->info->verification_error.reset();
  auth_->info->peer_certificate_sha256.reset();
  auth_->info->path = {};
  auth_->info->ocsp_response.clear();
  auth_->info->signed_certificate_timestamps.clear();
  const auto& config = *static_cast<const ServerConfig*>(config_.get());
  auto engine = std::make_unique<handshake::ServerEngine>(config, *this, *auth_->info, trace_.trace());
  auto root = handshake::request_certificate(*engine, auth_->transcript, demand).release();
  if (auto started = run_post_handshake(std::move(engine), root); !started) return started;
  return note(outbound_.flush());
}

Result<void> Connection::Impl::miss_answer() {
  if (side_ == Side::client || !engine_ || !engine_->expected()) return {};
  engine_.reset();
  auth_->info.reset();
  // A half-close leaves our direction open (RFC 8446, section 6.1): what was asked for is still to be decided on.
  return handshake::check_anonymous(static_cast<const ServerOptions&>(options_), info_.version, auth_->demand);
}

Result<void> Connection::Impl::process_certificate_request(handshake::Msg message) {
  const auto too_many = [](std::size_t limit) {
    return fail(Error(Alert::unexpected_message, Reason::too_many_certificate_requests)
                    .with("limit", static_cast<std::int64_t>(limit)));
  };
  const Limits& limits = options_.limits;
  if (++certificate_requests_ > limits.certificate_requests || auth_->requests.size() >= limits.certificate_requests)
    return too_many(limits.certificate_requests);
  // A byte of data is cheaper for a server than a signature is for us.
  if (++auth_->requests_in_all > limits.certificate_requests_in_all)
    return too_many(limits.certificate_requests_in_all);
  if (sent_close_) return {};
  auth_->requests.push_back(std::move(message));
  return answer_requests();
}

Result<void> Connection::Impl::answer_requests() {
  if (engine_ || auth_->requests.empty()) return {};
  handshake::Msg request = std::move(auth_->requests.front());
  auth_->requests.erase(auth_->requests.begin());
  auth_->info = std::make_unique<ConnectionInfo>(info_);
  auto engine = std::make_unique<handshake::Engine>(Side::client, *this, options_, *auth_->info, trace_.trace());
  const auto& options = static_cast<const ClientOptions&>(options_);
  auto root = handshake::answer_certificate_request(*engine, options, auth_->transcript, std::move(request)).release();
  return run_post_handshake(std::move(engine), root);
}

Result<void> Connection::Impl::run_post_handshake(std::unique_ptr<handshake::Engine> engine,
                                                  std::coroutine_handle<> root) {
  engine_ = std::move(engine);
  engine_->number_needs_from(auth_->last_need);
  engine_->start(root);
  return settle();
}

Result<void> Connection::Impl::finish_post_handshake() {
  auth_->last_need = engine_->last_need();
  engine_.reset();
  // A client that has answered without a certificate is who it was before.
  if (auth_->info->peer_verified || auth_->info->verification_error) info_ = std::move(*auth_->info);
  auth_->info.reset();
  return answer_requests();
}

}  // namespace handfast
