// Versions, suites and groups, as people write them.
#include "config/tls_words.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace handfast::config {
namespace {

std::unexpected<Error> bad_option(std::string_view option, std::string problem) {
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
      return bad_option(option, fmt::format("\"{}\" is none that this build has: {}", item, fmt::join(names, ", ")));
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
    case CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA: return "AES128-SHA";
    case CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA: return "AES256-SHA";
    case CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256: return "AES128-SHA256";
    case CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256: return "AES256-SHA256";
    case CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256: return "AES128-GCM-SHA256";
    case CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384: return "AES256-GCM-SHA384";
    case CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: return "ECDHE-ECDSA-AES128-SHA";
    case CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: return "ECDHE-ECDSA-AES256-SHA";
    case CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: return "ECDHE-ECDSA-AES128-SHA256";
    case CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384: return "ECDHE-ECDSA-AES256-SHA384";
    case CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: return "ECDHE-RSA-AES128-SHA";
    case CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: return "ECDHE-RSA-AES256-SHA";
    case CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: return "ECDHE-RSA-AES128-SHA256";
    case CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384: return "ECDHE-RSA-AES256-SHA384";
    default: return {};
  }
}

Result<std::vector<CipherSuite>> parse_cipher_suite(std::string_view option, std::string_view text) {
  return parse_values<CipherSuite>(option, text, every_cipher_suite(), [](CipherSuite suite) {
    std::vector<std::string> out = {name(suite), name(suite).substr(4)};
    if (const std::string_view other = openssl_name(suite); !other.empty()) out.emplace_back(other);
    return out;
  });
}

/// "1.2" and so on; nothing else.
Result<ProtocolVersion> parse_version(std::string_view option, std::string_view text) {
  using enum ProtocolVersion;
  for (const ProtocolVersion version : {tls1_0, tls1_1, tls1_2, tls1_3})
    if (name(version).substr(4) == text) return version;
  return bad_option(option, fmt::format("\"{}\" is no version: 1.0, 1.1, 1.2, 1.3 or a range such as 1.2..1.3", text));
}

}  // namespace

Result<VersionRange> parse_versions(std::string_view option, std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    auto version = parse_version(option, text);
    if (!version) return fail(std::move(version.error()));
    return VersionRange{*version, *version};
  }
  const std::string_view low = text.substr(0, dots), high = text.substr(dots + 2);
  if (low.empty() && high.empty()) return bad_option(option, "the range has no end at all");
  auto highest = high.empty() ? Result<ProtocolVersion>(ProtocolVersion::tls1_3) : parse_version(option, high);
  if (!highest) return fail(std::move(highest.error()));
  auto lowest = low.empty() ? std::min(ProtocolVersion::tls1_2, *highest) : parse_version(option, low);
  if (!lowest) return fail(std::move(lowest.error()));
  if (*lowest > *highest) return bad_option(option, fmt::format("the range {} is the wrong way round", text));
  return VersionRange{*lowest, *highest};
}

Result<std::vector<CipherSuite>> parse_cipher_suites(std::string_view option, std::string_view text) {
  std::string with_commas(text);
  std::ranges::replace(with_commas, ':', ',');
  auto items = parse_list(option, with_commas);
  if (!items) return fail(std::move(items.error()));
  std::vector<CipherSuite> out;
  for (const std::string& item : *items) {
    auto suites = lower(item) == "default" ? Result<std::vector<CipherSuite>>(supported_cipher_suites())
                                           : parse_cipher_suite(option, item);
    if (!suites) return fail(std::move(suites.error()));
    out.insert(out.end(), suites->begin(), suites->end());
  }
  return out;
}

Result<std::vector<NamedGroup>> parse_groups(std::string_view option, std::string_view text) {
  return parse_values<NamedGroup>(option, text, supported_groups(), [](NamedGroup group) {
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
    if (comma == 0) return bad_option(option, "an item of the list is empty");
    out.emplace_back(text.substr(0, comma));
    if (comma == text.size()) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace handfast::config
