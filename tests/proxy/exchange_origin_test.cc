// Origins that close, lie, say garbage, or have said something that nobody has asked for.
#include <thread>

#include <gtest/gtest.h>

#include "proxy/scripted_peers.h"

namespace handfast::test {
namespace {

using namespace std::chrono_literals;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// One request that was answered: a connection waits in the pool.
Peer pooled(Rig& rig, Peer& client) {
  client.send(get);
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
  return origin;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\r')); }

TEST(ExchangeOrigin, NobodyThere) {
  Rig rig;
  rig.origin.close();
  Peer client = rig.connect();
  client.send(get);
  const std::string head = client.head();
  EXPECT_EQ(first_line(head), "HTTP/1.1 502 Bad Gateway");
  EXPECT_FALSE(head.contains("refused"));
  EXPECT_TRUE(rig.record(0).of_origin);
  EXPECT_TRUE(rig.record(0).error);
}

TEST(ExchangeOrigin, GoesWithoutAnAnswer) {
  Rig rig;
  Peer client = rig.connect();
  client.send(get);
  Peer origin = rig.origin.accept();
  origin.head();
  origin.close();
  EXPECT_EQ(first_line(client.head()), "HTTP/1.1 502 Bad Gateway");
  // It was a fresh connection: the request may have been done.
  EXPECT_TRUE(rig.origin.nobody_comes());
  EXPECT_FALSE(rig.record(0).retried);
}

TEST(ExchangeOrigin, SaysNoHttp) {
  Rig rig;
  for (const std::string& garbage :
       {std::string("garbage\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        std::string("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"),
        std::string("HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n"), std::string("\x15\x03\x03\x00\x02\x02\x28", 7),
        "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')}) {
    Peer client = rig.connect();
    client.send(get);
    Peer origin = rig.origin.accept();
    origin.head();
    origin.send_until_blocked(garbage);
    EXPECT_EQ(first_line(client.head()), "HTTP/1.1 502 Bad Gateway") << garbage;
    EXPECT_TRUE(origin.ended()) << garbage;
  }
  EXPECT_EQ(rig.record(0).refused, http::Refusal::bad_status_line);
  EXPECT_TRUE(rig.record(0).of_origin);
}

TEST(ExchangeOrigin, LessThanItHasPromised) {
  Rig rig;
  for (const std::string_view part : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
                                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    Peer client = rig.connect();
    client.send(get);
    Peer origin = rig.origin.accept();
    origin.head();
    origin.send(part);
    const std::string head = client.head();
    const std::size_t size = head.contains("chunked") ? 10 : 5;
    EXPECT_EQ(client.receive(size).size(), size);
    origin.close();
    // Broken off, so that the client takes no part for the whole.
    EXPECT_TRUE(client.was_reset()) << part;
  }
  EXPECT_EQ(rig.record(0).refused, http::Refusal::truncated);
  EXPECT_TRUE(rig.record(0).of_origin);
}

TEST(ExchangeOrigin, MoreThanItHasPromised) {
  Rig rig;
  Peer client = rig.connect();
  client.send(get);
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send(ok + "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\npoison!");
  EXPECT_EQ(client.receive(ok.size()), ok);
  EXPECT_TRUE(client.silent());
  client.send(get);
  Peer fresh = rig.origin.accept();  // the rest is nobody's response
  fresh.head();
  fresh.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
}

TEST(ExchangeOrigin, ContentThatItMayLeaveUnreadIsTheLastThatItGets) {
  Rig rig;
  Peer client = rig.connect();
  client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 35\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
  origin.receive(35);
  EXPECT_TRUE(origin.ended());
  client.send(get);
  Peer fresh = rig.origin.accept();
  EXPECT_EQ(fresh.head(), get);
}

TEST(ExchangeOrigin, SaysSomethingBeforeItIsAsked) {
  Rig rig;
  Peer client = rig.connect();
  Peer origin = pooled(rig, client);
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\npoison!");
  client.send(get);
  Peer fresh = rig.origin.accept();
  EXPECT_TRUE(origin.ended());
  fresh.head();
  fresh.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
  EXPECT_FALSE(rig.record(1).reused);
}

TEST(ExchangeOrigin, WaitingConnectionsThatAreReadableAreClosedSoon) {
  Rig rig;
  Peer client = rig.connect();
  Peer origin = pooled(rig, client);
  origin.end();
  EXPECT_TRUE(origin.ended());
}

TEST(ExchangeOrigin, ADeadConnectionOfThePoolIsTriedOnceMore) {
  Rig rig;
  Peer client = rig.connect();
  Peer origin = pooled(rig, client);
  client.send(get);
  EXPECT_EQ(origin.head(), get);
  origin.close();  // as one does that has just grown tired of waiting
  Peer fresh = rig.origin.accept();
  EXPECT_EQ(fresh.head(), get);
  fresh.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
  EXPECT_TRUE(rig.record(1).retried);
  // Once, and no more.
  client.send(get);
  fresh.head();
  fresh.close();
  fresh = rig.origin.accept();
  fresh.head();
  fresh.close();
  EXPECT_EQ(first_line(client.head()), "HTTP/1.1 502 Bad Gateway");
  EXPECT_TRUE(rig.origin.nobody_comes());
}

TEST(ExchangeOrigin, WhatMayNotBeDoneTwiceIsNotTriedOnceMore) {
  Rig rig;
  for (const std::string_view request :
       {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "PATCH / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"}) {
    Peer client = rig.connect();
    Peer origin = pooled(rig, client);
    client.send(request);
    origin.head();
    origin.close();
    EXPECT_EQ(first_line(client.head()), "HTTP/1.1 502 Bad Gateway") << request;
    EXPECT_TRUE(rig.origin.nobody_comes()) << request;
  }
}

TEST(ExchangeOrigin, NothingIsTriedAgainBehindAByteOfAnAnswer) {
  Rig rig;
  Peer client = rig.connect();
  Peer origin = pooled(rig, client);
  client.send(get);
  origin.head();
  origin.send("HTTP/1.1 2");
  origin.close();
  EXPECT_EQ(first_line(client.head()), "HTTP/1.1 502 Bad Gateway");
  EXPECT_TRUE(rig.origin.nobody_comes());
}

TEST(ExchangeOrigin, ThatClosesIsNotPooled) {
  Rig rig;
  Peer client = rig.connect();
  for (const std::string_view response : {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                                          "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
                                          "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok"}) {
    client.send(get);
    Peer origin = rig.origin.accept();
    origin.head();
    origin.send(response);
    client.head();
    client.receive(2);
    EXPECT_TRUE(origin.ended());
  }
}

/// What the pool has to keep apart.
Behaviour another_user_each_time() {
  Behaviour behaviour;
  behaviour.request = [number = 0](http::RequestHead&, proxy::Hop::Decision decision) mutable {
    std::get<proxy::Hop::Forward>(decision).pool->scope = std::to_string(number++);
    return decision;
  };
  return behaviour;
}

TEST(ExchangeOrigin, ThePoolKeepsApartWhatIsNotTheSame) {
  Rig rig;
  Peer client = rig.connect();
  Peer origin = pooled(rig, client);
  Rig apart(another_user_each_time());
  Peer another = apart.connect();
  Peer first = pooled(apart, another);
  another.send(get);
  Peer second = apart.origin.accept();
  EXPECT_EQ(second.head(), get);
  EXPECT_TRUE(first.silent());
}

const std::string challenge =
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a, b\", NTLM\r\nContent-Length: 2\r\n\r\nno";

/// One request that was answered with a challenge to the connection: it waits for that client.
Peer challenged(Rig& rig, Peer& client) {
  client.send(get);
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send(challenge);
  EXPECT_EQ(client.receive(challenge.size()), challenge);
  return origin;
}

TEST(ExchangeOrigin, AConnectionThatWasAuthenticatedIsForOneOriginAlone) {
  Rig rig(another_user_each_time());
  Peer client = rig.connect();
  Peer first = challenged(rig, client);
  client.send(get);
  Peer second = rig.origin.accept();
  EXPECT_EQ(second.head(), get);
  EXPECT_TRUE(first.silent());
}

TEST(ExchangeOrigin, AConnectionThatWasAuthenticatedAndSpeaksUnaskedIsUsedNoMore) {
  Rig rig;
  Peer client = rig.connect();
  Peer origin = challenged(rig, client);
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\npoison!");
  client.send(get);
  Peer fresh = rig.origin.accept();
  EXPECT_TRUE(origin.ended());
  fresh.head();
  fresh.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
}

/// Who is authenticated by the connection itself (RFC 4559, section 6) has it alone, request by request.
TEST(ExchangeOrigin, AConnectionThatWasAuthenticatedIsNobodyElses) {
  const std::string proof = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: negotiate YII=\r\n\r\n";
  for (const bool by_challenge : {true, false}) {
    Rig rig;
    Peer one = rig.connect();
    one.send(by_challenge ? get : proof);
    Peer ones = rig.origin.accept();
    ones.head();
    ones.send(by_challenge ? challenge : ok);
    one.head();
    one.receive(2);

    Peer other = rig.connect();
    other.send(get);
    Peer others = rig.origin.accept();
    EXPECT_EQ(others.head(), get);
    others.send(ok);
    EXPECT_EQ(other.receive(ok.size()), ok);
    EXPECT_TRUE(ones.silent());

    // It stays so when nothing in a request says it any more.
    for (int number = 0; number < 2; ++number) {
      one.send(get);
      EXPECT_EQ(ones.head(), get);
      ones.send(ok);
      EXPECT_EQ(one.receive(ok.size()), ok);
    }
    EXPECT_TRUE(rig.origin.nobody_comes());
    one.close();
    EXPECT_TRUE(ones.ended());
  }
}

TEST(ExchangeOrigin, AClientMayHaveAuthenticatedSeveralConnections) {
  Behaviour behaviour;
  behaviour.request = [](http::RequestHead& head, proxy::Hop::Decision decision) {
    std::get<proxy::Hop::Forward>(decision).pool->scope = head.target;
    return decision;
  };
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  const auto ask = [&client](Peer& origin) {
    EXPECT_NE(origin.head(), "");
    origin.send(ok);
    EXPECT_EQ(client.receive(ok.size()), ok);
  };
  client.send("GET /x HTTP/1.1\r\nHost: a\r\nAuthorization: NTLM\tTlRM\r\n\r\n");
  Peer x = rig.origin.accept();
  ask(x);
  client.send("GET /y HTTP/1.1\r\nHost: a\r\nAuthorization: NTLM TlRM\r\n\r\n");
  Peer y = rig.origin.accept();
  ask(y);
  for (int number = 0; number < 2; ++number) {
    client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    ask(x);
    client.send("GET /y HTTP/1.1\r\nHost: a\r\n\r\n");
    ask(y);
  }
  Peer other = rig.connect();
  other.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(rig.origin.accept().head(), "");
  EXPECT_TRUE(x.silent());
}

TEST(ExchangeOrigin, WithoutAPool) {
  Behaviour behaviour;
  behaviour.pooled = false;
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send(get);
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  origin.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
  EXPECT_TRUE(origin.ended());
  client.send(get);
  EXPECT_NE(rig.origin.accept().head(), "");
}

TEST(ExchangeOrigin, Draining) {
  Rig rig;
  Peer idle = rig.connect();
  Peer client = rig.connect();
  client.send(get);
  Peer origin = rig.origin.accept();
  origin.head();
  std::jthread drain([&] { EXPECT_EQ(rig.server().drain(5s), 0u); });
  EXPECT_EQ(idle.rest(), "");  // at once, and in good order
  origin.send(ok);
  EXPECT_EQ(client.rest(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
}

}  // namespace
}  // namespace handfast::test
