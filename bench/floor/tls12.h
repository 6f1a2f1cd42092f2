// The floor of a handshake of TLS 1.2.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <handfast/bytes.h>

#include "floor/aead.h"
#include "floor/floor.h"
#include "floor/keys.h"
#include "floor/sha256.h"

namespace handfast::bench {

/// With the extended master secret (RFC 7627): what RFC 5246 has in sections 6.3, 7.4.3, 7.4.9 and 8.1, and the records
/// of both Finished.
class Tls12Floor final : public Floor {
 public:
  Tls12Floor(const Case& which, const Chain& chain, Messages messages);

  void client() override;
  void server() override;

 private:
  class Schedule;

  /// What ServerKeyExchange signs (section 7.4.3), hashed.
  Block32 signed_digest() const;
  void seal_finished(Bytes finished);
  /// Opens what the peer has sealed and looks at its verify_data.
  void open_finished(Bytes expected);

  Messages messages_;
  Buffer leaf_;
  Buffer intermediate_;
  std::array<std::uint8_t, 64> randoms_;  ///< the client's, the server's
  Bytes params_;                          ///< ServerECDHParams
  Bytes signature_;
  Buffer sealed_finished_;  ///< as a record's content, under `record_key`
  std::unique_ptr<KeyExchange> key_exchange_;
  std::unique_ptr<Signatures> signatures_;
  AesGcm aead_;
  Buffer scratch_;
};

}  // namespace handfast::bench
