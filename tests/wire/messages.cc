#include "wire/messages.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "support/vec.h"
#include "wire/certificate.h"
#include "wire/certificate_request.h"
#include "wire/certificate_verify.h"
#include "wire/client_hello.h"
#include "wire/empty.h"
#include "wire/encrypted_extensions.h"
#include "wire/finished.h"
#include "wire/handshake.h"
#include "wire/key_update.h"
#include "wire/new_session_ticket.h"
#include "wire/server_hello.h"
#include "wire/walker.h"

namespace handfast::test {
namespace {

Buffer rewrite_client_hello(const wire::ClientHello& hello, std::size_t size) {
  std::vector<ExtensionType> order;
  std::vector<wire::Extension> others;
  bool padded = false;
  for (const wire::Extension& extension : hello.extensions) {
    switch (extension.type) {
      case ExtensionType::server_name:
      case ExtensionType::supported_versions:
      case ExtensionType::supported_groups:
      case ExtensionType::signature_algorithms:
      case ExtensionType::signature_algorithms_cert:
      case ExtensionType::key_share:
      case ExtensionType::application_layer_protocol_negotiation:
      case ExtensionType::cookie:
      case ExtensionType::psk_key_exchange_modes:
      case ExtensionType::record_size_limit:
      case ExtensionType::certificate_authorities: break;
      case ExtensionType::padding: padded = true; continue;
      case ExtensionType::pre_shared_key: continue;
      default: others.push_back(extension);
    }
    order.push_back(extension.type);
  }
  std::vector<CipherSuite> cipher_suites = to_vector(hello.cipher_suites);
  std::vector<ProtocolVersion> supported_versions = to_vector(hello.supported_versions);
  std::vector<NamedGroup> supported_groups = to_vector(hello.supported_groups);
  std::vector<SignatureScheme> signature_algorithms = to_vector(hello.signature_algorithms);
  std::vector<SignatureScheme> signature_algorithms_cert = to_vector(hello.signature_algorithms_cert);
  std::vector<wire::KeyShareEntry> key_share = to_vector(hello.key_share);
  std::vector<wire::PskKeyExchangeMode> psk_key_exchange_modes = to_vector(hello.psk_key_exchange_modes);
  std::vector<Buffer> certificate_authorities = to_buffers(hello.certificate_authorities);
  std::vector<std::string> protocols;
  for (const wire::ProtocolName& protocol : to_vector(hello.application_layer_protocol_negotiation))
    protocols.emplace_back(as_text(protocol.name));
  std::vector<wire::PskIdentity> psk_identities;
  std::vector<Bytes> psk_binders;
  if (hello.pre_shared_key) {
    psk_identities = to_vector(hello.pre_shared_key->identities);
    for (const wire::PskBinderEntry& entry : hello.pre_shared_key->binders) psk_binders.push_back(entry.binder);
  }

  wire::ClientHelloFields fields;
  fields.legacy_version = hello.legacy_version;
  fields.random = hello.random;
  fields.legacy_session_id = hello.legacy_session_id;
  fields.cipher_suites = cipher_suites;
  fields.server_name = hello.server_name.value_or("");
  fields.supported_versions = supported_versions;
  fields.supported_groups = supported_groups;
  fields.signature_algorithms = signature_algorithms;
  fields.signature_algorithms_cert = signature_algorithms_cert;
  if (hello.key_share) fields.key_share = key_share;
  fields.application_layer_protocol_negotiation = protocols;
  fields.cookie = hello.cookie.value_or(Bytes{});
  fields.psk_key_exchange_modes = psk_key_exchange_modes;
  fields.record_size_limit = hello.record_size_limit.value_or(std::uint16_t{0});
  fields.certificate_authorities = certificate_authorities;
  fields.others = others;
  fields.psk_identities = psk_identities;
  fields.psk_binders = psk_binders;
  fields.pad_to = padded ? size : 0;
  fields.order = order;
  Buffer out;
  if (!wire::write_client_hello(out, fields)) throw std::logic_error("a ClientHello that is not written");
  return out;
}

Buffer rewrite_encrypted_extensions(const wire::EncryptedExtensions& message) {
  std::vector<NamedGroup> supported_groups = to_vector(message.supported_groups);
  wire::EncryptedExtensionsFields fields;
  fields.server_name = message.server_name;
  fields.application_protocol = message.application_protocol.value_or(Bytes{});
  fields.supported_groups = supported_groups;
  fields.record_size_limit = message.record_size_limit.value_or(std::uint16_t{0});
  fields.early_data = message.early_data;
  Buffer out;
  if (!wire::write_encrypted_extensions(out, fields))
    throw std::logic_error("EncryptedExtensions that are not written");
  return out;
}

Buffer rewrite_certificate_request(const wire::CertificateRequest& message) {
  std::vector<SignatureScheme> signature_algorithms = to_vector(message.signature_algorithms);
  std::vector<SignatureScheme> signature_algorithms_cert = to_vector(message.signature_algorithms_cert);
  std::vector<Buffer> certificate_authorities = to_buffers(message.certificate_authorities);
  wire::CertificateRequestFields fields;
  fields.certificate_request_context = message.certificate_request_context;
  fields.signature_algorithms = signature_algorithms;
  fields.signature_algorithms_cert = signature_algorithms_cert;
  fields.certificate_authorities = certificate_authorities;
  Buffer out;
  if (!wire::write_certificate_request(out, fields)) throw std::logic_error("a CertificateRequest that is not written");
  return out;
}

Buffer rewrite_certificate(const wire::Certificate& message) {
  std::vector<Buffer> chain;
  wire::CertificateFields fields;
  fields.certificate_request_context = message.certificate_request_context;
  for (const wire::CertificateEntry& entry : message.certificate_list) {
    if (chain.empty()) {
      fields.ocsp_response = entry.ocsp_response.value_or(Bytes{});
      fields.signed_certificate_timestamp =
          entry.extensions.find(ExtensionType::signed_certificate_timestamp).value_or(Bytes{});
    }
    chain.push_back(to_buffer(entry.cert_data));
  }
  fields.chain = chain;
  Buffer out;
  if (!wire::write_certificate(out, fields)) throw std::logic_error("a Certificate that is not written");
  return out;
}

/// The bytes of "Name (N octets):  hex ..." from there on; lines that are no hexadecimal are the page's head and foot.
Buffer octets_at(std::istringstream& text, std::string_view first, std::size_t count) {
  Buffer bytes = from_hex(first);
  for (std::string line; bytes.size() < count && std::getline(text, line);) {
    if (line.find_first_not_of(" 0123456789abcdef") == std::string::npos)
      std::ranges::copy(from_hex(line), std::back_inserter(bytes));
  }
  if (bytes.size() != count) throw std::logic_error("octets of another number than announced");
  return bytes;
}

}  // namespace

Buffer to_buffer(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

std::vector<Buffer> to_buffers(const std::optional<wire::List<wire::Opaque16>>& list) {
  std::vector<Buffer> buffers;
  for (const wire::Opaque16& item : to_vector(list)) buffers.push_back(to_buffer(item.data));
  return buffers;
}

std::vector<Sample> split_messages(const std::string& name, Bytes bytes) {
  std::vector<Sample> samples;
  while (!bytes.empty()) {
    std::optional<wire::HandshakeHeader> header = wire::read_handshake_header(bytes);
    const std::size_t size = header ? wire::handshake_header_size + header->length : bytes.size() + 1;
    if (size > bytes.size()) throw std::invalid_argument("a message is cut short in " + name);
    samples.push_back({name + " " + handfast::name(header->type), to_buffer(bytes.first(size))});
    bytes = bytes.subspan(size);
  }
  return samples;
}

std::vector<Sample> rfc8448_messages() {
  constexpr std::string_view names[] = {"ClientHello", "ServerHello",        "EncryptedExtensions",
                                        "Certificate", "CertificateRequest", "CertificateVerify",
                                        "Finished",    "NewSessionTicket",   "EndOfEarlyData"};
  std::vector<Sample> samples;
  std::istringstream text(read_text("rfc8448/rfc8448.txt"));
  for (std::string line; std::getline(text, line);) {
    const std::size_t start = line.find_first_not_of(' ');
    const std::size_t open = line.find(" (");
    const std::size_t colon = line.find(" octets):");
    if (start == std::string::npos || open == std::string::npos || colon == std::string::npos) continue;
    const std::string name = line.substr(start, open - start);
    if (std::ranges::find(names, name) == std::end(names)) continue;
    const std::size_t count = std::stoul(line.substr(open + 2));
    Buffer octets = octets_at(text, std::string_view(line).substr(colon + 9), count);
    const std::size_t whole = wire::read_handshake_header(octets)->length + wire::handshake_header_size;
    if (whole == count) samples.push_back({"RFC 8448 " + name, std::move(octets)});
  }
  // The ClientHello with binders is one of two parts in the text, and whole in its record.
  for (const VecBlock& block : read_vec("rfc8448/botan/transcripts.vec"))
    if (block.section == "Resumed_0RTT_Handshake" && block.has("Record_ClientHello_1")) {
      Buffer record = block.hex("Record_ClientHello_1");
      samples.push_back({"RFC 8448 resumed ClientHello", to_buffer(Bytes(record).subspan(5))});
    }
  return samples;
}

std::optional<Error> parse_and_walk(HandshakeType type, Bytes body) {
  switch (type) {
    case HandshakeType::client_hello: return walk(wire::parse_client_hello(body));
    case HandshakeType::server_hello: return walk(wire::parse_server_hello(body));
    case HandshakeType::encrypted_extensions: return walk(wire::parse_encrypted_extensions(body));
    case HandshakeType::certificate_request: return walk(wire::parse_certificate_request(body));
    case HandshakeType::certificate: return walk(wire::parse_certificate(body));
    case HandshakeType::certificate_verify: return walk(wire::parse_certificate_verify(body, ProtocolVersion::tls1_3));
    case HandshakeType::new_session_ticket: return walk(wire::parse_new_session_ticket(body));
    case HandshakeType::key_update: return walk(wire::parse_key_update(body));
    case HandshakeType::end_of_early_data:
      if (Result<> parsed = wire::parse_empty(HandshakeType::end_of_early_data, body); !parsed) return parsed.error();
      return std::nullopt;
    case HandshakeType::finished: return walk(Result<wire::Finished>(wire::parse_finished(body)));
    default: return Error(Alert::unexpected_message, Reason::unexpected_message);
  }
}

Buffer rewrite(HandshakeType type, Bytes body) {
  Buffer out;
  Result<> written;
  switch (type) {
    case HandshakeType::client_hello:
      return rewrite_client_hello(wire::parse_client_hello(body).value(), body.size() + wire::handshake_header_size);
    case HandshakeType::server_hello:
      written = wire::write_server_hello(out, wire::parse_server_hello(body).value());
      break;
    case HandshakeType::encrypted_extensions:
      return rewrite_encrypted_extensions(wire::parse_encrypted_extensions(body).value());
    case HandshakeType::certificate_request:
      return rewrite_certificate_request(wire::parse_certificate_request(body).value());
    case HandshakeType::certificate: return rewrite_certificate(wire::parse_certificate(body).value());
    case HandshakeType::certificate_verify:
      written = wire::write_certificate_verify(
          out, wire::parse_certificate_verify(body, ProtocolVersion::tls1_3).value(), ProtocolVersion::tls1_3);
      break;
    case HandshakeType::new_session_ticket:
      written = wire::write_new_session_ticket(out, wire::parse_new_session_ticket(body).value());
      break;
    case HandshakeType::key_update: wire::write_key_update(out, wire::parse_key_update(body).value()); break;
    case HandshakeType::finished: wire::write_finished(out, wire::parse_finished(body)); break;
    case HandshakeType::end_of_early_data: wire::write_empty(out, HandshakeType::end_of_early_data); break;
    default: break;
  }
  if (!written) throw std::logic_error("a message that is not written");
  return out;
}

Buffer extension_block(std::initializer_list<std::pair<ExtensionType, std::string_view>> extensions) {
  Buffer block;
  base::Writer w(block);
  for (const auto& [type, content] : extensions) {
    w.u16(static_cast<std::uint16_t>(type));
    w.vector16(from_hex(content));
  }
  return block;
}

Buffer prefixed(std::size_t width, Bytes bytes) {
  Buffer out;
  for (std::size_t i = width; i-- > 0;) out.push_back(static_cast<std::uint8_t>(bytes.size() >> (8 * i)));
  return std::move(out) + bytes;
}

Buffer operator+(Buffer left, Bytes right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

testing::AssertionResult is_error(const std::optional<Error>& error, Alert alert, Reason reason, Evidence evidence) {
  if (!error) return testing::AssertionFailure() << "there is a value, not an error";
  if (error->alert() != alert || error->reason() != reason)
    return testing::AssertionFailure() << name(error->alert()) << ", " << name(error->reason()) << ": "
                                       << error->message();
  for (const auto& [name, value] : evidence) {
    const Fact::Value* found = error->find(name);
    if (!found || to_text(*found) != value)
      return testing::AssertionFailure() << "not " << name << ": " << value << ", but " << error->message();
  }
  return testing::AssertionSuccess();
}

}  // namespace handfast::test
