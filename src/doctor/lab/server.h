// The servers of the lab: TLS with a fault in it, other protocols, and what only happens to TCP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <handfast/bytes.h>
#include <handfast/config.h>

#include "doctor/lab/tampering.h"
#include "net/listener.h"
#include "wire/client_hello.h"

namespace handfast::doctor::lab {

/// How a connection ends before its time.
enum class End : std::uint8_t {
  fin,      ///< the end of the TCP connection
  reset,    ///< RST
  silence,  ///< nothing at all, as where a firewall drops the packets
};

/// At which point it does.
enum class Moment : std::uint8_t {
  accept,         ///< nothing was read
  client_hello,   ///< something came from the client, and gets no answer
  server_hello,   ///< the first record of our flight has gone, and no more
  client_flight,  ///< our flight has gone, the client's has come
  request,        ///< the handshake is over, and the client's first data has come
};

struct Break {
  Moment moment;
  End end;
};

/// The client's first flight, and how it came.
struct Hello {
  const wire::ClientHello* message;  ///< null: it is none
  std::size_t size;                  ///< of all that came, in bytes
  std::size_t pieces;                ///< records, or reads where those were more
};

/// What becomes of a client by its hello: a config to go on with, an end, or bytes for an answer and then the end.
using Ruling = std::variant<std::shared_ptr<const ServerConfig>, End, Buffer>;
using Rule = std::function<Ruling(const Hello&)>;
Rule always(std::shared_ptr<const ServerConfig> config);

struct TlsServer {
  Rule rule;
  Tampering tampering{};
  std::optional<Break> breaks{};
  std::string page = "A server of Handfast's lab.\n";  ///< what every request is answered with
};

// Each connection lasts at most half a minute.

net::Serve serve_tls(TlsServer server);
/// Speaks first, and then no more.
net::Serve greet(std::string words);
/// Gives this for an answer to whatever comes, and closes.
net::Serve answer(Buffer bytes);
/// Ends the connection at Moment::accept or Moment::client_hello.
net::Serve break_off(Break breaks);

}  // namespace handfast::doctor::lab
