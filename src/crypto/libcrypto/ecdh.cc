// The NIST curves: their groups, their points and ECDH. On EC_POINT alone: a key object for an exchange's one scalar
// would cost more and keep more.
#include <algorithm>

#include "crypto/diffie_hellman.h"
#include "crypto/libcrypto/handles.h"

#include <openssl/obj_mac.h>

namespace handfast::crypto {

const EC_GROUP* ec_group_of(KeyType type) noexcept {
  switch (type) {
    case KeyType::p256: {
      static const EC_GROUP* const p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
      return p256;
    }
    case KeyType::p384: {
      static const EC_GROUP* const p384 = EC_GROUP_new_by_curve_name(NID_secp384r1);
      return p384;
    }
    case KeyType::p521: {
      static const EC_GROUP* const p521 = EC_GROUP_new_by_curve_name(NID_secp521r1);
      return p521;
    }
    default: return nullptr;
  }
}

EcPoint decode_point(const EC_GROUP* curve, Bytes point) noexcept {
  // libcrypto takes compressed and hybrid forms too; TLS does not. It checks that the point is on the curve.
  if (point.empty() || point.front() != POINT_CONVERSION_UNCOMPRESSED) return nullptr;
  EcPoint decoded(EC_POINT_new(curve));
  if (!decoded || EC_POINT_oct2point(curve, decoded.get(), point.data(), point.size(), nullptr) != 1) return nullptr;
  return decoded;
}

namespace {

SecretNumber to_number(Bytes scalar) noexcept {
  SecretNumber number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
#ifdef BN_FLG_CONSTTIME  // AWS-LC has no other arithmetic for scalars
  if (number) BN_set_flags(number.get(), BN_FLG_CONSTTIME);
#endif
  return number;
}

}  // namespace

bool ecdh_draw(KeyType curve, Random& random, MutableBytes scalar) {
  const BIGNUM* order = EC_GROUP_get0_order(ec_group_of(curve));
  const int top_bits = (static_cast<int>(BN_num_bits(order)) - 1) % 8 + 1;
  // A try fails with a chance of 2^-32 at most: a source that fails so often gives no random bytes.
  for (int tries = 0; tries < 16; ++tries) {
    random.fill(scalar);
    scalar.front() = static_cast<std::uint8_t>(scalar.front() & ((1 << top_bits) - 1));
    SecretNumber number = to_number(scalar);
    if (!number) return false;
    if (!BN_is_zero(number.get()) && BN_cmp(number.get(), order) < 0) return true;
  }
  return false;
}

bool ecdh_public(KeyType curve, Bytes scalar, MutableBytes point) noexcept {
  QuietErrors quiet;
  const EC_GROUP* group = ec_group_of(curve);
  SecretNumber number = to_number(scalar);
  EcPoint product(EC_POINT_new(group));
  return number && product && EC_POINT_mul(group, product.get(), number.get(), nullptr, nullptr, nullptr) == 1 &&
         EC_POINT_point2oct(group, product.get(), POINT_CONVERSION_UNCOMPRESSED, point.data(), point.size(), nullptr) ==
             point.size();
}

bool ecdh(KeyType curve, Bytes scalar, Bytes peer_point, MutableBytes shared) noexcept {
  QuietErrors quiet;
  const EC_GROUP* group = ec_group_of(curve);
  EcPoint peer = decode_point(group, peer_point);
  SecretNumber number = to_number(scalar);
  SecretPoint product(EC_POINT_new(group));
  SecretNumber x(BN_new());
  // The curves have cofactor 1, so a point of the curve has the full order. The product is the point at infinity for
  // no scalar from 1 to n - 1; it has no coordinates, if it were.
  return peer && number && product && x &&
         EC_POINT_mul(group, product.get(), nullptr, peer.get(), number.get(), nullptr) == 1 &&
         EC_POINT_get_affine_coordinates(group, product.get(), x.get(), nullptr, nullptr) == 1 &&
         BN_bn2binpad(x.get(), shared.data(), static_cast<int>(shared.size())) == static_cast<int>(shared.size());
}

}  // namespace handfast::crypto
