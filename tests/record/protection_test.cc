// Protected records: every suite of both versions that has an AEAD, both ways, and whatever may be wrong with one.
#include "record/protection.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "crypto/cipher_suite.h"
#include "schedule/secrets.h"
#include "support/hex.h"

namespace handfast::test {
namespace {

using record::Opened;
using record::Protection;

constexpr std::size_t no_limit = record::max_plaintext + 1;

std::vector<crypto::SuiteParts> suites_of(ProtocolVersion version) {
  std::vector<crypto::SuiteParts> suites;
  for (const crypto::SuiteParts& suite : crypto::suites)
    if (suite.version == version && suite.has_aead()) suites.push_back(suite);
  return suites;
}
const std::vector<crypto::SuiteParts>& aead_suites() {
  static const std::vector<crypto::SuiteParts> suites = [] {
    std::vector<crypto::SuiteParts> both = suites_of(ProtocolVersion::tls1_3);
    for (const crypto::SuiteParts& suite : suites_of(ProtocolVersion::tls1_2)) both.push_back(suite);
    return both;
  }();
  return suites;
}

bool is_tls13(const crypto::SuiteParts& suite) { return suite.version == ProtocolVersion::tls1_3; }

/// The explicit part of the nonce in front of what is sealed (RFC 5288, section 3).
std::size_t explicit_nonce_size(const crypto::SuiteParts& suite) {
  return !is_tls13(suite) && suite.aead() != crypto::AeadAlgorithm::chacha20_poly1305 ? 8 : 0;
}

/// What a record has beside its content.
std::size_t overhead(const crypto::SuiteParts& suite) {
  return record::header_size + explicit_nonce_size(suite) + (is_tls13(suite) ? 1 : 0) + crypto::aead_tag_size;
}

Protection protection(const crypto::SuiteParts& suite, std::uint8_t secret = 1, std::uint64_t limit = UINT64_MAX) {
  const Buffer bytes(crypto::digest_size(suite.hash), secret);
  schedule::TrafficKeys keys = schedule::TrafficSecret(suite.hash, base::Secret(Bytes(bytes))).keys(suite.aead());
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
const auto suite_name = [](const auto& suite) { return name(suite.param.suite); };
INSTANTIATE_TEST_SUITE_P(Records, EverySuite, testing::ValuesIn(aead_suites()), suite_name);

class Tls13Suite : public EverySuite {};
INSTANTIATE_TEST_SUITE_P(Records, Tls13Suite, testing::ValuesIn(suites_of(ProtocolVersion::tls1_3)), suite_name);

class Tls12Suite : public EverySuite {};
INSTANTIATE_TEST_SUITE_P(Records, Tls12Suite, testing::ValuesIn(suites_of(ProtocolVersion::tls1_2)), suite_name);

TEST_P(EverySuite, RoundTrip) {
  std::uint8_t fill = 1;
  for (const std::size_t size : {0u, 1u, 2u, 15u, 16u, 17u, 255u, 1000u, 16383u, 16384u}) {
    for (const ContentType type : {ContentType::handshake, ContentType::alert, ContentType::application_data}) {
      const Buffer content(size, fill++);
      Buffer record = seal(writer, type, content);
      const record::Header header = record::parse_header(record);
      EXPECT_EQ(header.type, is_tls13(GetParam()) ? ContentType::application_data : type);
      EXPECT_EQ(header.legacy_version, 0x0303);
      EXPECT_EQ(record.size(), size + overhead(GetParam()));
      EXPECT_EQ(record.size(), record::header_size + header.length);
      const Result<Opened> opened = reader.open(record, no_limit);
      ASSERT_TRUE(opened) << opened.error().message();
      EXPECT_EQ(opened->type, type);
      EXPECT_TRUE(std::ranges::equal(opened->content, content));
      // In place: what is handed on stands inside the record.
      EXPECT_EQ(opened->content.data(), record.data() + record::header_size + explicit_nonce_size(GetParam()));
    }
  }
}

TEST_P(EverySuite, EveryRecordIsSealedDifferently) {
  const Buffer first = seal(writer, ContentType::handshake, from_hex("00112233"));
  EXPECT_NE(to_hex(first), to_hex(seal(writer, ContentType::handshake, from_hex("00112233"))));
}

// RFC 8446, section 5.3; RFC 5246, section 6.1: the nth record opens as the nth and as no other.
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
    // In TLS 1.2 it is the length of the plaintext that is authenticated: what the header says has cut the record.
    if (!is_tls13(GetParam()) && (at == 3 || at == 4)) continue;
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
  const Buffer key(crypto::key_size(GetParam().aead()), 5);
  crypto::Nonce iv{};
  Protection one(GetParam(), crypto::Aead(GetParam().aead(), key), iv, UINT64_MAX);
  iv[0] = 1;
  Protection other(GetParam(), crypto::Aead(GetParam().aead(), key), iv, UINT64_MAX);
  const Buffer record = seal(one, ContentType::handshake, from_hex("00"));
  EXPECT_EQ(open(other, record), "bad_record_mac");
}

// RFC 8446, section 5.4
TEST_P(Tls13Suite, Padding) {
  for (const std::size_t padding : {1u, 2u, 100u, 16382u}) {
    const Buffer record = seal(writer, ContentType::alert, from_hex("0228"), padding);
    EXPECT_EQ(record.size(), record::header_size + 2 + 1 + padding + crypto::aead_tag_size);
    EXPECT_EQ(open(reader, record), "alert 0228");
  }
  // Zeros at the end of the content are content.
  EXPECT_EQ(open(reader, seal(writer, ContentType::application_data, from_hex("610000"), 3)),
            "application_data 610000");
}

TEST_P(Tls13Suite, OnlyZerosHaveNoType) {
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
TEST_P(Tls13Suite, Limit) {
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

// RFC 8446, section 5.2: an outer type that is authenticated, and another than application_data. No writer of ours
// makes such a record: the AEAD is used by hand.
TEST_P(Tls13Suite, AnotherOuterType) {
  const Buffer key(crypto::key_size(GetParam().aead()), 5);
  Buffer record = from_hex("1603030012");
  record.resize(record::header_size + 2 + crypto::aead_tag_size);
  const MutableBytes bytes = record;
  ASSERT_TRUE(
      crypto::Aead(GetParam().aead(), key)
          .seal({}, bytes.first(record::header_size), from_hex("0116"), {}, bytes.subspan(record::header_size)));
  Protection other(GetParam(), crypto::Aead(GetParam().aead(), key), {}, UINT64_MAX);
  const Result<Opened> opened = other.open(record, no_limit);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason(), Reason::bad_outer_content_type);
  EXPECT_EQ(opened.error().alert(), Alert::unexpected_message);
}

TEST_P(Tls13Suite, HasRoomForTypeAndPadding) {
  EXPECT_EQ(writer.inner_overhead(), 1u);
  EXPECT_TRUE(writer.can_pad());
}

TEST_P(Tls12Suite, HasNothingBesideTheContent) {
  EXPECT_EQ(writer.inner_overhead(), 0u);
  EXPECT_FALSE(writer.can_pad());
}

// RFC 8449, section 4: before TLS 1.3 the limit is that of the content; and RFC 5246, section 6.2.1: 2^14 at most.
TEST_P(Tls12Suite, Limit) {
  EXPECT_EQ(open(reader, seal(writer, ContentType::alert, from_hex("0228")), 2), "alert 0228");
  Buffer record = seal(writer, ContentType::alert, from_hex("0228"));
  Result<Opened> opened = reader.open(record, 1);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason(), Reason::plaintext_too_long);
  EXPECT_EQ(opened.error().alert(), Alert::record_overflow);
  EXPECT_EQ(std::get<std::int64_t>(*opened.error().find("length")), 2);
  EXPECT_EQ(std::get<std::int64_t>(*opened.error().find("limit")), 1);

  record = seal(writer, ContentType::application_data, Buffer(record::max_plaintext + 1, 1));
  opened = reader.open(record, no_limit);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason(), Reason::plaintext_too_long);
  EXPECT_EQ(std::get<std::int64_t>(*opened.error().find("limit")), std::int64_t{record::max_plaintext});
}

// RFC 5288, section 3: the explicit nonce of our records is their number, so that none comes twice.
TEST_P(Tls12Suite, ExplicitNonceIsTheSequenceNumber) {
  if (explicit_nonce_size(GetParam()) == 0) {
    EXPECT_EQ(GetParam().aead(), crypto::AeadAlgorithm::chacha20_poly1305);
    return;
  }
  // As a key block has it: a salt and zeros.
  const Buffer key(crypto::key_size(GetParam().aead()), 5);
  Protection salted(GetParam(), crypto::Aead(GetParam().aead(), key), {1, 2, 3, 4}, UINT64_MAX);
  for (unsigned i = 0; i < 300; ++i) {
    const Buffer record = seal(salted, ContentType::handshake, from_hex("00"));
    std::array<std::uint8_t, 8> number{};
    number[6] = static_cast<std::uint8_t>(i >> 8);
    number[7] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(to_hex(Bytes(record).subspan(record::header_size, 8)), to_hex(number));
  }
}

// RFC 5246, section 6.2.3.3: what is authenticated beside the content. Records made by hand, each with one thing that
// is not what it should be.
TEST_P(Tls12Suite, AuthenticatesSequenceTypeVersionAndLength) {
  const Buffer key(crypto::key_size(GetParam().aead()), 5);
  const auto opened = [&](std::string_view additional_data, std::size_t size) {
    const std::size_t explicit_size = explicit_nonce_size(GetParam());
    const Buffer content(size, 0xab);
    Buffer record = from_hex("1603030000");
    record.resize(size + overhead(GetParam()));
    const std::size_t length = record.size() - record::header_size;
    record[3] = static_cast<std::uint8_t>(length >> 8);
    record[4] = static_cast<std::uint8_t>(length);
    const crypto::Nonce nonce{};
    EXPECT_TRUE(crypto::Aead(GetParam().aead(), key)
                    .seal(nonce, from_hex(additional_data), content, {},
                          MutableBytes(record).subspan(record::header_size + explicit_size)));
    Protection other(GetParam(), crypto::Aead(GetParam().aead(), key), nonce, UINT64_MAX);
    return open(other, record);
  };
  EXPECT_EQ(opened("0000000000000000 16 0303 0004", 4), "handshake abababab");
  EXPECT_EQ(opened("0000000000000001 16 0303 0004", 4), "bad_record_mac");
  EXPECT_EQ(opened("0100000000000000 16 0303 0004", 4), "bad_record_mac");
  EXPECT_EQ(opened("0000000000000000 17 0303 0004", 4), "bad_record_mac");
  EXPECT_EQ(opened("0000000000000000 16 0302 0004", 4), "bad_record_mac");
  EXPECT_EQ(opened("0000000000000000 16 0303 0005", 4), "bad_record_mac");
  EXPECT_EQ(opened("0000000000000000 16 0303 0104", 4), "bad_record_mac");
  // Both bytes of the length count.
  EXPECT_EQ(opened("0000000000000000 16 0303 012c", 300), "handshake " + to_hex(Buffer(300, 0xab)));
  EXPECT_EQ(opened("0000000000000000 16 0303 002c", 300), "bad_record_mac");
}

TEST_P(EverySuite, WornKeys) {
  Protection worn = protection(GetParam(), 1, 2);
  EXPECT_FALSE(worn.worn());
  seal(worn, ContentType::handshake, from_hex("00"));
  EXPECT_FALSE(worn.worn());
  seal(worn, ContentType::handshake, from_hex("00"));
  EXPECT_TRUE(worn.worn());
}

// RFC 8446, section 5.5: 2^24.5 for AES-GCM, none for ChaCha20-Poly1305 but the sequence number; and TLS 1.2 has no
// KeyUpdate.
TEST(RecordLimit, IsThatOfTheAead) {
  for (const crypto::SuiteParts& suite : aead_suites()) {
    const bool limited = is_tls13(suite) && suite.aead() != crypto::AeadAlgorithm::chacha20_poly1305;
    EXPECT_EQ(suite.record_limit, limited ? 23726566u : UINT64_MAX);
  }
}

// Records of two connections do not open in each other's place, though a thread keeps contexts of several keys.
TEST(Protection, ManyKeysInOneThread) {
  std::vector<Protection> writers;
  std::vector<Protection> readers;
  for (std::uint8_t i = 0; i < 30; ++i) {
    writers.push_back(protection(aead_suites()[i % aead_suites().size()], i));
    readers.push_back(protection(aead_suites()[i % aead_suites().size()], i));
  }
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < writers.size(); ++i) {
      const Buffer record = seal(writers[i], ContentType::handshake, Bytes(Buffer{static_cast<std::uint8_t>(i)}));
      EXPECT_EQ(open(readers[(i + aead_suites().size()) % readers.size()], record), "bad_record_mac");
      EXPECT_NE(open(readers[i], record), "bad_record_mac");
    }
}

}  // namespace
}  // namespace handfast::test
