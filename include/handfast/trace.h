// What a handshake does, as it does it: the one source of every explanation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/session.h>
#include <handfast/types.h>
#include <handfast/verification.h>

namespace handfast {

/// Under which keys something travels (RFC 8446, section 2; RFC 9001, section 2.1).
enum class Level : std::uint8_t { initial, early, handshake, application };
/// Seen from the side that traces.
enum class Direction : std::uint8_t { sent, received };

/// A whole handshake message.
struct MessageEvent {
  Direction direction;
  HandshakeType type;
  bool hello_retry_request;  ///< a server_hello that asks for another ClientHello
  Level level;
  Bytes bytes;  ///< with its four bytes of header; valid during the call
  /// It came in the format of SSL 2.0 (ServerOptions::v2_client_hello): `bytes` are the ClientHello that it stands for.
  bool v2_client_hello = false;
};
/// A change_cipher_spec record: in TLS 1.2 what follows is under new keys, in TLS 1.3 it is there for middleboxes only
/// (RFC 8446, appendix D.4).
struct ChangeCipherSpecEvent {
  Direction direction;
};
/// From here on that direction is protected with this secret.
struct KeyEvent {
  Direction direction;
  Level level;
  std::string_view secret;  ///< its name in the RFC, e.g. "server_handshake_traffic_secret"
  CipherSuite cipher_suite;
};
/// A secret was made from others. Its bytes are there only where CommonOptions::trace_secrets says so. Those that are
/// cut from one output, such as the key_block, come in a row and have the same derivation.
struct SecretEvent {
  std::string_view name;        ///< the RFC's: "master_secret", "client_write_key"
  std::string_view derivation;  ///< how it was made, as the RFC writes it: "PRF(pre_master_secret, ...)"
  std::size_t size;             ///< in bytes
  Bytes secret;                 ///< valid during the call; empty where it is not to be shown
};
/// A whole record (a V2ClientHello is none), told only where CommonOptions::trace_records says so. One that was
/// received comes before what it holds; one that was sent behind its messages, which are sealed together, and ahead of
/// its alert, change_cipher_spec or data.
struct RecordEvent {
  Direction direction;
  Level level;       ///< of the keys that hold for that direction
  ContentType type;  ///< of what is inside: a protected one of TLS 1.3 says application_data outside, whatever it holds
  bool encrypted;
  Bytes record;  ///< as it is on the wire, with its five bytes of header; valid during the call
  /// What it holds in the clear, without content type and padding: application data too. Valid during the call.
  /// Nothing: it was not decrypted, since there is no key for it or it was changed on its way, or it was refused.
  std::optional<Bytes> content;
};
/// A choice, and what it was made from.
struct DecisionEvent {
  std::string_view what;               ///< "cipher_suite", "group", "credential", ...
  std::string chosen;                  ///< empty: nothing fitted
  std::vector<std::string> offered;    ///< by the peer, in its order
  std::vector<std::string> supported;  ///< by us, in our order
};
/// The peer's chain was looked at, with this result; `report` is valid during the call.
struct VerificationEvent {
  const VerificationReport* report;
};
/// A session that was offered, by a client or to a server, was resumed or not; in TLS 1.3 one event for each that was
/// looked at.
struct ResumptionEvent {
  Resumption how;          ///< what it was, where it was resumed; else none
  SessionRefusal refusal;  ///< why not
};
/// What became of early data; told when it is decided.
struct EarlyDataEvent {
  EarlyData outcome;
};
struct AlertEvent {
  Direction direction;
  Alert alert;
  bool fatal;
};
/// Application data in one record.
struct DataEvent {
  Direction direction;
  Level level;
  std::size_t size;
};
/// The handshake is over; the other side may still be about to learn it.
struct CompletedEvent {};
/// The handshake or the connection failed here; `error` is valid during the call.
struct FailedEvent {
  const Error* error;
};

struct TraceEvent {
  std::uint64_t at;  ///< nanoseconds of the config's monotonic clock
  Side side;         ///< the side that traces
  std::variant<MessageEvent, ChangeCipherSpecEvent, KeyEvent, SecretEvent, RecordEvent, DecisionEvent,
               VerificationEvent, ResumptionEvent, EarlyDataEvent, AlertEvent, DataEvent, CompletedEvent, FailedEvent>
      what;
};

/// Receives the events of one connection, in order, in the thread that drives it. Events carry neither
/// secrets nor application data, but for SecretEvent and RecordEvent where the config asks for them. It must not call
/// the connection back, nor throw.
class Trace {
 public:
  virtual ~Trace() = default;
  virtual void on(const TraceEvent& event) = 0;
};

/// Receives secrets in the terms of SSLKEYLOGFILE (RFC 9850): whoever has them can read the connection.
class KeyLog {
 public:
  virtual ~KeyLog() = default;
  /// `label` e.g. "CLIENT_HANDSHAKE_TRAFFIC_SECRET". From any thread that drives a connection.
  virtual void log(std::string_view label, Bytes client_random, Bytes secret) = 0;
};

/// A KeyLog that appends lines to a file, one write a line. Fails with file_not_readable.
Result<std::shared_ptr<KeyLog>> key_log_file(const std::string& path);

}  // namespace handfast
