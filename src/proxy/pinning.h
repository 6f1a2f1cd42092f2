// Hosts whose clients take no certificate but the host's own: told by their refusing ours, and let pass from then on.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <handfast/net_error.h>

namespace handfast::proxy {

struct PinningOptions {
  /// So many refusals of one host by one client; 0: nothing is ever let pass for that reason.
  std::size_t refusals = 3;
  /// Within that time.
  std::chrono::seconds window{10 * 60};
  /// And for how long that client then has that host as it is.
  std::chrono::seconds lifetime{24 * 60 * 60};
  /// Pairs of client and host that are remembered, those let pass and those not yet each; who was heard of longest ago
  /// goes first.
  std::size_t capacity = 10'000;
  friend auto operator<=>(const PinningOptions&, const PinningOptions&) = default;
};

/// Whether a client's handshake with us failed because of our certificate: it said so (bad_certificate,
/// certificate_unknown, unknown_ca), or it went without a word when it had seen the certificate, as clients with pins
/// often do. `handshake` is how the server's side failed; `sent` what had gone out to it in bytes of TCP: less than a
/// certificate takes, and it has refused something else.
bool refuses_certificate(const NetError& handshake, std::uint64_t sent) noexcept;

/// Thread-safe. A refusal counts for the one client that made it: another one's traffic is not let pass for it. A
/// client that asks for something shows that it has not pinned the host, and what was counted is forgotten.
///
/// Times are seconds since 1970.
class PinnedHosts {
 public:
  explicit PinnedHosts(const PinningOptions& options) noexcept : options_(options) {}

  /// `client` is an address. Whether the host is let pass from now on, and was not before.
  bool refused(std::string_view client, std::string_view host, std::int64_t now);
  void accepted(std::string_view client, std::string_view host);
  bool lets_pass(std::string_view client, std::string_view host, std::int64_t now);

  struct Pass {
    std::string client;
    std::string host;
    std::int64_t since;
    std::int64_t until;
  };
  /// Those that are let pass at `now`, the latest first.
  std::vector<Pass> passes(std::int64_t now) const;

 private:
  using Key = std::pair<std::string, std::string>;
  struct Refusals {
    std::size_t count;
    std::int64_t since;
  };
  /// The latest first, at most so many.
  template <typename Value>
  struct Recent {
    std::list<std::pair<Key, Value>> list;
    std::map<Key, typename std::list<std::pair<Key, Value>>::iterator> places;
    Value* find(const Key& key);
    Value& put(Key key, Value value, std::size_t capacity);
    void erase(const Key& key);
  };
  struct Span {
    std::int64_t since;
    std::int64_t until;
  };

  PinningOptions options_;
  mutable std::mutex mutex_;
  Recent<Refusals> refusals_;
  Recent<Span> passes_;
};

}  // namespace handfast::proxy
