// What stands around handshake messages on the wire, taken apart: records' headers and the short contents.
#include "doctor/dissect/dissector.h"
#include "doctor/dissect/field.h"

namespace handfast::doctor {

namespace parts = dissection;

Field dissect_record_header(Bytes header) {
  return parts::take_apart(header, "TLSPlaintext", [](parts::Dissector& d) {
    d.number("type", 1, parts::content_type);
    d.number("legacy_record_version", 2, parts::version);
    d.number("length", 2, parts::byte_count);
  });
}

Field dissect_alert(Bytes content) {
  return parts::take_apart(content, "Alert", [](parts::Dissector& d) {
    d.number("level", 1, parts::alert_level);
    d.number("description", 1, parts::alert_description);
  });
}

Field dissect_change_cipher_spec(Bytes content) {
  return parts::take_apart(content, "ChangeCipherSpec", [](parts::Dissector& d) {
    d.number("type", 1, [](std::uint64_t n) { return n == 1 ? std::string("change_cipher_spec") : parts::decimal(n); });
  });
}

}  // namespace handfast::doctor
