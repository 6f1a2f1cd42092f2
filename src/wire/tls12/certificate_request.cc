// Reads and writes CertificateRequest of TLS 1.2.
#include "wire/tls12/certificate_request.h"

#include "wire/handshake.h"

namespace handfast::wire::tls12 {

Result<CertificateRequest> parse_certificate_request(Bytes body, ProtocolVersion version) {
  constexpr std::string_view message_name = "certificate_request";
  CertificateRequest message;
  base::Reader r(body);
  message.certificate_types = List<ClientCertificateType>::read_some(r, r.vector8());
  if (!r.ok()) return malformed(message_name, "certificate_types");
  if (version >= ProtocolVersion::tls1_2)
    message.supported_signature_algorithms = List<SignatureScheme>::read_some(r, r.vector16());
  if (!r.ok()) return malformed(message_name, "supported_signature_algorithms");
  message.certificate_authorities = List<Opaque16>::read(r, r.vector16());
  if (!r.done()) return malformed(message_name, "certificate_authorities");
  return message;
}

Result<> write_certificate_request(Buffer& out, const CertificateRequestFields& fields, ProtocolVersion version) {
  return write_message(out, HandshakeType::certificate_request, [&](base::Writer& w) {
    {
      auto certificate_types = w.length8();
      write_numbers(w, fields.certificate_types);
    }
    if (version >= ProtocolVersion::tls1_2) {
      auto supported_signature_algorithms = w.length16();
      write_numbers(w, fields.supported_signature_algorithms);
    }
    auto certificate_authorities = w.length16();
    for (const Buffer& distinguished_name : fields.certificate_authorities) w.vector16(distinguished_name);
  });
}

}  // namespace handfast::wire::tls12
