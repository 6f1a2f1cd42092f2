// Chunked bodies (RFC 9112, section 7.1).
#include <string>

#include <gtest/gtest.h>

#include "http/parsing.h"
#include "http/write.h"

namespace handfast::http {
namespace {

test::Outcome<RequestHead> chunked(std::string_view body, const MessageLimits& limits = {}) {
  return test::request("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body), limits);
}

TEST(Chunks, ContentAndNothingBehind) {
  const auto got = chunked("5\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\nGET /next");
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.content, "hello0123456789");
  EXPECT_EQ(got.rest, "GET /next");
}

TEST(Chunks, Sizes) {
  for (const std::string_view bad : {"0x5\r\nhello\r\n", "+5\r\nhello\r\n", "-5\r\nhello\r\n", "\r\nhello\r\n", "g\r\n",
                                     " 5\r\nhello\r\n", "5h\r\nhello\r\n", "00000000000000005\r\nhello\r\n",
                                     "fffffffffffffffff\r\n", "5,5\r\nhello\r\n", ";a\r\n", "5_0\r\nhello\r\n"}) {
    EXPECT_EQ(chunked(bad).refused, Refusal::bad_chunk_size) << bad;
  }
  EXPECT_EQ(chunked("0000000000000005\r\nhello\r\n0\r\n\r\n").content, "hello");
  EXPECT_FALSE(chunked("ffffffffffffffff\r\nhello").refused);
}

TEST(Chunks, WhatIsRefusedIsRefusedForGood) {
  RequestParser parser;
  const auto take_all = [&](std::string_view text) -> std::optional<Refusal> {
    while (!text.empty() && !parser.done()) {
      const Parsed<BodyReader::Step> step = parser.take(as_bytes(text));
      if (!step) return step.error();
      text.remove_prefix(step->taken);
    }
    return std::nullopt;
  };
  EXPECT_FALSE(take_all("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello"));
  // The line that it breaks off in would be a good one, read once more from its beginning.
  const std::string_view bad = "\r\n5Xabc\r\n0\r\n\r\n";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(take_all(bad), Refusal::bad_chunk_size);
  EXPECT_FALSE(parser.done());
  EXPECT_FALSE(parser.end());
}

TEST(Chunks, LinesEndWithCrlfAlone) {
  for (const std::string_view bad : {"5\nhello\r\n", "5;a\nhello\r\n"}) {
    const auto got = chunked(bad);
    ASSERT_TRUE(got.refused) << bad;
  }
  EXPECT_EQ(chunked("5\rhello").refused, Refusal::bare_cr);
  EXPECT_EQ(chunked("5;a=b\nhello\r\n").refused, Refusal::bare_lf);
  EXPECT_EQ(chunked("5;a\rb\r\nhello\r\n").refused, Refusal::bare_cr);
  EXPECT_EQ(chunked("5\r\nhello\r\n0\r\n\n").refused, Refusal::bare_lf);
  EXPECT_EQ(chunked("5\r\nhello\r\n0\r\nA: b\n\r\n").refused, Refusal::bare_lf);
}

TEST(Chunks, DataEndsWhereItsSizeSays) {
  for (const std::string_view bad : {"5\r\nhello5\r\n", "5\r\nhello!\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\rX",
                                     "4\r\nhello\r\n", "5\r\nhello\n\n"}) {
    EXPECT_EQ(chunked(bad).refused, Refusal::chunk_without_end) << bad;
  }
}

TEST(Chunks, Extensions) {
  EXPECT_EQ(chunked("5;a=b;c=\"d;e\"\r\nhello\r\n0 ; x\r\n\r\n").content, "hello");
  for (const std::string_view bad : {"5 \r\nhello\r\n", "5 a\r\nhello\r\n", "5\t\r\nhello\r\n"})
    EXPECT_EQ(chunked(bad).refused, Refusal::bad_chunk_extension) << bad;
  EXPECT_EQ(chunked(std::string("5;a\0b\r\nhello", 13)).refused, Refusal::control_character);

  MessageLimits limits;
  limits.body.chunk_line = 16;
  limits.body.chunk_extensions = 30;
  EXPECT_EQ(chunked("1;" + std::string(100, 'a'), limits).refused, Refusal::chunk_extensions_too_long);
  const std::string chunk = "1;abcdefghi\r\nx\r\n";
  EXPECT_FALSE(chunked(chunk + chunk + chunk, limits).refused);
  EXPECT_EQ(chunked(chunk + chunk + chunk + chunk, limits).refused, Refusal::chunk_extensions_too_long);
}

TEST(Chunks, TrailersAreReadAndDropped) {
  const auto got = chunked("1\r\nx\r\n0\r\nContent-Length: 5\r\nX: y\r\n\r\nrest");
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.rest, "rest");
  EXPECT_FALSE(find(got.head->fields, "X"));
  EXPECT_EQ(chunked("0\r\nX : y\r\n\r\n").refused, Refusal::space_before_colon);
  EXPECT_EQ(chunked("0\r\nX: y\r\n z\r\n\r\n").refused, Refusal::obs_fold);
  EXPECT_EQ(chunked("0\r\nGET / HTTP/1.1\r\n\r\n").refused, Refusal::bad_field);
  MessageLimits limits;
  limits.body.trailer_line = 20;
  limits.body.trailers = 40;
  EXPECT_EQ(chunked("0\r\nX: " + std::string(100, 'y'), limits).refused, Refusal::trailers_too_large);
  EXPECT_EQ(chunked("0\r\nX: 0123456789\r\nX: 0123456789\r\nX: 0123456789\r\n\r\n", limits).refused,
            Refusal::trailers_too_large);
}

TEST(Chunks, LimitOfTheContent) {
  MessageLimits limits;
  limits.body.length = 8;
  EXPECT_TRUE(chunked("5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n", limits).done);
  EXPECT_EQ(chunked("5\r\nhello\r\n4\r\nabcd\r\n0\r\n\r\n", limits).refused, Refusal::body_too_large);
  EXPECT_EQ(chunked("ffffffffffffffff\r\n", limits).refused, Refusal::body_too_large);
}

TEST(Chunks, WhatIsWrittenIsRead) {
  Buffer body;
  append_chunk(body, as_bytes("hello"));
  append_chunk(body, {});
  append_chunk(body, as_bytes(std::string(70000, 'x')));
  const auto got = test::parse_pieces<RequestHead>(
      RequestParser(), {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", as_text(body), last_chunk},
      false);
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.content, "hello" + std::string(70000, 'x'));
}

}  // namespace
}  // namespace handfast::http
