// Reads and writes CertificateVerify, and builds what it signs.
#include "wire/certificate_verify.h"

#include <algorithm>
#include <cassert>
#include <string_view>

#include "base/copy.h"
#include "base/reader.h"
#include "wire/handshake.h"

namespace handfast::wire {

Result<CertificateVerify> parse_certificate_verify(Bytes body, ProtocolVersion version) {
  CertificateVerify message;
  base::Reader r(body);
  if (version >= ProtocolVersion::tls1_2) message.algorithm = SignatureScheme{r.u16()};
  if (!r.ok()) return malformed("certificate_verify", "algorithm");
  message.signature = r.vector16();
  if (!r.done()) return malformed("certificate_verify", "signature");
  return message;
}

Result<> write_certificate_verify(Buffer& out, const CertificateVerify& message, ProtocolVersion version) {
  return write_message(out, HandshakeType::certificate_verify, [&](base::Writer& w) {
    if (version >= ProtocolVersion::tls1_2) w.u16(static_cast<std::uint16_t>(message.algorithm));
    w.vector16(message.signature);
  });
}

SignedContent::SignedContent(Side signer, Bytes transcript_hash) noexcept {
  assert(transcript_hash.size() <= 64);
  using namespace std::string_view_literals;
  const std::string_view context =
      signer == Side::server ? "TLS 1.3, server CertificateVerify\0"sv : "TLS 1.3, client CertificateVerify\0"sv;
  const auto end = std::fill_n(bytes_.begin(), 64, std::uint8_t{' '});
  MutableBytes rest = base::copy(as_bytes(context), {end, bytes_.end()});
  rest = base::copy(transcript_hash, rest);
  size_ = bytes_.size() - rest.size();
}

}  // namespace handfast::wire
