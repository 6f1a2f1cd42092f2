// One connection as a client, with everything that can be told of it afterwards.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/info.h>

#include "doctor/http_get.h"
#include "doctor/recording.h"
#include "doctor/session_file.h"
#include "doctor/session_report.h"
#include "doctor/verdict.h"

namespace handfast::doctor {

struct ProbeOptions {
  std::string host;  ///< a name or an address
  std::uint16_t port = 443;
  std::string server_name;  ///< sent as SNI (unless it is an address), and verified
  std::shared_ptr<const ClientConfig> config;
  /// For resolving, for all addresses together, for the handshake, and for each read afterwards.
  std::chrono::milliseconds timeout{10'000};
  /// The store of `config`'s sessions, where they are kept in a file: a while is left to the server to give a new one,
  /// which is then saved.
  std::shared_ptr<SessionFile> session;
  /// Sent as early data, where a session of `config` allows as much; what comes back goes to `answer`.
  std::optional<Buffer> early_data;
  /// Where it was not taken, it is sent as ordinary data once the handshake is done.
  bool early_data_retry = false;
  /// A GET of this path, once the handshake is done.
  std::optional<std::string> get;
  /// A descriptor that is read to its end and sent, once the handshake is done (not with `get`); -1: none. What comes
  /// back goes to `answer`; false from it ends the connection.
  int input = -1;
  std::function<bool(Bytes)> answer;
};

/// An address that was tried.
struct ProbeAttempt {
  std::string address;  ///< "192.0.2.1:443"
  std::string error;    ///< empty: it answered
};

struct Report {
  Target target;
  std::vector<ProbeAttempt> attempts;
  Recording recording;
  ConnectionInfo info;  ///< filled in as far as the handshake came
  std::optional<HttpResponse> response;
  std::optional<SessionReport> session;
  std::optional<EarlyDataReport> early_data;  ///< where there was any to send
  Verdict verdict;
};

/// Connects, handshakes, does what the options say, closes; judges all of it. Blocks.
Report probe(const ProbeOptions& options);

}  // namespace handfast::doctor
