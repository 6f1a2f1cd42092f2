// Reads and writes EncryptedExtensions.
#include "wire/encrypted_extensions.h"

#include "wire/handshake.h"

namespace handfast::wire {
namespace {

bool read_extension(EncryptedExtensions& message, const Extension& extension) noexcept {
  base::Reader r(extension.data);
  switch (extension.type) {
    case ExtensionType::server_name: message.server_name = true; break;
    case ExtensionType::application_layer_protocol_negotiation:
      message.application_protocol = read_selected_protocol(r);
      break;
    case ExtensionType::supported_groups:
      message.supported_groups = List<NamedGroup>::read_some(r, r.vector16());
      break;
    case ExtensionType::record_size_limit: message.record_size_limit = r.u16(); break;
    case ExtensionType::trust_anchors: message.trust_anchors = List<TrustAnchorID>::read_some(r, r.vector16()); break;
    case ExtensionType::client_certificate_type: message.client_certificate_type = CertificateType{r.u8()}; break;
    case ExtensionType::server_certificate_type: message.server_certificate_type = CertificateType{r.u8()}; break;
    case ExtensionType::early_data: message.early_data = true; break;
    default: return true;
  }
  return r.done();
}

}  // namespace

Result<EncryptedExtensions> parse_encrypted_extensions(Bytes body) {
  constexpr MessageKind kind = MessageKind::encrypted_extensions;
  base::Reader r(body);
  const Bytes block = r.vector16();
  if (!r.done()) return malformed(name(kind), "extensions");
  Result<Extensions> extensions = parse_extensions(block, kind);
  if (!extensions) return fail(std::move(extensions.error()));
  EncryptedExtensions message;
  message.extensions = *extensions;
  for (const Extension& extension : message.extensions)
    if (!read_extension(message, extension)) return bad_extension(kind, extension.type);
  if (message.record_size_limit && *message.record_size_limit < min_record_size_limit)
    return illegal_extension(kind, ExtensionType::record_size_limit);
  return message;
}

Result<> write_encrypted_extensions(Buffer& out, const EncryptedExtensionsFields& fields) {
  return write_message(out, HandshakeType::encrypted_extensions, [&](base::Writer& w) {
    auto extensions = w.length16();
    if (!fields.supported_groups.empty())
      write_extension(w, ExtensionType::supported_groups, [&](base::Writer& to) {
        auto list = to.length16();
        write_numbers(to, fields.supported_groups);
      });
    if (fields.record_size_limit != 0)
      write_extension(w, ExtensionType::record_size_limit, [&](base::Writer& to) { to.u16(fields.record_size_limit); });
    if (!fields.application_protocol.empty()) write_selected_protocol(w, fields.application_protocol);
    if (fields.server_name) write_extension(w, {ExtensionType::server_name, {}});
    write_certificate_type(w, ExtensionType::client_certificate_type, fields.client_certificate_type);
    write_certificate_type(w, ExtensionType::server_certificate_type, fields.server_certificate_type);
    if (fields.early_data) write_extension(w, {ExtensionType::early_data, {}});
    for (const Extension& extension : fields.others) write_extension(w, extension);
  });
}

}  // namespace handfast::wire
