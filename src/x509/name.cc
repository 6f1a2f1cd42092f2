#include "x509/name.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.h"
#include "x509/ascii.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/oid.h"

namespace handfast::x509 {
namespace {

using base::is_utf8;
using base::utf8_character;
using der::Tag;

struct Attribute {
  Bytes type;
  Tag tag{};
  Bytes value;
  Bytes whole;  ///< the value with its identifier and length
};

/// The next of an RDN. Marks the reader as failed where there is none.
Attribute read_attribute(der::Reader& rdn) noexcept {
  der::Reader fields = rdn.enter(Tag::sequence);
  Attribute out;
  out.type = fields.object_identifier();
  const der::Element value = fields.any();
  out.tag = value.tag;
  out.value = value.content;
  out.whole = value.whole;
  if (!fields.done()) rdn.fail();
  return out;
}

/// Walks the attributes of a Name, in order; `starts_rdn` tells where a set begins.
class Attributes {
 public:
  explicit Attributes(Bytes name) noexcept : names_(name), rdns_(names_.enter(Tag::sequence)), rdn_(Bytes{}) {
    if (!names_.done()) rdns_.fail();
  }

  bool next(Attribute& out) noexcept {
    starts_rdn_ = rdn_.empty();
    if (starts_rdn_) {
      if (rdns_.empty()) return false;
      rdn_ = rdns_.enter(Tag::set);
      if (rdn_.empty()) rdns_.fail();  // SET SIZE (1..MAX)
    }
    out = read_attribute(rdn_);
    if (!rdn_.ok()) rdns_.fail();
    return rdns_.ok();
  }
  bool starts_rdn() const noexcept { return starts_rdn_; }
  bool ok() const noexcept { return rdns_.ok(); }

 private:
  der::Reader names_;
  der::Reader rdns_;
  der::Reader rdn_;
  bool starts_rdn_ = false;
};

/// The string types whose characters compare alike, case and white space aside.
bool is_folded(Tag tag) noexcept {
  return tag == Tag::printable_string || tag == Tag::utf8_string || tag == Tag::ia5_string;
}

/// The characters of a string in lower case, white space at the ends dropped and elsewhere one blank.
class Folded {
 public:
  explicit Folded(Bytes text) noexcept : text_(text) { skip_blanks(); }

  /// -1 at the end.
  int next() noexcept {
    if (text_.empty()) return -1;
    std::uint8_t c = text_[0];
    if (is_blank(c)) {
      skip_blanks();
      return text_.empty() ? -1 : ' ';
    }
    text_ = text_.subspan(1);
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
  }

 private:
  static bool is_blank(std::uint8_t c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
  void skip_blanks() noexcept {
    while (!text_.empty() && is_blank(text_[0])) text_ = text_.subspan(1);
  }
  Bytes text_;
};

/// Whether a character, or the end of the text, is the same in whatever form RFC 4518, section 2, brings it: not so the
/// controls, which it drops, and what is beyond ASCII, whose case and composition are not looked into here.
bool stands_for_itself(int c) noexcept { return c < 0 || (c >= ' ' && c < 0x7f); }

/// Compares strings of the types that are folded.
Within compare_texts(Bytes a, Bytes b) noexcept {
  Folded left(a);
  Folded right(b);
  for (;;) {
    int c = left.next();
    int d = right.next();
    if (c == d && c < 0) return Within::yes;
    if (c == d) continue;
    if (c == ' ') c = left.next();  // what comes after a blank may be dropped, and the blank with it
    if (d == ' ') d = right.next();
    return stands_for_itself(c) && stands_for_itself(d) ? Within::no : Within::unknown;
  }
}

/// `unknown` where the strings differ and are not of the types that are folded: they may say the same all the same.
Within compare_attributes(const Attribute& a, const Attribute& b) noexcept {
  if (!std::ranges::equal(a.type, b.type)) return Within::no;
  if (a.tag == b.tag && std::ranges::equal(a.value, b.value)) return Within::yes;
  return is_folded(a.tag) && is_folded(b.tag) ? compare_texts(a.value, b.value) : Within::unknown;
}

/// The less certain of two findings that both have to hold.
Within both(Within a, Within b) noexcept {
  if (a == Within::no || b == Within::no) return Within::no;
  return a == Within::yes ? b : a;
}

/// Whether an attribute is one of an RDN's.
Within find_in(Bytes rdn, const Attribute& wanted) noexcept {
  Within found = Within::no;
  for (der::Reader attributes(rdn); !attributes.empty() && found != Within::yes;) {
    const Within here = compare_attributes(read_attribute(attributes), wanted);
    if (here != Within::no) found = here;
  }
  return found;
}

/// Whether each attribute of one RDN is among another's.
Within all_in(Bytes some, Bytes rdn) noexcept {
  Within all = Within::yes;
  for (der::Reader attributes(some); !attributes.empty() && all != Within::no;)
    all = both(all, find_in(rdn, read_attribute(attributes)));
  return all;
}

std::size_t count_attributes(Bytes rdn) noexcept {
  std::size_t count = 0;
  for (der::Reader attributes(rdn); !attributes.empty(); ++count) read_attribute(attributes);
  return count;
}

bool spend(std::size_t cost, std::size_t& budget) noexcept {
  const bool enough = cost <= budget;
  budget = enough ? budget - cost : 0;
  return enough;
}

/// As sets (RFC 5280, section 7.1): the order of a SET OF is that of its encodings, so that it changes with them.
Within compare_rdns(Bytes a, Bytes b, std::size_t& budget) noexcept {
  if (std::ranges::equal(a, b)) return spend(1, budget) ? Within::yes : Within::unknown;
  const std::size_t left = count_attributes(a);
  const std::size_t right = count_attributes(b);
  if (!spend(left + right, budget)) return Within::unknown;
  if (left != right) return Within::no;
  if (left > max_compared_in_rdn || !spend(2 * left * right, budget)) return Within::unknown;
  return both(all_in(a, b), all_in(b, a));
}

bool is_ascii(Bytes text) noexcept {
  return std::ranges::all_of(text, [](std::uint8_t c) { return c < 0x80; });
}

/// X.680, section 41.4.
bool is_printable(std::uint8_t c) noexcept {
  bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return letter || (c >= '0' && c <= '9') ||
         std::string_view(" '()+,-./:=?").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_well_encoded(Tag tag, Bytes text) noexcept {
  switch (tag) {
    case Tag::utf8_string: return is_utf8(text);
    case Tag::printable_string: return std::ranges::all_of(text, is_printable);
    case Tag::ia5_string: return is_ascii(text);
    case Tag::bmp_string: return text.size() % 2 == 0;
    default: return true;
  }
}

}  // namespace

bool is_well_encoded(Bytes name) noexcept {
  Attributes attributes(name);
  for (Attribute attribute; attributes.next(attribute);)
    if (!is_well_encoded(attribute.tag, attribute.value)) return false;
  return attributes.ok();
}

bool is_name(Bytes der) noexcept {
  Attributes attributes(der);
  Attribute attribute;
  while (attributes.next(attribute)) {
  }
  return attributes.ok();
}

bool is_empty_name(Bytes der) noexcept { return der.size() == 2; }

bool equal_names(Bytes a, Bytes b) noexcept {
  if (std::ranges::equal(a, b)) return true;
  Attributes left(a);
  Attributes right(b);
  Attribute x;
  Attribute y;
  for (;;) {
    bool more = left.next(x);
    if (more != right.next(y)) return false;
    if (!more) return left.ok() && right.ok();
    if (left.starts_rdn() != right.starts_rdn() || compare_attributes(x, y) != Within::yes) return false;
  }
}

Within name_within(Bytes name, Bytes base, std::size_t& budget) noexcept {
  der::Reader names(name);
  der::Reader bases(base);
  der::Reader rdns = names.enter(Tag::sequence);
  der::Reader prefix = bases.enter(Tag::sequence);
  Within within = Within::yes;
  while (!prefix.empty() && within != Within::no) {
    if (rdns.empty()) return Within::no;
    const Bytes rdn = rdns.take(Tag::set);
    within = both(within, compare_rdns(rdn, prefix.take(Tag::set), budget));
  }
  return within;
}

std::uint64_t hash_name(Bytes name) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  auto mix = [&hash](unsigned value) { hash = (hash ^ value) * 0x100000001b3; };
  Attributes attributes(name);
  Attribute attribute;
  while (attributes.next(attribute)) {
    mix(0x100u + attributes.starts_rdn());
    for (std::uint8_t octet : attribute.type) mix(octet);
    if (is_folded(attribute.tag)) {
      Folded text(attribute.value);
      for (int c = text.next(); c >= 0; c = text.next()) mix(static_cast<unsigned>(c));
    } else {
      for (std::uint8_t octet : attribute.value) mix(octet);
    }
  }
  return hash;
}

std::vector<Bytes> attribute_values(Bytes name, Bytes type) {
  std::vector<Bytes> values;
  Attributes attributes(name);
  for (Attribute attribute; attributes.next(attribute);)
    if (oid::equal(attribute.type, type)) values.push_back(attribute.value);
  return values;
}

namespace {

struct KnownType {
  Bytes type;
  std::string_view name;
};
constexpr KnownType known_types[] = {
    {oid::commonName, "CN"},
    {oid::surname, "SN"},
    {oid::serialNumber, "serialNumber"},
    {oid::countryName, "C"},
    {oid::localityName, "L"},
    {oid::stateOrProvinceName, "ST"},
    {oid::streetAddress, "street"},
    {oid::organizationName, "O"},
    {oid::organizationalUnitName, "OU"},
    {oid::title, "title"},
    {oid::givenName, "GN"},
    {oid::organizationIdentifier, "organizationIdentifier"},
    {oid::domainComponent, "DC"},
    {oid::userId, "UID"},
    {oid::emailAddress, "emailAddress"},
};

std::string attribute_name(Bytes type) {
  for (const KnownType& known : known_types)
    if (oid::equal(type, known.type)) return std::string(known.name);
  return oid_text(type);
}

/// At least two numbers, without zeros before them.
bool is_oid_text(std::string_view text) noexcept {
  std::size_t numbers = 0;
  for (std::size_t at = 0; at <= text.size(); ++numbers) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    const std::string_view number = text.substr(at, end - at);
    const bool digits = std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
    if (number.empty() || !digits || (number.size() > 1 && number[0] == '0')) return false;
    at = end + 1;
  }
  return numbers > 1;
}

void append_utf8(std::string& out, std::uint32_t c) {
  auto put = [&out](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
  }
}

/// From characters of `width` octets each, most significant first; nothing where one is none (a surrogate, say).
std::optional<std::string> wide_text(Bytes value, std::size_t width) {
  if (value.size() % width != 0) return {};
  std::string text;
  for (; !value.empty(); value = value.subspan(width)) {
    std::uint32_t c = 0;
    for (std::uint8_t octet : value.first(width)) c = c << 8 | octet;
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return {};
    append_utf8(text, c);
  }
  return text;
}

/// A value's characters in UTF-8, as its type says to read its octets; nothing for what is no text by its type.
std::optional<std::string> text_of(const Attribute& attribute) {
  const Bytes value = attribute.value;
  switch (attribute.tag) {
    case Tag::utf8_string: return is_utf8(value) ? std::optional<std::string>(as_text(value)) : std::nullopt;
    case Tag::numeric_string:
    case Tag::printable_string:
    case Tag::ia5_string:
    case Tag::visible_string: return is_ascii(value) ? std::optional<std::string>(as_text(value)) : std::nullopt;
    case Tag::teletex_string: return wide_text(value, 1);  // in practice Latin-1
    case Tag::bmp_string: return wide_text(value, 2);
    case Tag::universal_string: return wide_text(value, 4);
    default: return {};
  }
}

void append_escaped(std::string& out, std::string_view text) {
  Bytes rest = as_bytes(text);
  bool at_start = true;
  while (!rest.empty()) {
    std::size_t size = utf8_character(rest);
    char c = static_cast<char>(rest[0]);
    bool last = rest.size() == 1;
    bool control = size == 1 && (rest[0] < 0x20 || rest[0] == 0x7f);
    bool c1_control = size == 2 && rest[0] == 0xc2 && rest[1] < 0xa0;
    if (size == 0 || control || c1_control) {
      for (std::uint8_t octet : rest.first(std::max<std::size_t>(size, 1))) out += fmt::format("\\{:02X}", octet);
    } else {
      bool special = std::string_view(",+\"\\<>;").find(c) != std::string_view::npos || (c == '#' && at_start) ||
                     (c == ' ' && (at_start || last));
      if (special) out += '\\';
      out += as_text(rest.first(size));
    }
    rest = rest.subspan(std::max<std::size_t>(size, 1));
    at_start = false;
  }
}

void append_value(std::string& out, const Attribute& attribute, std::size_t most) {
  if (const std::optional<std::string> value = text_of(attribute))
    append_escaped(out, std::string_view(*value).substr(0, most));
  else
    out += fmt::format("#{:02X}", fmt::join(attribute.whole, "")).substr(0, most);
}

}  // namespace

std::vector<std::string> attribute_texts(Bytes name, Bytes type) {
  std::vector<std::string> texts;
  Attributes attributes(name);
  for (Attribute attribute; attributes.next(attribute);)
    if (oid::equal(attribute.type, type)) texts.push_back(text_of(attribute).value_or(""));
  return texts;
}

std::string name_text(Bytes name, std::size_t most) {
  std::string text;
  Attributes attributes(name);
  Attribute attribute;
  while (attributes.next(attribute)) {
    if (!text.empty()) text += attributes.starts_rdn() ? ", " : "+";
    if (text.size() > most) return text + "...";
    text += attribute_name(attribute.type) + '=';
    append_value(text, attribute, most);
  }
  return text;
}

std::optional<std::string> attribute_type_text(std::string_view written) {
  for (const KnownType& known : known_types)
    if (equal_without_case(known.name, written) || oid_text(known.type) == written) return std::string(known.name);
  return is_oid_text(written) ? std::optional<std::string>(written) : std::nullopt;
}

std::optional<std::string> attribute_value_text(std::string_view characters) {
  if (!is_utf8(as_bytes(characters))) return {};
  std::string text;
  append_escaped(text, characters);
  return text;
}

std::optional<std::string> attribute_value_text(Bytes der) {
  der::Reader reader(der);
  const der::Element value = reader.any();
  if (!reader.done()) return {};
  std::string text;
  append_value(text, {{}, value.tag, value.content, value.whole}, std::string::npos);
  return text;
}

}  // namespace handfast::x509
