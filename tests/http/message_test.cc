// Requests out of pieces, and heads of responses.
#include "http/message.h"

#include <gtest/gtest.h>

namespace handfast::http {
namespace {

constexpr RequestReader::Limits limits{1024, 100};

void append(Buffer& input, std::string_view text) { input.insert(input.end(), text.begin(), text.end()); }

TEST(RequestReader, SplitAtEveryByte) {
  const std::string text = "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t split = 1; split < text.size(); ++split) {
    RequestReader reader(limits);
    Buffer input;
    append(input, text.substr(0, split));
    EXPECT_EQ(reader.take(input), std::nullopt);
    EXPECT_FALSE(reader.done());
    append(input, text.substr(split));
    EXPECT_EQ(reader.take(input), std::nullopt);
    ASSERT_TRUE(reader.done()) << split;
    EXPECT_TRUE(input.empty());
    const ParsedRequest request = reader.request();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/a?b");
    EXPECT_EQ(request.body, "abc");
    EXPECT_TRUE(request.keep_alive);
    EXPECT_EQ(request.fields.size(), 2u);
  }
}

TEST(RequestReader, LeavesTheNextRequest) {
  RequestReader reader(limits);
  Buffer input;
  append(input, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /next");
  EXPECT_EQ(reader.take(input), std::nullopt);
  ASSERT_TRUE(reader.done());
  EXPECT_EQ(as_text(input), "GET /next");
  EXPECT_FALSE(reader.request().keep_alive);
}

std::optional<unsigned> refusal(std::string_view text) {
  RequestReader reader(limits);
  Buffer input;
  append(input, text);
  return reader.take(input);
}

TEST(RequestReader, Refuses) {
  EXPECT_EQ(refusal("\x16\x03\x01 what is this"), 400u);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(2000, 'x') + "\r\n\r\n"), 431u);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(2000, 'x')), 431u);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n"), 413u);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + std::string(255, 'x') +
                    "\r\n"),
            413u);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"), 400u);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"), 400u);
}

TEST(WriteHead, FillsInTheFraming) {
  const std::optional<std::string> head =
      write_head({.status = 404, .fields = {{"Content-Type", "text/plain"}}}, 12, false);
  ASSERT_TRUE(head);
  EXPECT_TRUE(head->starts_with("HTTP/1.1 404 Not Found\r\nDate: "));
  EXPECT_TRUE(head->contains(" GMT\r\nServer: handfast\r\nContent-Type: text/plain\r\n"));
  EXPECT_TRUE(head->ends_with("\r\nConnection: close\r\nContent-Length: 12\r\n\r\n"));
  EXPECT_FALSE(write_head({.status = 204}, 0, true)->contains("Content-Length"));
}

TEST(WriteHead, RefusesWhatWouldSplitTheResponse) {
  for (const Field& field :
       {Field{"A", "b\r\nC: d"}, Field{"A\r\nB", "c"}, Field{"A", std::string("b\0c", 3)}, Field{"", "a"},
        Field{"A b", "c"}, Field{"content-length", "5"}, Field{"Transfer-Encoding", "chunked"}}) {
    EXPECT_FALSE(write_head({.fields = {field}}, 0, true)) << field.name;
  }
  EXPECT_FALSE(write_head({.status = 100}, 0, true));
  EXPECT_FALSE(write_head({.status = 1000}, 0, true));
}

}  // namespace
}  // namespace handfast::http
