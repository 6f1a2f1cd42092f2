// Passthrough: where a connection goes, that every byte goes there as it came, and who is refused how.
#include "proxy/passthrough.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "net/identity.h"
#include "proxy/hellos.h"
#include "proxy/running.h"

#include <handfast/stream.h>

namespace handfast::test {
namespace {

using namespace std::string_literals;
using proxy::PassthroughOptions;

std::shared_ptr<const proxy::Service> service(PassthroughOptions options) {
  auto made = proxy::make_passthrough(options);
  if (!made) throw std::runtime_error(made.error().message());
  return *made;
}

const std::string unrecognized_name("\x15\x03\x03\x00\x02\x02\x70", 7);
const std::string internal_error("\x15\x03\x03\x00\x02\x02\x50", 7);

/// Both directions, with what comes behind a ClientHello at once.
void expect_passed(Running& proxy, AcceptingOrigin& origin, TcpPeer& client, const std::string& sent) {
  TcpPeer server = origin.accept();
  EXPECT_EQ(server.receive(sent.size()), sent);
  const std::string answer = "\x16\x03\x03whatever\0it is"s;
  server.send(answer);
  EXPECT_EQ(client.receive(answer.size()), answer);
  client.send("more");
  EXPECT_EQ(server.receive(4), "more");
  client.close_write();
  EXPECT_EQ(server.receive_all(), "") << "one half closed, nothing more";
  server.send("the rest");
  server.close();
  EXPECT_EQ(client.receive_all(), "the rest");
  EXPECT_FALSE(client.was_reset());
  static_cast<void>(proxy);
}

TEST(Passthrough, EveryByteGoesOnAsItCame) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.routes = {"shop.example=" + origin.address()}}));
  for (const Hello& hello :
       {Hello{}, Hello{.record = 1}, Hello{.record = 100, .with_others = true}, Hello{.protocols = {"h2"}, .record = 5},
        Hello{.pad_to = 16000}, Hello{.pad_to = 60000, .record = 1000}}) {
    TcpPeer client = proxy.connect();
    const std::string bytes = hello_bytes(hello) + "and early data behind it";
    client.send(bytes);
    expect_passed(proxy, origin, client, bytes);
  }
}

TEST(Passthrough, AClientHelloMayBeSplitAnywhere) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.routes = {"shop.example=" + origin.address()}}));
  const std::string bytes = hello_bytes({.record = 120});
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    TcpPeer client = proxy.connect();
    client.send(std::string_view(bytes).substr(0, at));
    std::this_thread::sleep_for(1ms);
    ASSERT_FALSE(origin.has_connection(0ms)) << "at " << at;
    client.send(std::string_view(bytes).substr(at));
    TcpPeer server = origin.accept();
    ASSERT_EQ(server.receive(bytes.size()), bytes) << "at " << at;
  }
}

TEST(Passthrough, AHandshakeGoesThrough) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.routes = {std::string(host) + "=" + origin.address()}}));
  std::thread server([&] {
    auto stream = BlockingStream::server(std::move(origin.accept().socket()), make(server_options()));
    ASSERT_TRUE(stream) << stream.error().message();
    const auto got = stream->read();
    ASSERT_TRUE(got);
    const std::string text(as_text(*got));
    EXPECT_TRUE(stream->write(as_bytes(text)));
    EXPECT_TRUE(stream->shutdown());
  });
  auto client = BlockingStream::client(std::move(proxy.connect().socket()), make(client_options()), {host, 443});
  ASSERT_TRUE(client) << client.error().message();
  EXPECT_TRUE(client->write(as_bytes("hello")));
  const auto answer = client->read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(as_text(*answer), "hello");
  EXPECT_TRUE(client->shutdown());
  server.join();
  const std::string log = proxy.log("tunnel");
  EXPECT_NE(log.find("handshake way=passthrough"), std::string::npos) << log;
  EXPECT_NE(log.find("sni=localhost"), std::string::npos) << log;
  EXPECT_NE(log.find("origin=" + origin.address() + " address=" + origin.address() + " bytes_in="), std::string::npos)
      << log;
}

TEST(Passthrough, NoRouteIsUnrecognizedName) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.routes = {"shop.example=" + origin.address()}}));
  for (const char* name : {"other.example", ""}) {
    TcpPeer client = proxy.connect();
    client.send(hello_bytes({.server_name = name}));
    EXPECT_EQ(client.receive_all(), unrecognized_name);
    EXPECT_FALSE(client.was_reset());
  }
  EXPECT_FALSE(origin.has_connection(0ms));
  EXPECT_NE(proxy.log("no route").find("sni=other.example"), std::string::npos);
}

TEST(Passthrough, WhatIsNoTlsIsClosed) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.fallback = origin.address()}));
  for (const std::string& bytes : {"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"s, "SSH-2.0-x\r\n"s, "\0\0\0\0\0\0"s,
                                   "PROXY TCP4 1.1.1.1 1.1.1.1 1 1\r\n"s + hello_bytes()}) {
    TcpPeer client = proxy.connect();
    client.send(bytes);
    EXPECT_EQ(client.receive_all(), "") << "not a byte is said to it";
  }
  EXPECT_FALSE(origin.has_connection(0ms));
  const std::string log = proxy.log("HF0102");
  EXPECT_NE(log.find("code=HF0102"), std::string::npos) << log;
}

TEST(Passthrough, WhatIsNoClientHelloGetsAnAlert) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.fallback = origin.address()}));
  TcpPeer client = proxy.connect();
  client.send("\x16\x03\x01\x00\x04\x02\x00\x00\x00"s);  // a ServerHello
  EXPECT_EQ(client.receive_all(), "\x15\x03\x03\x00\x02\x02\x0a"s);
  TcpPeer other = proxy.connect();
  other.send("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"s);  // one that does not parse
  EXPECT_EQ(other.receive_all(), "\x15\x03\x03\x00\x02\x02\x32"s);
  // One that never ends.
  TcpPeer endless = proxy.connect();
  const std::string record = "\x16\x03\x01\x40\x00"s + "\x01\x00\xff\xff"s + std::string(16380, 'x');
  for (int i = 0; i < 8; ++i) endless.send(record);
  EXPECT_LE(endless.receive_all().size(), 7u);
  EXPECT_FALSE(origin.has_connection(0ms));
}

TEST(Passthrough, AClientThatDripsIsClosedInTime) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  PassthroughOptions options{.fallback = origin.address()};
  options.limits.handshake_timeout = 300ms;
  Running proxy(service(options));
  TcpPeer client = proxy.connect();
  const std::string bytes = hello_bytes();
  std::size_t sent = 0;
  for (; sent < 150 && client.is_silent(20ms); ++sent) client.send(bytes.substr(sent, 1));
  EXPECT_LT(sent, 150U) << "no single wait is too long: all of them are";
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_FALSE(origin.has_connection(0ms));
}

TEST(Passthrough, WhoSaysNothingIsNotLogged) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.fallback = origin.address()}));
  proxy.connect().close();
  TcpPeer half = proxy.connect();
  half.send(hello_bytes().substr(0, 50));
  half.close_write();
  EXPECT_EQ(half.receive_all(), "");
  const std::string log = proxy.log("handshake");
  EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
}

TEST(Passthrough, TargetsAreTakenInTurnAndADeadOneIsPassedOver) {
  boost::asio::io_context context;
  AcceptingOrigin first(context);
  AcceptingOrigin second(context);
  const DeadPort dead(context);
  Running proxy(service({.fallback = first.address() + "," + dead.address() + "," + second.address()}));
  const std::string bytes = hello_bytes();
  for (AcceptingOrigin* expected : {&first, &second, &second, &first}) {
    TcpPeer client = proxy.connect();
    client.send(bytes);
    TcpPeer server = expected->accept();
    EXPECT_EQ(server.receive(bytes.size()), bytes);
  }
  EXPECT_NE(proxy.log(dead.address()).find("origin=" + dead.address()), std::string::npos);
}

TEST(Passthrough, NoTargetThatAnswersIsAnInternalError) {
  boost::asio::io_context context;
  const DeadPort dead(context);
  Running proxy(service({.fallback = dead.address()}));
  TcpPeer client = proxy.connect();
  client.send(hello_bytes());
  EXPECT_EQ(client.receive_all(), internal_error);
  EXPECT_NE(proxy.log("refused").find("error="), std::string::npos);
}

TEST(Passthrough, ProxyHeadersOfThoseThatMay) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const std::string bytes = hello_bytes();
  const std::string in = "PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n";
  for (const std::string version : {"v1", "v2"}) {
    Running proxy(
        service({.fallback = origin.address(), .accept_proxy = {"10.0.0.0/8", "127.0.0.1"}, .send_proxy = version}));
    const std::string out = version == "v1"
                                ? in
                                : "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x1b\xc0\x00\x02\x01\xc6\x33\x64\x02\x30\x39\x01\xbb"
                                  "\x02\x00\x0cshop.example"s;
    // Split anywhere, the ClientHello right behind it or in the same packet.
    for (std::size_t at = 0; at <= in.size() + 5; at += 3) {
      TcpPeer client = proxy.connect();
      client.send((in + bytes).substr(0, at));
      if (at > 0) std::this_thread::sleep_for(1ms);
      client.send((in + bytes).substr(at));
      TcpPeer server = origin.accept();
      ASSERT_EQ(server.receive(out.size() + bytes.size()), out + bytes) << version << " at " << at;
    }
    // Without one there is nothing to be had.
    TcpPeer client = proxy.connect();
    client.send(bytes);
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_FALSE(origin.has_connection(0ms));
    EXPECT_NE(proxy.log("peer=192.0.2.1:12345").find("peer=192.0.2.1:12345"), std::string::npos);
    EXPECT_NE(proxy.log("there is no PROXY header").find("there is no PROXY header"), std::string::npos);
  }
}

TEST(Passthrough, AProxyHeaderThatDripsIsEndedInTime) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  PassthroughOptions options{.fallback = origin.address(), .accept_proxy = {"127.0.0.1"}};
  options.limits.handshake_timeout = 300ms;
  Running proxy(service(options));
  TcpPeer client = proxy.connect();
  // Of version 1, which tells nobody anything, and may go on for a while.
  const std::string header = "PROXY UNKNOWN " + std::string(90, ' ');
  std::size_t sent = 0;
  for (; sent < 90 && client.is_silent(20ms); ++sent) client.send(header.substr(sent, 1));
  EXPECT_LT(sent, 90U) << "no single wait is too long: all of them are";
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_FALSE(origin.has_connection(0ms));
}

TEST(Passthrough, TheLimitOfAnAddressIsThatOfWhomAConnectionIsFrom) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.fallback = origin.address(), .accept_proxy = {"127.0.0.1"}, .limits = {.per_address = 1}}));
  const auto connect_for = [&](const std::string& client) {
    TcpPeer peer = proxy.connect();
    peer.send("PROXY TCP4 " + client + " 198.51.100.2 12345 443\r\n" + hello_bytes());
    return peer;
  };
  // Whom it is from it has not said yet: it is not the sender's own.
  const TcpPeer waiting = proxy.connect();
  TcpPeer first = connect_for("192.0.2.1");
  TcpPeer first_server = origin.accept();
  TcpPeer other = connect_for("192.0.2.2");
  TcpPeer other_server = origin.accept();
  TcpPeer again = connect_for("192.0.2.1");
  EXPECT_EQ(again.receive_all(), "");
  EXPECT_NE(proxy.log("too many connections of this address").find("peer=192.0.2.1:12345"), std::string::npos);
  EXPECT_FALSE(origin.has_connection(0ms));
}

TEST(Passthrough, NobodyElseSaysWhoTheyAre) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.fallback = origin.address(), .accept_proxy = {"192.0.2.0/24"}, .send_proxy = "v1"}));
  TcpPeer liar = proxy.connect();
  liar.send("PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n" + hello_bytes());
  EXPECT_EQ(liar.receive_all(), "");
  EXPECT_FALSE(origin.has_connection(0ms));
  // And who doesn't try is served as itself.
  TcpPeer client = proxy.connect();
  client.send(hello_bytes());
  TcpPeer server = origin.accept();
  const std::uint16_t port = client.socket().local_endpoint().port();
  EXPECT_EQ(server.receive_until("\r\n"), "PROXY TCP4 127.0.0.1 127.0.0.1 " + std::to_string(port) + " " +
                                              std::to_string(proxy.endpoint().port()) + "\r\n");
}

TEST(Passthrough, AnOriginThatBreaksOffIsSeen) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service({.fallback = origin.address()}));
  TcpPeer client = proxy.connect();
  client.send(hello_bytes());
  TcpPeer server = origin.accept();
  server.send("half of it");
  EXPECT_EQ(client.receive(10), "half of it");
  server.socket().set_option(boost::asio::socket_base::linger(true, 0));
  server.close();
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_TRUE(client.was_reset()) << "nobody takes a part for the whole";
  EXPECT_NE(proxy.log("failed=origin").find("failed=origin"), std::string::npos);
}

TEST(Passthrough, BadOptionsAreRefused) {
  for (const auto& [options, option] :
       {std::pair{PassthroughOptions{}, "route"},
        {PassthroughOptions{.routes = {"x"}}, "route"},
        {PassthroughOptions{.fallback = "x"}, "default"},
        {PassthroughOptions{.fallback = "x:1", .accept_proxy = {"10.0.0.1/8"}}, "accept-proxy"},
        {PassthroughOptions{.fallback = "x:1", .send_proxy = "v3"}, "send-proxy"}}) {
    const auto made = proxy::make_passthrough(options);
    ASSERT_FALSE(made) << option;
    EXPECT_EQ(made.error().reason(), Reason::bad_config);
    EXPECT_EQ(handfast::to_text(*made.error().find("option")), option);
  }
}

}  // namespace
}  // namespace handfast::test
