// The least that a verifier must read of a certificate.
#pragma once

#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

namespace handfast::bench {

/// A cursor over DER that is known to be good: it looks for no error.
class Der {
 public:
  explicit Der(Bytes bytes) noexcept : rest_(bytes) {}

  struct Value {
    Bytes whole;
    Bytes content;
  };
  Value next() noexcept {
    std::size_t header = 2;
    std::size_t length = rest_[1];
    if (length >= 0x80) {
      header += length & 0x7f;
      length = 0;
      for (std::size_t i = 2; i < header; ++i) length = length << 8 | rest_[i];
    }
    const Value value{rest_.first(header + length), rest_.subspan(header, length)};
    rest_ = rest_.subspan(header + length);
    return value;
  }
  Der enter() noexcept { return Der(next().content); }
  void skip(int count) noexcept {
    for (int i = 0; i < count; ++i) next();
  }
  std::uint8_t tag() const noexcept { return rest_[0]; }

 private:
  Bytes rest_;
};

struct SignedCertificate {
  Bytes tbs;
  Bytes public_key;  ///< the content of subjectPublicKey
  Bytes signature;
};

inline SignedCertificate read_certificate(Bytes der) noexcept {
  SignedCertificate read;
  Der certificate = Der(der).enter();
  const Der::Value tbs = certificate.next();
  read.tbs = tbs.whole;
  certificate.skip(1);  // signatureAlgorithm
  read.signature = certificate.next().content.subspan(1);

  Der fields(tbs.content);
  fields.skip(6);  // version, serialNumber, signature, issuer, validity, subject
  Der key = fields.enter();
  key.skip(1);  // algorithm
  read.public_key = key.next().content.subspan(1);
  return read;
}

}  // namespace handfast::bench
