// The pre-shared key that a server takes (RFC 8446, section 4.2.11): of a session, or one from outside.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "crypto/cipher_suite.h"
#include "handshake/flow.h"
#include "handshake/server.h"
#include "schedule/secrets.h"
#include "schedule/transcript.h"
#include "session/session.h"
#include "wire/client_hello.h"

namespace handfast::handshake {

struct ServerPsk {
  explicit ServerPsk(schedule::EarlySecret secret) noexcept : early_secret(std::move(secret)) {}

  schedule::EarlySecret early_secret;
  const crypto::SuiteParts* suite = nullptr;  ///< that it fits: the one that was chosen, or another for its sake
  std::uint16_t selected_identity = 0;
  Buffer identity;  ///< as the client sent it: a second ClientHello has to repeat it
  schedule::PskKind kind{};
  wire::PskKeyExchangeMode mode = wire::PskKeyExchangeMode::psk_dhe_ke;
  /// Of a PSK of an earlier connection, and the moment when it arrives by the client's account of its ticket's age, in
  /// milliseconds since 1970.
  std::unique_ptr<session::Session> session;
  std::int64_t arrives = 0;
  EarlyData struck = EarlyData::peer_declined;  ///< what is known of its flight of early data, where there is one
};

/// Adds a ClientHello, which `message` is with its header, and gives the hash up to its binders (section 4.2.11.2),
/// which nobody needs where there are none.
crypto::Digest add_client_hello(schedule::Transcript& transcript, const wire::ClientHello& hello, Bytes message);

/// Takes the client's first session that may be resumed, else our first key from outside that it offers, after the
/// binder was verified; nothing where there is neither: then the handshake goes on in full. What is taken is told in
/// ConnectionInfo. `hello_hash` is add_client_hello's under the suite that was chosen. Fails with missing_extension;
/// decrypt_error, bad_psk for a wrong binder.
Flow<std::unique_ptr<ServerPsk>> choose_psk(ServerEngine& engine, const wire::ClientHello& hello, Bytes message,
                                            crypto::Digest hello_hash, const crypto::SuiteParts& suite);

/// The second ClientHello offers the PSK again, with a binder over both. Fails with missing_extension or
/// illegal_parameter, changed_hello where it is gone, and as choose_psk does.
Result<void> check_psk_again(ServerPsk& psk, const wire::ClientHello& second, const crypto::Digest& hello_hash);

/// Decides on early data, which the client has offered in its first ClientHello with its first PSK (section 4.2.10):
/// accepted, or why not. A session that was taken out of this process' store is good once; any other was held against
/// the strike register when its binder had been verified.
EarlyData consider_early_data(ServerEngine& engine, const wire::ClientHello& hello, const ServerPsk* psk);

}  // namespace handfast::handshake
