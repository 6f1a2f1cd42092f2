// What certificates, CRLs and OCSP responses have in common when they are made: the signature, and extensions.
#pragma once

#include <span>
#include <string>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "crypto/signature.h"
#include "x509/der_writer.h"

namespace handfast::authority {

/// The AlgorithmIdentifier of what a key of that type signs here: SHA-256, or the hash that fits its curve.
void write_signature_algorithm(x509::der::Writer& w, crypto::KeyType type);

/// Three elements: `tbs` as it stands, signatureAlgorithm and the signature. Fails with signing_failed, internal_error.
Result<void> write_signed(x509::der::Writer& w, Bytes tbs, const crypto::SigningKey& key);

/// An Extension around what `content` writes.
template <typename Content>
void write_extension(x509::der::Writer& w, Bytes oid, bool critical, Content&& content) {
  w.within(x509::der::Tag::sequence, [&] {
    w.object_identifier(oid);
    if (critical) w.boolean(true);
    w.within(x509::der::Tag::octet_string, content);
  });
}

/// An extension that is put in as it stands.
struct RawExtension {
  std::string oid;  ///< in dots
  bool critical = false;
  Buffer value;
};

/// The Extensions' elements, one by one. Fails with bad_config where an OID is none.
Result<void> write_raw_extensions(x509::der::Writer& w, std::span<const RawExtension> extensions);

/// authorityKeyIdentifier, with a keyIdentifier alone; nothing where that is empty.
void write_authority_key_identifier(x509::der::Writer& w, Bytes key_identifier);

/// bad_config, for what was asked for and can't be made.
Error bad_option(std::string option, std::string problem);

}  // namespace handfast::authority
