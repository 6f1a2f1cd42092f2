// The floor of a full handshake of TLS 1.2.
#pragma once

#include <memory>

#include <handfast/bytes.h>

#include "floor/floor.h"
#include "floor/keys.h"
#include "floor/sha256.h"
#include "floor/tls12_schedule.h"

namespace handfast::bench {

/// With the extended master secret (RFC 7627): what RFC 5246 has in sections 6.3, 7.4.3, 7.4.9 and 8.1, and the records
/// of both Finished.
class Tls12Floor final : public Floor {
 public:
  Tls12Floor(const Case& which, const Chain& chain, Messages messages);

  void client() override;
  void server() override;

 private:
  /// What ServerKeyExchange signs (section 7.4.3), hashed.
  Block32 signed_digest() const;

  Messages messages_;
  Buffer leaf_;
  Buffer intermediate_;
  Randoms12 randoms_;
  Bytes params_;  ///< ServerECDHParams
  Bytes signature_;
  std::unique_ptr<KeyExchange> key_exchange_;
  std::unique_ptr<Signatures> signatures_;
  Tls12Records records_;
};

}  // namespace handfast::bench
