// Targets, lists, fields, and heads that are written and read again.
#include <string>

#include <gtest/gtest.h>

#include "http/fields.h"
#include "http/grammar.h"
#include "http/parsing.h"
#include "http/target.h"
#include "http/write.h"

namespace handfast::http {
namespace {

TEST(Targets, FourForms) {
  const auto origin = parse_target("GET", "/a/b?c=%20");
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->form, TargetForm::origin);
  EXPECT_EQ(origin->path, "/a/b?c=%20");
  const auto absolute = parse_target("GET", "HTTP://Example.COM:8080/x?y");
  ASSERT_TRUE(absolute);
  EXPECT_EQ(absolute->form, TargetForm::absolute);
  EXPECT_EQ(absolute->scheme, "http");
  EXPECT_EQ(to_text(*absolute->authority), "example.com:8080");
  EXPECT_EQ(absolute->path, "/x?y");
  EXPECT_EQ(parse_target("GET", "http://a")->path, "/");
  EXPECT_EQ(parse_target("GET", "http://a?b")->path, "/?b");
  const auto authority = parse_target("CONNECT", "[2001:DB8::1]:443");
  ASSERT_TRUE(authority);
  EXPECT_EQ(authority->form, TargetForm::authority);
  EXPECT_EQ(to_text(*authority->authority), "[2001:db8::1]:443");
  EXPECT_EQ(parse_target("OPTIONS", "*")->form, TargetForm::asterisk);
}

TEST(Targets, Refused) {
  for (const std::string_view bad : {"", "*", "a", "example.com:443", "http:/a", "http://", "http://user@a/", "://a",
                                     "1http://a", "/a#b", "/a\xc3\xa4", "/a b", "/a\x7f", "http://a:0/", "http://a b/"})
    EXPECT_FALSE(parse_target("GET", bad)) << bad;
  for (const std::string_view bad : {"/", "http://a/", "a", "*", "a:0", "a:65536", ":443", "a:443/", "user@a:443"})
    EXPECT_FALSE(parse_target("CONNECT", bad)) << bad;
}

TEST(Grammar, Lists) {
  const auto elements = [](std::string_view text) {
    std::vector<std::string> all;
    ListReader list(text);
    while (const auto element = list.next()) all.emplace_back(*element);
    return all;
  };
  EXPECT_EQ(elements("a, b\t,c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(elements(",a,"), (std::vector<std::string>{"", "a", ""}));
  EXPECT_EQ(elements("\"a,b\\\",c\", d"), (std::vector<std::string>{"\"a,b\\\",c\"", "d"}));
  EXPECT_EQ(elements("\"open, \\"), (std::vector<std::string>{"\"open, \\"}));
  EXPECT_EQ(elements(""), (std::vector<std::string>{""}));
}

TEST(Fields, FindSetRemove) {
  Fields fields = {{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}};
  EXPECT_EQ(value_of(fields, "a"), "1");
  EXPECT_EQ(count(fields, "A"), 2u);
  set(fields, "a", "5");
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[0].value, "5");
  EXPECT_EQ(fields[1].name, "B");
  set(fields, "D", "6");
  EXPECT_EQ(fields.back().name, "D");
  EXPECT_EQ(remove(fields, "b"), 1u);
  EXPECT_EQ(find(fields, "B"), nullptr);
}

TEST(Fields, HopByHop) {
  Fields fields = {{"Host", "a"},           {"Connection", "X-One, close, Host"},
                   {"X-One", "1"},          {"Keep-Alive", "5"},
                   {"x-one", "2"},          {"connection", "X-Two, Early-Data"},
                   {"X-TWO", "3"},          {"TE", "trailers"},
                   {"Trailer", "X"},        {"Transfer-Encoding", "chunked"},
                   {"Upgrade", "h2c"},      {"Proxy-Connection", "x"},
                   {"Content-Length", "5"}, {"X-Three", "4"},
                   {"Early-Data", "1"}};
  remove_hop_by_hop(fields);
  ASSERT_EQ(fields.size(), 4u);
  EXPECT_EQ(fields[0].name, "Host");
  EXPECT_EQ(fields[1].name, "Content-Length");
  EXPECT_EQ(fields[2].name, "X-Three");
  EXPECT_EQ(fields[3].name, "Early-Data");
}

TEST(WriteHeads, WhatWouldSplitThemIsRefused) {
  const RequestHead good{.method = "GET", .target = "/", .fields = {{"Host", "a"}}};
  EXPECT_EQ(write_head(good), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  for (const Field& field : {Field{"A", "b\r\nC: d"}, Field{"A\r\nB", "c"}, Field{"A", std::string("b\0c", 3)},
                             Field{"", "a"}, Field{"A ", "c"}, Field{"A", "b\nC: d"}, Field{"A", "b\x7f"}}) {
    EXPECT_FALSE(write_head(RequestHead{.method = "GET", .target = "/", .fields = {field}}));
    EXPECT_FALSE(write_head(ResponseHead{.fields = {field}}));
  }
  EXPECT_FALSE(write_head(RequestHead{.method = "GET /", .target = "/"}));
  EXPECT_FALSE(write_head(RequestHead{.method = "GET", .target = "/ HTTP/1.1\r\nX: y"}));
  EXPECT_FALSE(write_head(ResponseHead{.status = 99}));
  EXPECT_FALSE(write_head(ResponseHead{.status = 200, .reason = "OK\r\nX: y"}));
  EXPECT_EQ(write_head(ResponseHead{.status = 425, .reason = std::string(reason_of(425))}),
            "HTTP/1.1 425 Too Early\r\n\r\n");
  EXPECT_EQ(reason_of(499), "Client Closed Request");
  EXPECT_EQ(reason_of(599), "Network Connect Timeout Error");
  EXPECT_EQ(reason_of(299), "");
}

TEST(WriteHeads, AreReadTheSame) {
  for (const std::string_view text :
       {"GET /a?b HTTP/1.1\r\nHost: a\r\nX-a:b\r\nx-A:\t c \r\n\r\n", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST http://b/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0005, 5\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"}) {
    const auto first = test::request(text);
    ASSERT_TRUE(first.head) << text;
    const auto written = write_head(*first.head);
    ASSERT_TRUE(written) << text;
    const auto second = test::request(*written);
    ASSERT_TRUE(second.head) << text;
    EXPECT_EQ(second.framing, first.framing) << text;
    EXPECT_EQ(write_head(*second.head), written) << text;
  }
}

}  // namespace
}  // namespace handfast::http
