// What the doctor finds and the engine has no Reason for: each with a word and a short code, both stable.
#pragma once

#include <cstdint>
#include <string_view>

#include <handfast/types.h>

namespace handfast::doctor {

/// Beside the Reasons of <handfast/error.h>. The word is for programs, the code to be looked up (`handfast explain`,
/// docs/errors); neither changes once it was released.
enum class Finding : std::uint8_t {
  // The way there.
  name_not_resolved,  ///< no address for that name
  tcp_refused,        ///< nothing listens there
  tcp_timed_out,      ///< no answer to TCP's first packet
  tcp_failed,         ///< no TCP connection, for another reason
  cannot_listen,      ///< a server of ours can't have its address
  timed_out,          ///< the peer took the TCP connection and fell silent
  reset,              ///< the TCP connection was broken off
  // What was asked for besides a handshake.
  session_not_saved,
  early_data_not_sent,
  early_data_rejected,
  bad_http_response,
  page_not_saved,
  // Another protocol stands on the port.
  plain_http,
  plain_smtp,
  plain_imap,
  plain_pop3,
  plain_ftp,
  plain_ssh,
  // Our own certificate.
  client_certificate_required,  ///< the server wants one, and none was sent
  client_certificate_refused,   ///< the server does not take the one that was sent
  // The server's chain.
  missing_intermediate,      ///< what links the leaf to an authority was not sent
  misordered_chain,          ///< it was sent, but not each certificate before its issuer
  superfluous_certificates,  ///< what was sent and belongs to no path
  intercepted,               ///< something in between put its own certificate there
  wrong_clock,               ///< it is this machine's clock that is wrong
  // What probes prove (doctor/probes).
  server_name_required,  ///< with a name in SNI it works, without one it does not
  server_name_refused,   ///< without the name in SNI it works, with it it does not
  version_intolerance,   ///< a ClientHello that offers TLS 1.3 fails, one that does not is answered
  large_hello_dropped,   ///< a ClientHello of more than one packet is not answered, a small one is
  split_hello_dropped,   ///< a ClientHello that comes in pieces is not answered, a whole one is
};

std::string_view name(Finding) noexcept;  ///< "plain_http"
std::string_view code(Finding) noexcept;  ///< "HF0901"

/// The code of an alert that the peer sent: "HF1" and its number, "HF1048" for unknown_ca.
std::string_view code(Alert) noexcept;

}  // namespace handfast::doctor
