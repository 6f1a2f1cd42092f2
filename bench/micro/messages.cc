// Messages: read and written.
#include <array>
#include <vector>

#include <benchmark/benchmark.h>

#include "case.h"
#include "chain.h"
#include "check.h"
#include "wire/certificate.h"
#include "wire/client_hello.h"
#include "wire/handshake.h"
#include "wire/server_hello.h"
#include "wire/tls12/server_hello.h"
#include "wire/tls12/server_key_exchange.h"

namespace handfast::bench {
namespace {

constexpr std::array<std::uint8_t, 32> thirty_two{1, 2, 3};

Bytes body(const Buffer& message) { return Bytes(message).subspan(wire::handshake_header_size); }

Buffer client_hello() {
  static constexpr std::array suites{CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384};
  static constexpr std::array versions{ProtocolVersion::tls1_3};
  static constexpr std::array groups{NamedGroup::x25519, NamedGroup::secp256r1};
  static constexpr std::array schemes{SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pss_rsae_sha256};
  const std::array shares{wire::KeyShareEntry{NamedGroup::x25519, thirty_two}};
  wire::ClientHelloFields fields;
  fields.random = fields.legacy_session_id = thirty_two;
  fields.cipher_suites = suites;
  fields.server_name = server_name;
  fields.supported_versions = versions;
  fields.supported_groups = groups;
  fields.signature_algorithms = schemes;
  fields.key_share = shares;
  Buffer message;
  value(wire::write_client_hello(message, fields));
  return message;
}

Buffer server_hello() {
  wire::ServerHello hello;
  hello.random = hello.legacy_session_id_echo = thirty_two;
  hello.cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256;
  hello.selected_version = ProtocolVersion::tls1_3;
  hello.key_share = wire::KeyShareEntry{NamedGroup::x25519, thirty_two};
  Buffer message;
  value(wire::write_server_hello(message, hello));
  return message;
}

Buffer server_hello_tls12() {
  static constexpr std::uint8_t uncompressed[] = {0};
  wire::ServerHello hello;
  hello.random = hello.legacy_session_id_echo = thirty_two;
  hello.cipher_suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
  wire::tls12::ServerHelloExtensions extensions;
  extensions.extended_master_secret = true;
  extensions.renegotiation_info.emplace();
  extensions.ec_point_formats = uncompressed;
  Buffer message;
  value(wire::tls12::write_server_hello(message, hello, extensions));
  return message;
}

Buffer server_key_exchange() {
  static constexpr std::array<std::uint8_t, 71> signature{};
  Buffer message;
  value(wire::tls12::write_server_key_exchange(
      message, {NamedGroup::x25519, thirty_two, SignatureScheme::ecdsa_secp256r1_sha256, signature},
      ProtocolVersion::tls1_2));
  return message;
}

Buffer certificate() {
  const Chain chain = make_chain(crypto::KeyType::p256);
  const std::vector<Buffer> sent{chain.leaf, chain.intermediate};
  wire::CertificateFields fields;
  fields.chain = sent;
  Buffer message;
  value(wire::write_certificate(message, fields));
  return message;
}

template <auto Parse, auto Make>
void parse(benchmark::State& state) {
  const Buffer message = Make();
  for (auto _ : state) benchmark::DoNotOptimize(Parse(body(message)));
}
constexpr auto parse_server_hello_tls12 = [](Bytes bytes) {
  return wire::tls12::parse_server_hello_extensions(wire::parse_server_hello(bytes)->extensions);
};
constexpr auto parse_certificate = [](Bytes bytes) { return wire::parse_certificate(bytes); };
constexpr auto parse_server_key_exchange = [](Bytes bytes) {
  return wire::tls12::parse_server_key_exchange(bytes, ProtocolVersion::tls1_2);
};
BENCHMARK(parse<wire::parse_client_hello, client_hello>)->Name("message/parse/ClientHello");
BENCHMARK(parse<wire::parse_server_hello, server_hello>)->Name("message/parse/ServerHello");
BENCHMARK(parse<parse_server_hello_tls12, server_hello_tls12>)->Name("message/parse/tls12/ServerHello");
BENCHMARK(parse<parse_certificate, certificate>)->Name("message/parse/Certificate");
BENCHMARK(parse<parse_server_key_exchange, server_key_exchange>)->Name("message/parse/tls12/ServerKeyExchange");

template <auto Make>
void write(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Make());
}
BENCHMARK(write<client_hello>)->Name("message/write/ClientHello");
BENCHMARK(write<server_hello>)->Name("message/write/ServerHello");
BENCHMARK(write<server_hello_tls12>)->Name("message/write/tls12/ServerHello");
BENCHMARK(write<server_key_exchange>)->Name("message/write/tls12/ServerKeyExchange");

}  // namespace
}  // namespace handfast::bench
