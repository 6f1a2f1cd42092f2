// A set of servers' names: for which ones an anchor is trusted.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <handfast/error.h>

#include "x509/server_name.h"

namespace handfast::x509 {

class NameSet {
 public:
  /// At least one of: a host name; ".example.com" or "*.example.com", every name below; an IP address; a prefix of
  /// addresses ("192.0.2.0/24"), whose other bits are zero. Fails with internal_error, bad_config, evidence `option` =
  /// "trust_anchors", `problem`, `value`.
  static Result<NameSet> parse(std::span<const std::string> names);

  bool contains(const ServerName& name) const noexcept;
  /// In one canonical form, in order, none twice: ".example.com", "192.0.2.0/24", "nas.local".
  std::vector<std::string> texts() const;

  friend bool operator==(const NameSet&, const NameSet&) = default;

 private:
  struct Host {
    std::string name;
    friend auto operator<=>(const Host&, const Host&) = default;
  };
  struct Below {
    std::string domain;  ///< with the dot before it
    friend auto operator<=>(const Below&, const Below&) = default;
  };
  struct Prefix {
    Buffer address;
    std::size_t bits;
    friend auto operator<=>(const Prefix&, const Prefix&) = default;
  };
  using Entry = std::variant<Host, Below, Prefix>;

  static Result<Entry> parse_entry(std::string_view text);
  static bool holds(const Entry& entry, const ServerName& name) noexcept;
  static std::string text(const Entry& entry);

  std::vector<Entry> entries_;  ///< in order, none twice
};

}  // namespace handfast::x509
