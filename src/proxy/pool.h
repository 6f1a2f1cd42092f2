// Connections to origins that wait for their next request.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <handfast/config.h>

#include "proxy/leg.h"

namespace handfast::proxy {

/// All that makes a connection to an origin what it is: whoever has the same may have the same connection.
struct PoolKey {
  std::string address;      ///< where it was connected to, "192.0.2.1:443", "example.com:80"
  std::string server_name;  ///< whom its certificate is for
  /// Whom we trust and who we are: the very config, which lives as long as the key. Null: TCP alone.
  std::shared_ptr<const ClientConfig> tls;
  std::string scope;  ///< for whom it is good, where not for all: a user, say
  /// Of the client's connection that has authenticated it (Pool::new_owner), 0: nobody has.
  std::uint64_t owner = 0;
  friend auto operator<=>(const PoolKey&, const PoolKey&) = default;
};

/// One worker's. A connection whose peer says anything, or ends, while it waits is not given out any more and closed
/// within a second: what it says would be taken for the answer to the next request. All are ended in good order.
class Pool {
 public:
  struct Options {
    std::size_t connections = 1024;
    std::size_t per_key = 128;
    std::chrono::milliseconds idle_timeout{30'000};
  };
  Pool(boost::asio::io_context& loop, Options options);
  explicit Pool(boost::asio::io_context& loop) : Pool(loop, Options{}) {}

  /// The one that waits for the shortest time.
  std::optional<Leg> take(const PoolKey& key);
  /// For at most `patience`, where that is less than Options::idle_timeout. Where there is no room it is closed.
  void put(PoolKey key, RestingLeg leg, std::chrono::milliseconds patience);
  /// Closes those of whom nobody will ask again: a client that has gone.
  void forget(std::string_view scope);
  void forget(std::uint64_t owner);
  /// One that nobody else has.
  std::uint64_t new_owner() noexcept { return ++last_owner_; }
  /// Closes all of them.
  void clear();
  std::size_t size() const noexcept { return size_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    RestingLeg leg;
    Clock::time_point until;
  };
  template <typename Predicate>
  void forget_if(Predicate is_forgotten);
  void sweep();
  void sweep_later();

  boost::asio::io_context& loop_;
  Options options_;
  std::map<PoolKey, std::vector<Waiting>> waiting_;
  std::size_t size_ = 0;
  std::uint64_t last_owner_ = 0;
  std::unique_ptr<boost::asio::steady_timer> timer_;  ///< while there is something to sweep
};

}  // namespace handfast::proxy
