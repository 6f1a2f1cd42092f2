// Where a ClientHello leads: routes by the name that it asks for (SNI) and the protocols that it offers (ALPN).
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/error.h>

#include "net/address.h"
#include "proxy/hello_reader.h"

namespace handfast::proxy {

/// Some addresses, each connection with the next of them.
class Targets {
 public:
  /// "127.0.0.1:9443,127.0.0.1:9444". Fails with bad_config, evidence `option`, `problem`, `value`, `remedy`.
  static Result<std::unique_ptr<const Targets>> make(std::string_view option, std::string_view text);

  /// All of them, in the order in which one connection tries them. Thread-safe.
  std::vector<net::HostPort> in_turn() const;

 private:
  std::vector<net::HostPort> all_;
  mutable std::atomic<std::size_t> next_{0};
};

class Routes {
 public:
  /// Each CONDITION[,CONDITION...]=ADDRESS[,ADDRESS...]. A condition is
  ///
  ///   shop.example       the name in SNI
  ///   *.shop.example     a name below it, at any depth; .shop.example is the same
  ///   *                  any name, or none
  ///   alpn:h2            a protocol that is offered
  ///
  /// One of the names has to fit, where there are any, and one of the protocols, where there are any. Of several routes
  /// that fit the one with the most exact name counts (itself, then the longest domain that it is below), and of these
  /// one with a protocol before one without; the order in which they are written is of no meaning. `fallback`, of
  /// addresses alone and empty for none, is for what no route fits.
  ///
  /// Fails with bad_config, evidence `option` ("route" or "default"), `problem`, `value`, `remedy`: so where two routes
  /// are for the same.
  static Result<Routes> make(std::span<const std::string> routes, std::string_view fallback);

  /// Null: there is none. `reader` is done.
  const Targets* find(const HelloReader& reader) const noexcept;

 private:
  struct Route {
    std::vector<std::string> names;      ///< canonical; ".shop.example": those below; "*": any
    std::vector<std::string> protocols;  ///< none: any
    std::unique_ptr<const Targets> targets;
  };
  static Result<Route> parse(std::string_view text);

  std::vector<Route> routes_;
  std::unique_ptr<const Targets> fallback_;
};

}  // namespace handfast::proxy
