// Seals sessions into tickets, and opens them.
#include "session/ticket.h"

#include <cstddef>
#include <utility>

#include "base/copy.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

namespace handfast::session {
namespace {

constexpr std::size_t name_size = 16;
constexpr std::size_t salt_size = 32;
constexpr std::size_t header_size = name_size + salt_size;

/// Used for one ticket, so that it needs no nonce.
constexpr crypto::Nonce nonce{};

crypto::Aead ticket_aead(const TicketKey& key, Bytes salt) noexcept {
  crypto::Digest derived = crypto::Hmac(crypto::HashAlgorithm::sha256, key.secret).code(salt);
  crypto::Aead aead(crypto::AeadAlgorithm::aes_256_gcm, derived.view());
  base::wipe(derived.writable().data(), derived.size());
  return aead;
}

/// name | salt | binding: what the ticket is sealed to beside what it holds.
struct AssociatedData {
  AssociatedData(Bytes header, const Binding& binding) noexcept { base::copy(binding, base::copy(header, bytes)); }
  std::array<std::uint8_t, header_size + std::tuple_size_v<Binding>> bytes;
};

}  // namespace

bool seal(const TicketKeyRing& ring, std::int64_t now, Random& random, const Binding& binding, Bytes session,
          Buffer& out) {
  const TicketKey* key = ring.issuing(now);
  if (key == nullptr) return false;
  std::array<std::uint8_t, header_size> header;
  const MutableBytes salt = base::copy(key->name, header);
  random.fill(salt);

  const std::size_t start = out.size();
  out.resize(start + header_size + session.size() + crypto::aead_tag_size);
  const MutableBytes sealed = base::copy(header, MutableBytes(out).subspan(start));
  if (ticket_aead(*key, salt).seal(nonce, AssociatedData(header, binding).bytes, session, {}, sealed)) return true;
  out.resize(start);
  return false;
}

std::optional<Buffer> open(const TicketKeyRing& ring, std::int64_t now, const Binding& binding, Bytes ticket) {
  if (ticket.size() < header_size + crypto::aead_tag_size) return std::nullopt;
  const Bytes header = ticket.first(header_size);
  const TicketKey* key = ring.opening(header.first(name_size), now);
  if (key == nullptr) return std::nullopt;

  std::optional<Buffer> session(std::in_place, ticket.begin() + header_size, ticket.end());
  if (!ticket_aead(*key, header.subspan(name_size)).open(nonce, AssociatedData(header, binding).bytes, *session)) {
    base::wipe(session->data(), session->size());  // of a ticket that was changed in one bit, all but that bit
    return std::nullopt;
  }
  session->resize(session->size() - crypto::aead_tag_size);
  return session;
}

base::SecretBuffer make_state(const Binding& binding, Bytes session) {
  Buffer state(binding.size() + session.size());
  base::copy(session, base::copy(binding, state));
  return base::SecretBuffer(std::move(state));
}

Bytes session_of(Bytes state, const Binding& binding) noexcept {
  if (state.size() < binding.size()) return {};
  return base::equal_in_constant_time(state.first(binding.size()), binding) ? state.subspan(binding.size()) : Bytes();
}

}  // namespace handfast::session
