// Every limit of Limits, one step before it and one past it.
#include <gtest/gtest.h>

#include "engine/middleman.h"
#include "handshake/msg.h"
#include "wire/client_hello.h"

namespace handfast::test {
namespace {

/// Pieces put in behind the first message of that type and sender.
Middleman::Change behind(Side sender, HandshakeType type, std::vector<Piece> more) {
  return [=](Side side, Piece piece) {
    const bool here = side == sender && piece.type == ContentType::handshake && piece.message() == type;
    std::vector<Piece> pieces{std::move(piece)};
    if (here) pieces.insert(pieces.end(), more.begin(), more.end());
    return pieces;
  };
}

std::string outcome(ClientOptions client, ServerOptions server, Middleman::Change change) {
  Middleman middleman(std::move(client), std::move(server), std::move(change));
  middleman.run();
  return reason(middleman.server());
}

TEST(Limits, ClientHello) {
  for (bool past : {false, true}) {
    ClientOptions client = client_options();
    ServerOptions server = server_options();
    Connection probe = make_client(client_options());
    const std::size_t body = probe.output().size() - record::header_size - wire::handshake_header_size;
    server.limits.client_hello = past ? body - 1 : body;
    EXPECT_EQ(
        outcome(std::move(client), std::move(server), [](Side, Piece piece) { return std::vector{std::move(piece)}; }),
        past ? "message_too_long" : "none");
  }
}

/// The header alone is enough: nothing of the body is waited for, or kept.
TEST(Limits, AMessageThatSaysItIsTooLong) {
  End server{make_server(), {}, {}};
  server.feed(Buffer{22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff});
  EXPECT_EQ(reason(server.connection), "message_too_long");
  EXPECT_EQ(alert(server.connection), "illegal_parameter");
}

TEST(Limits, Certificate) {
  const std::size_t body = 1 + 3 + 3 + shared_credential()->chain()[0].size() + 2;
  for (bool past : {false, true}) {
    ClientOptions client = client_options();
    client.limits.certificate = past ? body - 1 : body;
    Pair pair(std::move(client));
    pair.pump();
    EXPECT_EQ(reason(pair.client.connection), past ? "message_too_long" : "none");
  }
}

TEST(Limits, Message) {
  for (bool past : {false, true}) {
    ClientOptions client = client_options();
    // The longest is ServerHello, with 32 bytes of session ID, supported_versions and an X25519 share.
    client.groups = {NamedGroup::x25519};
    client.limits.message = past ? 117 : 118;
    Pair pair(std::move(client));
    pair.pump();
    EXPECT_EQ(reason(pair.client.connection), past ? "message_too_long" : "none");
  }
}

TEST(Limits, ChainLength) {
  for (bool past : {false, true}) {
    const Buffer leaf = shared_credential()->chain()[0];
    ServerOptions server = server_options();
    server.credentials = {value(Credential::make({leaf, leaf, leaf}, shared_credential()->key()))};
    ClientOptions client = client_options();
    client.limits.chain_length = past ? 2 : 3;
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    EXPECT_EQ(reason(pair.client.connection), past ? "too_many_certificates" : "none");
  }
}

TEST(Limits, EmptyRecords) {
  for (bool past : {false, true}) {
    const std::size_t count = Limits().empty_records + (past ? 1 : 0);
    EXPECT_EQ(outcome(client_options(), server_options(),
                      behind(Side::client, HandshakeType::finished,
                             std::vector<Piece>(count, {ContentType::application_data, {}}))),
              past ? "too_many_empty_records" : "none");
  }
  // Data starts the count again.
  std::vector<Piece> pieces(Limits().empty_records, {ContentType::application_data, {}});
  pieces.push_back({ContentType::application_data, {1}});
  pieces.insert(pieces.end(), Limits().empty_records, {ContentType::application_data, {}});
  EXPECT_EQ(outcome(client_options(), server_options(), behind(Side::client, HandshakeType::finished, pieces)), "none");
}

TEST(Limits, ChangeCipherSpecs) {
  // The client's own comes on top.
  for (bool past : {false, true}) {
    const std::size_t count = Limits().empty_records - 1 + (past ? 1 : 0);
    EXPECT_EQ(outcome(client_options(), server_options(),
                      behind(Side::client, HandshakeType::client_hello,
                             std::vector<Piece>(count, {ContentType::change_cipher_spec, {1}}))),
              past ? "too_many_empty_records" : "none");
  }
  EXPECT_EQ(outcome(client_options(), server_options(),
                    behind(Side::client, HandshakeType::finished, {{ContentType::change_cipher_spec, {1}}})),
            "unexpected_record");
  EXPECT_EQ(outcome(client_options(), server_options(),
                    behind(Side::client, HandshakeType::client_hello, {{ContentType::change_cipher_spec, {2}}})),
            "bad_change_cipher_spec");
  End before_the_hello{make_server(), {}, {}};
  before_the_hello.feed(Buffer{20, 3, 3, 0, 1, 1});
  EXPECT_EQ(reason(before_the_hello.connection), "unexpected_record");
}

TEST(Limits, EmptyHandshakeRecords) {
  EXPECT_EQ(outcome(client_options(), server_options(),
                    behind(Side::client, HandshakeType::finished, {{ContentType::handshake, {}}})),
            "empty_handshake_record");
  EXPECT_EQ(outcome(client_options(), server_options(),
                    behind(Side::client, HandshakeType::finished, {{ContentType::alert, {}}})),
            "empty_handshake_record");
}

TEST(Limits, WarningAlerts) {
  for (bool past : {false, true}) {
    const std::size_t count = Limits().warning_alerts + (past ? 1 : 0);
    EXPECT_EQ(outcome(client_options(), server_options(),
                      behind(Side::client, HandshakeType::finished,
                             std::vector<Piece>(count, {ContentType::alert, {1, 90}}))),
              past ? "too_many_warning_alerts" : "none");
  }
}

TEST(Limits, Extensions) {
  // 64 extensions are read, 65 are not: unknown ones put into the ClientHello.
  for (bool past : {false, true}) {
    auto change = [past](Side, Piece piece) {
      if (piece.type != ContentType::handshake || piece.message() != HandshakeType::client_hello)
        return std::vector{std::move(piece)};
      Buffer& m = piece.bytes;
      std::size_t at = 4 + 2 + 32;
      at += 1u + m[at];
      at += 2u + static_cast<std::size_t>(m[at] << 8 | m[at + 1]);
      at += 1u + m[at];
      std::size_t present = 0;
      for (std::size_t e = at + 2; e + 4 <= m.size(); ++present)
        e += 4u + static_cast<std::size_t>(m[e + 2] << 8 | m[e + 3]);
      for (std::size_t i = present; i < (past ? 65u : 64u); ++i)
        m.insert(m.end(), {0xf1, static_cast<std::uint8_t>(i), 0, 0});
      const std::size_t block = m.size() - at - 2;
      m[at] = static_cast<std::uint8_t>(block >> 8);
      m[at + 1] = static_cast<std::uint8_t>(block);
      const std::size_t body = m.size() - 4;
      m[2] = static_cast<std::uint8_t>(body >> 8);
      m[3] = static_cast<std::uint8_t>(body);
      return std::vector{std::move(piece)};
    };
    Middleman middleman(client_options(), server_options(), change);
    middleman.run();
    // With 64 the hello is read, and the client then finds that the transcript is not what it said.
    EXPECT_EQ(reason(middleman.server()), past ? "too_many_extensions" : "alert_received");
  }
}

TEST(Limits, SkippedEarlyData) {
  // A client that sends early data nobody asked for: records of type application_data behind its hello.
  for (std::size_t size : {16384u - 5u, 16384u}) {
    auto keeper = std::make_shared<SecretKeeper>();
    ClientOptions client = client_options();
    client.key_log = keeper;
    Pair pair(std::move(client));
    Buffer hello = take_output(pair.client.connection);
    // early_data (42), empty, at the end of the hello.
    hello.insert(hello.end(), {0, 42, 0, 0});
    auto add = [&](std::size_t at) {
      const auto length = static_cast<std::size_t>(hello[at] << 8 | hello[at + 1]) + 4;
      hello[at] = static_cast<std::uint8_t>(length >> 8);
      hello[at + 1] = static_cast<std::uint8_t>(length);
    };
    add(3);
    add(7);
    std::size_t at = 5 + 4 + 2 + 32;
    at += 1u + hello[at];
    at += 2u + static_cast<std::size_t>(hello[at] << 8 | hello[at + 1]);
    at += 1u + hello[at];
    add(at);
    pair.server.feed(hello);
    ASSERT_FALSE(pair.server.connection.error()) << pair.server.connection.error()->message();
    Buffer early(record::header_size + size);
    record::write_header(early, ContentType::application_data, 0x0303, size);
    pair.server.feed(early);
    EXPECT_EQ(reason(pair.server.connection), size + 5 > 16384 ? "early_data_too_long" : "none");
  }
}

TEST(Limits, WithoutTheOfferNothingIsSkipped) {
  Pair pair;
  Pair::carry(pair.client, pair.server);
  Buffer early(record::header_size + 100);
  record::write_header(early, ContentType::application_data, 0x0303, 100);
  pair.server.feed(early);
  EXPECT_EQ(reason(pair.server.connection), "bad_record_mac");
}

/// A ClientHello with the least that a server asks for.
Buffer client_hello(std::span<const CipherSuite> suites, std::span<const wire::KeyShareEntry> shares) {
  const Buffer random(32, 1);
  const std::array versions{ProtocolVersion::tls1_3};
  const std::array groups{NamedGroup::x25519};
  const std::array schemes{SignatureScheme::ecdsa_secp256r1_sha256};
  wire::ClientHelloFields fields;
  fields.random = random;
  fields.cipher_suites = suites;
  fields.supported_versions = versions;
  fields.supported_groups = groups;
  fields.signature_algorithms = schemes;
  fields.key_share = shares;
  Buffer message;
  static_cast<void>(value(wire::write_client_hello(message, fields)));
  return message;
}

/// Hands a message over in as many records as it takes.
void feed_message(End& to, Bytes message) {
  while (!message.empty()) {
    const Bytes fragment = message.first(std::min(message.size(), record::max_plaintext));
    base::OutputBuffer record;
    record::write_plaintext(ContentType::handshake, 0x0301, fragment, record);
    to.feed(record.view());
    message = message.subspan(fragment.size());
  }
}

TEST(Limits, KeyShares) {
  auto outcome_of = [](std::size_t count, bool doubled) {
    const Buffer share(32, 9);
    std::vector<wire::KeyShareEntry> shares;
    for (std::size_t i = 0; i < count; ++i)
      shares.push_back({NamedGroup{static_cast<std::uint16_t>(doubled ? 0x5000 : 0x5000 + i)}, share});
    End server{make_server(), {}, {}};
    feed_message(server, client_hello(std::array{CipherSuite::TLS_AES_128_GCM_SHA256}, shares));
    return reason(server.connection);
  };
  EXPECT_EQ(outcome_of(64, false), "none");
  EXPECT_EQ(outcome_of(65, false), "bad_extension");
  EXPECT_EQ(outcome_of(2, true), "duplicate_key_share");
}

/// A message in one-byte records is as long in the making as it has bytes, not as their square: it is not copied anew
/// with each.
TEST(Limits, ManySmallFragments) {
  handshake::Reassembler reassembler;
  Buffer message{1, 0, 0xea, 0x60};
  message.resize(4 + 60'000);
  std::size_t moves = 0;
  const std::uint8_t* place = nullptr;
  for (std::size_t at = 0; at < message.size(); ++at) {
    Bytes fragment = Bytes(message).subspan(at, 1);
    if (!reassembler.take_header(fragment)) continue;
    const bool whole = reassembler.take_body(fragment);
    EXPECT_EQ(whole, at + 1 == message.size());
    if (std::exchange(place, reassembler.place()) != place) ++moves;
  }
  EXPECT_LT(moves, 40u);
}

/// What a hostile hello leaves behind in the evidence is bounded.
TEST(Limits, Evidence) {
  std::vector<CipherSuite> suites;
  for (unsigned i = 0; i < 30'000; ++i) suites.push_back(CipherSuite{static_cast<std::uint16_t>(0x4000 + i)});
  End server{make_server(), {}, {}};
  feed_message(server, client_hello(suites, {}));
  ASSERT_EQ(reason(server.connection), "no_common_cipher_suite");
  const auto& offered = std::get<std::vector<std::string>>(*server.connection.error()->find("offered"));
  EXPECT_EQ(offered.size(), 65u);
  EXPECT_TRUE(offered.back().ends_with(" more")) << offered.back();
}

/// Nothing comes between the fragments of a message but what ends the connection.
TEST(Limits, AlertsBetweenFragments) {
  Connection client = make_client();
  const Bytes hello = client.output().subspan(record::header_size);
  for (Alert between : {Alert::user_canceled, Alert::close_notify}) {
    End server{make_server(), {}, {}};
    base::OutputBuffer out;
    record::write_plaintext(ContentType::handshake, 0x0301, hello.first(50), out);
    record::write_plaintext(ContentType::alert, 0x0301, Buffer{1, static_cast<std::uint8_t>(between)}, out);
    server.feed(out.view());
    EXPECT_EQ(reason(server.connection), "unexpected_record");
  }
}

TEST(Limits, HandshakeFrames) {
  std::size_t failures = 0;
  for (std::size_t budget = 0; budget < 40'000; budget += 256) {
    ServerOptions server = server_options();
    server.limits.handshake_frames = budget;
    Pair pair(client_options(), std::move(server));
    pair.pump();
    if (pair.connected()) continue;
    ++failures;
    EXPECT_EQ(reason(pair.server.connection), "out_of_memory") << budget;
  }
  EXPECT_GT(failures, 3u);
  EXPECT_LT(failures, 150u);
}

}  // namespace
}  // namespace handfast::test
