// Both directions of one request at once: 100-continue, answers before the end of the request, backpressure, time.
#include <thread>

#include <gtest/gtest.h>

#include "proxy/scripted_peers.h"

namespace handfast::test {
namespace {

using namespace std::chrono_literals;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(ExchangeUpload, AClientThatWaitsForContinue) {
  Rig rig;
  Peer client = rig.connect();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  Peer origin = rig.origin.accept();
  EXPECT_EQ(origin.head(), "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  origin.send("HTTP/1.1 100 Continue\r\nX: y\r\n\r\n");
  EXPECT_EQ(client.head(), "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n");
  client.send("hello");
  EXPECT_EQ(origin.receive(5), "hello");
  origin.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(origin.head(), "");
}

TEST(ExchangeUpload, AClientThatIsRefusedBeforeItSendsItsBody) {
  Rig rig;
  Peer client = rig.connect();
  client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno");
  // It may send the body or not: that its connection ends tells it what to do.
  EXPECT_EQ(client.head(), "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.rest(), "no");
  // And nobody has the origin's connection, where it waits for a body.
  EXPECT_TRUE(origin.ended());
  EXPECT_EQ(rig.record(0).status, 417u);
}

TEST(ExchangeUpload, InterimResponses) {
  Rig rig;
  Peer client = rig.connect();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: X\r\n\r\n" + ok);
  EXPECT_EQ(client.head(), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  EXPECT_EQ(client.receive(ok.size()), ok);
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  origin.head();
  std::string endless;
  for (int i = 0; i < 30; ++i) endless += "HTTP/1.1 102 Processing\r\n\r\n";
  origin.send(endless);
  std::string head = client.head();
  while (head.starts_with("HTTP/1.1 102 ")) head = client.head();
  EXPECT_TRUE(head.starts_with("HTTP/1.1 502 Bad Gateway\r\n"));
  EXPECT_TRUE(rig.record(1).of_origin);
}

TEST(ExchangeUpload, AResponseThatBeginsBeforeTheRequestEnds) {
  Rig rig;
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  EXPECT_EQ(origin.receive(6), "1\r\na\r\n");
  origin.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n");
  EXPECT_EQ(client.head(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.receive(6), "1\r\nA\r\n");
  client.send("1\r\nb\r\n");
  EXPECT_EQ(origin.receive(6), "1\r\nb\r\n");
  origin.send("1\r\nB\r\n");
  EXPECT_EQ(client.receive(6), "1\r\nB\r\n");
  client.send("0\r\n\r\n");
  EXPECT_EQ(origin.receive(5), "0\r\n\r\n");
  origin.send("0\r\n\r\n");
  EXPECT_EQ(client.rest(), "0\r\n\r\n");
}

TEST(ExchangeUpload, LargeBodiesBothWays) {
  Rig rig;
  std::string body(3'000'000, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  Peer client = rig.connect();
  std::jthread sender([&] {
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
    client.send(body);
  });
  Peer origin = rig.origin.accept();
  origin.head();
  EXPECT_EQ(origin.receive(body.size()), body);
  sender.join();
  std::jthread answerer([&] {
    origin.send("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n");
    origin.send(body);
  });
  client.head();
  EXPECT_EQ(client.receive(body.size()), body);
  EXPECT_EQ(rig.record(0).request_bytes, body.size());
  EXPECT_EQ(rig.record(0).response_bytes, body.size());
}

TEST(ExchangeUpload, WhoDoesNotReadIsNotReadFor) {
  Rig rig;
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
  Peer origin = rig.origin.accept();
  const std::string much(100'000'000, 'x');
  const std::size_t sent = client.send_until_blocked(much);
  // What the kernel's buffers hold at most; the proxy itself holds 64 KB.
  EXPECT_LT(sent, 40'000'000u);
}

TEST(ExchangeUpload, AClientThatGoesInTheMiddle) {
  Rig rig;
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  Peer origin = rig.origin.accept();
  origin.head();
  EXPECT_EQ(origin.receive(5), "hello");
  client.close();
  EXPECT_TRUE(origin.was_reset());  // it takes no part for the whole
  EXPECT_EQ(rig.record(0).refused, http::Refusal::truncated);
  EXPECT_FALSE(rig.record(0).of_origin);
  EXPECT_EQ(rig.record(0).status, 0u);
}

TEST(ExchangeUpload, AnOriginThatAnswersAndCloses) {
  Rig rig;
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\nhello");
  Peer origin = rig.origin.accept();
  origin.head();
  EXPECT_EQ(origin.receive(5), "hello");
  origin.send("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
  origin.end();
  EXPECT_EQ(client.head(), "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.receive(2), "no");
}

TEST(ExchangeUpload, SlowClientsAndSlowOrigins) {
  Behaviour behaviour;
  behaviour.limits.header_timeout = 150ms;
  behaviour.limits.idle_timeout = 300ms;
  behaviour.limits.response_timeout = 300ms;
  behaviour.limits.minimum_rate = 1000;
  behaviour.limits.rate_grace = 100ms;
  Rig rig(std::move(behaviour));

  Peer slow_head = rig.connect();
  slow_head.send("GET / HT");
  EXPECT_TRUE(slow_head.rest().starts_with("HTTP/1.1 408 "));
  Peer dripping_head = rig.connect();
  int dripped = 0;
  for (; dripped < 300 && dripping_head.silent(10ms); ++dripped) dripping_head.send("G");
  EXPECT_LT(dripped, 300);  // it is the head's time that ends it: no single wait is too long
  EXPECT_TRUE(dripping_head.rest().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(rig.origin.nobody_comes());

  Peer idle = rig.connect();
  EXPECT_EQ(idle.rest(), "");

  Peer silent_body = rig.connect();
  silent_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  Peer origin = rig.origin.accept();
  origin.head();
  EXPECT_TRUE(silent_body.rest().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(origin.receive(5) == "hello" && origin.was_reset());

  Peer dripping_body = rig.connect();
  dripping_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  origin = rig.origin.accept();
  origin.head();
  int sent = 0;
  for (; sent < 100 && dripping_body.silent(20ms); ++sent) dripping_body.send("x");
  EXPECT_LT(sent, 100);  // it is the rate that ends it: no single wait is too long
  EXPECT_TRUE(dripping_body.rest().starts_with("HTTP/1.1 408 "));

  Peer asking = rig.connect();
  asking.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  origin = rig.origin.accept();
  EXPECT_TRUE(asking.head().starts_with("HTTP/1.1 504 "));
  EXPECT_TRUE(origin.head().starts_with("GET / ") && origin.ended());
}

TEST(ExchangeUpload, AnOriginHasTimeFromTheEndOfTheRequest) {
  Behaviour behaviour;
  behaviour.limits.response_timeout = 150ms;
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(client.silent(40ms));
    client.send("x");
  }
  EXPECT_EQ(origin.receive(10), "xxxxxxxxxx");
  origin.send(ok);
  EXPECT_EQ(client.receive(ok.size()), ok);
}

TEST(ExchangeUpload, AnOriginThatDripsItsAnswer) {
  Behaviour behaviour;
  behaviour.limits.response_timeout = 300ms;
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send("HTTP/1.1 200 OK\r\nX: ");
  int dripped = 0;
  for (; dripped < 300 && origin.silent(10ms); ++dripped) origin.send_until_blocked("y");
  EXPECT_LT(dripped, 300);
  EXPECT_TRUE(client.head().starts_with("HTTP/1.1 504 "));
  EXPECT_TRUE(rig.record(0).of_origin);
}

TEST(ExchangeUpload, AnOriginThatDoesNotTakeTheRequest) {
  // Sent for as long as it is taken: who stopped by itself would be too slow. It is there before the time runs.
  const std::string much(100'000'000, 'x');
  Behaviour behaviour;
  behaviour.limits.idle_timeout = 3s;
  behaviour.limits.response_timeout = 400ms;
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
  Peer origin = rig.origin.accept();
  std::jthread sender([&] { client.send_until_blocked(much, 10s); });
  EXPECT_TRUE(client.head().starts_with("HTTP/1.1 504 "));
  EXPECT_TRUE(rig.record(0).of_origin);
}

TEST(ExchangeUpload, WhoTakesItsResponseTooSlowly) {
  Behaviour behaviour;
  behaviour.limits.minimum_rate = 1'000'000'000;  // of whoever is waited for
  behaviour.limits.rate_grace = 100ms;
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
  const std::string much(100'000'000, 'x');
  std::jthread sender([&] { origin.send_until_blocked(much, 5s); });
  for (int i = 0; i < 500 && rig.records() == 0; ++i) {
    client.receive(4096);
    std::this_thread::sleep_for(10ms);
  }
  client.reset();
  const proxy::ExchangeRecord record = rig.record(0);
  ASSERT_TRUE(record.error);
  EXPECT_TRUE(record.error->timed_out()) << record.error->message();
  EXPECT_FALSE(record.of_origin);
}

TEST(ExchangeUpload, WhoDoesNotTakeItsResponse) {
  Behaviour behaviour;
  behaviour.limits.idle_timeout = 1500ms;
  Rig rig(std::move(behaviour));
  Peer client = rig.connect();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer origin = rig.origin.accept();
  origin.head();
  origin.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
  const std::string much(100'000'000, 'x');
  // Sent for as long as it is taken: who stopped by itself would be too slow.
  EXPECT_LT(origin.send_until_blocked(much, 5s), 40'000'000u);
  EXPECT_FALSE(rig.record(0).of_origin);
  EXPECT_TRUE(rig.record(0).error);
}

}  // namespace
}  // namespace handfast::test
