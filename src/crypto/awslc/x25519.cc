// X25519 (RFC 7748) as AWS-LC has it.
#include <openssl/curve25519.h>

#include "crypto/diffie_hellman.h"

namespace handfast::crypto {

bool x25519_public(Bytes private_key, MutableBytes public_value) noexcept {
  X25519_public_from_private(public_value.data(), private_key.data());
  return true;
}

bool x25519(Bytes private_key, Bytes, Bytes peer_public_value, MutableBytes shared) noexcept {
  return X25519(shared.data(), private_key.data(), peer_public_value.data()) == 1;
}

bool x25519_respond(Bytes private_key, Bytes peer_public_value, MutableBytes public_value,
                    MutableBytes shared) noexcept {
  return x25519_public(private_key, public_value) && x25519(private_key, public_value, peer_public_value, shared);
}

}  // namespace handfast::crypto
