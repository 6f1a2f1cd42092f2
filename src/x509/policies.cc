#include "x509/policies.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "x509/der.h"
#include "x509/name.h"
#include "x509/oid.h"

namespace handfast::x509 {
namespace {

struct Before {
  bool operator()(Bytes a, Bytes b) const noexcept { return std::ranges::lexicographical_compare(a, b); }
};

/// The lowest row of the graph of RFC 9618, section 5: each policy that the next certificate may assert, and whether it
/// comes from one that the user accepts. No row above it matters any more: a policy has descendants or is gone.
using Policies = std::map<Bytes, bool, Before>;

void add(Policies& policies, Bytes policy, bool accepted) { policies[policy] |= accepted; }

struct Mapping {
  Bytes issuer_domain;
  Bytes subject_domain;
};

Mapping next_mapping(der::Reader& mappings) noexcept {
  der::Reader pair = mappings.enter(der::Tag::sequence);
  return {pair.object_identifier(), pair.object_identifier()};
}

class Processing {
 public:
  /// `length` counts the certificates below the anchor: each counter begins beyond it, which is never reached.
  Processing(const PolicySettings& settings, std::size_t length)
      : user_set_(settings.user_initial_policy_set),
        explicit_policy_(settings.initial_explicit_policy ? 0 : length + 1),
        policy_mapping_(settings.initial_policy_mapping_inhibit ? 0 : length + 1),
        inhibit_any_policy_(settings.initial_any_policy_inhibit ? 0 : length + 1),
        policies_{{oid::anyPolicy, true}} {}

  /// Section 6.1.3 (d) and (e): what the certificate asserts of what was expected.
  void assert_policies(const CertificateView& certificate, bool any_policy_counts) {
    Policies asserted;
    bool any_policy = false;
    der::Reader list(certificate.certificate_policies.value_or(Bytes{}));
    while (!list.empty()) {
      Bytes policy = list.enter(der::Tag::sequence).object_identifier();
      if (oid::equal(policy, oid::anyPolicy))
        any_policy = true;
      else if (std::optional<bool> accepted = acceptance(policy))
        add(asserted, policy, *accepted);
    }
    if (any_policy && any_policy_counts) asserted.insert(policies_.begin(), policies_.end());
    policies_ = std::move(asserted);
  }

  /// Section 6.1.4 (b): the next certificate speaks of the subject's policies, in place of the issuer's.
  void map_policies(const CertificateView& certificate) {
    if (!certificate.policy_mappings) return;
    Policies mapped;
    for (der::Reader mappings(*certificate.policy_mappings); !mappings.empty();) {
      Mapping mapping = next_mapping(mappings);
      std::optional<bool> accepted = acceptance(mapping.issuer_domain);
      if (accepted && policy_mapping_ > 0) add(mapped, mapping.subject_domain, *accepted);
    }
    for (der::Reader mappings(*certificate.policy_mappings); !mappings.empty();)
      policies_.erase(next_mapping(mappings).issuer_domain);
    for (const auto& [policy, accepted] : mapped) add(policies_, policy, accepted);
  }

  /// Section 6.1.4 (h).
  void count_down() noexcept {
    for (std::size_t* counter : {&explicit_policy_, &policy_mapping_, &inhibit_any_policy_})
      if (*counter > 0) --*counter;
  }

  /// Section 6.1.4 (i) and (j).
  void constrain(const CertificateView& certificate) noexcept {
    auto lower = [](std::size_t& counter, std::optional<std::uint32_t> limit) {
      if (limit) counter = std::min<std::size_t>(counter, *limit);
    };
    if (certificate.policy_constraints) {
      lower(explicit_policy_, certificate.policy_constraints->require_explicit_policy);
      lower(policy_mapping_, certificate.policy_constraints->inhibit_policy_mapping);
    }
    lower(inhibit_any_policy_, certificate.inhibit_any_policy);
  }

  /// Section 6.1.5 (a) and (b).
  void wrap_up(const CertificateView& leaf) noexcept {
    if (explicit_policy_ > 0) --explicit_policy_;
    if (leaf.policy_constraints && leaf.policy_constraints->require_explicit_policy == 0u) explicit_policy_ = 0;
  }

  bool allows_any_policy() const noexcept { return inhibit_any_policy_ > 0; }
  /// Section 6.1.3 (f).
  bool has_policy() const noexcept { return explicit_policy_ > 0 || !policies_.empty(); }
  /// Section 6.1.5 (g).
  bool has_acceptable_policy() const noexcept {
    return explicit_policy_ > 0 || std::ranges::any_of(policies_, [](const auto& policy) { return policy.second; });
  }

 private:
  /// Whether the user accepts a policy in its place; nothing where it is not expected. Under anyPolicy it stands for
  /// itself, else for what it descends from.
  std::optional<bool> acceptance(Bytes policy) const {
    if (auto expected = policies_.find(policy); expected != policies_.end()) return expected->second;
    if (!policies_.contains(oid::anyPolicy)) return {};
    return user_set_.empty() || std::ranges::any_of(user_set_, [&](Bytes wanted) {
             return oid::equal(wanted, policy) || oid::equal(wanted, oid::anyPolicy);
           });
  }

  std::span<const Bytes> user_set_;
  std::size_t explicit_policy_;
  std::size_t policy_mapping_;
  std::size_t inhibit_any_policy_;
  Policies policies_;
};

/// Without a demand for an explicit policy every path is good (section 6.1.5).
bool is_policy_asked_for(std::span<const Certificate* const> path, const PolicySettings& settings) noexcept {
  return settings.initial_explicit_policy || std::ranges::any_of(path, [](const Certificate* certificate) {
           const std::optional<PolicyConstraints>& constraints = (*certificate)->policy_constraints;
           return constraints && constraints->require_explicit_policy;
         });
}

}  // namespace

Result<void> check_policies(std::span<const Certificate* const> path, const PolicySettings& settings) {
  if (path.size() < 2 || !is_policy_asked_for(path, settings)) return {};
  auto ends_all = [](const CertificateView& certificate) {
    return fail(
        Error(Alert::bad_certificate, Reason::no_acceptable_policy).with("subject", name_text(certificate.subject)));
  };
  Processing processing(settings, path.size() - 1);
  processing.constrain(**path.back());
  for (std::size_t i = path.size() - 1; i-- > 0;) {
    const CertificateView& certificate = **path[i];
    bool is_leaf = i == 0;
    bool exempt = !is_leaf && certificate.self_issued();
    processing.assert_policies(certificate, exempt || processing.allows_any_policy());
    if (!processing.has_policy()) return ends_all(certificate);
    if (is_leaf) break;
    processing.map_policies(certificate);
    if (!exempt) processing.count_down();
    processing.constrain(certificate);
  }
  processing.wrap_up(**path.front());
  if (!processing.has_acceptable_policy()) return ends_all(**path.front());
  return {};
}

}  // namespace handfast::x509
