// Cipher suites, groups and signature schemes that this build does not speak, and servers may: to ask for them, and to
// name what a server chose.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <handfast/types.h>

namespace handfast::doctor {

/// A suite of the registry and why nobody should want it.
struct OtherSuite {
  CipherSuite suite;
  std::string_view weakness;  ///< "no forward secrecy, CBC"
};
/// Suites of TLS 1.2 and below that servers still have and this build does not speak, the better ones first.
std::span<const OtherSuite> other_suites() noexcept;
/// The name in the registry, or the number.
std::string suite_name(CipherSuite suite);
/// What is wrong with it; empty for one that this build speaks, or does not know.
std::string_view weakness(CipherSuite suite) noexcept;

/// Groups that this build does not speak.
std::span<const NamedGroup> other_groups() noexcept;
std::string group_name(NamedGroup group);

/// Signature schemes that are broken or not spoken here, for the handshake.
std::span<const SignatureScheme> other_signature_schemes() noexcept;

}  // namespace handfast::doctor
