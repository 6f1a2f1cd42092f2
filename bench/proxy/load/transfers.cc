// Large bodies, one way or the other.
#include <algorithm>
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "gate.h"
#include "tasks.h"
#include "works.h"

namespace handfast::bench {
namespace {

constexpr std::size_t piece = 256 * 1024;

struct Progress {
  std::uint64_t bytes = 0;
  std::string issuer;
};

Awaitable<void> begin(Client& client) {
  co_await connect(client, nullptr);
  co_await get(client, "/");
}

Awaitable<void> download(Client& client, const Transfer& work, Progress& progress) {
  const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", work.path, authority(client.target()));
  for (std::size_t i = 0; i < work.times; ++i) {
    co_await write(client, request);
    const Response response = co_await read_response(client);
    if (response.status != 200) throw std::runtime_error(fmt::format("the answer is a {}", response.status));
    co_await read_body(client, response.content_length);
    progress.bytes += response.content_length;
  }
}

Awaitable<void> upload(Client& client, const Transfer& work, Progress& progress) {
  const std::string request = fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n", work.path,
                                          authority(client.target()), work.bytes);
  const std::vector<char> body(piece, 'x');
  for (std::size_t i = 0; i < work.times; ++i) {
    co_await write(client, request);
    for (std::uint64_t left = work.bytes; left != 0; left -= std::min<std::uint64_t>(left, piece)) {
      const std::span<const char> part(body.data(), std::min<std::uint64_t>(left, piece));
      co_await write(client, part);
    }
    const Response response = co_await read_response(client);
    const std::string text = co_await read_text(client, response.content_length);
    if (response.status != 200 || text != std::to_string(work.bytes)) {
      throw std::runtime_error(
          fmt::format("the origin did not get {} bytes: {} {}", work.bytes, response.status, text));
    }
    progress.bytes += work.bytes;
  }
}

}  // namespace

void make_transfers(const Target& target, const Transfer& work) {
  asio::io_context io;
  asio::ssl::context context = make_context(target);
  Client client(io, context, target);
  Progress progress;
  std::vector<Awaitable<void>> tasks;
  tasks.push_back(begin(client));
  run_all(io, std::move(tasks));
  progress.issuer = client.issuer();
  wait_for_start();
  const auto start = std::chrono::steady_clock::now();
  tasks.clear();
  tasks.push_back(work.bytes == 0 ? download(client, work, progress) : upload(client, work, progress));
  run_all(io, std::move(tasks));
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  wait_after({{"bytes", progress.bytes}, {"seconds", time.count()}, {"issuer", progress.issuer}});
}

}  // namespace handfast::bench
