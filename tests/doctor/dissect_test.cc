// Messages taken apart: those of the RFC's traces, of scripts and of our own engine; cut, damaged and made up.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>

#include "doctor/dissect/dissector.h"
#include "doctor/fields.h"
#include "doctor/message.h"
#include "doctor/script.h"
#include "engine/resumption.h"
#include "support/random.h"
#include "support/vectors.h"
#include "wire/botan.h"
#include "wire/client_hello.h"
#include "wire/messages.h"
#include "wire/server_hello.h"

namespace handfast::doctor {
namespace {

using test::count;
using test::find;
using test::flaw;
using test::from_hex;
using test::leaves;
using test::parses;
using test::walk;
using test::operator+;

constexpr ProtocolVersion all_versions[] = {ProtocolVersion::ssl3_0, ProtocolVersion::tls1_0, ProtocolVersion::tls1_1,
                                            ProtocolVersion::tls1_2, ProtocolVersion::tls1_3};

/// The value of the field at that path; where there is none, a word that no field says.
std::string value(const Field& root, std::initializer_list<std::string_view> path) {
  const Field* field = find(root, path);
  return field != nullptr ? field->value : "NOT THERE";
}

/// "offset+size" of the field at that path.
std::string place(const Field& root, std::initializer_list<std::string_view> path) {
  const Field* field = find(root, path);
  return field != nullptr ? std::to_string(field->offset) + '+' + std::to_string(field->size) : "NOT THERE";
}

/// A message of TLS 1.3, or of another version, with a header before its body.
Field dissected(HandshakeType type, std::string_view body, ProtocolVersion version = ProtocolVersion::tls1_3) {
  const Buffer message = Buffer{std::to_underlying(type)} + Bytes(test::prefixed(3, from_hex(body)));
  Field root = dissect(message, version);
  EXPECT_EQ(flaw(root, message.size()), "");
  return root;
}

/// A ClientHello with one extension.
Field hello_with(std::string_view type, std::string_view data) {
  const Buffer extension = from_hex(type) + Bytes(test::prefixed(2, from_hex(data)));
  const std::string block = test::to_hex(test::prefixed(2, extension));
  return dissected(HandshakeType::client_hello, "0303" + std::string(64, '5') + "00 0002 1301 01 00" + block);
}

/// Every message that a recording has, checked.
std::size_t check_all(const Recording& recording) {
  std::size_t checked = 0;
  for (const Step& step : recording.steps()) {
    const auto* message = std::get_if<Message>(&step.what);
    if (message == nullptr) continue;
    SCOPED_TRACE(title(*message));
    const Field root = dissect(message->bytes, message->version);
    EXPECT_EQ(root.name, title(*message));
    EXPECT_EQ(flaw(root, message->bytes.size()), "");
    for (const Field* leaf : leaves(root)) EXPECT_NE(leaf->name, unparsed_name) << leaf->offset << ": " << leaf->value;
    ++checked;
  }
  return checked;
}

/// A hello of either kind says of its extensions what the parser of wire/ reads.
void check_extensions(const Field& root, const wire::Extensions& extensions, Bytes message) {
  const Field* block = find(root, {"extensions"});
  ASSERT_NE(block, nullptr);
  ASSERT_EQ(block->children.size(), extensions.size() + 1);
  std::size_t i = 1;
  for (const wire::Extension& extension : extensions) {
    const Field& field = block->children[i++];
    EXPECT_EQ(field.offset, static_cast<std::size_t>(extension.data.data() - message.data()) - 4);
    EXPECT_EQ(field.size, extension.data.size() + 4);
    EXPECT_EQ(field.children.at(0).name, "extension_type");
    EXPECT_EQ(field.children.at(0).value == "GREASE", field.value == "GREASE");
  }
}

/// Nothing in a hello of our own is unknown, but for GREASE.
void check_hello(Bytes message) {
  const Field root = dissect(message, ProtocolVersion::tls1_3);
  EXPECT_EQ(flaw(root, message.size()), "");
  EXPECT_TRUE(parses(root));
  walk(root, [](const Field& field) {
    if (field.name == "extension") {
      EXPECT_EQ(field.value, "GREASE");
    }
  });
  const auto hello = wire::parse_client_hello(message.subspan(4));
  ASSERT_TRUE(hello);
  EXPECT_EQ(count(root, "cipher_suite"), hello->cipher_suites.size());
  EXPECT_EQ(value(root, {"extensions", "server_name", "server_name_list", "ServerName", "host_name", "host_name"}),
            hello->server_name ? std::string(*hello->server_name) : "NOT THERE");
  check_extensions(root, hello->extensions, message);
}

/// The first message in a connection's output, which begins with a record.
Buffer first_message(Connection connection) {
  const Buffer record = test::take_output(connection);
  return {record.begin() + 5, record.end()};
}

using Rfc8448 = test::VectorTest;

TEST_F(Rfc8448, EveryByteOfEveryMessageHasItsField) {
  std::map<std::string, int> seen;
  for (const test::Sample& sample : test::rfc8448_messages()) {
    SCOPED_TRACE(sample.name);
    const Field root = dissect(sample.message, ProtocolVersion::tls1_3);
    EXPECT_EQ(flaw(root, sample.message.size()), "");
    EXPECT_TRUE(parses(root));
    ++seen[root.name];
    if (sample.type() == HandshakeType::client_hello)
      check_extensions(root, wire::parse_client_hello(sample.body())->extensions, sample.message);
    if (sample.type() == HandshakeType::server_hello)
      check_extensions(root, wire::parse_server_hello(sample.body())->extensions, sample.message);
  }
  EXPECT_EQ(seen, (std::map<std::string, int>{{"ClientHello", 6},
                                              {"ServerHello", 5},
                                              {"HelloRetryRequest", 1},
                                              {"NewSessionTicket", 1},
                                              {"EndOfEarlyData", 1},
                                              {"EncryptedExtensions", 5},
                                              {"Certificate", 5},
                                              {"CertificateRequest", 1},
                                              {"CertificateVerify", 5},
                                              {"Finished", 10}}));
}

TEST_F(Rfc8448, WhatTheFirstHelloSays) {
  const test::Sample sample = test::rfc8448_messages().front();
  const Field root = dissect(sample.message, ProtocolVersion::tls1_3);
  EXPECT_EQ(root.name, "ClientHello");
  EXPECT_EQ(value(root, {"msg_type"}), "client_hello");
  EXPECT_EQ(place(root, {"msg_type"}), "0+1");
  EXPECT_EQ(value(root, {"length"}), "192 bytes");
  EXPECT_EQ(value(root, {"legacy_version"}), "TLS 1.2");
  EXPECT_EQ(place(root, {"random"}), "6+32");
  EXPECT_EQ(value(root, {"legacy_session_id"}), "empty");
  EXPECT_EQ(place(root, {"legacy_session_id", "length"}), "38+1");
  EXPECT_EQ(place(root, {"cipher_suites"}), "39+8");
  EXPECT_EQ(value(root, {"cipher_suites", "length"}), "6 bytes");
  const Field* suites = find(root, {"cipher_suites"});
  ASSERT_EQ(suites->children.size(), 4u);
  EXPECT_EQ(suites->children[1].value, "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(suites->children[2].value, "TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(suites->children[2].offset, 43u);
  EXPECT_EQ(suites->children[3].value, "TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(value(root, {"legacy_compression_methods", "compression_method"}), "null");
  EXPECT_EQ(place(root, {"extensions", "length"}), "49+2");
  EXPECT_EQ(place(root, {"extensions", "server_name"}), "51+15");
  EXPECT_EQ(value(root, {"extensions", "server_name", "server_name_list", "ServerName", "host_name", "host_name"}),
            "server");
  EXPECT_EQ(value(root, {"extensions", "renegotiation_info", "renegotiated_connection"}), "empty");
  const Field* share = find(root, {"extensions", "key_share", "client_shares", "KeyShareEntry"});
  ASSERT_NE(share, nullptr);
  EXPECT_EQ(value(*share, {"group"}), "x25519");
  EXPECT_EQ(find(*share, {"key_exchange", "key_exchange"})->size, 32u);
  EXPECT_EQ(value(root, {"extensions", "psk_key_exchange_modes", "ke_modes", "ke_mode"}), "psk_dhe_ke");
  EXPECT_EQ(value(root, {"extensions", "record_size_limit", "record_size_limit"}), "16385 bytes");
  // A scheme of TLS 1.2 that has no name in TLS 1.3.
  std::set<std::string> schemes;
  walk(*find(root, {"extensions", "signature_algorithms"}), [&](const Field& field) { schemes.insert(field.value); });
  EXPECT_TRUE(schemes.contains("rsa_pss_rsae_sha256"));
  EXPECT_TRUE(schemes.contains("dsa with sha256"));
}

TEST_F(Rfc8448, TheResumedHello) {
  const test::Sample sample = test::rfc8448_messages().back();
  const Field root = dissect(sample.message, ProtocolVersion::tls1_3);
  const Field* psk = find(root, {"extensions", "pre_shared_key"});
  ASSERT_NE(psk, nullptr);
  EXPECT_EQ(psk->offset + psk->size, sample.message.size()) << "the last there is";
  EXPECT_EQ(find(*psk, {"identities", "PskIdentity", "identity", "identity"})->size, 178u);
  EXPECT_EQ(place(*psk, {"binders"}), "477+35") << "the ClientHello prefix of section 4 ends there";
  EXPECT_EQ(value(root, {"extensions", "early_data"}), "empty");
}

TEST_F(Rfc8448, CertificateAndWhatFollows) {
  bool seen_certificate = false, seen_ticket = false;
  for (const test::Sample& sample : test::rfc8448_messages()) {
    const Field root = dissect(sample.message, ProtocolVersion::tls1_3);
    if (root.name == "Certificate" && !std::exchange(seen_certificate, true)) {
      EXPECT_EQ(value(root, {"certificate_request_context"}), "empty");
      EXPECT_EQ(value(root, {"certificate_list", "CertificateEntry", "cert_data", "cert_data"}),
                "CN=rsa from CN=rsa, RSA 1024");
      EXPECT_EQ(place(root, {"certificate_list", "CertificateEntry", "cert_data", "cert_data"}), "11+432");
      EXPECT_EQ(value(root, {"certificate_list", "CertificateEntry", "extensions"}), "empty");
    }
    if (root.name == "NewSessionTicket") {
      seen_ticket = true;
      EXPECT_EQ(value(root, {"ticket_lifetime"}), "30 s");
      EXPECT_EQ(value(root, {"ticket_age_add"}), "0xfad6aac5");
      EXPECT_EQ(value(root, {"extensions", "early_data", "max_early_data_size"}), "1024 bytes");
    }
  }
  EXPECT_TRUE(seen_certificate && seen_ticket);
}

TEST_F(Rfc8448, EveryTruncation) {
  for (const test::Sample& sample : test::rfc8448_messages()) {
    SCOPED_TRACE(sample.name);
    for (std::size_t size = 0; size < sample.message.size(); ++size) {
      const Bytes cut = Bytes(sample.message).first(size);
      const Field root = dissect(Buffer(cut.begin(), cut.end()), ProtocolVersion::tls1_3);
      ASSERT_EQ(flaw(root, size), "") << size;
      ASSERT_FALSE(parses(root)) << size;
    }
  }
}

TEST_F(Rfc8448, EveryByteMoreThanThereAreFields) {
  for (const test::Sample& sample : test::rfc8448_messages()) {
    const Buffer longer = sample.message + Bytes(std::array<std::uint8_t, 2>{0, 0});
    const Field root = dissect(longer, ProtocolVersion::tls1_3);
    ASSERT_EQ(flaw(root, longer.size()), "");
    ASSERT_EQ(root.children.back().name, unparsed_name) << sample.name;
    EXPECT_EQ(root.children.back().size, 2u);
  }
}

/// The extensions that hold something unparsed; "" for what is in none.
std::set<std::string> extensions_with_unparsed(const Field& root) {
  std::set<std::string> out;
  std::function<void(const Field&, std::string, bool)> look = [&](const Field& field, std::string name, bool block) {
    for (const Field& child : field.children) {
      if (child.name == unparsed_name) out.insert(name);
      look(child, block ? child.name : name, child.name == "extensions");
    }
  };
  look(root, "", false);
  return out;
}

TEST_F(Rfc8448, EveryDamagedByte) {
  const std::set<std::string> left_alone = {"max_fragment_length", "server_certificate_type"};
  int good = 0, bad = 0;
  for (const test::Sample& sample : test::rfc8448_messages()) {
    Buffer message = sample.message;
    for (std::uint8_t& byte : message) {
      const std::uint8_t before = byte;
      for (const unsigned change : {0x01u, 0x80u, 0xffu, unsigned{before}}) {
        byte = static_cast<std::uint8_t>(before ^ change);
        const Field root = dissect(message, ProtocolVersion::tls1_3);
        ASSERT_EQ(flaw(root, message.size()), "") << sample.name << " at " << &byte - message.data();
        ++(parses(root) ? good : bad);
        // What the engine takes is not called unparsed, but for extensions that it does not look into.
        if (&byte - message.data() < 4 || test::parse_and_walk(sample.type(), Bytes(message).subspan(4))) continue;
        for (const std::string& name : extensions_with_unparsed(root))
          EXPECT_TRUE(left_alone.contains(name)) << sample.name << " at " << &byte - message.data() << ": " << name;
      }
      byte = before;
    }
  }
  EXPECT_GT(good, 10000);
  EXPECT_GT(bad, 2000);
}

/// Hellos of other clients and servers, as Botan's developers collected them.
using OthersHellos = test::VectorTest;

TEST_F(OthersHellos, AreKnownToTheLastByte) {
  int checked = 0;
  for (const auto& [file, type] : {std::pair{"tls/client_hello.vec", HandshakeType::client_hello},
                                   std::pair{"tls_13/client_hello.vec", HandshakeType::client_hello},
                                   std::pair{"tls/server_hello.vec", HandshakeType::server_hello},
                                   std::pair{"tls_13/server_hello.vec", HandshakeType::server_hello}})
    for (const test::VecBlock& block : test::read_vec(std::string("tls-messages/botan/") + file)) {
      if (!block.has("Buffer") || !test::exception(block).empty()) continue;
      SCOPED_TRACE(block.text("Buffer"));
      const Field root = dissected(type, block.text("Buffer"));
      EXPECT_EQ(extensions_with_unparsed(root), std::set<std::string>());
      walk(root, [](const Field& field) {
        if (field.name == "extension") {
          EXPECT_EQ(field.value, "GREASE");
        }
      });
      ++checked;
    }
  EXPECT_EQ(checked, 14);
}

TEST(Dissect, EveryMessageOfTheScripts) {
  EXPECT_EQ(check_all(test::whole_handshake().recording()), 11u);
  EXPECT_EQ(check_all(test::whole_handshake_tls12(test::Extras::all).recording()), 13u);
  EXPECT_GE(check_all(test::whole_handshake_tls12(test::Extras::none).recording()), 8u);
}

TEST(Dissect, EveryMessageOfOurHandshakes) {
  // A retry, client authentication and tickets; then a session resumed with early data; each on both sides.
  test::Resumer peers;
  peers.allow_early_data();
  peers.client.application_protocols = peers.server.application_protocols = {"h2", "http/1.1"};
  peers.client.empty_key_share = true;
  peers.client.credentials = {test::shared_authority().credential("client.example")};
  peers.client.post_handshake_auth = true;
  peers.server.client_auth = ClientAuth::require;
  peers.server.client_trust = test::shared_authority().anchors();
  Recording client, server;
  test::Pair first = peers.connect("server.example", &client, &server);
  ASSERT_TRUE(first.connected()) << test::reason(first.client.connection) << test::reason(first.server.connection);
  EXPECT_EQ(check_all(client), check_all(server));
  for (const HandshakeType type : {HandshakeType::certificate_request, HandshakeType::new_session_ticket})
    EXPECT_NE(client.message(type, Direction::received), nullptr);
  EXPECT_NE(client.message(HandshakeType::certificate_verify, Direction::sent), nullptr);
  EXPECT_TRUE(client.message(HandshakeType::server_hello, Direction::received)->hello_retry_request);

  peers.client.empty_key_share = false;
  Recording resumed;
  test::Pair second = peers.begin("server.example", &resumed);
  ASSERT_TRUE(second.client.connection.send_early_data(as_bytes("early")));
  second.pump();
  ASSERT_TRUE(second.connected());
  ASSERT_TRUE(second.client.connection.update_keys(KeyUpdateRequest::update_requested));
  second.pump();
  EXPECT_GE(check_all(resumed), 5u);
  for (const HandshakeType type : {HandshakeType::end_of_early_data, HandshakeType::key_update})
    EXPECT_NE(resumed.message(type, Direction::sent), nullptr);
}

TEST(Dissect, EveryMessageOfOurHandshakesOfTls12) {
  test::Resumer peers;
  peers.client = test::tls12_client_options();
  peers.client.sessions.store = std::make_shared<MemoryClientSessionStore>();
  for (int i = 0; i < 2; ++i) {
    Recording recording;
    test::Pair pair = peers.connect("server.example", &recording);
    ASSERT_TRUE(pair.connected()) << test::reason(pair.client.connection);
    EXPECT_EQ(check_all(recording), i == 0 ? 9u : 4u);
    if (i == 0) {
      EXPECT_NE(recording.message(HandshakeType::server_key_exchange, Direction::received), nullptr);
      EXPECT_NE(recording.message(HandshakeType::new_session_ticket, Direction::received), nullptr);
    }
  }
}

TEST(Dissect, OurHellosInManyForms) {
  check_hello(first_message(test::make_client()));
  check_hello(first_message(test::make_client(test::tls12_client_options())));
  ClientOptions everything = test::client_options();
  everything.random = std::make_shared<test::SeededRandom>(7);
  everything.application_protocols = {"h2", "http/1.1"};
  everything.post_handshake_auth = everything.grease = everything.permute_extensions = true;
  everything.request_signed_certificate_timestamps = true;
  everything.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  everything.key_shares = {NamedGroup::x25519, NamedGroup::secp256r1};
  const Bytes subject = test::shared_authority().subject();
  everything.server_ca_names = {Buffer(subject.begin(), subject.end())};
  const Buffer hello = first_message(test::make_client(everything));
  check_hello(hello);
  const Field root = dissect(hello, ProtocolVersion::tls1_3);
  EXPECT_EQ(
      value(root, {"extensions", "certificate_authorities", "authorities", "DistinguishedName", "DistinguishedName"}),
      "CN=Test root");
  EXPECT_EQ(value(root, {"extensions", "key_share", "client_shares", "KeyShareEntry", "group"}), "GREASE");
  EXPECT_EQ(count(root, "KeyShareEntry"), 3u);
  EXPECT_EQ(value(root, {"extensions", "post_handshake_auth"}), "empty");
  EXPECT_EQ(value(root, {"extensions", "status_request", "status_type"}), "ocsp");
  everything.empty_key_share = true;
  everything.key_shares.clear();
  check_hello(first_message(test::make_client(everything)));
}

TEST(Dissect, Extensions) {
  const auto parsed = [](std::string_view type, std::string_view data) {
    const Field root = hello_with(type, data);
    EXPECT_TRUE(parses(root)) << type;
    return find(root, {"extensions"})->children.at(1);
  };
  EXPECT_EQ(value(parsed("0001", "04"), {"max_fragment_length"}), "2^12");
  EXPECT_EQ(value(parsed("0005", "01 0004 0002 aabb 0001 cc"), {"request_extensions", "request_extensions"}), "");
  EXPECT_EQ(place(parsed("0005", "02 010203"), {"request"}), "52+3");
  EXPECT_EQ(value(parsed("000b", "02 00 09"), {"ec_point_format_list", "ec_point_format"}), "uncompressed");
  EXPECT_EQ(value(parsed("000f", "01"), {"mode"}), "1");
  EXPECT_EQ(value(parsed("0010", "0003 02 6832"), {"protocol_name_list", "ProtocolName", "ProtocolName"}), "h2");
  EXPECT_EQ(value(parsed("0010", "0003 02 1b32"), {"protocol_name_list", "ProtocolName", "ProtocolName"}), "\\x1b2");
  EXPECT_EQ(value(parsed("0013", "02 00 02"), {"certificate_types", "certificate_type"}), "X509");
  EXPECT_EQ(value(parsed("0015", "000000"), {"padding"}), "zeros");
  EXPECT_EQ(value(parsed("0015", "000100"), {"padding"}), "not zeros");
  EXPECT_EQ(value(parsed("001b", "04 0002 0001"), {"algorithms", "algorithm"}), "brotli");
  EXPECT_EQ(value(parsed("001c", "0040"), {"record_size_limit"}), "64 bytes");
  EXPECT_EQ(place(parsed("0023", "0102"), {"ticket"}), "51+2");
  EXPECT_EQ(value(parsed("0023", ""), {}), "empty");
  EXPECT_EQ(value(parsed("002b", "04 0304 7a7a"), {"versions", "version"}), "TLS 1.3");
  EXPECT_EQ(value(parsed("002d", "02 0b 01"), {"ke_modes", "ke_mode"}), "GREASE");
  EXPECT_EQ(place(parsed("002c", "0002 0102"), {"cookie", "cookie"}), "53+2");
  EXPECT_EQ(value(parsed("003e", "01 04"), {"flags", "length"}), "1 byte");
  EXPECT_EQ(value(parsed("ff01", "00"), {"renegotiated_connection"}), "empty");
  EXPECT_EQ(value(parsed("7a7a", "00"), {}), "GREASE");
  EXPECT_EQ(value(parsed("7a7b", "00"), {}), "0x7a7b");
  EXPECT_EQ(parsed("0022", "0000").name, "delegated_credential");
  EXPECT_EQ(place(parsed("0022", "0000"), {"extension_data"}), "51+2");
  // Where it may not stand, nobody says what it would be.
  EXPECT_EQ(place(parsed("0030", "0000"), {"extension_data"}), "51+2");
  const Field ech = parsed("fe0d", "00 0001 0003 2a 0002 aabb 0001 cc");
  EXPECT_EQ(value(ech, {"type"}), "outer");
  EXPECT_EQ(value(ech, {"cipher_suite", "aead_id"}), "ChaCha20Poly1305");
  EXPECT_EQ(value(ech, {"config_id"}), "0x2a");
  EXPECT_EQ(place(ech, {"payload", "payload"}), "63+1");
  EXPECT_EQ(value(parsed("fe0d", "01"), {"type"}), "inner");
}

TEST(Dissect, AnswersInServersMessages) {
  const std::string head = "0303" + std::string(64, '5') + "00 1301 00";
  const auto hello = [&](std::string_view block) {
    return dissected(HandshakeType::server_hello, head + test::to_hex(test::prefixed(2, from_hex(block))));
  };
  const Field tls13 = hello("002b 0002 0304 0033 0006 001d 0002 aabb 0029 0002 0001");
  EXPECT_TRUE(parses(tls13));
  EXPECT_EQ(value(tls13, {"extensions", "supported_versions", "selected_version"}), "TLS 1.3");
  EXPECT_EQ(value(tls13, {"extensions", "key_share", "server_share", "group"}), "x25519");
  EXPECT_EQ(value(tls13, {"extensions", "pre_shared_key", "selected_identity"}), "1");
  // A SignedCertificateTimestampList (RFC 6962): one of version 1, made on 2026-01-01, and one of a version to come.
  const std::string sct = "00" + std::string(64, 'a') + "0000019b76daa800 0000 0403 0002 beef";
  const Field tls12 = hello("0000 0000 0005 0000 0012 0038 0036 0031" + sct + "0001 05");
  EXPECT_TRUE(parses(tls12));
  EXPECT_EQ(value(tls12, {"extensions", "server_name"}), "empty");
  const Field* timestamp = find(tls12, {"extensions", "signed_certificate_timestamp", "sct_list", "SerializedSCT"});
  ASSERT_NE(timestamp, nullptr);
  EXPECT_EQ(value(*timestamp, {"timestamp"}), "2026-01-01T00:00:00Z");
  EXPECT_EQ(value(*timestamp, {"algorithm"}), "ecdsa_secp256r1_sha256");
  EXPECT_TRUE(parses(dissected(HandshakeType::server_hello, head))) << "TLS 1.2 may do without extensions";

  const std::string retry_head = "0303" + test::to_hex(Bytes(wire::hello_retry_request_random)) + "00 1301 00";
  const Field retry = dissected(HandshakeType::server_hello, retry_head + "000e 0033 0002 0017 fe0d 0004 01020304");
  EXPECT_EQ(retry.name, "HelloRetryRequest");
  EXPECT_EQ(value(retry, {"random"}), "HelloRetryRequest");
  EXPECT_EQ(value(retry, {"extensions", "key_share", "selected_group"}), "secp256r1");
  EXPECT_EQ(value(retry, {"extensions", "encrypted_client_hello", "unparsed"}), "ends inside confirmation");
  for (const auto& [end, says] : {std::pair{"01", "DOWNGRD1"}, std::pair{"00", "DOWNGRD0"}, std::pair{"02", ""}}) {
    const Field low = dissected(HandshakeType::server_hello,
                                "0303" + std::string(48, '5') + "444f574e475244" + std::string(end) + "00 c02f 00");
    EXPECT_EQ(value(low, {"random"}), says);
  }

  const Field answers =
      dissected(HandshakeType::encrypted_extensions, "0013 0010 0005 0003 02 6832 fe0d 0006 0004 fe0d 0000");
  EXPECT_TRUE(parses(answers));
  EXPECT_EQ(value(answers, {"extensions", "encrypted_client_hello", "retry_configs", "ECHConfig", "contents"}),
            "empty");
  const Field request = dissected(HandshakeType::certificate_request,
                                  "01 aa 0016 0030 000a 0008 02 551d 0003 010203 000d 0004 0002 0403");
  EXPECT_EQ(
      value(request, {"extensions", "oid_filters", "filters", "OIDFilter", "certificate_extension_values", "length"}),
      "3 bytes");
  EXPECT_EQ(
      value(request, {"extensions", "signature_algorithms", "supported_signature_algorithms", "signature_scheme"}),
      "ecdsa_secp256r1_sha256");
  const Field stapled = dissected(HandshakeType::certificate, "00 000011 000001 30 000b 0005 0007 01 000003 aabbcc");
  EXPECT_EQ(place(stapled, {"certificate_list", "CertificateEntry", "extensions", "status_request", "ocsp_response",
                            "ocsp_response"}),
            "22+3");
  EXPECT_TRUE(value(stapled, {"certificate_list", "CertificateEntry", "cert_data", "cert_data"})
                  .starts_with("cannot be read: "));
}

TEST(Dissect, MessagesHaveTheFormOfTheirVersion) {
  using enum HandshakeType;
  const auto good = [](HandshakeType type, std::string_view body, ProtocolVersion version) {
    const Field root = dissected(type, body, version);
    EXPECT_TRUE(parses(root)) << root.name << ' ' << name(version);
    return root;
  };
  const ProtocolVersion tls1_1 = ProtocolVersion::tls1_1, tls1_2 = ProtocolVersion::tls1_2;
  const Field key = good(server_key_exchange, "03 001d 02 aabb 0403 0001 cc", tls1_2);
  EXPECT_EQ(value(key, {"params", "named_curve"}), "x25519");
  EXPECT_EQ(place(key, {"params", "public", "public"}), "8+2");
  EXPECT_EQ(value(key, {"algorithm"}), "ecdsa_secp256r1_sha256");
  EXPECT_EQ(place(good(server_key_exchange, "03 001d 02 aabb 0001 cc", tls1_1), {"signature", "signature"}), "12+1");
  EXPECT_EQ(value(dissected(server_key_exchange, "0100 aabb", tls1_2), {"params", "unparsed"}),
            "not the parameters of a named curve");
  EXPECT_EQ(
      value(good(certificate_request, "02 01 40 0002 0401 0000", tls1_2), {"certificate_types", "certificate_type"}),
      "rsa_sign");
  EXPECT_EQ(find(good(certificate_request, "01 40 0000", tls1_1), {"supported_signature_algorithms"}), nullptr);
  EXPECT_EQ(place(good(certificate_verify, "0001 aa", tls1_1), {"signature", "signature"}), "6+1");
  EXPECT_EQ(value(good(certificate_verify, "0804 0001 aa", tls1_2), {"algorithm"}), "rsa_pss_rsae_sha256");
  EXPECT_EQ(place(good(certificate, "000004 000001 30", tls1_2), {"certificate_list", "cert_data", "cert_data"}),
            "10+1");
  // A raw public key (RFC 7250, section 3), Ed25519.
  const std::string raw = "302a300506032b6570032100" + std::string(64, 'a');
  const std::string_view ed25519 = "a raw public key, Ed25519, sha256/";
  for (ProtocolVersion version : {tls1_1, tls1_2}) {
    const Field shown = good(certificate, "00002c" + raw, version);
    EXPECT_EQ(place(shown, {"ASN1_subjectPublicKeyInfo", "ASN1_subjectPublicKeyInfo"}), "7+44");
    EXPECT_TRUE(value(shown, {"ASN1_subjectPublicKeyInfo", "ASN1_subjectPublicKeyInfo"}).starts_with(ed25519));
  }
  EXPECT_EQ(value(good(certificate, "000000", tls1_2), {"certificate_list"}), "empty");
  EXPECT_FALSE(parses(dissected(certificate, "00002c 30", tls1_2)));
  EXPECT_EQ(value(good(new_session_ticket, "00000e10 0002 aabb", tls1_2), {"ticket_lifetime_hint"}), "3600 s");
  EXPECT_EQ(place(good(client_key_exchange, "02 aabb", tls1_2), {"ecdh_Yc", "ecdh_Yc"}), "5+2");
  // RSA key exchange (RFC 5246, section 7.4.7.1).
  EXPECT_EQ(place(good(client_key_exchange, "0003 aabbcc", tls1_2),
                  {"encrypted_pre_master_secret", "encrypted_pre_master_secret"}),
            "6+3");
  EXPECT_EQ(place(good(certificate_status, "01 000001 aa", tls1_2), {"ocsp_response", "ocsp_response"}), "8+1");
  good(server_hello_done, "", tls1_2);
  good(hello_request, "", tls1_2);
  EXPECT_EQ(value(good(key_update, "01", ProtocolVersion::tls1_3), {"request_update"}), "update_requested");
  good(end_of_early_data, "", ProtocolVersion::tls1_3);
  EXPECT_EQ(
      value(good(compressed_certificate, "0002 000100 000002 aabb", ProtocolVersion::tls1_3), {"uncompressed_length"}),
      "256 bytes");
  EXPECT_EQ(value(dissected(HandshakeType{99}, "aabb"), {"unparsed"}), "a type of message that is not known here");
  // A version that has no number yet has the newest form; one that is none has the oldest.
  EXPECT_NE(find(dissected(certificate, "00 000000", ProtocolVersion{0x0305}), {"certificate_request_context"}),
            nullptr);
  EXPECT_EQ(find(dissected(certificate, "000000", ProtocolVersion{0}), {"certificate_request_context"}), nullptr);
}

TEST(Dissect, WhatDoesNotParseSaysSoAndEndsWithWhatEnclosesIt) {
  const auto first_unparsed = [](const Field& root) {
    std::string out = "none";
    walk(root, [&](const Field& field) {
      if (field.name == unparsed_name && out == "none")
        out = field.value + " @" + std::to_string(field.offset) + '+' + std::to_string(field.size);
    });
    return out;
  };
  // server_name: the list's length is one too many, and the extension behind it is read all the same.
  const Field name = hello_with("0000", "0004 00 0000");
  EXPECT_EQ(first_unparsed(name), "length says 4 bytes, there are 3 @53+3");
  EXPECT_EQ(first_unparsed(hello_with("0000", "0003 00 0001")), "length says 1 byte, there are 0 @56+0");
  EXPECT_EQ(first_unparsed(hello_with("0000", "0003 07 0000")), "a type of name that has no RFC @54+2");
  EXPECT_EQ(first_unparsed(hello_with("0017", "aabb")), "2 bytes more than it has fields @51+2");
  EXPECT_EQ(first_unparsed(hello_with("000a", "0003 001d 00")), "ends inside named_group @55+1");
  EXPECT_EQ(first_unparsed(dissected(HandshakeType::key_update, "")), "ends before request_update @4+0");
  EXPECT_EQ(first_unparsed(dissected(HandshakeType::key_update, "0000")), "1 byte more than it has fields @5+1");
  const Field two = dissected(HandshakeType::encrypted_extensions, "0008 0000 0000 001c 0002 4001");
  EXPECT_EQ(first_unparsed(two), "length says 2 bytes, there are 0 @14+0");
  const Field three = dissected(HandshakeType::encrypted_extensions, "000b 000a 0001 ff 001c 0002 4001");
  EXPECT_EQ(first_unparsed(three), "ends inside length @10+1");
  EXPECT_EQ(value(three, {"extensions", "record_size_limit", "record_size_limit"}), "16385 bytes");
  const Field cut = dissect(from_hex("14 000020 aabb"), ProtocolVersion::tls1_3);
  EXPECT_EQ(first_unparsed(cut), "length says 32 bytes, there are 2 @6+0");
  EXPECT_EQ(place(cut, {"verify_data"}), "4+2");
  EXPECT_EQ(first_unparsed(dissect({}, ProtocolVersion::tls1_3)), "ends before msg_type @0+0");
}

TEST(Dissect, RandomBytes) {
  test::SeededRandom random(20);
  for (int round = 0; round < 20000; ++round) {
    std::uint8_t size = 0;
    random.fill({&size, 1});
    Buffer message(size);
    random.fill(message);
    // Of a length that fits, of a type there is, and small numbers more often than others: else little is reached.
    for (std::size_t i = 0; i < message.size(); ++i)
      if (message[i] % 3 == 0) message[i] = static_cast<std::uint8_t>(message[i] % 7);
    if (message.size() >= 4) {
      message[0] %= 26;
      message[1] = message[2] = 0;
      message[3] = static_cast<std::uint8_t>(message.size() - 4);
    }
    for (const ProtocolVersion version : all_versions) ASSERT_EQ(flaw(dissect(message, version), message.size()), "");
  }
}

TEST(Dissect, WorkIsBounded) {
  // The longest message there can be, of the smallest entries: more than anybody is told of.
  Buffer message = from_hex("0b ffffff 00 fffffb");
  message.resize(4 + 0xffffff, 0);
  std::size_t fields = 0;
  const Field root = dissect(message, ProtocolVersion::tls1_3);
  walk(root, [&](const Field&) { ++fields; });
  EXPECT_EQ(flaw(root, message.size()), "");
  EXPECT_FALSE(parses(root));
  EXPECT_LE(fields, dissection::max_fields + 10);
  EXPECT_GE(fields, dissection::max_fields);
  // The longest list of suites, which is not.
  Buffer suites(0xfffe, 0x13);
  const Buffer body =
      from_hex("0303" + std::string(64, '5') + "00") + Bytes(test::prefixed(2, suites)) + Bytes(from_hex("0100"));
  const Buffer hello = Buffer{1} + Bytes(test::prefixed(3, body));
  const Field many = dissect(hello, ProtocolVersion::tls1_2);
  EXPECT_TRUE(parses(many));
  EXPECT_EQ(count(many, "cipher_suite"), 0x7fffu);
}

TEST(Dissect, AroundMessages) {
  const Field record = dissect_record_header(from_hex("16 0301 0200"));
  EXPECT_EQ(flaw(record, 5), "");
  EXPECT_EQ(value(record, {"type"}), "handshake");
  EXPECT_EQ(value(record, {"legacy_record_version"}), "TLS 1.0");
  EXPECT_EQ(value(record, {"length"}), "512 bytes");
  const Field alert = dissect_alert(from_hex("02 28"));
  EXPECT_EQ(value(alert, {"level"}), "fatal");
  EXPECT_EQ(value(alert, {"description"}), "handshake_failure");
  EXPECT_EQ(value(dissect_change_cipher_spec(from_hex("01")), {"type"}), "change_cipher_spec");
  for (std::size_t size = 0; size < 8; ++size) {
    const Buffer bytes(size, 1);
    for (const Field& root : {dissect_record_header(bytes), dissect_alert(bytes), dissect_change_cipher_spec(bytes)})
      EXPECT_EQ(flaw(root, size), "");
  }
  EXPECT_FALSE(parses(dissect_alert(from_hex("02 28 00"))));
}

/// What tells of itself, or is told of by what it is in: the bytes of a vector, and lists and their elements.
bool needs_meaning(const Field& field, const Field& parent) {
  static const std::set<std::string, std::less<>> told_above = {
      "ServerName",         "named_group_list", "named_group",      "ec_point_format_list",
      "ec_point_format",    "signature_scheme", "cipher_suite",     "compression_method",
      "protocol_name_list", "client_shares",    "KeyShareEntry",    "server_share",
      "selected_group",     "versions",         "version",          "selected_version",
      "ke_modes",           "ke_mode",          "certificate_type",
  };
  return field.name != parent.name && !told_above.contains(field.name);
}

void check_meanings(const Field& parent, const std::string& message) {
  for (const Field& field : parent.children) {
    if (needs_meaning(field, parent)) {
      EXPECT_NE(field.meaning, "") << message << ": " << field.name << " in " << parent.name;
    }
    if (!field.meaning.empty()) {
      EXPECT_TRUE(field.meaning.ends_with('.') || field.meaning.ends_with(')')) << field.meaning;
    }
    check_meanings(field, message);
  }
}

TEST(Dissect, FieldsSayWhyTheyAreThere) {
  for (const test::Script& script : {test::whole_handshake(), test::whole_handshake_tls12(test::Extras::all)})
    for (const Step& step : script.recording().steps())
      if (const auto* message = std::get_if<Message>(&step.what))
        check_meanings(dissect(message->bytes, message->version), title(*message));
  check_meanings(dissect(first_message(test::make_client()), ProtocolVersion::tls1_3), "ClientHello");
  // One field, as many meanings as it has places.
  const auto meaning = [](const Field& root, std::initializer_list<std::string_view> path) {
    return find(root, path)->meaning;
  };
  const test::Script script = test::whole_handshake();
  const Recording& recording = script.recording();
  const auto* hello = recording.message(HandshakeType::client_hello, Direction::sent);
  const auto* retry = recording.message(HandshakeType::server_hello, Direction::received);
  const Field asked = dissect(hello->bytes, hello->version), again = dissect(retry->bytes, retry->version);
  EXPECT_NE(meaning(asked, {"extensions", "key_share"}), meaning(again, {"extensions", "key_share"}));
  EXPECT_NE(meaning(asked, {"random"}), meaning(again, {"random"}));
  EXPECT_NE(meaning(asked, {"length"}), meaning(asked, {"extensions", "length"}));
}

}  // namespace
}  // namespace handfast::doctor
