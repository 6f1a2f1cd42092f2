// The parts of a judgement, by where the fault lies; verdict.cc puts them together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doctor/message.h"
#include "doctor/verdict.h"

namespace handfast::doctor {

/// One error of TLS on a client's connection and everything known about it.
struct Case {
  const Target& target;
  const Error& error;
  const Recording& recording;

  /// A piece of evidence as text, safe to be shown; empty where there is none.
  std::string evidence(std::string_view name) const;
  /// "example.com:443".
  std::string peer() const;
  /// What the server sent in Certificate; empty where it did not come so far.
  std::vector<CertificateSummary> server_chain() const;
  /// A fact of the first such message, as text; empty where there is none.
  std::string fact(HandshakeType type, Direction direction, std::string_view name) const;
  /// We offered a session, or a pre-shared key.
  bool offered_session() const;
  /// The server asked for a certificate.
  bool certificate_requested() const noexcept;
};

/// Reasons that are about the server's certificate, or about its proof of it.
bool is_about_certificate(Reason reason) noexcept;

/// No address, or no TCP connection.
Verdict judge_network(const Target& target, const NetError& error);
/// The TCP connection was there, and failed under TLS.
Verdict judge_cut(const Target& target, const NetError& error, const Recording& recording);
/// The server wants a certificate of ours, or does not take it: `alert` says so, or stands for what it said, `found`.
Verdict judge_client_certificate(const Case& c, Alert alert, std::string found);
/// A fatal alert of the server.
Verdict judge_alert(const Case& c, Alert alert);
/// What the server chose or sent was not acceptable, or no TLS at all.
Verdict judge_protocol(const Case& c);

// What the two sides could not agree on; `found` is what showed it.
Verdict judge_version(const Case& c, std::string found);
Verdict judge_fallback(const Case& c, std::string found);
Verdict judge_downgrade(const Case& c);
Verdict judge_missing_extended_master_secret(const Case& c);
Verdict judge_renegotiation(const Case& c);
/// The server sent an alert for all of our ClientHello.
Verdict judge_refused_offer(const Case& c);

/// What an alert of the peer means, in words: "it does not trust the authority that issued our certificate".
std::string_view meaning(Alert alert) noexcept;

/// HOST:PORT as it would be typed: the port only where it is not 443.
std::string typed(const Target& target);

}  // namespace handfast::doctor
