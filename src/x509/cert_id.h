// CertID: which certificate an OCSP request or response is about (RFC 6960, section 4.1.1).
#pragma once

#include <handfast/bytes.h>

#include "crypto/algorithm.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/der_writer.h"

namespace handfast::x509 {

struct CertID {
  AlgorithmIdentifier hash_algorithm;
  Bytes issuer_name_hash;
  Bytes issuer_key_hash;
  Bytes serial_number;  ///< two's complement, as CertificateView's

  /// Whether it names `certificate`, with that issuer: serial number and both hashes. SHA-1 will do, since nothing
  /// rests on it: whoever signs the response has chosen what is hashed. With another hash than SHA-1 and SHA-2 it names
  /// none.
  bool names(const CertificateView& certificate, const CertificateView& issuer) const noexcept;
};

/// Marks `reader` as failed where the next element is none.
CertID read_cert_id(der::Reader& reader) noexcept;

void write_cert_id(der::Writer& w, crypto::HashAlgorithm hash, const CertificateView& certificate,
                   const CertificateView& issuer);

}  // namespace handfast::x509
