// Heap per connection, what the caller's own buffers hold apart.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "case.h"
#include "chain.h"
#include "handshake.h"
#include "heap.h"
#include "libssl.h"
#include "ours.h"
#include "row.h"

namespace handfast::bench {
namespace {

constexpr std::size_t many = 64;

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

double each(const HeapMeter& meter, Side side) { return meter.kept()[side] / static_cast<double>(many); }

/// Each side while it waits for the other's flight.
Sides mid_handshake(const Library auto& library) {
  Connections connections(library, many);
  HeapMeter meter;
  connections.start_clients(meter);
  connections.start_servers(meter);
  drop_io(Side::client, connections.clients(), meter);
  drop_io(Side::server, connections.servers(), meter);
  return {each(meter, Side::client), each(meter, Side::server)};
}

/// After the handshake and 1 KB each way.
Sides idle(const Library auto& library) {
  Connections connections(library, many);
  HeapMeter meter;
  connections.start_clients(meter);
  connections.start_servers(meter);
  connections.finish_clients(meter);
  connections.finish_servers(meter);
  for (std::size_t i = 0; i < many; ++i) {
    pass_data(Side::client, connections.clients()[i], connections.servers()[i], connections.wires()[i], meter);
    pass_data(Side::server, connections.servers()[i], connections.clients()[i], connections.wires()[i], meter);
  }
  drop_io(Side::client, connections.clients(), meter);
  drop_io(Side::server, connections.servers(), meter);
  return {each(meter, Side::client), each(meter, Side::server)};
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

}  // namespace

Rows measure_memory() {
  const Case& which = cases().front();
  const Chain chain = make_chain(which.key);
  const std::array measured{measure("handfast", Ours(which, chain)), measure("openssl", Libssl(which, chain))};
  Rows rows;
  for (const auto& [state, bytes] :
       {std::pair{"heap-mid-handshake", &Heap::mid_handshake}, std::pair{"heap-idle", &Heap::idle}})
    for (const Side side : {Side::server, Side::client})
      for (const Heap& heap : measured)
        rows.push_back({.name = state,
                        .side = name(side),
                        .implementation = std::string(heap.implementation),
                        .bytes = (heap.*bytes)[side]});
  return rows;
}

}  // namespace handfast::bench
