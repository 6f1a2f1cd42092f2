// The ClientHello that a connection begins with, looked at before anything is decided.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "wire/client_hello.h"

namespace handfast::proxy {

/// Puts a ClientHello together out of records that it may be split over in any way, at whatever byte the network has
/// split those. Takes each byte once and keeps all of them as they came, for whoever is to have them next.
class HelloReader {
 public:
  /// Nothing longer is taken, records and all: a large post-quantum ClientHello has some 2 KB.
  static constexpr std::size_t max_received = 65536;

  /// Takes the next bytes. Fails, and then always, with
  ///  - unexpected_message, and what record::not_a_record says, for bytes that are no TLS, or TLS that does not begin
  ///    with a ClientHello,
  ///  - decode_error, message_too_long past `max_received`,
  ///  - what wire::parse_client_hello and handshake::read_server_name fail with.
  Result<> take(Bytes bytes);

  /// It is there, whole.
  bool done() const noexcept { return hello_.has_value(); }
  /// Views into this reader, once it is done.
  const wire::ClientHello& hello() const noexcept { return *hello_; }
  /// The canonical host name that it asks for; empty where there is none.
  const std::string& server_name() const noexcept { return server_name_; }
  /// Whether it offers that protocol by ALPN.
  bool offers(std::string_view application_protocol) const noexcept;

  /// All that was taken, with what came behind the ClientHello.
  Bytes received() const noexcept { return received_; }
  /// Gives it away: nothing is left.
  Buffer release();

 private:
  Result<> take_records();
  Result<> finish();

  Buffer received_;
  std::size_t next_ = 0;  ///< where in `received_` the next record begins
  Buffer message_;        ///< the handshake message so far, with its header
  std::optional<wire::ClientHello> hello_;
  std::string server_name_;
  std::optional<Error> failure_;
};

}  // namespace handfast::proxy
