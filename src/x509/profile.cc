// Profile::strict: what RFC 5280 and the web PKI (CA/Browser Forum, Baseline Requirements) ask of certificates and
// verifiers at large do not insist on.
#include <algorithm>
#include <string>
#include <string_view>

#include "x509/ascii.h"
#include "x509/checks.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/name_constraints.h"
#include "x509/oid.h"

namespace handfast::x509 {
namespace {

/// What breaks a rule: the field and the rule, or nothing.
struct Breach {
  std::string_view field;
  std::string_view rule;
};
using Finding = std::optional<Breach>;

bool is_critical(const CertificateView& view, Bytes oid) noexcept {
  std::optional<Extension> extension = find_extension(view, oid);
  return extension && extension->critical;
}

Finding fields(const Place& place) {
  const CertificateView& view = place.view();
  if (view.version != 3) return Breach{"version", "is 3 (RFC 5280, section 4.1.2.1)"};
  Bytes serial = view.serial_number;
  bool positive = serial[0] < 0x80 && !(serial.size() == 1 && serial[0] == 0);
  // Roots of the nineties and noughties have zeros, and stay.
  if (!positive && place.anchor == nullptr) return Breach{"serialNumber", "is positive (RFC 5280, section 4.1.2.2)"};
  if (serial.size() > 20) return Breach{"serialNumber", "has at most 20 octets (RFC 5280, section 4.1.2.2)"};
  constexpr std::int64_t year_2050 = 2524608000;
  for (der::Reader times(view.validity); !times.empty();)
    if (bool generalized = times.next_is(der::Tag::generalized_time); times.time() < year_2050 && generalized)
      return Breach{"validity", "is UTCTime up to 2049 (RFC 5280, section 4.1.2.5)"};
  bool rsa = view.public_key.type == crypto::KeyType::rsa || view.public_key.type == crypto::KeyType::rsa_pss;
  if (rsa && view.public_key.bits % 8 != 0)
    return Breach{"subjectPublicKeyInfo", "an RSA modulus has whole octets (BR, section 6.1.5)"};
  if (view.has_unique_identifier)
    return Breach{"uniqueIdentifier", "stands in no certificate (RFC 5280, section 4.1.2.8)"};
  if (!is_well_encoded(view.subject) && place.anchor == nullptr)
    return Breach{"subject", "is made of the characters of its string types (RFC 5280, section 4.1.2.4)"};
  // A path ends at the anchor's key, so nobody looks at its signature; a root that has to be strict has a good one.
  if (place.anchor != nullptr && !signature_algorithm(view.signature_algorithm))
    return Breach{"signatureAlgorithm", "is one of the web PKI's (BR, section 7.1.3.2)"};
  return {};
}

Finding key_identifiers(const Place& place) {
  const CertificateView& view = place.view();
  if (view.is_ca() && !view.subject_key_identifier)
    return Breach{"subjectKeyIdentifier", "stands in every CA certificate (RFC 5280, section 4.2.1.2)"};
  bool root = place.anchor != nullptr && view.self_issued();
  if (!root) {
    if (!view.authority_key_id.empty()) return {};
    return Breach{"authorityKeyIdentifier", "has the issuer's keyIdentifier (RFC 5280, section 4.2.1.1)"};
  }
  if (!view.authority_key_identifier) return {};
  bool own = view.subject_key_identifier && std::ranges::equal(view.authority_key_id, *view.subject_key_identifier);
  if (!own) return Breach{"authorityKeyIdentifier", "of a root is its subjectKeyIdentifier (BR, section 7.1.2.1.3)"};
  der::Reader reader(*view.authority_key_identifier);
  reader.take(der::context(0));
  if (!reader.done())
    return Breach{"authorityKeyIdentifier", "of a root names no issuer and serial number (BR, section 7.1.2.1.3)"};
  return {};
}

Finding constraints(const Place& place) {
  const CertificateView& view = place.view();
  if (view.is_ca() && !is_critical(view, oid::basicConstraints))
    return Breach{"basicConstraints", "of a CA is critical (RFC 5280, section 4.2.1.9)"};
  if (!view.is_ca() && view.basic_constraints && view.basic_constraints->path_len_constraint)
    return Breach{"basicConstraints", "a pathLenConstraint is for CAs (RFC 5280, section 4.2.1.9)"};
  if (view.name_constraints && !view.is_ca())
    return Breach{"nameConstraints", "is for CAs (RFC 5280, section 4.2.1.10)"};
  // Critical by RFC 5280, and not necessarily so by the web PKI (BR, section 7.1.2.5.2), whose rule is taken.
  if (view.name_constraints && !are_well_written(*view.name_constraints))
    return Breach{"nameConstraints", "has names, hosts and domains as subtrees (RFC 5280, section 4.2.1.10)"};
  if (view.policy_constraints && !is_critical(view, oid::policyConstraints))
    return Breach{"policyConstraints", "is critical (RFC 5280, section 4.2.1.11)"};
  if (view.inhibit_any_policy && !is_critical(view, oid::inhibitAnyPolicy))
    return Breach{"inhibitAnyPolicy", "is critical (RFC 5280, section 4.2.1.14)"};
  return {};
}

Finding usages(const Place& place) {
  const CertificateView& view = place.view();
  if (view.key_usage && std::to_underlying(*view.key_usage) == 0)
    return Breach{"keyUsage", "has at least one bit (RFC 5280, section 4.2.1.3)"};
  if (view.is_ca() && !view.key_usage)
    return Breach{"keyUsage", "stands in every CA certificate (RFC 5280, section 4.2.1.3)"};
  if (!view.is_ca() && view.key_usage && contains(*view.key_usage, KeyUsage::keyCertSign))
    return Breach{"keyUsage", "keyCertSign is for CAs (RFC 5280, section 4.2.1.9)"};
  if (!view.extended_key_usage) return {};
  if (place.anchor != nullptr && view.self_issued())
    return Breach{"extKeyUsage", "stands in no root (BR, section 7.1.2.1.2)"};
  if (!place.below.empty()) return {};
  if (is_critical(view, oid::extKeyUsage))
    return Breach{"extKeyUsage", "of a server is not critical (BR, section 7.1.2.7.6)"};
  der::Reader purposes(*view.extended_key_usage);
  while (!purposes.empty())
    if (oid::equal(purposes.object_identifier(), oid::anyExtendedKeyUsage))
      return Breach{"extKeyUsage", "of a server is not anyExtendedKeyUsage (BR, section 7.1.2.7.10)"};
  return {};
}

/// "*.example.com" or "example.com", in letters, digits and hyphens.
bool is_preferred_name(std::string_view name) noexcept {
  bool wildcard = name.starts_with("*.");
  if (wildcard) name.remove_prefix(2);
  if (wildcard && name.find('.') == std::string_view::npos) return false;
  return is_host_name(name) && name.find('_') == std::string_view::npos;
}

Finding names_of_leaf(const Place& place) {
  const CertificateView& view = place.view();
  if (!place.below.empty() || !view.subject_alt_name) return {};
  if (is_critical(view, oid::subjectAltName) != is_empty_name(view.subject))
    return Breach{"subjectAltName",
                  "is critical where the subject is empty, and nowhere else (BR, section 7.1.2.7.12)"};
  Bytes rest = *view.subject_alt_name;
  for (GeneralName name; read_general_name(rest, name);)
    if (name.type == GeneralNameType::dNSName && !is_preferred_name(as_text(name.value)))
      return Breach{"subjectAltName", "a dNSName is in the preferred name syntax (RFC 5280, section 4.2.1.6)"};
  return {};
}

std::string_view take_part(std::string_view& text) noexcept {
  std::string_view part = text.substr(0, text.find('.'));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

/// Whether a text is an address that inet_aton would take, and ServerName not: "192.000.002.001", "0xC0000201".
bool is_odd_address(std::string_view text) noexcept {
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view hexadecimal = "0123456789abcdefABCDEF";
  std::size_t parts = 0;
  bool odd = false;
  for (std::string_view rest = text; !rest.empty(); ++parts) {
    std::string_view part = take_part(rest);
    bool hex = part.starts_with("0x") || part.starts_with("0X");
    if (part.find_first_not_of(hex ? hexadecimal : digits, hex ? 2 : 0) != std::string_view::npos) return false;
    odd = odd || hex || (part.size() > 1 && part.starts_with('0'));
  }
  return odd && (parts == 4 || text.starts_with("0x") || text.starts_with("0X"));
}

/// Whether `text` has a label in letters beyond ASCII where `name` has an A-label ("xn--"), and else is the same.
bool is_in_u_labels(std::string_view text, std::string_view name) noexcept {
  bool differs = false;
  while (!text.empty() && !name.empty()) {
    std::string_view label = take_part(text);
    std::string_view other = take_part(name);
    if (equal_without_case(label, other)) continue;
    bool beyond = std::ranges::any_of(label, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (!beyond || !other.starts_with("xn--")) return false;
    differs = true;
  }
  return differs && text.empty() && name.empty();
}

/// Whether a commonName is one of the certificate's own names, or an address, otherwise written.
bool is_miswritten(std::string_view common_name, const CertificateView& view) {
  Bytes rest = *view.subject_alt_name;
  bool miswritten = false;
  for (GeneralName name; read_general_name(rest, name);) {
    std::string_view entry = as_text(name.value);
    if (name.type != GeneralNameType::dNSName) continue;
    if (common_name == entry) return false;
    miswritten = miswritten || equal_without_case(common_name, entry) || is_in_u_labels(common_name, entry);
  }
  Result<ServerName> server = ServerName::parse(common_name);
  return miswritten || is_odd_address(common_name) || (server && server->is_ip() && server->text() != common_name);
}

/// A commonName for people, or of another server, authenticates nothing and is let be.
Finding common_name(const Place& place) {
  const CertificateView& view = place.view();
  if (!place.below.empty() || !view.subject_alt_name) return {};
  for (const std::string& value : attribute_texts(view.subject, oid::commonName))
    if (is_miswritten(value, view))
      return Breach{"commonName", "is a subjectAltName's value character for character (BR, section 7.1.4.3)"};
  return {};
}

}  // namespace

Result<CheckOutcome> check_profile(const Place& place) {
  const bool strict = place.request.policy.profile == Profile::strict;
  place.note("profile", [&] { return strict ? "strict" : "compatible"; });
  if (!strict) return CheckOutcome::passed;  // which asks for nothing beyond the rest
  for (Finding (*rule)(const Place&) : {fields, key_identifiers, constraints, usages, names_of_leaf, common_name})
    if (Finding breach = rule(place))
      return fail(Error(Alert::bad_certificate, Reason::profile_violation)
                      .with("field", std::string(breach->field))
                      .with("rule", std::string(breach->rule))
                      .with("subject", name_text(place.view().subject)));
  return CheckOutcome::passed;
}

}  // namespace handfast::x509
