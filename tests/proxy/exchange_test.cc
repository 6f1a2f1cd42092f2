// Requests through the proxy: what goes on, what comes back, in which order.
#include <gtest/gtest.h>

#include "proxy/scripted_peers.h"

namespace handfast::test {
namespace {

using namespace std::chrono_literals;

const std::string get = "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n";
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(Exchange, KeptAliveOnBothSides) {
  Rig rig;
  Peer client = rig.connect();
  client.send(
      "GET /a?b HTTP/1.1\r\nHost: A.example\r\nX-Y: z\r\nConnection: X-Y, keep-alive\r\nProxy: evil.example\r\n"
      "X-z: 1\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "GET /a?b HTTP/1.1\r\nHost: A.example\r\nX-z: 1\r\n\r\n");
  origin.send("HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\nX-a: b\r\n\r\nok");
  EXPECT_EQ(client.head(), "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nX-a: b\r\n\r\n");
  EXPECT_EQ(client.receive(2), "ok");
  client.send(get);
  EXPECT_EQ(origin.head(), get);  // over the same connection
  origin.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
  const proxy::ExchangeRecord first = rig.record(0);
  EXPECT_EQ(first.method, "GET");
  EXPECT_EQ(first.target, "/a?b");
  EXPECT_EQ(first.host, "a.example");
  EXPECT_EQ(first.status, 200u);
  EXPECT_EQ(first.response_bytes, 2u);
  EXPECT_FALSE(first.reused);
  EXPECT_TRUE(rig.record(1).reused);
  // Another client has it as well.
  Peer other = rig.connect();
  other.send(get);
  EXPECT_EQ(origin.head(), get);
}

TEST(Exchange, PipelinedRequestsAreAnsweredInTheirOrder) {
  Rig rig;
  Peer client = rig.connect();
  client.send(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(origin.silent());  // the next one waits for its turn
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
  EXPECT_EQ(origin.head(), "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(origin.receive(3), "abc");
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
  EXPECT_EQ(origin.head(), "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3");
  const std::string all = client.rest();
  EXPECT_EQ(all,
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n3");
}

TEST(Exchange, ChunksAreMadeAnew) {
  Rig rig;
  Peer client = rig.connect();
  client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n2;ext=1\r\nab\r\n0001\r\nc\r\n0\r\nX: "
      "y\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(origin.receive(18), "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  origin.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n3;x\r\nxyz\r\n0\r\nT: 1\r\n\r\n");
  EXPECT_EQ(client.head(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.receive(13), "3\r\nxyz\r\n0\r\n\r\n");
  EXPECT_EQ(rig.record(0).request_bytes, 3u);
  EXPECT_EQ(rig.record(0).response_bytes, 3u);
}

TEST(Exchange, ResponsesWithoutBody) {
  Rig rig;
  Peer client = rig.connect();
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.head(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  client.send(get);
  origin.head();
  origin.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.head(), "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
  client.send(get);
  origin.head();
  origin.send("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.head(), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(Exchange, OriginsOfHttp10) {
  Rig rig;
  Peer client = rig.connect();
  client.send(get);
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send("HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil the end");
  origin.close();
  EXPECT_EQ(client.head(), "HTTP/1.1 200 OK\r\nServer: old\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.receive(23), "d\r\nuntil the end\r\n0\r\n\r\n");
  client.send(get);  // and the client's connection goes on
  EXPECT_EQ(rig.origin.accept().head(), get);
}

TEST(Exchange, ClientsOfHttp10) {
  Rig rig;
  Peer client = rig.connect();
  client.send("GET / HTTP/1.0\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(rig.origin.port()) + "\r\n\r\n");
  origin.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n");
  EXPECT_EQ(client.rest(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab");
  // Where the length is known it may be kept alive.
  Peer kept = rig.connect();
  kept.send("GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n");
  origin.head();
  origin.send(ok);
  EXPECT_EQ(kept.head(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.receive(2), "ok");
  kept.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_NE(origin.head(), "");
}

TEST(Exchange, AbsoluteTargets) {
  Rig rig;
  Peer client = rig.connect();
  client.send("GET http://B.example:80/x?y HTTP/1.1\r\nHost: a.example\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "GET /x?y HTTP/1.1\r\nHost: b.example:80\r\n\r\n");
  origin.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
  EXPECT_EQ(rig.record(0).host, "b.example:80");
  EXPECT_EQ(rig.record(0).target, "http://B.example:80/x?y");
}

TEST(Exchange, WhatIsNotClearIsRefused) {
  Rig rig;
  const auto answer = [&](std::string_view request) {
    Peer client = rig.connect();
    client.send(request);
    const std::string said = client.rest();
    return said.substr(0, said.find('\r'));
  };
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(answer("GET / HTTP/1.1\nHost: a\n\n"), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(answer("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), "HTTP/1.1 505 HTTP Version Not Supported");
  EXPECT_EQ(answer("GET /" + std::string(10'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 414 URI Too Long");
  EXPECT_EQ(answer("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
            "HTTP/1.1 501 Not Implemented");
  EXPECT_TRUE(rig.origin.nobody_comes());
  EXPECT_EQ(rig.record(0).refused, http::Refusal::length_and_chunked);
  EXPECT_TRUE(rig.record(0).answered_here);
  EXPECT_EQ(rig.record(0).status, 400u);
}

TEST(Exchange, BodiesThatAreNoneAreRefused) {
  Rig rig;
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  EXPECT_EQ(origin.receive(10), "5\r\nhello\r\n");
  client.send("0x5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client.rest().starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(origin.was_reset());  // the origin takes no part for the whole
  EXPECT_EQ(rig.record(0).refused, http::Refusal::bad_chunk_size);
  EXPECT_FALSE(rig.record(0).of_origin);
  EXPECT_TRUE(rig.origin.nobody_comes());
}

/// Where a body ends nobody knows once it was refused, whatever it would be, read from there on.
TEST(Exchange, NothingBehindABodyThatIsNoneIsARequest) {
  Rig rig;
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello");
  Peer origin = rig.origin.accept();
  origin.head();
  EXPECT_EQ(origin.receive(10), "5\r\nhello\r\n");
  client.send("\r\n5Xabc\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string said = client.head();
  EXPECT_TRUE(said.starts_with("HTTP/1.1 400 ")) << said;
  EXPECT_TRUE(said.contains("\r\nConnection: close\r\n")) << said;
  EXPECT_TRUE(rig.origin.nobody_comes());
  EXPECT_EQ(rig.record(0).refused, http::Refusal::bad_chunk_size);
}

TEST(Exchange, LocalAnswers) {
  Behaviour behaviour;
  behaviour.request = [](http::RequestHead& head, proxy::Hop::Decision decision) -> proxy::Hop::Decision {
    if (head.target == "/go") return decision;
    return http::Response{.status = 403, .fields = {{"X", "y"}}, .body = "no\n"};
  };
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send(get);
  const std::string head = client.head();
  EXPECT_TRUE(head.starts_with("HTTP/1.1 403 Forbidden\r\n")) << head;
  EXPECT_TRUE(head.ends_with("X: y\r\nContent-Length: 3\r\n\r\n")) << head;
  EXPECT_EQ(client.receive(3), "no\n");
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client.head().ends_with("Content-Length: 3\r\n\r\n"));
  // A body that is there already is skipped; for one that is not the connection ends.
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_FALSE(client.head().contains("Connection: close"));
  EXPECT_EQ(client.receive(3), "no\n");
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\nabc");
  EXPECT_TRUE(client.head().contains("Connection: close"));
  EXPECT_EQ(client.rest(), "no\n");
  EXPECT_TRUE(rig.origin.nobody_comes());
  EXPECT_TRUE(rig.record(3).answered_here);
}

TEST(Exchange, AConnectIsTakenOver) {
  Behaviour behaviour;
  behaviour.request = [](http::RequestHead& head, proxy::Hop::Decision decision) -> proxy::Hop::Decision {
    if (head.method == "CONNECT") return proxy::Hop::TakeOver{};
    return decision;
  };
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send("CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\nhello");
  EXPECT_EQ(client.rest(), "taken over: b.example:443 hello");
}

struct Shout final : proxy::BodyFilter {
  void pass(Bytes content, Buffer& out) override {
    for (const std::uint8_t byte : content) out.push_back(static_cast<std::uint8_t>(std::toupper(byte)));
  }
  void end(Buffer& out) override { out.push_back('!'); }
};

TEST(Exchange, ContentIsSeenAndChanged) {
  std::string seen;
  Behaviour behaviour;
  behaviour.request_filter = [] { return std::make_unique<Shout>(); };
  behaviour.response_filter = [] { return std::make_unique<Shout>(); };
  behaviour.request_content = [&](Bytes content) { seen += as_text(content); };
  behaviour.response_content = [&](Bytes content) { seen += as_text(content); };
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(origin.receive(4), "ABC!");
  origin.send(ok);
  EXPECT_EQ(client.head(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.receive(18), "2\r\nOK\r\n1\r\n!\r\n0\r\n\r\n");
  rig.record(0);
  EXPECT_EQ(seen, "abcok");
}

TEST(Exchange, ChangedContentHasALengthAgainWhereItCameWithAShortOne) {
  Behaviour behaviour;
  behaviour.limits.idle_timeout = 300ms;
  behaviour.request_filter = [] { return std::make_unique<Shout>(); };
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  // In pieces, and with the next request behind it.
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
  EXPECT_TRUE(rig.origin.nobody_comes());
  client.send("bcPOST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(origin.receive(4), "ABC!");
  origin.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);

  // What came without, is long, or is not sent before a 100, goes on in chunks.
  const std::string in_chunks = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(origin.head(), in_chunks);
  EXPECT_EQ(origin.receive(17), "1\r\nX\r\n1\r\n!\r\n0\r\n\r\n");
  origin.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n");
  EXPECT_EQ(origin.head(), in_chunks);
  Peer careful = rig.connect();
  careful.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_TRUE(rig.origin.accept().head().contains("Transfer-Encoding: chunked"));

  // One that does not come in time is told so, and no origin is asked.
  Peer slow = rig.connect();
  slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
  EXPECT_TRUE(slow.rest().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(rig.origin.nobody_comes());
}

}  // namespace
}  // namespace handfast::test
