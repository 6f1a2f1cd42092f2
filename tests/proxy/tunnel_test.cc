// Tunnel: TLS put on and taken off, verified both ways, and ends that are ends.
#include "proxy/tunnel.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>

#include <handfast/stream.h>

#include "net/identity.h"
#include "proxy/hellos.h"
#include "proxy/running.h"

namespace handfast::test {
namespace {

using namespace std::string_literals;
using proxy::TunnelOptions;

struct Files {
  TemporaryFolder folder;
  std::string ca = folder.write("ca.pem", pem_files().ca);
  std::string chain = folder.write("chain.pem", pem_files().chain);
  std::string key = folder.write("key.pem", pem_files().key);
};

Result<std::shared_ptr<const proxy::Service>> try_make(const TunnelOptions& options) {
  static const proxy::Lasting lasting;
  return proxy::make_tunnel(options, lasting);
}

std::shared_ptr<const proxy::Service> service(const TunnelOptions& options) {
  auto made = try_make(options);
  if (!made) throw std::runtime_error(made.error().message());
  return *made;
}

/// Plain in, TLS out.
TunnelOptions outwards(const Files& files, const AcceptingOrigin& origin) {
  TunnelOptions options;
  options.from = ":0";
  options.to = "tls://localhost:" + std::to_string(origin.port());
  options.origin.ca = {files.ca};
  return options;
}

/// TLS in, plain out.
TunnelOptions inwards(const Files& files, const AcceptingOrigin& origin) {
  TunnelOptions options;
  options.from = "tls://:0";
  options.to = "tcp://" + origin.address();
  options.server.credentials = {{files.chain, files.key}};
  return options;
}

TEST(Tunnel, TlsIsPutOn) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  Running proxy(service(outwards(files, origin)));
  std::thread server([&] {
    auto stream = BlockingStream::server(std::move(origin.accept().socket()), make(server_options()));
    ASSERT_TRUE(stream) << stream.error().message();
    EXPECT_EQ(stream->info().server_name, "localhost");
    const auto got = stream->read();
    ASSERT_TRUE(got);
    EXPECT_EQ(as_text(*got), "in the clear");
    EXPECT_TRUE(stream->write(as_bytes("back")));
    const auto end = stream->read();
    EXPECT_TRUE(end && end->empty()) << "the client's end is close_notify";
    EXPECT_TRUE(stream->write(as_bytes(", and after its end")));
    EXPECT_TRUE(stream->shutdown());
  });
  TcpPeer client = proxy.connect();
  client.send("in the clear");
  EXPECT_EQ(client.receive(4), "back");
  client.close_write();
  EXPECT_EQ(client.receive_all(), ", and after its end");
  EXPECT_FALSE(client.was_reset());
  server.join();
  const std::string log = proxy.log("tunnel way=tunnel");
  EXPECT_NE(log.find("handshake way=tunnel side=origin"), std::string::npos) << log;
  EXPECT_NE(log.find("bytes_in=12 bytes_out=23"), std::string::npos) << log;
}

TEST(Tunnel, AnOriginThatIsNotTheOneIsRefused) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  const auto fails = [&](const TunnelOptions& options, std::string_view code) {
    Running proxy(service(options));
    std::thread server([&] {
      auto stream = BlockingStream::server(std::move(origin.accept().socket()), make(server_options()));
      if (stream) {
        const auto got = stream->read();
        EXPECT_FALSE(got && !got->empty()) << "not a byte of the client's";
      }
    });
    TcpPeer client = proxy.connect();
    client.send("secret");
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_TRUE(client.was_reset());
    server.join();
    EXPECT_NE(proxy.log(code).find(code), std::string::npos) << proxy.log(code);
  };
  TunnelOptions other_name = outwards(files, origin);
  other_name.server_name = "other.example";
  fails(other_name, "code=");
  TunnelOptions system = outwards(files, origin);
  system.origin.ca.clear();
  fails(system, "code=");
}

TEST(Tunnel, WhatAnOriginSaysBeforeTlsIsNobodysData) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  Running proxy(service(outwards(files, origin)));
  std::thread server([&] {
    TcpPeer peer = origin.accept();
    peer.send("220 in the clear\r\n");
    // And then it is the one that it has to be.
    auto stream = BlockingStream::server(std::move(peer.socket()), make(server_options()));
    const bool is_taken = stream && stream->write(as_bytes("250 inside\r\n")) && stream->read();
    EXPECT_FALSE(is_taken);
  });
  TcpPeer client = proxy.connect();
  client.send("secret");
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_TRUE(client.was_reset());
  server.join();
  EXPECT_NE(proxy.log("code=").find("code="), std::string::npos);
}

TEST(Tunnel, TlsIsTakenOff) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  Running proxy(service(inwards(files, origin)));
  std::thread server([&] {
    TcpPeer peer = origin.accept();
    EXPECT_EQ(peer.receive(9), "encrypted");
    peer.send("plain");
    EXPECT_EQ(peer.receive_all(), "") << "close_notify is the end of that half";
    peer.send(" end");
    peer.close();
  });
  auto client = BlockingStream::client(std::move(proxy.connect().socket()), make(client_options()), {host, 443});
  ASSERT_TRUE(client) << client.error().message();
  EXPECT_TRUE(client->write(as_bytes("encrypted")));
  auto got = client->read();
  ASSERT_TRUE(got);
  EXPECT_EQ(as_text(*got), "plain");
  EXPECT_TRUE(client->close_write());
  got = client->read();
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(as_text(*got), " end");
  got = client->read();
  EXPECT_TRUE(got && got->empty());
  server.join();
  EXPECT_NE(proxy.log("tunnel way=tunnel").find("handshake way=tunnel side=client"), std::string::npos);
}

TEST(Tunnel, AnOriginThatBreaksOffIsNoEnd) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  Running proxy(service(inwards(files, origin)));
  std::thread server([&] {
    TcpPeer peer = origin.accept();
    peer.send("half");
    EXPECT_EQ(peer.receive(2), "go");
    peer.socket().set_option(boost::asio::socket_base::linger(true, 0));
    peer.close();
  });
  auto client = BlockingStream::client(std::move(proxy.connect().socket()), make(client_options()), {host, 443});
  ASSERT_TRUE(client) << client.error().message();
  auto got = client->read();
  ASSERT_TRUE(got);
  EXPECT_EQ(as_text(*got), "half");
  EXPECT_TRUE(client->write(as_bytes("go")));
  got = client->read();
  EXPECT_FALSE(got) << "no close_notify: it is truncated";
  server.join();
}

TEST(Tunnel, ClientsNeedACertificateWhereOneIsAskedFor) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  TunnelOptions options = inwards(files, origin);
  options.server.client_ca = {files.ca};
  options.send_proxy = "v2";
  Running proxy(service(options));
  {
    auto stranger = BlockingStream::client(std::move(proxy.connect().socket()), make(client_options()), {host, 443});
    EXPECT_FALSE(stranger && stranger->read());
    EXPECT_FALSE(origin.has_connection(50ms)) << "before it is known who that is, nobody is connected to";
  }
  std::thread server([&] {
    TcpPeer peer = origin.accept();
    EXPECT_EQ(peer.receive(12), "\r\n\r\n\0\r\nQUIT\n"s);
    const std::string rest = peer.receive(4);
    const std::string content = peer.receive(
        static_cast<std::size_t>(static_cast<unsigned char>(rest[2]) << 8 | static_cast<unsigned char>(rest[3])));
    EXPECT_NE(content.find("\x02\x00\x09localhost"s), std::string::npos) << "the authority";
    EXPECT_NE(content.find("\x07\x00\x00\x00\x00\x21\x00\x07TLSv1.3"s), std::string::npos) << "it was verified";
    EXPECT_EQ(peer.receive(5), "hello");
  });
  ClientOptions with_certificate = client_options();
  with_certificate.credentials = {credential()};
  auto client =
      BlockingStream::client(std::move(proxy.connect().socket()), make(std::move(with_certificate)), {host, 443});
  ASSERT_TRUE(client) << client.error().message();
  EXPECT_TRUE(client->write(as_bytes("hello")));
  server.join();
}

TEST(Tunnel, OurCertificateIsShown) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  TunnelOptions options = outwards(files, origin);
  options.origin.credential = {files.chain, files.key};
  Running proxy(service(options));
  std::thread server([&] {
    ServerOptions asks = server_options();
    asks.client_auth = ClientAuth::require;
    asks.client_trust = trust();
    auto stream = BlockingStream::server(std::move(origin.accept().socket()), make(std::move(asks)));
    ASSERT_TRUE(stream) << stream.error().message();
    EXPECT_TRUE(stream->info().peer_verified);
    EXPECT_TRUE(stream->write(as_bytes("welcome")));
  });
  TcpPeer client = proxy.connect();
  EXPECT_EQ(client.receive(7), "welcome");
  server.join();
}

TEST(Tunnel, ProxyHeadersBeforeTls) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  TunnelOptions options = inwards(files, origin);
  options.accept_proxy = {"127.0.0.1"};
  options.send_proxy = "v1";
  Running proxy(service(options));
  const std::string header = "PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n";
  std::thread server([&] { EXPECT_EQ(origin.accept().receive(header.size() + 5), header + "hello"); });
  TcpPeer peer = proxy.connect();
  peer.send(header);
  auto client = BlockingStream::client(std::move(peer.socket()), make(client_options()), {host, 443});
  ASSERT_TRUE(client) << client.error().message();
  EXPECT_TRUE(client->write(as_bytes("hello")));
  server.join();
}

TEST(Tunnel, AHandshakeThatDripsIsEndedInTime) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  TunnelOptions options = inwards(files, origin);
  options.limits.handshake_timeout = 300ms;
  Running proxy(service(options));
  TcpPeer client = proxy.connect();
  const std::string bytes = hello_bytes();
  std::size_t sent = 0;
  for (; sent < 150 && client.is_silent(20ms); ++sent) client.send(bytes.substr(sent, 1));
  EXPECT_LT(sent, 150U) << "no single wait is too long: all of them are";
  EXPECT_FALSE(origin.has_connection(0ms));
}

TEST(Tunnel, AHandshakeThatStopsBehindItsFirstFlightIsEndedInTime) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  TunnelOptions options = inwards(files, origin);
  options.limits.handshake_timeout = 300ms;
  Running proxy(service(options));
  TcpPeer client = proxy.connect();
  client.send(hello_bytes());
  EXPECT_NE(client.receive_all(), "") << "our flight";
  EXPECT_NE(proxy.log("timed out").find("timed out"), std::string::npos);
  EXPECT_FALSE(origin.has_connection(0ms));
}

TEST(Tunnel, BadOptionsAreRefused) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  const Files files;
  const auto option_of = [](TunnelOptions options, const std::function<void(TunnelOptions&)>& spoil) {
    spoil(options);
    const auto made = try_make(options);
    if (made) return "none"s;
    const Fact::Value* option = made.error().find("option");
    return option != nullptr ? handfast::to_text(*option) : std::string(name(made.error().reason()));
  };
  const TunnelOptions in = inwards(files, origin);
  const TunnelOptions out = outwards(files, origin);
  EXPECT_EQ(option_of(in, [](auto&) {}), "none");
  EXPECT_EQ(option_of(out, [](auto&) {}), "none");
  EXPECT_EQ(option_of(in, [](auto& o) { o.from = ":0", o.server = {}; }), "to") << "neither side is TLS";
  EXPECT_EQ(option_of(in, [](auto& o) { o.from = "https://:0"; }), "from");
  EXPECT_EQ(option_of(in, [](auto& o) { o.to = "localhost"; }), "to");
  EXPECT_EQ(option_of(in, [](auto& o) { o.to = ":443"; }), "to");
  EXPECT_EQ(option_of(in, [](auto& o) { o.server.credentials.clear(); }), "cert");
  EXPECT_EQ(option_of(out, [&](auto& o) { o.server = in.server; }), "cert");
  EXPECT_EQ(option_of(out, [&](auto& o) { o.server.client_ca = {files.ca}; }), "client-ca");
  EXPECT_EQ(option_of(in, [&](auto& o) { o.origin.ca = {files.ca}; }), "ca");
  EXPECT_EQ(option_of(in, [&](auto& o) { o.origin.credential = {files.chain, files.key}; }), "upstream-cert");
  EXPECT_EQ(option_of(in, [](auto& o) { o.server_name = "x.example"; }), "server-name");
  EXPECT_EQ(option_of(out, [](auto& o) { o.server_name = "not a name"; }), "server-name");
  EXPECT_EQ(option_of(in, [](auto& o) { o.accept_proxy = {"x"}; }), "accept-proxy");
  EXPECT_EQ(option_of(in, [](auto& o) { o.send_proxy = "v9"; }), "send-proxy");
}

}  // namespace
}  // namespace handfast::test
