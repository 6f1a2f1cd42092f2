// One client's slow names and wrong passwords: whoever else comes does not wait for them.
#include <dlfcn.h>
#include <netdb.h>

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "proxy/forward.h"
#include "proxy/intercept.h"
#include "proxy/running.h"
#include "x509/pem.h"

namespace {

/// Whoever comes here waits while it is shut.
class Barrier {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !shut_; });
    --waiting_;
    changed_.notify_all();
  }
  void shut(bool shut) {
    std::unique_lock lock(mutex_);
    shut_ = shut;
    changed_.notify_all();
    if (!shut) changed_.wait(lock, [this] { return waiting_ == 0; });
  }
  /// Until so many wait; false: there were not so many within two seconds.
  bool is_reached_by(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(2), [&] { return waiting_ >= count; });
  }
  int waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool shut_ = false;
  int waiting_ = 0;
};

Barrier slow_names;
Barrier slow_hashes;
std::atomic<int> counted_names = 0;

class Shut {
 public:
  explicit Shut(Barrier& barrier) : barrier_(barrier) { barrier_.shut(true); }
  ~Shut() { barrier_.shut(false); }
  Shut(const Shut&) = delete;
  Shut& operator=(const Shut&) = delete;

 private:
  Barrier& barrier_;
};

}  // namespace

/// This program's resolver: names below slow.test take as long as a test wants, those below counted.test are counted;
/// of these "here" is this machine, and others are nowhere.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  if (node != nullptr && std::string_view(node).ends_with(".slow.test")) {
    slow_names.pass();
    return EAI_NONAME;
  }
  if (node != nullptr && std::string_view(node).ends_with(".counted.test")) {
    ++counted_names;
    if (std::string_view(node) != "here.counted.test") return EAI_NONAME;
    node = "127.0.0.1";
  }
  static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}

/// And its hashing of passwords: the one that is "slow" does.
extern "C" char* crypt_rn(const char* phrase, const char* setting, void* data, int size) {
  if (std::string_view(phrase) == "slow") slow_hashes.pass();
  static const auto real = reinterpret_cast<decltype(&crypt_rn)>(dlsym(RTLD_NEXT, "crypt_rn"));
  return real(phrase, setting, data, size);
}

namespace handfast::test {
namespace {

using proxy::ForwardOptions;

const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";

std::shared_ptr<const proxy::Service> service(const ForwardOptions& options) {
  static const proxy::Lasting lasting;
  auto made = proxy::make_forward(options, lasting);
  if (!made) throw std::runtime_error(made.error().message());
  return *made;
}

/// A client at that address: all of 127.0.0.0/8 are this machine.
TcpPeer connect_from(const char* address, Running& proxy) {
  tcp::socket socket(proxy.context(), tcp::endpoint(boost::asio::ip::make_address(address), 0));
  socket.connect(proxy.endpoint());
  return TcpPeer(std::move(socket));
}

std::string connect_to(const std::string& target, const std::string& fields = "") {
  return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n" + fields + "\r\n";
}

/// Of the first of them that is told anything within five seconds.
std::string first_answer(std::vector<TcpPeer>& peers) {
  for (int i = 0; i < 500; ++i) {
    for (TcpPeer& each : peers)
      if (!each.is_silent(0ms)) return each.receive_all();
    std::this_thread::sleep_for(10ms);
  }
  return {};
}

/// That many, each of which asks for a name that takes for ever.
std::vector<TcpPeer> slow_ones(const char* address, std::size_t count, Running& proxy) {
  std::vector<TcpPeer> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(connect_from(address, proxy));
    all.back().send(connect_to("n" + std::to_string(i) + ".slow.test:443"));
  }
  return all;
}

ForwardOptions loopback_options() {
  ForwardOptions options;
  options.access.allow = {"*", "127.0.0.1", "[::1]"};
  options.limits.connect_timeout = 8s;
  return options;
}

TEST(Fairness, SlowNamesOfOneClientHoldUpNobodyElse) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(loopback_options()));
  const Shut shut(slow_names);
  const std::vector<TcpPeer> slow = slow_ones("127.0.0.2", 40, proxy);
  ASSERT_TRUE(slow_names.is_reached_by(4));
  // The machine's own file of hosts says what that is: a name like any other.
  TcpPeer client = connect_from("127.0.0.1", proxy);
  client.send(connect_to("localhost:" + std::to_string(origin.port())));
  EXPECT_EQ(client.receive_until("\r\n\r\n"), established);
  EXPECT_EQ(slow_names.waiting(), 4) << "a share of the threads is all that one client has";
}

/// More than may wait, while names are slow: those that do, with whom others still have to get along.
std::vector<TcpPeer> overfill(Running& proxy) {
  std::vector<TcpPeer> slow = slow_ones("127.0.0.2", 4 + 128 + 1, proxy);
  const std::string answer = first_answer(slow);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 429 ")) << answer;
  TcpPeer plain = connect_from("127.0.0.2", proxy);
  plain.send("GET http://a.slow.test/ HTTP/1.1\r\nHost: a.slow.test\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(plain.receive_all().starts_with("HTTP/1.1 429 "));
  const std::string log = proxy.log("request");
  EXPECT_NE(log.find("too many look-ups of this address are waiting"), std::string::npos) << log;
  return slow;
}

TEST(Fairness, WhatOneClientHasWaitingIsBoundedAndTheLogSaysSo) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(loopback_options()));
  const Shut shut(slow_names);
  const std::vector<TcpPeer> slow = overfill(proxy);
  TcpPeer client = connect_from("127.0.0.3", proxy);
  client.send(connect_to("localhost:" + std::to_string(origin.port())));
  EXPECT_EQ(client.receive_until("\r\n\r\n"), established);
}

TEST(Fairness, InterceptionHasTheSameBound) {
  const TemporaryFolder folder;
  proxy::Lasting lasting;
  proxy::InterceptOptions options;
  options.ca_dir = (folder.folder() / "ca").string();
  options.limits.connect_timeout = 8s;
  auto made = proxy::make_intercept(options, lasting);
  ASSERT_TRUE(made) << made.error().message();
  Running proxy(made->service);
  const Shut shut(slow_names);
  overfill(proxy);
}

TEST(Fairness, AnAnswerHoldsForAWhileAndAFailureDoesNot) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(loopback_options()));
  const auto ask = [&](const std::string& host) {
    TcpPeer client = connect_from("127.0.0.1", proxy);
    client.send(connect_to(host + ":" + std::to_string(origin.port())));
    return client.receive_until("\r\n\r\n").substr(0, 12);
  };
  counted_names = 0;
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("here.counted.test"), "HTTP/1.1 200");
  // However long this machine takes.
  EXPECT_LE(counted_names, 1 + (std::chrono::steady_clock::now() - began) / 5s);
  std::this_thread::sleep_for(5s);
  counted_names = 0;
  EXPECT_EQ(ask("here.counted.test"), "HTTP/1.1 200");
  EXPECT_EQ(counted_names, 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("nowhere.counted.test"), "HTTP/1.1 502");
  EXPECT_EQ(counted_names, 4);
}

std::string credentials(std::string_view pair) {
  return "Proxy-Authorization: Basic " + x509::encode_base64(as_bytes(pair)) + "\r\n";
}

/// Alice's password is "secret".
class LoginFairness : public ::testing::Test {
 protected:
  ForwardOptions options() {
    ForwardOptions options = loopback_options();
    options.auth_file = folder_.write(
        "users",
        "alice:$6$handfast$/EwJfkkXc16onzD0Fx59qmFbm8lxgv/QjUeJLX8MoV1a.aH0d/f6lyUbx6wyJ1ii5bEgTXs8Ob1sCQAhuQ/Lu/\n");
    return options;
  }
  /// That many, each with a wrong password whose hash takes for ever.
  std::vector<TcpPeer> attackers(std::size_t count, Running& proxy) {
    std::vector<TcpPeer> all;
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(connect_from("127.0.0.2", proxy));
      all.back().send(connect_to(origin_.address(), credentials("alice:slow")));
    }
    return all;
  }
  /// Somebody else, who has never been here.
  void expect_that_alice_comes_in(Running& proxy) {
    TcpPeer client = connect_from("127.0.0.1", proxy);
    client.send(connect_to(origin_.address(), credentials("alice:secret")));
    EXPECT_EQ(client.receive_until("\r\n\r\n"), established);
  }

  TemporaryFolder folder_;
  boost::asio::io_context context_;
  AcceptingOrigin origin_{context_};
};

TEST_F(LoginFairness, WrongPasswordsOfOneClientHoldUpNobodyElsesLogin) {
  Running proxy(service(options()));
  const Shut shut(slow_hashes);
  const std::vector<TcpPeer> wrong = attackers(20, proxy);
  ASSERT_TRUE(slow_hashes.is_reached_by(1));
  expect_that_alice_comes_in(proxy);
  EXPECT_EQ(slow_hashes.waiting(), 1) << "one thread is all that one client has";
}

TEST_F(LoginFairness, HowManyWaitIsBoundedAndTheLogSaysSo) {
  Running proxy(service(options()));
  const Shut shut(slow_hashes);
  std::vector<TcpPeer> wrong = attackers(1 + 64 + 1, proxy);
  const std::string answer = first_answer(wrong);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 429 ")) << answer;
  TcpPeer plain = connect_from("127.0.0.2", proxy);
  plain.send("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n" + credentials("alice:slow") +
             "\r\n");
  EXPECT_TRUE(plain.receive_all().starts_with("HTTP/1.1 429 "));
  const std::string log = proxy.log(" request ");
  EXPECT_NE(log.find(" tunnel way=forward peer=127.0.0.2:"), std::string::npos) << log;
  EXPECT_NE(log.find("too many logins of this address are waiting"), std::string::npos) << log;
  expect_that_alice_comes_in(proxy);
}

TEST(Fairness, AddressesAndNamesBelowLocalhostNeedNoThread) {
  boost::asio::io_context context;
  AcceptingOrigin origin(context);
  Running proxy(service(loopback_options()));
  const Shut shut(slow_names);
  std::vector<std::vector<TcpPeer>> slow;
  for (const char* address : {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"})
    slow.push_back(slow_ones(address, 5, proxy));
  ASSERT_TRUE(slow_names.is_reached_by(16)) << "all threads there are";
  for (const char* host : {"127.0.0.1", "shop.localhost"}) {
    TcpPeer client = connect_from("127.0.0.1", proxy);
    client.send(connect_to(host + (":" + std::to_string(origin.port()))));
    EXPECT_EQ(client.receive_until("\r\n\r\n"), established) << host;
  }
}

}  // namespace
}  // namespace handfast::test
