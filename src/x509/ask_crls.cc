#include "x509/ask_crls.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "x509/crl_signers.h"
#include "x509/distribution_point.h"
#include "x509/name.h"
#include "x509/revocation_lists.h"

namespace handfast::x509 {
namespace {

/// Why a list does not help, in the order of how close it came.
enum class Problem : std::uint8_t {
  no_list,
  out_of_scope,
  no_base,
  unknown_critical,
  not_yet_valid,
  not_signed,
  no_next_update,
  outdated,
  some_reasons_only,
};

std::string_view describe(Problem problem) noexcept {
  switch (problem) {
    case Problem::no_list: return "there is no list of its issuer";
    case Problem::out_of_scope: return "the lists of its issuer do not cover it";
    case Problem::no_base: return "there is a delta CRL, and no complete one";
    case Problem::unknown_critical: return "the list has a critical extension that is not processed";
    case Problem::not_yet_valid: return "the list is not valid yet";
    case Problem::not_signed: return "no acceptable key is known to have signed the list";
    case Problem::no_next_update: return "the list does not say until when it is valid";
    case Problem::outdated: return "the list is outdated";
    case Problem::some_reasons_only: return "the lists do not cover every reason";
  }
  return "unknown";
}

std::unexpected<Error> too_complex(std::string limit) {
  return fail(Error(Alert::unknown_ca, Reason::path_too_complex).with("limit", std::move(limit)));
}

bool is_current(const CrlView& list, std::int64_t now) noexcept {
  return list.this_update <= now && list.next_update && now <= *list.next_update;
}

bool revokes(const CrlEntry& entry) noexcept { return entry.reason != CRLReason::removeFromCRL; }

bool is_newer(const CrlView& one, const CrlView& other) noexcept {
  if (one.this_update != other.this_update) return one.this_update > other.this_update;
  return is_lower_number(other.crl_number, one.crl_number);
}

/// Whether the delta is one to that complete list (RFC 5280, sections 5.2.4 and 6.3.3 (c)).
bool updates(const CrlView& delta, const CrlView& base) noexcept {
  const auto scope = [](const CrlView& list) {
    return list.issuing_distribution_point ? list.issuing_distribution_point->der : Bytes{};
  };
  return delta.delta_crl_indicator && !base.crl_number.empty() && equal_names(delta.issuer, base.issuer) &&
         std::ranges::equal(scope(delta), scope(base)) &&
         std::ranges::equal(delta.authority_key_identifier.value_or(Bytes{}),
                            base.authority_key_identifier.value_or(Bytes{})) &&
         !is_lower_number(base.crl_number, *delta.delta_crl_indicator) &&
         is_lower_number(base.crl_number, delta.crl_number);
}

/// One question, put to list after list. CAs of one name can have several keys, each with lists of its own, and a peer
/// can send along the certificates of those that suit it; so every list is heard, a revocation by one key is not undone
/// by a list of another, and what is good for every reason is so only when no list has said otherwise.
class Inquiry {
 public:
  Inquiry(const RevocationLists& lists, const RevocationQuestion& question, Work& work) noexcept
      : lists_(lists),
        question_(question),
        certificate_(question.certificate),
        work_(work),
        signers_(lists, question, work) {}

  Result<RevocationAnswer> answer() {
    ask_all();
    if (answer_.status == RevocationStatus::revoked) return std::move(answer_);
    // What was left out for want of work might have said otherwise.
    if (work_.signatures == 0) return too_complex("signatures");
    if (work_.name_comparisons == 0) return too_complex("name_comparisons");
    if (answer_.status == RevocationStatus::not_said) say_why_not();
    return std::move(answer_);
  }

 private:
  /// First those that may be by the issuer's key: the others, however many, have often nothing to add to them.
  void ask_all() {
    const std::vector<Bytes> issuers = issuers_of_lists();
    for (const bool by_another_key : {false, true})
      for (Bytes issuer : issuers)
        for (const SignedCrl& list : lists_.store().find(issuer)) {
          if (signers_.is_by_another_key(list) != by_another_key || !equal_names(list.view().issuer, issuer)) continue;
          ask(list);
          if (answer_.status == RevocationStatus::revoked) return;
        }
  }

  /// The certificate's issuer, and those whom its distribution points name.
  std::vector<Bytes> issuers_of_lists() const {
    std::vector<Bytes> issuers = {certificate_.issuer};
    Bytes rest = certificate_.crl_distribution_points.value_or(Bytes{});
    for (DistributionPoint point; read_distribution_point(rest, point);) {
      const Bytes name = directory_name(point.crl_issuer);
      const bool known = std::ranges::any_of(issuers, [&](Bytes other) { return equal_names(other, name); });
      if (!name.empty() && !known) issuers.push_back(name);
    }
    return issuers;
  }

  void ask(const SignedCrl& list) {
    const CrlView& view = list.view();
    const std::optional<CrlEntry> entry = entry_in(list);
    const bool named = entry && revokes(*entry);
    if (view.delta_crl_indicator && !named) return came_to(Problem::no_base, &view);
    const ReasonFlags covered = covered_by(list);
    if (covered == 0) return came_to(Problem::out_of_scope, &view);
    if (!named && (covered & ~reasons_) == 0) return;  // it has nothing to add, and costs no signature
    if (!view.unknown_critical.empty()) return came_to(Problem::unknown_critical, &view);
    if (view.this_update > question_.now) return came_to(Problem::not_yet_valid, &view);
    const std::optional<Authority> signer = signers_.signer_of(list);
    if (!signer) return came_to(Problem::not_signed, &view);

    const State state = state_of(list, *signer);
    if (state.is_revoked(question_.now)) {
      if (!is_superseded(state, *signer, covered)) say_revoked(*state.newest, *state.entry);
      return;
    }
    if (!is_current(*state.newest, question_.now))
      return came_to(state.newest->next_update ? Problem::outdated : Problem::no_next_update, state.newest);
    reasons_ |= covered;
    if (reasons_ != all_reasons || answer_.status == RevocationStatus::good) return;
    answer_.status = RevocationStatus::good;
    answer_.evidence.clear();
    answer_.evidence.push_back({"source", "CRL"});
    add_dates(*state.newest);
  }

  /// What a list says of the certificate: a complete one brought up to date by a delta CRL where one fits; a delta CRL
  /// by itself, which is heard only for what it revokes.
  struct State {
    const CrlView* newest;
    std::optional<CrlEntry> entry;

    /// certificateHold alone may be taken back, and is by removeFromCRL or by a list without it.
    bool is_revoked(std::int64_t now) const noexcept {
      return entry && revokes(*entry) && (is_current(*newest, now) || entry->reason != CRLReason::certificateHold);
    }
  };

  State state_of(const SignedCrl& list, const Authority& signer) {
    const SignedCrl* delta = list.view().delta_crl_indicator ? nullptr : delta_to(list, signer);
    if (delta == nullptr) return {&list.view(), entry_in(list)};
    const std::optional<CrlEntry> changed = entry_in(*delta);
    return {&delta->view(), changed ? changed : entry_in(list)};
  }

  /// Whether newer lists by the same key, for the same reasons, no longer name the certificate.
  bool is_superseded(const State& state, const Authority& signer, ReasonFlags reasons) {
    for (const SignedCrl& other : lists_.store().find(state.newest->issuer)) {
      const CrlView& view = other.view();
      if (view.delta_crl_indicator || !equal_names(view.issuer, state.newest->issuer) ||
          !view.unknown_critical.empty() || view.this_update > question_.now)
        continue;
      const ReasonFlags left = reasons & ~covered_by(other);
      if (left == reasons || !signers_.has_signed(signer, other)) continue;
      const State later = state_of(other, signer);
      if (!is_newer(*later.newest, *state.newest) || !is_current(*later.newest, question_.now) ||
          later.is_revoked(question_.now))
        continue;
      reasons = left;
      if (reasons == 0) return true;
    }
    return false;
  }

  std::optional<CrlEntry> entry_in(const SignedCrl& list) const noexcept {
    return list.list().find(certificate_.issuer, certificate_.serial_number);
  }

  /// For which reasons the list speaks of the certificate: those of all its distribution points that the list serves
  /// (RFC 5280, section 6.3.3 (b) and (d)); 0 where it is out of its scope.
  ReasonFlags covered_by(const SignedCrl& signed_list) {
    const CrlView& list = signed_list.view();
    const IssuingDistributionPoint scope = list.issuing_distribution_point.value_or(IssuingDistributionPoint{});
    if (scope.only_contains_attribute_certs || (scope.only_contains_user_certs && certificate_.is_ca()) ||
        (scope.only_contains_ca_certs && !certificate_.is_ca()))
      return 0;
    const Bytes served = signed_list.served_points();
    const bool direct = equal_names(list.issuer, certificate_.issuer);
    ReasonFlags reasons = 0;
    // What is not in a distribution point: as if the certificate named its issuer (the end of section 6.3.3).
    if (direct && (served.empty() || names_directory(served, certificate_.issuer, work_.name_comparisons)))
      reasons |= scope.only_some_reasons;
    Bytes rest = certificate_.crl_distribution_points.value_or(Bytes{});
    for (DistributionPoint point; read_distribution_point(rest, point);) {
      const bool of_issuer =
          point.crl_issuer.empty()
              ? direct
              : scope.indirect_crl && names_directory(point.crl_issuer, list.issuer, work_.name_comparisons);
      if (of_issuer && (served.empty() || is_served(point, served))) reasons |= scope.only_some_reasons & point.reasons;
    }
    return reasons;
  }

  bool is_served(const DistributionPoint& point, Bytes served) {
    if (point.name.empty()) return share_a_name(served, point.crl_issuer, work_.name_comparisons);
    const Bytes named = directory_name(point.crl_issuer);
    const Buffer name = full_name(point.name, named.empty() ? certificate_.issuer : named);
    return share_a_name(served, name, work_.name_comparisons);
  }

  /// The newest delta CRL to the list that is valid now, with the same signer.
  const SignedCrl* delta_to(const SignedCrl& base, const Authority& signer) {
    for (const SignedCrl& delta : lists_.store().find(base.view().issuer))
      if (updates(delta.view(), base.view()) && delta.view().unknown_critical.empty() &&
          is_current(delta.view(), question_.now) && signers_.has_signed(signer, delta))
        return &delta;
    return nullptr;
  }

  void came_to(Problem problem, const CrlView* list) {
    if (closest_ != nullptr && problem <= problem_) return;
    problem_ = problem;
    closest_ = list;
  }

  void say_why_not() {
    if (reasons_ != 0) came_to(Problem::some_reasons_only, nullptr);
    answer_.evidence.push_back({"source", "CRL"});
    answer_.evidence.push_back({"problem", std::string(describe(problem_))});
    if (closest_ == nullptr) return;
    add_dates(*closest_);
    if (problem_ == Problem::unknown_critical)
      answer_.evidence.push_back({"oid", oid_text(closest_->unknown_critical)});
  }

  void say_revoked(const CrlView& list, const CrlEntry& entry) {
    answer_.status = RevocationStatus::revoked;
    answer_.evidence.clear();
    answer_.evidence.push_back({"source", "CRL"});
    answer_.evidence.push_back({"revoked_at", time_text(entry.revocation_date)});
    answer_.evidence.push_back({"reason", std::string(name(entry.reason))});
    add_dates(list);
  }

  void add_dates(const CrlView& list) {
    answer_.evidence.push_back({"this_update", time_text(list.this_update)});
    if (list.next_update) answer_.evidence.push_back({"next_update", time_text(*list.next_update)});
  }

  const RevocationLists& lists_;
  const RevocationQuestion& question_;
  const CertificateView& certificate_;
  Work& work_;
  CrlSigners signers_;
  ReasonFlags reasons_ = 0;  ///< for which some list says that it is good
  Problem problem_ = Problem::no_list;
  const CrlView* closest_ = nullptr;
  RevocationAnswer answer_;
};

}  // namespace

Result<RevocationAnswer> ask_crls(const RevocationLists& lists, const RevocationQuestion& question, Work& work) {
  return Inquiry(lists, question, work).answer();
}

}  // namespace handfast::x509
