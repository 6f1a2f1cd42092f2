#include "x509/general_name.h"

#include <algorithm>

#include <fmt/format.h>

#include "x509/der.h"
#include "x509/name.h"
#include "x509/server_name.h"

namespace handfast::x509 {

bool read_general_name(Bytes& rest, GeneralName& out) noexcept {
  der::Reader reader(rest);
  der::Element element = reader.any();
  if (!reader.ok()) return false;
  auto tag = static_cast<std::uint8_t>(element.tag);
  auto type = static_cast<GeneralNameType>(tag & 0x1f);
  bool constructed = (tag & 0x20) != 0;
  if ((tag & 0xc0) != 0x80 || type > GeneralNameType::registeredID) return false;
  switch (type) {
    case GeneralNameType::rfc822Name:
    case GeneralNameType::dNSName:
    case GeneralNameType::uniformResourceIdentifier:
      if (constructed || std::ranges::any_of(element.content, [](std::uint8_t c) { return c >= 0x80 || c == 0; }))
        return false;  // IA5String
      break;
    case GeneralNameType::iPAddress:
      if (constructed) return false;
      break;
    case GeneralNameType::registeredID:
      if (constructed || element.content.empty()) return false;
      break;
    case GeneralNameType::directoryName:  // EXPLICIT, for Name is a CHOICE
      if (!constructed || !is_name(element.content)) return false;
      break;
    case GeneralNameType::otherName:
    case GeneralNameType::x400Address:
    case GeneralNameType::ediPartyName:
      if (!constructed) return false;
      break;
  }
  out = {type, element.content};
  rest = reader.peek();
  return true;
}

bool are_general_names(Bytes content) noexcept {
  if (content.empty()) return false;
  for (GeneralName name; !content.empty();)
    if (!read_general_name(content, name)) return false;
  return true;
}

std::string general_name_text(const GeneralName& name) {
  switch (name.type) {
    case GeneralNameType::rfc822Name: return fmt::format("email:{}", as_text(name.value));
    case GeneralNameType::dNSName: return fmt::format("dns:{}", as_text(name.value));
    case GeneralNameType::directoryName: return fmt::format("dn:{}", name_text(name.value));
    case GeneralNameType::uniformResourceIdentifier: return fmt::format("uri:{}", as_text(name.value));
    case GeneralNameType::iPAddress: return fmt::format("ip:{}", ip_text(name.value));
    case GeneralNameType::registeredID: return fmt::format("oid:{}", oid_text(name.value));
    case GeneralNameType::otherName: return "otherName";
    case GeneralNameType::x400Address: return "x400Address";
    case GeneralNameType::ediPartyName: return "ediPartyName";
  }
  return "unknown";
}

std::vector<std::string> tls_names(const CertificateView& certificate) {
  std::vector<std::string> names;
  Bytes rest = certificate.subject_alt_name.value_or(Bytes{});
  for (GeneralName name; read_general_name(rest, name);) {
    if (name.type == GeneralNameType::dNSName) names.emplace_back(as_text(name.value));
    if (name.type == GeneralNameType::iPAddress) names.push_back(ip_text(name.value));
  }
  return names;
}

}  // namespace handfast::x509
