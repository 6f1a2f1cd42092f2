// proxy-load: the client of `make bench-proxy`. Its driver (../driver.py) measures the server meanwhile.
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "works.h"

namespace {

namespace bench = handfast::bench;

void add_target(CLI::App& app, bench::Target& target) {
  app.add_option("--port", target.port, "of the server, on 127.0.0.1")->required();
  app.add_option("--name", target.name, "server name and Host");
  app.add_option("--through", target.through, "port of a proxy that is asked with CONNECT");
  app.add_option("--tls", target.version, "1.3 or 1.2")->check(CLI::IsMember({"1.3", "1.2"}));
}

int run(int argc, char** argv) {
  CLI::App app{"The client of make bench-proxy: says 'ready', waits for a line, works, prints JSON, waits for a line."};
  app.require_subcommand(1);
  bench::Target target;

  bench::Handshakes handshakes;
  CLI::App& handshake = *app.add_subcommand("handshakes", "handshakes, each closed behind it");
  add_target(handshake, target);
  handshake.add_option("--count", handshakes.count);
  handshake.add_option("--at-once", handshakes.at_once)->check(CLI::Range(1, 1000));
  handshake.add_flag("--resumed", handshakes.resumed);
  handshake.add_option("--path", handshakes.path, "asked for on each connection");
  handshake.callback([&] { bench::make_handshakes(target, handshakes); });

  bench::Requests requests;
  std::int64_t milliseconds = requests.time.count();
  CLI::App& request = *app.add_subcommand("requests", "requests on connections that are kept alive");
  add_target(request, target);
  request.add_option("--connections", requests.connections)->check(CLI::Range(1, 10000));
  request.add_option("--milliseconds", milliseconds)->check(CLI::Range(1, 600000));
  request.add_option("--path", requests.path);
  request.callback([&] {
    requests.time = std::chrono::milliseconds(milliseconds);
    bench::make_requests(target, requests);
  });

  bench::Transfer transfer;
  CLI::App& transfers = *app.add_subcommand("transfer", "large bodies, one after the other on one connection");
  add_target(transfers, target);
  transfers.add_option("--path", transfer.path)->required();
  transfers.add_option("--upload", transfer.bytes, "bytes of a body that is sent; without it one is received");
  transfers.add_option("--times", transfer.times);
  transfers.callback([&] { bench::make_transfers(target, transfer); });

  bench::Idle idles;
  CLI::App& idle = *app.add_subcommand("idle", "connections that stay open after a request each");
  add_target(idle, target);
  idle.add_option("--connections", idles.connections)->check(CLI::Range(1, 50000));
  idle.add_option("--path", idles.path);
  idle.callback([&] { bench::make_idle(target, idles); });

  std::uint16_t port = 0;
  CLI::App& sink = *app.add_subcommand("sink", "an origin that reads bodies, till standard input ends");
  sink.add_option("--port", port)->required();
  sink.callback([&] { bench::run_sink(port); });

  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "proxy-load: %s\n", failure.what());
    return 1;
  }
}
