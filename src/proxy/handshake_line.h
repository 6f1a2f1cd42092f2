// What the log says of a handshake, that succeeded or not.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include <handfast/net_error.h>
#include <handfast/stream.h>

#include "proxy/hello_reader.h"
#include "proxy/log.h"
#include "proxy/origin.h"

namespace handfast::proxy {

/// What is not known stays null.
struct HandshakeSeen {
  std::string_view way;                 ///< "reverse"
  boost::asio::ip::tcp::endpoint peer;  ///< the client that all of it is for
  Side side = Side::server;             ///< ours: a client towards an origin
  const Origin* origin = nullptr;       ///< then: which
  const HelloReader* hello = nullptr;   ///< what the client offered
  const Stream* stream = nullptr;       ///< what was agreed on
  const NetError* error = nullptr;      ///< why it failed: the doctor's code and sentence are for the log alone
  std::chrono::steady_clock::time_point began;
};

/// Event "handshake": peer, SNI, versions, groups and ALPN offered and chosen, resumption, whom the peer has shown to
/// be, bytes, time; `error` and `code` where it failed.
void log_handshake(Log& log, const HandshakeSeen& seen);

/// `code` and `error`, in the doctor's words: why a client's connection to us failed,
void add_client_failure(LogLine& line, const NetError& error);
/// and why ours to an origin did.
void add_origin_failure(LogLine& line, const NetError& error, std::string_view host, std::uint16_t port);

}  // namespace handfast::proxy
