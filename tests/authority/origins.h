// Origins of all kinds, an authority, and a clock: what minting is tested with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <handfast/clock.h>

#include "authority/leaf.h"
#include "authority/verdict.h"
#include "support/random.h"
#include "support/temporary_folder.h"
#include "x509/der_writer.h"

namespace handfast::test {

inline constexpr std::int64_t day = 86400;
inline constexpr std::int64_t now = 1'790'000'000;

class SetClock : public Clock {
 public:
  std::int64_t now() override { return seconds; }
  std::uint64_t monotonic() override { return nanoseconds; }
  std::int64_t seconds = test::now;
  std::uint64_t nanoseconds = 1'000'000'000;
};

/// Somebody's public authority, which the proxy trusts.
class Web {
 public:
  Web()
      : root_(authority::make_ca(authority::ca_options("Web root", now - 1000 * day, now + 1000 * day),
                                 crypto::KeyType::p256, system_random())
                  .value()) {
    const Bytes anchor = root_.certificate.der();
    policy.anchors = TrustAnchors::from_der({&anchor, 1}).value();
  }

  static authority::CertificateOptions options(std::vector<std::string> names) {
    return authority::leaf_options(std::move(names), now - 10 * day, now + 80 * day);
  }
  x509::Certificate issue(const authority::CertificateOptions& options) const {
    return authority::issue(options, key(), {root_.certificate, root_.key}, system_random()).value();
  }
  x509::Certificate issue_for(std::vector<std::string> names) const { return issue(options(std::move(names))); }
  /// With a subjectAltName of any content.
  x509::Certificate issue_odd(const Buffer& general_names) const {
    authority::CertificateOptions odd = options({});
    odd.common_name = "odd";
    Buffer value;
    x509::der::Writer(value).element(x509::der::Tag::sequence, general_names);
    odd.extensions.push_back({"2.5.29.17", false, std::move(value)});
    return issue(odd);
  }

  authority::Verdict judge(const x509::Certificate& leaf, const std::string& name) const {
    const std::vector<Buffer> chain = {Buffer(leaf.der().begin(), leaf.der().end())};
    return authority::judge_origin(chain, x509::ServerName::parse(name).value(), {}, policy, now);
  }

  static const crypto::SigningKey& key() {
    static const crypto::SigningKey one = crypto::SigningKey::generate(crypto::KeyType::p256).value();
    return one;
  }
  authority::OriginPolicy policy;

 private:
  authority::Identity root_;
};

/// A dNSName, whatever is in it.
inline Buffer dns_name(std::string_view name) {
  Buffer out;
  x509::der::Writer(out).text(x509::der::context(2), name);
  return out;
}

inline authority::LocalAuthority::Shared new_authority(const TemporaryFolder& folder) {
  return authority::LocalAuthority::open(folder.folder() / "ca", now, system_random()).value();
}

}  // namespace handfast::test
