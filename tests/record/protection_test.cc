// Protected records: every suite, both ways, and whatever may be wrong with one.
#include "record/protection.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "crypto/cipher_suite.h"
#include "schedule/secrets.h"
#include "support/hex.h"

namespace handfast::test {
namespace {

using record::Opened;
using record::Protection;

constexpr std::size_t no_limit = record::max_plaintext + 1;

Protection protection(const crypto::SuiteParts& suite, std::uint8_t secret = 1, std::uint64_t limit = UINT64_MAX) {
  const Buffer bytes(crypto::digest_size(suite.hash), secret);
  schedule::TrafficKeys keys = schedule::TrafficSecret(suite.hash, base::Secret(Bytes(bytes))).keys(suite.aead);
  return Protection(suite, std::move(keys.key), keys.iv, limit);
}

Buffer seal(Protection& writer, ContentType type, Bytes content, std::size_t padding = 0) {
  base::OutputBuffer out;
  EXPECT_TRUE(writer.seal(type, content, padding, out));
  return {out.view().begin(), out.view().end()};
}

/// The reason that opening gives, or what the record held: "alert 0228".
std::string open(Protection& reader, Buffer record, std::size_t limit = no_limit) {
  const Result<Opened> opened = reader.open(record, limit);
  if (!opened) return std::string(name(opened.error().reason()));
  return name(opened->type) + " " + to_hex(opened->content);
}

class EverySuite : public testing::TestWithParam<crypto::SuiteParts> {
 protected:
  Protection writer = protection(GetParam());
  Protection reader = protection(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Records, EverySuite,
                         testing::ValuesIn(std::begin(crypto::suites), std::begin(crypto::suites) + 3),
                         [](const auto& suite) { return name(suite.param.suite); });

TEST_P(EverySuite, RoundTrip) {
  std::uint8_t fill = 1;
  for (const std::size_t size : {0u, 1u, 2u, 15u, 16u, 17u, 255u, 1000u, 16383u, 16384u}) {
    for (const ContentType type : {ContentType::handshake, ContentType::alert, ContentType::application_data}) {
      const Buffer content(size, fill++);
      Buffer record = seal(writer, type, content);
      const record::Header header = record::parse_header(record);
      EXPECT_EQ(header.type, ContentType::application_data);
      EXPECT_EQ(header.legacy_version, 0x0303);
      EXPECT_EQ(header.length, size + 1 + crypto::aead_tag_size);
      EXPECT_EQ(record.size(), record::header_size + header.length);
      const Result<Opened> opened = reader.open(record, no_limit);
      ASSERT_TRUE(opened) << opened.error().message();
      EXPECT_EQ(opened->type, type);
      EXPECT_TRUE(std::ranges::equal(opened->content, content));
      // In place: what is handed on stands inside the record.
      EXPECT_EQ(opened->content.data(), record.data() + record::header_size);
    }
  }
}

TEST_P(EverySuite, EveryRecordIsSealedDifferently) {
  const Buffer first = seal(writer, ContentType::handshake, from_hex("00112233"));
  EXPECT_NE(to_hex(first), to_hex(seal(writer, ContentType::handshake, from_hex("00112233"))));
}

// RFC 8446, section 5.3: the nth record opens as the nth and as no other.
TEST_P(EverySuite, RecordsAreNumbered) {
  const Buffer first = seal(writer, ContentType::handshake, from_hex("01"));
  const Buffer second = seal(writer, ContentType::handshake, from_hex("02"));
  EXPECT_EQ(writer.records(), 2u);
  EXPECT_EQ(open(reader, second), "bad_record_mac");
  EXPECT_EQ(reader.records(), 0u);  // a failure does not count
  EXPECT_EQ(open(reader, first), "handshake 01");
  EXPECT_EQ(open(reader, first), "bad_record_mac");
  EXPECT_EQ(open(reader, second), "handshake 02");
  EXPECT_EQ(reader.records(), 2u);
}

// Past 255 and 65535 records the number takes more bytes of the nonce.
TEST_P(EverySuite, NumbersOfSeveralBytes) {
  base::OutputBuffer out;
  for (unsigned i = 0; i < 66000; ++i) {
    out.drain(out.view().size());
    ASSERT_TRUE(writer.seal(ContentType::application_data, {}, 0, out));
    Buffer record(out.view().begin(), out.view().end());
    ASSERT_TRUE(reader.open(record, no_limit)) << i;
  }
  EXPECT_EQ(reader.records(), 66000u);
}

TEST_P(EverySuite, EveryFlippedBitIsRefused) {
  const Buffer record = seal(writer, ContentType::handshake, from_hex("0011223344"));
  for (std::size_t at = 0; at < record.size(); ++at) {
    for (const unsigned bit : {0x01u, 0x10u, 0x80u}) {
      Buffer damaged = record;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ bit);
      EXPECT_EQ(open(reader, damaged), "bad_record_mac") << at;
    }
  }
  EXPECT_EQ(open(reader, record), "handshake 0011223344");
}

TEST_P(EverySuite, EveryTruncationIsRefused) {
  const Buffer record = seal(writer, ContentType::handshake, from_hex("0011223344"));
  for (std::size_t size = record::header_size; size < record.size(); ++size) {
    Buffer cut(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(open(reader, cut), "bad_record_mac") << size;
  }
  Buffer extended = record;
  extended.push_back(0);
  EXPECT_EQ(open(reader, extended), "bad_record_mac");
}

TEST_P(EverySuite, AnotherKeyDoesNotOpen) {
  Protection other = protection(GetParam(), 2);
  EXPECT_EQ(open(other, seal(writer, ContentType::handshake, from_hex("00"))), "bad_record_mac");
}

TEST_P(EverySuite, AnotherIvDoesNotOpen) {
  const Buffer key(crypto::key_size(GetParam().aead), 5);
  crypto::Nonce iv{};
  Protection one(GetParam(), crypto::Aead(GetParam().aead, key), iv, UINT64_MAX);
  iv[0] = 1;
  Protection other(GetParam(), crypto::Aead(GetParam().aead, key), iv, UINT64_MAX);
  const Buffer record = seal(one, ContentType::handshake, from_hex("00"));
  EXPECT_EQ(open(other, record), "bad_record_mac");
}

// RFC 8446, section 5.4
TEST_P(EverySuite, Padding) {
  for (const std::size_t padding : {1u, 2u, 100u, 16382u}) {
    const Buffer record = seal(writer, ContentType::alert, from_hex("0228"), padding);
    EXPECT_EQ(record.size(), record::header_size + 2 + 1 + padding + crypto::aead_tag_size);
    EXPECT_EQ(open(reader, record), "alert 0228");
  }
  // Zeros at the end of the content are content.
  EXPECT_EQ(open(reader, seal(writer, ContentType::application_data, from_hex("610000"), 3)),
            "application_data 610000");
}

TEST_P(EverySuite, OnlyZerosHaveNoType) {
  for (const std::size_t size : {0u, 1u, 50u}) {
    const Result<Opened> opened = [&] {
      Buffer record = seal(writer, ContentType{0}, Buffer(size));
      return reader.open(record, no_limit);
    }();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason(), Reason::no_content_type);
    EXPECT_EQ(opened.error().alert(), Alert::unexpected_message);
  }
}

// The limit counts content, type and padding (RFC 8446, section 5.4; RFC 8449, section 4).
TEST_P(EverySuite, Limit) {
  EXPECT_EQ(open(reader, seal(writer, ContentType::alert, from_hex("0228")), 3), "alert 0228");
  EXPECT_EQ(open(reader, seal(writer, ContentType::alert, from_hex("0228"), 1), 4), "alert 0228");
  for (const std::size_t padding : {0u, 1u, 60u}) {
    Buffer record = seal(writer, ContentType::alert, from_hex("0228"), padding);
    const Result<Opened> opened = reader.open(record, 2 + padding);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason(), Reason::plaintext_too_long);
    EXPECT_EQ(opened.error().alert(), Alert::record_overflow);
    EXPECT_EQ(std::get<std::int64_t>(*opened.error().find("length")), static_cast<std::int64_t>(3 + padding));
    EXPECT_EQ(std::get<std::int64_t>(*opened.error().find("limit")), static_cast<std::int64_t>(2 + padding));
  }
  const Buffer largest(record::max_plaintext, 1);
  EXPECT_EQ(open(reader, seal(writer, ContentType::alert, largest, 1)), "plaintext_too_long");
}

TEST_P(EverySuite, WornKeys) {
  Protection worn = protection(GetParam(), 1, 2);
  EXPECT_FALSE(worn.worn());
  seal(worn, ContentType::handshake, from_hex("00"));
  EXPECT_FALSE(worn.worn());
  seal(worn, ContentType::handshake, from_hex("00"));
  EXPECT_TRUE(worn.worn());
}

// RFC 8446, section 5.5: 2^24.5 for AES-GCM, none for ChaCha20-Poly1305 but the sequence number.
TEST(RecordLimit, IsThatOfTheAead) {
  for (const crypto::SuiteParts& suite : std::span(crypto::suites).first(3)) {
    const bool chacha = suite.aead == crypto::AeadAlgorithm::chacha20_poly1305;
    EXPECT_EQ(suite.record_limit, chacha ? UINT64_MAX : 23726566u);
  }
}

// Records of two connections do not open in each other's place, though a thread keeps contexts of several keys.
TEST(Protection, ManyKeysInOneThread) {
  std::vector<Protection> writers;
  std::vector<Protection> readers;
  for (std::uint8_t i = 0; i < 30; ++i) {
    writers.push_back(protection(crypto::suites[i % 3], i));
    readers.push_back(protection(crypto::suites[i % 3], i));
  }
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < writers.size(); ++i) {
      const Buffer record = seal(writers[i], ContentType::handshake, Bytes(Buffer{static_cast<std::uint8_t>(i)}));
      EXPECT_EQ(open(readers[(i + 3) % readers.size()], record), "bad_record_mac");
      EXPECT_NE(open(readers[i], record), "bad_record_mac");
    }
}

}  // namespace
}  // namespace handfast::test
