#include "x509/certificate.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "x509/der.h"
#include "x509/extensions.h"
#include "x509/name.h"
#include "x509/oid.h"
#include "x509/public_key.h"

namespace handfast::x509 {
namespace {

using der::Tag;

std::unexpected<Error> bad(std::string_view field) {
  return fail(Error(Alert::bad_certificate, Reason::bad_certificate).with("field", std::string(field)));
}

Result<void> parse_extensions(CertificateView& out) {
  ExtensionReader reader(out.extensions);
  if (!reader.read([&out](const Extension& extension) { return parse_extension(extension, out); }))
    return bad(reader.fault());
  out.unknown_critical = reader.unknown_critical();
  return {};
}

Result<void> parse_tbs(der::Reader tbs, const AlgorithmIdentifier& outer, CertificateView& out) {
  if (tbs.next_is(der::context_constructed(0))) {
    der::Reader version = tbs.enter(der::context_constructed(0));
    std::uint32_t number = version.small_integer();
    // v1 is the DEFAULT, which DER leaves out.
    if (!version.done() || number < 1 || number > 2) return bad("version");
    out.version = number + 1;
  }
  out.serial_number = tbs.integer();
  if (!tbs.ok()) return bad("serialNumber");
  if (!std::ranges::equal(tbs.element(Tag::sequence).whole, outer.der)) return bad("signature");
  out.issuer = tbs.element(Tag::sequence).whole;
  if (!is_name(out.issuer)) return bad("issuer");
  der::Reader validity = tbs.enter(Tag::sequence);
  out.validity = validity.peek();
  out.not_before = validity.time();
  out.not_after = validity.time();
  if (!validity.done()) return bad("validity");
  out.subject = tbs.element(Tag::sequence).whole;
  if (!is_name(out.subject)) return bad("subject");
  if (!parse_public_key(tbs.element(Tag::sequence).whole, out.public_key)) return bad("subjectPublicKeyInfo");
  for (unsigned unique_id : {1u, 2u}) {
    Tag tag = der::context(unique_id);
    if (!tbs.next_is(tag)) continue;
    if (out.version < 2 || tbs.take(tag).empty()) return bad(unique_id == 1 ? "issuerUniqueID" : "subjectUniqueID");
    out.has_unique_identifier = true;
  }
  if (tbs.next_is(der::context_constructed(3))) {
    der::Reader wrapped = tbs.enter(der::context_constructed(3));
    out.extensions = wrapped.take(Tag::sequence);
    if (!wrapped.done() || out.version != 3) return bad("extensions");
    if (Result<void> parsed = parse_extensions(out); !parsed) return parsed;
  }
  if (!tbs.done()) return bad("tbsCertificate");
  return {};
}

}  // namespace

bool CertificateView::self_issued() const noexcept { return equal_names(subject, issuer); }

Result<CertificateView> parse_certificate(Bytes der) {
  CertificateView out;
  out.der = der;
  der::Reader input(der);
  der::Reader certificate = input.enter(Tag::sequence);
  if (!input.done()) return bad("certificate");
  der::Element tbs = certificate.element(Tag::sequence);
  if (!certificate.ok()) return bad("tbsCertificate");
  out.tbs = tbs.whole;
  if (!parse_algorithm(certificate.element(Tag::sequence).whole, out.signature_algorithm))
    return bad("signatureAlgorithm");
  out.signature = certificate.octets_in_bit_string();
  if (!certificate.done()) return bad("signatureValue");
  if (Result<void> parsed = parse_tbs(der::Reader(tbs.content), out.signature_algorithm, out); !parsed)
    return fail(std::move(parsed.error()));
  return out;
}

Result<Certificate> Certificate::parse(Bytes der) {
  auto content = std::make_shared<Content>();
  content->der.assign(der.begin(), der.end());
  Result<CertificateView> view = parse_certificate(content->der);
  if (!view) return fail(std::move(view.error()));
  content->view = *view;
  return Certificate(std::move(content));
}

bool operator==(const Certificate& a, const Certificate& b) noexcept {
  return a.content_ == b.content_ || std::ranges::equal(a.der(), b.der());
}

std::string oid_text(Bytes oid) {
  std::string text;
  std::uint64_t arc = 0;
  for (std::uint8_t octet : oid) {
    if (arc >> 56) return text + ".?";  // wider than any that is registered
    arc = arc << 7 | (octet & 0x7f);
    if (octet >= 0x80) continue;
    if (text.empty()) {  // the first octets hold two arcs
      std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
      text = fmt::format("{}.{}", first, arc - first * 40);
    } else {
      text += fmt::format(".{}", arc);
    }
    arc = 0;
  }
  return text;
}

std::string time_text(std::int64_t seconds) {
  using namespace std::chrono;
  sys_seconds time{std::chrono::seconds(seconds)};
  sys_days day = floor<days>(time);
  year_month_day date(day);
  hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace handfast::x509
