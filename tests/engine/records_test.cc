// What a trace is told of records: each one once, in order, as it was on the wire and as it reads.
#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "engine/resumption.h"
#include "record/record.h"

namespace handfast::test {
namespace {

/// A RecordEvent with bytes of its own.
struct Told {
  Direction direction;
  Level level;
  ContentType type;
  bool encrypted;
  Buffer record;
  std::optional<Buffer> content;
};

Buffer owned(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

struct RecordTrace final : Trace {
  void on(const TraceEvent& event) override {
    if (const auto* record = std::get_if<RecordEvent>(&event.what)) {
      std::optional<Buffer> content;
      if (record->content) content = owned(*record->content);
      records.push_back(
          {record->direction, record->level, record->type, record->encrypted, owned(record->record), content});
    } else if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
      Buffer& all = messages[message->direction == Direction::sent ? 0 : 1];
      all.insert(all.end(), message->bytes.begin(), message->bytes.end());
    }
  }
  std::vector<Told> in(Direction direction) const {
    std::vector<Told> out;
    std::ranges::copy_if(records, std::back_inserter(out),
                         [&](const Told& told) { return told.direction == direction; });
    return out;
  }
  /// The bytes of a direction.
  Buffer wire(Direction direction) const {
    Buffer out;
    for (const Told& told : in(direction)) out.insert(out.end(), told.record.begin(), told.record.end());
    return out;
  }
  Buffer contents(Direction direction, ContentType type) const {
    Buffer out;
    for (const Told& told : in(direction))
      if (told.type == type) out.insert(out.end(), told.content.value().begin(), told.content.value().end());
    return out;
  }
  const Buffer& messages_in(Direction direction) const { return messages[direction == Direction::sent ? 0 : 1]; }

  std::vector<Told> records;
  Buffer messages[2];
};

ClientOptions asking(ClientOptions options) {
  options.trace_records = true;
  return options;
}
ServerOptions asking(ServerOptions options) {
  options.trace_records = true;
  return options;
}

/// Carries everything, and keeps what each side has sent.
struct Wire {
  Buffer client, server;

  void pump(Pair& pair) {
    for (bool moved = true; moved;) {
      moved = carry(pair.client, pair.server, client);
      moved = carry(pair.server, pair.client, server) || moved;
    }
  }
  static bool carry(End& from, End& to, Buffer& seen) {
    const Buffer bytes = take_output(from.connection);
    seen.insert(seen.end(), bytes.begin(), bytes.end());
    to.feed(bytes);
    return !bytes.empty();
  }
};

class Records : public testing::TestWithParam<ProtocolVersion> {
 protected:
  static ClientOptions options() {
    ClientOptions options = client_options();
    options.max_version = GetParam();
    return asking(std::move(options));
  }
};

TEST_P(Records, AreToldOnceInOrderAndInTheClear) {
  ServerOptions server_with = asking(server_options());
  server_with.max_send_fragment = 400;  // its Certificate does not fit
  RecordTrace client, server;
  Pair pair(options(), std::move(server_with), "server.example", &client, &server);
  Wire wire;
  wire.pump(pair);
  ASSERT_TRUE(pair.connected());
  ASSERT_TRUE(pair.client.connection.send(as_bytes("a question")));
  ASSERT_TRUE(pair.server.connection.send(Buffer(1000, 'a')));
  wire.pump(pair);
  pair.client.connection.close();
  wire.pump(pair);

  using enum Direction;
  EXPECT_EQ(client.wire(sent), wire.client);
  EXPECT_EQ(server.wire(received), wire.client);
  EXPECT_EQ(server.wire(sent), wire.server);
  EXPECT_EQ(client.wire(received), wire.server);
  for (const RecordTrace* trace : {&client, &server})
    for (Direction direction : {sent, received}) {
      EXPECT_EQ(trace->contents(direction, ContentType::handshake), trace->messages_in(direction));
      for (const Told& told : trace->in(direction)) {
        const record::Header header = record::parse_header(told.record);
        EXPECT_EQ(header.length + record::header_size, told.record.size());
        const bool hidden = told.encrypted && GetParam() == ProtocolVersion::tls1_3;
        EXPECT_EQ(header.type, hidden ? ContentType::application_data : told.type);
        ASSERT_TRUE(told.content);
        if (told.encrypted)
          EXPECT_LT(told.content->size() + record::header_size, told.record.size());
        else
          EXPECT_TRUE(std::ranges::equal(*told.content, Bytes(told.record).subspan(record::header_size)));
      }
    }
  EXPECT_EQ(as_text(server.contents(received, ContentType::application_data)), "a question");
  EXPECT_EQ(client.contents(received, ContentType::application_data), Buffer(1000, 'a'));
  EXPECT_EQ(client.contents(sent, ContentType::alert).size(), 2u);
  EXPECT_TRUE(client.in(sent).back().encrypted);
}

TEST_P(Records, AreNotToldWhereNobodyAsks) {
  ClientOptions options = Records::options();
  options.trace_records = false;
  RecordTrace client, server;
  Pair pair(std::move(options), server_options(), "server.example", &client, &server);
  pair.pump();
  ASSERT_TRUE(pair.connected());
  EXPECT_TRUE(client.records.empty());
  EXPECT_TRUE(server.records.empty());
  EXPECT_FALSE(client.messages_in(Direction::sent).empty());
}

TEST_P(Records, OneThatWasChangedIsToldWithoutContent) {
  RecordTrace client;
  Pair pair(options(), server_options(), "server.example", &client);
  pair.pump();
  ASSERT_TRUE(pair.connected());
  ASSERT_TRUE(pair.server.connection.send(as_bytes("an answer")));
  Buffer record = take_output(pair.server.connection);
  record.back() ^= 1;
  const Buffer as_sent = record;
  pair.client.feed(record);
  EXPECT_EQ(reason(pair.client.connection), "bad_record_mac");
  const Told told = client.in(Direction::received).back();
  EXPECT_EQ(told.record, as_sent);
  EXPECT_TRUE(told.encrypted);
  EXPECT_FALSE(told.content);
  EXPECT_EQ(told.level, Level::application);
  // Our alert is the last.
  EXPECT_EQ(client.records.back().type, ContentType::alert);
}

INSTANTIATE_TEST_SUITE_P(Versions, Records, testing::Values(ProtocolVersion::tls1_3, ProtocolVersion::tls1_2));

TEST(RecordsTls13, HaveTheLevelOfTheirKeys) {
  ClientOptions options = asking(client_options());
  options.empty_key_share = true;  // a HelloRetryRequest as well
  RecordTrace client;
  Pair pair(std::move(options), server_options(), "server.example", &client);
  pair.pump();
  ASSERT_TRUE(pair.connected());
  std::string story;
  for (const Told& told : client.records)
    story += (told.direction == Direction::sent ? ">" : "<") + std::string(name(told.type)).substr(0, 2) +
             std::to_string(std::to_underlying(told.level)) + " ";
  EXPECT_EQ(story, ">ha0 <ha0 >ch0 <ch0 >ha0 <ha0 <ha2 >ha2 ");
}

TEST(RecordsTls13, TheirPaddingIsNotContent) {
  ClientOptions options = asking(client_options());
  options.record_padding = 256;
  RecordTrace client;
  Pair pair(std::move(options), server_options(), "server.example", &client);
  pair.pump();
  ASSERT_TRUE(pair.client.connection.send(as_bytes("little")));
  const Told& told = client.records.back();
  EXPECT_EQ(as_text(told.content.value()), "little");
  EXPECT_EQ(told.record.size(), record::header_size + 256 + 16);
}

/// A server that does not take early data has no key for it.
TEST(RecordsTls13, SkippedEarlyDataIsToldWithoutContent) {
  Resumer resumer;
  resumer.allow_early_data();
  resumer.connect();
  resumer.server.trace_records = resumer.client.trace_records = true;
  resumer.server.sessions.max_early_data = 0;
  RecordTrace client, server;
  Pair pair = resumer.begin("server.example", &client, &server);
  ASSERT_TRUE(pair.client.connection.send_early_data(as_bytes("too early")));
  EXPECT_EQ(client.records.back().level, Level::early);
  EXPECT_EQ(as_text(client.records.back().content.value()), "too early");
  pair.pump();
  ASSERT_TRUE(pair.connected());
  const auto skipped =
      std::ranges::find(server.records, ContentType::application_data, [](const Told& told) { return told.type; });
  ASSERT_NE(skipped, server.records.end());
  EXPECT_TRUE(skipped->encrypted);
  EXPECT_FALSE(skipped->content);
  EXPECT_EQ(skipped->direction, Direction::received);
}

/// Of a client that can't use our keys.
TEST(RecordsTls13, AnAlertInTheClearIsNotEncrypted) {
  RecordTrace server;
  Pair pair(client_options(), asking(server_options()), "server.example", nullptr, &server);
  Pair::carry(pair.client, pair.server);
  const Buffer alert{0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28};
  pair.server.feed(alert);
  const Told told = server.in(Direction::received).back();
  EXPECT_EQ(told.record, alert);
  EXPECT_FALSE(told.encrypted);
  EXPECT_EQ(told.content, (Buffer{0x02, 0x28}));
}

}  // namespace
}  // namespace handfast::test
