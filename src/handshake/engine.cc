#include "handshake/engine.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <vector>

#include "base/contains.h"
#include "wire/server_hello.h"

namespace handfast::handshake {
namespace {

MessageEvent message_event(Direction direction, Level level, Bytes message) {
  constexpr std::size_t random_at = wire::handshake_header_size + 2;
  const HandshakeType type{message[0]};
  const bool retry = type == HandshakeType::server_hello &&
                     message.size() >= random_at + wire::hello_retry_request_random.size() &&
                     std::ranges::equal(message.subspan(random_at, wire::hello_retry_request_random.size()),
                                        wire::hello_retry_request_random);
  return {direction, type, retry, level, message};
}

/// The error inside an answer, or nullptr. That there is no session is none, nor is it one that a key can't decrypt.
const Error* refusal(const Answer& answer) {
  return std::visit(
      []<typename Given>(const Given& given) -> const Error* {
        if constexpr (std::is_same_v<Given, SessionAnswer> || std::is_same_v<Given, DecryptAnswer>) {
          return nullptr;
        } else {
          const auto& [result] = given;
          return result ? nullptr : &result.error();
        }
      },
      answer);
}

}  // namespace

Result<void> check_length(const wire::HandshakeHeader& header, const Limits& limits) {
  const bool of_certificates = header.type == HandshakeType::certificate ||
                               header.type == HandshakeType::certificate_request ||
                               header.type == HandshakeType::certificate_status;
  const std::size_t limit = header.type == HandshakeType::client_hello ? limits.client_hello
                            : of_certificates                          ? limits.certificate
                                                                       : limits.message;
  if (header.length > limit)
    return fail(Error(Alert::illegal_parameter, Reason::message_too_long)
                    .with("message", name(header.type))
                    .with("length", static_cast<std::int64_t>(header.length))
                    .with("limit", static_cast<std::int64_t>(limit)));
  return {};
}

Engine::Engine(Side side, Transport& transport, const CommonOptions& options, ConnectionInfo& info,
               Trace* trace) noexcept
    : transport_(transport),
      options_(options),
      info_(info),
      random_(*options.random),
      trace_(trace, side, *options.clock),
      arena_(options.limits.handshake_frames),
      side_(side) {}

Engine::~Engine() { destroy_root(); }

void Engine::send(Level level, Bytes message) {
  trace_([&] { return message_event(Direction::sent, level, message); });
  transport_.send(level, message);
}

Result<void> Engine::install(Direction direction, Level level, const crypto::SuiteParts& suite,
                             const schedule::TrafficSecret& secret, std::string_view name) {
  Result<void> installed = transport_.install(direction, level, suite, secret);
  if (installed) trace_([&] { return KeyEvent{direction, level, name, suite.suite}; });
  return installed;
}

Result<void> Engine::install(Direction direction, const crypto::SuiteParts& suite, schedule::tls12::RecordKeys keys,
                             std::string_view name) {
  Result<void> installed = transport_.install(direction, suite, std::move(keys));
  if (installed) trace_([&] { return KeyEvent{direction, Level::application, name, suite.suite}; });
  return installed;
}

void Engine::tell_secret(std::string_view name, std::string_view derivation, Bytes secret) {
  trace_([&] { return SecretEvent{name, derivation, secret.size(), options_.trace_secrets ? secret : Bytes()}; });
}

void Engine::log_secret(std::string_view label, Bytes secret) {
  if (options_.key_log) [[unlikely]]
    options_.key_log->log(label, client_random_, secret);
}

void Engine::set_client_random(Bytes random) noexcept {
  assert(random.size() == client_random_.size());
  std::ranges::copy(random, client_random_.begin());
}

void Engine::fail(Error error) noexcept {
  ready_ = nullptr;
  if (!failure_) failure_.emplace(std::move(error));
}

void Engine::start(std::coroutine_handle<> root) noexcept {
  root_ = root;
  if (!root_) return fail(Error(Alert::internal_error, Reason::out_of_memory));
  ready_ = root_;
  go();
}

bool Engine::expects(HandshakeType type) const noexcept {
  return expected_ && base::contains(std::span(expected_->types).first(expected_->count), type);
}

Result<void> Engine::check_header(const wire::HandshakeHeader& header) const {
  assert(expected_);
  if (!expects(header.type)) {
    std::vector<std::string> names;
    for (HandshakeType type : std::span(expected_->types).first(expected_->count)) names.push_back(name(type));
    if (expects_change_cipher_spec()) names.push_back(name(ContentType::change_cipher_spec));
    return handfast::fail(Error(Alert::unexpected_message, Reason::unexpected_message)
                              .with("received", name(header.type))
                              .with("expected", std::move(names)));
  }
  return check_length(header, options_.limits);
}

void Engine::deliver(Msg message, Level level) noexcept {
  assert(expected_ && parked_);
  trace_([&] {
    MessageEvent event = message_event(Direction::received, level, message.message());
    event.v2_client_hello = message.is_v2_client_hello();
    return event;
  });
  expected_.reset();
  message_ = std::move(message);
  ready_ = std::exchange(parked_, nullptr);
  go();
}

void Engine::deliver_change_cipher_spec() noexcept {
  assert(expects_change_cipher_spec() && parked_);
  trace_([] { return ChangeCipherSpecEvent{Direction::received}; });
  expected_.reset();
  ready_ = std::exchange(parked_, nullptr);
  go();
}

Result<void> Engine::answer(std::uint64_t id, Answer answer) noexcept {
  if (!need_ || need_->id != id || need_->request.index() != answer.index())
    return handfast::fail(Alert::internal_error, Reason::wrong_answer);
  need_.reset();
  if (const Error* error = refusal(answer); error && !takes_refusal_) {
    fail(*error);
  } else {
    answer_ = std::move(answer);
    ready_ = std::exchange(parked_, nullptr);
  }
  go();
  return {};
}

void Engine::go() noexcept {
  assert(!running_);
  running_ = true;
  while (ready_) std::exchange(ready_, nullptr).resume();
  running_ = false;
  if (failure_ || done_) {
    need_.reset();
    expected_.reset();
    destroy_root();
  }
}

void Engine::destroy_root() noexcept {
  if (root_) std::exchange(root_, nullptr).destroy();
}

}  // namespace handfast::handshake
