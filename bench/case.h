// The handshakes that are measured, and the two sides of one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/session.h>
#include <handfast/types.h>

#include "crypto/algorithm.h"

namespace handfast::bench {

/// A full handshake, no ticket, a chain of leaf and intermediate that the client verifies against its root; or one that
/// resumes the session of such a handshake, which went before. Every certificate of the chain has a key of that type.
/// The suite, of AES_128_GCM_SHA256, says the version.
struct Case {
  std::string_view name;
  CipherSuite suite;
  crypto::KeyType key;
  NamedGroup group;
  Resumption resumption = Resumption::none;
};

ProtocolVersion version(const Case& which) noexcept;
/// What the client offers: in TLS 1.2 the groups stand for the curves of certificates as well (RFC 8422, section 5.1);
/// beside X25519MLKEM768, X25519, with a share of each, as clients do by default.
std::vector<NamedGroup> client_groups(const Case& which);
/// Whether libssl and the bare cryptography can do the same: OpenSSL 3.0 has no ML-KEM.
bool has_rivals(const Case& which) noexcept;

std::span<const Case> cases() noexcept;
/// Throws std::invalid_argument, naming those that there are.
const Case& find_case(std::string_view name);

inline constexpr std::string_view server_name = "example.com";

}  // namespace handfast::bench
