// What key exchanges of TLS 1.2 may not say: points, curves and signatures that are refused, and by which alert.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/tampering.h"
#include "wire/tls12/server_key_exchange.h"

namespace handfast::test {
namespace {

using enum HandshakeType;
using enum NamedGroup;

// --- Points (RFC 8422, sections 5.4, 5.7 and 5.10)
// ---------------------------------------------------------------------------------------

/// The ServerKeyExchange changed by somebody who has the server's key.
Middleman::Change signed_anew(std::function<void(wire::tls12::ServerKeyExchange&)> how) {
  return [how = std::move(how), view = View()](Side, Piece piece) mutable {
    view.note(piece);
    if (!is(piece, server_key_exchange)) return std::vector{std::move(piece)};
    auto fields = value(wire::tls12::parse_server_key_exchange(Bytes(piece.bytes).subspan(4), ProtocolVersion::tls1_2));
    how(fields);
    const schedule::tls12::Randoms randoms = view.randoms();
    const wire::tls12::SignedParams content(randoms.client, randoms.server, fields.named_curve, fields.point);
    const Bytes signed_bytes = content.view();
    std::optional<Result<Buffer>> signature;
    shared_credential()->key()->sign(fields.algorithm, Buffer(signed_bytes.begin(), signed_bytes.end()),
                                     [&](Result<Buffer> given) { signature = std::move(given); });
    const Buffer bytes = value(std::move(*signature));
    fields.signature = bytes;
    Piece changed{ContentType::handshake, {}};
    value(wire::tls12::write_server_key_exchange(changed.bytes, fields, ProtocolVersion::tls1_2));
    return std::vector{std::move(changed)};
  };
}

struct BadPoint {
  const char* what;
  NamedGroup group;
  std::function<void(Buffer&)> how;
};

std::vector<BadPoint> bad_points() {
  const auto set_form = [](std::uint8_t form) { return [form](Buffer& point) { point[0] = form; }; };
  const auto number = [](std::uint8_t first, std::uint8_t middle, std::uint8_t last) {
    return [=](Buffer& point) {
      point.assign(32, middle);
      point.front() = first;
      point.back() = last;
    };
  };
  // 325606250916557431795983626356110631294008115727848805560023387167927233504 has order 8 (RFC 7748, section 6.1).
  const Buffer order8{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
                      0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00};
  return {{"not on the curve", secp256r1, [](Buffer& point) { point.back() ^= 1; }},
          {"at infinity", secp256r1, [](Buffer& point) { point = {0}; }},
          {"compressed", secp256r1,
           [](Buffer& point) {
             point.resize(33);
             point[0] = 2;
           }},
          {"hybrid", secp256r1, set_form(6)},
          {"of another form", secp256r1, set_form(5)},
          {"too short", secp256r1, [](Buffer& point) { point.pop_back(); }},
          {"too long", secp256r1, [](Buffer& point) { point.push_back(0); }},
          {"of another curve", secp256r1, [](Buffer& point) { point.resize(97, 1); }},
          {"not on the curve", secp384r1, [](Buffer& point) { point.back() ^= 1; }},
          {"not on the curve", secp521r1, [](Buffer& point) { point.back() ^= 1; }},
          {"too short", x25519, [](Buffer& point) { point.pop_back(); }},
          {"too long", x25519, [](Buffer& point) { point.push_back(0); }},
          {"zero", x25519, number(0, 0, 0)},
          {"one", x25519, number(1, 0, 0)},
          {"of order 8", x25519, [=](Buffer& point) { point = order8; }},
          {"p - 1", x25519, number(0xec, 0xff, 0x7f)},
          {"p", x25519, number(0xed, 0xff, 0x7f)}};
}

/// Both hear of it as illegal_parameter, whoever sends it.
TEST(Tls12KeyExchange, BadPoints) {
  for (const BadPoint& each : bad_points()) {
    SCOPED_TRACE(std::string(each.what) + " " + name(each.group));
    ServerOptions server = server_options();
    server.groups = {each.group};
    Buffer point;
    Middleman from_server(tls12_client_options(), server, signed_anew([&](wire::tls12::ServerKeyExchange& fields) {
                            point.assign(fields.point.begin(), fields.point.end());
                            each.how(point);
                            fields.point = point;
                          }));
    expect_alert(from_server, Side::client, "illegal_parameter", "bad_key_share");
    expect_refusal(
        client_key_exchange,
        [&](Buffer& m) {
          Buffer theirs(m.begin() + 5, m.end());
          each.how(theirs);
          m.resize(4);
          m.push_back(static_cast<std::uint8_t>(theirs.size()));
          m.insert(m.end(), theirs.begin(), theirs.end());
          set_length(m);
        },
        Side::server, "illegal_parameter", "bad_key_share", tls12_client_options(), server);
  }
}

TEST(Tls12KeyExchange, EmptyPoints) {
  expect_refusal(
      client_key_exchange,
      [](Buffer& m) {
        m.resize(4);
        m.push_back(0);
        set_length(m);
      },
      Side::server, "decode_error", "decode_error");
  Middleman from_server(tls12_client_options(), server_options(),
                        signed_anew([](wire::tls12::ServerKeyExchange& fields) { fields.point = {}; }));
  expect_alert(from_server, Side::client, "decode_error", "decode_error");
}

// --- ServerKeyExchange (RFC 8422, section 5.4)
// -------------------------------------------------------------------------------------------

TEST(Tls12KeyExchange, Curves) {
  ClientOptions client = tls12_client_options();
  // It offers TLS 1.3 too, and with it a group that TLS 1.2 has not.
  client.max_version = ProtocolVersion::tls1_3;
  client.groups = {NamedGroup::X25519MLKEM768, x25519, secp256r1};
  for (NamedGroup group : {secp384r1, NamedGroup{0x0a0a}, NamedGroup{1}, NamedGroup::X25519MLKEM768}) {
    ServerOptions server = server_options();
    server.max_version = ProtocolVersion::tls1_2;
    Middleman middleman(client, std::move(server),
                        signed_anew([&](wire::tls12::ServerKeyExchange& fields) { fields.named_curve = group; }));
    expect_alert(middleman, Side::client, "illegal_parameter", "wrong_group_selected");
  }
  for (std::uint8_t curve_type : Buffer{0, 1, 2, 4, 255})
    expect_refusal(
        server_key_exchange, [=](Buffer& m) { m[4] = curve_type; }, Side::client, "illegal_parameter", "decode_error");
}

/// RFC 8422, section 4: a client without supported_groups takes any, which a server need not believe.
TEST(Tls12KeyExchange, ClientsThatNameNoGroups) {
  const auto group_of = [](std::vector<NamedGroup> groups) {
    ServerOptions server = server_options();
    server.groups = std::move(groups);
    Middleman middleman(tls12_client_options(), std::move(server), hide(ExtensionType::supported_groups));
    middleman.run();
    return middleman.server().info().group;
  };
  EXPECT_EQ(group_of({}), secp256r1);
  EXPECT_EQ(group_of({X25519MLKEM768, x25519, secp384r1}), secp384r1);
  EXPECT_EQ(group_of({X25519MLKEM768, x25519}), x25519);
  ServerOptions strict = server_options();
  strict.require_supported_groups = true;
  Middleman refused(tls12_client_options(), strict, hide(ExtensionType::supported_groups));
  expect_alert(refused, Side::server, "handshake_failure", "no_common_group");
  Pair named(tls12_client_options(), strict);
  named.pump();
  EXPECT_TRUE(named.connected());
}

/// Groups with ML-KEM are of TLS 1.3: a client that offers both versions names them, and a server of TLS 1.2 passes
/// over them.
TEST(Tls12KeyExchange, PostQuantumGroupsArePassedOver) {
  for (ProtocolVersion newest_of_server : {ProtocolVersion::tls1_2, ProtocolVersion::tls1_3}) {
    ClientOptions client = client_options();
    client.groups = {X25519MLKEM768, x25519, secp256r1};
    if (newest_of_server == ProtocolVersion::tls1_3) client.max_version = ProtocolVersion::tls1_2;
    ServerOptions server = server_options();
    server.max_version = newest_of_server;
    server.groups = {X25519MLKEM768, x25519};
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    ASSERT_TRUE(pair.connected()) << reason(pair.server.connection) << reason(pair.client.connection);
    EXPECT_EQ(pair.client.connection.info().version, ProtocolVersion::tls1_2);
    EXPECT_EQ(pair.client.connection.info().group, x25519);
  }
}

void set_scheme(Buffer& server_key_exchange, SignatureScheme scheme) {
  const std::size_t at = 4 + 3 + 1 + server_key_exchange[4 + 3];
  server_key_exchange[at] = static_cast<std::uint8_t>(std::to_underlying(scheme) >> 8);
  server_key_exchange[at + 1] = static_cast<std::uint8_t>(std::to_underlying(scheme));
}

/// RFC 5246, section 7.4.3: of those that the client offered, and of the key's kind.
TEST(Tls12KeyExchange, ServersSignature) {
  expect_refusal(server_key_exchange, [](Buffer& m) { m.back() ^= 1; }, Side::client, "decrypt_error", "bad_signature");
  expect_refusal(
      server_key_exchange, [](Buffer& m) { m[4 + 3 + 1] ^= 1; }, Side::client, "decrypt_error", "bad_signature");
  ClientOptions client = tls12_client_options();
  client.signature_schemes = {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::rsa_pss_rsae_sha256};
  for (SignatureScheme scheme : {SignatureScheme::ecdsa_secp384r1_sha384, SignatureScheme{0x0203}, SignatureScheme{}})
    expect_refusal(
        server_key_exchange, [=](Buffer& m) { set_scheme(m, scheme); }, Side::client, "illegal_parameter",
        "wrong_signature_scheme", client);
  expect_refusal(
      server_key_exchange, [](Buffer& m) { set_scheme(m, SignatureScheme::rsa_pss_rsae_sha256); }, Side::client,
      "illegal_parameter", "wrong_signature_scheme", client);
}

}  // namespace
}  // namespace handfast::test
