// One question to a server and the first of what it answers: the hello of a handshake that nobody goes on with.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>
#include <handfast/types.h>

namespace handfast::doctor {

/// What came back.
struct Answer {
  enum class Kind : std::uint8_t {
    server_hello,
    hello_retry_request,
    alert,
    other,        ///< bytes that are no TLS
    closed,       ///< the end of the TCP connection, and nothing before it
    reset,        ///< likewise, broken off
    silent,       ///< nothing in the time that was given
    unreachable,  ///< no TCP connection this time
  };
  Kind kind = Kind::silent;
  ProtocolVersion version{};   ///< of server_hello and hello_retry_request
  CipherSuite cipher_suite{};  ///< likewise
  NamedGroup group{};          ///< of hello_retry_request, and of a server_hello of TLS 1.3; 0: not said
  Alert alert{};
  Buffer first_bytes;  ///< of `other`, at most 512

  /// The server has gone on with the handshake.
  bool goes_on() const noexcept { return kind == Kind::server_hello || kind == Kind::hello_retry_request; }
};
/// "a ServerHello: TLS 1.2, TLS_RSA_WITH_AES_128_CBC_SHA", "the alert handshake_failure", "nothing". Safe to be shown.
std::string text(const Answer& answer);

/// Bytes to send; each piece goes out on its own, with a pause behind it, so that it travels in a packet of its own.
using Pieces = std::vector<Buffer>;

/// Connects, sends, reads until it is clear what the answer is, and breaks the connection off. Takes at most `timeout`
/// for connecting and as much for the answer; reads at most 16 KiB.
boost::asio::awaitable<Answer> exchange(boost::asio::ip::tcp::endpoint server, Pieces pieces,
                                        std::chrono::milliseconds timeout);

/// What the beginning of an answer says; `kind` is silent while more has to come.
Answer read_answer(Bytes received);

}  // namespace handfast::doctor
