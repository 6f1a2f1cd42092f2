// Reads and writes ServerKeyExchange, and builds what it signs.
#include "wire/tls12/server_key_exchange.h"

#include <cassert>
#include <string_view>

#include "base/copy.h"
#include "base/reader.h"
#include "wire/handshake.h"

namespace handfast::wire::tls12 {
namespace {

constexpr std::string_view message_name = "server_key_exchange";
constexpr std::uint8_t curve_type_named_curve = 3;  // ECCurveType (RFC 8422, section 5.4)

}  // namespace

Result<ServerKeyExchange> parse_server_key_exchange(Bytes body, ProtocolVersion version) {
  ServerKeyExchange message;
  base::Reader r(body);
  const std::uint8_t curve_type = r.u8();
  if (!r.ok()) return malformed(message_name, "curve_type");
  // The others are laid out in another way and deprecated, so nothing after this can be read.
  if (curve_type != curve_type_named_curve) return illegal(message_name, "curve_type");
  message.named_curve = NamedGroup{r.u16()};
  if (!r.ok()) return malformed(message_name, "named_curve");
  message.point = r.vector8();
  if (message.point.empty()) return malformed(message_name, "point");
  if (version >= ProtocolVersion::tls1_2) message.algorithm = SignatureScheme{r.u16()};
  if (!r.ok()) return malformed(message_name, "algorithm");
  message.signature = r.vector16();
  if (!r.done()) return malformed(message_name, "signature");
  return message;
}

Result<> write_server_key_exchange(Buffer& out, const ServerKeyExchange& message, ProtocolVersion version) {
  return write_message(out, HandshakeType::server_key_exchange, [&](base::Writer& w) {
    w.u8(curve_type_named_curve);
    w.u16(static_cast<std::uint16_t>(message.named_curve));
    w.vector8(message.point);
    if (version >= ProtocolVersion::tls1_2) w.u16(static_cast<std::uint16_t>(message.algorithm));
    w.vector16(message.signature);
  });
}

SignedParams::SignedParams(Bytes client_random, Bytes server_random, NamedGroup named_curve, Bytes point) noexcept {
  assert(client_random.size() == 32 && server_random.size() == 32 && point.size() <= 255);
  const auto curve = static_cast<std::uint16_t>(named_curve);
  const std::array<std::uint8_t, 4> head = {curve_type_named_curve, static_cast<std::uint8_t>(curve >> 8),
                                            static_cast<std::uint8_t>(curve), static_cast<std::uint8_t>(point.size())};
  MutableBytes rest = bytes_;
  for (Bytes part : {client_random, server_random, Bytes(head), point}) rest = base::copy(part, rest);
  size_ = bytes_.size() - rest.size();
}

}  // namespace handfast::wire::tls12
