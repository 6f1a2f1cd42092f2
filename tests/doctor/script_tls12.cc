// A handshake of TLS 1.2 as its ladder is tested by.
#include <array>
#include <utility>

#include "base/copy.h"
#include "doctor/script.h"
#include "wire/certificate_verify.h"
#include "wire/client_hello.h"
#include "wire/finished.h"
#include "wire/tls12/certificate.h"
#include "wire/tls12/certificate_request.h"
#include "wire/tls12/certificate_status.h"
#include "wire/tls12/client_key_exchange.h"
#include "wire/tls12/server_hello.h"
#include "wire/tls12/server_key_exchange.h"

namespace handfast::test {
namespace {

constexpr std::array<std::uint8_t, 1> uncompressed = {0};
constexpr std::array<std::uint8_t, 1> first_handshake = {0};

Buffer client_hello() {
  const Buffer random(32, 0x11);
  const std::array suites = {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite::TLS_FALLBACK_SCSV};
  const std::array groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  const std::array schemes = {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pkcs1_sha256};
  const std::array<std::uint8_t, 2> point_formats = {1, 0};
  const std::array others = {wire::Extension{ExtensionType::extended_master_secret, {}},
                             wire::Extension{ExtensionType::renegotiation_info, first_handshake},
                             wire::Extension{ExtensionType::ec_point_formats, point_formats}};
  wire::ClientHelloFields fields;
  fields.random = random;
  fields.cipher_suites = suites;
  fields.server_name = "example.com";
  fields.supported_groups = groups;
  fields.signature_algorithms = schemes;
  fields.others = others;
  Buffer out;
  wire::write_client_hello(out, fields).value();
  return out;
}

Buffer server_hello(Extras extras) {
  Buffer random(32, 0x33);
  wire::tls12::ServerHelloExtensions extensions;
  extensions.server_name = true;
  if (extras == Extras::all) {
    extensions.status_request = true;
    extensions.extended_master_secret = true;
    extensions.renegotiation_info = Bytes();
    extensions.ec_point_formats = uncompressed;
    extensions.application_protocol = as_bytes("h2");
  } else {
    base::copy(wire::downgrade_to_tls1_2, MutableBytes(random).last(wire::downgrade_to_tls1_2.size()));
  }
  wire::ServerHello hello;
  hello.random = random;
  hello.cipher_suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
  Buffer out;
  wire::tls12::write_server_hello(out, hello, extensions).value();
  return out;
}

Buffer certificate(std::span<const Buffer> chain) {
  Buffer out;
  wire::tls12::write_certificate(out, chain).value();
  return out;
}

Buffer certificate_status() {
  const Buffer response(471, 0x30);
  Buffer out;
  wire::tls12::write_certificate_status(out, {response}).value();
  return out;
}

Buffer server_key_exchange() {
  const Buffer point(32, 0x44), signature(71, 0x55);
  Buffer out;
  wire::tls12::write_server_key_exchange(
      out, {NamedGroup::x25519, point, SignatureScheme::ecdsa_secp256r1_sha256, signature}, ProtocolVersion::tls1_2)
      .value();
  return out;
}

Buffer certificate_request() {
  using enum wire::tls12::ClientCertificateType;
  const std::array types = {ecdsa_sign, rsa_sign, wire::tls12::ClientCertificateType{0x63}};
  const std::array schemes = {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pkcs1_sha256};
  wire::tls12::CertificateRequestFields fields;
  fields.certificate_types = types;
  fields.supported_signature_algorithms = schemes;
  Buffer out;
  wire::tls12::write_certificate_request(out, fields, ProtocolVersion::tls1_2).value();
  return out;
}

Buffer empty(HandshakeType type) { return {std::to_underlying(type), 0, 0, 0}; }

Buffer client_key_exchange() {
  const Buffer point(32, 0x22);
  Buffer out;
  wire::tls12::write_client_key_exchange(out, {point}).value();
  return out;
}

Buffer certificate_verify() {
  const Buffer signature(70, 0x55);
  Buffer out;
  wire::write_certificate_verify(out, {SignatureScheme::ecdsa_secp256r1_sha256, signature}, ProtocolVersion::tls1_2)
      .value();
  return out;
}

Buffer finished() {
  const Buffer verify_data(12, 0x66);
  Buffer out;
  wire::write_finished(out, {verify_data});
  return out;
}

}  // namespace

Script whole_handshake_tls12(Extras extras) {
  using enum Direction;
  const Buffer leaf = example_certificate();
  const CipherSuite suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
  Script script(Side::client);
  script.message(sent, Level::initial, client_hello())
      .message(received, Level::initial, server_hello(extras))
      .message(received, Level::initial, certificate(std::span(&leaf, 1)));
  if (extras == Extras::all) script.message(received, Level::initial, certificate_status());
  script.message(received, Level::initial, server_key_exchange());
  if (extras == Extras::all) script.message(received, Level::initial, certificate_request());
  script.message(received, Level::initial, empty(HandshakeType::server_hello_done));
  if (extras == Extras::all) script.message(sent, Level::initial, certificate({}));
  script.message(sent, Level::initial, client_key_exchange());
  if (extras == Extras::all) script.message(sent, Level::initial, certificate_verify());
  script.add(ChangeCipherSpecEvent{sent})
      .add(KeyEvent{sent, Level::application, "client_write_key", suite})
      .message(sent, Level::application, finished())
      .add(ChangeCipherSpecEvent{received})
      .add(KeyEvent{received, Level::application, "server_write_key", suite})
      .message(received, Level::application, finished())
      .add(CompletedEvent{})
      .message(received, Level::application, empty(HandshakeType::hello_request));
  return script;
}

}  // namespace handfast::test
