// The handshakes that are measured.
#include "case.h"

#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "crypto/cipher_suite.h"

namespace handfast::bench {
namespace {

using enum CipherSuite;

constexpr std::array all{
    Case{"tls13-full-p256-x25519", TLS_AES_128_GCM_SHA256, crypto::KeyType::p256, NamedGroup::x25519},
    Case{"tls13-full-p256-secp256r1", TLS_AES_128_GCM_SHA256, crypto::KeyType::p256, NamedGroup::secp256r1},
    Case{"tls13-x25519mlkem768", TLS_AES_128_GCM_SHA256, crypto::KeyType::p256, NamedGroup::X25519MLKEM768},
    Case{"tls13-full-rsa2048-x25519", TLS_AES_128_GCM_SHA256, crypto::KeyType::rsa, NamedGroup::x25519},
    Case{"tls12-full-p256-x25519", TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, crypto::KeyType::p256, NamedGroup::x25519},
    Case{"tls12-full-rsa2048-x25519", TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, crypto::KeyType::rsa, NamedGroup::x25519},
    Case{"tls13-psk-dhe", TLS_AES_128_GCM_SHA256, crypto::KeyType::p256, NamedGroup::x25519, Resumption::psk},
    Case{"tls12-session-id", TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, crypto::KeyType::p256, NamedGroup::x25519,
         Resumption::session_id},
    Case{"tls12-ticket", TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, crypto::KeyType::p256, NamedGroup::x25519,
         Resumption::ticket},
};

}  // namespace

ProtocolVersion version(const Case& which) noexcept { return crypto::find_suite(which.suite)->version; }

std::vector<NamedGroup> client_groups(const Case& which) {
  if (version(which) == ProtocolVersion::tls1_2 && which.key == crypto::KeyType::p256)
    return {which.group, NamedGroup::secp256r1};
  if (which.group == NamedGroup::X25519MLKEM768) return {which.group, NamedGroup::x25519};
  return {which.group};
}

bool has_rivals(const Case& which) noexcept { return which.group != NamedGroup::X25519MLKEM768; }

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
