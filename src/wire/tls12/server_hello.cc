// Reads and writes the extensions of a ServerHello of TLS 1.2.
#include "wire/tls12/server_hello.h"

#include "wire/handshake.h"

namespace handfast::wire::tls12 {
namespace {

constexpr MessageKind kind = MessageKind::server_hello_tls1_2;

bool read_extension(ServerHelloExtensions& hello, const Extension& extension) noexcept {
  base::Reader r(extension.data);
  switch (extension.type) {
    case ExtensionType::renegotiation_info: hello.renegotiation_info = r.vector8(); break;
    case ExtensionType::ec_point_formats:
      hello.ec_point_formats = r.vector8();
      if (hello.ec_point_formats->empty()) r.fail();
      break;
    case ExtensionType::application_layer_protocol_negotiation:
      hello.application_protocol = read_selected_protocol(r);
      break;
    case ExtensionType::record_size_limit: hello.record_size_limit = r.u16(); break;
    case ExtensionType::client_certificate_type: hello.client_certificate_type = CertificateType{r.u8()}; break;
    case ExtensionType::server_certificate_type: hello.server_certificate_type = CertificateType{r.u8()}; break;
    case ExtensionType::signed_certificate_timestamp:
      List<Opaque16>::read_some(r, r.vector16());
      hello.signed_certificate_timestamp = extension.data;
      break;
    // Those without content.
    case ExtensionType::server_name: hello.server_name = true; break;
    case ExtensionType::status_request: hello.status_request = true; break;
    case ExtensionType::extended_master_secret: hello.extended_master_secret = true; break;
    case ExtensionType::encrypt_then_mac: hello.encrypt_then_mac = true; break;
    case ExtensionType::session_ticket: hello.session_ticket = true; break;
    default: return true;
  }
  return r.done();
}

/// In the order of our own ClientHello.
void write_extensions(base::Writer& w, const ServerHelloExtensions& hello) {
  if (hello.server_name) write_extension(w, {ExtensionType::server_name, {}});
  if (hello.extended_master_secret) write_extension(w, {ExtensionType::extended_master_secret, {}});
  if (hello.renegotiation_info)
    write_extension(w, ExtensionType::renegotiation_info,
                    [&](base::Writer& to) { to.vector8(*hello.renegotiation_info); });
  if (hello.ec_point_formats)
    write_extension(w, ExtensionType::ec_point_formats, [&](base::Writer& to) { to.vector8(*hello.ec_point_formats); });
  if (hello.encrypt_then_mac) write_extension(w, {ExtensionType::encrypt_then_mac, {}});
  if (hello.session_ticket) write_extension(w, {ExtensionType::session_ticket, {}});
  if (hello.application_protocol) write_selected_protocol(w, *hello.application_protocol);
  if (hello.status_request) write_extension(w, {ExtensionType::status_request, {}});
  if (hello.signed_certificate_timestamp)
    write_extension(w, {ExtensionType::signed_certificate_timestamp, *hello.signed_certificate_timestamp});
  write_certificate_type(w, ExtensionType::client_certificate_type, hello.client_certificate_type);
  write_certificate_type(w, ExtensionType::server_certificate_type, hello.server_certificate_type);
  if (hello.record_size_limit)
    write_extension(w, ExtensionType::record_size_limit, [&](base::Writer& to) { to.u16(*hello.record_size_limit); });
}

}  // namespace

Result<ServerHelloExtensions> parse_server_hello_extensions(const Extensions& extensions) {
  ServerHelloExtensions hello;
  for (const Extension& extension : extensions)
    if (!read_extension(hello, extension)) return bad_extension(kind, extension.type);
  if (hello.record_size_limit && *hello.record_size_limit < min_record_size_limit)
    return illegal_extension(kind, ExtensionType::record_size_limit);
  return hello;
}

Result<> write_server_hello(Buffer& out, const ServerHello& hello, const ServerHelloExtensions& extensions) {
  return write_message(out, HandshakeType::server_hello, [&](base::Writer& w) {
    write_server_hello_head(w, hello);
    const std::size_t head_end = w.size();
    {
      auto block = w.length16();
      write_extensions(w, extensions);
    }
    // A client that sent no extensions need not know that there are any (RFC 5246, section 7.4.1.3).
    if (w.size() == head_end + 2) w.buffer().resize(head_end);
  });
}

}  // namespace handfast::wire::tls12
