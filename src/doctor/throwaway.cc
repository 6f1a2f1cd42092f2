#include "doctor/throwaway.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/secret.h"
#include "x509/pem.h"

namespace handfast::doctor {
namespace {

constexpr std::int64_t hour = 3600;
constexpr std::int64_t day = 24 * hour;

}  // namespace

Result<ThrowAwayAuthority> ThrowAwayAuthority::make(std::int64_t now, Random& random) {
  // A name of its own: one that trusts yesterday's authority is told that it does not know today's.
  std::array<std::uint8_t, 4> number;
  random.fill(number);
  const std::string name = fmt::format("Handfast throw-away CA {:02x}", fmt::join(number, ""));
  auto identity =
      authority::make_ca(authority::ca_options(name, now - 400 * day, now + 30 * day), crypto::KeyType::p256, random);
  if (!identity) return fail(std::move(identity.error()));
  std::string pem = x509::encode_pem("CERTIFICATE", identity->certificate.der());
  return ThrowAwayAuthority(std::move(*identity), std::move(pem), now, random);
}

Result<PemPair> ThrowAwayAuthority::issue(std::string common_name, std::vector<std::string> names,
                                          std::chrono::seconds lifetime) const {
  const std::int64_t end = now_ + lifetime.count();
  authority::CertificateOptions options =
      authority::leaf_options(std::move(names), std::min(now_, end) - (end < now_ ? 90 * day : hour), end);
  options.common_name = std::move(common_name);
  auto leaf =
      authority::make_identity(options, crypto::KeyType::p256, {identity_.certificate, identity_.key}, *random_);
  if (!leaf) return fail(std::move(leaf.error()));
  auto key = leaf->key.to_der();
  if (!key) return fail(std::move(key.error()));
  PemPair pair{x509::encode_pem("CERTIFICATE", leaf->certificate.der()), x509::encode_pem("PRIVATE KEY", *key)};
  base::wipe(key->data(), key->size());
  return pair;
}

Result<std::shared_ptr<const Credential>> ThrowAwayAuthority::issue_credential(std::string common_name,
                                                                               std::vector<std::string> names,
                                                                               std::chrono::seconds lifetime) const {
  auto pair = issue(std::move(common_name), std::move(names), lifetime);
  if (!pair) return fail(std::move(pair.error()));
  return Credential::from_pem(pair->chain, pair->key);
}

}  // namespace handfast::doctor
