#include "x509/crl.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "x509/der.h"
#include "x509/extensions.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/oid.h"
#include "x509/public_key.h"

namespace handfast::x509 {
namespace {

using der::Tag;

std::unexpected<Error> bad(std::string_view field) {
  return fail(Error(Alert::internal_error, Reason::bad_crl).with("field", std::string(field)));
}

/// An INTEGER from 0 on, without leading zeros (0 itself is one octet).
bool read_number(Bytes value, Bytes& out) noexcept {
  der::Reader reader(value);
  out = reader.integer();
  if (!reader.done() || out[0] >= 0x80) return false;
  if (out[0] == 0 && out.size() > 1) out = out.subspan(1);
  return true;
}

ExtensionResult parse_extension_of_list(const Extension& extension, CrlView& out) noexcept {
  if (oid::equal(extension.oid, oid::cRLNumber)) return processed_if(read_number(extension.value, out.crl_number));
  if (oid::equal(extension.oid, oid::deltaCRLIndicator))
    return processed_if(read_number(extension.value, out.delta_crl_indicator.emplace()));
  if (oid::equal(extension.oid, oid::issuingDistributionPoint)) {
    out.issuing_distribution_point = parse_issuing_distribution_point(extension.value);
    return processed_if(out.issuing_distribution_point.has_value());
  }
  if (oid::equal(extension.oid, oid::authorityKeyIdentifier)) {
    out.authority_key_identifier = extension.value;
    der::Reader reader(extension.value);
    reader.take(Tag::sequence);
    return processed_if(reader.done());
  }
  return ExtensionResult::unprocessed;
}

/// certificateIssuer: a directoryName among its GeneralNames (RFC 5280, section 5.3.3).
bool read_certificate_issuer(Bytes value, Bytes& out) noexcept {
  der::Reader reader(value);
  const Bytes names = reader.take(Tag::sequence);
  out = directory_name(names);
  return reader.done() && are_general_names(names) && !out.empty();
}

ExtensionResult parse_extension_of_entry(const Extension& extension, CrlEntry& out) noexcept {
  der::Reader reader(extension.value);
  if (oid::equal(extension.oid, oid::reasonCode)) {
    const std::optional<CRLReason> reason = parse_crl_reason(reader.take(Tag::enumerated));
    if (reason) out.reason = *reason;
    return processed_if(reason && reader.done());
  }
  if (oid::equal(extension.oid, oid::invalidityDate)) {
    if (!reader.next_is(Tag::generalized_time)) return ExtensionResult::malformed;
    out.invalidity_date = reader.time();
    return processed_if(reader.done());
  }
  if (oid::equal(extension.oid, oid::certificateIssuer))
    return processed_if(read_certificate_issuer(extension.value, out.certificate_issuer));
  return ExtensionResult::unprocessed;
}

Result<void> parse_tbs(der::Reader tbs, const AlgorithmIdentifier& outer, CrlView& out) {
  if (tbs.next_is(Tag::integer)) {  // v1 is said by its absence
    if (tbs.small_integer() != 1) return bad("version");
    out.version = 2;
  }
  if (!std::ranges::equal(tbs.element(Tag::sequence).whole, outer.der)) return bad("signature");
  out.issuer = tbs.element(Tag::sequence).whole;
  if (!is_name(out.issuer) || is_empty_name(out.issuer)) return bad("issuer");
  out.this_update = tbs.time();
  if (!tbs.ok()) return bad("thisUpdate");
  if (tbs.next_is(Tag::utc_time) || tbs.next_is(Tag::generalized_time)) out.next_update = tbs.time();
  if (!tbs.ok() || (out.next_update && *out.next_update < out.this_update)) return bad("nextUpdate");
  // An empty SEQUENCE, where it should be absent, says the same.
  if (tbs.next_is(Tag::sequence)) out.revoked_certificates = tbs.take(Tag::sequence);
  if (!tbs.ok()) return bad("revokedCertificates");
  if (tbs.next_is(der::context_constructed(0))) {
    der::Reader wrapped = tbs.enter(der::context_constructed(0));
    const Bytes extensions = wrapped.take(Tag::sequence);
    if (!wrapped.done() || out.version != 2) return bad("crlExtensions");
    ExtensionReader reader(extensions);
    if (!reader.read([&out](const Extension& extension) { return parse_extension_of_list(extension, out); }))
      return bad(reader.fault());
    out.unknown_critical = reader.unknown_critical();
  }
  if (!tbs.done()) return bad("tbsCertList");
  return {};
}

Result<void> parse_crl(Bytes der, CrlView& out) {
  out.der = der;
  der::Reader input(der);
  der::Reader list = input.enter(Tag::sequence);
  if (!input.done()) return bad("certificateList");
  const der::Element tbs = list.element(Tag::sequence);
  if (!list.ok()) return bad("tbsCertList");
  out.tbs = tbs.whole;
  if (!parse_algorithm(list.element(Tag::sequence).whole, out.signature_algorithm)) return bad("signatureAlgorithm");
  out.signature = list.octets_in_bit_string();
  if (!list.done()) return bad("signatureValue");
  return parse_tbs(der::Reader(tbs.content), out.signature_algorithm, out);
}

/// FNV-1a from the hash of the issuer's name on; folded so that the serial number's last octets reach all bits.
std::uint32_t hash_entry(std::uint64_t issuer_hash, Bytes serial_number) noexcept {
  std::uint64_t hash = issuer_hash;
  for (std::uint8_t octet : serial_number) hash = (hash ^ octet) * 0x100000001b3;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15;
  return static_cast<std::uint32_t>(hash >> 32);
}

constexpr std::uint32_t hash_of(std::uint64_t slot) noexcept { return static_cast<std::uint32_t>(slot >> 32); }
constexpr std::uint32_t place_of(std::uint64_t slot) noexcept { return static_cast<std::uint32_t>(slot); }

}  // namespace

bool read_crl_entry(Bytes& rest, CrlEntry& out) noexcept {
  if (rest.empty()) return false;
  der::Reader reader(rest);
  der::Reader fields = reader.enter(Tag::sequence);
  out = {};
  out.serial_number = fields.integer();
  out.revocation_date = fields.time();
  if (fields.next_is(Tag::sequence)) {
    out.extensions = fields.take(Tag::sequence);
    ExtensionReader extensions(out.extensions);
    if (!extensions.read([&out](const Extension& extension) { return parse_extension_of_entry(extension, out); }))
      return false;
    out.unknown_critical = extensions.unknown_critical();
  }
  if (!fields.done()) return false;
  rest = reader.peek();
  return true;
}

bool is_lower_number(Bytes a, Bytes b) noexcept {
  return a.size() != b.size() ? a.size() < b.size() : std::ranges::lexicographical_compare(a, b);
}

Result<Crl> Crl::parse(Buffer der) {
  if (der.size() > max_crl_size) return bad("certificateList, too long");
  Crl crl;
  crl.der_ = std::move(der);
  if (Result<void> parsed = parse_crl(crl.der_, crl.view_); !parsed) return fail(std::move(parsed.error()));
  if (Result<void> indexed = crl.build_index(); !indexed) return fail(std::move(indexed.error()));
  return crl;
}

Result<void> Crl::build_index() {
  const Bytes entries = view_.revoked_certificates;
  const bool indirect = view_.issuing_distribution_point && view_.issuing_distribution_point->indirect_crl;
  std::uint64_t issuer_hash = hash_name(view_.issuer);
  CrlEntry entry;
  for (Bytes rest = entries; !rest.empty();) {
    const auto place = static_cast<std::uint32_t>(entries.size() - rest.size());
    const std::size_t left = rest.size();
    if (!read_crl_entry(rest, entry)) return bad("revokedCertificates");
    // A first guess at their number: entries are mostly of one length.
    if (index_.empty()) index_.reserve(entries.size() / (left - rest.size()) + 1);
    if (!entry.extensions.empty() && view_.version != 2) return bad("crlEntryExtensions");
    if (view_.unknown_critical.empty()) view_.unknown_critical = entry.unknown_critical;
    if (!entry.certificate_issuer.empty()) {
      if (!indirect) return bad("certificateIssuer");
      issuer_hash = hash_name(entry.certificate_issuer);
      issuer_changes_.push_back({place, entry.certificate_issuer});
    }
    index_.push_back(std::uint64_t{hash_entry(issuer_hash, entry.serial_number)} << 32 | place);
  }
  index_.shrink_to_fit();
  std::ranges::sort(index_);
  for (std::size_t i = max_equal_entries; i < index_.size(); ++i)
    if (hash_of(index_[i]) == hash_of(index_[i - max_equal_entries])) return bad("revokedCertificates, too many equal");
  return {};
}

Bytes Crl::issuer_at(std::uint32_t place) const noexcept {
  const auto after = std::ranges::upper_bound(issuer_changes_, place, {}, &IssuerChange::place);
  return after == issuer_changes_.begin() ? view_.issuer : std::prev(after)->issuer;
}

std::span<const std::uint64_t> Crl::places(Bytes issuer, Bytes serial_number) const noexcept {
  return std::ranges::equal_range(index_, hash_entry(hash_name(issuer), serial_number), {}, hash_of);
}

std::optional<CrlEntry> Crl::find(Bytes issuer, Bytes serial_number) const noexcept {
  std::optional<CrlEntry> found;
  for (const std::uint64_t slot : places(issuer, serial_number)) {
    Bytes rest = view_.revoked_certificates.subspan(place_of(slot));
    CrlEntry entry;
    if (!read_crl_entry(rest, entry) || !std::ranges::equal(entry.serial_number, serial_number) ||
        !equal_names(issuer_at(place_of(slot)), issuer))
      continue;
    if (entry.reason != CRLReason::removeFromCRL) return entry;
    found = entry;
  }
  return found;
}

}  // namespace handfast::x509
