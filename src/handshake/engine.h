// What a flow runs in: it resumes flows, takes in messages and answers, and tells the trace.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <handfast/config.h>
#include <handfast/info.h>
#include <handfast/need.h>
#include <handfast/trace.h>

#include "base/random_supply.h"
#include "config/tracer.h"
#include "handshake/arena.h"
#include "handshake/msg.h"
#include "handshake/transport.h"
#include "schedule/exporter.h"
#include "schedule/secrets.h"
#include "schedule/transcript.h"

namespace handfast::handshake {

/// The message types that a flow waits for; without any it is the change_cipher_spec of TLS 1.2, which is no message.
struct Expected {
  std::array<HandshakeType, 3> types;
  std::size_t count;
};

/// Whether a message of that length may be taken in at all. Fails with illegal_parameter, message_too_long.
Result<void> check_length(const wire::HandshakeHeader& header, const Limits& limits);

/// What an outside request came to: an answer at once, or none yet: then a Need was raised.
template <typename T>
struct Outside {
  std::optional<Result<T>> inline_answer;
};

/// What a verification finds wrong with the peer's chain, or its raw public key; nothing: it is the peer's. A flow
/// decides what follows.
using Refusal = std::optional<Error>;

/// When all certificates of the path on which the peer was verified are valid, in seconds since 1970; of the leaf alone
/// where somebody outside has verified it.
struct PeerValidity {
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
};

/// What a client keeps to make sessions from the tickets that come after the handshake (RFC 8446, section 4.6.1).
struct Resumable {
  ClientSessionKey key;
  base::Secret resumption_master_secret;
  std::int64_t authenticated = 0;  ///< the full handshake, in milliseconds since 1970
  PeerValidity peer_validity;
  std::size_t tickets = 0;  ///< that were kept
};

/// A session of TLS 1.2 that a client has offered, or was given: it goes with its connection, where that fails (RFC
/// 5246, section 7.2.2).
struct KeptSession {
  ClientSessionKey key;
  SavedSession session;
};

/// Runs one root flow. It does not move. Flows and awaiters use the first two parts, the connection that drives it the
/// third: `start`, then `deliver` whenever `expected` says that a message is waited for, `answer` when there is a
/// `need`, until `done` or `failure`.
class Engine {
 public:
  /// Everything referred to outlives the engine.
  Engine(Side side, Transport& transport, const CommonOptions& options, ConnectionInfo& info, Trace* trace) noexcept;
  virtual ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // --- For flows ---------------------------------------------------------------------------------------------------

  Side side() const noexcept { return side_; }
  Side peer() const noexcept { return side_ == Side::client ? Side::server : Side::client; }
  const CommonOptions& common() const noexcept { return options_; }
  ConnectionInfo& info() noexcept { return info_; }
  /// What that side shows (RFC 7250), in ConnectionInfo.
  CertificateType& certificate_type(Side side) noexcept {
    return side == Side::client ? info_.client_certificate_type : info_.server_certificate_type;
  }
  Transport& transport() noexcept { return transport_; }
  Random& random() noexcept { return random_; }

  /// Sends a whole message, with its header.
  void send(Level level, Bytes message);
  /// Transport::install, told to the trace. `name` is the RFC's, e.g. "client_handshake_traffic_secret".
  Result<void> install(Direction direction, Level level, const crypto::SuiteParts& suite,
                       const schedule::TrafficSecret& secret, std::string_view name);
  /// The same for keys of TLS 1.2.
  Result<void> install(Direction direction, const crypto::SuiteParts& suite, schedule::tls12::RecordKeys keys,
                       std::string_view name);
  /// Tells the trace that a secret was made, and its bytes where the config says so. Both texts are literals.
  void tell_secret(std::string_view name, std::string_view derivation, Bytes secret);
  /// A line for the key log: `label` as RFC 9850 has it.
  void log_secret(std::string_view label, Bytes secret);
  void set_client_random(Bytes random) noexcept;

  const config::Tracer& tracer() const noexcept { return trace_; }

  /// Raises a Need: the flow goes on when it is answered. `bool` and Refusal ask whether a chain is accepted: then a
  /// refusal is an answer, while anywhere else it ends the flow.
  template <typename T, typename Request>
  Outside<T> ask(Request request) {
    need_ = std::make_unique<Need>(Need{++last_need_, std::move(request)});
    takes_refusal_ = std::is_same_v<T, bool> || std::is_same_v<T, Refusal>;
    return {};
  }
  template <typename T>
  static Outside<T> answered(Result<T> answer) {
    return {std::move(answer)};
  }

  /// The transcript of ClientHello...client Finished, where the client may be asked for a certificate later.
  void keep_transcript(schedule::Transcript transcript) {
    transcript_ = std::make_unique<schedule::Transcript>(std::move(transcript));
  }
  /// Where the peer was verified, and what of it a session keeps.
  void set_peer_validity(PeerValidity validity) noexcept { peer_validity_ = validity; }
  const PeerValidity& peer_validity() const noexcept { return peer_validity_; }
  void set_early_exporter(schedule::ExporterSecret exporter) noexcept { early_exporter_ = std::move(exporter); }
  void set_resumable(std::unique_ptr<Resumable> resumable) noexcept { resumable_ = std::move(resumable); }
  /// TLS 1.2: by which ID the session stands in the store, to be forgotten if the connection fails.
  void set_stored_session(Bytes id) { stored_session_.assign(id.begin(), id.end()); }
  void set_kept_session(std::unique_ptr<KeptSession> session) noexcept { kept_session_ = std::move(session); }
  /// What outlives the handshake.
  void set_exporter(schedule::Exporter exporter) noexcept { exporter_ = std::move(exporter); }
  /// A Finished of TLS 1.2: the first one of the handshake is the tls-unique channel binding (RFC 5929, section 3.1).
  void set_tls_unique(const schedule::tls12::VerifyData& finished) noexcept {
    if (!tls_unique_) tls_unique_ = finished;
  }

  /// We have sent close_notify: nothing follows it (RFC 8446, section 6.1).
  bool sent_close() const noexcept { return sent_close_; }

  // --- For awaiters ------------------------------------------------------------------------------------------------

  Arena& arena() noexcept { return arena_; }
  /// Ends the flow: nothing of it runs any more.
  void fail(Error error) noexcept;
  void ready(std::coroutine_handle<> flow) noexcept { ready_ = flow; }
  /// A flow has returned; `parent` is null for the root.
  void returned(std::coroutine_handle<> parent) noexcept {
    if (failure_) return;
    if (parent)
      ready_ = parent;
    else
      done_ = true;
  }
  void await_message(Expected expected, std::coroutine_handle<> flow) noexcept {
    expected_ = expected;
    parked_ = flow;
  }
  Msg take_message() noexcept { return std::exchange(message_, {}); }
  void await_answer(std::coroutine_handle<> flow) noexcept { parked_ = flow; }
  template <typename T>
  Result<T> take_answer() noexcept;

  // --- For the driver ----------------------------------------------------------------------------------------------

  /// Runs the root flow until it parks. The handle is null where there was no memory for its frame.
  void start(std::coroutine_handle<> root) noexcept;
  /// The next Need gets a number past that: a connection that runs one flow after another numbers them through.
  void number_needs_from(std::uint64_t last) noexcept { last_need_ = last; }
  std::uint64_t last_need() const noexcept { return last_need_; }
  /// What is waited for, or nullptr.
  const Expected* expected() const noexcept { return expected_ ? &*expected_ : nullptr; }
  /// Whether that type is among what is waited for.
  bool expects(HandshakeType type) const noexcept;
  /// Whether a message with that header may be taken in: fails with unexpected_message, or illegal_parameter,
  /// message_too_long. Only while something is `expected`.
  Result<void> check_header(const wire::HandshakeHeader& header) const;
  bool expects_change_cipher_spec() const noexcept { return expected_ && expected_->count == 0; }
  /// Hands over a message that was checked, and runs the flow until it parks.
  void deliver(Msg message, Level level) noexcept;
  /// The same for the change_cipher_spec that was expected.
  void deliver_change_cipher_spec() noexcept;
  const Need* need() const noexcept { return need_.get(); }
  /// Fails with wrong_answer, changing nothing. Otherwise the flow runs until it parks: then see `failure`.
  Result<void> answer(std::uint64_t id, Answer answer) noexcept;

  /// The connection has sent close_notify, which it may do as soon as it may send data.
  void close() noexcept { sent_close_ = true; }
  bool done() const noexcept { return done_; }
  const Error* failure() const noexcept { return failure_ ? &*failure_ : nullptr; }
  schedule::Exporter take_exporter() noexcept { return std::move(exporter_); }
  const std::optional<schedule::tls12::VerifyData>& tls_unique() const noexcept { return tls_unique_; }
  std::unique_ptr<schedule::Transcript> take_transcript() noexcept { return std::move(transcript_); }
  schedule::ExporterSecret take_early_exporter() noexcept { return std::move(early_exporter_); }
  std::unique_ptr<Resumable> take_resumable() noexcept { return std::move(resumable_); }
  Buffer take_stored_session() noexcept { return std::move(stored_session_); }
  std::unique_ptr<KeptSession> take_kept_session() noexcept { return std::move(kept_session_); }

 private:
  /// The only place that resumes and destroys: a loop over one ready handle.
  void go() noexcept;
  void destroy_root() noexcept;

  Transport& transport_;
  const CommonOptions& options_;
  ConnectionInfo& info_;
  base::RandomSupply random_;
  config::Tracer trace_;
  Arena arena_;
  std::coroutine_handle<> root_;
  std::coroutine_handle<> ready_;   ///< runs next
  std::coroutine_handle<> parked_;  ///< waits for a message or an answer
  std::optional<Expected> expected_;
  Msg message_;
  std::unique_ptr<Need> need_;  ///< rare, and large
  std::optional<Answer> answer_;
  std::uint64_t last_need_ = 0;
  std::optional<Error> failure_;
  schedule::Exporter exporter_;
  std::optional<schedule::tls12::VerifyData> tls_unique_;
  std::unique_ptr<schedule::Transcript> transcript_;
  schedule::ExporterSecret early_exporter_;
  std::unique_ptr<Resumable> resumable_;
  Buffer stored_session_;
  std::unique_ptr<KeptSession> kept_session_;
  PeerValidity peer_validity_;
  std::array<std::uint8_t, 32> client_random_{};
  Side side_;
  bool takes_refusal_ = false;  ///< of the outstanding Need
  bool running_ = false;
  bool done_ = false;
  bool sent_close_ = false;
};

template <typename T>
Result<T> Engine::take_answer() noexcept {
  auto take = [this]<typename Given>(Result<T> Given::* result) {
    Result<T> taken = std::move(std::get_if<Given>(&*answer_)->*result);
    answer_.reset();
    return taken;
  };
  if constexpr (std::is_same_v<T, base::SecretBuffer>) {
    auto* session = std::get_if<SessionAnswer>(&*answer_);
    std::optional<Buffer>& given = session ? session->session : std::get_if<DecryptAnswer>(&*answer_)->block;
    base::SecretBuffer taken(std::move(given).value_or(Buffer()));
    answer_.reset();
    return taken;
  } else if constexpr (std::is_same_v<T, bool>) {
    const bool accepted = std::get_if<VerifyAnswer>(&*answer_)->verdict.has_value();
    answer_.reset();
    return accepted;
  } else if constexpr (std::is_same_v<T, Refusal>) {
    Result<void> verdict = std::move(std::get_if<VerifyAnswer>(&*answer_)->verdict);
    answer_.reset();
    return verdict ? Refusal() : Refusal(std::move(verdict.error()));
  } else if constexpr (std::is_same_v<T, Buffer>)
    return take(&SignAnswer::signature);
  else
    return take(&CredentialAnswer::credential);
}

}  // namespace handfast::handshake
