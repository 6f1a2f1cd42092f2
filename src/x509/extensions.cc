#include "x509/extensions.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "x509/der.h"
#include "x509/distribution_point.h"
#include "x509/general_name.h"
#include "x509/name_constraints.h"
#include "x509/oid.h"

namespace handfast::x509 {
namespace {

using der::Tag;

/// A value of one element, the whole of it: the content, or false.
bool read_whole(Bytes value, Tag tag, Bytes& content) noexcept {
  der::Reader reader(value);
  content = reader.take(tag);
  return reader.done();
}

bool parse_subject_key_identifier(Bytes value, CertificateView& out) noexcept {
  Bytes id;
  if (!read_whole(value, Tag::octet_string, id)) return false;
  out.subject_key_identifier = id;
  return true;
}

bool parse_authority_key_identifier(Bytes value, CertificateView& out) noexcept {
  Bytes content;
  if (!read_whole(value, Tag::sequence, content)) return false;
  out.authority_key_identifier = content;
  der::Reader fields(content);
  if (fields.next_is(der::context(0))) out.authority_key_id = fields.take(der::context(0));
  if (fields.next_is(der::context_constructed(1))) fields.take(der::context_constructed(1));
  if (fields.next_is(der::context(2))) fields.take(der::context(2));
  return fields.done();
}

bool parse_key_usage(Bytes value, CertificateView& out) noexcept {
  der::Reader reader(value);
  out.key_usage = static_cast<KeyUsage>(reader.named_bits());
  return reader.done();
}

/// GeneralNames, at least one, addresses with as many octets as addresses have.
bool read_general_names(Bytes value, Bytes& names) noexcept {
  if (!read_whole(value, Tag::sequence, names) || names.empty()) return false;
  Bytes rest = names;
  for (GeneralName name; !rest.empty();) {
    if (!read_general_name(rest, name)) return false;
    if (name.type == GeneralNameType::iPAddress && name.value.size() != 4 && name.value.size() != 16) return false;
  }
  return true;
}

bool parse_subject_alt_name(Bytes value, CertificateView& out) noexcept {
  Bytes names;
  if (!read_general_names(value, names)) return false;
  out.subject_alt_name = names;
  return true;
}

bool parse_issuer_alt_name(Bytes value, CertificateView&) noexcept {
  Bytes names;
  return read_general_names(value, names);
}

bool parse_basic_constraints(Bytes value, CertificateView& out) noexcept {
  der::Reader reader(value);
  der::Reader fields = reader.enter(Tag::sequence);
  BasicConstraints constraints;
  // An encoded DEFAULT FALSE is not DER, but too common in leaves to refuse.
  if (fields.next_is(Tag::boolean)) constraints.ca = fields.boolean();
  if (fields.next_is(Tag::integer)) constraints.path_len_constraint = fields.small_integer();
  out.basic_constraints = constraints;
  return reader.done() && fields.done();
}

bool parse_extended_key_usage(Bytes value, CertificateView& out) noexcept {
  Bytes purposes;
  if (!read_whole(value, Tag::sequence, purposes) || purposes.empty()) return false;
  der::Reader reader(purposes);
  while (!reader.empty()) reader.object_identifier();
  out.extended_key_usage = purposes;
  return reader.done();
}

bool parse_certificate_policies(Bytes value, CertificateView& out) noexcept {
  Bytes policies;
  if (!read_whole(value, Tag::sequence, policies) || policies.empty()) return false;
  der::Reader reader(policies);
  while (!reader.empty()) {
    der::Reader information = reader.enter(Tag::sequence);
    information.object_identifier();
    if (information.next_is(Tag::sequence)) information.take(Tag::sequence);
    if (!information.done()) return false;
  }
  out.certificate_policies = policies;
  return reader.done();
}

/// Nothing is mapped to or from anyPolicy (RFC 5280, section 6.1.4 (a)).
bool parse_policy_mappings(Bytes value, CertificateView& out) noexcept {
  Bytes mappings;
  if (!read_whole(value, Tag::sequence, mappings) || mappings.empty()) return false;
  der::Reader reader(mappings);
  while (!reader.empty()) {
    der::Reader pair = reader.enter(Tag::sequence);
    for (Bytes policy : {pair.object_identifier(), pair.object_identifier()})
      if (oid::equal(policy, oid::anyPolicy)) return false;
    if (!pair.done()) return false;
  }
  out.policy_mappings = mappings;
  return reader.done();
}

bool parse_policy_constraints(Bytes value, CertificateView& out) noexcept {
  der::Reader reader(value);
  der::Reader fields = reader.enter(Tag::sequence);
  PolicyConstraints constraints;
  bool says_something = !fields.empty();
  if (fields.next_is(der::context(0))) constraints.require_explicit_policy = fields.small_integer(der::context(0));
  if (fields.next_is(der::context(1))) constraints.inhibit_policy_mapping = fields.small_integer(der::context(1));
  out.policy_constraints = constraints;
  return reader.done() && fields.done() && says_something;
}

bool parse_inhibit_any_policy(Bytes value, CertificateView& out) noexcept {
  der::Reader reader(value);
  out.inhibit_any_policy = reader.small_integer();
  return reader.done();
}

bool parse_name_constraints_extension(Bytes value, CertificateView& out) noexcept {
  out.name_constraints = parse_name_constraints(value);
  return out.name_constraints.has_value();
}

/// authorityInfoAccess and subjectInfoAccess.
bool are_access_descriptions(Bytes value, Bytes& descriptions) noexcept {
  if (!read_whole(value, Tag::sequence, descriptions) || descriptions.empty()) return false;
  der::Reader reader(descriptions);
  while (!reader.empty()) {
    der::Reader description = reader.enter(Tag::sequence);
    description.object_identifier();
    Bytes location = description.peek();
    GeneralName name;
    if (!description.ok() || !read_general_name(location, name) || !location.empty()) return false;
  }
  return reader.done();
}

bool parse_authority_info_access(Bytes value, CertificateView& out) noexcept {
  Bytes descriptions;
  if (!are_access_descriptions(value, descriptions)) return false;
  out.authority_info_access = descriptions;
  return true;
}

bool parse_subject_info_access(Bytes value, CertificateView&) noexcept {
  Bytes descriptions;
  return are_access_descriptions(value, descriptions);
}

bool parse_crl_distribution_points_extension(Bytes value, CertificateView& out) noexcept {
  out.crl_distribution_points = parse_crl_distribution_points(value);
  return out.crl_distribution_points.has_value();
}

bool parse_tls_feature(Bytes value, CertificateView& out) noexcept {
  Bytes features;
  if (!read_whole(value, Tag::sequence, features)) return false;
  der::Reader reader(features);
  std::size_t count = 0;
  for (; !reader.empty(); ++count)
    if (reader.small_integer() > 0xffff) return false;
  out.tls_feature = features;
  return reader.done() && count <= max_tls_features;
}

/// Whether the content is acted upon, so that a critical one may be accepted.
enum class Critical : std::uint8_t { may_be, must_not_be };

struct Row {
  Bytes oid;
  std::string_view name;
  bool (*parse)(Bytes value, CertificateView& out) noexcept;  ///< nullptr: known by name only
  Critical critical;
};

constexpr Row rows[] = {
    {oid::subjectKeyIdentifier, "subjectKeyIdentifier", parse_subject_key_identifier, Critical::must_not_be},
    {oid::keyUsage, "keyUsage", parse_key_usage, Critical::may_be},
    {oid::subjectAltName, "subjectAltName", parse_subject_alt_name, Critical::may_be},
    {oid::basicConstraints, "basicConstraints", parse_basic_constraints, Critical::may_be},
    {oid::nameConstraints, "nameConstraints", parse_name_constraints_extension, Critical::may_be},
    {oid::certificatePolicies, "certificatePolicies", parse_certificate_policies, Critical::may_be},
    {oid::authorityKeyIdentifier, "authorityKeyIdentifier", parse_authority_key_identifier, Critical::must_not_be},
    {oid::extKeyUsage, "extKeyUsage", parse_extended_key_usage, Critical::may_be},
    {oid::authorityInfoAccess, "authorityInfoAccess", parse_authority_info_access, Critical::must_not_be},
    {oid::subjectInfoAccess, "subjectInfoAccess", parse_subject_info_access, Critical::must_not_be},
    {oid::tlsFeature, "tlsFeature", parse_tls_feature, Critical::must_not_be},
    {oid::cRLDistributionPoints, "cRLDistributionPoints", parse_crl_distribution_points_extension, Critical::may_be},
    {oid::issuerAltName, "issuerAltName", parse_issuer_alt_name, Critical::must_not_be},
    {oid::subjectDirectoryAttributes, "subjectDirectoryAttributes", nullptr, Critical::must_not_be},
    {oid::freshestCRL, "freshestCRL", nullptr, Critical::must_not_be},
    {oid::policyMappings, "policyMappings", parse_policy_mappings, Critical::may_be},
    {oid::policyConstraints, "policyConstraints", parse_policy_constraints, Critical::may_be},
    {oid::inhibitAnyPolicy, "inhibitAnyPolicy", parse_inhibit_any_policy, Critical::may_be},
    {oid::signedCertificateTimestampList, "signedCertificateTimestampList", nullptr, Critical::must_not_be},
    // Of CRLs: in a certificate nothing acts on them.
    {oid::cRLNumber, "cRLNumber", nullptr, Critical::must_not_be},
    {oid::deltaCRLIndicator, "deltaCRLIndicator", nullptr, Critical::must_not_be},
    {oid::issuingDistributionPoint, "issuingDistributionPoint", nullptr, Critical::must_not_be},
};

const Row* find(Bytes oid) noexcept {
  for (const Row& row : rows)
    if (oid::equal(row.oid, oid)) return &row;
  return nullptr;
}

}  // namespace

ExtensionResult parse_extension(const Extension& extension, CertificateView& out) noexcept {
  const Row* row = find(extension.oid);
  if (row == nullptr || row->parse == nullptr) return ExtensionResult::unprocessed;
  if (!row->parse(extension.value, out)) return ExtensionResult::malformed;
  return row->critical == Critical::may_be ? ExtensionResult::processed : ExtensionResult::unprocessed;
}

std::optional<Extension> read_extension(Bytes& rest) noexcept {
  der::Reader reader(rest);
  der::Reader fields = reader.enter(Tag::sequence);
  Extension extension;
  extension.oid = fields.object_identifier();
  // As in basicConstraints, an encoded DEFAULT FALSE is let pass.
  if (fields.next_is(Tag::boolean)) extension.critical = fields.boolean();
  extension.value = fields.take(Tag::octet_string);
  if (!fields.done()) return {};
  rest = reader.peek();
  return extension;
}

std::optional<Extension> ExtensionReader::next() noexcept {
  current_ = {};
  const std::optional<Extension> extension = read_extension(rest_);
  if (!extension || count_ == seen_.size()) return {};
  current_ = extension->oid;
  twice_ = std::ranges::any_of(std::span(seen_).first(count_), [&](Bytes seen) { return oid::equal(seen, current_); });
  if (twice_) return {};
  seen_[count_++] = current_;
  return extension;
}

std::string ExtensionReader::fault() const {
  if (current_.empty()) return "extensions";
  return extension_name(current_) + (twice_ ? ", twice" : "");
}

std::optional<Extension> find_extension(const CertificateView& certificate, Bytes type) noexcept {
  Bytes rest = certificate.extensions;
  while (std::optional<Extension> extension = read_extension(rest))
    if (oid::equal(extension->oid, type)) return extension;
  return {};
}

std::string extension_name(Bytes oid) {
  const Row* row = find(oid);
  return row != nullptr ? std::string(row->name) : oid_text(oid);
}

}  // namespace handfast::x509
