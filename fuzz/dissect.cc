// Messages taken apart, in the form of every version: the first byte is the type, the others are the body. And the same
// bytes as they are, as a message and as what stands around one.
#include "doctor/fields.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  using fuzz::require;
  const Bytes input(data, size);
  Buffer message = {size == 0 ? std::uint8_t{0} : input.front(), 0, 0, 0};
  const Bytes body = size == 0 ? input : input.subspan(1);
  message.insert(message.end(), body.begin(), body.end());
  for (int i = 1; i < 4; ++i)
    message[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(body.size() >> (24 - 8 * i));
  using enum ProtocolVersion;
  for (const ProtocolVersion version : {tls1_0, tls1_2, tls1_3}) {
    require(test::flaw(doctor::dissect(message, version), message.size()).empty());
    require(test::flaw(doctor::dissect(input, version), input.size()).empty());
  }
  require(test::flaw(doctor::dissect_record_header(input), input.size()).empty());
  require(test::flaw(doctor::dissect_alert(input), input.size()).empty());
  require(test::flaw(doctor::dissect_change_cipher_spec(input), input.size()).empty());
  return 0;
}
