// The messages of TLS 1.3 behind its hellos, and those that all versions share, taken apart.
#include <fmt/format.h>

#include <handfast/trust.h>

#include "doctor/certificate.h"
#include "doctor/dissect/extensions.h"
#include "doctor/dissect/messages.h"
#include "x509/public_key.h"

namespace handfast::doctor::dissection {
namespace {

/// Whose it is, in a line; all that stands in it is another command's to tell.
std::string certificate_text(Bytes der) {
  // Where the two agreed on it (RFC 7250): no certificate can be read so.
  if (x509::SubjectPublicKeyInfo key; x509::parse_public_key(der, key))
    return fmt::format("a raw public key, {}, {}", key_text(key), SpkiPin::of(der).text());
  const CertificateSummary summary = summarize(der);
  if (!summary.problem.empty()) return "cannot be read: " + summary.problem;
  return fmt::format("{} from {}, {}", summary.subject.empty() ? "(no subject)" : summary.subject, summary.issuer,
                     summary.key);
}

std::string age_add(std::uint64_t n) { return fmt::format("0x{:08x}", n); }

}  // namespace

void encrypted_extensions(Dissector& d) { extensions(d, wire::MessageKind::encrypted_extensions); }

void certificate_request(Dissector& d) {
  d.opaque_vector("certificate_request_context", 1);
  extensions(d, wire::MessageKind::certificate_request);
}

void cert_data(Dissector& d) { d.opaque_vector("cert_data", 3, certificate_text); }
void raw_public_key(Dissector& d) { d.opaque_vector("ASN1_subjectPublicKeyInfo", 3, certificate_text); }

void certificate(Dissector& d) {
  d.opaque_vector("certificate_request_context", 1);
  d.list("certificate_list", 3, "CertificateEntry", [](Dissector& entry) {
    cert_data(entry);
    extensions(entry, wire::MessageKind::certificate);
  });
}

void compressed_certificate(Dissector& d) {
  d.number("algorithm", 2, certificate_compression);
  d.number("uncompressed_length", 3, byte_count);
  d.opaque_vector("compressed_certificate_message", 3);
}

void certificate_verify(Dissector& d) {
  d.number("algorithm", 2, signature_scheme);
  d.opaque_vector("signature", 2);
}

void finished(Dissector& d) { d.rest("verify_data"); }

void new_session_ticket(Dissector& d) {
  d.number("ticket_lifetime", 4, seconds);
  d.number("ticket_age_add", 4, age_add);
  d.opaque_vector("ticket_nonce", 1);
  d.opaque_vector("ticket", 2);
  extensions(d, wire::MessageKind::new_session_ticket);
}

void key_update(Dissector& d) { d.number("request_update", 1, key_update_request); }

void empty_message(Dissector&) {}

}  // namespace handfast::doctor::dissection
