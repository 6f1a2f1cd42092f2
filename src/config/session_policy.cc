#include "config/session_policy.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/copy.h"
#include "crypto/hash.h"
#include "crypto/key_exchange.h"
#include "crypto/signature.h"
#include "session/psk.h"
#include "x509/certificate.h"

namespace handfast::config {
namespace {

/// Hashes fields, each behind its length or in a fixed width, so that no two policies have the same input.
class PolicyHash {
 public:
  explicit PolicyHash(std::string_view kind) { text(kind); }

  void number(std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> 8 * i);
    hash_.update(bytes);
  }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void number(Enum value) {
    number(static_cast<std::uint64_t>(value));
  }
  void bytes(Bytes content) {
    number(content.size());
    hash_.update(content);
  }
  void text(std::string_view content) { bytes(as_bytes(content)); }
  template <typename List>
  void list(const List& items) {
    number(items.size());
    for (const auto& item : items) {
      if constexpr (std::is_enum_v<std::decay_t<decltype(item)>>)
        number(item);
      else
        text(item);
    }
  }
  /// Rules outside: by their name, or, where they have none, as something that is found nowhere else.
  template <typename Rules>
  void rules(const Rules* outside, Random& random) {
    number(outside ? std::uint64_t{1} : std::uint64_t{0});
    if (!outside) return;
    const std::string name = outside->policy_name();
    std::array<std::uint8_t, 32> unique{};
    if (name.empty()) random.fill(unique);
    text(name);
    bytes(unique);
  }
  void trust(const TrustAnchors* anchors) {
    number(anchors ? std::uint64_t{1} : std::uint64_t{0});
    if (anchors) bytes(anchors->digest());
  }
  // The lists themselves are no policy: a newer one is looked at when a session is resumed.
  void verification(const VerificationOptions& options) {
    number(options.profile);
    number(options.revocation);
    number(options.unverified_peer);
  }
  void common(const CommonOptions& options) {
    number(options.min_version);
    number(options.max_version);
    list(options.cipher_suites);
    // Early data, and in psk_ke all of it, is as safe as the group that the session's secret comes of: whoever takes
    // post-quantum groups alone resumes nothing that may have come of another.
    number(std::ranges::all_of(options.groups, crypto::is_post_quantum) ? std::uint64_t{1} : std::uint64_t{0});
    list(options.signature_schemes);
    list(options.certificate_schemes);
    list(options.application_protocols);
    number(options.require_extended_master_secret ? std::uint64_t{1} : std::uint64_t{0});
    number(options.kept_certificates);
    list(options.peer_certificate_types);
    number(options.trusted_raw_public_keys.size());
    for (const SpkiPin& key : options.trusted_raw_public_keys) bytes(key.sha256);
    // A session that came of a key from outside goes with the key.
    number(options.pre_shared_keys.size());
    for (const PreSharedKey::Shared& key : options.pre_shared_keys)
      for (const PreSharedKey::Parts& parts : key->parts()) {
        bytes(parts.identity);
        bytes(parts.early_secret.view());
      }
  }

  /// What they sign with by name only: a session goes to no peer that would not be signed to so now.
  void weak_schemes(const std::vector<std::shared_ptr<const Credential>>& credentials) {
    for (const auto& credential : credentials) {
      std::vector<SignatureScheme> weak;
      std::ranges::copy_if(credential->extras().signature_schemes, std::back_inserter(weak), crypto::by_name_only);
      list(weak);
    }
  }

  /// Which hosts a server is: a session goes to nobody who could not have served it in full. A certificate that is
  /// renewed for the same names changes nothing; a raw public key is all that its host is known by.
  void served(const ServerOptions& options) {
    number(options.strict_server_name ? std::uint64_t{1} : std::uint64_t{0});
    rules(options.credential_chooser.get(), *options.random);
    number(options.credentials.size());
    for (const auto& credential : options.credentials) {
      number(credential->certificate_type());
      if (credential->certificate_type() == CertificateType::RawPublicKey) {
        bytes(credential->raw_public_key());
        continue;
      }
      // It was parsed when the credential was made.
      const Result<x509::Certificate> leaf = x509::Certificate::parse(credential->chain().front());
      if (leaf) bytes((*leaf)->subject_alt_name.value_or((*leaf)->subject));
    }
    weak_schemes(options.credentials);
  }

  std::array<std::uint8_t, 32> finish() {
    const crypto::Digest digest = hash_.digest();
    std::array<std::uint8_t, 32> policy{};
    base::copy(digest.view(), policy);
    return policy;
  }

 private:
  crypto::Hash hash_{crypto::HashAlgorithm::sha256};
};

}  // namespace

std::array<std::uint8_t, 32> session_policy(const ClientOptions& options) {
  PolicyHash policy("handfast client policy 1");
  policy.common(options);
  policy.trust(options.trust.get());
  policy.verification(options.verification);
  policy.number(options.require_pre_shared_key ? std::uint64_t{1} : std::uint64_t{0});
  policy.rules(options.verifier.get(), *options.random);
  policy.rules(options.credential_chooser.get(), *options.random);
  policy.number(options.credentials.size());
  for (const auto& credential : options.credentials) policy.bytes(credential->shown().front());
  policy.weak_schemes(options.credentials);
  policy.list(options.client_certificate_types);
  policy.text(options.sessions.context);
  return policy.finish();
}

std::array<std::uint8_t, 32> session_policy(const ServerOptions& options) {
  PolicyHash policy("handfast server policy 1");
  policy.common(options);
  policy.number(options.require_application_protocol ? std::uint64_t{1} : std::uint64_t{0});
  policy.number(options.client_auth);
  policy.trust(options.client_trust.get());
  policy.verification(options.client_verification);
  policy.rules(options.client_verifier.get(), *options.random);
  policy.served(options);
  policy.number(options.sessions.across_names ? std::uint64_t{1} : std::uint64_t{0});
  policy.text(options.sessions.context);
  return policy.finish();
}

}  // namespace handfast::config
