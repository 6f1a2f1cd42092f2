#include "schedule/expand_label.h"

#include <array>
#include <cassert>

#include "base/copy.h"

namespace handfast::schedule {

void expand_label(const crypto::Hmac& secret, std::string_view label, Bytes context, MutableBytes out) noexcept {
  constexpr std::string_view prefix = "tls13 ";
  assert(prefix.size() + label.size() <= 255 && context.size() <= 255 && out.size() <= 0xffff);
  // struct { uint16 length; opaque label<7..255>; opaque context<0..255>; } HkdfLabel;
  std::array<std::uint8_t, 2 + 1 + 255 + 1 + 255> info;
  MutableBytes rest = info;
  const auto put = [&rest](std::size_t byte) {
    rest.front() = static_cast<std::uint8_t>(byte);
    rest = rest.subspan(1);
  };
  put(out.size() >> 8);
  put(out.size());
  put(prefix.size() + label.size());
  rest = base::copy(as_bytes(prefix), rest);
  rest = base::copy(as_bytes(label), rest);
  put(context.size());
  rest = base::copy(context, rest);
  crypto::hkdf_expand(secret, Bytes(info).first(info.size() - rest.size()), out);
}

base::Secret derive_secret(const crypto::Hmac& secret, std::string_view label, Bytes transcript_hash) noexcept {
  base::Secret derived(crypto::digest_size(secret.algorithm()));
  expand_label(secret, label, transcript_hash, derived.writable());
  return derived;
}

const crypto::Digest& empty_hash(crypto::HashAlgorithm hash) noexcept {
  static const crypto::Digest sha256 = crypto::Hash::of(crypto::HashAlgorithm::sha256, {});
  static const crypto::Digest sha384 = crypto::Hash::of(crypto::HashAlgorithm::sha384, {});
  assert(hash == crypto::HashAlgorithm::sha256 || hash == crypto::HashAlgorithm::sha384);
  return hash == crypto::HashAlgorithm::sha256 ? sha256 : sha384;
}

}  // namespace handfast::schedule
