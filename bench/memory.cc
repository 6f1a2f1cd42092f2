// Heap per connection, what the caller's own buffers hold apart.
#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "case.h"
#include "chain.h"
#include "handshake.h"
#include "heap.h"
#include "libssl.h"
#include "ours.h"
#include "row.h"

namespace handfast::bench {
namespace {

/// So many that the AEAD contexts which a thread keeps for some of them hardly count.
constexpr std::size_t many = 256;

/// Hands 1 KB from one end to the other.
void pass_data(Side from_side, auto& from, auto& to, Buffer& wire, HeapMeter& meter) {
  static constexpr std::array<std::uint8_t, 1024> data{};
  wire.clear();
  const Side to_side = from_side == Side::client ? Side::server : Side::client;
  meter.run(from_side, [&] {
    from.send(data);
    from.take_output(wire);
  });
  meter.run(to_side, [&] { to.receive_data(wire); });
}

void drop_io(Side side, auto& ends, HeapMeter& meter) {
  meter.run(side, [&] {
    for (auto& end : ends) end.drop_io();
  });
}

/// What each end of `many` connections holds after those steps.
template <Library L>
Sides held(const L& library, const std::invocable<Connections<L>&, HeapMeter&> auto& steps) {
  Connections connections(library, many);
  HeapMeter meter;
  steps(connections, meter);
  drop_io(Side::client, connections.clients(), meter);
  drop_io(Side::server, connections.servers(), meter);
  return {meter.kept().client / static_cast<double>(many), meter.kept().server / static_cast<double>(many)};
}

/// Each side while it waits for the other's flight, where it holds most: in TLS 1.2 a client waits twice.
Sides mid_handshake(const Library auto& library) {
  const Sides first = held(library, [](auto& connections, HeapMeter& meter) {
    connections.start_clients(meter);
    connections.start_servers(meter);
  });
  const Sides second = held(library, [](auto& connections, HeapMeter& meter) {
    connections.start_clients(meter);
    connections.start_servers(meter);
    connections.answer(meter);
  });
  return {std::max(first.client, second.client), std::max(first.server, second.server)};
}

/// After the handshake and 1 KB each way.
Sides idle(const Library auto& library) {
  return held(library, [](auto& connections, HeapMeter& meter) {
    connections.connect(meter);
    for (std::size_t i = 0; i < many; ++i) {
      pass_data(Side::client, connections.clients()[i], connections.servers()[i], connections.wires()[i], meter);
      pass_data(Side::server, connections.servers()[i], connections.clients()[i], connections.wires()[i], meter);
    }
  });
}

struct Heap {
  std::string_view implementation;
  Sides mid_handshake;
  Sides idle;
};

Heap measure(std::string_view implementation, const Library auto& library) {
  idle(library);  // what a thread keeps for all of its connections is made here, and not counted below
  return {implementation, mid_handshake(library), idle(library)};
}

/// Of that case, under a name that is shorter for full handshakes.
void add_rows(Rows& rows, std::string_view name_of_case, const Case& which) {
  const Chain chain = make_chain(which.key);
  std::vector<Heap> measured = {measure("handfast", Ours(which, chain))};
  if (has_rivals(which)) measured.push_back(measure("openssl", Libssl(which, chain)));
  for (const auto& [state, bytes] :
       {std::pair{"heap-mid-handshake", &Heap::mid_handshake}, std::pair{"heap-idle", &Heap::idle}})
    for (const Side side : {Side::server, Side::client})
      for (const Heap& heap : measured)
        rows.push_back({.name = fmt::format("{}-{}", name_of_case, state),
                        .side = name(side),
                        .implementation = std::string(heap.implementation),
                        .bytes = (heap.*bytes)[side]});
}

}  // namespace

Rows measure_memory() {
  Rows rows;
  add_rows(rows, "tls13", find_case("tls13-full-p256-x25519"));
  add_rows(rows, "tls13-x25519mlkem768", find_case("tls13-x25519mlkem768"));
  add_rows(rows, "tls12", find_case("tls12-full-p256-x25519"));
  for (const std::string_view resumed : {"tls13-psk-dhe", "tls12-session-id", "tls12-ticket"})
    add_rows(rows, resumed, find_case(resumed));
  return rows;
}

}  // namespace handfast::bench
