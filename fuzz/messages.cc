// Every parser of wire/, chosen by the first byte. What parses is looked at to its last field, and written again.
#include "wire/messages.h"

#include "fuzz.h"
#include "wire/alert.h"
#include "wire/client_hello.h"
#include "wire/handshake.h"
#include "wire/tls12/messages.h"
#include "wire/v2_client_hello.h"

namespace handfast::fuzz {
namespace {

/// What we write, we read; and it is written the same way then.
template <auto ParseAndWalk, auto Rewrite>
void check(HandshakeType type, Bytes body) {
  if (ParseAndWalk(type, body)) return;
  const Buffer written = Rewrite(type, body);
  const Bytes again = Bytes(written).subspan(4);
  require(!ParseAndWalk(type, again));
  require(Rewrite(type, again) == written);
}

}  // namespace
}  // namespace handfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  fuzz::Choices input(data, size);
  const HandshakeType type{input.byte()};
  const Bytes body = input.rest();
  // A type may stand for a message of either version; those that it does not stand for are refused at once.
  fuzz::check<test::parse_and_walk, test::rewrite>(type, body);
  fuzz::check<test::tls12::parse_and_walk, test::tls12::rewrite>(type, body);
  static_cast<void>(wire::parse_alert(body));
  if (const auto hello = wire::read_v2_client_hello(body)) {
    const Bytes message = *hello;
    fuzz::require(wire::read_handshake_header(message)->length == message.size() - wire::handshake_header_size);
    static_cast<void>(wire::parse_client_hello(message.subspan(wire::handshake_header_size)));
  }
  return 0;
}
