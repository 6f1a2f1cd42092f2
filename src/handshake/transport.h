// What a flow speaks to: TLS records today, QUIC's CRYPTO frames tomorrow.
#pragma once

#include <cstdint>
#include <string>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/trace.h>
#include <handfast/types.h>

#include "crypto/cipher_suite.h"
#include "schedule/secrets.h"

namespace handfast::handshake {

/// Carries handshake messages at a Level and is told of secrets (compare RFC 9001, section 4.1.3).
class Transport {
 public:
  virtual ~Transport() = default;

  /// Queues a whole message, sent under the keys of that level.
  virtual void send(Level level, Bytes message) = 0;
  /// From here on what is sent or received is protected with that secret. For `received` it fails with
  /// unexpected_message, excess_handshake_data where bytes of the level before are left over (RFC 8446, section 5.1).
  virtual Result<void> install(Direction direction, Level level, const crypto::SuiteParts& suite,
                               const schedule::TrafficSecret& secret) = 0;
  /// The same for keys of TLS 1.2: all that is protected there is at Level::application.
  virtual Result<void> install(Direction direction, const crypto::SuiteParts& suite,
                               schedule::tls12::RecordKeys keys) = 0;
  /// The secret that protects application data in that direction now: KeyUpdates change it.
  virtual const schedule::TrafficSecret& application_secret(Direction direction) const = 0;
  /// A change_cipher_spec: in TLS 1.2 before new keys; in TLS 1.3 the one of middlebox compatibility (RFC 8446,
  /// appendix D.4), where the transport has such.
  virtual void send_change_cipher_spec() = 0;
  /// Fails with unexpected_message, excess_handshake_data where the peer has sent more than the flight that it must
  /// wait for an answer to.
  virtual Result<void> check_flight_end() const = 0;

  // Application data never passes through a flow: the flow says what the data path may do, and the transport does it.

  /// Application data may pass in that direction from now on; sending before receiving is half-RTT data.
  virtual void open(Direction direction) = 0;
  /// At most that many bytes of early data may pass in that direction from now on, under the early keys that were
  /// installed: until a client is told what has become of it, or a server installs the next keys (section 4.2.10).
  /// `application_protocol` is that of the session, which the data is in.
  virtual void open_early_data(Direction direction, std::uint32_t limit, const std::string& application_protocol) = 0;
  /// A client's was accepted: nothing more of it is sent, and what was sent is forgotten.
  virtual void early_data_accepted() = 0;
  /// A client's was not: nothing more of it is sent. What is sent before the next keys is in the clear again.
  virtual void early_data_rejected() = 0;
  /// Early data that was offered and is not accepted is dropped, within its limit (RFC 8446, section 4.2.10): so many
  /// bytes were allowed to the client.
  virtual void skip_early_data(std::uint32_t allowed) = 0;
  /// A record_size_limit that was negotiated (RFC 8449), content type included: the peer's for what is sent, ours for
  /// what is received. It holds for protected records.
  virtual void limit_records(Direction direction, std::uint16_t record_size_limit) = 0;
};

}  // namespace handfast::handshake
