// Messages taken apart: every byte belongs to exactly one named field.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/types.h>

namespace handfast::doctor {

/// A part of a message and what it says. Its children lie in it, in order, without overlap, and leave no byte over; one
/// without children is a field of its own.
struct Field {
  std::string name;        ///< the RFC's: "legacy_version", "cipher_suites", "extension_data"
  std::size_t offset = 0;  ///< of its first byte, from the beginning of the message
  std::size_t size = 0;    ///< in bytes; 0: a vector without elements
  std::string value;       ///< what the bytes say: "TLS 1.2", "TLS_AES_128_GCM_SHA256"; safe to be shown; may be empty
  std::string meaning;     ///< why it is there, in a sentence or two, with the RFC's section; may be empty
  std::vector<Field> children;
};

/// The name of a field that holds what does not parse, up to the end of what encloses it; its value says why.
inline constexpr std::string_view unparsed_name = "unparsed";

/// A whole handshake message, its four bytes of header first. Total: what does not parse becomes a field called
/// `unparsed_name`. `version`: in whose form the message is (as
/// doctor::Message has it); for hellos it does not matter.
Field dissect(Bytes message, ProtocolVersion version);

// What is on the wire beside handshake messages, with the same promises.

/// The five bytes before every record (RFC 8446, section 5.1).
Field dissect_record_header(Bytes header);
/// The content of a record of alerts (RFC 8446, section 6), decrypted where it was encrypted.
Field dissect_alert(Bytes content);
/// The content of a record of change_cipher_spec (RFC 8446, section 5; RFC 5246, section 7.1).
Field dissect_change_cipher_spec(Bytes content);

}  // namespace handfast::doctor
