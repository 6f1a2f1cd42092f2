#include "cli/tls_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <functional>
#include <utility>

namespace handfast::cli {
namespace {

std::unexpected<Error> bad_flag(std::string_view option, std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", std::string(option))
                  .with("problem", std::move(problem)));
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// The values that a list names, each one of `known` by one of the spellings that `spellings` gives for it.
template <typename Value>
Result<std::vector<Value>> parse_values(std::string_view option, std::string_view text, const std::vector<Value>& known,
                                        const std::function<std::vector<std::string>(Value)>& spellings) {
  auto items = parse_list(option, text);
  if (!items) return fail(std::move(items.error()));
  std::vector<Value> out;
  for (const std::string& item : *items) {
    const auto fits = [&](Value value) {
      const std::vector<std::string> all = spellings(value);
      return std::any_of(all.begin(), all.end(), [&](const std::string& one) { return lower(one) == lower(item); });
    };
    const auto found = std::find_if(known.begin(), known.end(), fits);
    if (found == known.end()) {
      std::vector<std::string> names;
      names.reserve(known.size());
      for (Value value : known) names.push_back(name(value));
      return bad_flag(option, fmt::format("\"{}\" is none that this build has: {}", item, fmt::join(names, ", ")));
    }
    out.push_back(*found);
  }
  return out;
}

/// What OpenSSL calls a suite of TLS 1.2, and what people paste; empty where it has the registered name.
std::string_view openssl_name(CipherSuite suite) noexcept {
  switch (suite) {
    case CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: return "ECDHE-ECDSA-AES128-GCM-SHA256";
    case CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: return "ECDHE-ECDSA-AES256-GCM-SHA384";
    case CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: return "ECDHE-ECDSA-CHACHA20-POLY1305";
    case CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: return "ECDHE-RSA-AES128-GCM-SHA256";
    case CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: return "ECDHE-RSA-AES256-GCM-SHA384";
    case CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: return "ECDHE-RSA-CHACHA20-POLY1305";
    default: return {};
  }
}

/// "1.2" and so on; nothing else.
Result<ProtocolVersion> parse_version(std::string_view text) {
  using enum ProtocolVersion;
  for (const ProtocolVersion version : {tls1_0, tls1_1, tls1_2, tls1_3})
    if (name(version).substr(4) == text) return version;
  return bad_flag("--tls", fmt::format("\"{}\" is no version: 1.0, 1.1, 1.2, 1.3 or a range such as 1.2..1.3", text));
}

}  // namespace

void add_tls_flags(CLI::App& command, TlsFlags& flags) {
  command
      .add_option("--tls", flags.versions,
                  "Versions: 1.2, 1.3, or a range, 1.2..1.3 (the default). The highest that both sides have is spoken")
      ->type_name("LO..HI");
  command
      .add_option(
          "--suites", flags.cipher_suites,
          "Cipher suites, in order of preference, by their registered names or OpenSSL's. A version that none of "
          "them belongs to is not spoken")
      ->type_name("A,B,...");
  command.add_option("--groups", flags.groups, "Groups of the key exchange, in order of preference")
      ->type_name("A,B,...");
  command.add_option("--alpn", flags.application_protocols, "Application protocols, in order of preference")
      ->type_name("A,B,...");
  command.add_flag("--require-ems", flags.require_extended_master_secret,
                   "Refuse a TLS 1.2 without the extended master secret (RFC 7627), which binds the secrets to the "
                   "handshake and its certificates");
  command
      .add_option("--keylog", flags.key_log,
                  "Append the connection's secrets to FILE, for Wireshark (else SSLKEYLOGFILE)")
      ->type_name("FILE");
}

Result<> apply(const TlsFlags& flags, CommonOptions& options) {
  if (flags.versions) {
    auto range = parse_versions(*flags.versions);
    if (!range) return fail(std::move(range.error()));
    options.min_version = range->lowest;
    options.max_version = range->highest;
  }
  if (flags.cipher_suites) {
    auto suites = parse_cipher_suites(*flags.cipher_suites);
    if (!suites) return fail(std::move(suites.error()));
    options.cipher_suites = std::move(*suites);
  }
  if (flags.groups) {
    auto groups = parse_groups(*flags.groups);
    if (!groups) return fail(std::move(groups.error()));
    options.groups = std::move(*groups);
  }
  if (flags.application_protocols) {
    auto protocols = parse_list("--alpn", *flags.application_protocols);
    if (!protocols) return fail(std::move(protocols.error()));
    options.application_protocols = std::move(*protocols);
  }
  options.require_extended_master_secret = flags.require_extended_master_secret;
  const char* environment = std::getenv("SSLKEYLOGFILE");
  const std::string key_log = flags.key_log.value_or(environment != nullptr ? environment : "");
  if (flags.key_log || !key_log.empty()) {
    auto log = key_log_file(key_log);
    if (!log) return fail(std::move(log.error()));
    options.key_log = std::move(*log);
  }
  return {};
}

Error of_flag(std::string_view flag, const Error& error) {
  Error out = Error(error.alert(), error.reason()).with("option", std::string(flag));
  for (const Fact& fact : error.evidence())
    if (fact.name != "option") out = std::move(out).with(fact.name, fact.value);
  return out;
}

Error of_key(const Error& error) {
  const Fact::Value* key = error.find("option");
  return key != nullptr ? of_flag("--" + to_text(*key), error) : error;
}

Result<VersionRange> parse_versions(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    auto version = parse_version(text);
    if (!version) return fail(std::move(version.error()));
    return VersionRange{*version, *version};
  }
  const std::string_view low = text.substr(0, dots), high = text.substr(dots + 2);
  if (low.empty() && high.empty()) return bad_flag("--tls", "the range has no end at all");
  auto highest = high.empty() ? Result<ProtocolVersion>(ProtocolVersion::tls1_3) : parse_version(high);
  if (!highest) return fail(std::move(highest.error()));
  auto lowest = low.empty() ? std::min(ProtocolVersion::tls1_2, *highest) : parse_version(low);
  if (!lowest) return fail(std::move(lowest.error()));
  if (*lowest > *highest) return bad_flag("--tls", fmt::format("the range {} is the wrong way round", text));
  return VersionRange{*lowest, *highest};
}

Result<std::vector<CipherSuite>> parse_cipher_suites(std::string_view text) {
  std::string with_commas(text);
  std::ranges::replace(with_commas, ':', ',');
  return parse_values<CipherSuite>("--suites", with_commas, supported_cipher_suites(), [](CipherSuite suite) {
    std::vector<std::string> out = {name(suite), name(suite).substr(4)};
    if (const std::string_view other = openssl_name(suite); !other.empty()) out.emplace_back(other);
    return out;
  });
}

Result<std::vector<NamedGroup>> parse_groups(std::string_view text) {
  return parse_values<NamedGroup>("--groups", text, supported_groups(), [](NamedGroup group) {
    std::vector<std::string> out = {name(group)};
    if (group == NamedGroup::secp256r1) out.insert(out.end(), {"P-256", "prime256v1"});
    if (group == NamedGroup::secp384r1) out.emplace_back("P-384");
    if (group == NamedGroup::secp521r1) out.emplace_back("P-521");
    return out;
  });
}

Result<std::vector<std::string>> parse_list(std::string_view option, std::string_view text) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma == 0) return bad_flag(option, "an item of the list is empty");
    out.emplace_back(text.substr(0, comma));
    if (comma == text.size()) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace handfast::cli
