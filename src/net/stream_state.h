// What a Stream owns, and what can be done with it without waiting.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include <handfast/stream.h>
#include <boost/asio/steady_timer.hpp>

#include "net/socket_waits.h"

namespace handfast {

namespace net {

/// Where answers from other threads arrive. It outlives the stream: what comes too late is dropped here.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(Stream::State& stream) noexcept : stream_(&stream) {}
  /// From any thread. The connection takes the answer on the stream's executor.
  void deliver(std::uint64_t id, Answer answer);
  void close();

 private:
  std::mutex mutex_;
  Stream::State* stream_;  ///< null once the stream has gone; changed on its executor only
};

}  // namespace net

struct Stream::State {
  State(Socket connected, Connection made, const StreamOptions& chosen);
  ~State();

  /// Gives the connection what is buffered, until there is data; where long records of it follow each other, theirs is
  /// put together. False: it can't go on without more.
  bool consume();
  /// Reads once, without waiting (would_block); what was received before comes first. The peer's end is told to the
  /// connection; `eof` where that is no error of TLS.
  boost::system::error_code fill();
  /// Writes what goes out without waiting; would_block where something is left.
  boost::system::error_code push();
  /// Reads and drops what has come, without waiting.
  boost::system::error_code drop_input(std::size_t& dropped);
  /// Asks the one whom the config names. A store of sessions that throws has none.
  void ask(const Need& need);
  /// Answers the SessionRequest that is needed: there is none. What its store says later is ignored.
  void go_on_without_session();
  /// The same for what is needed after the handshake, unless it was asked already. The answer wakes whoever reads.
  void ask_beside();
  /// The next bytes of what was received, at most `most`, early data or not but not both.
  Bytes take_data(std::size_t most);
  /// Forgets what nobody has read.
  void drop_data();
  /// Puts data that nobody has read aside, for later.
  void keep_data();
  /// Brings what was put aside back, in front of what has come since.
  void restore_data();
  void leave() noexcept;
  void close() noexcept;

 private:
  bool more_data_follows() const noexcept;
  void append_data(Bytes more);
  /// Has the buffer of `input` begin with what is in it, and be of that size, or of its own where that has no room.
  void move_input(std::size_t size);
  /// Up to `room.size()` of the next bytes from the peer.
  std::size_t read_some(MutableBytes room, boost::system::error_code& error);

 public:
  Socket socket;
  net::SocketWaits waits{socket};
  Connection connection;
  StreamOptions options;
  boost::asio::ip::tcp::endpoint remote;
  std::shared_ptr<const CredentialChooser> chooser;
  std::shared_ptr<const ChainVerifier> verifier;

  /// Input that the connection has not taken is [begin, end); there is no buffer while there is no input.
  std::unique_ptr<std::uint8_t[]> input;
  std::size_t capacity = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool flowing = false;  ///< so much came the last time that it pays to ask for several records at once
  /// StreamOptions::received, as far as it was not taken into `input` yet.
  Buffer received_before;
  /// Application data, inside of `input` or `restored`, that nobody has read yet; the first `early` bytes of it came as
  /// early data.
  Bytes data;
  std::size_t early = 0;
  /// Data that came while something else was waited for, and what of it is being read.
  Buffer kept;
  std::size_t kept_early = 0;
  Buffer restored;
  bool read_early = false;  ///< what was read last came as early data

  std::shared_ptr<net::Mailbox> mailbox;
  std::optional<std::uint64_t> asked;  ///< the Need that waits for its answer
  boost::asio::steady_timer answered;
  /// Until when the handshake has to be over, also where `handshake` is over before.
  net::TimePoint handshake_deadline = net::TimePoint::max();
  bool sent_early = false;  ///< StreamOptions::early_data
  bool begun = false;       ///< `handshake` is over, if not the handshake

  boost::system::error_code failure;  ///< of the transport, in reading: what comes later fails with it too
  bool pushing = false;               ///< output is being written in the background
  bool ending = false;                ///< an alert is on its way out
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  int reads = 0;  ///< that did not wait for the others on this executor
};

}  // namespace handfast
