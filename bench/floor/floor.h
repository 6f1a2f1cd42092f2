// The floor: the bare cryptography of one handshake, replayed, and nothing else.
#pragma once

#include <memory>

#include <handfast/bytes.h>

#include "case.h"
#include "chain.h"
#include "floor/aead.h"
#include "floor/keys.h"
#include "floor/sha256.h"
#include "handshake.h"
#include "messages.h"

namespace handfast::bench {

/// What each side of a TLS 1.3 handshake must compute: random numbers, the key exchange, the transcript's hashes, the
/// key schedule (RFC 8446, section 7.1), the signature or the three verifications, both Finished, and one record each
/// way (the shortest form of a flight). Secrets that do not depend on the handshake were computed before.
class Floor {
 public:
  Floor(const Case& which, const Chain& chain, Messages messages);

  void client();
  void server();

 private:
  class Schedule;

  void verify_chain();

  Messages messages_;
  Buffer flight_;         ///< EncryptedExtensions to Finished: the content of the server's record
  Buffer sealed_flight_;  ///< the same as a record's content, under `record_key`
  Buffer sealed_finished_;
  Bytes certificate_verify_signature_;
  Bytes leaf_;
  Bytes intermediate_;
  Block32 to_be_signed_;  ///< the digest behind CertificateVerify
  std::unique_ptr<KeyExchange> key_exchange_;
  std::unique_ptr<Signatures> signatures_;
  AesGcm aead_;
  Buffer scratch_;
};

/// The floor of `abreast` handshakes.
void floors(Floor& floor, Meter auto& meter) {
  meter.run(Side::client, [&] {
    for (std::size_t i = 0; i < abreast; ++i) floor.client();
  });
  meter.run(Side::server, [&] {
    for (std::size_t i = 0; i < abreast; ++i) floor.server();
  });
}

}  // namespace handfast::bench
