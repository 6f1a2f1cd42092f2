#include "wire/v2_client_hello.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/copy.h"
#include "base/reader.h"
#include "wire/handshake.h"

namespace handfast::wire {

std::optional<std::size_t> v2_client_hello_length(Bytes first_bytes) noexcept {
  // A header of two bytes has the highest bit; behind it are msg_type and the version's major number.
  constexpr std::uint8_t two_bytes = 0x80;
  constexpr std::uint8_t of_ssl3_and_tls = 3;
  const bool is_hello = (first_bytes[0] & two_bytes) != 0 &&
                        first_bytes[2] == std::to_underlying(HandshakeType::client_hello) &&
                        first_bytes[3] == of_ssl3_and_tls;
  if (!is_hello) return std::nullopt;
  return static_cast<std::size_t>((first_bytes[0] & ~two_bytes) << 8 | first_bytes[1]);
}

Result<Buffer> read_v2_client_hello(Bytes message) {
  constexpr std::string_view name = "v2_client_hello";
  constexpr std::size_t cipher_spec_size = 3;
  constexpr std::size_t least_challenge = 16;

  base::Reader r(message);
  const HandshakeType msg_type{r.u8()};
  const std::uint16_t version = r.u16();
  const std::size_t cipher_spec_length = r.u16();
  const std::size_t session_id_length = r.u16();
  const std::size_t challenge_length = r.u16();
  if (!r.ok() || msg_type != HandshakeType::client_hello) return malformed(name, "msg_type");
  const Bytes cipher_specs = r.take(cipher_spec_length);
  if (!r.ok() || cipher_specs.size() % cipher_spec_size != 0) return malformed(name, "cipher_specs");
  if (session_id_length != 0) return illegal(name, "session_id_length");
  const Bytes challenge = r.take(challenge_length);
  if (!r.done()) return malformed(name, "challenge");
  if (challenge.size() < least_challenge) return illegal(name, "challenge_length");

  std::array<std::uint8_t, 32> random{};
  const Bytes used = challenge.first(std::min(challenge.size(), random.size()));
  base::copy(used, MutableBytes(random).last(used.size()));
  Buffer hello;
  Result<> written = write_message(hello, HandshakeType::client_hello, [&](base::Writer& w) {
    w.u16(version);
    w.bytes(random);
    w.vector8({});  // session_id
    {
      auto cipher_suites = w.length16();
      for (Bytes rest = cipher_specs; !rest.empty(); rest = rest.subspan(cipher_spec_size))
        if (rest[0] == 0) w.bytes(rest.subspan(1, 2));
    }
    constexpr std::array<std::uint8_t, 1> null{0};
    w.vector8(null);  // compression_methods
  });
  if (!written) return fail(std::move(written.error()));
  return hello;
}

}  // namespace handfast::wire
