#include "doctor/resumption.h"

#include <algorithm>
#include <ranges>
#include <variant>

#include "session/client_session.h"
#include "wire/client_hello.h"
#include "wire/handshake.h"

namespace handfast::doctor {

std::string_view words(Resumption how) noexcept {
  switch (how) {
    case Resumption::none: return "not at all";
    case Resumption::session_id: return "by its session ID";
    case Resumption::ticket: return "by a ticket";
    case Resumption::psk: return "by a pre-shared key of an earlier connection";
    case Resumption::external_psk: return "by a pre-shared key that was agreed on elsewhere";
  }
  return {};
}

std::string_view words(SessionRefusal refusal) noexcept {
  switch (refusal) {
    case SessionRefusal::none: return "it was resumed";
    case SessionRefusal::unknown: return "nobody here knows it: another key, policy or host name, damaged, or gone";
    case SessionRefusal::expired: return "it is past its lifetime, or one of the clocks is wrong";
    case SessionRefusal::version: return "it is of another version";
    case SessionRefusal::cipher_suite: return "its cipher suite is not the one that is spoken";
    case SessionRefusal::extended_master_secret: return "only one side has the extended master secret (RFC 7627)";
    case SessionRefusal::psk_mode: return "the client offers no mode that is spoken here (psk_key_exchange_modes)";
    case SessionRefusal::peer_certificate: return "the peer's certificate in it would not be taken any more";
    case SessionRefusal::declined: return "the server goes on in full and does not say why";
  }
  return {};
}

std::string_view words(EarlyData outcome) noexcept {
  switch (outcome) {
    case EarlyData::disabled: return "not asked for";
    case EarlyData::accepted: return "accepted";
    case EarlyData::offered: return "offered, before the server has answered";
    case EarlyData::no_session_offered: return "none: there is no session to send it with";
    case EarlyData::protocol_version: return "none: TLS 1.2 has no early data";
    case EarlyData::unsupported_for_session: return "none: the session's ticket allows none";
    case EarlyData::peer_declined: return "none: the other side did not agree to it";
    case EarlyData::session_not_resumed: return "not taken: its session was not resumed";
    case EarlyData::hello_retry_request: return "not taken: a HelloRetryRequest ends it";
    case EarlyData::alpn_mismatch: return "not taken: another application protocol than the session's";
    case EarlyData::ticket_age_skew: return "not taken: the ticket's age is off; a replay, or a wrong clock";
    case EarlyData::replayed: return "not taken: this very flight came before";
    case EarlyData::unsure: return "not taken: it can't be ruled out that this flight came before";
  }
  return {};
}

bool offers(const Recording& recording, const SavedSession& session) {
  const Message* message = recording.message(HandshakeType::client_hello, Direction::sent);
  if (message == nullptr || message->bytes.size() < wire::handshake_header_size) return false;
  const auto hello = wire::parse_client_hello(Bytes(message->bytes).subspan(wire::handshake_header_size));
  if (!hello) return false;
  const session::ClientSession& content = session.content();
  if (session.version() == ProtocolVersion::tls1_3)
    return hello->pre_shared_key &&
           std::ranges::any_of(hello->pre_shared_key->identities, [&](const wire::PskIdentity& psk) {
             return std::ranges::equal(psk.identity, content.ticket);
           });
  if (session.has_session_id()) return std::ranges::equal(hello->legacy_session_id, content.session_id);
  return hello->session_ticket && std::ranges::equal(*hello->session_ticket, content.ticket);
}

SessionRefusal session_refusal(const Recording& recording) noexcept {
  for (const Step& step : std::views::reverse(recording.steps()))
    if (const auto* seen = std::get_if<SessionSeen>(&step.what)) return seen->refusal;
  return SessionRefusal::none;
}

bool concerns_client(EarlyData outcome) noexcept {
  switch (outcome) {
    case EarlyData::disabled:
    case EarlyData::no_session_offered:
    case EarlyData::protocol_version:
    case EarlyData::peer_declined: return false;
    default: return true;
  }
}

}  // namespace handfast::doctor
