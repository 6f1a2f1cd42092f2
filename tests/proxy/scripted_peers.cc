#include "proxy/scripted_peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

namespace handfast::test {
namespace {

constexpr int patience = 5'000;  // milliseconds

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool wait_for(int descriptor, short what, int milliseconds) {
  pollfd entry{descriptor, what, 0};
  return ::poll(&entry, 1, milliseconds) > 0;
}

}  // namespace

Peer::Peer(Peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
Peer& Peer::operator=(Peer&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
Peer::~Peer() { close(); }

Peer Peer::connect(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("no connection");
  return Peer(descriptor);
}

void Peer::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = wait_for(descriptor_, POLLOUT, patience)
                              ? ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT)
                              : -1;
    if (count < 0) {
      ADD_FAILURE() << "can't send: " << text.substr(0, 60);
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::size_t Peer::send_until_blocked(std::string_view text, std::chrono::milliseconds time) {
  std::size_t sent = 0;
  while (sent < text.size() && wait_for(descriptor_, POLLOUT, static_cast<int>(time.count()))) {
    const ssize_t count = ::send(descriptor_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) break;
    sent += static_cast<std::size_t>(count);
  }
  return sent;
}

std::string Peer::receive(std::size_t size) {
  std::string all;
  char piece[65536];
  while (all.size() < size) {
    if (!wait_for(descriptor_, POLLIN, patience)) {
      ADD_FAILURE() << "nothing comes behind: " << all.substr(0, 400);
      break;
    }
    const ssize_t count = ::recv(descriptor_, piece, std::min(sizeof piece, size - all.size()), 0);
    if (count <= 0) break;
    all.append(piece, static_cast<std::size_t>(count));
  }
  return all;
}

std::string Peer::head() {
  std::string all;
  while (!all.ends_with("\r\n\r\n")) {
    const std::string byte = receive(1);
    if (byte.empty()) break;
    all += byte;
  }
  return all;
}

std::string Peer::rest() { return receive(SIZE_MAX); }

bool Peer::ended() {
  char byte = 0;
  return wait_for(descriptor_, POLLIN, patience) && ::recv(descriptor_, &byte, 1, MSG_PEEK) <= 0;
}

bool Peer::was_reset() {
  char byte = 0;
  return wait_for(descriptor_, POLLIN, patience) && ::recv(descriptor_, &byte, 1, MSG_PEEK) < 0 && errno == ECONNRESET;
}

bool Peer::silent(std::chrono::milliseconds time) {
  return !wait_for(descriptor_, POLLIN, static_cast<int>(time.count()));
}

void Peer::end() { ::shutdown(descriptor_, SHUT_WR); }

void Peer::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

ScriptedOrigin::ScriptedOrigin() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(descriptor_, 16) != 0 ||
      ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("can't listen");
  port_ = ntohs(address.sin_port);
}

ScriptedOrigin::~ScriptedOrigin() { close(); }

Peer ScriptedOrigin::accept() {
  if (!wait_for(descriptor_, POLLIN, patience)) throw std::runtime_error("nobody connects to the origin");
  return Peer(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC));
}

bool ScriptedOrigin::nobody_comes(std::chrono::milliseconds time) {
  return !wait_for(descriptor_, POLLIN, static_cast<int>(time.count()));
}

void ScriptedOrigin::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

struct Rig::Records {
  std::mutex mutex;
  std::condition_variable more;
  std::vector<proxy::ExchangeRecord> all;
};

namespace {

using proxy::Awaitable;
using proxy::Hop;
using proxy::Leg;
using Connected = std::expected<Leg, Hop::Failed>;

Awaitable<Connected> connect(proxy::Dial dial, proxy::Limits limits) {
  NetResult<Leg> leg = co_await proxy::dial(std::move(dial), limits);
  if (!leg) co_return std::unexpected(Hop::Failed{std::move(leg).error()});
  co_return *std::move(leg);
}

class TestHop final : public Hop {
 public:
  TestHop(const Behaviour& behaviour, std::uint16_t port, std::shared_ptr<Rig::Records> records)
      : behaviour_(behaviour), records_(std::move(records)) {
    dial_.origin = {.host = "127.0.0.1", .port = port, .tls = behaviour.origin_tls, .server_name = {}};
    if (dial_.origin.tls) dial_.origin.server_name = "localhost";
  }
  Decision request(http::RequestHead& head) override {
    Forward forward{.upstream = to_text(dial_.origin), .pool = std::nullopt};
    if (behaviour_.pooled)
      forward.pool =
          proxy::PoolKey{to_text(dial_.origin), dial_.origin.server_name, dial_.origin.tls, behaviour_.scope};
    Decision decision = std::move(forward);
    return behaviour_.request ? behaviour_.request(head, std::move(decision)) : std::move(decision);
  }
  Awaitable<Connected> connect() override { return test::connect(dial_, behaviour_.limits); }
  void response(const http::RequestHead&, http::ResponseHead& head) override {
    if (behaviour_.response) behaviour_.response(head);
  }
  std::unique_ptr<proxy::BodyFilter> request_filter() override {
    return behaviour_.request_filter ? behaviour_.request_filter() : nullptr;
  }
  std::unique_ptr<proxy::BodyFilter> response_filter() override {
    return behaviour_.response_filter ? behaviour_.response_filter() : nullptr;
  }
  void request_content(Bytes content) override {
    if (behaviour_.request_content) behaviour_.request_content(content);
  }
  void response_content(Bytes content) override {
    if (behaviour_.response_content) behaviour_.response_content(content);
  }
  void done(const proxy::ExchangeRecord& record) override {
    const std::lock_guard lock(records_->mutex);
    records_->all.push_back(record);
    records_->more.notify_all();
  }

 private:
  const Behaviour& behaviour_;
  proxy::Dial dial_;
  std::shared_ptr<Rig::Records> records_;
};

/// A CONNECT that is taken over: what came behind it comes back.
Awaitable<> echo(Leg& client, proxy::ExchangeEnd::TakenOver taken) {
  std::string words = "taken over: " + taken.request.target + ' ';
  words += as_text(taken.received);
  NetResult<> written = co_await client.write(as_bytes(words));
  written = co_await client.shutdown();
}

Awaitable<> serve(const Behaviour& behaviour, std::uint16_t port, std::shared_ptr<Rig::Records> records,
                  proxy::Arrival arrival, proxy::Worker& worker) {
  std::optional<Leg> client;
  if (behaviour.tls) {
    Stream stream = Stream::server(arrival.stream.release().socket, behaviour.tls);
    NetResult<> done = co_await stream.handshake();
    if (!done) co_return;
    client.emplace(std::move(stream));
  } else {
    client.emplace(std::move(arrival.stream));
  }
  TestHop hop(behaviour, port, std::move(records));
  proxy::ExchangeEnd end = co_await proxy::exchange_http(*client, hop, worker, behaviour.limits);
  if (end.taken_over) co_await echo(*client, *std::move(end.taken_over));
}

class TestService final : public proxy::Service {
 public:
  TestService(Behaviour behaviour, std::uint16_t port, std::shared_ptr<Rig::Records> records)
      : behaviour_(std::move(behaviour)), port_(port), records_(std::move(records)) {}
  Awaitable<> serve(proxy::Arrival arrival, proxy::Worker& worker) const override {
    return test::serve(behaviour_, port_, records_, std::move(arrival), worker);
  }
  const proxy::Limits& limits() const noexcept override { return behaviour_.limits; }

 private:
  Behaviour behaviour_;
  std::uint16_t port_;
  std::shared_ptr<Rig::Records> records_;
};

}  // namespace

Rig::Rig(Behaviour behaviour) : records_(std::make_shared<Records>()) {
  Result<std::shared_ptr<proxy::Log>> log = proxy::Log::open("", proxy::LogFormat::text);
  if (!log) throw std::runtime_error(log.error().message());
  server_ = std::make_unique<proxy::Server>(1, *log);
  auto service = std::make_shared<TestService>(std::move(behaviour), origin.port(), records_);
  // A port that is free may be gone the next moment.
  NetResult<> listening = server_->listen({{{"127.0.0.1", 0}, service}});
  for (int again = 0; again < 5 && !listening; ++again) listening = server_->listen({{{"127.0.0.1", 0}, service}});
  if (!listening) throw std::runtime_error(listening.error().message());
  port_ = server_->addresses().front().port;
}
Rig::~Rig() = default;

proxy::ExchangeRecord Rig::record(std::size_t number) {
  std::unique_lock lock(records_->mutex);
  const auto there = [&] { return records_->all.size() > number; };
  if (!records_->more.wait_for(lock, std::chrono::milliseconds(patience), there)) {
    ADD_FAILURE() << "there is no record " << number;
    return {};
  }
  return records_->all[number];
}

std::size_t Rig::records() {
  const std::lock_guard lock(records_->mutex);
  return records_->all.size();
}

}  // namespace handfast::test
