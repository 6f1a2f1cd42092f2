// CertificateVerify and what is signed in it (RFC 8446, section 4.4.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

namespace handfast::wire {

/// Received (a view over the body) or to be written. TLS 1.2 has the same structure.
struct CertificateVerify {
  SignatureScheme algorithm{};  ///< not there before TLS 1.2 (RFC 4346, section 7.4.8)
  Bytes signature;
};

/// Fails with decode_error (evidence `message`, `field`).
[[nodiscard]] Result<CertificateVerify> parse_certificate_verify(Bytes body, ProtocolVersion version);
/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_certificate_verify(Buffer& out, const CertificateVerify& message, ProtocolVersion version);

/// What the signature of TLS 1.3 covers: 64 spaces, the context string of the side that signs, a zero byte and the
/// transcript hash (at most 64 bytes).
class SignedContent {
 public:
  SignedContent(Side signer, Bytes transcript_hash) noexcept;
  Bytes view() const& noexcept { return {bytes_.data(), size_}; }
  Bytes view() && = delete;

 private:
  std::array<std::uint8_t, 64 + 34 + 64> bytes_;
  std::size_t size_;
};

}  // namespace handfast::wire
