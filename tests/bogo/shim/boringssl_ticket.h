// Tickets in BoringSSL's format, which the runner opens, changes and seals again.
//
//   name[16] | IV[16] | SSL_SESSION in DER, padded and under AES-128-CBC | HMAC-SHA256 over all of it
//
//   SSL_SESSION ::= SEQUENCE {
//     version     INTEGER (1),
//     sslVersion  INTEGER,
//     cipher      OCTET STRING,  -- two octets
//     state       OCTET STRING }
//
// The runner knows no more than the first three. The last one holds what the engine has sealed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/session.h>

namespace handfast::bogo {

class BoringSslTickets final : public TicketSealer {
 public:
  /// name[16] | HMAC's key[16] | AES's key[16].
  static constexpr std::size_t key_size = 48;
  /// Throws Failure for a key of another size.
  explicit BoringSslTickets(Buffer key);

  std::optional<Buffer> seal(Bytes state, std::int64_t expires) noexcept override;
  /// The state with the version and the suite that stand in the ticket, whatever they are: the engine is to judge them.
  std::optional<Buffer> open(Bytes ticket) noexcept override;

 private:
  Buffer key_;
};

}  // namespace handfast::bogo
