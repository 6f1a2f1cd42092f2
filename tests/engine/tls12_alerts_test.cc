// What hellos and certificates of TLS 1.2 may not say, and the alert that the RFC has for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/tampering.h"

namespace handfast::test {
namespace {

using crypto::KeyType;
using enum HandshakeType;

constexpr std::size_t session_id_at = 4 + 2 + 32;    // in both hellos
constexpr std::size_t suite_at = session_id_at + 1;  // in a ServerHello without a session ID
constexpr std::size_t compression_at = suite_at + 2;

void set_suite(Buffer& server_hello, CipherSuite suite) {
  server_hello[suite_at] = static_cast<std::uint8_t>(std::to_underlying(suite) >> 8);
  server_hello[suite_at + 1] = static_cast<std::uint8_t>(std::to_underlying(suite));
}

ServerOptions asking_server() {
  ServerOptions options = server_options();
  options.client_auth = ClientAuth::request;
  options.client_trust = shared_authority().anchors();
  return options;
}
ClientOptions client_with_credential() {
  static const auto credential = shared_authority().credential("client.example");
  ClientOptions options = tls12_client_options();
  options.credentials = {credential};
  return options;
}

// --- ServerHello (RFC 5246, section 7.4.1.3)
// ---------------------------------------------------------------------------------------------

TEST(Tls12Alerts, Suites) {
  using enum CipherSuite;
  ClientOptions client = client_options();
  client.cipher_suites = {TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                          TLS_AES_128_GCM_SHA256};
  ServerOptions server = server_options();
  server.max_version = ProtocolVersion::tls1_2;
  // Not offered, of TLS 1.3, of nobody, and values that only signal.
  for (CipherSuite suite : {TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384,
                            CipherSuite{0xfafa}, TLS_EMPTY_RENEGOTIATION_INFO_SCSV, TLS_FALLBACK_SCSV})
    expect_refusal(
        server_hello, [=](Buffer& m) { set_suite(m, suite); }, Side::client, "illegal_parameter",
        "wrong_cipher_suite_selected", client, server);
  // The other kind of key than the certificate's.
  expect_refusal(
      server_hello, [](Buffer& m) { set_suite(m, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256); }, Side::client,
      "illegal_parameter", "wrong_certificate_key", client, server);
  server.credentials = {shared_authority().credential("server.example", KeyType::rsa)};
  expect_refusal(
      server_hello, [](Buffer& m) { set_suite(m, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256); }, Side::client,
      "illegal_parameter", "wrong_certificate_key", client, server);
}

TEST(Tls12Alerts, Compression) {
  expect_refusal(
      server_hello, [](Buffer& m) { m[compression_at] = 1; }, Side::client, "illegal_parameter",
      "bad_compression_methods");
  expect_refusal(
      client_hello, [](Buffer& m) { m[extensions_of_client_hello(m) - 3] = 1; }, Side::server, "illegal_parameter",
      "bad_compression_methods");
}

TEST(Tls12Alerts, SessionIds) {
  const auto insert_id = [](Buffer& m, Bytes id) {
    m[session_id_at] = static_cast<std::uint8_t>(id.size());
    m.insert(m.begin() + session_id_at + 1, id.begin(), id.end());
    set_length(m);
  };
  // Our own of RFC 8446, appendix D.4, which no server of TLS 1.2 can know a session for.
  Buffer ours;
  ServerOptions server = server_options();
  server.max_version = ProtocolVersion::tls1_2;
  Middleman echo(client_options(), server, [&](Side, Piece piece) {
    if (is(piece, client_hello))
      ours.assign(piece.bytes.begin() + session_id_at + 1, piece.bytes.begin() + session_id_at + 33);
    if (is(piece, server_hello)) insert_id(piece.bytes, ours);
    return std::vector{std::move(piece)};
  });
  expect_alert(echo, Side::client, "illegal_parameter", "wrong_session_id_echo");
  // A server may name a session of its own; here the two disagree about it at last.
  expect_refusal(
      server_hello, [&](Buffer& m) { insert_id(m, Buffer(32, 7)); }, Side::server, "decrypt_error", "bad_finished");
  expect_refusal(
      server_hello, [&](Buffer& m) { insert_id(m, Buffer(33, 7)); }, Side::client, "decode_error", "decode_error");
}

/// A server's version that the client does not speak (RFC 5246, appendix E.1).
TEST(Tls12Alerts, Versions) {
  for (std::uint8_t minor : Buffer{0, 1, 2, 4})
    expect_refusal(
        server_hello, [=](Buffer& m) { m[5] = minor; }, Side::client, "protocol_version", "wrong_version_selected");
  for (std::uint8_t minor : Buffer{0, 1, 2})
    expect_refusal(
        client_hello, [=](Buffer& m) { m[5] = minor; }, Side::server, "protocol_version", "no_common_version");
}

// --- Extensions
// --------------------------------------------------------------------------------------------------------------------------

/// RFC 5246, section 7.4.1.4; what may not stand in a ServerHello of TLS 1.2 as well (RFC 8446, section 6.2).
TEST(Tls12Alerts, ExtensionsThatNobodyAskedFor) {
  using enum ExtensionType;
  for (ExtensionType type : {max_fragment_length,
                             signature_algorithms,
                             use_srtp,
                             heartbeat,
                             application_layer_protocol_negotiation,
                             signed_certificate_timestamp,
                             client_certificate_type,
                             server_certificate_type,
                             padding,
                             encrypt_then_mac,
                             compress_certificate,
                             record_size_limit,
                             session_ticket,
                             pre_shared_key,
                             early_data,
                             cookie,
                             psk_key_exchange_modes,
                             certificate_authorities,
                             oid_filters,
                             post_handshake_auth,
                             signature_algorithms_cert,
                             key_share,
                             quic_transport_parameters,
                             encrypted_client_hello,
                             ExtensionType{0xf0f0}}) {
    SCOPED_TRACE(name(type));
    Middleman middleman(tls12_client_options(), server_options(),
                        change(server_hello, [=](Buffer& m) { add_extension(m, type, {}); }));
    middleman.run();
    EXPECT_EQ(alert(middleman.client()), "unsupported_extension");
    EXPECT_EQ(alert(middleman.server()), "unsupported_extension");
  }
  // RFC 8446, section 4.2.1: a ServerHello with this one is none of TLS 1.2, whatever it says.
  expect_refusal(
      server_hello, [](Buffer& m) { add_extension(m, supported_versions, Buffer{3, 3}); }, Side::client,
      "illegal_parameter", "forbidden_extension");
}

TEST(Tls12Alerts, ExtensionsThatStandTwice) {
  for (HandshakeType hello : {client_hello, server_hello})
    expect_refusal(
        hello, [](Buffer& m) { add_extension(m, ExtensionType::extended_master_secret, {}); },
        hello == client_hello ? Side::server : Side::client, "decode_error", "duplicate_extension");
}

/// One that the hello has, with other content.
std::function<void(Buffer&)> with_content(ExtensionType type, Buffer content) {
  return [=](Buffer& hello) {
    remove_extension(hello, type);
    add_extension(hello, type, content);
  };
}

struct Answer {
  HandshakeType hello;
  Side reader;
};
constexpr Answer both_ways[] = {{client_hello, Side::server}, {server_hello, Side::client}};

TEST(Tls12Alerts, RenegotiationInfo) {
  for (auto [hello, reader] : both_ways) {
    // RFC 5746, sections 3.4 and 3.6: nothing was negotiated before.
    expect_refusal(hello, with_content(ExtensionType::renegotiation_info, {1, 7}), reader, "handshake_failure",
                   "bad_renegotiation_info");
    expect_refusal(hello, with_content(ExtensionType::renegotiation_info, {2, 7}), reader, "decode_error",
                   "bad_extension");
  }
}

TEST(Tls12Alerts, PointFormats) {
  for (auto [hello, reader] : both_ways) {
    // RFC 8422, section 5.1.2.
    expect_refusal(hello, with_content(ExtensionType::ec_point_formats, {2, 1, 2}), reader, "illegal_parameter",
                   "bad_extension");
    expect_refusal(hello, with_content(ExtensionType::ec_point_formats, {0}), reader, "decode_error", "bad_extension");
  }
}

TEST(Tls12Alerts, ExtendedMasterSecret) {
  const auto strip = [](Buffer& hello) { remove_extension(hello, ExtensionType::extended_master_secret); };
  for (auto [hello, reader] : both_ways) {
    // RFC 7627, sections 5.2 and 5.3, where it is required.
    ClientOptions client = tls12_client_options();
    ServerOptions server = server_options();
    CommonOptions& strict = reader == Side::client ? static_cast<CommonOptions&>(client) : server;
    strict.require_extended_master_secret = true;
    expect_refusal(hello, strip, reader, "handshake_failure", "no_extended_master_secret", client, server);
    // And where it is not, whoever strips it is found out by Finished.
    expect_refusal(hello, strip, Side::server, "decrypt_error", "bad_finished");
    // RFC 7627, section 5.1: it has no content.
    expect_refusal(hello, with_content(ExtensionType::extended_master_secret, {0}), reader, "decode_error",
                   "bad_extension");
  }
  // It is answered only where it was offered.
  Middleman middleman(tls12_client_options(), server_options(), change(client_hello, strip));
  middleman.run();
  for (const auto& [side, piece] : middleman.seen)
    if (is(piece, server_hello)) {
      EXPECT_EQ(find_extension(piece.bytes, ExtensionType::extended_master_secret, extensions_of(piece.bytes)), 0u);
    }
}

// --- Downgrades (RFC 8446, section 4.1.3)
// ------------------------------------------------------------------------------------------------

TEST(Tls12Alerts, Downgrades) {
  Middleman stripped(client_options(), server_options(), hide(ExtensionType::supported_versions));
  expect_alert(stripped, Side::client, "illegal_parameter", "downgrade_detected");

  // The random value is signed: taking the mark out of it helps nobody.
  const Middleman::Change strip = hide(ExtensionType::supported_versions);
  Middleman unmarked(
      client_options(), server_options(),
      [strip, clear = change(server_hello, [](Buffer& m) { m[4 + 2 + 31] ^= 0x80; })](Side side, Piece piece) mutable {
        return clear(side, std::move(strip(side, std::move(piece)).front()));
      });
  expect_alert(unmarked, Side::client, "decrypt_error", "bad_signature");

  // Without the suites of TLS 1.3, whose version stands first, there is nothing left.
  expect_refusal(
      client_hello,
      [](Buffer& m) {
        const std::size_t suites = session_id_at + 1u + m[session_id_at] + 2;
        for (std::size_t at = suites; at + 1 < suites + static_cast<std::size_t>(m[suites - 2] << 8 | m[suites - 1]);
             at += 2)
          if (m[at] == 0x13) m[at] = 0xfa;
      },
      Side::server, "handshake_failure", "no_common_cipher_suite", client_options());
}

// --- Certificates
// ------------------------------------------------------------------------------------------------------------------------

TEST(Tls12Alerts, EmptyCertificateOfAServer) {
  // RFC 5246, section 7.4.2.
  expect_refusal(
      certificate, [](Buffer& m) { m = {11, 0, 0, 3, 0, 0, 0}; }, Side::client, "decode_error", "no_certificate");
}

TEST(Tls12Alerts, CertificateStatus) {
  const Piece status{ContentType::handshake, {22, 0, 0, 6, 1, 0, 0, 2, 0x30, 0}};
  Middleman unannounced(tls12_client_options(), server_options(),
                        insert_before(Side::server, server_key_exchange, {status}));
  expect_alert(unannounced, Side::client, "unexpected_message", "unexpected_message");
  // RFC 6066, section 8: announced; the second time it is one too many.
  const auto announced = [](const Piece& first, std::vector<Piece> more) {
    return [=](Side, Piece piece) {
      if (is(piece, server_hello)) add_extension(piece.bytes, ExtensionType::status_request, {});
      std::vector<Piece> pieces;
      if (is(piece, server_key_exchange)) {
        pieces = {first};
        pieces.insert(pieces.end(), more.begin(), more.end());
      }
      pieces.push_back(std::move(piece));
      return pieces;
    };
  };
  ClientOptions client = tls12_client_options();
  client.verification.revocation = RevocationPolicy::staple;
  Middleman twice(client, server_options(), announced(status, {status}));
  expect_alert(twice, Side::client, "unexpected_message", "unexpected_message");
  Middleman bad(client, server_options(), announced(status, {}));
  expect_alert(bad, Side::client, "bad_certificate_status_response", "bad_ocsp_response");
  const Piece of_another_type{ContentType::handshake, {22, 0, 0, 6, 2, 0, 0, 2, 0x30, 0}};
  Middleman other(client, server_options(), announced(of_another_type, {}));
  expect_alert(other, Side::client, "decode_error", "decode_error");
}

TEST(Tls12Alerts, CertificateRequests) {
  for (std::size_t list : {std::size_t{0}, std::size_t{1}}) {
    // RFC 5246, section 7.4.4: no list of types or of algorithms is empty.
    const Buffer empty = list == 0 ? Buffer{13, 0, 0, 7, 0, 0, 2, 4, 3, 0, 0} : Buffer{13, 0, 0, 6, 1, 64, 0, 0, 0, 0};
    expect_refusal(
        certificate_request, [&](Buffer& m) { m = empty; }, Side::client, "decode_error", "decode_error",
        tls12_client_options(), asking_server());
  }
}

TEST(Tls12Alerts, ACertificateThatNobodyAskedFor) {
  const Piece empty{ContentType::handshake, {11, 0, 0, 3, 0, 0, 0}};
  Middleman middleman(tls12_client_options(), server_options(),
                      insert_before(Side::client, client_key_exchange, {empty}));
  expect_alert(middleman, Side::server, "unexpected_message", "unexpected_message");
}

TEST(Tls12Alerts, CertificateVerify) {
  const auto refused = [](std::function<void(Buffer&)> how, std::string_view expected_alert,
                          std::string_view expected_reason) {
    expect_refusal(certificate_verify, std::move(how), Side::server, expected_alert, expected_reason,
                   client_with_credential(), asking_server());
  };
  refused([](Buffer& m) { m.back() ^= 1; }, "decrypt_error", "bad_signature");
  refused([](Buffer& m) { m[4] = 2; }, "illegal_parameter", "wrong_signature_scheme");  // SHA-1
  refused(
      [](Buffer& m) {
        m[4] = 8;
        m[5] = 4;
      },
      "illegal_parameter", "wrong_signature_scheme");  // RSA
  // Of another handshake with the same keys.
  Middleman first(client_with_credential(), asking_server(), unchanged);
  first.run();
  ASSERT_TRUE(first.pair().connected());
  const auto theirs =
      std::ranges::find_if(first.seen, [](const auto& sent) { return is(sent.second, certificate_verify); });
  ASSERT_NE(theirs, first.seen.end());
  refused([&](Buffer& m) { m = theirs->second.bytes; }, "decrypt_error", "bad_signature");
  // RFC 5246, section 7.4.8: a client without a certificate sends none.
  Middleman anonymous(tls12_client_options(), asking_server(), [&](Side side, Piece piece) {
    std::vector<Piece> pieces;
    if (side == Side::client && piece.type == ContentType::change_cipher_spec) pieces.push_back(theirs->second);
    pieces.push_back(std::move(piece));
    return pieces;
  });
  expect_alert(anonymous, Side::server, "unexpected_message", "unexpected_message");
}

}  // namespace
}  // namespace handfast::test
