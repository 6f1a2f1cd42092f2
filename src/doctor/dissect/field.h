// Messages taken apart: every byte belongs to exactly one named field.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/types.h>

namespace handfast::doctor {

/// A part of a message and what it says. Its children lie in it, in order, without overlap, and leave no byte over; one
/// without children is a field of its own.
struct Field {
  std::string name;       ///< the RFC's: "legacy_version", "cipher_suites", "extension_data"
  std::size_t offset = 0;  ///< of its first byte, from the beginning of the message
  std::size_t size = 0;    ///< in bytes; 0: a vector without elements
  std::string value;       ///< what the bytes say: "TLS 1.2", "TLS_AES_128_GCM_SHA256"; safe to be shown; may be empty
  std::string meaning;     ///< why it is there, in a sentence or two, with the RFC's section; may be empty
  std::vector<Field> children;
};

/// A whole handshake message, its four bytes of header first. Total: what does not parse becomes a field of that name
/// that says so, and holds all bytes up to the end of what encloses it. `version`: in whose form the message is (as
/// doctor::Message has it); for hellos it does not matter.
Field dissect(Bytes message, ProtocolVersion version);

}  // namespace handfast::doctor
