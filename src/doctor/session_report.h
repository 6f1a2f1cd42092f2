// What came of `connect --session` and `--early-data`: a session from a file, the one that was saved, what it was
// worth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include <handfast/info.h>

#include "doctor/handshake_cost.h"
#include "doctor/recording.h"
#include "doctor/session_file.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// What became of `--early-data`.
struct EarlyDataReport {
  enum class Delivery : std::uint8_t {
    none,      ///< it has not arrived
    early,     ///< as early data
    ordinary,  ///< after the handshake, since it was not taken before
  };
  std::size_t size = 0;              ///< bytes
  bool sent = false;                 ///< with the first flight
  std::optional<EarlyData> outcome;  ///< nothing: the connection did not come so far
  std::uint32_t limit = 0;           ///< what the session allows; 0: none, or there is no session
  Delivery delivery = Delivery::none;

  /// Why it was not taken, as a sentence goes on.
  std::string why_not() const;
};

struct SessionReport {
  std::string file;
  bool exposed = false;  ///< others than its owner could read it
  SessionFile::Miss miss{};
  std::string other;     ///< for what the session in the file is good, where that is a name or a port
  bool offered = false;  ///< in the ClientHello
  Resumption resumption{};
  SessionRefusal refusal{};                     ///< why it was not resumed, or not offered, where that was told
  HandshakeCost handshake;                      ///< what this one took; only of one that completed
  std::optional<HandshakeCost> full_handshake;  ///< what the full one took that the session began with
  SessionFile::Outcome outcome;                 ///< what became of the file
  std::optional<SavedSession> session;          ///< which it holds now

  bool resumed() const noexcept { return resumption != Resumption::none; }
};

/// Saves the newest session, and says what there is to say of it.
SessionReport conclude(SessionFile& file, const Recording& recording, const ConnectionInfo& info);

// To stand below the verdict on a connection that succeeded.
std::string early_data_text(const EarlyDataReport& report, const Style& style);
nlohmann::ordered_json early_data_json(const EarlyDataReport& report);
std::string session_text(const SessionReport& report, const Style& style);
nlohmann::ordered_json session_json(const SessionReport& report);

}  // namespace handfast::doctor
