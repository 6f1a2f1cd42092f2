// The floor of a full handshake of TLS 1.3.
#pragma once

#include <memory>

#include <handfast/bytes.h>

#include "floor/aead.h"
#include "floor/floor.h"
#include "floor/keys.h"
#include "floor/sha256.h"

namespace handfast::bench {

/// One record each way: the shortest form of a flight.
class Tls13Floor final : public Floor {
 public:
  Tls13Floor(const Case& which, const Chain& chain, Messages messages);

  void client() override;
  void server() override;

 private:
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

}  // namespace handfast::bench
