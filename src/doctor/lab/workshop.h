// Where the lab's certificates are made: an authority for minutes, what stands below it, and some that nobody trusts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/credential.h>
#include <handfast/error.h>
#include <handfast/random.h>

#include "authority/mint.h"
#include "authority/mint_ocsp.h"

namespace handfast::doctor::lab {

inline constexpr std::int64_t hour = 3600;
inline constexpr std::int64_t day = 24 * hour;

/// tlsFeature with status_request, "must staple" (RFC 7633).
authority::RawExtension must_staple();

/// A chain that is to be made. As `Workshop::plan` gives it, it is a good one; a scenario spoils it.
struct Plan {
  authority::CertificateOptions leaf;
  const authority::Identity* issuer = nullptr;
  std::vector<x509::Certificate> behind;  ///< what is sent behind the leaf, in that order
};

/// A chain that was made, with its key.
struct Made {
  x509::Certificate leaf;
  std::vector<Buffer> chain;  ///< DER, leaf first
  std::shared_ptr<const LocalKey> key;

  std::string chain_pem() const;
};

/// All authorities of one run of the lab. Whoever trusts the root trusts what is below it, and nothing else here.
class Workshop {
 public:
  /// `now`: seconds since 1970. `issuer_url`: where the intermediate's certificate is to be had, in DER. Fails as the
  /// functions of authority/mint.h do.
  static Result<std::unique_ptr<Workshop>> open(std::int64_t now, std::string issuer_url, Random& random);

  /// For that host name: by the intermediate, which is sent with it, from an hour ago for a week.
  Plan plan(const std::string& host) const;

  Result<Made> make(const Plan& plan) const;
  /// The same for a key that is there already.
  Result<Made> make(const Plan& plan, const crypto::SigningKey& key) const;
  /// With the key of the leaf itself.
  Result<Made> make_self_signed(const authority::CertificateOptions& leaf) const;
  /// An authority below another.
  Result<authority::Identity> make_authority(const authority::CertificateOptions& options,
                                             const authority::Identity& issuer) const;

  /// What the plan's issuer says of a leaf, as a staple: from an hour ago for a day.
  Result<Buffer> staple(const Plan& plan, const x509::Certificate& leaf, x509::RevocationStatus status) const;
  /// The list of the intermediate, in DER, with these certificates on it.
  Result<Buffer> crl(const std::vector<x509::Certificate>& revoked) const;

  std::int64_t now() const noexcept { return now_; }
  Random& random() const noexcept { return *random_; }
  const authority::Identity& root() const noexcept { return root_; }                  ///< which clients trust
  const authority::Identity& intermediate() const noexcept { return intermediate_; }  ///< by the root
  const authority::Identity& sub() const noexcept { return sub_; }                    ///< by the intermediate
  const authority::Identity& stranger() const noexcept { return stranger_; }          ///< a root that nobody trusts
  const authority::Identity& impostor() const noexcept { return impostor_; }    ///< the root's name, and another key
  const authority::Identity& appliance() const noexcept { return appliance_; }  ///< of a box that intercepts
  /// authorityInfoAccess, saying where the intermediate's certificate is.
  const authority::RawExtension& issuer_location() const noexcept { return issuer_location_; }

 private:
  Workshop(std::int64_t now, Random& random, authority::Identity root, authority::Identity intermediate,
           authority::Identity sub, authority::Identity stranger, authority::Identity impostor,
           authority::Identity appliance, authority::RawExtension issuer_location)
      : now_(now),
        random_(&random),
        root_(std::move(root)),
        intermediate_(std::move(intermediate)),
        sub_(std::move(sub)),
        stranger_(std::move(stranger)),
        impostor_(std::move(impostor)),
        appliance_(std::move(appliance)),
        issuer_location_(std::move(issuer_location)) {}

  std::int64_t now_;
  Random* random_;
  authority::Identity root_, intermediate_, sub_, stranger_, impostor_, appliance_;
  authority::RawExtension issuer_location_;
};

}  // namespace handfast::doctor::lab
