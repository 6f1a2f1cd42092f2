// A certificate authority for minutes: made in memory, trusted by nobody who was not handed its certificate.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <handfast/config.h>
#include <handfast/error.h>
#include <handfast/random.h>
#include <handfast/trust.h>

#include "authority/mint.h"

namespace handfast::doctor {

/// A certificate and its private key, both in PEM.
struct PemPair {
  std::string chain;
  std::string key;
};

class ThrowAwayAuthority {
 public:
  /// `now`: seconds since 1970. Fails as authority::make_ca does.
  static Result<ThrowAwayAuthority> make(std::int64_t now, Random& random);

  /// Its own certificate in PEM.
  const std::string& certificate_pem() const noexcept { return pem_; }
  Result<TrustAnchors::Shared> anchors() const { return TrustAnchors::from_pem(pem_); }

  /// A certificate for host names and addresses, valid from an hour ago for `lifetime`, which may be negative: then it
  /// has expired that long ago. With `common_name` as its subject.
  Result<PemPair> issue(std::string common_name, std::vector<std::string> names, std::chrono::seconds lifetime) const;
  /// The same, to be shown by a server or a client of ours.
  Result<std::shared_ptr<const Credential>> issue_credential(std::string common_name, std::vector<std::string> names,
                                                             std::chrono::seconds lifetime) const;

 private:
  ThrowAwayAuthority(authority::Identity identity, std::string pem, std::int64_t now, Random& random)
      : identity_(std::move(identity)), pem_(std::move(pem)), now_(now), random_(&random) {}
  authority::Identity identity_;
  std::string pem_;
  std::int64_t now_;
  Random* random_;
};

}  // namespace handfast::doctor
