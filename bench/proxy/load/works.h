// What the generator can do to a server, one function each. All prepare, say so (wait_for_start), work, and print what
// they did (wait_after). Everything is bounded in count or time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "client.h"

namespace handfast::bench {

struct Handshakes {
  std::size_t count = 1000;
  std::size_t at_once = 8;
  bool resumed = false;  // each of a session that was made before the start
  std::string path;      // not empty: a GET of it on each connection
};
void make_handshakes(const Target& target, const Handshakes& work);

struct Requests {
  std::size_t connections = 64;
  std::chrono::milliseconds time{3000};
  std::string path = "/";
};
/// GET after GET on connections that stay open.
void make_requests(const Target& target, const Requests& work);

struct Transfer {
  std::string path;
  std::uint64_t bytes = 0;  // of one body that is sent; 0: bodies are received, as long as the origin says
  std::size_t times = 1;    // one after the other, on one connection
};
void make_transfers(const Target& target, const Transfer& work);

struct Idle {
  std::size_t connections = 2000;
  std::string path = "/";
};
/// Connections that stay, each after one request.
void make_idle(const Target& target, const Idle& work);

/// An origin without TLS that reads each body to its end, and answers with its length; until standard input ends.
void run_sink(std::uint16_t port);

}  // namespace handfast::bench
