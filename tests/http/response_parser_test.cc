// Responses, and where their bodies end (RFC 9112, section 6.3).
#include <string>

#include <gtest/gtest.h>

#include "http/parsing.h"

namespace handfast::http {
namespace {

using test::closed_response;
using test::response;
using Kind = Framing::Kind;

TEST(Responses, HeadAndBodyAndNothingBehind) {
  const auto got = response("HTTP/1.1 404 Not Found Here\r\nServer: x\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1");
  ASSERT_TRUE(got.head);
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.head->status, 404u);
  EXPECT_EQ(got.head->reason, "Not Found Here");
  EXPECT_EQ(got.content, "abc");
  EXPECT_EQ(got.rest, "HTTP/1.1");
  EXPECT_EQ(response("HTTP/1.0 200 \r\n\r\n").head->minor_version, 0u);
  // No reason, and no space in front of it.
  EXPECT_EQ(response("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").head->status, 200u);
}

TEST(Responses, WithoutBodyWhateverTheySay) {
  for (const std::string_view status :
       {"100 Continue", "101 Switching Protocols", "103 Early Hints", "204 No Content", "304 Not Modified"}) {
    const auto got = response("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_TRUE(got.done) << status;
    EXPECT_EQ(got.rest, "hello") << status;
  }
  for (const std::string_view framing : {"Content-Length: 5", "Transfer-Encoding: chunked", "X: y"}) {
    const auto got = response("HTTP/1.1 200 OK\r\n" + std::string(framing) + "\r\n\r\nrest", "HEAD");
    EXPECT_TRUE(got.done) << framing;
    EXPECT_EQ(got.rest, "rest") << framing;
  }
  // Methods know case: this is none that we know.
  EXPECT_EQ(response("HTTP/1.1 200 OK\r\n\r\n", "head").framing.kind, Kind::until_close);
}

TEST(Responses, ToConnect) {
  const auto accepted = response("HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\nhello", "CONNECT");
  EXPECT_EQ(accepted.framing.kind, Kind::tunnel);
  EXPECT_EQ(accepted.content, "");
  EXPECT_EQ(accepted.rest, "hello");
  const auto refused = response("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nhello", "CONNECT");
  EXPECT_EQ(refused.content, "hello");
}

TEST(Responses, UntilTheConnectionEnds) {
  const auto got = closed_response("HTTP/1.1 200 OK\r\n\r\nhello\r\n\r\nworld");
  EXPECT_EQ(got.framing.kind, Kind::until_close);
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.content, "hello\r\n\r\nworld");
  EXPECT_FALSE(response("HTTP/1.1 200 OK\r\n\r\nhello").done);
}

TEST(Responses, WithoutTheirEnd) {
  for (const std::string_view text : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"}) {
    EXPECT_EQ(closed_response(text).refused, Refusal::truncated) << text;
  }
  EXPECT_FALSE(closed_response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").refused);
}

TEST(Responses, Chunked) {
  const auto got = response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\nrest");
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.content, "hello");
  EXPECT_EQ(got.rest, "rest");
}

TEST(Responses, Refused) {
  const auto refusal = [](std::string_view text) { return response(text).refused; };
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Refusal::length_and_chunked);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"),
            Refusal::differing_content_lengths);
  EXPECT_EQ(refusal("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), Refusal::bad_transfer_encoding);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), Refusal::bad_transfer_encoding);
  // It would count for nothing here, but not for everybody.
  EXPECT_EQ(response("HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n", "HEAD").refused, Refusal::bad_content_length);
  EXPECT_EQ(refusal("HTTP/2.0 200 OK\r\n\r\n"), Refusal::unsupported_version);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\nX: y\r\n\r\n"), Refusal::bare_lf);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n"), Refusal::obs_fold);
  EXPECT_EQ(refusal("HTTP/1.1 200 OK\r\nX: y\rSet-Cookie: z\r\n\r\n"), Refusal::bare_cr);
  for (const std::string_view line :
       {"ICY 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 OK", "HTTP/1.1 600 OK", "HTTP/1.1  200 OK",
        "HTTP/1.1 +20 OK", "HTTP/1.1", "hello", "HTTP/1.1\t200 OK", "http/1.1 200 OK"}) {
    EXPECT_EQ(refusal(std::string(line) + "\r\n\r\n"), Refusal::bad_status_line) << line;
  }
  // The rest of the response before is no empty line in front of this one.
  EXPECT_EQ(refusal("\r\nHTTP/1.1 200 OK\r\n\r\n"), Refusal::too_many_empty_lines);
}

TEST(Responses, KeepAlive) {
  const Fields close = {{"Connection", "foo, Close"}};
  const Fields keep = {{"Connection", "Keep-Alive"}};
  EXPECT_TRUE(keeps_alive(1, {}));
  EXPECT_FALSE(keeps_alive(1, close));
  EXPECT_FALSE(keeps_alive(0, {}));
  EXPECT_TRUE(keeps_alive(0, keep));
  EXPECT_FALSE(keeps_alive(0, {{"Connection", "keep-alive"}, {"connection", "close"}}));
}

}  // namespace
}  // namespace handfast::http
