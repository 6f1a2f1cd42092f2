// What comes in TLS 1.2 when it is not due: change_cipher_spec, Finished, data, HelloRequest, alerts.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/tampering.h"

namespace handfast::test {
namespace {

using enum HandshakeType;

Middleman tls12_middleman(Middleman::Change change) {
  return Middleman(tls12_client_options(), server_options(), std::move(change));
}

bool is_change_cipher_spec(const Piece& piece) { return piece.type == ContentType::change_cipher_spec; }

const Piece change_cipher_spec{ContentType::change_cipher_spec, {1}};
const Piece hello_request_message{ContentType::handshake, {0, 0, 0, 0}};

/// Changes what a side sends as its change_cipher_spec.
Middleman::Change in_place_of_change_cipher_spec(Side sender, std::vector<Piece> pieces) {
  return [=](Side side, Piece piece) {
    if (side == sender && is_change_cipher_spec(piece)) return pieces;
    return std::vector{std::move(piece)};
  };
}

Side other(Side side) { return side == Side::client ? Side::server : Side::client; }

// --- change_cipher_spec (RFC 5246, section 7.1)
// ------------------------------------------------------------------------------------------

TEST(Tls12Order, ChangeCipherSpecEarly) {
  for (auto [sender, before] : {std::pair{Side::client, client_key_exchange},
                                {Side::server, server_hello},
                                {Side::server, certificate},
                                {Side::server, server_key_exchange},
                                {Side::server, server_hello_done}}) {
    SCOPED_TRACE(name(before));
    Middleman middleman = tls12_middleman(insert_before(sender, before, {change_cipher_spec}));
    expect_alert(middleman, other(sender), "unexpected_message", "unexpected_record");
  }
  ClientOptions client = tls12_client_options();
  client.credentials = {shared_authority().credential("client.example")};
  ServerOptions server = server_options();
  server.client_auth = ClientAuth::require;
  server.client_trust = shared_authority().anchors();
  for (HandshakeType before : {certificate, client_key_exchange, certificate_verify}) {
    SCOPED_TRACE(name(before));
    Middleman middleman(client, server, insert_before(Side::client, before, {change_cipher_spec}));
    expect_alert(middleman, Side::server, "unexpected_message", "unexpected_record");
  }
}

TEST(Tls12Order, ChangeCipherSpecMissing) {
  for (Side sender : {Side::client, Side::server}) {
    // Finished as it is, under keys that do not hold yet; and one in the clear.
    Middleman sealed = tls12_middleman(in_place_of_change_cipher_spec(sender, {}));
    expect_alert(sealed, other(sender), "unexpected_message", "unexpected_message");
    Piece finished_in_the_clear{ContentType::handshake, {20, 0, 0, 12}};
    finished_in_the_clear.bytes.resize(16);
    Middleman clear = tls12_middleman(in_place_of_change_cipher_spec(sender, {finished_in_the_clear}));
    expect_alert(clear, other(sender), "unexpected_message", "unexpected_message");
    // And whole, before the one that it stands behind.
    Middleman before =
        tls12_middleman(in_place_of_change_cipher_spec(sender, {finished_in_the_clear, change_cipher_spec}));
    expect_alert(before, other(sender), "unexpected_message", "unexpected_message");
  }
}

TEST(Tls12Order, ChangeCipherSpecTwice) {
  for (Side sender : {Side::client, Side::server}) {
    Middleman middleman =
        tls12_middleman(in_place_of_change_cipher_spec(sender, {change_cipher_spec, change_cipher_spec}));
    expect_alert(middleman, other(sender), "unexpected_message", "unexpected_record");
  }
}

TEST(Tls12Order, ChangeCipherSpecOfAnotherContent) {
  for (Side sender : {Side::client, Side::server})
    for (const Buffer& content : {Buffer{0}, Buffer{2}, Buffer{1, 1}, Buffer{}}) {
      Middleman middleman =
          tls12_middleman(in_place_of_change_cipher_spec(sender, {{ContentType::change_cipher_spec, content}}));
      expect_alert(middleman, other(sender), "unexpected_message", "bad_change_cipher_spec");
    }
}

/// Nothing comes between the fragments of a message, which keys would then be others for.
TEST(Tls12Order, ChangeCipherSpecInTheMiddleOfAMessage) {
  for (auto [sender, type] : {std::pair{Side::client, client_hello},
                              {Side::client, client_key_exchange},
                              {Side::server, server_hello},
                              {Side::server, certificate},
                              {Side::server, server_hello_done}}) {
    SCOPED_TRACE(name(type));
    ServerOptions server = server_options();
    server.max_version = ProtocolVersion::tls1_2;
    Middleman middleman(tls12_client_options(), server, [=](Side side, Piece piece) {
      if (side != sender || !is(piece, type)) return std::vector{std::move(piece)};
      Piece rest = piece;
      piece.bytes.resize(3);
      rest.bytes.erase(rest.bytes.begin(), rest.bytes.begin() + 3);
      return std::vector{std::move(piece), change_cipher_spec, std::move(rest)};
    });
    expect_alert(middleman, other(sender), "unexpected_message", "unexpected_record");
  }
  // The beginning of Finished in the clear.
  for (Side sender : {Side::client, Side::server}) {
    Middleman middleman = tls12_middleman(
        in_place_of_change_cipher_spec(sender, {{ContentType::handshake, {20, 0}}, change_cipher_spec}));
    expect_alert(middleman, other(sender), "unexpected_message", "unexpected_record");
  }
}

// --- Records
// ------------------------------------------------------------------------------------------------------------------------------

/// The records of a flight.
std::vector<Buffer> records_of(const Buffer& bytes) {
  std::vector<Buffer> records;
  for (Bytes rest = bytes; !rest.empty();) {
    const std::size_t size = record::header_size + record::parse_header(rest).length;
    records.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    rest = rest.subspan(size);
  }
  return records;
}

/// RFC 5246, section 7.2.2: what is not under the keys that hold.
TEST(Tls12Order, RecordsUnderWrongKeys) {
  const Buffer in_the_clear{22, 3, 3, 0, 4, 20, 0, 0, 12};
  for (Side sender : {Side::client, Side::server})
    for (bool clear : {false, true}) {
      Pair pair(tls12_client_options());
      Pair::carry(pair.client, pair.server);
      Pair::carry(pair.server, pair.client);
      if (sender == Side::server) Pair::carry(pair.client, pair.server);
      End& from = sender == Side::client ? pair.client : pair.server;
      End& to = sender == Side::client ? pair.server : pair.client;
      std::vector<Buffer> records = records_of(take_output(from.connection));
      records.back().back() ^= 1;
      if (clear) records.back() = in_the_clear;
      for (const Buffer& record : records) to.feed(record);
      EXPECT_EQ(alert(to.connection), "bad_record_mac");
      EXPECT_EQ(reason(to.connection), "bad_record_mac");
    }
}

TEST(Tls12Order, RecordsThatAreTooLong) {
  Middleman middleman = tls12_middleman(after_finished(ContentType::application_data, Buffer(16385)));
  expect_alert(middleman, Side::server, "record_overflow", "plaintext_too_long");
  Pair pair(tls12_client_options());
  pair.pump();
  pair.server.feed(Buffer{23, 3, 3, 0x41, 0x01});
  EXPECT_EQ(alert(pair.server.connection), "record_overflow");
}

TEST(Tls12Order, DataBeforeFinished) {
  const Piece data{ContentType::application_data, {'x'}};
  for (Side sender : {Side::client, Side::server}) {
    Middleman under_keys = tls12_middleman(insert_before(sender, finished, {data}));
    expect_alert(under_keys, other(sender), "unexpected_message", "unexpected_record");
    Middleman clear = tls12_middleman(in_place_of_change_cipher_spec(sender, {data, change_cipher_spec}));
    expect_alert(clear, other(sender), "unexpected_message", "unexpected_record");
  }
}

TEST(Tls12Order, FinishedMissing) {
  for (Side sender : {Side::client, Side::server}) {
    Middleman middleman = tls12_middleman([=](Side side, Piece piece) {
      if (side != sender || !is(piece, finished)) return std::vector{std::move(piece)};
      return std::vector{Piece{ContentType::application_data, {'x'}}};
    });
    expect_alert(middleman, other(sender), "unexpected_message", "unexpected_record");
  }
}

// --- Renegotiation (RFC 5246, sections 7.4.1.1 and 7.2.2)
// -----------------------------------------------------------------------------------

/// During the handshake HelloRequest is ignored and no part of the transcript.
TEST(Tls12Order, HelloRequestDuringTheHandshake) {
  for (HandshakeType before : {server_hello, certificate, server_key_exchange, server_hello_done, finished}) {
    Middleman middleman = tls12_middleman(insert_before(Side::server, before, {hello_request_message}));
    middleman.run();
    EXPECT_TRUE(middleman.pair().connected()) << name(before) << " " << reason(middleman.client());
  }
  const std::vector<Piece> many(Limits().hello_requests + 1, hello_request_message);
  Middleman middleman = tls12_middleman(insert_before(Side::server, certificate, many));
  expect_alert(middleman, Side::client, "unexpected_message", "too_many_hello_requests");
}

/// What a server sends once the handshake is over.
Middleman::Change behind_servers_finished(std::vector<Piece> more) {
  return [=](Side side, Piece piece) {
    std::vector<Piece> pieces{piece};
    if (side == Side::server && is(piece, finished)) pieces.insert(pieces.end(), more.begin(), more.end());
    return pieces;
  };
}

TEST(Tls12Order, HelloRequestAfterTheHandshake) {
  const std::size_t limit = Limits().hello_requests;
  Middleman middleman = tls12_middleman(behind_servers_finished(std::vector<Piece>(limit, hello_request_message)));
  middleman.run();
  EXPECT_TRUE(middleman.pair().connected());
  // The first is answered, and the server takes the answer.
  EXPECT_EQ(std::ranges::count_if(middleman.seen,
                                  [](const auto& sent) {
                                    return sent.first == Side::client && sent.second.type == ContentType::alert &&
                                           sent.second.bytes == Buffer{1, 100};
                                  }),
            1);
  Middleman too_many = tls12_middleman(behind_servers_finished(std::vector<Piece>(limit + 1, hello_request_message)));
  expect_alert(too_many, Side::client, "unexpected_message", "too_many_hello_requests");
  // With data in between there is no end to it.
  std::vector<Piece> with_data;
  for (std::size_t i = 0; i < 2 * limit; ++i) {
    with_data.push_back(hello_request_message);
    with_data.push_back({ContentType::application_data, {'x'}});
  }
  Middleman endless = tls12_middleman(behind_servers_finished(with_data));
  endless.run();
  EXPECT_TRUE(endless.pair().connected()) << reason(endless.client()) << " " << reason(endless.server());
  EXPECT_EQ(endless.pair().client.received.size(), 2 * limit);
}

/// A client that wants nothing to do with it says so and goes; what comes during the handshake is ignored all the same.
TEST(Tls12Order, HelloRequestThatEndsTheConnection) {
  ClientOptions options = tls12_client_options();
  options.hello_request = HelloRequestAnswer::fatal;
  Middleman during(options, server_options(), insert_before(Side::server, finished, {hello_request_message}));
  during.run();
  EXPECT_TRUE(during.pair().connected()) << reason(during.client());
  Middleman after(options, server_options(), behind_servers_finished({hello_request_message}));
  expect_alert(after, Side::client, "no_renegotiation", "renegotiation");

  // Behind our close_notify nothing is sent any more, not even an alert.
  Middleman closed(options, server_options(), [](Side side, Piece piece) {
    std::vector<Piece> pieces{piece};
    if (side == Side::server && piece.type == ContentType::application_data) pieces.push_back(hello_request_message);
    return pieces;
  });
  closed.run();
  closed.pair().client.connection.close();
  value(closed.pair().server.connection.send(as_bytes("x")));
  closed.run();
  EXPECT_EQ(reason(closed.client()), "renegotiation");
  std::vector<Buffer> alerts;
  for (const auto& [side, piece] : closed.seen)
    if (side == Side::client && piece.type == ContentType::alert) alerts.push_back(piece.bytes);
  EXPECT_EQ(alerts, std::vector<Buffer>(1, Buffer{1, 0}));
}

TEST(Tls12Order, HelloRequestWithABody) {
  const Piece with_body{ContentType::handshake, {0, 0, 0, 1, 0}};
  Middleman during = tls12_middleman(insert_before(Side::server, certificate, {with_body}));
  expect_alert(during, Side::client, "unexpected_message", "unexpected_message");
  Middleman after = tls12_middleman(behind_servers_finished({with_body}));
  expect_alert(after, Side::client, "unexpected_message", "renegotiation");
}

TEST(Tls12Order, RenegotiationIsRefused) {
  Middleman middleman = tls12_middleman(after_finished(ContentType::handshake, {1, 0, 0, 0}));
  expect_alert(middleman, Side::server, "no_renegotiation", "renegotiation");
  // No client sends a HelloRequest, no server a ClientHello.
  Middleman asking = tls12_middleman(after_finished(ContentType::handshake, {0, 0, 0, 0}));
  expect_alert(asking, Side::server, "unexpected_message", "renegotiation");
  Middleman turned = tls12_middleman(behind_servers_finished({{ContentType::handshake, {1, 0, 0, 0}}}));
  expect_alert(turned, Side::client, "unexpected_message", "renegotiation");
}

/// Messages of TLS 1.3, which here nobody sends after the handshake.
TEST(Tls12Order, NothingOfTls13) {
  for (HandshakeType type : {key_update, new_session_ticket, certificate_request, end_of_early_data}) {
    const Piece message{ContentType::handshake, {static_cast<std::uint8_t>(type), 0, 0, 1, 0}};
    Middleman from_server = tls12_middleman(behind_servers_finished({message}));
    expect_alert(from_server, Side::client, "unexpected_message", "unexpected_message");
    Middleman from_client = tls12_middleman(after_finished(message.type, message.bytes));
    expect_alert(from_client, Side::server, "unexpected_message", "unexpected_message");
  }
}

// --- Alerts (RFC 5246, section 7.2)
// -------------------------------------------------------------------------------------------------------

const Piece unrecognized_name{ContentType::alert, {1, 112}};  // RFC 6066, section 3: a warning goes on

TEST(Tls12Order, WarningsArePassedOver) {
  const std::size_t limit = Limits().warning_alerts;
  for (HandshakeType before : {server_hello, certificate, finished}) {
    SCOPED_TRACE(name(before));
    Middleman few = tls12_middleman(insert_before(Side::server, before, std::vector<Piece>(limit, unrecognized_name)));
    few.run();
    EXPECT_TRUE(few.pair().connected()) << reason(few.client());
    Middleman many =
        tls12_middleman(insert_before(Side::server, before, std::vector<Piece>(limit + 1, unrecognized_name)));
    expect_alert(many, Side::client, "unexpected_message", "too_many_warning_alerts");
  }
  for (std::uint8_t level : Buffer{0, 3}) {
    Middleman middleman =
        tls12_middleman(insert_before(Side::server, certificate, {{ContentType::alert, {level, 112}}}));
    expect_alert(middleman, Side::client, "illegal_parameter", "bad_alert");
  }
}

TEST(Tls12Order, FatalAlertsEndIt) {
  for (auto [sender, before] : {std::pair{Side::server, server_hello},
                                {Side::server, certificate},
                                {Side::client, client_key_exchange},
                                {Side::client, finished}}) {
    Middleman middleman = tls12_middleman(insert_before(sender, before, {{ContentType::alert, {2, 40}}}));
    middleman.run();
    const Connection& told = sender == Side::client ? middleman.server() : middleman.client();
    EXPECT_EQ(reason(told), "alert_received");
    EXPECT_EQ(alert(told), "handshake_failure");
    EXPECT_FALSE(middleman.pair().connected());
  }
}

TEST(Tls12Order, AlertsInTheMiddleOfAMessage) {
  Middleman middleman = tls12_middleman([](Side, Piece piece) {
    if (!is(piece, certificate)) return std::vector{std::move(piece)};
    Piece rest = piece;
    piece.bytes.resize(10);
    rest.bytes.erase(rest.bytes.begin(), rest.bytes.begin() + 10);
    return std::vector{std::move(piece), unrecognized_name, std::move(rest)};
  });
  expect_alert(middleman, Side::client, "unexpected_message", "unexpected_record");
}

}  // namespace
}  // namespace handfast::test
