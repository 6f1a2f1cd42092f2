// Private keys in DER, by AWS-LC's byte strings. Its d2i_AutoPrivateKey does not know SEC 1 without a public key, and
// empties the error queue.
#include <openssl/bytestring.h>
#include <openssl/ec_key.h>
#include <openssl/mem.h>

#include <utility>

#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

namespace {

/// AWS-LC reads the parameters of an RSASSA-PSS key, but gives them back to nobody: of such a key it can be said only
/// whether it has some.
bool has_pss_parameters(const EVP_PKEY* key) noexcept {
  PkeyContext context(EVP_PKEY_CTX_new(const_cast<EVP_PKEY*>(key), nullptr));
  int salt_length = 0;
  return !context || EVP_PKEY_sign_init(context.get()) != 1 ||
         EVP_PKEY_CTX_get_rsa_pss_saltlen(context.get(), &salt_length) != 1 || salt_length >= 0;
}

/// What EVP_marshal_private_key does for other keys, and not for this type (RFC 5208, RFC 4055).
bool marshal_pss(CBB* out, const EVP_PKEY* key) noexcept {
  constexpr std::uint8_t id_rsassa_pss[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a};
  CBB info, algorithm, identifier, octets;
  return !has_pss_parameters(key) && CBB_add_asn1(out, &info, CBS_ASN1_SEQUENCE) == 1 &&
         CBB_add_asn1_uint64(&info, 0) == 1 && CBB_add_asn1(&info, &algorithm, CBS_ASN1_SEQUENCE) == 1 &&
         CBB_add_asn1(&algorithm, &identifier, CBS_ASN1_OBJECT) == 1 &&
         CBB_add_bytes(&identifier, id_rsassa_pss, sizeof id_rsassa_pss) == 1 &&
         CBB_add_asn1(&info, &octets, CBS_ASN1_OCTETSTRING) == 1 &&
         RSA_marshal_private_key(&octets, EVP_PKEY_get0_RSA(key)) == 1 && CBB_flush(out) == 1;
}

}  // namespace

Pkey decode_private_key(Bytes der) noexcept {
  CBS pkcs8, pkcs1, sec1;
  CBS_init(&pkcs8, der.data(), der.size());
  CBS_init(&pkcs1, der.data(), der.size());
  CBS_init(&sec1, der.data(), der.size());
  Pkey key(EVP_parse_private_key(&pkcs8));
  if (key) return CBS_len(&pkcs8) == 0 ? std::move(key) : nullptr;
  key.reset(EVP_PKEY_new());
  if (!key) return nullptr;
  if (RsaKey rsa(RSA_parse_private_key(&pkcs1)); rsa && CBS_len(&pkcs1) == 0)
    return EVP_PKEY_set1_RSA(key.get(), rsa.get()) == 1 ? std::move(key) : nullptr;
  if (EcKey ec(EC_KEY_parse_private_key(&sec1, nullptr)); ec && CBS_len(&sec1) == 0)
    return EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) == 1 ? std::move(key) : nullptr;
  return nullptr;
}

Buffer encode_private_key_info(const EVP_PKEY* key) {
  CBB builder;
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (CBB_init(&builder, 0) != 1) return {};
  const bool written =
      EVP_PKEY_id(key) == EVP_PKEY_RSA_PSS ? marshal_pss(&builder, key) : EVP_marshal_private_key(&builder, key) == 1;
  if (!written || CBB_finish(&builder, &bytes, &size) != 1) {
    CBB_cleanup(&builder);
    return {};
  }
  Buffer der(bytes, bytes + size);
  OPENSSL_free(bytes);  // wipes, as every free of AWS-LC does
  return der;
}

}  // namespace handfast::crypto
