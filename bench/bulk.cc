// CPU per record of application data, beside the bare AEAD over as many bytes.
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "case.h"
#include "chain.h"
#include "check.h"
#include "floor/aead.h"
#include "handshake.h"
#include "libssl.h"
#include "measure.h"
#include "meter.h"
#include "ours.h"
#include "row.h"

namespace handfast::bench {
namespace {

constexpr std::size_t batch_bytes = 256 * 1024;

/// Two connections: one sends into nowhere, of the other one end receives what its peer has sealed. In the `Sides` of a
/// batch the sender is the client.
template <Library L>
class Stream {
 public:
  Stream(const L& library, std::size_t record) : sending_(library, 1), receiving_(library, 1), data_(record) {
    CpuMeter meter;
    sending_.connect(meter);
    receiving_.connect(meter);
  }

  Sides batch() {
    const std::size_t records = batch_bytes / data_.size();
    auto& sender = sending_.clients().front();
    auto& source = receiving_.clients().front();
    auto& receiver = receiving_.servers().front();
    Buffer& wire = receiving_.wires().front();
    wire.clear();
    for (std::size_t i = 0; i < records; ++i) {
      source.send(data_);
      source.take_output(wire);
    }
    CpuMeter meter;
    meter.run(Side::client, [&] {
      for (std::size_t i = 0; i < records; ++i) {
        sender.send(data_);
        sender.discard_output();
      }
    });
    std::size_t received = 0;
    meter.run(Side::server, [&] { received = receiver.receive_data(wire); });
    check(received == batch_bytes, "all data came out");
    const auto count = static_cast<double>(records);
    return {meter.spent().client / count, meter.spent().server / count};
  }

 private:
  Connections<L> sending_;
  Connections<L> receiving_;
  Buffer data_;
};

/// The same records through the AEAD alone: sealed from one buffer into another, opened in place.
class BareAead {
 public:
  explicit BareAead(std::size_t record)
      : plaintext_(record + 1), records_(batch_bytes / record), sealed_(records_ * stride()) {
    aead_.key_sealing(key.data());
    aead_.key_opening(key.data());
  }

  Sides batch() {
    constexpr std::array<std::uint8_t, 12> nonce{};
    const auto length = static_cast<std::uint16_t>(plaintext_.size() + AesGcm::tag_size);
    const std::array<std::uint8_t, 5> header{23, 3, 3, static_cast<std::uint8_t>(length >> 8),
                                             static_cast<std::uint8_t>(length)};
    const auto record = [&](std::size_t i) { return MutableBytes(sealed_).subspan(i * stride() + 5, length); };
    CpuMeter meter;
    meter.run(Side::client, [&] {
      for (std::size_t i = 0; i < records_; ++i) aead_.seal(nonce.data(), header, plaintext_, record(i).data());
    });
    meter.run(Side::server, [&] {
      for (std::size_t i = 0; i < records_; ++i) aead_.open(nonce.data(), header, record(i));
    });
    const auto count = static_cast<double>(records_);
    return {meter.spent().client / count, meter.spent().server / count};
  }

 private:
  static constexpr std::array<std::uint8_t, 16> key{1, 2, 3, 4, 5, 6, 7, 8};
  std::size_t stride() const noexcept { return 5 + plaintext_.size() + AesGcm::tag_size; }

  Buffer plaintext_;
  std::size_t records_;
  Buffer sealed_;
  AesGcm aead_;
};

}  // namespace

Rows measure_bulk(double seconds) {
  const Case& which = cases().front();
  const Chain chain = make_chain(which.key);
  const Ours ours(which, chain);
  const Libssl libssl(which, chain);
  Rows rows;
  for (const std::size_t record : {std::size_t{16384}, std::size_t{1024}}) {
    Stream our_stream(ours, record);
    Stream libssl_stream(libssl, record);
    BareAead aead(record);
    const auto measured = alternate({{"handfast", [&] { return our_stream.batch(); }},
                                     {"openssl", [&] { return libssl_stream.batch(); }},
                                     {"floor", [&] { return aead.batch(); }}},
                                    seconds);
    for (const auto& [side, account] : {std::pair{"send", Side::client}, std::pair{"receive", Side::server}})
      for (const Measured& one : measured)
        rows.push_back({.name = fmt::format("bulk-aes128gcm-{}k", record / 1024),
                        .side = side,
                        .implementation = one.name,
                        .us = one.of(account).median,
                        .floor_us = measured.back().of(account).median,
                        .over_floor_us = one.of(account).over_last,
                        .spread = one.of(account).spread,
                        .bytes = static_cast<double>(record)});
  }
  return rows;
}

}  // namespace handfast::bench
