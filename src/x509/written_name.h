// Distinguished names as people write them.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace handfast::x509 {

/// "c=DE,CN = a\, b", as RFC 4514 has it but in the order of the certificate, in the form of `name_text`: "C=DE,
/// CN=a\, b". Blanks may stand around types and values, types come in any case, characters escaped in any way, and a
/// value may be "#" and its DER. Otherwise the problem, as a sentence.
std::expected<std::string, std::string> parse_written_name(std::string_view text);

}  // namespace handfast::x509
