#include "handshake/tls12.h"

#include <algorithm>
#include <utility>

#include "base/contains.h"
#include "base/copy.h"
#include "base/reader.h"
#include "crypto/signature.h"
#include "handshake/send.h"
#include "wire/finished.h"
#include "wire/tls12/certificate.h"

namespace handfast::handshake::tls12 {
namespace {

using schedule::tls12::KeyBlock;
using schedule::tls12::MasterSecret;
using schedule::tls12::Randoms;
using schedule::tls12::VerifyData;

/// verify_data of `side`'s Finished.
VerifyData verify_data(Engine& engine, Side side, const schedule::Transcript& transcript,
                       const MasterSecret& master_secret) {
  const crypto::Digest transcript_hash = transcript.digest();
  const bool client = side == Side::client;
  const VerifyData data = client ? master_secret.client_finished(transcript_hash.view())
                                 : master_secret.server_finished(transcript_hash.view());
  engine.tell_secret("verify_data",
                     client ? "PRF(master_secret, \"client finished\", Hash(handshake_messages))"
                            : "PRF(master_secret, \"server finished\", Hash(handshake_messages))",
                     data);
  return data;
}

wire::List<SignatureScheme> as_list(Bytes schemes) noexcept {
  base::Reader reader(schemes);
  return wire::List<SignatureScheme>::read(reader, schemes);
}

/// What TLS 1.1 and 1.0 sign with, as if a peer had said so.
wire::List<SignatureScheme> unspoken_schemes() noexcept {
  static constexpr std::uint8_t schemes[] = {0xff, 0x01, 0x02, 0x03};  // rsa_pkcs1_md5_sha1, ecdsa_sha1
  return as_list(schemes);
}

}  // namespace

Randoms make_randoms(Bytes client, Bytes server) noexcept {
  Randoms randoms;
  base::copy(client, randoms.client);
  base::copy(server, randoms.server);
  return randoms;
}

Result<void> agree_on_master_secret(Engine& engine, bool extended) {
  engine.info().extended_master_secret = extended;
  if (extended || !engine.common().require_extended_master_secret) return {};
  return fail(Alert::handshake_failure, Reason::no_extended_master_secret);
}

Result<void> check_renegotiation_info(Bytes renegotiated_connection) {
  if (renegotiated_connection.empty()) return {};
  return fail(Alert::handshake_failure, Reason::bad_renegotiation_info);
}

Result<void> check_point_formats(Bytes formats, wire::MessageKind message) {
  constexpr std::uint8_t uncompressed = 0;
  if (base::contains(formats, uncompressed)) return {};
  return wire::illegal_extension(message, ExtensionType::ec_point_formats);
}

wire::List<SignatureScheme> signature_algorithms(ProtocolVersion version, const wire::ClientHello& hello) noexcept {
  static constexpr std::uint8_t with_sha1[] = {0x02, 0x01, 0x02, 0x03};  // rsa_pkcs1_sha1, ecdsa_sha1
  if (version < ProtocolVersion::tls1_2) return unspoken_schemes();
  return hello.signature_algorithms ? *hello.signature_algorithms : as_list(with_sha1);
}

wire::List<SignatureScheme> signature_algorithms(ProtocolVersion version,
                                                 const wire::tls12::CertificateRequest& request) noexcept {
  return version < ProtocolVersion::tls1_2 ? unspoken_schemes() : request.supported_signature_algorithms;
}

Result<SignatureScheme> signature_scheme(ProtocolVersion version, const x509::SubjectPublicKeyInfo& key,
                                         SignatureScheme algorithm) {
  if (version >= ProtocolVersion::tls1_2) return algorithm;
  if (key.type == crypto::KeyType::rsa) return SignatureScheme::rsa_pkcs1_md5_sha1;
  if (key.type && crypto::is_curve(*key.type)) return SignatureScheme::ecdsa_sha1;
  return fail(Error(Alert::illegal_parameter, Reason::wrong_certificate_key)
                  .with("version", name(version))
                  .with("algorithm", x509::oid_text(key.algorithm.oid)));
}

bool is_of_type(SignatureScheme scheme, const wire::List<wire::tls12::ClientCertificateType>& types) noexcept {
  using enum wire::tls12::ClientCertificateType;
  crypto::SchemeAlgorithm parts{};
  if (!crypto::lookup(scheme, parts)) return false;
  switch (crypto::suite_signature(parts.key)) {
    case crypto::SuiteSignature::rsa: return types.contains(rsa_sign);
    case crypto::SuiteSignature::ecdsa: return types.contains(ecdsa_sign);
    case crypto::SuiteSignature::any:
    case crypto::SuiteSignature::none: break;
  }
  return false;
}

Result<void> read_certificate(Engine& engine, const Msg& message) {
  if (engine.certificate_type(engine.peer()) == CertificateType::RawPublicKey) {
    const Result<Bytes> key = wire::tls12::parse_raw_public_key(message.body());
    if (!key) return fail(key.error());
    engine.info().peer_raw_public_key.assign(key->begin(), key->end());
    return {};
  }
  auto certificate = wire::tls12::parse_certificate(message.body(), engine.common().limits.chain_length);
  if (!certificate) return fail(std::move(certificate.error()));
  for (const wire::tls12::ASN1Cert& each : certificate->certificate_list)
    engine.info().peer_certificates.emplace_back(each.data.begin(), each.data.end());
  return {};
}

Result<void> send_certificate(Engine& engine, schedule::Transcript& transcript, const Credential* credential) {
  Buffer message;
  // Nobody's is the same, whichever of the two it would have been.
  const bool is_raw = credential && credential->certificate_type() == CertificateType::RawPublicKey;
  auto written = is_raw ? wire::tls12::write_raw_public_key(message, credential->raw_public_key())
                        : wire::tls12::write_certificate(
                              message, credential ? std::span(credential->chain()) : std::span<const Buffer>());
  if (!written) return written;
  send(engine, transcript, Level::initial, message);
  return {};
}

MasterSecret derive_master_secret(Engine& engine, const crypto::SuiteParts& suite, base::Secret pre_master_secret,
                                  const Randoms& randoms, const schedule::Transcript& transcript) {
  const bool extended = engine.info().extended_master_secret;
  const crypto::Digest session_hash = transcript.digest();
  MasterSecret master_secret = extended ? MasterSecret::extended(suite.hash, pre_master_secret, session_hash.view())
                                        : MasterSecret::derive(suite.hash, pre_master_secret, randoms);
  engine.tell_secret("pre_master_secret",
                     suite.has_forward_secrecy() ? "ECDH(our private key, their point)"
                                                 : "the client's, encrypted for the server's key",
                     pre_master_secret.view());
  engine.tell_secret("master_secret",
                     extended ? "PRF(pre_master_secret, \"extended master secret\", session_hash)"
                              : "PRF(pre_master_secret, \"master secret\", ClientHello.random + ServerHello.random)",
                     master_secret.view());
  engine.log_secret("CLIENT_RANDOM", master_secret.view());
  // RFC 7627, section 5.4: without it two connections may have the same master secret, and exports would bind nothing.
  if (extended) engine.set_exporter(master_secret.exporter(randoms));
  return master_secret;
}

MasterSecret resume_master_secret(Engine& engine, const crypto::SuiteParts& suite, const session::Session& session,
                                  const Randoms& randoms) {
  MasterSecret master_secret(suite.hash, session.secret.clone());
  engine.tell_secret("master_secret", "the session's", master_secret.view());
  engine.log_secret("CLIENT_RANDOM", master_secret.view());
  if (session.extended_master_secret) engine.set_exporter(master_secret.exporter(randoms));
  return master_secret;
}

void tell_key_block(Engine& engine, const KeyBlock& keys) {
  constexpr std::string_view derivation =
      "PRF(master_secret, \"key expansion\", ServerHello.random + ClientHello.random)";
  const auto tell = [&](std::string_view name, Bytes key) {
    if (!key.empty()) engine.tell_secret(name, derivation, key);
  };
  tell("client_write_MAC_key", keys.client_write_MAC_key());
  tell("server_write_MAC_key", keys.server_write_MAC_key());
  tell("client_write_key", keys.client_write_key());
  tell("server_write_key", keys.server_write_key());
  tell("client_write_IV", keys.client_write_IV());
  tell("server_write_IV", keys.server_write_IV());
}

Result<void> install(Engine& engine, Direction direction, const crypto::SuiteParts& suite, const KeyBlock& keys) {
  const bool client = (direction == Direction::sent) == (engine.side() == Side::client);
  const auto order =
      engine.info().encrypt_then_mac ? crypto::MacOrder::encrypt_then_mac : crypto::MacOrder::mac_then_encrypt;
  return engine.install(direction, suite, client ? keys.client(order) : keys.server(order),
                        client ? "client_write_key" : "server_write_key");
}

void send_finished(Engine& engine, schedule::Transcript& transcript, const MasterSecret& master_secret) {
  const VerifyData data = verify_data(engine, engine.side(), transcript, master_secret);
  engine.set_tls_unique(data);
  Buffer message;
  wire::write_finished(message, {data});
  send(engine, transcript, Level::application, message);
}

Result<void> check_finished(Engine& engine, schedule::Transcript& transcript, const MasterSecret& master_secret,
                            const Msg& message) {
  const VerifyData expected = verify_data(engine, engine.peer(), transcript, master_secret);
  const wire::Finished finished = wire::parse_finished(message.body());
  if (!base::equal_in_constant_time(finished.verify_data, expected))
    return fail(Alert::decrypt_error, Reason::bad_finished);
  engine.set_tls_unique(expected);
  transcript.add(message.bytes());
  return {};
}

}  // namespace handfast::handshake::tls12
