// Records in a recording: within their limits, and each with what it carried.
#include "doctor/html/carriage.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "doctor/json.h"
#include "doctor/ladder.h"
#include "doctor/script.h"

namespace handfast::doctor {
namespace {

using enum Direction;
using test::Script;

RecordEvent record(Direction direction, ContentType type, Bytes content) {
  static Buffer bytes;
  bytes.assign(5, 0);
  bytes.insert(bytes.end(), content.begin(), content.end());
  return {direction, Level::initial, type, false, bytes, content};
}

RecordEvent encrypted(Direction direction, ContentType type, Bytes content) {
  RecordEvent event = record(direction, type, content);
  event.encrypted = true;
  event.level = Level::application;
  return event;
}

const Buffer hello = {2, 0, 0, 2, 7, 7};  // six bytes
const Buffer done = {14, 0, 0, 0};        // four
const Buffer both = {2, 0, 0, 2, 7, 7, 14, 0, 0, 0};

TEST(Carriage, SeveralMessagesInARecord) {
  Script script(Side::client);
  script.add(record(received, ContentType::handshake, both))
      .message(received, Level::initial, hello)
      .message(received, Level::initial, done);
  const Carriage carriage(script.recording());
  EXPECT_EQ(carriage.records_of(1), (std::vector<std::size_t>{0}));
  EXPECT_EQ(carriage.records_of(2), (std::vector<std::size_t>{0}));
  ASSERT_EQ(carriage.parts_of(0).size(), 2u);
  EXPECT_EQ(carriage.parts_of(0)[1].step, 2u);
  EXPECT_EQ(carriage.parts_of(0)[1].offset, 6u);
  EXPECT_EQ(carriage.parts_of(0)[1].size, 4u);
}

TEST(Carriage, AMessageInSeveralRecords) {
  // What is sent is told first.
  Script script(Side::client);
  script.message(sent, Level::initial, hello)
      .message(sent, Level::initial, done)
      .add(record(sent, ContentType::handshake, Bytes(both).first(3)))
      .add(record(sent, ContentType::handshake, Bytes(both).subspan(3, 5)))
      .add(record(sent, ContentType::handshake, Bytes(both).subspan(8)));
  const Carriage carriage(script.recording());
  EXPECT_EQ(carriage.records_of(0), (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(carriage.records_of(1), (std::vector<std::size_t>{3, 4}));
  ASSERT_EQ(carriage.parts_of(3).size(), 2u);
  EXPECT_EQ(carriage.parts_of(3)[0].size, 3u);
  EXPECT_EQ(carriage.parts_of(3)[1].size, 2u);
}

TEST(Carriage, DirectionsAndTypesAreApart) {
  const Buffer alert = {1, 0}, ccs = {1}, data(7, 'x');
  Script script(Side::client);
  script.add(record(received, ContentType::change_cipher_spec, ccs))
      .add(ChangeCipherSpecEvent{received})
      .add(record(sent, ContentType::application_data, data))
      .add(DataEvent{sent, Level::application, 7})
      .add(record(received, ContentType::application_data, data))
      .add(DataEvent{received, Level::application, 7})
      .add(record(received, ContentType::alert, alert))
      .add(AlertEvent{received, Alert::close_notify, false});
  const Carriage carriage(script.recording());
  for (const std::size_t i : {1u, 3u, 5u, 7u})
    EXPECT_EQ(carriage.records_of(i), (std::vector<std::size_t>{i - 1})) << i;
}

TEST(Carriage, RecordsAreNumberedUnderTheirKeys) {
  const Buffer data(7, 'x');
  Script script(Side::client);
  const KeyEvent key{sent, Level::application, "client_application_traffic_secret_0",
                     CipherSuite::TLS_AES_128_GCM_SHA256};
  script.add(record(sent, ContentType::handshake, hello))
      .add(key)
      .add(encrypted(sent, ContentType::application_data, data))
      .add(encrypted(received, ContentType::application_data, data))
      .add(encrypted(sent, ContentType::application_data, data))
      .add(key)
      .add(encrypted(sent, ContentType::application_data, data));
  const Carriage carriage(script.recording());
  EXPECT_EQ(carriage.sequence_number(0), std::nullopt);
  EXPECT_EQ(carriage.sequence_number(2), 0u);
  EXPECT_EQ(carriage.sequence_number(4), 1u);
  EXPECT_EQ(carriage.sequence_number(6), 0u);
}

TEST(RecordedRecords, DataInARowIsOneStepAllTheSame) {
  const Buffer data(1000, 'x');
  Script script(Side::client);
  for (int i = 0; i < 1000; ++i)
    script.add(encrypted(received, ContentType::application_data, data))
        .add(DataEvent{received, Level::application, 1000});
  const Recording& recording = script.recording();
  const auto* all = recording.find<Data>();
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(all->records, 1000u);
  EXPECT_EQ(recording.left_out(), 0u);
  EXPECT_EQ(recording.steps().size(), Recording::max_records + 1);
  EXPECT_EQ(recording.records_left_out(), 1000 - Recording::max_records);
  // Only the beginning of each is kept.
  const auto* seen = recording.find<RecordSeen>();
  EXPECT_EQ(seen->bytes.size(), Recording::max_data_bytes);
  EXPECT_EQ(seen->size, 1005u);
  EXPECT_EQ(seen->content.size(), Recording::max_data_bytes);
  EXPECT_EQ(seen->content_size, 1000u);
}

TEST(RecordedRecords, TheirBytesHaveALimitAndLeaveRoomForTheRest) {
  const Buffer content(16000, 'x');
  Script script(Side::client);
  for (int i = 0; i < 100; ++i) script.add(record(received, ContentType::handshake, content));
  for (std::size_t i = 0; i < Recording::max_steps; ++i) script.add(ChangeCipherSpecEvent{received});
  const Recording& recording = script.recording();
  EXPECT_EQ(recording.left_out(), 0u);
  EXPECT_EQ(recording.records_left_out(), 100 - Recording::max_record_bytes / 32005);
}

TEST(RecordedRecords, OthersSeeNoApplicationData) {
  const Buffer data(7, 'x');
  Script script(Side::client);
  script.add(encrypted(sent, ContentType::application_data, data)).add(encrypted(sent, ContentType::handshake, hello));
  const Recording shown = script.recording().redacted();
  const auto& first = std::get<RecordSeen>(shown.steps()[0].what);
  EXPECT_TRUE(first.content.empty());
  EXPECT_EQ(first.content_size, 7u);
  EXPECT_EQ(std::get<RecordSeen>(shown.steps()[1].what).content, hello);
}

TEST(RecordedRecords, TheLadderIsTheSameWithThem) {
  Script with(Side::client), without(Side::client);
  for (Script* script : {&with, &without}) {
    script->add(DecisionEvent{"alpn", "h2", {"h2"}, {"h2"}});
    if (script == &with) script->add(record(received, ContentType::handshake, hello));
    script->add(DecisionEvent{"group", "x25519", {"x25519"}, {"x25519"}});
  }
  EXPECT_EQ(ladder(with.recording(), Style{}), ladder(without.recording(), Style{}));
}

TEST(RecordedRecords, HaveTheirPlaceInTheJson) {
  const Buffer data(7, 'x');
  Script script(Side::client);
  script.add(encrypted(sent, ContentType::application_data, data));
  using Json = nlohmann::json;
  const Json event = Json::parse(ladder_json(script.recording()).dump()).at(0);
  EXPECT_EQ(event["event"], "record");
  EXPECT_EQ(event["from"], "client");
  EXPECT_EQ(event["type"], "application_data");
  EXPECT_EQ(event["encrypted"], true);
  EXPECT_EQ(event["size"], 12);
  EXPECT_EQ(event["bytes"],
            "0000000000"
            "78787878787878");
  EXPECT_EQ(event["content_size"], 7);
  EXPECT_EQ(event["content"], "78787878787878");
  const Json silent = Json::parse(ladder_json(script.recording().redacted()).dump()).at(0);
  EXPECT_EQ(silent["content_size"], 7);
  EXPECT_FALSE(silent.contains("content"));
}

}  // namespace
}  // namespace handfast::doctor
