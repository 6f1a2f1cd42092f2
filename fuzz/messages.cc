// Every parser of wire/, chosen by the first byte. What parses is looked at to its last field, and written again.
#include "wire/messages.h"

#include "fuzz.h"
#include "wire/alert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  fuzz::Choices input(data, size);
  const HandshakeType type{input.byte()};
  const Bytes body = input.rest();
  using enum HandshakeType;
  switch (type) {
    case client_hello:
    case server_hello:
    case new_session_ticket:
    case end_of_early_data:
    case encrypted_extensions:
    case certificate:
    case certificate_request:
    case certificate_verify:
    case finished:
    case key_update: break;
    default: static_cast<void>(wire::parse_alert(body)); return 0;
  }
  if (test::parse_and_walk(type, body)) return 0;
  const Buffer written = test::rewrite(type, body);
  const Bytes again = Bytes(written).subspan(4);
  // What we write, we read; and it is written the same way then.
  fuzz::require(!test::parse_and_walk(type, again));
  fuzz::require(test::rewrite(type, again) == written);
  return 0;
}
