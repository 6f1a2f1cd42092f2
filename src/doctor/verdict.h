// What came of a connection, in plain words: what was wrong, what was expected, what to do about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/info.h>
#include <handfast/net_error.h>
#include <handfast/trust.h>

#include "doctor/finding.h"
#include "doctor/recording.h"
#include "doctor/style.h"

namespace handfast::doctor {

struct HttpResponse;

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
  path,    ///< what stands between the two: a firewall, a proxy, the network
  clock,   ///< this machine's clock
};
std::string_view name(Fault fault) noexcept;      ///< "server"
std::string_view describe(Fault fault) noexcept;  ///< "the server's: whoever runs it has to act"

/// How sure a verdict is of its cause. What was seen is certain in any case.
enum class Confidence : std::uint8_t {
  certain,   ///< a check was made here, the peer said so, or a probe has proved it
  likely,    ///< what was seen is mostly that
  possible,  ///< one cause of several; nothing tells them apart
};
std::string_view name(Confidence confidence) noexcept;      ///< "likely"
std::string_view describe(Confidence confidence) noexcept;  ///< "likely: what was seen is mostly that, ..."

/// Something that was seen, and what a verdict leans on.
struct Evidence {
  std::string where;  ///< "Certificate, the server's own: notAfter"
  std::string says;   ///< what the bytes say, for people
  Buffer bytes;       ///< the very bytes; empty where none say it
};

/// What is wrong besides.
struct OtherFinding {
  std::string code;       ///< as Verdict::code
  std::string reference;  ///< as Verdict::reference
  std::string summary;
};

/// A judgement. Texts are safe to be shown. `found` and `expected` are empty where there is nothing to say.
struct Verdict {
  ExitCode exit_code = ExitCode::ok;
  std::string code;       ///< stable: "ok", the name of a Reason or a Finding, "alert_internal_error", ...
  std::string reference;  ///< "HF0209": its short code, stable too; empty for "ok"
  Fault fault = Fault::unknown;
  Confidence confidence = Confidence::certain;
  std::string summary;  ///< one sentence
  std::string found;
  std::string expected;
  std::string proof;  ///< which probe has proved it, and how, or what they showed; empty: nothing
  std::vector<Evidence> evidence;
  std::vector<std::string> advice;  ///< sentences or commands
  std::vector<OtherFinding> others;

  // `code` and `reference`.
  void set(Reason reason) { set(handfast::name(reason), handfast::code(reason)); }
  void set(Finding finding) { set(doctor::name(finding), doctor::code(finding)); }
  /// Of an alert that the peer has sent.
  void set(Alert alert) { set("alert_" + handfast::name(alert), doctor::code(alert)); }

 private:
  void set(std::string_view word, std::string_view short_code) {
    code = word;
    reference = short_code;
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
  std::uint64_t bytes_sent = 0;      ///< over TCP
  std::shared_ptr<const TrustAnchors> trust = {};  ///< whom the verification trusted; null: not known

  /// "example.com:443".
  std::string text() const;
};

/// Why a client's connection failed; `recording` is its evidence.
Verdict judge(const Target& target, const NetError& error, const Recording& recording);
/// The same of an HTTP response, where it says that the server wants a client certificate, or does not take ours: nginx
/// shakes hands with everybody (ssl_verify_client) and refuses afterwards.
std::optional<Verdict> judge_response(const Target& target, const HttpResponse& response, const Recording& recording);
/// The verdict on a client's connection that succeeded.
Verdict judge(const Target& target, const ConnectionInfo& info, const Recording& recording);
/// The verdict on a configuration that was refused, before any connection.
Verdict judge_config(const Error& error);

/// For a log: why a connection that was there failed, in a line, and the code of that. `side` is the one that logs.
std::string log_line(const NetError& error, Side side);
std::string_view log_code(const NetError& error) noexcept;

/// The verdict in lines of at most `style.width` columns.
std::string verdict_text(const Verdict& verdict, const Style& style);
/// The checks on the path that was found which were not made, by name; on the leaf alone where none was found.
std::vector<std::string> checks_not_made(const VerificationReport& report);
/// What a connection of TLS 1.2 lacks that a sound one has.
std::vector<std::string_view> weaknesses(const ConnectionInfo& info);
/// What was agreed on and what was checked, to stand below the verdict on a connection that succeeded.
std::string agreement(const ConnectionInfo& info, const Recording& recording, const Style& style);

}  // namespace handfast::doctor
