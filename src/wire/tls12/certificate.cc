// Reads and writes Certificate of TLS 1.2.
#include "wire/tls12/certificate.h"

#include "wire/certificate.h"
#include "wire/handshake.h"

namespace handfast::wire::tls12 {

ASN1Cert ASN1Cert::read(base::Reader& r) noexcept {
  const Bytes data = r.vector24();
  if (data.empty()) r.fail();
  return {data};
}

Result<Certificate> parse_certificate(Bytes body, std::size_t max_entries) {
  base::Reader r(body);
  Certificate message;
  message.certificate_list = List<ASN1Cert>::read(r, r.vector24());
  if (!r.done()) return malformed("certificate", "certificate_list");
  if (message.certificate_list.size() > max_entries) return too_many_certificates(max_entries);
  return message;
}

Result<> write_certificate(Buffer& out, std::span<const Buffer> chain) {
  return write_message(out, HandshakeType::certificate, [&](base::Writer& w) {
    auto certificate_list = w.length24();
    for (const Buffer& certificate : chain) w.vector24(certificate);
  });
}

Result<Bytes> parse_raw_public_key(Bytes body) {
  base::Reader r(body);
  const Bytes subject_public_key_info = r.vector24();
  if (!r.done()) return malformed("certificate", "ASN1_subjectPublicKeyInfo");
  return subject_public_key_info;
}

Result<> write_raw_public_key(Buffer& out, Bytes subject_public_key_info) {
  return write_message(out, HandshakeType::certificate, [&](base::Writer& w) { w.vector24(subject_public_key_info); });
}

}  // namespace handfast::wire::tls12
