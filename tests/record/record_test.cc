// Framing: headers, records in the clear, and what is said of bytes that are no record.
#include "record/record.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/hex.h"

namespace handfast::test {
namespace {

TEST(RecordHeader, IsReadAndWritten) {
  const Buffer bytes = from_hex("17 0303 4100 ff");
  const record::Header header = record::parse_header(bytes);
  EXPECT_EQ(header.type, ContentType::application_data);
  EXPECT_EQ(header.legacy_version, 0x0303);
  EXPECT_EQ(header.length, record::max_ciphertext);

  Buffer written(6, 0xee);
  record::write_header(written, ContentType::handshake, 0x0301, 0x1234);
  EXPECT_EQ(to_hex(written), "1603011234ee");
}

// Every content type, version and length there is survives the way out and back.
TEST(RecordHeader, EveryValue) {
  Buffer bytes(record::header_size);
  for (unsigned number = 0; number <= 0xffff; ++number) {
    const ContentType type{static_cast<std::uint8_t>(number >> 8)};
    record::write_header(bytes, type, static_cast<std::uint16_t>(~number), number);
    const record::Header header = record::parse_header(bytes);
    ASSERT_EQ(header.type, type);
    ASSERT_EQ(header.legacy_version, static_cast<std::uint16_t>(~number));
    ASSERT_EQ(header.length, number);
  }
}

TEST(PlaintextRecord, IsHeaderAndFragment) {
  base::OutputBuffer out;
  record::write_plaintext(ContentType::alert, 0x0303, from_hex("0228"), out);
  record::write_plaintext(ContentType::change_cipher_spec, 0x0303, from_hex("01"), out);
  record::write_plaintext(ContentType::handshake, 0x0301, {}, out);
  EXPECT_EQ(to_hex(out.view()),
            "15030300020228"
            "140303000101"
            "1603010000");
}

Error refused(std::string_view text) { return record::not_a_record(as_bytes(text)); }

TEST(NotARecord, TellsHttp) {
  for (const char* text : {"GET / HTTP/1.1\r\n", "GET /", "HEAD ", "POST /x", "PUT /x", "OPTIONS * HTTP/1.1", "OPTIO",
                           "DELETE /", "DELET", "PATCH", "HTTP/1.1 400 Bad Request"})
    EXPECT_EQ(refused(text).reason(), Reason::http_request) << text;
  for (const char* text : {"CONNECT example.com:443 HTTP/1.1", "CONNE"})
    EXPECT_EQ(refused(text).reason(), Reason::http_proxy_request) << text;
}

TEST(NotARecord, GuessesNothingElse) {
  for (const char* text : {"SSH-2.0-OpenSSH", "220 mail.example.com ESMTP", "get / http", "GETS /", "CONNX", "HTTPS/"})
    EXPECT_EQ(refused(text).reason(), Reason::not_tls) << text;
  EXPECT_EQ(record::not_a_record(from_hex("8080010301")).reason(), Reason::not_tls);  // an SSL 2.0 hello
}

TEST(NotARecord, ShowsTheFirstBytes) {
  const Error error = refused("220 mail.example.com ESMTP");
  EXPECT_EQ(error.alert(), Alert::protocol_version);
  ASSERT_NE(error.find("first_bytes"), nullptr);
  EXPECT_EQ(as_text(std::get<Buffer>(*error.find("first_bytes"))), "220 mail.example.com ESMTP");
  EXPECT_EQ(as_text(std::get<Buffer>(*refused("GET /").find("first_bytes"))), "GET /");
  const std::string endless(1000, 'x');
  EXPECT_EQ(std::get<Buffer>(*refused(endless.c_str()).find("first_bytes")).size(), 64u);
}

}  // namespace
}  // namespace handfast::test
