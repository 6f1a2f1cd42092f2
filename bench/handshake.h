// Handshakes in memory between two ends of one library, several abreast.
#pragma once

#include <concepts>
#include <cstddef>
#include <vector>

#include <handfast/bytes.h>

#include "meter.h"

namespace handfast::bench {

/// One end of a connection, whatever library is behind it. Every call throws std::runtime_error where it fails.
template <typename E>
concept Endpoint = std::movable<E> && requires(E& end, Buffer& wire, MutableBytes in, Bytes data) {
  end.receive(in);        ///< takes all that the peer has written, and goes on with the handshake
  end.take_output(wire);  ///< appends what is to be written to the peer
  end.finish();           ///< throws unless the handshake is done
  end.send(data);         ///< protects application data
  end.discard_output();   ///< drops what is to be written
  { end.receive_data(in) } -> std::same_as<std::size_t>;  ///< takes records; how many bytes of data were in them
};

/// What one end has written, to the other.
void pass(Endpoint auto& from, Endpoint auto& to, Buffer& wire) {
  wire.clear();
  from.take_output(wire);
  if (!wire.empty()) to.receive(wire);
}

/// One handshake from ClientHello to its end, tickets included.
void handshake(Endpoint auto& client, Endpoint auto& server) {
  Buffer wire;
  for (int flights = 0; flights < 2; ++flights) {
    pass(client, server, wire);
    pass(server, client, wire);
  }
  server.finish();
  client.finish();
}

/// Makes the two ends of a connection; what connections share is made once, with it.
template <typename L>
concept Library = requires(const L& library) {
  { library.client() } -> Endpoint;
  { library.server() } -> Endpoint;
};

/// How many handshakes go abreast: reading the clock costs as much as a whole step of some microseconds otherwise.
inline constexpr std::size_t abreast = 8;

/// `Count` connections, each with the bytes that travel between its ends.
template <Library L>
class Connections {
 public:
  explicit Connections(const L& library, std::size_t count = abreast) : library_(library), wires_(count) {
    clients_.reserve(count);
    servers_.reserve(count);
    for (Buffer& wire : wires_) wire.reserve(8192);
  }

  void start_clients(Meter auto& meter) {
    meter.run(Side::client, [&] {
      for (Buffer& wire : wires_) {
        wire.clear();
        clients_.push_back(library_.client());
        clients_.back().take_output(wire);
      }
    });
  }
  /// ClientHello in; ServerHello to Finished (in TLS 1.2 ServerHelloDone) out.
  void start_servers(Meter auto& meter) {
    meter.run(Side::server, [&] {
      for (Buffer& wire : wires_) {
        servers_.push_back(library_.server());
        pass(servers_.back(), wire);
      }
    });
  }
  /// The server's flight in; the client's Finished out, in TLS 1.2 behind ClientKeyExchange.
  void answer(Meter auto& meter) {
    meter.run(Side::client, [&] {
      for (std::size_t i = 0; i < wires_.size(); ++i) pass(clients_[i], wires_[i]);
    });
  }
  /// That flight in; in TLS 1.2 the server's Finished out.
  void finish_servers(Meter auto& meter) {
    meter.run(Side::server, [&] {
      for (std::size_t i = 0; i < wires_.size(); ++i) pass(servers_[i], wires_[i]);
      for (auto& server : servers_) server.finish();
    });
  }
  /// In TLS 1.3 nothing comes any more but a ticket.
  void finish_clients(Meter auto& meter) {
    meter.run(Side::client, [&] {
      for (std::size_t i = 0; i < wires_.size(); ++i)
        if (!wires_[i].empty()) pass(clients_[i], wires_[i]);
      for (auto& client : clients_) client.finish();
    });
  }
  /// All of the above.
  void connect(Meter auto& meter) {
    start_clients(meter);
    start_servers(meter);
    answer(meter);
    finish_servers(meter);
    finish_clients(meter);
  }
  void destroy(Meter auto& meter) {
    meter.run(Side::client, [&] { clients_.clear(); });
    meter.run(Side::server, [&] { servers_.clear(); });
  }

  auto& clients() noexcept { return clients_; }
  auto& servers() noexcept { return servers_; }
  std::vector<Buffer>& wires() noexcept { return wires_; }

 private:
  static void pass(Endpoint auto& end, Buffer& wire) {
    end.receive(wire);
    wire.clear();
    end.take_output(wire);
  }

  const L& library_;
  std::vector<decltype(library_.client())> clients_;
  std::vector<decltype(library_.server())> servers_;
  std::vector<Buffer> wires_;
};

/// Whole handshakes, from nothing to nothing, `abreast` of them.
void handshakes(const Library auto& library, Meter auto& meter) {
  Connections connections(library);
  connections.connect(meter);
  connections.destroy(meter);
}

}  // namespace handfast::bench
