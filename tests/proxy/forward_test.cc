// Forward: CONNECT to the letter, requests in absolute form, who may come and where they may go.
#include "proxy/forward.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>

#include <handfast/stream.h>

#include "net/identity.h"
#include "proxy/hellos.h"
#include "proxy/running.h"
#include "x509/pem.h"

namespace handfast::test {
namespace {

using namespace std::string_literals;
using proxy::ForwardOptions;

const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// Loopback is open, since the tests' origins are there.
ForwardOptions open_options() {
  ForwardOptions options;
  options.access.allow = {"*", "127.0.0.1", "[::1]"};
  return options;
}

std::shared_ptr<const proxy::Service> service(const ForwardOptions& options) {
  static const proxy::Lasting lasting;
  auto made = proxy::make_forward(options, lasting);
  if (!made) throw std::runtime_error(made.error().message());
  return *made;
}

std::string connect_to(const std::string& target, const std::string& fields = "") {
  return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n" + fields + "\r\n";
}

std::string credentials(std::string_view pair) {
  return "Proxy-Authorization: Basic " + x509::encode_base64(as_bytes(pair)) + "\r\n";
}

TEST(Forward, ConnectToTheLetter) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(open_options()));
  TcpPeer client = proxy.connect();
  client.send(connect_to(origin.address()));
  TcpPeer server = origin.accept();
  EXPECT_EQ(client.receive_until("\r\n\r\n"), established);
  EXPECT_TRUE(client.is_silent(50ms)) << "and nothing else";
  client.send("any bytes\0at all"s);
  EXPECT_EQ(server.receive(16), "any bytes\0at all"s);
  server.send("back");
  EXPECT_EQ(client.receive(4), "back");
  client.close_write();
  EXPECT_EQ(server.receive_all(), "");
  server.send("after the end of one half");
  server.close();
  EXPECT_EQ(client.receive_all(), "after the end of one half");
  const std::string log = proxy.log("tunnel");
  EXPECT_NE(log.find("tunnel way=forward peer=127.0.0.1:"), std::string::npos) << log;
  EXPECT_NE(log.find("origin=" + origin.address() + " address=" + origin.address() + " bytes_in=16 bytes_out=29"),
            std::string::npos)
      << log;
  EXPECT_EQ(log.find("any bytes"), std::string::npos) << "never the contents";
}

TEST(Forward, WhatComesBehindTheHeadWaitsForTheTunnel) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(open_options()));
  const std::string hello = hello_bytes({.server_name = "shop.example"});
  TcpPeer client = proxy.connect();
  client.send(connect_to(origin.address()) + hello.substr(0, 100));
  TcpPeer server = origin.accept();
  EXPECT_EQ(client.receive_until("\r\n\r\n"), established);
  client.send(hello.substr(100));
  EXPECT_EQ(server.receive(hello.size()), hello);
  client.close();
  server.close();
  const std::string log = proxy.log("tunnel");
  EXPECT_NE(log.find("sni=shop.example"), std::string::npos) << log;
  EXPECT_NE(log.find("bytes_in=" + std::to_string(hello.size())), std::string::npos) << log;
}

TEST(Forward, WhatComesBehindARefusedConnectIsNoRequest) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(open_options()));
  const std::string smuggled = "GET http://" + origin.address() + "/ HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string& target : {"10.0.0.1:443"s, "nobody.invalid:443"s}) {
    TcpPeer client = proxy.connect();
    client.send(connect_to(target) + smuggled);
    const std::string answer = client.receive_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ") || answer.starts_with("HTTP/1.1 502 ")) << answer;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "one answer: " << answer;
  }
  EXPECT_FALSE(origin.has_connection(50ms));
}

TEST(Forward, NothingIsSentBeforeTheAnswer) {
  boost::asio::io_context context;
  const DeadPort dead(context);
  Running proxy(service(open_options()));
  TcpPeer client = proxy.connect();
  client.send(connect_to(dead.address()));
  const std::string answer = client.receive_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 502 ")) << answer;
  EXPECT_EQ(answer.find("refused"), std::string::npos) << "the reason is for the log";
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  EXPECT_NE(proxy.log("HF0").find("code=HF0"), std::string::npos);
}

TEST(Forward, AddressesOfSpecialUseAreOutOfReach) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  ForwardOptions options;
  Running proxy(service(options));
  const std::string port = ":" + std::to_string(origin.port());
  for (const std::string& host :
       {"127.0.0.1"s, "localhost"s, "shop.localhost"s, "LOCALHOST."s, "[::1]"s, "[::ffff:127.0.0.1]"s, "0.0.0.0"s,
        "[::]"s, "0x7f000001"s, "10.0.0.1"s, "169.254.169.254"s, "[fd00:ec2::254]"s, "[64:ff9b::127.0.0.1]"s}) {
    TcpPeer client = proxy.connect();
    client.send(connect_to(host + port));
    const std::string answer = client.receive_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << host << ": " << answer;
    EXPECT_EQ(answer.find("127.0.0.1"), std::string::npos) << "what it resolves to is not the client's to know";
    TcpPeer plain = proxy.connect();
    plain.send("GET http://" + host + port + "/ HTTP/1.1\r\nHost: " + host + port + "\r\nConnection: close\r\n\r\n");
    const std::string refusal = plain.receive_all();
    EXPECT_TRUE(refusal.starts_with("HTTP/1.1 403 ")) << host << ": " << refusal;
    EXPECT_FALSE(origin.has_connection(0ms)) << host;
  }
  const std::string log = proxy.log("127.0.0.1 is loopback");
  EXPECT_NE(log.find("127.0.0.1 is loopback"), std::string::npos) << log;
}

TEST(Forward, AllowAndDeny) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  ForwardOptions options;
  options.access.allow = {"127.0.0.1:" + std::to_string(origin.port()), "*.localhost"};
  options.access.deny = {"bad.localhost"};
  Running proxy(service(options));
  const std::string port = ":" + std::to_string(origin.port());
  for (const auto& [target, status] : {std::pair{"127.0.0.1" + port, "200"},
                                       {"shop.localhost" + port, "200"},
                                       {"bad.localhost" + port, "403"},
                                       {"Bad.LocalHost." + port, "403"},
                                       {"127.0.0.1:1"s, "403"},
                                       {"127.0.0.2" + port, "403"},
                                       {"example.com:443"s, "403"}}) {
    TcpPeer client = proxy.connect();
    client.send(connect_to(target));
    const std::string answer = client.receive_until("\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 "s + status)) << target << ": " << answer;
    if (status == "200"s) origin.accept();
  }
}

TEST(Forward, OnlyForThoseWhoMay) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const TemporaryFolder folder;
  ForwardOptions options = open_options();
  options.auth_file = folder.write("users", "alice:open sesame\n");
  options.realm = "the office";
  Running proxy(service(options));
  for (const std::string& fields :
       {""s, credentials("alice:wrong"), credentials("bob:open sesame"), "Proxy-Authorization: Bearer x\r\n"s,
        "Authorization: Basic YWxpY2U6b3BlbiBzZXNhbWU=\r\n"s,
        credentials("alice:open sesame") + credentials("alice:open sesame")}) {
    TcpPeer client = proxy.connect();
    client.send(connect_to(origin.address(), fields));
    const std::string answer = client.receive_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 407 Proxy Authentication Required\r\n")) << answer;
    EXPECT_NE(answer.find("Proxy-Authenticate: Basic realm=\"the office\", charset=\"UTF-8\"\r\n"), std::string::npos);
    TcpPeer plain = proxy.connect();
    plain.send("GET http://" + origin.address() + "/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n");
    EXPECT_TRUE(plain.receive_all().starts_with("HTTP/1.1 407 "));
  }
  EXPECT_FALSE(origin.has_connection(0ms));

  TcpPeer client = proxy.connect();
  client.send(connect_to(origin.address(), credentials("alice:open sesame")));
  EXPECT_EQ(client.receive_until("\r\n\r\n"), established);
  client.close();
  origin.accept().close();
  const std::string log = proxy.log("user=alice");
  EXPECT_NE(log.find("user=alice"), std::string::npos) << log;
  EXPECT_EQ(log.find("sesame"), std::string::npos);
}

TEST(Forward, WrongPasswordsHoldUpNobodyElse) {
  const TemporaryFolder folder;
  ForwardOptions options = open_options();
  // Of nothing; it takes a second or so to find that out.
  options.auth_file = folder.write("users", "alice:$6$rounds=500000$handfast$" + std::string(86, 'x') + "\n");
  Running proxy(service(options));
  TcpPeer attacker = proxy.connect();
  for (int i = 0; i < 20; ++i)
    attacker.send("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n" + credentials("alice:wrong") + "\r\n");
  TcpPeer other = proxy.connect();
  other.send("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(other.receive_all().starts_with("HTTP/1.1 407 "));
  const std::string so_far = attacker.receive(attacker.socket().available());
  std::size_t answers = 0;
  for (std::size_t at = so_far.find("HTTP/1.1 407 "); at != std::string::npos;
       at = so_far.find("HTTP/1.1 407 ", at + 1))
    ++answers;
  EXPECT_LT(answers, 20U) << "all of them were looked at first";
}

TEST(Forward, AHashOfThePasswordWillDo) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const TemporaryFolder folder;
  ForwardOptions options = open_options();
  options.auth_file = folder.write(
      "users",
      "alice:$6$handfast$/EwJfkkXc16onzD0Fx59qmFbm8lxgv/QjUeJLX8MoV1a.aH0d/f6lyUbx6wyJ1ii5bEgTXs8Ob1sCQAhuQ/Lu/\n");
  Running proxy(service(options));
  for (int i = 0; i < 2; ++i) {  // with the hash made, and with credentials that are known
    TcpPeer client = proxy.connect();
    client.send(connect_to(origin.address(), credentials("alice:secret")));
    EXPECT_EQ(client.receive_until("\r\n\r\n"), established);
    origin.accept().close();
  }
  for (const std::string& fields :
       {credentials("alice:wrong"), credentials("alice:secret") + credentials("alice:secret"),
        credentials("bob:secret")}) {
    TcpPeer client = proxy.connect();
    client.send(connect_to(origin.address(), fields));
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 407 ")) << fields;
  }
}

TEST(Forward, RequestsInAbsoluteForm) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const TemporaryFolder folder;
  ForwardOptions options = open_options();
  options.auth_file = folder.write("users", "alice:open sesame\n");
  Running proxy(service(options));
  TcpPeer client = proxy.connect();
  std::optional<TcpPeer> server;
  for (int i = 0; i < 2; ++i) {
    client.send("POST http://" + origin.address() + "/form?token=1 HTTP/1.1\r\nHost: other.example\r\n" +
                credentials("alice:open sesame") + "Proxy-Connection: keep-alive\r\nContent-Length: 4\r\n\r\nbody");
    if (!server) server.emplace(origin.accept());
    const std::string head = server->receive_until("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("POST /form?token=1 HTTP/1.1\r\n")) << head;
    EXPECT_NE(head.find("Host: " + origin.address() + "\r\n"), std::string::npos) << head;
    EXPECT_NE(head.find("Via: 1.1 handfast\r\n"), std::string::npos) << head;
    EXPECT_EQ(head.find("Proxy-"), std::string::npos) << "what was for us stays here: " << head;
    EXPECT_EQ(server->receive(4), "body");
    server->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    const std::string answer = client.receive_until("ok");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("Via: 1.1 handfast\r\n"), std::string::npos) << answer;
  }
  const std::string log = proxy.log("request");
  EXPECT_NE(log.find("user=alice"), std::string::npos) << log;
  EXPECT_EQ(log.find("token=1"), std::string::npos) << "a query may hold a secret: " << log;
}

TEST(Forward, ConnectionsToOriginsAreNotShared) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(open_options()));
  const std::string request = "GET http://" + origin.address() + "/ HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<TcpPeer> clients;
  std::vector<TcpPeer> servers;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(proxy.connect());
    clients.back().send(request);
    servers.push_back(origin.accept());
    servers.back().receive_until("\r\n\r\n");
    servers.back().send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    clients.back().receive_until("ok");
    EXPECT_TRUE(servers.back().is_silent(50ms)) << "it waits for the next request";
  }
  for (std::size_t i = 0; i < 2; ++i) {
    clients[i].close();
    EXPECT_EQ(servers[i].receive_all(), "") << "of a client that has gone nothing is left";
  }
}

TEST(Forward, WhatIsNotForAProxy) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(open_options()));
  for (const std::string& request :
       {"GET / HTTP/1.1\r\nHost: " + origin.address() + "\r\n"s,
        "GET https://" + origin.address() + "/ HTTP/1.1\r\nHost: x\r\n"s, "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n"s,
        "OPTIONS * HTTP/1.1\r\nHost: " + origin.address() + "\r\n"s, "CONNECT " + origin.address() + " HTTP/1.1\r\n"s,
        "CONNECT 127.0.0.1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"s, "CONNECT / HTTP/1.1\r\nHost: x\r\n"s,
        "CONNECT 127.0.0.1:0 HTTP/1.1\r\nHost: x\r\n"s, "CONNECT user@127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n"s,
        "CONNECT " + origin.address() + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"s,
        "CONNECT " + origin.address() + " HTTP/1.1\nHost: x\n"s}) {
    TcpPeer client = proxy.connect();
    client.send(request + "Connection: close\r\n\r\n");
    const std::string answer = client.receive_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << request << answer;
  }
  TcpPeer tls = proxy.connect();
  tls.send(hello_bytes());
  EXPECT_FALSE(tls.receive_all().starts_with("HTTP/1.1 2"));
  EXPECT_FALSE(origin.has_connection(0ms));
}

TEST(Forward, AHeadThatDripsIsEndedInTime) {
  ForwardOptions options = open_options();
  options.limits.header_timeout = 300ms;
  Running proxy(service(options));
  TcpPeer client = proxy.connect();
  const std::string head = connect_to("127.0.0.1:1", "X: " + std::string(200, 'y'));
  std::size_t sent = 0;
  for (; sent < 150 && client.is_silent(20ms); ++sent) client.send(head.substr(sent, 1));
  EXPECT_LT(sent, 150U) << "no single wait is too long: all of them are";
  EXPECT_FALSE(client.receive_all().starts_with("HTTP/1.1 2"));
}

TEST(Forward, AnIdleTunnelEnds) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  ForwardOptions options = open_options();
  options.limits.tunnel_timeout = 200ms;
  Running proxy(service(options));
  TcpPeer client = proxy.connect();
  client.send(connect_to(origin.address()));
  TcpPeer server = origin.accept();
  EXPECT_EQ(client.receive_until("\r\n\r\n"), established);
  client.receive_all();
  EXPECT_TRUE(client.was_reset());
  EXPECT_NE(proxy.log("nothing came any more").find("nothing came any more"), std::string::npos);
}

TEST(Forward, TheProxyItselfByTls) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const TemporaryFolder folder;
  const PemFiles pem = pem_files();
  ForwardOptions options = open_options();
  options.tls.credentials = {{folder.write("chain.pem", pem.chain), folder.write("key.pem", pem.key)}};
  Running proxy(service(options));
  std::thread server([&] {
    TcpPeer peer = origin.accept();
    EXPECT_EQ(peer.receive(9), "early and");
    peer.send("back");
    EXPECT_EQ(peer.receive_all(), " late");
  });
  auto client = BlockingStream::client(std::move(proxy.connect().socket()), make(client_options()), {host, 443});
  ASSERT_TRUE(client) << client.error().message();
  EXPECT_TRUE(client->write(as_bytes(connect_to(origin.address()) + "early and")));
  std::string got;
  while (got.size() < established.size() + 4) {
    const auto bytes = client->read();
    ASSERT_TRUE(bytes);
    got += as_text(*bytes);
  }
  EXPECT_EQ(got, established + "back");
  EXPECT_TRUE(client->write(as_bytes(" late")));
  EXPECT_TRUE(client->shutdown());
  server.join();
  // Who speaks in the clear to it gets nowhere.
  TcpPeer plain = proxy.connect();
  plain.send(connect_to(origin.address()));
  EXPECT_FALSE(plain.receive_all().starts_with("HTTP/1.1 2"));
}

TEST(Forward, BadOptionsAreRefused) {
  const TemporaryFolder folder;
  const proxy::Lasting lasting;
  const auto option_of = [&](const std::function<void(ForwardOptions&)>& spoil) {
    ForwardOptions options;
    spoil(options);
    const auto made = proxy::make_forward(options, lasting);
    if (made) return "none"s;
    const Fact::Value* option = made.error().find("option");
    return option != nullptr ? handfast::to_text(*option) : std::string(name(made.error().reason()));
  };
  EXPECT_EQ(option_of([](auto& o) { o.access.allow = {"http://x"}; }), "allow");
  EXPECT_EQ(option_of([](auto& o) { o.access.deny = {"10.0.0.1/8"}; }), "deny");
  EXPECT_EQ(option_of([&](auto& o) { o.auth_file = folder.folder() / "nowhere"; }), "file_not_readable");
  EXPECT_EQ(option_of([&](auto& o) { o.auth_file = folder.write("users", "alice\n"); }), "auth-file");
  EXPECT_EQ(option_of([&](auto& o) { o.tls.credentials = {{folder.folder() / "nowhere", ""}}; }), "file_not_readable");
  EXPECT_EQ(option_of([&](auto& o) { o.tls.client_ca = {folder.write("ca.pem", pem_files().ca)}; }), "cert");
}

}  // namespace
}  // namespace handfast::test
