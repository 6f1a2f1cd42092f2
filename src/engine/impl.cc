#include "engine/impl.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/contains.h"
#include "handshake/client.h"
#include "handshake/server.h"
#include "wire/empty.h"
#include "wire/v2_client_hello.h"

namespace handfast {
namespace {

std::unexpected<Error> unexpected(ContentType type) {
  return fail(Error(Alert::unexpected_message, Reason::unexpected_record).with("content_type", name(type)));
}

/// Who speaks HTTP would not understand an alert.
bool is_http(const Error& error) {
  return error.reason() == Reason::http_request || error.reason() == Reason::http_proxy_request;
}

}  // namespace

Connection::Impl::Impl(std::shared_ptr<const ClientConfig> config, const x509::ServerName& server_name,
                       std::uint16_t port, Trace* trace)
    : config_(config),
      options_(config->options()),
      trace_(trace, Side::client, *options_.clock),
      inbound_(Side::client, options_, trace_),
      outbound_(Side::client, options_, info_, trace_),
      side_(Side::client) {
  if (!server_name.is_ip()) info_.server_name = server_name.text();
  auto engine = std::make_unique<handshake::ClientEngine>(*config, server_name, port, *this, info_, trace);
  auto root = handshake::client(*engine).release();
  start(std::move(engine), root);
}

Connection::Impl::Impl(std::shared_ptr<const ServerConfig> config, Trace* trace)
    : config_(config),
      options_(config->options()),
      trace_(trace, Side::server, *options_.clock),
      inbound_(Side::server, options_, trace_),
      outbound_(Side::server, options_, info_, trace_),
      side_(Side::server) {
  if (config->options().v2_client_hello) inbound_.allow_v2_client_hello();
  auto engine = std::make_unique<handshake::ServerEngine>(*config, *this, info_, trace);
  auto root = handshake::server(*engine).release();
  start(std::move(engine), root);
}

void Connection::Impl::start(std::unique_ptr<handshake::Engine> engine, std::coroutine_handle<> root) {
  engine_ = std::move(engine);
  engine_->start(root);
  // A failure stays in `error`, for the first call to report.
  if (settle()) static_cast<void>(note(outbound_.flush()));
}

// --- The caller's calls
// -------------------------------------------------------------------------------------------------

Result<Received> Connection::Impl::receive(MutableBytes input) {
  if (error_) return fail(*error_);
  Received received;
  while (!handshaking() || !need()) {
    // RFC 8446, section 6.1: what comes after close_notify is ignored.
    if (received_close_) {
      received.consumed = input.size();
      break;
    }
    Result<Inbound::Step> step = inbound_.step(input.subspan(received.consumed));
    if (!step) return is_http(step.error()) ? end_silently(std::move(step.error())) : end(std::move(step.error()));
    if (step->consumed == 0) break;
    received.consumed += step->consumed;
    if (step->v2_client_hello)
      if (auto processed = process_v2_client_hello(*step->v2_client_hello); !processed)
        return end(std::move(processed.error()));
    if (!step->record) continue;
    if (auto processed = process(*step->record); !processed) return end(std::move(processed.error()));
    if (step->record->type == ContentType::application_data && !step->record->content.empty()) {
      received.data = step->record->content;
      received.early = inbound_.level() == Level::early;
      break;
    }
  }
  if (auto flushed = note(outbound_.flush()); !flushed) return fail(std::move(flushed.error()));
  return received;
}

Result<void> Connection::Impl::peer_closed() {
  if (error_) return fail(*error_);
  if (received_close_) return {};
  return end_silently(Error(Alert::close_notify, Reason::truncated));
}

Result<void> Connection::Impl::send(Bytes data) {
  if (!can_send()) return error_ ? fail(*error_) : fail(Alert::internal_error, Reason::closed);
  outbound_.expect(data.size());
  while (!data.empty()) {
    // RFC 8446, section 5.5: new keys before the AEAD's limit is reached.
    if (outbound_.worn())
      if (auto updated = update_keys(KeyUpdateRequest::update_not_requested); !updated) return updated;
    const std::size_t before = data.size();
    if (auto sent = note(outbound_.send_data(data)); !sent) return sent;
    trace_([&] { return DataEvent{Direction::sent, Level::application, before - data.size()}; });
  }
  return {};
}

void Connection::Impl::close() {
  if (error_ || sent_close_) return;
  // RFC 8446, section 6.1: whoever leaves a handshake that it would have gone on with says so first.
  const bool leaves_handshake = engine_ && !may_send_;
  if (leaves_handshake) send_warning(Alert::user_canceled);
  if (!error_) send_warning(Alert::close_notify);
  sent_close_ = true;
  if (engine_) engine_->close();
  // A client that has said its last word answers no request any more.
  if (completed_ && side_ == Side::client) engine_.reset();
  if (leaves_handshake) static_cast<void>(end_silently(Error(Alert::user_canceled, Reason::closed)));
}

void Connection::Impl::send_warning(Alert alert) {
  if (note(outbound_.send_alert({wire::AlertLevel::warning, alert})))
    trace_([&] { return AlertEvent{Direction::sent, alert, false}; });
}

void Connection::Impl::abort(Alert alert) { static_cast<void>(end(Error(alert, Reason::aborted))); }

void Connection::Impl::drained(std::size_t count) noexcept {
  outbound_.output().drain(count);
  key_update_end_ -= std::min(key_update_end_, count);
}

Result<void> Connection::Impl::answer(std::uint64_t id, Answer answer) {
  if (!engine_) return fail(Alert::internal_error, Reason::wrong_answer);
  if (auto taken = engine_->answer(id, std::move(answer)); !taken) return taken;
  if (auto settled = settle(); !settled) return end(std::move(settled.error()));
  const Buffer waited = std::exchange(stash_, {});
  if (auto processed = process_handshake(waited); !processed) return end(std::move(processed.error()));
  return note(outbound_.flush());
}

// --- What the flow asks for
// ---------------------------------------------------------------------------------------------

void Connection::Impl::send(Level, Bytes message) { outbound_.queue(message); }

Result<void> Connection::Impl::install(Direction direction, Level level, const crypto::SuiteParts& suite,
                                       const schedule::TrafficSecret& secret) {
  if (direction == Direction::received)
    if (auto ended = check_flight_end(); !ended) return ended;
  schedule::TrafficKeys keys = secret.keys(suite.aead());
  const std::uint64_t limit = std::min(suite.record_limit, options_.limits.records_per_key);
  if (level == Level::application)
    (direction == Direction::sent ? sent_keys_ : received_keys_) = {secret.clone(), &suite};
  return protect(direction, level, record::Protection(suite, std::move(keys.key), keys.iv, limit));
}

Result<void> Connection::Impl::install(Direction direction, const crypto::SuiteParts& suite,
                                       schedule::tls12::RecordKeys keys) {
  if (direction == Direction::received)
    if (auto ended = check_flight_end(); !ended) return ended;
  if (auto* aead = std::get_if<schedule::TrafficKeys>(&keys))
    return protect(direction, Level::application,
                   record::Protection(suite, std::move(aead->key), aead->iv, suite.record_limit));
  auto& [cbc, order, iv] = *std::get_if<schedule::tls12::CbcTrafficKeys>(&keys);
  auto protection = std::make_unique<record::CbcProtection>(std::move(cbc), order, *options_.random, iv);
  return protect(direction, Level::application, record::Protection(std::move(protection), suite.version));
}

Result<void> Connection::Impl::protect(Direction direction, Level level, record::Protection protection) {
  if (direction == Direction::sent) return outbound_.install(level, std::move(protection));
  inbound_.install(level, std::move(protection));
  return {};
}

void Connection::Impl::send_change_cipher_spec() {
  // In the clear nothing can fail; and what fails is seen at the next flush.
  if (outbound_.send_change_cipher_spec()) trace_([] { return ChangeCipherSpecEvent{Direction::sent}; });
}

Result<void> Connection::Impl::check_flight_end() const {
  if (message_.empty() && rest_.empty() && stash_.empty()) return {};
  return fail(Alert::unexpected_message, Reason::excess_handshake_data);
}

void Connection::Impl::open(Direction direction) {
  if (direction == Direction::received) {
    may_receive_ = true;
    return;
  }
  // Who may send may bind what it sends to the connection, in half-RTT data and after a False Start as well.
  if (!may_send_) {
    exporter_ = engine_->take_exporter();
    tls_unique_ = engine_->tls_unique();
  }
  may_send_ = true;
}

void Connection::Impl::limit_records(Direction direction, std::uint16_t record_size_limit) {
  if (direction == Direction::sent)
    outbound_.limit(record_size_limit);
  else
    inbound_.limit(record_size_limit);
}

Result<void> Connection::Impl::settle() {
  if (const Error* failure = engine_->failure()) return end(*failure);
  if (!engine_->done()) return {};
  if (completed_) return finish_post_handshake();
  resumable_ = engine_->take_resumable();
  stored_session_ = engine_->take_stored_session();
  kept_session_ = engine_->take_kept_session();
  if (auto transcript = engine_->take_transcript()) {
    auth_ = std::make_unique<PostHandshakeAuth>(std::move(*transcript));
    auth_->last_need = engine_->last_need();
  }
  engine_.reset();
  completed_ = true;
  trace_([] { return CompletedEvent{}; });
  return {};
}

void Connection::Impl::end_flow() noexcept {
  if (engine_)
    if (auto kept = engine_->take_kept_session()) kept_session_ = std::move(kept);
  engine_.reset();
}

std::unexpected<Error> Connection::Impl::end(Error error) noexcept {
  if (error_) return fail(*error_);
  const Alert alert = error.alert();
  end_flow();
  bool told = false;
  try {
    told = !sent_close_ && outbound_.send_alert({wire::AlertLevel::fatal, alert}).has_value();
  } catch (const std::bad_alloc&) {
    told = false;  // and so the peer will not know why
  }
  if (told) trace_([&] { return AlertEvent{Direction::sent, alert, true}; });
  return end_silently(std::move(error));
}

std::unexpected<Error> Connection::Impl::end_silently(Error error) noexcept {
  if (error_) return fail(*error_);
  error_.emplace(std::move(error));
  end_flow();
  forget_session();
  // RFC 8446, section 6: what was established is forgotten.
  inbound_.forget();
  outbound_.forget();
  sent_keys_ = {};
  received_keys_ = {};
  exporter_ = {};
  tls_unique_.reset();
  auth_.reset();
  early_.reset();
  resumable_.reset();
  trace_([&] { return FailedEvent{&*error_}; });
  return fail(*error_);
}

void Connection::Impl::forget_session() noexcept {
  // RFC 5246, section 7.2.2: a failed connection's session is resumed no more. That its end was cut off is no failure
  // of the session (RFC 5246, section 7.2.1).
  if (error_->reason() != Reason::truncated) {
    if (!stored_session_.empty()) static_cast<const ServerOptions&>(options_).sessions.store->erase(stored_session_);
    if (kept_session_)
      static_cast<const ClientOptions&>(options_).sessions.store->erase(kept_session_->key, kept_session_->session);
  }
  stored_session_.clear();
  kept_session_.reset();
}

Result<void> Connection::Impl::note(Result<void> sent) {
  if (sent || error_) return sent;
  return end(std::move(sent.error()));
}

// --- What the peer sends
// ------------------------------------------------------------------------------------------------

Result<void> Connection::Impl::process(const engine::Inbound::Record& record) {
  if (record.type == ContentType::alert) return process_alert(record.content);
  if (record.type == ContentType::change_cipher_spec) return process_change_cipher_spec();
  if (!record.content.empty()) warning_alerts_ = 0;
  if (record.type == ContentType::handshake) return process_handshake(record.content);
  return process_data(record);
}

Result<void> Connection::Impl::process_data(const engine::Inbound::Record& record) {
  const bool early = inbound_.level() == Level::early;
  // RFC 8446, section 5.1: nothing comes between the fragments of a message.
  if (!(may_receive_ || early) || !message_.empty() || within_answer()) return unexpected(record.type);
  if (record.content.empty()) return {};
  if (early) {
    // Section 4.2.10: more than the ticket has said.
    if (record.content.size() > early_->left)
      return fail(Error(Alert::unexpected_message, Reason::early_data_too_long)
                      .with("limit", static_cast<std::int64_t>(early_->limit)));
    early_->left -= record.content.size();
  }
  key_updates_ = 0;
  hello_requests_ = 0;
  certificate_requests_ = 0;
  trace_([&] { return DataEvent{Direction::received, inbound_.level(), record.content.size()}; });
  return {};
}

/// RFC 5246, appendix E.2: it comes before all records, and the transcript is over what was sent.
Result<void> Connection::Impl::process_v2_client_hello(Bytes message) {
  Result<Buffer> hello = wire::read_v2_client_hello(message);
  if (!hello) return fail(std::move(hello.error()));
  if (auto checked = engine_->check_header(*wire::read_handshake_header(*hello)); !checked) return checked;
  engine_->deliver(handshake::Msg(*std::move(hello), message), inbound_.level());
  return settle();
}

Result<void> Connection::Impl::process_handshake(Bytes fragment) {
  while (!fragment.empty()) {
    if (handshaking() && need()) {
      stash_.insert(stash_.end(), fragment.begin(), fragment.end());
      break;
    }
    if (!message_.take_header(fragment)) break;
    const wire::HandshakeHeader header = message_.header();
    if (is_hello_request(header)) {
      message_.finish();
      if (auto processed = process_hello_request(header); !processed) return processed;
      continue;
    }
    auto checked = handshaking() ? engine_->check_header(header) : check_post_handshake_header(header);
    if (!checked) return checked;
    if (!message_.take_body(fragment)) break;
    rest_ = fragment;
    handshake::Msg message = message_.finish();
    if (engine_ && engine_->expects(header.type)) {
      engine_->deliver(std::move(message), inbound_.level());
      if (auto settled = settle(); !settled) return settled;
    } else if (auto processed = process_post_handshake(std::move(message)); !processed) {
      return processed;
    }
  }
  rest_ = {};
  return {};
}

Result<void> Connection::Impl::process_change_cipher_spec() {
  // RFC 8446, section 5.1: nothing comes between the fragments of a message.
  if (!message_.empty()) return unexpected(ContentType::change_cipher_spec);
  if (engine_ && engine_->expects_change_cipher_spec()) {
    engine_->deliver_change_cipher_spec();
    return settle();
  }
  // In TLS 1.3, and while that may be the version, it is there for middleboxes only (RFC 8446, appendix D.4).
  if (is_tls12()) return unexpected(ContentType::change_cipher_spec);
  trace_([] { return ChangeCipherSpecEvent{Direction::received}; });
  return {};
}

Result<void> Connection::Impl::process_alert(Bytes content) {
  Result<wire::AlertMessage> alert = wire::parse_alert(content);
  if (!alert) return fail(std::move(alert.error()));
  const bool warning = alert->level == wire::AlertLevel::warning;
  trace_([&] { return AlertEvent{Direction::received, alert->description, !warning}; });
  if (warning) return process_warning(alert->description);
  return end_silently(Error(alert->description, Reason::alert_received).with("alert", name(alert->description)));
}

/// Alerts that say they are no errors. In TLS 1.3 that holds for two of them (RFC 8446, section 6): any other comes
/// from a peer that speaks another version, and gets the answer that BoringSSL gives it. Before, each side decides for
/// itself (RFC 5246, section 7.2.2), and servers say so of a name that they do not know.
Result<void> Connection::Impl::process_warning(Alert alert) {
  const bool tls13_only = options_.min_version == ProtocolVersion::tls1_3 || info_.version == ProtocolVersion::tls1_3;
  if (tls13_only && alert != Alert::close_notify && alert != Alert::user_canceled)
    return fail(Error(Alert::decode_error, Reason::bad_alert).with("alert", name(alert)));
  if (!message_.empty()) return unexpected(ContentType::alert);
  if (alert == Alert::close_notify) return process_close();
  if (++warning_alerts_ <= options_.limits.warning_alerts) return {};
  return fail(Error(Alert::unexpected_message, Reason::too_many_warning_alerts)
                  .with("limit", static_cast<std::int64_t>(options_.limits.warning_alerts)));
}

Result<void> Connection::Impl::process_close() {
  received_close_ = true;
  if (handshaking()) return end_silently(Error(Alert::close_notify, Reason::closed));
  // RFC 5246, section 7.2.1: before TLS 1.3 it closes both directions, and is answered.
  if (info_.version < ProtocolVersion::tls1_3) close();
  return miss_answer();
}

// --- HelloRequest (RFC 5246, section 7.4.1.1)
// ------------------------------------------------------------------------

bool Connection::Impl::is_tls12() const noexcept {
  const ProtocolVersion version = info_.version == ProtocolVersion{} ? options_.max_version : info_.version;
  return version < ProtocolVersion::tls1_3;
}

bool Connection::Impl::is_hello_request(const wire::HandshakeHeader& header) const noexcept {
  return side_ == Side::client && is_tls12() && header.type == HandshakeType::hello_request && header.length == 0;
}

/// During a handshake it is ignored, and so it is no message of the transcript. Later it ends the connection where the
/// config says so, or is answered, once: renegotiation is never performed, and a server that does not read makes no
/// answers pile up.
Result<void> Connection::Impl::process_hello_request(const wire::HandshakeHeader& header) {
  trace_([&] { return MessageEvent{Direction::received, header.type, false, inbound_.level(), wire::hello_request}; });
  if (++hello_requests_ > options_.limits.hello_requests)
    return fail(Error(Alert::unexpected_message, Reason::too_many_hello_requests)
                    .with("limit", static_cast<std::int64_t>(options_.limits.hello_requests)));
  if (handshaking()) return {};
  if (static_cast<const ClientOptions&>(options_).hello_request == HelloRequestAnswer::fatal)
    return fail(Error(Alert::no_renegotiation, Reason::renegotiation).with("received", name(header.type)));
  if (!can_send() || std::exchange(refused_renegotiation_, true)) return {};
  send_warning(Alert::no_renegotiation);
  return {};
}

}  // namespace handfast
