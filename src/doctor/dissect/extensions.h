// Blocks of extensions, taken apart (RFC 8446, section 4.2).
#pragma once

#include <string>

#include "doctor/dissect/dissector.h"
#include "wire/extension.h"

namespace handfast::doctor::dissection {

/// The field "extensions", with its length: as they stand in that message. A message of TLS 1.2 that may do without
/// asks `Dissector::empty` first.
void extensions(Dissector& d, wire::MessageKind message);

// What else has these in it.
std::string text(Bytes);                ///< a peer's words, safe to be shown
std::string distinguished_name(Bytes);  ///< of a Name in DER
void certificate_status(Dissector&);    ///< RFC 6066, section 8

}  // namespace handfast::doctor::dissection
