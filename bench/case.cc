// The handshakes that are measured.
#include "case.h"

#include <array>
#include <stdexcept>

#include <fmt/format.h>

namespace handfast::bench {
namespace {

constexpr std::array all{
    Case{"tls13-full-p256-x25519", crypto::KeyType::p256, NamedGroup::x25519},
    Case{"tls13-full-p256-secp256r1", crypto::KeyType::p256, NamedGroup::secp256r1},
    Case{"tls13-full-rsa2048-x25519", crypto::KeyType::rsa, NamedGroup::x25519},
};

}  // namespace

std::span<const Case> cases() noexcept { return all; }

const Case& find_case(std::string_view name) {
  std::string known;
  for (const Case& candidate : all) {
    if (candidate.name == name) return candidate;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", candidate.name);
  }
  throw std::invalid_argument(fmt::format("no case is called {}; there are {}", name, known));
}

}  // namespace handfast::bench
