// Reverse: whose a connection is, and which requests may use it.
#include "proxy/reverse.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include <handfast/stream.h>

#include "net/identity.h"
#include "proxy/running.h"

namespace handfast::test {
namespace {

using proxy::ReverseOptions;
using proxy::SiteOptions;

/// For the names of the throw-away certificate.
SiteOptions site(const std::string& to, std::vector<std::string> names = {}) {
  SiteOptions options;
  options.names = std::move(names);
  options.to = {to};
  options.made_credential = credential();
  return options;
}

Result<std::shared_ptr<const proxy::Service>> try_make(std::vector<SiteOptions> sites) {
  static const proxy::Lasting lasting;
  ReverseOptions all;
  all.sites = std::move(sites);
  all.limits.response_timeout = 5s;
  return proxy::make_reverse(all, lasting);
}

template <typename... Options>
std::shared_ptr<const proxy::Service> service(Options... sites) {
  auto made = try_make({std::move(sites)...});
  if (!made) throw std::runtime_error(made.error().message());
  return *made;
}

BlockingStream connect(Running& proxy) {
  auto client = BlockingStream::client(std::move(proxy.connect().socket()), make(client_options()), {host, 443});
  if (!client) throw std::runtime_error(client.error().message());
  return *std::move(client);
}

/// All that comes until the end, and whether that was close_notify.
struct Heard {
  std::string text;
  bool in_good_order = false;
};
Heard hear(BlockingStream& client) {
  Heard heard;
  for (;;) {
    const auto bytes = client.read();
    heard.in_good_order = bytes && bytes->empty();
    if (!bytes || bytes->empty()) return heard;
    heard.text += as_text(*bytes);
  }
}

TEST(Reverse, BytesThatNobodyTakesAreNoEndInGoodOrder) {
  boost::asio::io_context context;
  const DeadPort nobody(context);
  Running proxy(service(site("tcp://" + nobody.address())));
  BlockingStream client = connect(proxy);
  const Heard heard = hear(client);
  EXPECT_EQ(heard.text, "");
  EXPECT_FALSE(heard.in_good_order) << "it looks like an origin that has nothing to say";
  EXPECT_NE(proxy.log("no origin is there").find("no origin is there"), std::string::npos);
}

TEST(Reverse, WhatMayComeTwiceIsForHttpAlone) {
  SiteOptions bytes = site("tcp://127.0.0.1:1");
  bytes.early_data = 16384;
  const auto refused = try_make({bytes});
  ASSERT_FALSE(refused);
  EXPECT_EQ(handfast::to_text(*refused.error().find("option")), "early-data");
  bytes.to = {"http://127.0.0.1:1"};
  EXPECT_TRUE(try_make({bytes}));
}

TEST(Reverse, AConnectionThatBeganWithAHeaderIsItsClientsAlone) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  SiteOptions options = site("http://" + origin.address());
  options.send_proxy = "v1";
  Running proxy(service(options));
  std::vector<BlockingStream> clients;
  std::vector<TcpPeer> origins;
  for (int i = 0; i < 2; ++i) {
    BlockingStream& client = clients.emplace_back(connect(proxy));
    ASSERT_TRUE(client.write(as_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")));
    TcpPeer& asked = origins.emplace_back(origin.accept());
    EXPECT_TRUE(asked.receive_until("\r\n").starts_with("PROXY TCP4 127.0.0.1 "));
    asked.receive_until("\r\n\r\n");
    asked.send("HTTP/1.1 204 No Content\r\n\r\n");
    ASSERT_TRUE(client.read());
  }
}

/// Origins take turns; but who has authenticated a connection to one of them goes on there (RFC 4559, section 6).
TEST(Reverse, WhoHasAuthenticatedAConnectionStaysWhereItLeads) {
  boost::asio::io_context context;
  AcceptingOrigin first(context);
  AcceptingOrigin second(context);
  SiteOptions options = site("http://" + first.address());
  options.to.push_back("http://" + second.address());
  Running proxy(service(options));
  BlockingStream client = connect(proxy);
  const auto ask = [&client](std::string_view more) {
    return client.write(as_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n"));
  };
  ASSERT_TRUE(ask("Authorization: NTLM TlRM\r\n"));
  TcpPeer asked = first.accept();
  for (int number = 0; number < 3; ++number) {
    EXPECT_TRUE(asked.receive_until("\r\n\r\n").starts_with("GET / HTTP/1.1\r\n"));
    asked.send("HTTP/1.1 204 No Content\r\n\r\n");
    ASSERT_TRUE(client.read());
    ASSERT_TRUE(ask(""));
  }
}

TEST(Reverse, OfAClientThatHasGoneNothingWaits) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  SiteOptions options = site("http://" + origin.address());
  options.send_proxy = "v1";
  Running proxy(service(options));
  BlockingStream client = connect(proxy);
  ASSERT_TRUE(client.write(as_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")));
  TcpPeer asked = origin.accept();
  EXPECT_TRUE(asked.receive_until("\r\n").starts_with("PROXY TCP4 127.0.0.1 "));
  asked.receive_until("\r\n\r\n");
  asked.send("HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_TRUE(client.read());
  EXPECT_TRUE(asked.is_silent(50ms));
  ASSERT_TRUE(client.shutdown());
  EXPECT_EQ(asked.receive_all(), "");
}

TEST(Reverse, NothingBehindAConnectIsARequest) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(site("http://" + origin.address())));
  BlockingStream client = connect(proxy);
  ASSERT_TRUE(
      client.write(as_bytes("CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")));
  const Heard heard = hear(client);
  EXPECT_TRUE(heard.text.starts_with("HTTP/1.1 405 ")) << heard.text;
  EXPECT_TRUE(heard.text.contains("\r\nConnection: close\r\n")) << heard.text;
  EXPECT_EQ(heard.text.find("HTTP/1.1", 1), std::string::npos) << heard.text;
  EXPECT_FALSE(origin.has_connection(50ms));
}

TEST(Reverse, ARequestForAnotherSiteIsMisdirected) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  // The certificate is for both of them.
  Running proxy(
      service(site("http://" + origin.address(), {"localhost"}), site("http://" + origin.address(), {"127.0.0.1"})));
  for (const char* head :
       {"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", "GET / HTTP/1.1\r\nHost: other.example\r\n",
        "GET / HTTP/1.1\r\nHost: localhost.other\r\n", "GET https://127.0.0.1/ HTTP/1.1\r\nHost: localhost\r\n"}) {
    BlockingStream client = connect(proxy);
    ASSERT_TRUE(client.write(as_bytes(std::string(head) + "Connection: close\r\n\r\n")));
    EXPECT_TRUE(hear(client).text.starts_with("HTTP/1.1 421 ")) << head;
  }
  EXPECT_FALSE(origin.has_connection(50ms));
  for (const char* name : {"localhost", "LOCALHOST.", "localhost:8443"}) {
    BlockingStream client = connect(proxy);
    std::thread server([&] {
      TcpPeer asked = origin.accept();
      EXPECT_NE(asked.receive_until("\r\n\r\n").find(std::string("\r\nHost: ") + name + "\r\n"), std::string::npos);
      asked.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    });
    ASSERT_TRUE(
        client.write(as_bytes("GET / HTTP/1.1\r\nHost: " + std::string(name) + "\r\nConnection: close\r\n\r\n")));
    EXPECT_TRUE(hear(client).text.starts_with("HTTP/1.1 204 ")) << name;
    server.join();
  }
}

TEST(Reverse, ARequestForAHostThatWasNotShownIsMisdirectedWhoseverItIs) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(site("http://" + origin.address())));
  BlockingStream client = connect(proxy);
  ASSERT_TRUE(client.write(as_bytes("GET / HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n")));
  EXPECT_TRUE(hear(client).text.starts_with("HTTP/1.1 421 "));
  EXPECT_FALSE(origin.has_connection(50ms));
}

}  // namespace
}  // namespace handfast::test
