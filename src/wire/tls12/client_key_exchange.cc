// Reads and writes ClientKeyExchange.
#include "wire/tls12/client_key_exchange.h"

#include "base/reader.h"
#include "wire/handshake.h"

namespace handfast::wire::tls12 {

Result<ClientKeyExchange> parse_client_key_exchange(Bytes body) {
  base::Reader r(body);
  const ClientKeyExchange message{r.vector8()};
  if (!r.done() || message.ecdh_Yc.empty()) return malformed("client_key_exchange", "ecdh_Yc");
  return message;
}

Result<> write_client_key_exchange(Buffer& out, const ClientKeyExchange& message) {
  return write_message(out, HandshakeType::client_key_exchange, [&](base::Writer& w) { w.vector8(message.ecdh_Yc); });
}

Result<EncryptedPreMasterSecret> parse_encrypted_pre_master_secret(Bytes body) {
  base::Reader r(body);
  const EncryptedPreMasterSecret message{r.vector16()};
  if (!r.done()) return malformed("client_key_exchange", "encrypted_pre_master_secret");
  return message;
}

Result<> write_encrypted_pre_master_secret(Buffer& out, const EncryptedPreMasterSecret& message) {
  return write_message(out, HandshakeType::client_key_exchange,
                       [&](base::Writer& w) { w.vector16(message.pre_master_secret); });
}

}  // namespace handfast::wire::tls12
