#include "x509/cert_id.h"

#include <algorithm>
#include <optional>

#include "crypto/hash.h"
#include "x509/oid.h"
#include "x509/public_key.h"

namespace handfast::x509 {
namespace {

using crypto::HashAlgorithm;
using der::Tag;

bool is_hash_of(Bytes hash, HashAlgorithm algorithm, Bytes content) noexcept {
  const crypto::Digest digest = crypto::Hash::of(algorithm, content);
  return std::ranges::equal(digest.view(), hash);
}

Bytes oid_of(HashAlgorithm hash) noexcept {
  switch (hash) {
    case HashAlgorithm::sha1: return oid::id_sha1;
    case HashAlgorithm::sha256: return oid::id_sha256;
    case HashAlgorithm::sha384: return oid::id_sha384;
    case HashAlgorithm::sha512:
    case HashAlgorithm::md5_sha1: break;
  }
  return oid::id_sha512;
}

}  // namespace

bool CertID::names(const CertificateView& certificate, const CertificateView& issuer) const noexcept {
  const std::optional<HashAlgorithm> hash = x509::hash_algorithm(hash_algorithm);
  return hash && std::ranges::equal(serial_number, certificate.serial_number) &&
         is_hash_of(issuer_name_hash, *hash, certificate.issuer) &&
         is_hash_of(issuer_key_hash, *hash, issuer.public_key.subject_public_key);
}

CertID read_cert_id(der::Reader& reader) noexcept {
  der::Reader fields = reader.enter(Tag::sequence);
  CertID id;
  const bool parsed = parse_algorithm(fields.element(Tag::sequence).whole, id.hash_algorithm);
  id.issuer_name_hash = fields.take(Tag::octet_string);
  id.issuer_key_hash = fields.take(Tag::octet_string);
  id.serial_number = fields.integer();
  if (!parsed || !fields.done()) reader.fail();
  return id;
}

void write_cert_id(der::Writer& w, HashAlgorithm hash, const CertificateView& certificate,
                   const CertificateView& issuer) {
  const crypto::Digest name = crypto::Hash::of(hash, certificate.issuer);
  const crypto::Digest key = crypto::Hash::of(hash, issuer.public_key.subject_public_key);
  w.within(Tag::sequence, [&] {
    w.within(Tag::sequence, [&] { w.object_identifier(oid_of(hash)), w.null(); });
    w.element(Tag::octet_string, name.view());
    w.element(Tag::octet_string, key.view());
    w.element(Tag::integer, certificate.serial_number);
  });
}

}  // namespace handfast::x509
