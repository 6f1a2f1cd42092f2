// Reads and writes CertificateStatus.
#include "wire/tls12/certificate_status.h"

#include "wire/handshake.h"

namespace handfast::wire::tls12 {

Result<CertificateStatus> parse_certificate_status(Bytes body) {
  base::Reader r(body);
  const CertificateStatus message = CertificateStatus::read(r);
  if (!r.done()) return malformed("certificate_status", "ocsp_response");
  return message;
}

Result<> write_certificate_status(Buffer& out, const CertificateStatus& message) {
  return write_message(out, HandshakeType::certificate_status, [&](base::Writer& w) { message.write(w); });
}

}  // namespace handfast::wire::tls12
