// Reads and writes Certificate.
#include "wire/certificate.h"

#include "wire/handshake.h"

namespace handfast::wire {
namespace {

constexpr MessageKind kind = MessageKind::certificate;

bool read_extension(CertificateEntry& entry, const Extension& extension) noexcept {
  base::Reader r(extension.data);
  switch (extension.type) {
    case ExtensionType::status_request: entry.ocsp_response = CertificateStatus::read(r).ocsp_response; break;
    case ExtensionType::signed_certificate_timestamp:
      entry.signed_certificate_timestamp = List<Opaque16>::read_some(r, r.vector16());
      break;
    case ExtensionType::trust_anchors: entry.trust_anchors = true; break;
    default: return true;
  }
  return r.done();
}

/// Checks the next entry as CertificateEntry::read trusts it to be.
Result<> check_entry(base::Reader& r) {
  const Bytes cert_data = r.vector24();
  if (cert_data.empty()) return malformed(name(kind), "cert_data");
  const Bytes block = r.vector16();
  if (!r.ok()) return malformed(name(kind), "extensions");
  Result<Extensions> extensions = parse_extensions(block, kind);
  if (!extensions) return fail(std::move(extensions.error()));
  CertificateEntry entry;
  for (const Extension& extension : *extensions)
    if (!read_extension(entry, extension)) return bad_extension(kind, extension.type);
  return {};
}

}  // namespace

CertificateEntry CertificateEntry::read(base::Reader& r) noexcept {
  CertificateEntry entry;
  entry.cert_data = r.vector24();
  entry.extensions = Extensions::checked(r.vector16());
  for (const Extension& extension : entry.extensions) read_extension(entry, extension);
  return entry;
}

std::unexpected<Error> too_many_certificates(std::size_t max_entries) {
  return fail(Error(Alert::illegal_parameter, Reason::too_many_certificates)
                  .with("limit", static_cast<std::int64_t>(max_entries)));
}

Result<Certificate> parse_certificate(Bytes body, std::size_t max_entries) {
  Certificate message;
  base::Reader r(body);
  message.certificate_request_context = r.vector8();
  if (!r.ok()) return malformed(name(kind), "certificate_request_context");
  const Bytes list = r.vector24();
  if (!r.done()) return malformed(name(kind), "certificate_list");
  base::Reader entries(list);
  for (std::size_t count = 0; !entries.empty(); ++count) {
    if (count == max_entries) return too_many_certificates(max_entries);
    if (Result<> entry = check_entry(entries); !entry) return fail(std::move(entry.error()));
  }
  message.certificate_list = List<CertificateEntry>::read(r, list);
  return message;
}

Result<> write_certificate(Buffer& out, const CertificateFields& fields) {
  return write_message(out, HandshakeType::certificate, [&](base::Writer& w) {
    w.vector8(fields.certificate_request_context);
    auto certificate_list = w.length24();
    for (const Buffer& cert_data : fields.chain) {
      w.vector24(cert_data);
      auto extensions = w.length16();
      if (&cert_data != &fields.chain.front()) continue;
      if (!fields.ocsp_response.empty())
        write_extension(w, ExtensionType::status_request,
                        [&](base::Writer& to) { CertificateStatus{fields.ocsp_response}.write(to); });
      if (fields.trust_anchors) write_extension(w, {ExtensionType::trust_anchors, {}});
      if (!fields.signed_certificate_timestamp.empty())
        write_extension(w, {ExtensionType::signed_certificate_timestamp, fields.signed_certificate_timestamp});
    }
  });
}

}  // namespace handfast::wire
