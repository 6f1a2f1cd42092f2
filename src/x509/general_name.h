// GeneralNames (RFC 5280, section 4.2.1.6): the entries of subjectAltName.
#pragma once

#include <string>
#include <vector>

#include <handfast/bytes.h>

#include "x509/certificate.h"

namespace handfast::x509 {

/// The CHOICE, by its context tag.
enum class GeneralNameType : std::uint8_t {
  otherName = 0,
  rfc822Name = 1,
  dNSName = 2,
  x400Address = 3,
  directoryName = 4,
  ediPartyName = 5,
  uniformResourceIdentifier = 6,
  iPAddress = 7,
  registeredID = 8,
};

struct GeneralName {
  GeneralNameType type{};
  Bytes value;  ///< the characters of a name, 4 or 16 octets of an address, the SEQUENCE of a directoryName
};

/// Reads the next name and advances `rest`; false where none is left or it is malformed. The names of a parsed
/// certificate are all well-formed.
bool read_general_name(Bytes& rest, GeneralName& out) noexcept;

/// Whether it is the content of GeneralNames: one name at least, all well-formed.
bool are_general_names(Bytes content) noexcept;

/// "dns:example.com", "ip:192.0.2.1", "email:...", "uri:...", "dn:CN=...": for people.
std::string general_name_text(const GeneralName& name);

/// The names in subjectAltName that TLS may match (dNSName, iPAddress), as text: "example.com", "192.0.2.1".
std::vector<std::string> tls_names(const CertificateView& certificate);

}  // namespace handfast::x509
