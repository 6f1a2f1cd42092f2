// Heads of requests and responses, and what they say of the message behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/fields.h"
#include "http/target.h"

namespace handfast::http {

/// Where the body ends (RFC 9112, section 6.3).
struct Framing {
  enum class Kind : std::uint8_t {
    none,         ///< there is no body
    length,       ///< `length` bytes, at least one
    chunked,      ///< section 7.1
    until_close,  ///< a response that ends with its connection
    tunnel,       ///< a CONNECT that was accepted: what follows is no HTTP (RFC 9110, section 9.3.6)
  };
  Kind kind = Kind::none;
  std::uint64_t length = 0;  ///< of Kind::length
  friend bool operator==(const Framing&, const Framing&) = default;
};

struct RequestHead {
  std::string method;
  std::string target;  ///< as sent
  unsigned minor_version = 1;
  Fields fields{};
  /// What `target` and Host say, parsed: set by the parser, not read by the writer.
  Target parsed_target{};
  std::optional<Authority> host{};  ///< Host; in HTTP/1.1 it is always there
};

struct ResponseHead {
  unsigned status = 200;
  std::string reason{};
  unsigned minor_version = 1;
  Fields fields{};
};

/// Whether the sender keeps the connection open behind this message (RFC 9112, section 9.3). A response whose body ends
/// with the connection says no more of that.
bool keeps_alive(unsigned minor_version, const Fields& fields) noexcept;

}  // namespace handfast::http
