#include "authority/signed.h"

#include <utility>

#include "x509/oid.h"

namespace handfast::authority {
namespace {

namespace der = x509::der;
namespace oid = x509::oid;
using der::Tag;

/// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 octets (RFC 4055, section 3.1).
void write_pss_sha256(der::Writer& w) {
  auto sha256 = [&w] { w.within(Tag::sequence, [&w] { w.object_identifier(oid::id_sha256), w.null(); }); };
  w.within(Tag::sequence, [&] {
    w.object_identifier(oid::id_RSASSA_PSS);
    w.within(Tag::sequence, [&] {
      w.within(der::context_constructed(0), sha256);
      w.within(der::context_constructed(1), [&] {
        w.within(Tag::sequence, [&] {
          w.object_identifier(oid::id_mgf1);
          sha256();
        });
      });
      w.within(der::context_constructed(2), [&] { w.integer(32); });
    });
  });
}

struct Signer {
  crypto::SignatureAlgorithm algorithm;
  Bytes oid;
};

Signer signer_for(crypto::KeyType type) noexcept {
  using crypto::HashAlgorithm;
  using crypto::KeyType;
  using crypto::SignatureKind;
  switch (type) {
    case KeyType::rsa: return {{SignatureKind::rsa_pkcs1, HashAlgorithm::sha256}, oid::sha256WithRSAEncryption};
    case KeyType::rsa_pss: return {{SignatureKind::rsa_pss, HashAlgorithm::sha256}, oid::id_RSASSA_PSS};
    case KeyType::p256: return {{SignatureKind::ecdsa, HashAlgorithm::sha256}, oid::ecdsa_with_SHA256};
    case KeyType::p384: return {{SignatureKind::ecdsa, HashAlgorithm::sha384}, oid::ecdsa_with_SHA384};
    case KeyType::p521: return {{SignatureKind::ecdsa, HashAlgorithm::sha512}, oid::ecdsa_with_SHA512};
    case KeyType::ed25519: break;
    case KeyType::mldsa44: return {{SignatureKind::mldsa44, HashAlgorithm::sha512}, oid::id_ml_dsa_44};
    case KeyType::mldsa65: return {{SignatureKind::mldsa65, HashAlgorithm::sha512}, oid::id_ml_dsa_65};
    case KeyType::mldsa87: return {{SignatureKind::mldsa87, HashAlgorithm::sha512}, oid::id_ml_dsa_87};
  }
  return {{SignatureKind::ed25519, HashAlgorithm::sha512}, oid::id_Ed25519};
}

}  // namespace

void write_signature_algorithm(der::Writer& w, crypto::KeyType type) {
  if (type == crypto::KeyType::rsa_pss) return write_pss_sha256(w);
  w.within(Tag::sequence, [&] {
    w.object_identifier(signer_for(type).oid);
    if (type == crypto::KeyType::rsa) w.null();
  });
}

Result<void> write_signed(der::Writer& w, Bytes tbs, const crypto::SigningKey& key) {
  Result<Buffer> signature = key.sign(signer_for(key.type()).algorithm, tbs);
  if (!signature) return fail(std::move(signature.error()));
  w.raw(tbs);
  write_signature_algorithm(w, key.type());
  w.bit_string(*signature);
  return {};
}

Result<void> write_raw_extensions(der::Writer& w, std::span<const RawExtension> extensions) {
  for (const RawExtension& extension : extensions) {
    bool named = true;
    w.within(Tag::sequence, [&] {
      named = w.object_identifier(extension.oid);
      if (extension.critical) w.boolean(true);
      w.element(Tag::octet_string, extension.value);
    });
    if (!named) return fail(bad_option("extensions", "not an object identifier: " + extension.oid));
  }
  return {};
}

void write_authority_key_identifier(der::Writer& w, Bytes key_identifier) {
  if (key_identifier.empty()) return;
  write_extension(w, oid::authorityKeyIdentifier, false,
                  [&] { w.within(Tag::sequence, [&] { w.element(der::context(0), key_identifier); }); });
}

Error bad_option(std::string option, std::string problem) {
  return Error(Alert::internal_error, Reason::bad_config)
      .with("option", std::move(option))
      .with("problem", std::move(problem));
}

}  // namespace handfast::authority
