// Requests on connections that are kept alive, and connections that are kept though nobody asks anything.
#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "gate.h"
#include "tasks.h"
#include "works.h"

namespace handfast::bench {
namespace {

using Clock = std::chrono::steady_clock;

Awaitable<void> open(Client& client, std::string path) {
  co_await connect(client, nullptr);
  co_await get(client, path);
}

/// One after the other: thousands at once would overflow the server's queue.
Awaitable<void> open_all(std::vector<std::unique_ptr<Client>>& clients, std::size_t& next, std::string path) {
  while (next < clients.size()) {
    Client& client = *clients[next++];
    co_await open(client, path);
  }
}

Awaitable<void> ask(Client& client, std::string path, Clock::time_point end, std::size_t& count) {
  while (Clock::now() < end) {
    co_await get(client, path);
    ++count;
  }
}

std::vector<std::unique_ptr<Client>> make_clients(asio::io_context& io, asio::ssl::context& context,
                                                  const Target& target, std::size_t count) {
  std::vector<std::unique_ptr<Client>> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(std::make_unique<Client>(io, context, target));
  return out;
}

void open_in_turn(asio::io_context& io, std::vector<std::unique_ptr<Client>>& clients, const std::string& path) {
  std::size_t next = 0;
  std::vector<Awaitable<void>> tasks;
  for (std::size_t i = 0; i < std::min<std::size_t>(8, clients.size()); ++i) {
    tasks.push_back(open_all(clients, next, path));
  }
  run_all(io, std::move(tasks));
}

}  // namespace

void make_requests(const Target& target, const Requests& work) {
  asio::io_context io;
  asio::ssl::context context = make_context(target);
  std::vector<std::unique_ptr<Client>> clients = make_clients(io, context, target, work.connections);
  open_in_turn(io, clients, work.path);
  wait_for_start();
  const auto begin = Clock::now();
  std::size_t count = 0;
  std::vector<Awaitable<void>> tasks;
  for (const auto& client : clients) tasks.push_back(ask(*client, work.path, begin + work.time, count));
  run_all(io, std::move(tasks));
  const std::chrono::duration<double> time = Clock::now() - begin;
  wait_after({{"count", count}, {"seconds", time.count()}});
}

void make_idle(const Target& target, const Idle& work) {
  asio::io_context io;
  asio::ssl::context context = make_context(target);
  std::vector<std::unique_ptr<Client>> clients = make_clients(io, context, target, work.connections);
  wait_for_start();
  open_in_turn(io, clients, work.path);
  wait_after({{"count", clients.size()}});
}

}  // namespace handfast::bench
