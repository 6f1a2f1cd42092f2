#include "x509/public_key.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "x509/der.h"
#include "x509/oid.h"

namespace handfast::x509 {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyType;
using crypto::SignatureAlgorithm;
using crypto::SignatureKind;
using der::Tag;

constexpr std::uint8_t encoded_null[] = {0x05, 0x00};

bool is_null(Bytes parameters) noexcept { return std::ranges::equal(parameters, encoded_null); }
/// RFC 4055, section 5: NULL is written, and absence accepted.
bool is_null_or_absent(Bytes parameters) noexcept { return parameters.empty() || is_null(parameters); }

struct PssParameters {
  HashAlgorithm hash;
  std::uint32_t salt_length;
};

/// RSASSA-PSS-params (RFC 4055, section 3.1), with one SHA-2 hash for the message and for MGF1, as TLS and the web PKI
/// have it. The default, SHA-1, is none.
std::optional<PssParameters> pss_parameters(Bytes der) noexcept {
  der::Reader reader(der);
  der::Reader fields = reader.enter(Tag::sequence);
  der::Reader hash_field = fields.enter(der::context_constructed(0));
  der::Reader mask_field = fields.enter(der::context_constructed(1));
  AlgorithmIdentifier hash;
  AlgorithmIdentifier mask;
  AlgorithmIdentifier mask_hash;
  bool parsed = parse_algorithm(hash_field.element(Tag::sequence).whole, hash) &&
                parse_algorithm(mask_field.element(Tag::sequence).whole, mask) && oid::equal(mask.oid, oid::id_mgf1) &&
                parse_algorithm(mask.parameters, mask_hash) && hash_field.done() && mask_field.done();
  std::uint32_t salt_length = 20;  // DEFAULT
  if (fields.next_is(der::context_constructed(2))) {
    der::Reader salt_field = fields.enter(der::context_constructed(2));
    salt_length = salt_field.small_integer();
    parsed = parsed && salt_field.done();
  }
  if (!parsed || !fields.done() || !reader.done()) return {};
  std::optional<HashAlgorithm> algorithm = hash_algorithm(hash);
  if (!algorithm || *algorithm == HashAlgorithm::sha1 || hash_algorithm(mask_hash) != algorithm) return {};
  return PssParameters{*algorithm, salt_length};
}

/// Of a signature: the salt is as long as the digest.
std::optional<HashAlgorithm> pss_hash_of_signature(Bytes parameters) noexcept {
  const std::optional<PssParameters> pss = pss_parameters(parameters);
  if (!pss || pss->salt_length != crypto::digest_size(pss->hash)) return {};
  return pss->hash;
}

/// Of a key, which says how long the salt is at least (RFC 4055, section 3.3).
std::optional<HashAlgorithm> pss_hash_of_key(Bytes parameters) noexcept {
  const std::optional<PssParameters> pss = pss_parameters(parameters);
  if (!pss || pss->salt_length > crypto::digest_size(pss->hash)) return {};
  return pss->hash;
}

struct RsaPublicKey {
  Bytes modulus;
  Bytes exponent;
};

std::optional<RsaPublicKey> rsa_public_key(Bytes der) noexcept {
  der::Reader reader(der);
  der::Reader fields = reader.enter(Tag::sequence);
  RsaPublicKey key{fields.positive_integer(), fields.positive_integer()};
  if (!fields.done() || !reader.done()) return {};
  return key;
}

bool parse_rsa(KeyType type, SubjectPublicKeyInfo& out) noexcept {
  std::optional<RsaPublicKey> key = rsa_public_key(out.subject_public_key);
  if (!key) return false;
  // With an exponent of 1 everything is its own signature, and none that is even has an inverse (RFC 8017,
  // section 3.1).
  bool one = key->exponent.size() == 1 && key->exponent[0] == 1;
  if (one || key->exponent.back() % 2 == 0) return true;
  out.type = type;
  out.bits = key->modulus.size() * 8 - static_cast<std::size_t>(std::countl_zero(key->modulus[0]));
  return true;
}

/// RFC 9881, section 4.
struct MlDsa {
  Bytes oid;
  KeyType type;
  std::size_t size;  ///< of pk (FIPS 204, table 2)
};
constexpr MlDsa ml_dsa[] = {
    {oid::id_ml_dsa_44, KeyType::mldsa44, 1312},
    {oid::id_ml_dsa_65, KeyType::mldsa65, 1952},
    {oid::id_ml_dsa_87, KeyType::mldsa87, 2592},
};

const MlDsa* find_ml_dsa(Bytes algorithm) noexcept {
  const auto found = std::ranges::find_if(ml_dsa, [&](const MlDsa& each) { return oid::equal(algorithm, each.oid); });
  return found == std::end(ml_dsa) ? nullptr : found;
}

void parse_named_curve(SubjectPublicKeyInfo& out) noexcept {
  struct Curve {
    Bytes oid;
    KeyType type;
    std::size_t bits;
  };
  static constexpr Curve curves[] = {
      {oid::secp256r1, KeyType::p256, 256},
      {oid::secp384r1, KeyType::p384, 384},
      {oid::secp521r1, KeyType::p521, 521},
  };
  der::Reader reader(out.algorithm.parameters);
  Bytes name = reader.take(Tag::object_identifier);  // anything else is implicitCurve or specifiedCurve
  for (const Curve& curve : curves)
    if (oid::equal(name, curve.oid)) {
      out.type = curve.type;
      out.bits = curve.bits;
    }
}

}  // namespace

bool parse_algorithm(Bytes der, AlgorithmIdentifier& out) noexcept {
  der::Reader reader(der);
  der::Reader fields = reader.enter(Tag::sequence);
  out.der = der;
  out.oid = fields.object_identifier();
  out.parameters = fields.empty() ? Bytes{} : fields.any().whole;
  return reader.done() && fields.done();
}

std::optional<HashAlgorithm> hash_algorithm(const AlgorithmIdentifier& identifier) noexcept {
  if (!is_null_or_absent(identifier.parameters)) return {};
  if (oid::equal(identifier.oid, oid::id_sha1)) return HashAlgorithm::sha1;
  if (oid::equal(identifier.oid, oid::id_sha256)) return HashAlgorithm::sha256;
  if (oid::equal(identifier.oid, oid::id_sha384)) return HashAlgorithm::sha384;
  if (oid::equal(identifier.oid, oid::id_sha512)) return HashAlgorithm::sha512;
  return {};
}

bool parse_public_key(Bytes der, SubjectPublicKeyInfo& out) noexcept {
  der::Reader reader(der);
  der::Reader fields = reader.enter(Tag::sequence);
  out.der = der;
  bool parsed = parse_algorithm(fields.element(Tag::sequence).whole, out.algorithm);
  out.subject_public_key = fields.octets_in_bit_string();
  if (!parsed || !fields.done() || !reader.done()) return false;

  Bytes algorithm = out.algorithm.oid;
  Bytes parameters = out.algorithm.parameters;
  if (oid::equal(algorithm, oid::rsaEncryption)) return is_null(parameters) && parse_rsa(KeyType::rsa, out);
  if (oid::equal(algorithm, oid::id_RSASSA_PSS)) {
    out.only_hash = pss_hash_of_key(parameters);
    bool supported = parameters.empty() || out.only_hash;
    return !supported || parse_rsa(KeyType::rsa_pss, out);
  }
  if (oid::equal(algorithm, oid::id_ecPublicKey)) parse_named_curve(out);
  if (oid::equal(algorithm, oid::id_Ed25519)) {
    if (!parameters.empty() || out.subject_public_key.size() != 32) return false;
    out.type = KeyType::ed25519;
    out.bits = 256;
  }
  if (const MlDsa* found = find_ml_dsa(algorithm)) {
    if (!parameters.empty() || out.subject_public_key.size() != found->size) return false;
    if (!crypto::supports(found->type)) return true;
    out.type = found->type;
    out.bits = found->size * 8;
  }
  return true;
}

void write_public_key(der::Writer& w, const crypto::SigningKey& key) {
  w.within(Tag::sequence, [&] {
    const auto elliptic = [&w](Bytes curve) { w.object_identifier(oid::id_ecPublicKey), w.object_identifier(curve); };
    w.within(Tag::sequence, [&] {
      switch (key.type()) {
        case KeyType::rsa: w.object_identifier(oid::rsaEncryption), w.null(); break;
        case KeyType::rsa_pss: w.object_identifier(oid::id_RSASSA_PSS); break;
        case KeyType::p256: elliptic(oid::secp256r1); break;
        case KeyType::p384: elliptic(oid::secp384r1); break;
        case KeyType::p521: elliptic(oid::secp521r1); break;
        case KeyType::ed25519: w.object_identifier(oid::id_Ed25519); break;
        case KeyType::mldsa44: w.object_identifier(oid::id_ml_dsa_44); break;
        case KeyType::mldsa65: w.object_identifier(oid::id_ml_dsa_65); break;
        case KeyType::mldsa87: w.object_identifier(oid::id_ml_dsa_87); break;
      }
    });
    w.bit_string(key.public_key());
  });
}

std::optional<SignatureAlgorithm> signature_algorithm(const AlgorithmIdentifier& identifier) noexcept {
  struct Row {
    Bytes oid;
    SignatureAlgorithm algorithm;
  };
  static constexpr Row rows[] = {
      {oid::ecdsa_with_SHA256, {SignatureKind::ecdsa, HashAlgorithm::sha256}},
      {oid::ecdsa_with_SHA384, {SignatureKind::ecdsa, HashAlgorithm::sha384}},
      {oid::ecdsa_with_SHA512, {SignatureKind::ecdsa, HashAlgorithm::sha512}},
      {oid::ecdsa_with_SHA1, {SignatureKind::ecdsa, HashAlgorithm::sha1}},
      {oid::sha256WithRSAEncryption, {SignatureKind::rsa_pkcs1, HashAlgorithm::sha256}},
      {oid::sha384WithRSAEncryption, {SignatureKind::rsa_pkcs1, HashAlgorithm::sha384}},
      {oid::sha512WithRSAEncryption, {SignatureKind::rsa_pkcs1, HashAlgorithm::sha512}},
      {oid::sha1WithRSAEncryption, {SignatureKind::rsa_pkcs1, HashAlgorithm::sha1}},
      {oid::id_Ed25519, {SignatureKind::ed25519, HashAlgorithm::sha512}},
      {oid::id_ml_dsa_44, {SignatureKind::mldsa44, HashAlgorithm::sha512}},
      {oid::id_ml_dsa_65, {SignatureKind::mldsa65, HashAlgorithm::sha512}},
      {oid::id_ml_dsa_87, {SignatureKind::mldsa87, HashAlgorithm::sha512}},
  };
  for (const Row& row : rows) {
    if (!oid::equal(identifier.oid, row.oid)) continue;
    bool rsa = row.algorithm.kind == SignatureKind::rsa_pkcs1;
    if (rsa ? !is_null_or_absent(identifier.parameters) : !identifier.parameters.empty()) return {};
    return row.algorithm;
  }
  if (oid::equal(identifier.oid, oid::id_RSASSA_PSS))
    if (std::optional<HashAlgorithm> hash = pss_hash_of_signature(identifier.parameters))
      return SignatureAlgorithm{SignatureKind::rsa_pss, *hash};
  return {};
}

std::string_view needed_for(Bytes algorithm_oid) noexcept {
  const MlDsa* found = find_ml_dsa(algorithm_oid);
  if (found == nullptr || crypto::supports(found->type)) return {};
  return "ML-DSA needs libcrypto of OpenSSL 3.5 or later, or AWS-LC";
}

std::string_view needed_for_private_key(Bytes der) noexcept {
  der::Reader reader(der);
  der::Reader info = reader.enter(Tag::sequence);
  info.integer();  // version (RFC 5208, section 5)
  return needed_for(info.enter(Tag::sequence).object_identifier());
}

Result<crypto::VerifyingKey> import_key(const SubjectPublicKeyInfo& info) {
  if (info.type == KeyType::rsa || info.type == KeyType::rsa_pss) {
    if (std::optional<RsaPublicKey> key = rsa_public_key(info.subject_public_key))
      return crypto::VerifyingKey::from_rsa(*info.type, key->modulus, key->exponent, info.only_hash);
  } else if (info.type) {
    return crypto::VerifyingKey::from_point(*info.type, info.subject_public_key);
  }
  return fail(Error(Alert::unsupported_certificate, Reason::unsupported_certificate_key)
                  .with("algorithm", oid_text(info.algorithm.oid)));
}

bool fits(const SubjectPublicKeyInfo& info, SignatureScheme scheme, ProtocolVersion version, Side signer) noexcept {
  crypto::SchemeAlgorithm wanted;
  if (!info.type || !crypto::signs_handshakes(version, signer, scheme) || !crypto::lookup(scheme, wanted)) return false;
  const bool any_curve = version < ProtocolVersion::tls1_3 && wanted.algorithm.kind == SignatureKind::ecdsa;
  if (any_curve ? !crypto::is_curve(*info.type) : wanted.key != *info.type) return false;
  return !info.only_hash || *info.only_hash == wanted.algorithm.hash;
}

Result<void> verify_signature(const SubjectPublicKeyInfo& info, ProtocolVersion version, Side signer,
                              SignatureScheme scheme, Bytes message, Bytes signature) {
  crypto::SchemeAlgorithm wanted;
  if (!fits(info, scheme, version, signer) || !crypto::lookup(scheme, wanted))
    return fail(Error(Alert::illegal_parameter, Reason::wrong_signature_scheme)
                    .with("received", name(scheme))
                    .with("algorithm", oid_text(info.algorithm.oid)));
  Result<crypto::VerifyingKey> key = import_key(info);
  if (!key) return fail(std::move(key.error()));
  if (!key->verify(wanted.algorithm, message, signature))
    return fail(Error(Alert::decrypt_error, Reason::bad_signature).with("scheme", name(scheme)));
  return {};
}

Result<Buffer> encrypt(const SubjectPublicKeyInfo& info, Bytes message, Random& random) {
  Result<crypto::VerifyingKey> key = import_key(info);
  if (!key) return fail(std::move(key.error()));
  return key->encrypt(message, random);
}

bool matches(const CertificateView& certificate, const crypto::SigningKey& key) noexcept {
  return certificate.public_key.type == key.type() &&
         std::ranges::equal(certificate.public_key.subject_public_key, key.public_key());
}

}  // namespace handfast::x509
