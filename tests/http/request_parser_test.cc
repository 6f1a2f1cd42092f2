// Requests: what is taken, and what is refused because somebody else could read it another way.
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "http/parser.h"
#include "http/parsing.h"

namespace handfast::http {
namespace {

using test::refusal;
using test::request;

const std::string host = "Host: a.example\r\n";

TEST(Requests, HeadAndBodyAndNothingBehind) {
  const auto got =
      request("POST /a?b=c HTTP/1.1\r\nHost: A.Example:8080\r\nX-one:  1\t \r\nCONTENT-length: 3\r\n\r\nabcGET /next");
  ASSERT_TRUE(got.head);
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.head->method, "POST");
  EXPECT_EQ(got.head->target, "/a?b=c");
  EXPECT_EQ(got.head->minor_version, 1u);
  ASSERT_EQ(got.head->fields.size(), 3u);
  EXPECT_EQ(got.head->fields[1].name, "X-one");
  EXPECT_EQ(got.head->fields[1].value, "1");
  EXPECT_EQ(got.head->fields[2].name, "CONTENT-length");
  EXPECT_EQ(got.head->host->host.text(), "a.example");
  EXPECT_EQ(got.head->host->port, 8080);
  EXPECT_EQ(got.content, "abc");
  EXPECT_EQ(got.rest, "GET /next");
}

TEST(Requests, WithoutBody) {
  for (const std::string_view text : {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
                                      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"}) {
    const auto got = request(text);
    EXPECT_TRUE(got.done) << text;
    EXPECT_EQ(got.framing, Framing{}) << text;
    EXPECT_EQ(got.rest, "") << text;
  }
}

TEST(Requests, LinesEndWithCrlfAlone) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: a\r\n\r\n"), Refusal::bare_lf);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\n\r\n"), Refusal::bare_lf);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\n\n"), Refusal::bare_lf);
  EXPECT_EQ(refusal("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), Refusal::bare_lf);
  EXPECT_EQ(refusal("GET / HTTP/1.1\rHost: a\r\n\r\n"), Refusal::bare_cr);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"), Refusal::bare_cr);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"), Refusal::bare_cr);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\n\rX"), Refusal::bare_cr);
}

TEST(Requests, ControlCharacters) {
  for (int c = 0; c < 32; ++c) {
    if (c == '\t' || c == '\r' || c == '\n') continue;
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: a" + std::string(1, static_cast<char>(c)) + "b\r\n\r\n"),
              Refusal::control_character)
        << c;
  }
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n"), Refusal::control_character);
  // What is no HTTP at all is not waited for: a ClientHello.
  EXPECT_EQ(refusal(std::string("\x16\x03\x01\x02", 4)), Refusal::control_character);
  const auto text = request("GET / HTTP/1.1\r\nHost: a\r\nX: a\tb\xc3\xa4\r\n\r\n");
  ASSERT_TRUE(text.head);
  EXPECT_EQ(text.head->fields[1].value, "a\tb\xc3\xa4");
}

TEST(Requests, FoldedFields) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"), Refusal::obs_fold);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n"), Refusal::obs_fold);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), Refusal::obs_fold);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n"), Refusal::obs_fold);
}

TEST(Requests, NamesOfFields) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), Refusal::space_before_colon);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nContent-Length\t: 5\r\n\r\n"), Refusal::space_before_colon);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"), Refusal::bad_field_name);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n"), Refusal::bad_field_name);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nA\"b: c\r\n\r\n"), Refusal::bad_field_name);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\n\xc3\xa4: c\r\n\r\n"), Refusal::bad_field_name);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n"), Refusal::bad_field);
}

TEST(Requests, TheFirstLine) {
  for (const std::string_view line : {"GET /", "GET / ", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
                                      "GET / http/1.1", "GET / HTTP/1.1x", "GET / HTTP/11", "GET / HTTP/1.", "GET",
                                      "GET / HTTP/01.1", "GET / HTTP/1.01", "GET\t/\tHTTP/1.1", "GET /a b HTTP/1.1"}) {
    const auto refused = refusal(std::string(line) + "\r\n" + host + "\r\n");
    ASSERT_TRUE(refused) << line;
    EXPECT_EQ(status_of(*refused), 400u) << line;
  }
  for (const std::string_view version : {"HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "HTTP/9.9"}) {
    const auto refused = refusal("GET / " + std::string(version) + "\r\n" + host + "\r\n");
    EXPECT_EQ(refused, Refusal::unsupported_version) << version;
  }
  EXPECT_EQ(status_of(Refusal::unsupported_version), 505u);
  EXPECT_EQ(refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Refusal::unsupported_version);
  EXPECT_EQ(refusal("G(T / HTTP/1.1\r\n" + host + "\r\n"), Refusal::bad_method);
}

TEST(Requests, EmptyLinesInFront) {
  EXPECT_TRUE(request("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").done);
  EXPECT_EQ(refusal("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), Refusal::too_many_empty_lines);
  RequestParser parser;
  ASSERT_TRUE(parser.take(as_bytes("\r\n")));
  EXPECT_FALSE(parser.started());
  ASSERT_TRUE(parser.take(as_bytes("G")));
  EXPECT_TRUE(parser.started());
}

TEST(Requests, Host) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), Refusal::missing_host);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), Refusal::several_hosts);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n"), Refusal::several_hosts);
  EXPECT_EQ(refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), Refusal::several_hosts);
  for (const std::string_view bad :
       {"",    "a b",       "a,b",    "a/b",  "user@a", "a:0",      "a:65536", "a:+1", "a:1:2", "[::1", "::1",
        "[a]", "[1.2.3.4]", "[::1]x", "a..b", "a:b",    "\xc3\xa4", "a%20b",   "a?b",  "a#b",   "*"}) {
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: " + std::string(bad) + "\r\n\r\n"), Refusal::bad_host) << bad;
  }
  for (const std::string_view good :
       {"a", "A.Example.", "a_b.example:1", "192.0.2.1:443", "[2001:db8::1]:8443", "a:"}) {
    EXPECT_TRUE(request("GET / HTTP/1.1\r\nHost: " + std::string(good) + "\r\n\r\n").done) << good;
  }
}

TEST(Requests, LengthAndChunkedAreRefused) {
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Refusal::length_and_chunked);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"),
            Refusal::length_and_chunked);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n"),
            Refusal::length_and_chunked);
}

TEST(Requests, Lengths) {
  const auto with = [](std::string_view value) {
    return request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::string(value) + "\r\n\r\nabc");
  };
  for (const std::string_view bad : {"", "+3", "-3", "3 3", "0x3", "3.0", "3a", "18446744073709551616",
                                     "99999999999999999999999", "3,", ",3", "3,,3", "\"3\"", "three"}) {
    EXPECT_EQ(with(bad).refused, Refusal::bad_content_length) << bad;
  }
  EXPECT_EQ(with("3, 4").refused, Refusal::differing_content_lengths);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"),
            Refusal::differing_content_lengths);
  EXPECT_EQ(with("18446744073709551615").framing.length, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(with("003").content, "abc");
  // Equal ones become one, so that nobody behind us chooses another.
  const auto twice = request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\nContent-Length: 3\r\n\r\nabc");
  ASSERT_TRUE(twice.head);
  EXPECT_EQ(count(twice.head->fields, "Content-Length"), 1u);
  EXPECT_EQ(value_of(twice.head->fields, "Content-Length"), "3");
}

TEST(Requests, TransferEncodings) {
  const auto with = [](std::string_view value) {
    return request("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + std::string(value) + "\r\n\r\n0\r\n\r\n");
  };
  for (const std::string_view bad :
       {"", "identity", "gzip", "chunked, gzip", "chunked, chunked", "chunked,", ",chunked", "xchunked", "chunked;q=1",
        "\"chunked\"", "'chunked'", "chunked identity",
        "\x0b"
        "chunked"}) {
    const auto refused = with(bad).refused;
    ASSERT_TRUE(refused) << bad;
    EXPECT_EQ(status_of(*refused), 400u) << bad;
  }
  EXPECT_EQ(with("gzip, chunked").refused, Refusal::unknown_transfer_encoding);
  EXPECT_EQ(status_of(Refusal::unknown_transfer_encoding), 501u);
  EXPECT_TRUE(with("chunked").done);
  EXPECT_TRUE(with("Chunked").done);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Refusal::bad_transfer_encoding);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"),
            Refusal::bad_transfer_encoding);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), Refusal::bad_transfer_encoding);
}

TEST(Requests, ConnectHasNoContent) {
  const auto got = request("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n\x16\x03\x01");
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.rest, "\x16\x03\x01");
  EXPECT_EQ(refusal("CONNECT a:443 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"), Refusal::content_in_connect);
  EXPECT_EQ(refusal("CONNECT a:443 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Refusal::content_in_connect);
}

TEST(Requests, BehindAnUpgradeNothingIsRead) {
  const auto got = request(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /smuggled HTTP/1.1\r\n");
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.rest, "GET /smuggled HTTP/1.1\r\n");
}

TEST(Requests, ConnectionIsAListOfTokens) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep alive\r\n\r\n"), Refusal::bad_connection);
}

TEST(Requests, Limits) {
  MessageLimits limits;
  limits.head = {.start_line = 64, .field_line = 40, .head = 120, .fields = 3};
  limits.body.length = 5;
  EXPECT_EQ(refusal("GET /" + std::string(100, 'a'), limits), Refusal::request_line_too_long);
  EXPECT_EQ(status_of(Refusal::request_line_too_long), 414u);
  // Exactly as long as it may be, and one more.
  EXPECT_TRUE(request("GET /" + std::string(64 - 16, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits).done);
  EXPECT_EQ(refusal("GET /" + std::string(65 - 16, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits),
            Refusal::request_line_too_long);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(50, 'a'), limits), Refusal::field_line_too_long);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(30, 'a') + "\r\nY: " + std::string(30, 'a') +
                        "\r\nZ: " + std::string(30, 'a'),
                    limits),
            Refusal::head_too_large);
  EXPECT_TRUE(request("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 1\r\n\r\n", limits).done);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 1\r\nZ: 1\r\n\r\n", limits), Refusal::too_many_fields);
  for (const Refusal refused : {Refusal::field_line_too_long, Refusal::head_too_large, Refusal::too_many_fields})
    EXPECT_EQ(status_of(refused), 431u);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n", limits), Refusal::body_too_large);
  EXPECT_EQ(status_of(Refusal::body_too_large), 413u);
}

TEST(Requests, BodiesAreViewsOfTheInput) {
  RequestParser parser;
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_TRUE(parser.take(as_bytes(head)));
  const std::string body = "5\r\nhello\r\n";
  Parsed<BodyReader::Step> step = parser.take(as_bytes(body));
  ASSERT_TRUE(step);
  EXPECT_EQ(step->taken, 3u);
  step = parser.take(as_bytes(body).subspan(3));
  ASSERT_TRUE(step);
  EXPECT_EQ(as_text(step->content), "hello");
  EXPECT_EQ(step->content.data(), as_bytes(body).data() + 3);
}

}  // namespace
}  // namespace handfast::http
