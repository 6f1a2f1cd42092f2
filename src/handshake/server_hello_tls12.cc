#include "handshake/server_hello_tls12.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/cipher_suite.h"
#include "handshake/negotiate.h"
#include "handshake/send.h"
#include "handshake/tls12.h"
#include "handshake/version.h"
#include "wire/tls12/new_session_ticket.h"

namespace handfast::handshake {

wire::tls12::ServerHelloExtensions negotiate_extensions(ServerEngine& engine, const wire::ClientHello& hello) {
  ConnectionInfo& info = engine.info();
  static constexpr std::array<std::uint8_t, 1> uncompressed{0};
  wire::tls12::ServerHelloExtensions extensions;
  extensions.extended_master_secret = info.extended_master_secret;
  // RFC 7366, section 2: of a suite with a block cipher only.
  info.encrypt_then_mac = hello.encrypt_then_mac && !crypto::find_suite(info.cipher_suite)->has_aead();
  extensions.encrypt_then_mac = info.encrypt_then_mac;
  if (info.secure_renegotiation) extensions.renegotiation_info = Bytes();
  if (hello.ec_point_formats) extensions.ec_point_formats = uncompressed;
  if (!info.application_protocol.empty()) extensions.application_protocol = as_bytes(info.application_protocol);
  extensions.server_certificate_type = server_certificate_type(engine, hello);
  if (hello.record_size_limit) {
    // RFC 8449, section 4: a server answers with its own, which may be the protocol's.
    constexpr std::uint16_t most = wire::max_record_size_limit(ProtocolVersion::tls1_2);
    extensions.record_size_limit = std::min(engine.common().record_size_limit.value_or(most), most);
    engine.transport().limit_records(Direction::sent, *hello.record_size_limit);
    engine.transport().limit_records(Direction::received, *extensions.record_size_limit);
  }
  return extensions;
}

Result<schedule::tls12::Randoms> send_server_hello(ServerEngine& engine, schedule::Transcript& transcript,
                                                   const wire::ClientHello& hello, Bytes session_id,
                                                   const wire::tls12::ServerHelloExtensions& extensions) {
  std::array<std::uint8_t, 32> random;
  engine.random().fill(random);
  mark_downgrade(engine.common(), engine.info().version, random);
  wire::ServerHello answer;
  answer.legacy_version = engine.info().version;
  answer.random = random;
  answer.legacy_session_id_echo = session_id;
  answer.cipher_suite = engine.info().cipher_suite;
  Buffer message;
  if (auto written = wire::tls12::write_server_hello(message, answer, extensions); !written)
    return fail(std::move(written.error()));
  send(engine, transcript, Level::initial, message);
  return tls12::make_randoms(hello.random, random);
}

Result<void> send_new_session_ticket(ServerEngine& engine, schedule::Transcript& transcript, Bytes ticket,
                                     std::int64_t lifetime) {
  Buffer message;
  if (auto written = wire::tls12::write_new_session_ticket(message, {static_cast<std::uint32_t>(lifetime), ticket});
      !written)
    return written;
  send(engine, transcript, Level::initial, message);
  return {};
}

}  // namespace handfast::handshake
