// What a client offers: its ClientHello, the first and the second (RFC 8446, section 4.1.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/session.h>
#include <handfast/types.h>

#include "crypto/cipher_suite.h"
#include "crypto/key_exchange.h"
#include "handshake/client.h"
#include "schedule/secrets.h"
#include "schedule/transcript.h"
#include "wire/client_hello.h"
#include "wire/extension.h"

namespace handfast::handshake {

/// A pre-shared key that is offered (RFC 8446, section 4.2.11).
struct ClientPsk {
  explicit ClientPsk(schedule::EarlySecret secret) noexcept : early_secret(std::move(secret)) {}

  schedule::EarlySecret early_secret;
  Buffer identity;
  std::uint32_t obfuscated_ticket_age = 0;
  schedule::PskKind kind{};
  const PreSharedKey* external = nullptr;  ///< null: it is the session's
};

/// What the second ClientHello repeats from the first, and what the answers are held against.
struct Offer {
  std::array<std::uint8_t, 32> random;
  Buffer legacy_session_id;                 ///< empty, or 32 bytes (RFC 8446, appendix D.4)
  std::vector<crypto::KeyExchange> shares;  ///< one a key_share entry
  Buffer cookie;                            ///< of the HelloRetryRequest
  wire::Grease grease;
  std::vector<ExtensionType> order;  ///< of the extensions
  wire::ExtensionSet extensions;     ///< what was offered; answers are held against it
  schedule::Transcript transcript;
  std::optional<SavedSession> session;  ///< that is offered, of either version
  std::vector<ClientPsk> psks;          ///< in TLS 1.3: the session's first
  bool early_data = false;              ///< goes with it
  bool sent_change_cipher_spec = false;
};

/// The first offer, with fresh random values and shares. Fails with internal_error.
Result<Offer> make_offer(ClientEngine& engine);

/// Writes the offer's ClientHello, adds it to the transcript and sends it. Where early data goes with it, it may be
/// sent from then on (section 4.2.10).
Result<void> send_client_hello(ClientEngine& engine, Offer& offer);
/// The change_cipher_spec of middlebox compatibility, where the config has it: once, before our second flight or behind
/// a hello with early data (appendix D.4).
void send_change_cipher_spec(ClientEngine& engine, Offer& offer);

// What the server answers is held against the offer, in whatever message it comes. That it answers only what was asked
// is wire::check_solicited's to say.

/// The suite that it chose. Fails with illegal_parameter, wrong_cipher_suite_selected for one that was not offered, or
/// is of another version than the one that was chosen.
Result<const crypto::SuiteParts*> accept_cipher_suite(ClientEngine& engine, CipherSuite suite);
/// The ALPN protocol that it selected. Fails with illegal_parameter, wrong_application_protocol.
Result<void> accept_application_protocol(ClientEngine& engine, Bytes protocol);
/// The types of certificate that it has chosen (RFC 7250, section 4.2). Where it says nothing, it shows certificates,
/// and wants them; in a resumed handshake nothing is shown. Fails with unsupported_certificate, wrong_certificate_type
/// for one that was not offered.
Result<void> accept_certificate_types(ClientEngine& engine, std::optional<CertificateType> server,
                                      std::optional<CertificateType> client);
/// Its record_size_limit: from here on both hold. Fails with illegal_parameter, bad_extension for one past the
/// protocol's own.
Result<void> accept_record_size_limit(ClientEngine& engine, std::uint16_t limit);

}  // namespace handfast::handshake
