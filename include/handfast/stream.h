// A TLS connection over a TCP socket, for coroutines of Boost.Asio and for code that blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/connection.h>
#include <handfast/net_error.h>

namespace handfast {

struct StreamOptions {
  /// For the whole handshake, answers from outside included: a peer that drips bytes does not extend it. 0: for ever.
  std::chrono::milliseconds handshake_timeout{10'000};
  /// How long one read waits for something to return, and how long one write waits for the peer to take something; 0:
  /// for ever.
  std::chrono::milliseconds read_timeout{0};
  std::chrono::milliseconds write_timeout{0};
  /// How long `shutdown` waits for the peer's end, and how long a failed stream waits for the peer to take the alert;
  /// 0: for ever.
  std::chrono::milliseconds linger_timeout{1'000};
  /// How long a server's store of sessions may take to answer, all questions of a handshake together; past it the
  /// handshake goes on without a session. 0: for ever.
  std::chrono::milliseconds session_timeout{250};
  /// Sent by a client as early data, right behind its ClientHello, where a session of the config allows as much; else
  /// it is not sent at all: `early_data_sent` tells. Servers pay no heed to it.
  Buffer early_data;
  /// What was read from the socket before there was a stream: whoever chooses a config by the ClientHello has read it.
  /// The stream takes it first.
  Buffer received;
  /// Hears what the connection does; it must outlive the stream.
  Trace* trace = nullptr;
};

/// A TLS connection over a TCP socket. Every Need is answered through the interfaces that the config names
/// (PrivateKey::sign, CredentialChooser::choose, ChainVerifier::verify, SessionStore::find), which may answer from any
/// thread, late or never: an answer that comes after the stream has gone is ignored. A store of sessions that throws,
/// or is late, costs a full handshake.
///
/// The operations are coroutines of the socket's executor, which must run one thing at a time (an io_context of one
/// thread, or a strand). One read and one write may be under way at once, nothing else beside them; a view that was
/// handed in must stay valid until the operation is over. An error of TLS ends the stream: the alert is sent, the
/// peer is given `linger_timeout` to take it, then the socket is closed. Destroying the stream closes the socket
/// without a word, and what was under way ends with operation_aborted.
///
/// A read that is cancelled (through Asio's cancellation slots) or times out loses nothing: the next one goes on.
///
/// Nothing is held for an idle connection but the connection: input is buffered only while there is some.
class Stream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  template <typename T = void>
  using Awaitable = boost::asio::awaitable<NetResult<T>>;

  /// A client towards `server`, over a connected socket; an internationalised name may be in U-labels, in UTF-8. Where
  /// no port is given it is the socket's: whoever connects through a tunnel names the one behind it. Fails with
  /// bad_config, as Connection::client does.
  static Result<Stream> client(Socket socket, std::shared_ptr<const ClientConfig> config, ServerAddress server,
                               const StreamOptions& options = {});
  static Stream server(Socket socket, std::shared_ptr<const ServerConfig> config, const StreamOptions& options = {});

  /// Connects to a host name or an IP address, trying every address it resolves to, and handshakes.
  static Awaitable<Stream> connect(std::string_view host, std::uint16_t port,
                                   std::shared_ptr<const ClientConfig> config, const StreamOptions& options = {});

  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  /// To be called first, once. With ClientOptions::false_start it is over when data may be sent: what fails after that
  /// is the first read's to tell, under `read_timeout` and under what is left of `handshake_timeout`. So it is for a
  /// server that has accepted early data, which the first reads give without another round trip, and whose first writes
  /// go out before the client's Finished has come (half-RTT data). `connection().handshaking()` tells that it is not
  /// over yet.
  Awaitable<> handshake();
  /// At least one byte of application data; 0: the peer has sent close_notify and nothing more will come.
  Awaitable<std::size_t> read_some(MutableBytes buffer);
  /// The same without a copy: valid until the next read, empty at the end. At most 64 KB.
  Awaitable<Bytes> read();
  /// Whether what was read last came as early data: whoever saw it on its way may have sent it again. One read gives
  /// early data or other data, never both.
  bool read_early_data() const noexcept;
  /// All of `data`.
  Awaitable<> write(Bytes data);
  /// Whether StreamOptions::early_data was sent: what became of it `info().early_data` tells after the handshake. Where
  /// it was not, it is to be written as any other data.
  bool early_data_sent() const noexcept;
  /// Sends StreamOptions::early_data once more, as ordinary data, after the server has rejected it, as
  /// Connection::resend_early_data does. Counts as a write.
  Awaitable<> resend_early_data();
  /// New keys for what we send (RFC 8446, section 4.6.3); counts as a write.
  Awaitable<> update_keys(KeyUpdateRequest request);
  /// Asks the client for a certificate (RFC 8446, section 4.6.2), as Connection::request_certificate does, and waits
  /// until it was verified, at most `handshake_timeout`; behind early data it waits for the end of the handshake first.
  /// Counts as a read and as a write. Data that comes first is kept for the reads that follow; where that is more than
  /// 128 KB it fails with `no_buffer_space`. Whether there is a certificate, `info` says.
  Awaitable<> request_certificate(ClientAuth demand = ClientAuth::require);
  /// Half-close: sends close_notify, so that the peer reads the end; data can still be read. Counts as a write.
  Awaitable<> close_write();
  /// Ends it in good order: sends close_notify unless that was done, drops what still comes until the peer's end or
  /// `linger_timeout`, closes the socket. It fails only where close_notify could not be sent, or where after a False
  /// Start or behind early data the rest of the handshake fails, which it waits for up to `handshake_timeout`.
  Awaitable<> shutdown();
  /// The same without waiting, for whoever gives up a connection over which nothing is under way: close_notify goes out
  /// as far as the socket takes it at once (RFC 8446, section 6.1), the peer's is not waited for. Where something is
  /// under way, the handshake or a write, or has failed, it is `close`.
  void leave() noexcept;
  /// Closes the socket at once, without a word.
  void close() noexcept;
  /// The read that is under way, if one is, ends with operation_aborted unless data has come; it loses nothing. From
  /// the stream's executor.
  void stop_reading() noexcept;
  /// From the next operation on, instead of what StreamOptions said: a server is less patient with a header than with a
  /// body.
  void set_read_timeout(std::chrono::milliseconds patience) noexcept;
  void set_write_timeout(std::chrono::milliseconds patience) noexcept;

  /// What was agreed on, how it stands, exporters.
  const Connection& connection() const noexcept;
  const ConnectionInfo& info() const noexcept { return connection().info(); }
  boost::asio::any_io_executor get_executor() const noexcept;
  /// The peer's address; it stays known after the socket is closed.
  const boost::asio::ip::tcp::endpoint& remote_endpoint() const noexcept;
  /// Of the TCP connection, so far: that a peer never sent a byte says a lot.
  std::uint64_t bytes_received() const noexcept;
  std::uint64_t bytes_sent() const noexcept;
  /// Forgets what was read last: a connection that is to rest holds no buffer, unless something in it was not read yet.
  void release_input() noexcept;
  /// Whether the peer has sent nothing that was not read, no end and no piece of a record either: so stands a
  /// connection that may be used again later.
  bool quiet() noexcept;

  struct State;

 private:
  explicit Stream(std::shared_ptr<State> state) noexcept;
  std::shared_ptr<State> state_;
};

/// The same for code that blocks: every operation waits in the thread that calls it, one thread at a time. Answers from
/// other threads and time-outs work as above.
class BlockingStream {
 public:
  /// As Stream::connect.
  static NetResult<BlockingStream> connect(std::string_view host, std::uint16_t port,
                                           std::shared_ptr<const ClientConfig> config,
                                           const StreamOptions& options = {});
  /// Over a connected socket, of which only the descriptor is used on: its executor is not. Both handshake.
  static NetResult<BlockingStream> client(Stream::Socket socket, std::shared_ptr<const ClientConfig> config,
                                          ServerAddress server, const StreamOptions& options = {});
  static NetResult<BlockingStream> server(Stream::Socket socket, std::shared_ptr<const ServerConfig> config,
                                          const StreamOptions& options = {});

  BlockingStream(BlockingStream&&) noexcept;
  BlockingStream& operator=(BlockingStream&&) noexcept;
  ~BlockingStream();

  NetResult<std::size_t> read_some(MutableBytes buffer);
  NetResult<Bytes> read();
  bool read_early_data() const noexcept;
  NetResult<> write(Bytes data);
  bool early_data_sent() const noexcept;
  NetResult<> resend_early_data();
  NetResult<> update_keys(KeyUpdateRequest request);
  NetResult<> request_certificate(ClientAuth demand = ClientAuth::require);
  NetResult<> close_write();
  NetResult<> shutdown();

  const Connection& connection() const noexcept;
  const ConnectionInfo& info() const noexcept { return connection().info(); }

 private:
  struct Impl;
  explicit BlockingStream(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace handfast
