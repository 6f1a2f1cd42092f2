// Drives a connection over a socket, blocking.
#pragma once

#include <cstddef>
#include <optional>

#include <handfast/connection.h>

#include "flags.h"
#include "settings.h"
#include "socket.h"

namespace handfast::bogo {

/// With -async the engine gets its input byte by byte, and every answer a turn late. All of it throws Failure, with
/// BoringSSL's string, where the connection fails, its alert being sent by then.
class Peer {
 public:
  /// All outlive it. Where early data is rejected, the verifier does as `retry` says from then on.
  Peer(const Flags& flags, const Flags& retry, const Settings& settings, Socket& socket, Connection connection);

  Connection& connection() noexcept { return connection_; }
  /// Until it is done, or data may be sent, with -false-start and as early data: BoringSSL takes that for the end, too.
  void handshake();
  /// To its very end.
  void finish_handshake();
  /// Until that message has come, in the handshake.
  void receive_message(const Recorder& trace, HandshakeType type);

  /// A client's offer of early data has no answer yet; a server has accepted it, and the client goes on with it.
  bool in_early_data() const noexcept;
  /// As a client, whatever came of it.
  bool has_offered_early_data() const noexcept { return offered_early_data_; }
  bool early_data_rejected() const noexcept;
  /// Application data, valid until the next call, or nothing at the end: see `truncated`.
  std::optional<Bytes> read();
  /// Whether the runner closed without close_notify.
  bool truncated() const noexcept { return truncated_; }
  /// As early data as far as that goes, and the rest when the handshake is done.
  void write(Bytes data);
  /// Writes what the connection has to say.
  void flush();
  /// Writes the first byte of what `data` comes to, and from then on nothing, until `finish_write`.
  void begin_write(Bytes data);
  void finish_write();
  /// Ends in a Failure if that is not a success, after the alert has gone out.
  void check(const Result<void>& result);

 private:
  /// Takes the connection one step on: an answer, a record, or some more input.
  void step();
  void answer();
  void fill();
  [[noreturn]] void fail(const Error& error);

  const Flags& flags_;
  const Flags& retry_;
  const Settings& settings_;
  Socket& socket_;
  Connection connection_;
  Buffer input_;
  std::size_t used_ = 0;        ///< how much of it is done with
  Bytes data_;                  ///< came, and was not read yet; it may come with the handshake's last message
  std::uint64_t late_for_ = 0;  ///< the Need that was left waiting once
  bool offered_early_data_;
  bool holding_back_ = false;
  bool ended_ = false;
  bool truncated_ = false;
};

}  // namespace handfast::bogo
