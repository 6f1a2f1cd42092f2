// A session to bytes and back.
//
//   uint8 format = 1; uint16 version, cipher_suite, group; opaque secret<1..80>; uint8 flags;
//   int64 authenticated, issued, expires; uint32 ticket_age_add, max_early_data;
//   opaque server_name<0..2^16-1>, application_protocol<0..2^8-1>;
//   { opaque certificate<1..2^24-1>; } certificates<0..2^24-1>;
//   opaque ocsp_response<0..2^24-1>, signed_certificate_timestamps<0..2^16-1>;
//   uint16 signature_scheme; int64 not_before, not_after;
//   under Flags::hashed: opaque certificate_sha256[32];
//   under Flags::unverified: uint8 alert; opaque code[6];
//   under Flags::raw_public_key: opaque ASN1_subjectPublicKeyInfo<1..2^24-1>;
#include "session/session.h"

#include <cstddef>
#include <utility>

#include "base/copy.h"
#include "base/reader.h"
#include "base/writer.h"
#include "crypto/cipher_suite.h"
#include "session/errors.h"

namespace handfast::session {
namespace {

constexpr std::uint8_t session_format = 1;

enum Flags : std::uint8_t {
  extended_master_secret = 1,
  verified = 2,
  unverified = 4,
  hashed = 8,
  raw_public_key = 16,
  server_raw_public_key = 32,
  client_raw_public_key = 64,
  all_flags = 127,
};
/// "HF0207".
constexpr std::size_t code_size = 6;

std::uint8_t flags_of(const Session& session) noexcept {
  int flags = 0;
  if (session.extended_master_secret) flags |= Flags::extended_master_secret;
  if (session.peer.verified) flags |= Flags::verified;
  if (session.peer.verification_error) flags |= Flags::unverified;
  if (session.peer.certificate_sha256) flags |= Flags::hashed;
  if (!session.peer.raw_public_key.empty()) flags |= Flags::raw_public_key;
  if (session.peer.server_certificate_type == CertificateType::RawPublicKey) flags |= Flags::server_raw_public_key;
  if (session.peer.client_certificate_type == CertificateType::RawPublicKey) flags |= Flags::client_raw_public_key;
  return static_cast<std::uint8_t>(flags);
}

/// A peer can't be verified and not, nor be known by more than one of its certificates, their hash alone, and its raw
/// public key.
bool agree(std::uint8_t flags, const PeerRecord& peer) noexcept {
  const auto has = [flags](Flags flag) { return (flags & flag) != 0; };
  if (has(Flags::verified) && has(Flags::unverified)) return false;
  return !peer.certificates.empty() + has(Flags::hashed) + has(Flags::raw_public_key) <= 1;
}

/// Milliseconds since 1970 that can be reckoned with: a file, or whoever sealed it, may say anything.
bool is_time(std::int64_t time) noexcept { return time >= 0 && time < std::int64_t{1} << 52; }
std::uint64_t unsigned_time(std::int64_t time) noexcept { return static_cast<std::uint64_t>(time); }
std::int64_t signed_time(std::uint64_t time) noexcept { return static_cast<std::int64_t>(time); }

std::string text(Bytes bytes) { return std::string(as_text(bytes)); }
Buffer owned(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

bool known(ProtocolVersion version) noexcept {
  return version >= ProtocolVersion::tls1_0 && version <= ProtocolVersion::tls1_3;
}

/// What `encode` writes, or a little more.
std::size_t room(const Session& session) noexcept {
  std::size_t size = 128 + session.secret.size() + session.server_name.size() + session.application_protocol.size() +
                     session.peer.ocsp_response.size() + session.peer.signed_certificate_timestamps.size() +
                     session.peer.raw_public_key.size();
  for (const Buffer& certificate : session.peer.certificates) size += 3 + certificate.size();
  return size;
}

}  // namespace

Session Session::clone() const {
  Session copy;
  copy.version = version;
  copy.cipher_suite = cipher_suite;
  copy.group = group;
  copy.secret = secret.clone();
  copy.extended_master_secret = extended_master_secret;
  copy.authenticated = authenticated;
  copy.issued = issued;
  copy.expires = expires;
  copy.ticket_age_add = ticket_age_add;
  copy.max_early_data = max_early_data;
  copy.server_name = server_name;
  copy.application_protocol = application_protocol;
  copy.peer = peer;
  return copy;
}

Buffer encode(const Session& session) {
  Buffer out;
  out.reserve(room(session));  // a buffer that grows leaves secrets behind
  base::Writer w(out);
  w.u8(session_format);
  w.u16(static_cast<std::uint16_t>(session.version));
  w.u16(static_cast<std::uint16_t>(session.cipher_suite));
  w.u16(static_cast<std::uint16_t>(session.group));
  w.vector8(session.secret.view());
  w.u8(flags_of(session));
  w.u64(unsigned_time(session.authenticated));
  w.u64(unsigned_time(session.issued));
  w.u64(unsigned_time(session.expires));
  w.u32(session.ticket_age_add);
  w.u32(session.max_early_data);
  w.vector16(as_bytes(session.server_name));
  w.vector8(as_bytes(session.application_protocol));
  {
    auto list = w.length24();
    for (const Buffer& certificate : session.peer.certificates) w.vector24(certificate);
  }
  w.vector24(session.peer.ocsp_response);
  w.vector16(session.peer.signed_certificate_timestamps);
  w.u16(static_cast<std::uint16_t>(session.peer.signature_scheme));
  w.u64(unsigned_time(session.peer.not_before));
  w.u64(unsigned_time(session.peer.not_after));
  if (session.peer.certificate_sha256) w.bytes(*session.peer.certificate_sha256);
  if (session.peer.verification_error) {
    w.u8(std::to_underlying(session.peer.verification_error->alert()));
    w.bytes(as_bytes(code(session.peer.verification_error->reason())));
  }
  if (!session.peer.raw_public_key.empty()) w.vector24(session.peer.raw_public_key);
  if (!w.ok()) {
    base::wipe(out.data(), out.size());
    out.clear();
  }
  return out;
}

Result<Session> decode(Bytes bytes) {
  const auto bad = [](std::string_view field) { return malformed("session", field); };
  Session session;
  base::Reader r(bytes);
  if (r.u8() != session_format) return bad("format");
  session.version = ProtocolVersion{r.u16()};
  if (!known(session.version)) return bad("version");
  session.cipher_suite = CipherSuite{r.u16()};
  if (!crypto::find_suite(session.cipher_suite, session.version)) return bad("cipher_suite");
  session.group = NamedGroup{r.u16()};
  const Bytes secret = r.vector8();
  if (secret.empty() || secret.size() > base::Secret::capacity) return bad("secret");
  session.secret.assign(secret);
  const std::uint8_t flags = r.u8();
  if (!r.ok() || (flags & ~Flags::all_flags) != 0) return bad("flags");
  session.extended_master_secret = (flags & Flags::extended_master_secret) != 0;
  session.peer.verified = (flags & Flags::verified) != 0;
  if ((flags & Flags::server_raw_public_key) != 0) session.peer.server_certificate_type = CertificateType::RawPublicKey;
  if ((flags & Flags::client_raw_public_key) != 0) session.peer.client_certificate_type = CertificateType::RawPublicKey;
  session.authenticated = signed_time(r.u64());
  session.issued = signed_time(r.u64());
  session.expires = signed_time(r.u64());
  session.ticket_age_add = r.u32();
  session.max_early_data = r.u32();
  if (!r.ok() || !is_time(session.authenticated) || !is_time(session.issued) || !is_time(session.expires))
    return bad("times");
  session.server_name = text(r.vector16());
  if (!r.ok()) return bad("server_name");
  session.application_protocol = text(r.vector8());
  if (!r.ok()) return bad("application_protocol");
  base::Reader certificates(r.vector24());
  while (!certificates.empty()) {
    const Bytes certificate = certificates.vector24();
    if (certificate.empty()) return bad("certificates");  // cut off, or one of no bytes
    session.peer.certificates.push_back(owned(certificate));
  }
  if (!r.ok()) return bad("certificates");
  session.peer.ocsp_response = owned(r.vector24());
  session.peer.signed_certificate_timestamps = owned(r.vector16());
  if (!r.ok()) return bad("staples");
  session.peer.signature_scheme = SignatureScheme{r.u16()};
  session.peer.not_before = signed_time(r.u64());
  session.peer.not_after = signed_time(r.u64());
  if (!agree(flags, session.peer)) return bad("flags");
  if ((flags & Flags::hashed) != 0) {
    const Bytes hash = r.take(session.peer.certificate_sha256.emplace().size());
    if (!r.ok()) return bad("certificate_sha256");
    base::copy(hash, *session.peer.certificate_sha256);
  }
  if ((flags & Flags::unverified) != 0) {
    const Alert alert{r.u8()};
    const std::optional<Reason> reason = reason_of(as_text(r.take(code_size)));
    if (!r.ok() || !reason) return bad("verification_error");
    session.peer.verification_error = Error(alert, *reason);
  }
  if ((flags & Flags::raw_public_key) != 0) {
    session.peer.raw_public_key = owned(r.vector24());
    if (!r.ok() || session.peer.raw_public_key.empty()) return bad("raw_public_key");
  }
  if (!r.done()) return bad("peer");
  return session;
}

}  // namespace handfast::session
