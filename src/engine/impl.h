// What a Connection is made of: the two halves of the record layer, the flow while it lasts, and the data path.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include <handfast/connection.h>

#include "config/tracer.h"
#include "engine/inbound.h"
#include "engine/outbound.h"
#include "handshake/engine.h"
#include "handshake/msg.h"
#include "handshake/transport.h"
#include "schedule/exporter.h"
#include "schedule/secrets.h"
#include "schedule/transcript.h"
#include "x509/server_name.h"

namespace handfast {

/// Drives one flow at a time, whose Transport it is, and moves application data beside it. Once the handshake's flow
/// has returned it is gone. Of what comes later, KeyUpdate and NewSessionTicket are plain functions here, and each
/// authentication of the client is a flow in the place of the handshake's.
class Connection::Impl final : public handshake::Transport {
  using Inbound = engine::Inbound;
  using Outbound = engine::Outbound;

 public:
  Impl(std::shared_ptr<const ClientConfig> config, const x509::ServerName& server_name, std::uint16_t port,
       Trace* trace);
  Impl(std::shared_ptr<const ServerConfig> config, Trace* trace);

  // As Connection has them.
  Result<Received> receive(MutableBytes input);
  Result<void> peer_closed();
  Result<void> send(Bytes data);
  std::size_t early_data_left() const noexcept;
  Result<void> send_early_data(Bytes data);
  Result<void> resend_early_data();
  Result<void> export_early_keying_material(std::string_view label, Bytes context, MutableBytes out) const;
  void close();
  void abort(Alert alert);
  /// Calls `operation`; memory that runs out in it ends the connection as any other failure does.
  template <typename Operation>
  auto guarded(Operation operation) noexcept -> decltype(operation()) {
    try {
      return operation();
    } catch (const std::bad_alloc&) {
      return end(Error(Alert::internal_error, Reason::out_of_memory));
    }
  }
  Result<void> update_keys(KeyUpdateRequest request);
  Result<void> request_certificate(ClientAuth demand);
  Bytes output() const noexcept { return outbound_.output().view(); }
  void drained(std::size_t count) noexcept;
  const Need* need() const noexcept { return engine_ ? engine_->need() : nullptr; }
  Result<void> answer(std::uint64_t id, Answer answer);
  bool handshaking() const noexcept { return engine_ && !completed_; }
  bool awaiting_certificate() const noexcept { return side_ == Side::server && engine_ && completed_; }
  bool can_send() const noexcept { return may_send_ && !sent_close_ && !error_; }
  bool received_close() const noexcept { return received_close_; }
  const Error* error() const noexcept { return error_ ? &*error_ : nullptr; }
  Side side() const noexcept { return side_; }
  const ConnectionInfo& info() const noexcept { return info_; }
  Result<void> export_keying_material(std::string_view label, std::optional<Bytes> context, MutableBytes out) const;
  Result<Buffer> tls_unique() const;

  // As handshake::Transport has them: for the flow.
  void send(Level level, Bytes message) override;
  Result<void> install(Direction direction, Level level, const crypto::SuiteParts& suite,
                       const schedule::TrafficSecret& secret) override;
  Result<void> install(Direction direction, const crypto::SuiteParts& suite, schedule::tls12::RecordKeys keys) override;
  const schedule::TrafficSecret& application_secret(Direction direction) const override {
    return (direction == Direction::sent ? sent_keys_ : received_keys_).secret;
  }
  void send_change_cipher_spec() override;
  Result<void> check_flight_end() const override;
  void open(Direction direction) override;
  void limit_records(Direction direction, std::uint16_t record_size_limit) override;
  void open_early_data(Direction direction, std::uint32_t limit, const std::string& application_protocol) override;
  void early_data_accepted() override;
  void early_data_rejected() override;
  void skip_early_data(std::uint32_t allowed) override;

 private:
  struct KeyedDirection {
    schedule::TrafficSecret secret;  ///< of the application level: the next one is made from it
    const crypto::SuiteParts* suite = nullptr;
  };

  /// What is kept where a client may authenticate after the handshake.
  struct PostHandshakeAuth {
    schedule::Transcript transcript;       ///< ClientHello...client Finished
    std::vector<handshake::Msg> requests;  ///< a client's: those that wait until the one before is answered
    std::size_t requests_in_all = 0;       ///< a client's: those that have come
    std::unique_ptr<ConnectionInfo> info;  ///< what the flow under way has learnt
    ClientAuth demand = ClientAuth::none;  ///< a server's, in its request under way
    std::uint64_t last_need = 0;
  };

  /// Early data (RFC 8446, section 4.2.10), where it was asked for.
  struct Early {
    std::size_t limit = 0;
    std::size_t left = 0;  ///< bytes that may still pass
    bool open = false;     ///< they may now
    Buffer sent;           ///< by a client: until it was accepted, or sent again
    std::string application_protocol;
    schedule::ExporterSecret exporter;
    ~Early() { base::wipe(sent.data(), sent.size()); }
  };

  void start(std::unique_ptr<handshake::Engine> engine, std::coroutine_handle<> root);
  /// Looks at what the flow has come to.
  Result<void> settle();
  /// Ends the connection, gives the error back, and tells the peer by its alert. One that has ended stays as it was,
  /// and its own error is given.
  std::unexpected<Error> end(Error error) noexcept;
  /// The same for what the peer has ended itself, or would not understand.
  std::unexpected<Error> end_silently(Error error) noexcept;

  void send_warning(Alert alert);
  Result<void> process(const Inbound::Record& record);
  Result<void> process_v2_client_hello(Bytes message);
  Result<void> process_handshake(Bytes fragment);
  Result<void> process_data(const Inbound::Record& record);
  Result<void> process_new_session_ticket(const handshake::Msg& message);
  Result<void> process_change_cipher_spec();
  Result<void> process_alert(Bytes content);
  Result<void> process_warning(Alert alert);
  Result<void> process_close();
  /// HelloRequest, which may come at any time in TLS 1.2.
  Result<void> process_hello_request(const wire::HandshakeHeader& header);
  /// The version is TLS 1.2 or below, or will be.
  bool is_tls12() const noexcept;
  bool is_hello_request(const wire::HandshakeHeader& header) const noexcept;
  Result<void> protect(Direction direction, Level level, record::Protection protection);
  Result<void> check_post_handshake_header(const wire::HandshakeHeader& header) const;
  Result<void> process_post_handshake(handshake::Msg message);
  Result<void> process_certificate_request(handshake::Msg message);
  /// The next of the requests that wait, if none is being answered.
  Result<void> answer_requests();
  Result<void> run_post_handshake(std::unique_ptr<handshake::Engine> engine, std::coroutine_handle<> root);
  Result<void> finish_post_handshake();
  /// The client has said its last word; what of its answer to our request is missing will not come any more.
  Result<void> miss_answer();
  /// The client's answer to our request has begun, and nothing else may come before its end.
  bool within_answer() const noexcept;
  Result<void> process_key_update(const handshake::Msg& message);
  Result<void> install_next(Direction direction);
  /// The flow is over, and what it has said of its session is known.
  void end_flow() noexcept;
  /// The connection has failed, and so its session is resumed no more.
  void forget_session() noexcept;
  /// Ends the connection where something could not be sent.
  Result<void> note(Result<void> sent);

  std::shared_ptr<const void> config_;
  const CommonOptions& options_;
  config::Tracer trace_;
  ConnectionInfo info_;
  Inbound inbound_;
  Outbound outbound_;
  handshake::Reassembler message_;
  Bytes rest_;                                 ///< of the record that is being worked on
  Buffer stash_;                               ///< handshake bytes that wait for an answer from outside
  std::unique_ptr<handshake::Engine> engine_;  ///< while there is a flow
  std::unique_ptr<PostHandshakeAuth> auth_;    ///< where it was negotiated
  std::unique_ptr<Early> early_;
  std::unique_ptr<handshake::Resumable> resumable_;       ///< of a client that keeps sessions
  Buffer stored_session_;                                 ///< the ID of a server's session of TLS 1.2 in the store
  std::unique_ptr<handshake::KeptSession> kept_session_;  ///< a client's of TLS 1.2
  std::optional<Error> error_;
  KeyedDirection sent_keys_;
  KeyedDirection received_keys_;
  schedule::Exporter exporter_;
  std::optional<schedule::tls12::VerifyData> tls_unique_;
  std::size_t warning_alerts_ = 0;        ///< in a row
  std::size_t key_updates_ = 0;           ///< without data between them
  std::size_t hello_requests_ = 0;        ///< without data between them
  std::size_t certificate_requests_ = 0;  ///< without data between them
  std::size_t key_update_end_ = 0;        ///< where our answer to one ends in the output; 0: none is on its way
  Side side_;
  bool completed_ = false;  ///< the handshake
  bool may_send_ = false;
  bool may_receive_ = false;
  bool sent_close_ = false;
  bool received_close_ = false;
  bool refused_renegotiation_ = false;  ///< and told the server so
  bool key_update_requested_ = false;   ///< by us, and not answered yet
};

}  // namespace handfast
