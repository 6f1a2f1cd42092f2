// The origins of a site, of which each request has the next.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/config.h>
#include <handfast/error.h>

#include "proxy/origin.h"

namespace handfast::proxy {

class Upstreams {
 public:
  enum class Kind : std::uint8_t {
    http,   ///< requests, over TCP or over TLS
    bytes,  ///< whatever it is
  };
  /// Each "http://HOST[:PORT]", "https://HOST[:PORT]" or "tcp://HOST:PORT", all of one kind. `tls`: for the ones with
  /// https. `server_name`: whom their certificates have to be for; empty: each its own host. Fails with bad_config,
  /// evidence `option` "to", `problem`, `value`, `remedy`.
  static Result<std::unique_ptr<const Upstreams>> make(std::span<const std::string> urls,
                                                       std::shared_ptr<const ClientConfig> tls,
                                                       const std::string& server_name);

  Kind kind() const noexcept { return kind_; }
  std::size_t size() const noexcept { return all_.size(); }
  /// Which one begins: a number to give to `origin`. Thread-safe.
  std::size_t next() const noexcept { return next_.fetch_add(1, std::memory_order_relaxed); }
  const Origin& origin(std::size_t number) const noexcept { return all_[number % all_.size()]; }

 private:
  Upstreams(std::vector<Origin> all, Kind kind) noexcept : all_(std::move(all)), kind_(kind) {}
  std::vector<Origin> all_;
  Kind kind_;
  mutable std::atomic<std::size_t> next_{0};
};

/// Whether any of the URLs is one with TLS.
bool any_with_tls(std::span<const std::string> urls) noexcept;

}  // namespace handfast::proxy
