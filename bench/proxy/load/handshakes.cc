// Handshakes, full or resumed, each on a connection of its own that is closed behind it.
#include <chrono>
#include <memory>
#include <vector>

#include "gate.h"
#include "tasks.h"
#include "works.h"

namespace handfast::bench {
namespace {

struct Shared {
  asio::io_context& io;
  asio::ssl::context& context;
  const Target& target;
  const Handshakes& work;
  std::size_t left = 0;
  std::string issuer;
};

/// A session, out of a connection that stays open till its ticket has come, which is before an answer.
Awaitable<void> make_session(Shared& shared, Session& session) {
  Client client(shared.io, shared.context, shared.target);
  co_await connect(client, nullptr);
  co_await get(client, "/");
  session = client.take_session();
  if (session == nullptr) throw std::runtime_error("the server gives no session");
  co_await finish(client);
}

Awaitable<void> work_off(Shared& shared, SSL_SESSION* session) {
  while (shared.left != 0) {
    --shared.left;
    Client client(shared.io, shared.context, shared.target);
    co_await connect(client, session);
    if (!shared.work.path.empty()) co_await get(client, shared.work.path);
    if (shared.issuer.empty()) shared.issuer = client.issuer();
    co_await finish(client);
  }
}

}  // namespace

void make_handshakes(const Target& target, const Handshakes& work) {
  asio::io_context io;
  asio::ssl::context context = make_context(target);
  Shared shared{.io = io, .context = context, .target = target, .work = work, .left = 0, .issuer = {}};
  std::vector<Session> sessions(work.at_once);
  std::vector<Awaitable<void>> tasks;
  if (work.resumed) {
    for (Session& session : sessions) tasks.push_back(make_session(shared, session));
    run_all(io, std::move(tasks));
  }
  wait_for_start();
  const auto begin = std::chrono::steady_clock::now();
  shared.left = work.count;
  tasks.clear();
  for (const Session& session : sessions) tasks.push_back(work_off(shared, session.get()));
  run_all(io, std::move(tasks));
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  wait_after({{"count", work.count}, {"seconds", time.count()}, {"issuer", shared.issuer}});
}

}  // namespace handfast::bench
