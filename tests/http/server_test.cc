// The HTTPS server over the loopback interface.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <handfast/http_server.h>
#include <handfast/stream.h>

#include "http/running.h"

namespace handfast::http {
namespace {

using namespace std::chrono_literals;

BlockingStream connect(std::uint16_t port) {
  static const std::shared_ptr<const ClientConfig> config = test::make(test::client_options());
  NetResult<BlockingStream> stream = BlockingStream::connect(test::host, port, config);
  if (!stream) throw std::runtime_error(stream.error().message());
  return *std::move(stream);
}

/// Until the server ends the connection in good order.
std::string read_all(BlockingStream& stream) {
  std::string all;
  for (;;) {
    NetResult<Bytes> piece = stream.read();
    EXPECT_TRUE(piece) << piece.error().message();
    if (!piece || piece->empty()) return all;
    all += as_text(*piece);
  }
}

std::string ask(std::uint16_t port, std::string_view request) {
  BlockingStream stream = connect(port);
  EXPECT_TRUE(stream.write(as_bytes(request)));
  return read_all(stream);
}

Response echo(const Request& request) {
  Response response;
  response.fields.push_back({"X-Name", request.peer.connection.info().server_name});
  response.body = request.method + " " + request.target + " " + request.body + std::string(request.field("HOST"));
  return response;
}

TEST(HttpServer, AnswersOverOneConnection) {
  Running server({.handler = echo});
  const std::string answers = ask(server.port(),
                                  "GET /one HTTP/1.1\r\nHost: a\r\n\r\n"
                                  "POST /two HTTP/1.1\r\nhost: b\r\nContent-Length: 4\r\n\r\nbody"
                                  "HEAD /three HTTP/1.1\r\nHost: c\r\nConnection: close\r\n\r\n"
                                  "GET /never HTTP/1.1\r\nHost: d\r\n\r\n");
  EXPECT_TRUE(answers.contains("\r\n\r\nGET /one aHTTP/1.1 200 OK\r\n")) << answers;
  EXPECT_TRUE(answers.contains("\r\n\r\nPOST /two bodybHTTP/1.1 200 OK\r\n")) << answers;
  EXPECT_TRUE(answers.ends_with("Content-Length: 13\r\n\r\n")) << answers;
  EXPECT_TRUE(answers.contains("X-Name: localhost\r\n"));
}

TEST(HttpServer, RefusesAndCloses) {
  Running server({.handler = echo, .max_header = 1000, .max_body = 10});
  EXPECT_TRUE(ask(server.port(), "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(
      ask(server.port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n").starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(ask(server.port(), "GET /" + std::string(2000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n")
                  .starts_with("HTTP/1.1 414 "));
}

TEST(HttpServer, AHandlerThatThrowsOrSplits) {
  Running server({.handler = [](const Request& request) -> Response {
    if (request.target == "/throw") throw std::runtime_error("oh");
    return {.fields = {{"X", "a\r\nSet-Cookie: b"}}};
  }});
  for (const char* target : {"/throw", "/split"}) {
    const std::string answer =
        ask(server.port(), "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
    EXPECT_FALSE(answer.contains("Set-Cookie"));
  }
}

TEST(HttpServer, SomeAnswersHaveNoBody) {
  Running server({.handler = [](const Request& request) {
    return Response{.status = request.target == "/none" ? 204u : 304u, .body = "a body"};
  }});
  for (const char* target : {"/none", "/known"}) {
    const std::string answer =
        ask(server.port(), "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
  }
}

TEST(HttpServer, SendsFiles) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "handfast_http_server_test";
  std::string content(1'000'000, 'f');
  content.back() = '!';
  std::ofstream(path, std::ios::binary) << content;
  Running server({.handler = [&](const Request& request) {
    return Response{.file = request.target == "/there" ? path : path / "not"};
  }});
  const std::string there = ask(server.port(), "GET /there HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(there.starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(there.ends_with("\r\nContent-Length: 1000000\r\n\r\n" + content));
  EXPECT_TRUE(
      ask(server.port(), "GET /not HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 404 "));
  std::filesystem::remove(path);
}

TEST(HttpServer, WaitsForNobodyForEver) {
  Running server({.handler = echo, .request_timeout = 100ms});
  BlockingStream idle = connect(server.port());
  EXPECT_EQ(read_all(idle), "");  // close_notify, not a cut
  BlockingStream dripping = connect(server.port());
  EXPECT_TRUE(dripping.write(as_bytes("GET / HT")));
  EXPECT_TRUE(dripping.read().value_or(Bytes()).empty());  // cut off, and nothing answered
}

TEST(HttpServer, TellsOfFailures) {
  std::atomic<int> failed = 0;
  {
    Running server({.handler = echo, .failed = [&](const Peer& peer, const NetError& error) {
                      EXPECT_TRUE(peer.address.starts_with("127.0.0.1:"));
                      EXPECT_EQ(error.stage(), Stage::handshake);
                      ASSERT_TRUE(error.tls());
                      EXPECT_EQ(error.tls()->reason(), Reason::alert_received);
                      ++failed;
                    }});
    ClientOptions options;
    options.trust = test::trust_in_others();
    EXPECT_FALSE(BlockingStream::connect(test::host, server.port(), test::make(options)));
    for (int i = 0; i < 200 && failed == 0; ++i) std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(failed, 1);
}

/// Browsers don't send close_notify: only what was cut short has failed.
TEST(HttpServer, ClientsThatJustGoAway) {
  std::vector<std::string> failed;
  std::atomic<bool> heard = false;
  {
    Running server({.handler = echo, .failed = [&](const Peer&, const NetError& error) {
                      failed.push_back(error.tls() ? std::string(name(error.tls()->reason())) : error.message());
                      heard = true;
                    }});
    {
      BlockingStream nothing_asked = connect(server.port());
    }
    {
      BlockingStream answered = connect(server.port());
      EXPECT_TRUE(answered.write(as_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")));
      EXPECT_TRUE(answered.read());
    }
    {
      BlockingStream last = connect(server.port());
      EXPECT_TRUE(last.write(as_bytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")));
      EXPECT_TRUE(last.read());
    }
    {
      BlockingStream cut = connect(server.port());
      EXPECT_TRUE(cut.write(as_bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")));
    }
    // One thread takes them in their order: by the end of this one the others have been heard of.
    ask(server.port(), "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 200 && !heard; ++i) std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(failed, std::vector<std::string>{"truncated"});
}

TEST(HttpServer, WhatIsNotSafeIsTooEarlyAsEarlyData) {
  ServerOptions tls = test::server_options();
  tls.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  tls.sessions.max_early_data = 1000;
  tls.sessions.strike_register = std::make_shared<StrikeRegister>(system_clock().now_milliseconds());
  std::atomic<int> posts = 0;
  Settings settings;
  settings.handler = [&](const Request& request) {
    if (request.method == "POST") ++posts;
    Response response;
    response.body = request.early_data ? "early " : "late ";
    return response;
  };
  const Running server(std::move(settings), std::move(tls));
  ClientOptions client = test::client_options();
  client.sessions.store = std::make_shared<MemoryClientSessionStore>();
  client.sessions.early_data = true;
  const auto config = test::make(std::move(client));
  constexpr std::string_view post = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";
  constexpr std::string_view last = "GET /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const auto visit = [&](std::string_view early, const std::string& then) {
    StreamOptions options;
    options.early_data.assign(early.begin(), early.end());
    NetResult<BlockingStream> stream = BlockingStream::connect(test::host, server.port(), config, options);
    EXPECT_TRUE(stream) << stream.error().message();
    EXPECT_TRUE(stream->write(as_bytes(then)));
    return std::pair(read_all(*stream), stream->info().early_data);
  };
  EXPECT_NE(visit("", std::string(last)).second, EarlyData::accepted);
  // The second begins in the record of the first.
  const std::string flight = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(post);
  const auto [answers, outcome] = visit(flight, std::string(post) + std::string(last));
  EXPECT_EQ(outcome, EarlyData::accepted);
  EXPECT_TRUE(answers.contains("\r\n\r\nearly HTTP/1.1 425 ")) << answers;
  EXPECT_TRUE(answers.ends_with("\r\n\r\nlate ")) << answers;
  EXPECT_EQ(posts, 1);
}

/// A client whose certificate does not verify, but who may go on, has answered as well.
TEST(HttpServer, AsksForACertificateOnce) {
  struct Requests final : Trace {
    void on(const TraceEvent& event) override {
      const auto* message = std::get_if<MessageEvent>(&event.what);
      if (message && message->type == HandshakeType::certificate_request) ++count;
    }
    int count = 0;
  };
  for (const auto& anchors : {test::trust(), test::trust_in_others()}) {
    ServerOptions tls = test::server_options();
    tls.post_handshake_auth = true;
    tls.client_trust = anchors;
    tls.client_verification.unverified_peer = UnverifiedPeer::go_on;
    Settings settings;
    settings.handler = [](const Request& request) {
      return Response{.body = request.peer.connection.info().has_peer_certificate() ? "shown" : "not shown"};
    };
    settings.needs_certificate = [](const Request&) { return true; };
    const Running server(std::move(settings), std::move(tls));
    ClientOptions client = test::client_options();
    client.post_handshake_auth = true;
    client.credentials = {test::credential()};
    Requests requests;
    StreamOptions options;
    options.trace = &requests;
    NetResult<BlockingStream> stream =
        BlockingStream::connect(test::host, server.port(), test::make(std::move(client)), options);
    ASSERT_TRUE(stream) << stream.error().message();
    ASSERT_TRUE(
        stream->write(as_bytes("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"
                               "GET /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")));
    const std::string answers = read_all(*stream);
    EXPECT_TRUE(answers.contains("\r\n\r\nshownHTTP/1.1 200 ")) << answers;
    EXPECT_TRUE(answers.ends_with("\r\n\r\nshown")) << answers;
    EXPECT_FALSE(answers.contains("not shown")) << answers;
    EXPECT_EQ(requests.count, 1);
  }
}

TEST(HttpServer, SeveralThreads) {
  Running server({.handler = echo, .max_connections = 8, .threads = 3});
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 12; ++i) {
      clients.emplace_back([&] {
        const std::string answer = ask(server.port(), "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        if (answer.ends_with("GET /x h")) ++answered;
      });
    }
  }
  EXPECT_EQ(answered, 12);
}

TEST(HttpServer, SaysWhatIsWrongBeforeItListens) {
  const auto words = [](const Request&) { return Response(); };
  const NetError no_file = serve("127.0.0.1:0", "/nowhere/cert.pem", "/nowhere/key.pem", words);
  ASSERT_TRUE(no_file.tls());
  EXPECT_EQ(no_file.tls()->reason(), Reason::file_not_readable);
  const NetResult<Server> no_address = Server::listen({.listen = "no address", .handler = words});
  ASSERT_FALSE(no_address);
  ASSERT_TRUE(no_address.error().tls());
  EXPECT_EQ(no_address.error().tls()->reason(), Reason::bad_config);
  const NetResult<Server> no_tls = Server::listen({.listen = "127.0.0.1:0", .handler = words});
  ASSERT_FALSE(no_tls);
  ASSERT_TRUE(no_tls.error().tls());
  EXPECT_EQ(no_tls.error().tls()->reason(), Reason::bad_config);
}

}  // namespace
}  // namespace handfast::http
