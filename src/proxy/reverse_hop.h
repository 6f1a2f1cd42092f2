// What the reverse way does with requests.
#pragma once

#include <cstddef>
#include <optional>

#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>

#include "proxy/exchange.h"
#include "proxy/sites.h"

namespace handfast::proxy {

/// The client of one connection, and whose it is.
struct ReverseClient {
  const Sites& sites;
  const Site& site;  ///< the connection's
  Worker& worker;
  const Limits& limits;
  const Stream& stream;
  boost::asio::ip::tcp::endpoint peer;  ///< as the PROXY protocol says where that is trusted
  Buffer preface;                       ///< a PROXY header for origins; empty: none
};

class ReverseHop final : public Hop {
 public:
  explicit ReverseHop(const ReverseClient& client) noexcept : client_(client) {}
  ReverseHop(const ReverseHop&) = delete;
  ReverseHop& operator=(const ReverseHop&) = delete;
  /// Connections that are this client's alone are closed with it.
  ~ReverseHop() override;

  Decision request(http::RequestHead& head) override;
  Awaitable<std::expected<Leg, Failed>> connect() override;
  std::optional<Forward> another() override;
  void done(const ExchangeRecord& record) override;

 private:
  Forward forward() const;
  const ReverseClient& client_;
  std::size_t first_ = 0;  ///< the origin that was asked first
  bool stays_ = false;     ///< this client has authenticated a connection to the origin that was asked last
  std::size_t tried_ = 0;  ///< so many before this one were not there
};

/// A fresh connection to an origin, and a line in the log for its handshake, or for its failure.
Awaitable<NetResult<Leg>> dial_for(const ReverseClient& client, Origin origin);

}  // namespace handfast::proxy
