// Looks at what was parsed to its last byte.
#pragma once

#include <optional>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include "wire/certificate.h"
#include "wire/certificate_request.h"
#include "wire/certificate_verify.h"
#include "wire/client_hello.h"
#include "wire/encrypted_extensions.h"
#include "wire/extension.h"
#include "wire/finished.h"
#include "wire/key_update.h"
#include "wire/list.h"
#include "wire/new_session_ticket.h"
#include "wire/server_hello.h"
#include "wire/tls12/certificate.h"
#include "wire/tls12/certificate_request.h"
#include "wire/tls12/client_key_exchange.h"
#include "wire/tls12/new_session_ticket.h"
#include "wire/tls12/server_hello.h"
#include "wire/tls12/server_key_exchange.h"

namespace handfast::test {

/// Reads every byte of a view, so that a sanitizer sees one that points elsewhere.
class Walker {
 public:
  void operator()(Bytes bytes) {
    for (std::uint8_t byte : bytes) sum_ = sum_ + byte;
  }
  void operator()(std::string_view text) { (*this)(as_bytes(text)); }
  void operator()(std::uint32_t number) { sum_ = sum_ + number; }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void operator()(Enum value) {
    sum_ = sum_ + static_cast<unsigned>(value);
  }
  template <typename Item>
  void operator()(const wire::List<Item>& list) {
    std::size_t count = 0;
    for (const Item& item : list) (*this)(item), ++count;
    if (count != list.size()) throw std::logic_error("a list of another size than its items");
  }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    if (value) (*this)(*value);
  }

  // Parts of messages.
  void operator()(const wire::Extension& value) { all(value.type, value.data); }
  void operator()(const wire::Extensions& value) {
    for (const wire::Extension& extension : value) (*this)(extension);
  }
  void operator()(const wire::KeyShareEntry& value) { all(value.group, value.key_exchange); }
  void operator()(const wire::ProtocolName& value) { all(value.name); }
  void operator()(const wire::Opaque16& value) { all(value.data); }
  void operator()(const wire::OidFilter& value) {
    all(value.certificate_extension_oid, value.certificate_extension_values);
  }
  void operator()(const wire::PskIdentity& value) { all(value.identity, value.obfuscated_ticket_age); }
  void operator()(const wire::PskBinderEntry& value) { all(value.binder); }
  void operator()(const wire::OfferedPsks& value) { all(value.identities, value.binders); }
  void operator()(const wire::CertificateEntry& value) {
    all(value.cert_data, value.extensions, value.ocsp_response, value.signed_certificate_timestamp);
  }
  void operator()(const wire::tls12::ASN1Cert& value) { all(value.data); }

  // Messages.
  void operator()(const wire::ClientHello& m) {
    all(m.random, m.legacy_session_id, m.cipher_suites, m.legacy_compression_methods, m.extensions, m.server_name,
        m.supported_versions, m.supported_groups, m.signature_algorithms, m.signature_algorithms_cert, m.key_share,
        m.application_layer_protocol_negotiation, m.cookie, m.psk_key_exchange_modes, m.pre_shared_key,
        m.certificate_authorities, m.ec_point_formats, m.renegotiation_info, m.session_ticket);
  }
  void operator()(const wire::ServerHello& m) {
    all(m.random, m.legacy_session_id_echo, m.extensions, m.key_share, m.cookie);
  }
  void operator()(const wire::EncryptedExtensions& m) { all(m.extensions, m.application_protocol, m.supported_groups); }
  void operator()(const wire::CertificateRequest& m) {
    all(m.certificate_request_context, m.extensions, m.signature_algorithms, m.signature_algorithms_cert,
        m.certificate_authorities, m.oid_filters);
  }
  void operator()(const wire::Certificate& m) { all(m.certificate_request_context, m.certificate_list); }
  void operator()(const wire::CertificateVerify& m) { all(m.signature); }
  void operator()(const wire::NewSessionTicket& m) { all(m.ticket_nonce, m.ticket, m.extensions); }
  void operator()(const wire::KeyUpdate& m) { all(m.request_update); }
  void operator()(const wire::Finished& m) { all(m.verify_data); }

  // Messages of TLS 1.2.
  void operator()(const wire::tls12::ServerHelloExtensions& m) {
    all(m.renegotiation_info, m.ec_point_formats, m.application_protocol, m.signed_certificate_timestamp);
  }
  void operator()(const wire::tls12::NewSessionTicket& m) { all(m.ticket); }
  void operator()(const wire::tls12::Certificate& m) { all(m.certificate_list); }
  void operator()(const wire::tls12::CertificateRequest& m) {
    all(m.certificate_types, m.supported_signature_algorithms, m.certificate_authorities);
  }
  void operator()(const wire::CertificateStatus& m) { all(m.ocsp_response); }
  void operator()(const wire::tls12::ServerKeyExchange& m) { all(m.point, m.signature); }
  void operator()(const wire::tls12::ClientKeyExchange& m) { all(m.ecdh_Yc); }

 private:
  template <typename... Values>
  void all(const Values&... values) {
    ((*this)(values), ...);
  }

  volatile std::uint32_t sum_ = 0;
};

/// Walks over the value; gives the error where there is none.
template <typename Message>
std::optional<Error> walk(const Result<Message>& message) {
  if (!message) return message.error();
  Walker{}(*message);
  return std::nullopt;
}

}  // namespace handfast::test
