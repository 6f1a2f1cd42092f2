// CPU per handshake, and per connection that is only made and freed.
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "case.h"
#include "chain.h"
#include "floor/floor.h"
#include "handshake.h"
#include "libssl.h"
#include "measure.h"
#include "ours.h"
#include "row.h"

namespace handfast::bench {
namespace {

Sides per_operation(const CpuMeter& meter, std::size_t operations) {
  const auto count = static_cast<double>(operations);
  return {meter.spent().client / count, meter.spent().server / count};
}

/// A batch is that many times `abreast` handshakes: in the first of them code and data come back into the caches, which
/// the contestant before has taken.
constexpr std::size_t repeated = 4;

Sides batch_of_handshakes(const Library auto& library) {
  CpuMeter meter;
  for (std::size_t i = 0; i < repeated; ++i) handshakes(library, meter);
  return per_operation(meter, repeated * abreast);
}

Sides batch_of_floors(Floor& floor) {
  CpuMeter meter;
  for (std::size_t i = 0; i < repeated; ++i) floors(floor, meter);
  return per_operation(meter, repeated * abreast);
}

Sides batch_of_lifetimes(const Library auto& library) {
  constexpr std::size_t many = 1000;
  CpuMeter meter;
  meter.run(Side::server, [&] {
    for (std::size_t i = 0; i < many; ++i) library.server();
  });
  return per_operation(meter, many);
}

}  // namespace

Rows measure_handshakes(const Case& which, double seconds) {
  const Chain chain = make_chain(which.key);
  const Ours ours(which, chain);
  std::vector<Contestant> contestants = {{"handfast", [&] { return batch_of_handshakes(ours); }}};
  std::optional<Libssl> libssl;
  std::unique_ptr<Floor> floor;
  if (has_rivals(which)) {
    libssl.emplace(which, chain);
    floor = Floor::make(which, chain, record_messages(ours));
    contestants.push_back({"openssl", [&] { return batch_of_handshakes(*libssl); }});
    contestants.push_back({"floor", [&] { return batch_of_floors(*floor); }});
  }
  const auto measured = alternate(contestants, seconds);
  Rows rows;
  for (const Side side : {Side::server, Side::client})
    for (const Measured& one : measured) {
      rows.push_back({.name = std::string(which.name),
                      .side = name(side),
                      .implementation = one.name,
                      .us = one.of(side).median,
                      .spread = one.of(side).spread});
      if (!floor) continue;
      rows.back().floor_us = measured.back().of(side).median;
      rows.back().over_floor_us = one.of(side).over_last;
    }
  return rows;
}

Rows measure_lifetime(double seconds) {
  const Case& which = cases().front();
  const Chain chain = make_chain(which.key);
  const Ours ours(which, chain);
  const Libssl libssl(which, chain);
  Rows rows;
  for (const Measured& one : alternate({{"handfast", [&] { return batch_of_lifetimes(ours); }},
                                        {"openssl", [&] { return batch_of_lifetimes(libssl); }}},
                                       seconds))
    rows.push_back({.name = "new-free",
                    .side = "server",
                    .implementation = one.name,
                    .us = one.server.median,
                    .spread = one.server.spread});
  return rows;
}

}  // namespace handfast::bench
