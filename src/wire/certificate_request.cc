// Reads and writes CertificateRequest.
#include "wire/certificate_request.h"

#include "wire/handshake.h"

namespace handfast::wire {
namespace {

bool read_extension(CertificateRequest& message, const Extension& extension) noexcept {
  base::Reader r(extension.data);
  switch (extension.type) {
    case ExtensionType::signature_algorithms:
      message.signature_algorithms = List<SignatureScheme>::read_some(r, r.vector16());
      break;
    case ExtensionType::signature_algorithms_cert:
      message.signature_algorithms_cert = List<SignatureScheme>::read_some(r, r.vector16());
      break;
    case ExtensionType::certificate_authorities:
      message.certificate_authorities = List<Opaque16>::read_some(r, r.vector16());
      break;
    case ExtensionType::oid_filters: message.oid_filters = List<OidFilter>::read(r, r.vector16()); break;
    case ExtensionType::status_request: message.status_request = true; break;
    case ExtensionType::signed_certificate_timestamp: message.signed_certificate_timestamp = true; break;
    default: return true;
  }
  return r.done();
}

}  // namespace

OidFilter OidFilter::read(base::Reader& r) noexcept {
  const Bytes oid = r.vector8();
  if (oid.empty()) r.fail();
  return {oid, r.vector16()};
}

Result<CertificateRequest> parse_certificate_request(Bytes body) {
  constexpr MessageKind kind = MessageKind::certificate_request;
  CertificateRequest message;
  base::Reader r(body);
  message.certificate_request_context = r.vector8();
  if (!r.ok()) return malformed(name(kind), "certificate_request_context");
  const Bytes block = r.vector16();
  if (!r.done() || block.empty()) return malformed(name(kind), "extensions");
  Result<Extensions> extensions = parse_extensions(block, kind);
  if (!extensions) return fail(std::move(extensions.error()));
  message.extensions = *extensions;
  for (const Extension& extension : message.extensions)
    if (!read_extension(message, extension)) return bad_extension(kind, extension.type);
  if (message.signature_algorithms.empty()) return missing_extension(kind, ExtensionType::signature_algorithms);
  return message;
}

Result<ExtensionSet> write_certificate_request(Buffer& out, const CertificateRequestFields& fields) {
  ExtensionSet asked;
  Result<> written = write_message(out, HandshakeType::certificate_request, [&](base::Writer& w) {
    w.vector8(fields.certificate_request_context);
    auto extensions = w.length16();
    auto write_schemes = [&](ExtensionType type, std::span<const SignatureScheme> schemes) {
      write_extension(w, type, [&](base::Writer& to) {
        auto list = to.length16();
        write_numbers(to, schemes);
      });
      asked.add(type);
    };
    write_schemes(ExtensionType::signature_algorithms, fields.signature_algorithms);
    if (!fields.signature_algorithms_cert.empty())
      write_schemes(ExtensionType::signature_algorithms_cert, fields.signature_algorithms_cert);
    if (!fields.certificate_authorities.empty()) {
      write_extension(w, ExtensionType::certificate_authorities, [&](base::Writer& to) {
        auto list = to.length16();
        for (const Buffer& name : fields.certificate_authorities) to.vector16(name);
      });
      asked.add(ExtensionType::certificate_authorities);
    }
    for (const Extension& extension : fields.others) {
      write_extension(w, extension);
      asked.add(extension.type);
    }
  });
  if (!written) return fail(std::move(written.error()));
  return asked;
}

}  // namespace handfast::wire
