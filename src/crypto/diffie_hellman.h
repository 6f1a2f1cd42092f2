// The mathematics behind key_exchange.cc, over plain bytes: X25519 (RFC 7748) and ECDH on the NIST curves.
#pragma once

#include <handfast/bytes.h>
#include <handfast/random.h>

#include "crypto/algorithm.h"

namespace handfast::crypto {

/// The public value of a 32-byte private key. False if libcrypto fails.
bool x25519_public(Bytes private_key, MutableBytes public_value) noexcept;
/// `public_value` is the one of `private_key`. False if the result is all zero (RFC 7748, section 6.1).
bool x25519(Bytes private_key, Bytes public_value, Bytes peer_public_value, MutableBytes shared) noexcept;
/// Both at once, for a key that has one peer: libcrypto imports it but once.
bool x25519_respond(Bytes private_key, Bytes peer_public_value, MutableBytes public_value,
                    MutableBytes shared) noexcept;

/// A uniform scalar from 1 to n - 1, as long as n, by rejection. False if `random` can't be random.
bool ecdh_draw(KeyType curve, Random& random, MutableBytes scalar);
/// The uncompressed point of a scalar. False if libcrypto fails.
bool ecdh_public(KeyType curve, Bytes scalar, MutableBytes point) noexcept;
/// The x-coordinate of the product. False if `peer_point` is not an uncompressed point of the curve.
bool ecdh(KeyType curve, Bytes scalar, Bytes peer_point, MutableBytes shared) noexcept;

}  // namespace handfast::crypto
