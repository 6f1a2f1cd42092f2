// Key exchange and signatures the fastest way that libcrypto 3.0 offers for keys in software.
#include "floor/keys.h"

#include <array>
#include <stdexcept>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdh.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "check.h"
#include "freed.h"

namespace handfast::bench {
namespace {

using PkeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using GroupPointer = std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>>;
using EcKeyPointer = std::unique_ptr<EC_KEY, Freed<EC_KEY_free>>;
using PointPointer = std::unique_ptr<EC_POINT, Freed<EC_POINT_free>>;
using RsaPointer = std::unique_ptr<RSA, Freed<RSA_free>>;
using MdPointer = std::unique_ptr<EVP_MD, Freed<EVP_MD_free>>;

/// Contexts for making keys and for the peer's key are kept; a new private key needs a new one to derive with.
class X25519 final : public KeyExchange {
 public:
  X25519() : making_(EVP_PKEY_CTX_new_from_name(nullptr, "X25519", nullptr)) {
    check(EVP_PKEY_keygen_init(making_.get()) == 1, "EVP_PKEY_keygen_init");
    peer_ = generate();
    std::size_t size = peer_share_.size();
    check(EVP_PKEY_get_raw_public_key(peer_.get(), peer_share_.data(), &size) == 1, "EVP_PKEY_get_raw_public_key");
  }

  Block32 run() override {
    const PkeyPointer own = generate();
    Block32 share;
    std::size_t size = share.size();
    check(EVP_PKEY_get_raw_public_key(own.get(), share.data(), &size) == 1, "EVP_PKEY_get_raw_public_key");
    const PkeyContext deriving(EVP_PKEY_CTX_new(own.get(), nullptr));
    Block32 secret;
    check(EVP_PKEY_set1_encoded_public_key(peer_.get(), peer_share_.data(), peer_share_.size()) == 1 &&
              EVP_PKEY_derive_init(deriving.get()) == 1 &&
              EVP_PKEY_derive_set_peer_ex(deriving.get(), peer_.get(), 0) == 1 &&
              EVP_PKEY_derive(deriving.get(), secret.data(), &size) == 1,
          "EVP_PKEY_derive");
    return secret;
  }

 private:
  PkeyPointer generate() {
    EVP_PKEY* key = nullptr;
    check(EVP_PKEY_generate(making_.get(), &key) == 1, "EVP_PKEY_generate");
    return PkeyPointer(key);
  }

  PkeyContext making_;
  PkeyPointer peer_;
  Block32 peer_share_;
};

/// One EC_GROUP, shared by every key.
const EC_GROUP* p256() {
  static const GroupPointer group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  return group.get();
}

EcKeyPointer new_p256_key() {
  EcKeyPointer key(EC_KEY_new());
  check(EC_KEY_set_group(key.get(), p256()) == 1, "EC_KEY_set_group");
  return key;
}

EcKeyPointer import_p256(Bytes point) {
  EcKeyPointer key = new_p256_key();
  check(EC_KEY_oct2key(key.get(), point.data(), point.size(), nullptr) == 1, "EC_KEY_oct2key");
  return key;
}

class P256 final : public KeyExchange {
 public:
  P256() { generate(peer_share_); }

  Block32 run() override {
    std::array<std::uint8_t, 65> share;
    const EcKeyPointer own = generate(share);
    const PointPointer peer(EC_POINT_new(p256()));
    Block32 secret;
    check(EC_POINT_oct2point(p256(), peer.get(), peer_share_.data(), peer_share_.size(), nullptr) == 1 &&
              ECDH_compute_key(secret.data(), secret.size(), peer.get(), own.get(), nullptr) == 32,
          "ECDH_compute_key");
    return secret;
  }

 private:
  static EcKeyPointer generate(std::array<std::uint8_t, 65>& share) {
    EcKeyPointer key = new_p256_key();
    check(EC_KEY_generate_key(key.get()) == 1 &&
              EC_POINT_point2oct(p256(), EC_KEY_get0_public_key(key.get()), POINT_CONVERSION_UNCOMPRESSED, share.data(),
                                 share.size(), nullptr) == share.size(),
          "EC_KEY_generate_key");
    return key;
  }

  std::array<std::uint8_t, 65> peer_share_;
};

PkeyPointer private_key(const Chain& chain) {
  const unsigned char* at = chain.key.data();
  PkeyPointer key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(chain.key.size())));
  check(key != nullptr, "d2i_AutoPrivateKey");
  return key;
}

class Ecdsa final : public Signatures {
 public:
  explicit Ecdsa(const Chain& chain)
      : private_(EVP_PKEY_get1_EC_KEY(private_key(chain).get())),
        root_(import_p256(read_certificate(chain.root).public_key)) {}

  void sign(const Block32& digest) override {
    std::array<std::uint8_t, 80> signature;
    unsigned size = 0;
    check(ECDSA_sign(0, digest.data(), 32, signature.data(), &size, private_.get()) == 1, "ECDSA_sign");
  }
  void verify_handshake(Bytes key, const Block32& digest, Bytes signature) override {
    verify(import_p256(key).get(), digest, signature);
  }

 private:
  void verify_certificate(Bytes key, const Block32& digest, Bytes signature) override {
    verify(import_p256(key).get(), digest, signature);
  }
  void verify_by_root(const Block32& digest, Bytes signature) override { verify(root_.get(), digest, signature); }
  static void verify(EC_KEY* key, const Block32& digest, Bytes signature) {
    check(ECDSA_verify(0, digest.data(), 32, signature.data(), static_cast<int>(signature.size()), key) == 1,
          "ECDSA_verify");
  }

  EcKeyPointer private_;
  EcKeyPointer root_;
};

RsaPointer import_rsa(Bytes public_key) {
  Der fields = Der(public_key).enter();
  const auto number = [&] {
    const Bytes content = fields.next().content;
    return BN_bin2bn(content.data(), static_cast<int>(content.size()), nullptr);
  };
  RsaPointer key(RSA_new());
  BIGNUM* modulus = number();
  BIGNUM* exponent = number();
  check(RSA_set0_key(key.get(), modulus, exponent, nullptr) == 1, "RSA_set0_key");
  return key;
}

class Rsa final : public Signatures {
 public:
  explicit Rsa(const Chain& chain)
      : sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
        private_(EVP_PKEY_get1_RSA(private_key(chain).get())),
        root_(import_rsa(read_certificate(chain.root).public_key)) {}

  void sign(const Block32& digest) override {
    std::array<std::uint8_t, 256> encoded;
    std::array<std::uint8_t, 256> signature;
    check(RSA_padding_add_PKCS1_PSS_mgf1(private_.get(), encoded.data(), digest.data(), sha256_.get(), sha256_.get(),
                                         RSA_PSS_SALTLEN_DIGEST) == 1 &&
              RSA_private_encrypt(256, encoded.data(), signature.data(), private_.get(), RSA_NO_PADDING) == 256,
          "RSA_private_encrypt");
  }
  void verify_handshake(Bytes key, const Block32& digest, Bytes signature) override {
    const RsaPointer imported = import_rsa(key);
    std::array<std::uint8_t, 256> encoded;
    check(RSA_public_decrypt(256, signature.data(), encoded.data(), imported.get(), RSA_NO_PADDING) == 256 &&
              RSA_verify_PKCS1_PSS_mgf1(imported.get(), digest.data(), sha256_.get(), sha256_.get(), encoded.data(),
                                        RSA_PSS_SALTLEN_DIGEST) == 1,
          "RSA_verify_PKCS1_PSS_mgf1");
  }

 private:
  void verify_certificate(Bytes key, const Block32& digest, Bytes signature) override {
    verify(import_rsa(key).get(), digest, signature);
  }
  void verify_by_root(const Block32& digest, Bytes signature) override { verify(root_.get(), digest, signature); }
  static void verify(RSA* key, const Block32& digest, Bytes signature) {
    check(
        RSA_verify(NID_sha256, digest.data(), 32, signature.data(), static_cast<unsigned>(signature.size()), key) == 1,
        "RSA_verify");
  }

  MdPointer sha256_;
  RsaPointer private_;
  RsaPointer root_;
};

}  // namespace

std::unique_ptr<KeyExchange> KeyExchange::make(NamedGroup group) {
  if (group == NamedGroup::x25519) return std::make_unique<X25519>();
  if (group == NamedGroup::secp256r1) return std::make_unique<P256>();
  throw std::invalid_argument("the floor knows no such group");
}

void Signatures::verify_chain(const SignedCertificate& leaf, const SignedCertificate& intermediate) {
  verify_certificate(intermediate.public_key, Sha256::of(leaf.tbs), leaf.signature);
  verify_by_root(Sha256::of(intermediate.tbs), intermediate.signature);
}

std::unique_ptr<Signatures> Signatures::make(crypto::KeyType type, const Chain& chain) {
  if (type == crypto::KeyType::p256) return std::make_unique<Ecdsa>(chain);
  if (type == crypto::KeyType::rsa) return std::make_unique<Rsa>(chain);
  throw std::invalid_argument("the floor knows no such key");
}

}  // namespace handfast::bench
