// Key exchange and signatures the fastest way that libcrypto 3.0 offers for keys in software.
#pragma once

#include <cstdint>
#include <memory>

#include <handfast/bytes.h>
#include <handfast/types.h>

#include "chain.h"
#include "floor/certificate.h"
#include "floor/sha256.h"

namespace handfast::bench {

/// A new key pair, and the shared secret with a peer's share that never changes: both sides do just that.
class KeyExchange {
 public:
  virtual ~KeyExchange() = default;
  virtual Block32 run() = 0;
  static std::unique_ptr<KeyExchange> make(NamedGroup group);
};

/// What one type of key does in a handshake: sign it, verify that, verify certificates.
class Signatures {
 public:
  virtual ~Signatures() = default;
  /// Signs the digest with the leaf's key, as a CertificateVerify or a ServerKeyExchange has it.
  virtual void sign(const Block32& digest) = 0;
  /// `key` is the content of the leaf's subjectPublicKey; imports it first. Throws where the signature is bad.
  virtual void verify_handshake(Bytes key, const Block32& digest, Bytes signature) = 0;
  /// The leaf by the intermediate, and that by the root, whose key was imported when the program started.
  void verify_chain(const SignedCertificate& leaf, const SignedCertificate& intermediate);
  static std::unique_ptr<Signatures> make(crypto::KeyType type, const Chain& chain);

 private:
  virtual void verify_certificate(Bytes key, const Block32& digest, Bytes signature) = 0;
  virtual void verify_by_root(const Block32& digest, Bytes signature) = 0;
};

}  // namespace handfast::bench
