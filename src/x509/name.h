// Distinguished names (RFC 5280, section 4.1.2.4, and their comparison, section 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>

namespace handfast::x509 {

/// Whether `der` is a Name: a SEQUENCE of SETs, each of at least one type and value.
bool is_name(Bytes der) noexcept;
/// Whether each value of a Name holds the characters that its type has: UTF8String, PrintableString, IA5String and
/// BMPString; other types are let pass. (RFC 5280, section 4.1.2.4)
bool is_well_encoded(Bytes name) noexcept;
/// A Name without any attribute.
bool is_empty_name(Bytes der) noexcept;

/// Whether two Names are equal: octet by octet, or, for attributes in PrintableString and UTF8String, without regard
/// to ASCII case and to how much white space stands where (what RFC 4518 does to them beyond ASCII is not undone).
bool equal_names(Bytes a, Bytes b) noexcept;

/// How a name stands to a subtree of names. `unknown`: nobody here can tell.
enum class Within : std::uint8_t { yes, no, unknown };

/// Whether `name` lies in the subtree of `base`: its first RDNs are those of `base`, each as a set (RFC 5280, section
/// 7.1). Both must be Names. `unknown` where none differs for certain but one may: its strings are of other types than
/// PrintableString, UTF8String and IA5String, or differ first in characters beyond ASCII.
/// Each attribute that is looked at takes one off `budget`, each two that are compared another one; `unknown` where it
/// is used up, and then 0.
Within name_within(Bytes name, Bytes base, std::size_t& budget) noexcept;
/// RDNs with more attributes than this are compared octet by octet; else `name_within` can't tell.
inline constexpr std::size_t max_compared_in_rdn = 16;

/// Equal names have equal hashes.
std::uint64_t hash_name(Bytes name) noexcept;

/// The values of every attribute of that type, whatever their string type: octets, which are not to be taken for text.
std::vector<Bytes> attribute_values(Bytes name, Bytes type);
/// The same as text in UTF-8, read as their types say; empty for one that is no text by its type.
std::vector<std::string> attribute_texts(Bytes name, Bytes type);

/// RFC 4514, in the order of the certificate: "C=DE, O=Example, CN=example.com". Control characters are escaped; a
/// value that is no text by its type is '#' and its encoding in hexadecimal (section 2.4), so that it reads like no
/// text. A type without a name here is written in dots, its value as text all the same, where it is one. What is longer
/// than about `most` bytes is cut and ends with "...".
std::string name_text(Bytes name, std::size_t most = 400);

/// The pieces of that text. Of a type of attribute as people write it, in any case or in dots ("cn", "2.5.4.3"): "CN";
/// nothing for one that is neither known by that name nor in dots.
std::optional<std::string> attribute_type_text(std::string_view written);
/// Of the characters of a value; nothing where they are no UTF-8.
std::optional<std::string> attribute_value_text(std::string_view characters);
/// Of a value in DER; nothing where it is not one element.
std::optional<std::string> attribute_value_text(Bytes der);

}  // namespace handfast::x509
