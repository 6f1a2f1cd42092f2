#include "x509/distribution_point.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/name.h"

namespace handfast::x509 {
namespace {

using der::Tag;

/// GeneralNames has one name at least.
bool are_general_names(Bytes content) noexcept {
  if (content.empty()) return false;
  for (GeneralName name; !content.empty();)
    if (!read_general_name(content, name)) return false;
  return true;
}

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

Buffer element(Tag tag, std::initializer_list<Bytes> contents) {
  std::size_t length = 0;
  for (Bytes content : contents) length += content.size();
  Buffer out = {static_cast<std::uint8_t>(tag)};
  std::size_t octets = 0;
  for (std::size_t rest = length; rest != 0; rest >>= 8) ++octets;
  if (length >= 0x80) out.push_back(static_cast<std::uint8_t>(0x80 | octets));
  for (std::size_t left = std::max<std::size_t>(octets, 1); left-- > 0;)
    out.push_back(static_cast<std::uint8_t>(length >> (8 * left)));
  for (Bytes content : contents) out.insert(out.end(), content.begin(), content.end());
  return out;
}

/// A Name of the RDNs in `rdns` and one more, the content of a RelativeDistinguishedName.
Buffer name_of(Bytes rdns, Bytes last) {
  const Buffer rdn = element(Tag::set, {last});
  return element(Tag::sequence, {rdns, rdn});
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

Buffer general_names_of(Bytes name) { return element(der::context_constructed(4), {name}); }

Buffer full_name(const DistributionPointName& name, Bytes crl_issuer) {
  if (!name.full_name.empty()) return {name.full_name.begin(), name.full_name.end()};
  der::Reader issuer(crl_issuer);
  return general_names_of(name_of(issuer.take(Tag::sequence), name.name_relative_to_crl_issuer));
}

}  // namespace handfast::x509
