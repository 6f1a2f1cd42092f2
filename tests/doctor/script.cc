#include "doctor/script.h"

#include <array>

#include "authority/mint.h"
#include "support/random.h"
#include "wire/certificate.h"
#include "wire/certificate_request.h"
#include "wire/certificate_verify.h"
#include "wire/client_hello.h"
#include "wire/encrypted_extensions.h"
#include "wire/finished.h"
#include "wire/server_hello.h"

namespace handfast::test {
namespace {

constexpr std::int64_t begin_2026 = 1767225600, end_2026 = 1798761599;

Buffer client_hello(NamedGroup group) {
  const Buffer random(32, 0x11), share(32, 0x22);
  const std::array suites = {CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384,
                             CipherSuite::TLS_CHACHA20_POLY1305_SHA256};
  const std::array versions = {ProtocolVersion::tls1_3};
  const std::array groups = {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1};
  const std::array schemes = {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pss_rsae_sha256};
  const std::array shares = {wire::KeyShareEntry{group, share}};
  const std::array<std::string, 2> protocols = {"h2", "http/1.1"};
  wire::ClientHelloFields fields;
  fields.random = random;
  fields.cipher_suites = suites;
  fields.server_name = "example.com";
  fields.supported_versions = versions;
  fields.supported_groups = groups;
  fields.signature_algorithms = schemes;
  fields.key_share = shares;
  fields.application_layer_protocol_negotiation = protocols;
  Buffer out;
  wire::write_client_hello(out, fields).value();
  return out;
}

Buffer server_hello(bool retry) {
  const Buffer random(32, 0x33), share(32, 0x44);
  wire::ServerHello hello;
  hello.random = retry ? Bytes(wire::hello_retry_request_random) : Bytes(random);
  hello.cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256;
  hello.selected_version = ProtocolVersion::tls1_3;
  if (retry)
    hello.selected_group = NamedGroup::secp256r1;
  else
    hello.key_share = wire::KeyShareEntry{NamedGroup::secp256r1, share};
  Buffer out;
  wire::write_server_hello(out, hello).value();
  return out;
}

Buffer encrypted_extensions() {
  wire::EncryptedExtensionsFields fields;
  fields.application_protocol = as_bytes("h2");
  Buffer out;
  wire::write_encrypted_extensions(out, fields).value();
  return out;
}

Buffer certificate_request() {
  const std::array schemes = {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::ed25519};
  wire::CertificateRequestFields fields;
  fields.signature_algorithms = schemes;
  Buffer out;
  wire::write_certificate_request(out, fields).value();
  return out;
}

Buffer certificate(std::span<const Buffer> chain) {
  wire::CertificateFields fields;
  fields.chain = chain;
  Buffer out;
  wire::write_certificate(out, fields).value();
  return out;
}

Buffer certificate_verify() {
  const Buffer signature(71, 0x55);
  Buffer out;
  wire::write_certificate_verify(out, {SignatureScheme::ecdsa_secp256r1_sha256, signature}, ProtocolVersion::tls1_3)
      .value();
  return out;
}

Buffer finished() {
  const Buffer verify_data(32, 0x66);
  Buffer out;
  wire::write_finished(out, {verify_data});
  return out;
}

}  // namespace

Buffer example_certificate() {
  SeededRandom random;
  const auto ca =
      authority::make_ca(authority::ca_options("Example CA", begin_2026, end_2026), crypto::KeyType::ed25519, random);
  authority::CertificateOptions options =
      authority::leaf_options({"example.com", "www.example.com"}, begin_2026, end_2026);
  options.common_name = "example.com";
  const auto leaf = authority::make_identity(options, crypto::KeyType::ed25519, {ca->certificate, ca->key}, random);
  const Bytes der = leaf->certificate.der();
  return {der.begin(), der.end()};
}

Script whole_handshake() {
  using enum Direction;
  const Buffer leaf = example_certificate();
  const CipherSuite suite = CipherSuite::TLS_AES_128_GCM_SHA256;
  VerificationReport report{.certificates = {leaf}, .sent = 1, .now = begin_2026, .leaf = {}, .error = {}};
  report.leaf.is_accepted = true;
  report.leaf.checks = {{CheckKind::validity, CheckOutcome::passed, {}, {}},
                        {CheckKind::server_name, CheckOutcome::passed, {}, {}},
                        {CheckKind::revocation, CheckOutcome::not_made, {}, {}}};
  Script script(Side::client);
  script.message(sent, Level::initial, client_hello(NamedGroup::x25519))
      .message(received, Level::initial, server_hello(true), true)
      .add(ChangeCipherSpecEvent{sent})
      .message(sent, Level::initial, client_hello(NamedGroup::secp256r1))
      .message(received, Level::initial, server_hello(false))
      .add(KeyEvent{received, Level::handshake, "server_handshake_traffic_secret", suite})
      .add(KeyEvent{sent, Level::handshake, "client_handshake_traffic_secret", suite})
      .message(received, Level::handshake, encrypted_extensions())
      .message(received, Level::handshake, certificate_request())
      .message(received, Level::handshake, certificate(std::span(&leaf, 1)))
      .add(VerificationEvent{&report})
      .message(received, Level::handshake, certificate_verify())
      .message(received, Level::handshake, finished())
      .message(sent, Level::handshake, certificate({}))
      .message(sent, Level::handshake, finished())
      .add(KeyEvent{sent, Level::application, "client_application_traffic_secret_0", suite})
      .add(KeyEvent{received, Level::application, "server_application_traffic_secret_0", suite})
      .add(CompletedEvent{})
      .add(DataEvent{sent, Level::application, 100})
      .add(DataEvent{sent, Level::application, 23})
      .add(AlertEvent{received, Alert::certificate_required, true});
  return script;
}

Script derived_secrets(doctor::Secrets secrets) {
  constexpr std::string_view key_block = R"(PRF(master_secret, "key expansion", server_random + client_random))";
  struct Row {
    std::string_view name, derivation;
    std::size_t size;
    std::uint8_t byte;
  };
  constexpr Row rows[] = {
      {"pre_master_secret", "x25519(ClientKeyExchange, ServerKeyExchange)", 32, 0xaa},
      {"master_secret", R"(PRF(pre_master_secret, "extended master secret", session_hash)[0..47])", 48, 0xbb},
      {"client_write_key", key_block, 16, 0xc1},
      {"server_write_key", key_block, 16, 0xc2},
      {"client_write_IV", key_block, 4, 0xd1},
      {"server_write_IV", key_block, 4, 0xd2},
  };
  Script script(Side::client);
  script.message(Direction::sent, Level::initial, finished());
  for (const Row& row : rows) {
    const Buffer bytes(secrets == doctor::Secrets::shown ? row.size : 0, row.byte);
    script.add(SecretEvent{row.name, row.derivation, row.size, bytes});
  }
  script.message(Direction::received, Level::application, finished());
  return script;
}

}  // namespace handfast::test
