// Pre-shared keys from outside: as they are, or imported (RFC 9258).
#include "session/psk.h"

#include <array>
#include <cstddef>
#include <utility>

#include "base/writer.h"
#include "crypto/hash.h"
#include "schedule/expand_label.h"
#include "session/errors.h"

namespace handfast {
namespace {

constexpr std::size_t longest_identity = 0xffff;  // PskIdentity.identity<1..2^16-1> (RFC 8446, section 4.2.11)

crypto::HashAlgorithm algorithm(PreSharedKey::Hash hash) noexcept {
  return hash == PreSharedKey::Hash::sha384 ? crypto::HashAlgorithm::sha384 : crypto::HashAlgorithm::sha256;
}

Result<void> check(Bytes identity, Bytes key) {
  if (identity.empty()) return session::bad_config("psk", "its identity is empty");
  if (identity.size() > longest_identity) return session::bad_config("psk", "its identity has more than 65535 bytes");
  if (key.size() < 16) return session::bad_config("psk", "its key has less than 16 bytes");
  if (key.size() > 1024) return session::bad_config("psk", "its key has more than 1024 bytes");
  return {};
}

/// What an external key is imported for: its hash, and that in the registry of TLS KDF identifiers (RFC 9258).
struct Target {
  crypto::HashAlgorithm hash;
  std::uint16_t target_kdf;
};
constexpr Target targets[] = {{crypto::HashAlgorithm::sha256, 0x0001}, {crypto::HashAlgorithm::sha384, 0x0002}};
constexpr std::uint16_t target_protocol = 0x0304;

/// ImportedIdentity (RFC 9258, section 5.1): what it takes beside the external identity and the context.
constexpr std::size_t imported_identity_overhead = 2 + 2 + 2 + 2;

Buffer imported_identity(Bytes external_identity, Bytes context, std::uint16_t target_kdf) {
  Buffer out;
  out.reserve(imported_identity_overhead + external_identity.size() + context.size());
  base::Writer w(out);
  w.vector16(external_identity);
  w.vector16(context);
  w.u16(target_protocol);
  w.u16(target_kdf);
  return out;
}

}  // namespace

PreSharedKey::~PreSharedKey() = default;

Result<PreSharedKey::Shared> PreSharedKey::external(Bytes identity, Bytes key, Hash hash) {
  if (Result<void> good = check(identity, key); !good) return fail(std::move(good.error()));
  std::shared_ptr<PreSharedKey> psk(new PreSharedKey);
  psk->identity_.assign(identity.begin(), identity.end());
  Parts& part = psk->parts_.emplace_back();
  part.identity = psk->identity_;
  part.early_secret = crypto::hkdf_extract(algorithm(hash), {}, key);
  part.hash = algorithm(hash);
  part.imported = false;
  return psk;
}

Result<PreSharedKey::Shared> PreSharedKey::imported(Bytes identity, Bytes key, Bytes context, Hash hash) {
  if (Result<void> good = check(identity, key); !good) return fail(std::move(good.error()));
  if (context.size() > longest_identity - imported_identity_overhead ||
      identity.size() > longest_identity - imported_identity_overhead - context.size())
    return session::bad_config("psk", "its identity and context have more than 65527 bytes");
  std::shared_ptr<PreSharedKey> psk(new PreSharedKey);
  psk->identity_.assign(identity.begin(), identity.end());
  // RFC 9258, section 5.1:
  //   epskx = HKDF-Extract(0, epsk)
  //   ipskx = HKDF-Expand-Label(epskx, "derived psk", Hash(ImportedIdentity), L)
  // under the hash of the external key; L is what the target's KDF takes.
  const base::Secret epskx = crypto::hkdf_extract(algorithm(hash), {}, key);
  const crypto::Hmac expand(algorithm(hash), epskx.view());
  for (const Target& target : targets) {
    Parts& part = psk->parts_.emplace_back();
    part.identity = imported_identity(identity, context, target.target_kdf);
    const crypto::Digest identity_hash = crypto::Hash::of(algorithm(hash), part.identity);
    base::Secret ipskx(crypto::digest_size(target.hash));
    schedule::expand_label(expand, "derived psk", identity_hash.view(), ipskx.writable());
    part.early_secret = crypto::hkdf_extract(target.hash, {}, ipskx.view());
    part.hash = target.hash;
    part.imported = true;
  }
  return psk;
}

}  // namespace handfast
