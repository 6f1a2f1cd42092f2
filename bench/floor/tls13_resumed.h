// The floor of a resumed handshake of TLS 1.3, with a fresh key exchange.
#pragma once

#include <cstddef>
#include <memory>

#include <handfast/bytes.h>

#include "floor/aead.h"
#include "floor/floor.h"
#include "floor/keys.h"
#include "floor/sha256.h"
#include "floor/ticket.h"

namespace handfast::bench {

/// psk_dhe_ke (RFC 8446, section 2.2): a ticket opened, its binder, the key exchange, both Finished, and one new
/// ticket. One record each way, and one that holds the ticket.
class Tls13ResumedFloor final : public Floor {
 public:
  Tls13ResumedFloor(const Case& which, Messages messages);

  void client() override;
  void server() override;

 private:
  /// ClientHello is hashed once; the binder covers what stands before the binders.
  Block32 hash_hello(Sha256& transcript) const;
  Buffer sealed(Bytes content);
  void seal(Bytes content);
  /// Opens a copy, which `scratch_` then holds.
  void open(Bytes sealed_content);

  Messages messages_;
  std::size_t truncated_hello_;
  Buffer flight_;  ///< EncryptedExtensions and Finished: the content of the server's record
  Buffer finished_;
  Buffer new_ticket_;
  AesGcm aead_;
  Buffer scratch_;
  Buffer sealed_flight_;  ///< the same as records' content, under `record_key`
  Buffer sealed_finished_;
  Buffer sealed_new_ticket_;
  TicketSealing ticket_;
  std::unique_ptr<KeyExchange> key_exchange_;
};

}  // namespace handfast::bench
