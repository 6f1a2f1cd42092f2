// How many leaves may be minted: a client that asks for a million hosts is not to keep the machine busy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace handfast::authority {

/// So many at once, and so many a second from then on.
struct MintRate {
  double burst = 200;
  double per_second = 20;
};

struct MintLimits {
  MintRate each{200, 20};      ///< of one client
  MintRate all{2000, 200};     ///< of all of them together
  std::size_t clients = 4096;  ///< that are remembered; who is forgotten begins anew, under `all`
};

/// Two token buckets: the client's and everybody's. Thread-safe.
class MintBudget {
 public:
  explicit MintBudget(const MintLimits& limits) noexcept : limits_(limits), all_{limits.all.burst, 0} {}

  /// Whether `client` may have one more at `now`, in nanoseconds of a clock that never goes back; takes it.
  bool take(std::string_view client, std::uint64_t now);

 private:
  struct Bucket {
    double left;
    std::uint64_t at;
  };
  static void refill(Bucket& bucket, const MintRate& rate, std::uint64_t now) noexcept;
  Bucket& bucket_of(std::string_view client, std::uint64_t now);

  std::mutex mutex_;
  MintLimits limits_;
  Bucket all_;
  std::list<std::pair<std::string, Bucket>> recent_;  ///< the latest first
  std::unordered_map<std::string_view, decltype(recent_)::iterator> clients_;
};

}  // namespace handfast::authority
