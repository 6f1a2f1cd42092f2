// The names of what came of a session.
#include <handfast/session.h>

namespace handfast {

std::string_view name(EarlyData outcome) noexcept {
  switch (outcome) {
    case EarlyData::disabled: return "disabled";
    case EarlyData::accepted: return "accepted";
    case EarlyData::offered: return "offered";
    case EarlyData::no_session_offered: return "no_session_offered";
    case EarlyData::protocol_version: return "protocol_version";
    case EarlyData::unsupported_for_session: return "unsupported_for_session";
    case EarlyData::peer_declined: return "peer_declined";
    case EarlyData::session_not_resumed: return "session_not_resumed";
    case EarlyData::hello_retry_request: return "hello_retry_request";
    case EarlyData::alpn_mismatch: return "alpn_mismatch";
    case EarlyData::ticket_age_skew: return "ticket_age_skew";
    case EarlyData::replayed: return "replayed";
    case EarlyData::unsure: return "unsure";
  }
  return "unknown";
}

std::string_view name(Resumption how) noexcept {
  switch (how) {
    case Resumption::none: return "none";
    case Resumption::session_id: return "session_id";
    case Resumption::ticket: return "ticket";
    case Resumption::psk: return "psk";
    case Resumption::external_psk: return "external_psk";
  }
  return "unknown";
}

std::string_view name(SessionRefusal refusal) noexcept {
  switch (refusal) {
    case SessionRefusal::none: return "none";
    case SessionRefusal::unknown: return "unknown";
    case SessionRefusal::expired: return "expired";
    case SessionRefusal::version: return "version";
    case SessionRefusal::cipher_suite: return "cipher_suite";
    case SessionRefusal::extended_master_secret: return "extended_master_secret";
    case SessionRefusal::psk_mode: return "psk_mode";
    case SessionRefusal::peer_certificate: return "peer_certificate";
    case SessionRefusal::declined: return "declined";
  }
  return "unknown";
}

}  // namespace handfast
