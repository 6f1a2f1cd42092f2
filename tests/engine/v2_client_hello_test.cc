// Clients that begin in the format of SSL 2.0 (RFC 5246, appendix E.2): taken where the config says so, as the very
// first bytes alone, and never for SSL 2.0 itself.
#include <gtest/gtest.h>

#include "engine/pair.h"
#include "handshake/msg.h"
#include "support/hex.h"

namespace handfast::test {
namespace {

ServerOptions taking_server() {
  ServerOptions options = server_options();
  options.v2_client_hello = true;
  return options;
}

/// With its record's header: of that version, for a suite of ours.
Buffer v2_record(std::string_view version = "0303") {
  Buffer message = from_hex("01" + std::string(version) + "0003 0000 0020 00c02b");
  for (std::uint8_t i = 0; i < 32; ++i) message.push_back(i);
  Buffer record = {0x80, static_cast<std::uint8_t>(message.size())};
  record.insert(record.end(), message.begin(), message.end());
  return record;
}

End serving(ServerOptions options, Trace* trace = nullptr) { return {make_server(std::move(options), trace), {}, {}}; }

struct HelloTrace final : Trace {
  void on(const TraceEvent& event) override {
    const auto* message = std::get_if<MessageEvent>(&event.what);
    if (!message || message->direction != Direction::received) return;
    hellos.emplace_back(message->bytes.begin(), message->bytes.end());
    in_v2_format = message->v2_client_hello;
  }
  std::vector<Buffer> hellos;
  bool in_v2_format = false;
};

TEST(V2ClientHelloTest, IsRefusedByDefault) {
  End server = serving(server_options());
  server.feed(v2_record());
  EXPECT_EQ(alert(server.connection), "protocol_version");
  EXPECT_EQ(reason(server.connection), "not_tls");
}

/// It goes as far as its message lets it: without signature_algorithms nothing is signed for it.
TEST(V2ClientHelloTest, IsTheFirstMessage) {
  HelloTrace trace;
  End server = serving(taking_server(), &trace);
  server.feed(v2_record());
  EXPECT_EQ(server.connection.info().version, ProtocolVersion::tls1_2);
  EXPECT_EQ(alert(server.connection), "handshake_failure");
  EXPECT_EQ(reason(server.connection), "no_common_signature_scheme");
  ASSERT_EQ(trace.hellos.size(), 1u);
  EXPECT_TRUE(trace.in_v2_format);
  EXPECT_EQ(to_hex(Bytes(trace.hellos[0]).first(6)), "010000290303") << "told as what it stands for";
}

TEST(V2ClientHelloTest, SplitAtEveryByte) {
  const Buffer record = v2_record();
  for (std::size_t cut = 0; cut < record.size(); ++cut) {
    End server = serving(taking_server());
    server.feed(Bytes(record).first(cut));
    EXPECT_FALSE(server.connection.error()) << cut;
    server.feed(Bytes(record).subspan(cut));
    EXPECT_EQ(reason(server.connection), "no_common_signature_scheme") << cut;
  }
}

TEST(V2ClientHelloTest, NeverSpeaksLessThanTheConfig) {
  for (std::string_view version : {"0300", "0301", "0302"}) {
    End server = serving(taking_server());
    server.feed(v2_record(version));
    EXPECT_EQ(alert(server.connection), "protocol_version") << version;
    EXPECT_EQ(reason(server.connection), "no_common_version") << version;
  }
  End of_ssl2 = serving(taking_server());
  of_ssl2.feed(v2_record("0002"));
  EXPECT_EQ(alert(of_ssl2.connection), "protocol_version");
  EXPECT_EQ(reason(of_ssl2.connection), "not_tls");
}

TEST(V2ClientHelloTest, WhatDoesNotParse) {
  Buffer record = v2_record();
  record[4] = 4;  // a version of TLS that there will never be is as good as TLS 1.2
  End later = serving(taking_server());
  later.feed(record);
  EXPECT_EQ(reason(later.connection), "no_common_signature_scheme");
  record = v2_record();
  record[6] = 4;  // cipher_spec_length
  End odd = serving(taking_server());
  odd.feed(record);
  EXPECT_EQ(alert(odd.connection), "decode_error");
  End empty = serving(taking_server());
  empty.feed(from_hex("8000 010303"));
  EXPECT_EQ(alert(empty.connection), "decode_error");
  // Nobody waits for more than a record may have.
  End endless = serving(taking_server());
  endless.feed(from_hex("c001 010303"));
  EXPECT_EQ(alert(endless.connection), "record_overflow");
  ServerOptions limited = taking_server();
  limited.limits.client_hello = 40;
  End long_one = serving(limited);
  long_one.feed(v2_record());
  EXPECT_EQ(reason(long_one.connection), "message_too_long");
}

/// Behind anything else it is no record.
TEST(V2ClientHelloTest, OnlyAsTheFirstBytes) {
  End server = serving(taking_server());
  server.feed(from_hex("15 0301 0002 01 5a"));  // a warning
  ASSERT_FALSE(server.connection.error());
  server.feed(v2_record());
  EXPECT_EQ(alert(server.connection), "protocol_version");
  EXPECT_EQ(reason(server.connection), "bad_record_version");
  // An empty record of the handshake is none to pass over (RFC 5246, section 6.2.1): it is refused by itself.
  End after_nothing = serving(taking_server());
  Buffer behind_nothing = from_hex("16 0301 0000");
  const Buffer hello = v2_record();
  behind_nothing.insert(behind_nothing.end(), hello.begin(), hello.end());
  after_nothing.feed(behind_nothing);
  EXPECT_EQ(alert(after_nothing.connection), "unexpected_message");
  EXPECT_EQ(reason(after_nothing.connection), "empty_handshake_record");
  // And no client takes one.
  End client{make_client(), {}, {}};
  client.feed(v2_record());
  EXPECT_EQ(reason(client.connection), "not_tls");
}

/// Everybody else is served as ever.
TEST(V2ClientHelloTest, OthersAreServedAsEver) {
  for (ProtocolVersion version : {ProtocolVersion::tls1_2, ProtocolVersion::tls1_3}) {
    ClientOptions client = client_options();
    client.max_version = version;
    Pair pair(client, taking_server());
    pair.pump(1);
    EXPECT_TRUE(pair.connected());
  }
}

/// RFC 5246, appendix E.2: the handshake's hashes are over what was sent.
TEST(V2ClientHelloTest, TranscriptIsOverWhatWasSent) {
  const Buffer hello = from_hex("01000003 030300");
  const Buffer sent = from_hex("01 0303 0000");
  const handshake::Msg message(hello, sent);
  EXPECT_TRUE(message.is_v2_client_hello());
  EXPECT_EQ(to_hex(message.bytes()), to_hex(sent));
  EXPECT_EQ(to_hex(message.message()), to_hex(hello));
  EXPECT_EQ(to_hex(message.body()), "030300");
  EXPECT_EQ(message.type(), HandshakeType::client_hello);
  const handshake::Msg ordinary(hello);
  EXPECT_FALSE(ordinary.is_v2_client_hello());
  EXPECT_EQ(to_hex(ordinary.bytes()), to_hex(hello));
  EXPECT_EQ(to_hex(ordinary.message()), to_hex(hello));
}

TEST(V2ClientHelloTest, ConfigsThatWouldTakeNone) {
  const auto refused = [](ServerOptions options) {
    const auto config = ServerConfig::make(std::move(options));
    return config ? "made" : to_text(*config.error().find("option"));
  };
  ServerOptions newer = taking_server();
  newer.min_version = ProtocolVersion::tls1_3;
  EXPECT_EQ(refused(newer), "v2_client_hello");
  ServerOptions strict = taking_server();
  strict.require_extended_master_secret = true;
  EXPECT_EQ(refused(strict), "v2_client_hello");
  EXPECT_EQ(refused(taking_server()), "made");
}

}  // namespace
}  // namespace handfast::test
