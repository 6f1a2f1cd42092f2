// What came of a connection, in plain words: what was wrong, what was expected, what to do about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/info.h>
#include <handfast/net_error.h>
#include <handfast/trust.h>

#include "doctor/recording.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// What the program ends with (docs/exit-codes.md).
enum class ExitCode : std::uint8_t {
  ok = 0,
  internal = 1,               ///< a fault of ours
  usage = 2,                  ///< arguments, files and configuration
  network = 3,                ///< no address, no TCP connection
  transport = 4,              ///< not TLS; closed, reset or silent
  negotiation = 5,            ///< no common ground, or a peer that breaks the protocol
  certificate = 6,            ///< the server's certificate, or its proof of it
  client_authentication = 7,  ///< the server wants a certificate of us, or refuses ours
};

/// Who has to act, as far as it is known.
enum class Fault : std::uint8_t {
  unknown,
  client,  ///< this side: what it asks for, or whom it trusts
  server,  ///< whoever runs the server
  issuer,  ///< whoever issued the certificate
  clock,   ///< this machine's clock
};
std::string_view name(Fault fault) noexcept;  ///< "server"

/// A judgement. Texts are safe to be shown. `found` and `expected` are empty where there is nothing to say.
struct Verdict {
  ExitCode exit_code = ExitCode::ok;
  std::string code;       ///< stable: "ok", the name of a Reason, "alert_unknown_ca", "tcp_refused", ...
  std::string reference;  ///< "HF0209": the stable code of that Reason; empty where it is none
  Fault fault = Fault::unknown;
  std::string summary;  ///< one sentence
  std::string found;
  std::string expected;
  std::vector<std::string> advice;  ///< sentences or commands

  /// `code` and `reference`.
  void set_reason(Reason reason) {
    code = handfast::name(reason);
    reference = handfast::code(reason);
  }
};

/// Whom a client wanted to reach, and with what.
struct Target {
  std::string host;
  std::uint16_t port = 443;
  std::string server_name;           ///< what was sent as SNI and verified
  std::vector<std::string> tried;    ///< addresses, as text
  bool pinned = false;               ///< the server's certificate was accepted as itself, by whatever name
  bool has_credential = false;       ///< a certificate of our own could be sent
  std::int64_t now = 0;              ///< seconds since 1970, as the verification took it
  std::uint64_t bytes_received = 0;  ///< over TCP
  std::shared_ptr<const TrustAnchors> trust = {};  ///< whom the verification trusted; null: not known

  /// "example.com:443".
  std::string text() const;
};

/// Why a client's connection failed; `recording` is its evidence.
Verdict judge(const Target& target, const NetError& error, const Recording& recording);
/// The verdict on a client's connection that succeeded.
Verdict judge(const Target& target, const ConnectionInfo& info);
/// The verdict on a configuration that was refused, before any connection.
Verdict judge_config(const Error& error);

/// For a log: why a connection failed, in a line. `side` is the one that logs.
std::string log_line(const NetError& error, Side side);

/// The verdict in lines of at most `style.width` columns.
std::string verdict_text(const Verdict& verdict, const Style& style);
/// The checks on the path that was found which were not made, by name; on the leaf alone where none was found.
std::vector<std::string> checks_not_made(const VerificationReport& report);
/// What a connection of TLS 1.2 lacks that a sound one has.
std::vector<std::string_view> weaknesses(const ConnectionInfo& info);
/// What was agreed on and what was checked, to stand below the verdict on a connection that succeeded.
std::string agreement(const ConnectionInfo& info, const Recording& recording, const Style& style);

}  // namespace handfast::doctor
