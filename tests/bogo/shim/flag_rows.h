// All flags of the runner, each with what is to be done about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <handfast/bytes.h>

#include "flags.h"

namespace handfast::bogo {

/// A switch or a value, kept in the flags or in the credential that was named last.
template <typename T>
using Flag = T Flags::*;
template <typename T>
using OfCredential = T CredentialFlags::*;

/// What is not there.
enum class Feature {
  quic,
  dtls,
  split_handshakes,
  next_protocol_negotiation,
  jdk11_workaround,
  renegotiation,
  ech,
  delegated_credentials,
  trust_anchor_groups,
  pake,
  psk_suites,
  alps,
  channel_id,
  certificate_compression,
  policies,
  peeking,
  server_padding,
  fuzzer,
};
/// In words, for the report.
std::string_view name(Feature feature);

/// Says nothing that matters here, or asks for what is always so; with or without a value.
enum class Ignored { alone, with_value };
enum class Special { new_credential, new_raw_public_key, new_psk_credential, total_renegotiations };

using Target =
    std::variant<Flag<bool>, Flag<int>, Flag<std::uint64_t>, Flag<std::string>, Flag<Buffer>, Flag<std::vector<int>>,
                 Flag<std::optional<int>>, Flag<std::optional<Buffer>>, OfCredential<std::string>, OfCredential<Buffer>,
                 OfCredential<bool>, OfCredential<std::vector<int>>, Ignored, Special, Feature>;

/// What a flag is for, without the prefix that says on which connection; nullptr where nobody knows it.
const Target* find_flag(std::string_view flag);

}  // namespace handfast::bogo
