#include "x509/distribution_point.h"

#include <algorithm>

#include "x509/der.h"
#include "x509/der_writer.h"
#include "x509/general_name.h"
#include "x509/name.h"

namespace handfast::x509 {
namespace {

using der::Tag;

/// A RelativeDistinguishedName is a SET of attributes, one at least.
bool is_rdn(Bytes content) noexcept {
  der::Reader attributes(content);
  while (!attributes.empty()) {
    der::Reader attribute = attributes.enter(Tag::sequence);
    attribute.object_identifier();
    attribute.any();
    if (!attribute.done()) return false;
  }
  return attributes.done() && !content.empty();
}

/// DistributionPoint.distributionPoint and IssuingDistributionPoint.distributionPoint: [0], EXPLICIT around a CHOICE.
DistributionPointName read_name(der::Reader& fields) noexcept {
  DistributionPointName name;
  if (!fields.next_is(der::context_constructed(0))) return name;
  der::Reader choice = fields.enter(der::context_constructed(0));
  if (choice.next_is(der::context_constructed(0))) {
    name.full_name = choice.take(der::context_constructed(0));
    if (!are_general_names(name.full_name)) fields.fail();
  } else {
    name.name_relative_to_crl_issuer = choice.take(der::context_constructed(1));
    if (!is_rdn(name.name_relative_to_crl_issuer)) fields.fail();
  }
  if (!choice.done()) fields.fail();
  return name;
}

bool equal(const GeneralName& a, const GeneralName& b) noexcept {
  if (a.type != b.type) return false;
  return a.type == GeneralNameType::directoryName ? equal_names(a.value, b.value)
                                                  : std::ranges::equal(a.value, b.value);
}

/// An encoded DEFAULT FALSE is let pass, as everywhere.
bool optional_boolean(der::Reader& fields, unsigned number) noexcept {
  return fields.next_is(der::context(number)) && fields.boolean(der::context(number));
}

}  // namespace

std::optional<Bytes> parse_crl_distribution_points(Bytes value) noexcept {
  der::Reader reader(value);
  const Bytes points = reader.take(Tag::sequence);
  if (!reader.done() || points.empty()) return {};
  std::size_t count = 0;
  DistributionPoint point;
  for (Bytes rest = points; !rest.empty(); ++count)
    if (count == max_distribution_points || !read_distribution_point(rest, point)) return {};
  return points;
}

bool read_distribution_point(Bytes& rest, DistributionPoint& out) noexcept {
  if (rest.empty()) return false;
  der::Reader reader(rest);
  der::Reader fields = reader.enter(Tag::sequence);
  DistributionPoint point;
  point.name = read_name(fields);
  if (fields.next_is(der::context(1))) point.reasons = fields.named_bits(der::context(1)) & all_reasons;
  if (fields.next_is(der::context_constructed(2))) {
    point.crl_issuer = fields.take(der::context_constructed(2));
    if (!are_general_names(point.crl_issuer)) fields.fail();
  }
  if (!fields.done()) return false;
  out = point;
  rest = reader.peek();
  return true;
}

std::optional<IssuingDistributionPoint> parse_issuing_distribution_point(Bytes value) noexcept {
  der::Reader reader(value);
  der::Reader fields = reader.enter(Tag::sequence);
  IssuingDistributionPoint point;
  point.der = value;
  point.name = read_name(fields);
  point.only_contains_user_certs = optional_boolean(fields, 1);
  point.only_contains_ca_certs = optional_boolean(fields, 2);
  if (fields.next_is(der::context(3))) point.only_some_reasons = fields.named_bits(der::context(3)) & all_reasons;
  point.indirect_crl = optional_boolean(fields, 4);
  point.only_contains_attribute_certs = optional_boolean(fields, 5);
  // "exactly one ... may be set to TRUE" (RFC 5280, section 5.2.5).
  const int kinds = point.only_contains_user_certs + point.only_contains_ca_certs + point.only_contains_attribute_certs;
  if (!fields.done() || !reader.done() || kinds > 1) return {};
  return point;
}

bool share_a_name(Bytes a, Bytes b, std::size_t& comparisons) noexcept {
  for (GeneralName one; read_general_name(a, one);) {
    Bytes rest = b;
    for (GeneralName other; read_general_name(rest, other);) {
      if (comparisons == 0) return false;
      --comparisons;
      if (equal(one, other)) return true;
    }
  }
  return false;
}

bool names_directory(Bytes names, Bytes name, std::size_t& comparisons) noexcept {
  for (GeneralName one; read_general_name(names, one);) {
    if (comparisons == 0) return false;
    --comparisons;
    if (one.type == GeneralNameType::directoryName && equal_names(one.value, name)) return true;
  }
  return false;
}

Bytes directory_name(Bytes names) noexcept {
  for (GeneralName one; read_general_name(names, one);)
    if (one.type == GeneralNameType::directoryName) return one.value;
  return {};
}

Buffer full_name(const DistributionPointName& name, Bytes crl_issuer) {
  if (!name.full_name.empty()) return {name.full_name.begin(), name.full_name.end()};
  der::Reader issuer(crl_issuer);
  Buffer out;
  der::Writer w(out);
  w.within(der::context_constructed(4), [&] {  // directoryName
    w.within(Tag::sequence, [&] {
      w.raw(issuer.take(Tag::sequence));
      w.element(Tag::set, name.name_relative_to_crl_issuer);
    });
  });
  return out;
}

}  // namespace handfast::x509
