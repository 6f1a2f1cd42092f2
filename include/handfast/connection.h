// One TLS connection: bytes in, bytes out, no I/O of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/error.h>
#include <handfast/info.h>
#include <handfast/need.h>
#include <handfast/trace.h>
#include <handfast/types.h>

namespace handfast {

/// What `Connection::receive` made of the input.
struct Received {
  /// Bytes of the input that are done with; the caller drops them and keeps the rest for the next call.
  std::size_t consumed = 0;
  /// Application data, inside the caller's input, valid as long as the caller leaves it there. Empty: none in what was
  /// consumed.
  Bytes data;
  /// The data came as early data (RFC 8446, section 2.3): whoever has seen it on its way may have sent it again, and
  /// the client has not shown yet that it is there.
  bool early = false;
};

/// The server that a client wants to talk to.
struct ServerAddress {
  /// A host name in A-labels, or an IP address literal.
  std::string_view name;
  /// Not sent anywhere: sessions belong to a name and a port. 0 where nobody knows it.
  std::uint16_t port = 0;

  // Names alone convert. NOLINTBEGIN(google-explicit-constructor)
  ServerAddress(std::string_view server_name, std::uint16_t server_port = 0) noexcept
      : name(server_name), port(server_port) {}
  ServerAddress(const std::string& server_name) noexcept : name(server_name) {}
  ServerAddress(const char* server_name) noexcept : name(server_name) {}
  // NOLINTEND(google-explicit-constructor)
};

/// The sans-I/O engine. Loop: hand it what came (`receive`), write what it has (`output`, `drained`), answer what it
/// asks (`need`, `answer`). After an Error the connection has ended: write the rest of `output` (the alert is in it),
/// then close. Not thread-safe: one thread at a time.
class Connection {
 public:
  /// A client towards `server`: its name is sent as SNI (not an IP address) and the certificate is verified for it.
  /// The ClientHello is in `output` at once. `trace` must outlive the connection. Fails with bad_config for a name that
  /// is none.
  static Result<Connection> client(std::shared_ptr<const ClientConfig> config, ServerAddress server,
                                   Trace* trace = nullptr);
  static Connection server(std::shared_ptr<const ServerConfig> config, Trace* trace = nullptr);
  // Neither config may be null. Where there is no memory for a connection at all, both throw std::bad_alloc; nothing
  // else here throws.

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Works on the records at the beginning of `input`, decrypting in place, until one has brought application data, an
  /// answer from outside is needed, or no whole record is left. Call again while `consumed` is not 0. A record has at
  /// most `max_record_size` bytes: an input buffer of that size always suffices.
  Result<Received> receive(MutableBytes input);
  /// 5 bytes of header, 2^14 of content, and in TLS 1.2 with CBC an IV, a code and padding (RFC 5246, section 6.2.3.2),
  /// which is more than the 256 bytes of TLS 1.3 (RFC 8446, section 5.2).
  static constexpr std::size_t max_record_size = 5 + 16384 + 16 + 48 + 256;
  /// The end of the peer's bytes. Fails with `truncated` where the peer had not sent close_notify.
  Result<void> peer_closed();

  /// Protects `data` and appends the records to `output`. Fails with `closed` where nothing may be sent now: see
  /// `can_send`.
  Result<void> send(Bytes data);
  /// How many bytes a client may send as early data now, before the server has answered; 0: none was offered, or it is
  /// too late.
  std::size_t early_data_left() const noexcept;
  /// Sends early data (RFC 8446, section 2.3), which can be replayed by whoever sees it on its way. A copy is kept
  /// until it was accepted, was sent again, or the connection has ended. Fails with `closed` where it is too late,
  /// early_data_too_long past `early_data_left`: then nothing of it was sent. What became of it `info().early_data`
  /// tells when the handshake is over.
  Result<void> send_early_data(Bytes data);
  /// Sends what `send_early_data` was given once more, as ordinary data, after the server has rejected it: nothing is
  /// ever sent twice unless the caller says so. Fails with `closed` where it was not rejected, or was sent again
  /// already, and with wrong_application_protocol where another protocol was agreed on than it was meant for.
  Result<void> resend_early_data();
  /// Sends close_notify: nothing can be sent afterwards, data can still arrive (half-close; in TLS 1.2 the peer answers
  /// by closing its half too). Before anything could be sent it leaves the handshake, with user_canceled, and the
  /// connection has ended. Does nothing the second time, or after a failure.
  void close();
  /// Sends a fatal alert of the caller's choice and ends the connection.
  void abort(Alert alert);
  /// New keys for what we send; the peer is asked to do the same on request, once until it has. Fails with `closed`,
  /// and with bad_config in TLS 1.2, which has no KeyUpdate.
  Result<void> update_keys(KeyUpdateRequest request);

  /// Asks the client for a certificate (RFC 8446, section 4.6.2). A client without one is refused with
  /// certificate_required where `require` says so, and where an `authorization` would have to be asked of nobody; one
  /// whose certificate does not verify, or that may not connect, always. To close its half instead of an answer is to
  /// have none. Data goes on in both directions; `awaiting_certificate` tells when the answer has come and was
  /// verified: then `info` speaks of it. An answer without a certificate leaves `info` as it was. Servers only. Fails,
  /// changing nothing, with `closed` before the handshake is over and where nothing can be sent any more;
  /// missing_extension where the client did not offer post_handshake_auth, or with it no type of certificate that is
  /// taken here (`peer_certificate_types`; one that was resumed: the type that it has shown), or the config does not;
  /// too_many_certificate_requests while one is on its way already; bad_config for ClientAuth::none.
  Result<void> request_certificate(ClientAuth demand = ClientAuth::require);
  /// The client's answer to `request_certificate` has not come, or its verification is not over. The client's
  /// close_notify is an answer without a certificate.
  bool awaiting_certificate() const noexcept;

  /// What is to be written to the peer, valid until the next call.
  Bytes output() const noexcept;
  /// The first `count` bytes of `output` were written.
  void drained(std::size_t count) noexcept;

  /// What must be answered from outside before the handshake goes on, or nullptr. After the handshake, while a client
  /// is being authenticated, it keeps nothing else from going on.
  const Need* need() const noexcept;
  /// Answers it. Fails with wrong_answer, changing nothing, where `id` is not that of the outstanding Need or the
  /// answer is of another kind; with another Error where the handshake fails by it (an answer that is an Error, for
  /// one).
  Result<void> answer(std::uint64_t id, Answer answer);

  bool handshaking() const noexcept;     ///< neither done nor failed
  bool can_send() const noexcept;        ///< application data may be sent now
  bool received_close() const noexcept;  ///< the peer's close_notify has come
  /// Why the connection ended, or nullptr.
  const Error* error() const noexcept;
  Side side() const noexcept;
  const ConnectionInfo& info() const noexcept;

  /// RFC 8446, section 7.5, and in TLS 1.2 RFC 5705, where no context and an empty one give different values. Fails
  /// with `closed` before anything may be sent and after a failure, which forgets all keys; no_extended_master_secret
  /// in a TLS 1.2 without it, where an export would bind nothing (RFC 7627, section 5.4); bad_config for a label past
  /// 249 bytes or one of TLS 1.2's own, a context past 65535 bytes, and more than 8160 bytes of output.
  Result<void> export_keying_material(std::string_view label, std::optional<Bytes> context, MutableBytes out) const;
  /// The same from the early exporter secret, for what is bound to early data: before the server's ServerHello it is
  /// there on a client that offers early data, and from there on where it was accepted. Fails with `closed` elsewhere.
  Result<void> export_early_keying_material(std::string_view label, Bytes context, MutableBytes out) const;
  /// The tls-exporter channel binding (RFC 9266). Fails as export_keying_material does.
  Result<Buffer> channel_binding() const;
  /// The tls-unique channel binding (RFC 5929, section 3), 12 bytes, for applications that can do no better. Fails with
  /// `closed` before anything may be sent, after a failure, and in TLS 1.3, which has none; no_extended_master_secret
  /// where a session was resumed without it.
  Result<Buffer> tls_unique() const;

  class Impl;

 private:
  explicit Connection(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace handfast
