// Reads and writes ServerHello and HelloRetryRequest.
#include "wire/server_hello.h"

#include <algorithm>

#include "wire/handshake.h"

namespace handfast::wire {
namespace {

/// Whether a block that nobody has checked yet has an extension of that type.
bool announces(Bytes block, ExtensionType type) noexcept {
  base::Reader r(block);
  while (!r.empty())
    if (Extension::read(r).type == type && r.ok()) return true;
  return false;
}

/// Reads what TLS 1.3 defines; the other extensions of a server_hello are those of TLS 1.2.
bool read_extension(ServerHello& hello, const Extension& extension) noexcept {
  base::Reader r(extension.data);
  switch (extension.type) {
    case ExtensionType::supported_versions: hello.selected_version = ProtocolVersion{r.u16()}; break;
    case ExtensionType::key_share:
      if (hello.is_hello_retry_request())
        hello.selected_group = NamedGroup{r.u16()};
      else
        hello.key_share = KeyShareEntry::read(r);
      break;
    case ExtensionType::cookie:
      hello.cookie = r.vector16();
      if (hello.cookie->empty()) r.fail();
      break;
    case ExtensionType::pre_shared_key: hello.selected_identity = r.u16(); break;
    default: return true;
  }
  return r.done();
}

}  // namespace

bool ServerHello::is_hello_retry_request() const noexcept {
  return std::ranges::equal(random, hello_retry_request_random);
}

MessageKind ServerHello::kind() const noexcept {
  if (is_hello_retry_request()) return MessageKind::hello_retry_request;
  return selected_version ? MessageKind::server_hello : MessageKind::server_hello_tls1_2;
}

Result<ServerHello> parse_server_hello(Bytes body) {
  ServerHello hello;
  base::Reader r(body);
  hello.legacy_version = ProtocolVersion{r.u16()};
  if (!r.ok()) return malformed("server_hello", "legacy_version");
  hello.random = r.take(32);
  if (!r.ok()) return malformed("server_hello", "random");
  const std::string_view message = hello.is_hello_retry_request() ? "hello_retry_request" : "server_hello";
  hello.legacy_session_id_echo = r.vector8();
  if (!r.ok() || hello.legacy_session_id_echo.size() > 32) return malformed(message, "legacy_session_id_echo");
  hello.cipher_suite = CipherSuite{r.u16()};
  if (!r.ok()) return malformed(message, "cipher_suite");
  hello.legacy_compression_method = r.u8();
  if (!r.ok()) return malformed(message, "legacy_compression_method");

  // Before TLS 1.3 there may be none.
  const Bytes block = r.empty() ? Bytes() : r.vector16();
  if (!r.done()) return malformed(message, "extensions");
  const bool is_tls1_2 = !hello.is_hello_retry_request() && !announces(block, ExtensionType::supported_versions);
  const MessageKind kind = is_tls1_2                        ? MessageKind::server_hello_tls1_2
                           : hello.is_hello_retry_request() ? MessageKind::hello_retry_request
                                                            : MessageKind::server_hello;
  // In TLS 1.3 this is a constant of the structure (RFC 8446, section 4.1.3), in TLS 1.2 something to be negotiated.
  if (!is_tls1_2 && hello.legacy_compression_method != 0) return malformed(message, "legacy_compression_method");

  Result<Extensions> extensions = parse_extensions(block, kind);
  if (!extensions) return fail(std::move(extensions.error()));
  hello.extensions = *extensions;
  for (const Extension& extension : hello.extensions)
    if (!read_extension(hello, extension)) return bad_extension(kind, extension.type);
  return hello;
}

void write_server_hello_head(base::Writer& w, const ServerHello& hello) {
  w.u16(static_cast<std::uint16_t>(hello.legacy_version));
  w.bytes(hello.random);
  w.vector8(hello.legacy_session_id_echo);
  w.u16(static_cast<std::uint16_t>(hello.cipher_suite));
  w.u8(hello.legacy_compression_method);
}

Result<> write_server_hello(Buffer& out, const ServerHello& hello) {
  return write_message(out, HandshakeType::server_hello, [&](base::Writer& w) {
    write_server_hello_head(w, hello);
    auto extensions = w.length16();
    if (hello.selected_identity)
      write_extension(w, ExtensionType::pre_shared_key, [&](base::Writer& to) { to.u16(*hello.selected_identity); });
    if (hello.key_share)
      write_extension(w, ExtensionType::key_share, [&](base::Writer& to) { hello.key_share->write(to); });
    if (hello.selected_group)
      write_extension(w, ExtensionType::key_share,
                      [&](base::Writer& to) { to.u16(static_cast<std::uint16_t>(*hello.selected_group)); });
    if (hello.cookie) write_extension(w, ExtensionType::cookie, [&](base::Writer& to) { to.vector16(*hello.cookie); });
    if (hello.selected_version)
      write_extension(w, ExtensionType::supported_versions,
                      [&](base::Writer& to) { to.u16(static_cast<std::uint16_t>(*hello.selected_version)); });
  });
}

}  // namespace handfast::wire
