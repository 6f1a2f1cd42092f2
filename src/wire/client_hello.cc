// Reads a ClientHello.
#include "wire/client_hello.h"

#include <algorithm>

#include "wire/handshake.h"

namespace handfast::wire {
namespace {

/// RFC 6066, section 3: one name of a type, and there is but one type.
std::string_view read_server_name(base::Reader& r) noexcept {
  base::Reader list(r.vector16());
  const std::uint8_t name_type = list.u8();
  const Bytes host_name = list.vector16();
  if (!list.done() || name_type != 0 || host_name.empty() || host_name.size() > 255 ||
      std::ranges::find(host_name, 0) != host_name.end())
    r.fail();
  return as_text(host_name);
}

/// RFC 6066, section 8: whether a kind of status that is known here is asked for.
bool read_status_request(base::Reader& r) noexcept {
  if (r.u8() != ocsp_status_type) {
    r.rest();
    return false;
  }
  const Bytes responder_id_list = r.vector16();
  List<Opaque16>::read(r, responder_id_list);
  r.vector16();  // request_extensions
  return r.ok();
}

/// RFC 7250, section 4.1: whoever takes X.509 alone leaves the extension out.
bool says_something(const List<CertificateType>& types) noexcept {
  return !types.empty() && (types.size() > 1 || types.front() != CertificateType::X509);
}

Bytes some(base::Reader& r, Bytes content) noexcept {
  if (content.empty()) r.fail();
  return content;
}

/// Reads the extensions that ClientHello has a member for; pre_shared_key has rules of its own.
Result<> read_extension(ClientHello& hello, const Extension& extension) {
  base::Reader r(extension.data);
  switch (extension.type) {
    case ExtensionType::server_name: hello.server_name = read_server_name(r); break;
    case ExtensionType::supported_versions:
      hello.supported_versions = List<ProtocolVersion>::read_some(r, r.vector8());
      break;
    case ExtensionType::supported_groups: hello.supported_groups = List<NamedGroup>::read_some(r, r.vector16()); break;
    case ExtensionType::signature_algorithms:
      hello.signature_algorithms = List<SignatureScheme>::read_some(r, r.vector16());
      break;
    case ExtensionType::signature_algorithms_cert:
      hello.signature_algorithms_cert = List<SignatureScheme>::read_some(r, r.vector16());
      break;
    case ExtensionType::key_share: hello.key_share = List<KeyShareEntry>::read(r, r.vector16()); break;
    case ExtensionType::application_layer_protocol_negotiation:
      hello.application_layer_protocol_negotiation = List<ProtocolName>::read_some(r, r.vector16());
      break;
    case ExtensionType::cookie: hello.cookie = some(r, r.vector16()); break;
    case ExtensionType::psk_key_exchange_modes:
      hello.psk_key_exchange_modes = List<PskKeyExchangeMode>::read_some(r, r.vector8());
      break;
    case ExtensionType::record_size_limit:
      hello.record_size_limit = r.u16();
      if (r.done() && *hello.record_size_limit < min_record_size_limit)
        return illegal_extension(MessageKind::client_hello, extension.type);
      break;
    case ExtensionType::certificate_authorities:
      hello.certificate_authorities = List<Opaque16>::read_some(r, r.vector16());
      break;
    case ExtensionType::trust_anchors: hello.trust_anchors = List<TrustAnchorID>::read(r, r.vector16()); break;
    case ExtensionType::client_certificate_type:
    case ExtensionType::server_certificate_type: {
      auto& types = extension.type == ExtensionType::client_certificate_type ? hello.client_certificate_type
                                                                             : hello.server_certificate_type;
      types = List<CertificateType>::read(r, r.vector8());
      if (r.done() && !says_something(*types)) return illegal_extension(MessageKind::client_hello, extension.type);
      break;
    }
    case ExtensionType::status_request: hello.status_request = read_status_request(r); break;
    case ExtensionType::ec_point_formats: hello.ec_point_formats = some(r, r.vector8()); break;
    case ExtensionType::renegotiation_info: hello.renegotiation_info = r.vector8(); break;
    case ExtensionType::session_ticket: hello.session_ticket = r.rest(); break;
    // Those without content.
    case ExtensionType::early_data: hello.early_data = true; break;
    case ExtensionType::post_handshake_auth: hello.post_handshake_auth = true; break;
    case ExtensionType::signed_certificate_timestamp: hello.signed_certificate_timestamp = true; break;
    case ExtensionType::extended_master_secret: hello.extended_master_secret = true; break;
    case ExtensionType::encrypt_then_mac: hello.encrypt_then_mac = true; break;
    default: return {};
  }
  if (!r.done()) return bad_extension(MessageKind::client_hello, extension.type);
  return {};
}

std::unexpected<Error> bad_psk(Alert alert, std::string_view field) {
  return fail(Error(alert, Reason::bad_psk)
                  .with("message", "client_hello")
                  .with("extension", name(ExtensionType::pre_shared_key))
                  .with("field", std::string(field)));
}

/// RFC 8446, section 4.2.11.
Result<OfferedPsks> read_pre_shared_key(const Extensions& extensions, Bytes data) {
  if (data.data() + data.size() != extensions.bytes().data() + extensions.bytes().size())
    return bad_psk(Alert::illegal_parameter, "position");
  base::Reader r(data);
  OfferedPsks psks;
  psks.identities = List<PskIdentity>::read_some(r, r.vector16());
  if (!r.ok()) return bad_psk(Alert::decode_error, "identities");
  psks.binders = List<PskBinderEntry>::read_some(r, r.vector16());
  if (!r.done()) return bad_psk(Alert::decode_error, "binders");
  if (psks.identities.size() != psks.binders.size()) return bad_psk(Alert::illegal_parameter, "binders");
  return psks;
}

}  // namespace

PskIdentity PskIdentity::read(base::Reader& r) noexcept {
  const Bytes identity = some(r, r.vector16());
  return {identity, r.u32()};
}

PskBinderEntry PskBinderEntry::read(base::Reader& r) noexcept { return {r.vector8()}; }

Result<ClientHello> parse_client_hello(Bytes body) {
  const std::string_view message = name(MessageKind::client_hello);
  ClientHello hello;
  base::Reader r(body);
  hello.legacy_version = ProtocolVersion{r.u16()};
  if (!r.ok()) return malformed(message, "legacy_version");
  hello.random = r.take(32);
  if (!r.ok()) return malformed(message, "random");
  hello.legacy_session_id = r.vector8();
  if (!r.ok() || hello.legacy_session_id.size() > 32) return malformed(message, "legacy_session_id");
  hello.cipher_suites = List<CipherSuite>::read_some(r, r.vector16());
  if (!r.ok()) return malformed(message, "cipher_suites");
  hello.legacy_compression_methods = some(r, r.vector8());
  if (!r.ok()) return malformed(message, "legacy_compression_methods");
  if (r.empty()) return hello;

  const Bytes block = r.vector16();
  if (!r.done()) return malformed(message, "extensions");
  Result<Extensions> extensions = parse_extensions(block, MessageKind::client_hello);
  if (!extensions) return fail(std::move(extensions.error()));
  hello.extensions = *extensions;
  for (const Extension& extension : hello.extensions) {
    if (extension.type == ExtensionType::pre_shared_key) {
      Result<OfferedPsks> psks = read_pre_shared_key(hello.extensions, extension.data);
      if (!psks) return fail(std::move(psks.error()));
      hello.pre_shared_key = *psks;
    } else if (Result<> read = read_extension(hello, extension); !read) {
      return fail(std::move(read.error()));
    }
  }
  return hello;
}

}  // namespace handfast::wire
