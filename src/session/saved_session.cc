// What a client's session tells of itself, and its bytes for a file.
//
//   uint8 format = 1; uint8 resumption_across_names; opaque server_name<0..2^16-1>; uint16 port; opaque policy[32];
//   opaque ticket<0..2^16-1>, session_id<0..32>; and the session, as `encode` writes it.
#include <handfast/session.h>

#include <cstddef>
#include <utility>

#include "base/copy.h"
#include "base/reader.h"
#include "base/secret.h"
#include "base/writer.h"
#include "session/client_session.h"
#include "session/errors.h"

namespace handfast {
namespace {

constexpr std::uint8_t saved_format = 1;

}  // namespace

ProtocolVersion SavedSession::version() const noexcept { return content_->session.version; }
const ClientSessionKey& SavedSession::key() const noexcept { return content_->key; }
std::int64_t SavedSession::expires() const noexcept {
  const std::int64_t milliseconds = content_->session.expires;
  return milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0);  // rounded down: rather too early
}
bool SavedSession::single_use() const noexcept { return version() >= ProtocolVersion::tls1_3; }
std::uint32_t SavedSession::max_early_data() const noexcept { return content_->session.max_early_data; }
bool SavedSession::resumption_across_names() const noexcept { return content_->resumption_across_names; }
bool SavedSession::has_session_id() const noexcept { return content_->ticket.empty() && !content_->session_id.empty(); }

Buffer SavedSession::serialize() const {
  const session::ClientSession& saved = *content_;
  Buffer session = session::encode(saved.session);
  Buffer out;
  out.reserve(64 + saved.ticket.size() + saved.session_id.size() + session.size());
  base::Writer w(out);
  w.u8(saved_format);
  w.u8(saved.resumption_across_names ? 1 : 0);
  w.vector16(as_bytes(saved.key.server_name));
  w.u16(saved.key.port);
  w.bytes(saved.key.policy);
  w.vector16(saved.ticket);
  w.vector8(saved.session_id);
  w.bytes(session);
  base::wipe(session.data(), session.size());
  return out;
}

Result<SavedSession> SavedSession::parse(Bytes bytes) {
  const auto bad = [](std::string_view field) { return session::malformed("session", field); };
  auto saved = std::make_shared<session::ClientSession>();
  base::Reader r(bytes);
  if (r.u8() != saved_format) return bad("format");
  const std::uint8_t across_names = r.u8();
  if (!r.ok() || across_names > 1) return bad("resumption_across_names");
  saved->resumption_across_names = across_names == 1;
  saved->key.server_name = as_text(r.vector16());
  saved->key.port = r.u16();
  const Bytes policy = r.take(saved->key.policy.size());
  if (!r.ok()) return bad("key");
  base::copy(policy, saved->key.policy);
  const Bytes ticket = r.vector16();
  if (!r.ok()) return bad("ticket");
  const Bytes session_id = r.vector8();
  // RFC 5246, section 7.4.1.2; and without either the server can't be told which session it is.
  if (!r.ok() || session_id.size() > 32 || (ticket.empty() && session_id.empty())) return bad("session_id");
  saved->ticket.assign(ticket.begin(), ticket.end());
  saved->session_id.assign(session_id.begin(), session_id.end());
  Result<session::Session> session = session::decode(r.rest());
  if (!session) return fail(std::move(session.error()));
  saved->session = std::move(*session);
  return SavedSession(std::move(saved));
}

}  // namespace handfast
