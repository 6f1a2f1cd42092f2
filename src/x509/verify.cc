#include "x509/verify.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "x509/anchors.h"
#include "x509/checks.h"
#include "x509/name.h"
#include "x509/recorder.h"
#include "x509/signed.h"

namespace handfast::x509 {

namespace {

/// Makes checks, within the limits on work.
class Examiner {
 public:
  explicit Examiner(const SearchLimits& limits) noexcept
      : work{limits.candidates, limits.signatures, limits.name_comparisons}, spare(work) {}

  /// Makes the checks of one place and stops at the first that fails; where there is a report, makes them all. What is
  /// made for the report alone brings the search no closer to its limits: it has limits of its own, over all places.
  Result<void> examine(std::span<const CheckRow> rows, Place place, VerificationStep* step) {
    std::optional<Error> first;
    bool is_signed = true;
    for (const CheckRow& row : rows) {
      std::vector<Fact> evidence;
      if (step != nullptr) place.evidence = &evidence;
      // Whoever has not signed a certificate has not revoked it either, nor vouched for it.
      Result<CheckOutcome> made = is_signed || row.kind != CheckKind::revocation ? row.make(place) : not_signed(place);
      if (!made && row.kind == CheckKind::signature) is_signed = false;
      if (made) {
        Recorder::add_check(step, {row.kind, *made, std::nullopt, std::move(evidence)});
        continue;
      }
      const bool used_up = place.work == &spare && made.error().reason() == Reason::path_too_complex;
      Recorder::add_check(step, used_up ? VerificationCheck{row.kind, CheckOutcome::not_made, std::nullopt, {}}
                                        : VerificationCheck{row.kind, CheckOutcome::failed, made.error().reason(),
                                                            made.error().evidence()});
      if (first) continue;
      first = std::move(made.error());
      place.work = &spare;
      if (step == nullptr) break;
    }
    if (first) return fail(*std::move(first));
    return {};
  }

  Work work;   ///< what the verdict may cost
  Work spare;  ///< and the rest of the report

 private:
  static CheckOutcome not_signed(const Place& place) {
    place.note("because", [] { return "its key has not signed the certificate below"; });
    return CheckOutcome::not_made;
  }
};

Error no_path(const Certificate& top) {
  return Error(Alert::unknown_ca, Reason::unknown_issuer)
      .with("issuer", name_text(top->issuer))
      .with("subject", name_text(top->subject));
}

/// A depth-first search for a path from the leaf to an anchor (RFC 4158), with every check made on the way up.
class Search {
 public:
  /// `work` is one of the examiner's.
  Search(const VerifyRequest& request, Recorder& recorder, Examiner& examiner, Work& work) noexcept
      : request_(request), store_(request.anchors.store()), recorder_(recorder), examiner_(examiner), work_(work) {}

  bool find() {
    path_.push_back(&request_.chain.front());
    return extend(recorder_.leaf());
  }

  /// For the report on a search that found nothing: goes on above the certificates at which that ended because a check
  /// of theirs failed. What comes of it decides nothing.
  void survey(VerificationStep& step) {
    if (given_up_ || step.is_anchor) return;
    path_.push_back(&request_.chain[step.certificate]);
    if (stopped_by_a_fault(step)) {
      const std::size_t size = path_.size();
      extend(&step);
      path_.resize(size);
    }
    for (VerificationStep& issuer : step.issuers) survey(issuer);
    path_.pop_back();
  }
  const std::vector<const Certificate*>& path() const noexcept { return path_; }
  /// The failure that came closest to a path.
  const Error& failure() const noexcept { return failure_->error; }

 private:
  struct Candidate {
    const Certificate* certificate;
    const TrustAnchors::Store::Entry* anchor;  ///< what it is among the anchors, or nullptr
    int mismatch;                              ///< of the key identifiers: 0 equal, 1 unsaid, 2 different
  };
  struct Failure {
    Error error;
    std::size_t closeness;
  };

  /// Whoever has not signed the certificate below is not its issuer: nobody looks above it.
  static bool stopped_by_a_fault(const VerificationStep& step) noexcept {
    bool has_signed = false, has_fault = false;
    for (const VerificationCheck& check : step.checks) {
      if (check.kind == CheckKind::issuer) return false;
      has_signed |= check.kind == CheckKind::signature && check.outcome == CheckOutcome::passed;
      has_fault |= check.outcome == CheckOutcome::failed;
    }
    return has_signed && has_fault && step.issuers.empty();
  }

  bool extend(VerificationStep* below) {
    std::vector<Candidate> candidates = issuers_of(*path_.back());
    if (candidates.empty()) {
      Error error = no_path(*path_.back());
      Recorder::add_check(below, {CheckKind::issuer, CheckOutcome::failed, error.reason(), error.evidence()});
      fail_with(std::move(error), 0);
    }
    for (const Candidate& candidate : candidates) {
      if (try_issuer(candidate, below)) return true;
      if (given_up_) return false;
    }
    return false;
  }

  bool try_issuer(const Candidate& candidate, VerificationStep* below) {
    if (work_.candidates == 0) {
      give_up(Error(Alert::unknown_ca, Reason::path_too_complex).with("limit", "candidates"));
      return false;
    }
    --work_.candidates;
    if (candidate.anchor == nullptr && path_.size() > request_.limits.intermediates) {
      fail_with(Error(Alert::unknown_ca, Reason::path_too_complex).with("limit", "intermediates"), 1);
      return false;
    }
    VerificationStep* step = recorder_.add_issuer(below, *candidate.certificate, candidate.anchor != nullptr);
    Place place{request_, *candidate.certificate, path_, candidate.anchor, &work_};
    if (Result<void> examined = examiner_.examine(issuer_checks(), place, step); !examined) {
      fail_at(candidate, std::move(examined.error()));
      return false;
    }
    path_.push_back(candidate.certificate);
    if (candidate.anchor != nullptr ? ends_well(candidate, step) : extend(step)) return true;
    path_.pop_back();
    return false;
  }

  /// What is asked of the path as a whole, when it has come to an anchor.
  bool ends_well(const Candidate& anchor, VerificationStep* step) {
    const std::span path(path_);
    Place place{request_, *anchor.certificate, path.first(path.size() - 1), anchor.anchor, &work_, path};
    Result<void> examined = examiner_.examine(path_checks(), place, step);
    if (!examined) fail_at(anchor, std::move(examined.error()));
    return examined.has_value();
  }

  void fail_at(const Candidate& candidate, Error error) {
    // A wrong signature says that this was another issuer, the rest that it was not a good one. An anchor ends a path,
    // so what is wrong with it is what stands between the peer and us; and what is revoked stays revoked.
    std::size_t weight = candidate.anchor != nullptr ? 1000 : 0;
    if (error.reason() != Reason::bad_certificate_signature) weight += 1;
    if (error.reason() == Reason::certificate_revoked) weight += 2000;
    if (error.reason() == Reason::path_too_complex)
      give_up(std::move(error));
    else
      fail_with(std::move(error), weight);
  }

  /// Every certificate whose subject is the issuer: anchors first, for they end the path, then those sent; among them
  /// first those whose key identifier is the one that is looked for, last those with another.
  std::vector<Candidate> issuers_of(const Certificate& certificate) const {
    std::vector<Candidate> candidates;
    if (is_empty_name(certificate->issuer)) return candidates;
    auto consider = [&](const Certificate& issuer, const TrustAnchors::Store::Entry* anchor) {
      if (!equal_names(certificate->issuer, issuer->subject) || is_on_path(*issuer)) return;
      // One that is trusted on terms may, where they do not hold, stand in the path to another anchor.
      bool known = std::ranges::any_of(candidates, [&](const Candidate& other) {
        return *other.certificate == issuer && (other.anchor == nullptr || !other.anchor->on_terms());
      });
      if (known) return;
      int mismatch = key_mismatch(*certificate, *issuer);
      auto place = std::ranges::upper_bound(candidates, mismatch, {}, &Candidate::mismatch);
      candidates.insert(place, {&issuer, anchor, mismatch});
    };
    for (const TrustAnchors::Store::Entry& entry : store_.find(certificate->issuer))
      consider(entry.certificate, &entry);
    for (const Certificate& sent : request_.chain.subspan(1)) consider(sent, nullptr);
    return candidates;
  }

  static int key_mismatch(const CertificateView& certificate, const CertificateView& issuer) noexcept {
    if (certificate.authority_key_id.empty() || !issuer.subject_key_identifier) return 1;
    return std::ranges::equal(certificate.authority_key_id, *issuer.subject_key_identifier) ? 0 : 2;
  }

  /// One name and key stand once in a path: else cross-signed CAs make circles.
  bool is_on_path(const CertificateView& issuer) const noexcept {
    return std::ranges::any_of(path_, [&](const Certificate* below) {
      return std::ranges::equal((*below)->public_key.der, issuer.public_key.der) &&
             equal_names((*below)->subject, issuer.subject);
    });
  }

  void fail_with(Error error, std::size_t weight) {
    std::size_t closeness = weight + 2 * path_.size();
    if (!failure_ || closeness > failure_->closeness) failure_ = Failure{std::move(error), closeness};
  }
  void give_up(Error error) {
    given_up_ = true;
    failure_ = Failure{std::move(error), 0};
  }

  const VerifyRequest& request_;
  const TrustAnchors::Store& store_;
  Recorder& recorder_;
  Examiner& examiner_;
  Work& work_;
  std::vector<const Certificate*> path_;
  std::optional<Failure> failure_;
  bool given_up_ = false;
};

Result<VerifiedChain> verify_pinned(const VerifyRequest& request, Recorder& recorder, Examiner& examiner) {
  const Certificate& leaf = request.chain.front();
  Recorder::add_check(recorder.leaf(), {CheckKind::pin, CheckOutcome::passed, std::nullopt, {}});
  for (CheckKind replaced : {CheckKind::issuer, CheckKind::server_name}) {
    std::vector<Fact> evidence;
    evidence.push_back({"because", "the certificate itself is pinned"});
    Recorder::add_check(recorder.leaf(), {replaced, CheckOutcome::not_made, std::nullopt, std::move(evidence)});
  }
  Result<void> examined =
      examiner.examine(pinned_checks(), Place{request, leaf, {}, nullptr, &examiner.work}, recorder.leaf());
  if (!examined) return fail(std::move(examined.error()));
  return VerifiedChain{{leaf}};
}

/// Whether the leaf is its own issuer, by its signature too.
bool is_self_signed(const Certificate& leaf, Work& work) {
  return leaf->self_issued() && verify_signed(Signed(*leaf), leaf->public_key, nullptr, work);
}

/// Without a way to an anchor nothing that the leaf says is vouched for, so that is told before the leaf's own faults.
/// A leaf that is signed with its own key has no other issuer, even where an anchor has its name.
std::optional<Error> nobody_vouches(const VerifyRequest& request, const Error& failure, Work& work) {
  const Certificate& leaf = request.chain.front();
  if (!is_self_signed(leaf, work))
    return failure.reason() == Reason::unknown_issuer ? std::optional(failure) : std::nullopt;
  Error error = Error(Alert::unknown_ca, Reason::self_signed_certificate).with("subject", name_text(leaf->subject));
  if (request.anchors.store().contains(leaf))
    return std::move(error).with("hint", "it is trusted as an authority; to accept it as itself, pin it");
  return error;
}

Result<VerifiedChain> verify_path(const VerifyRequest& request, Recorder& recorder, Examiner& examiner) {
  Place leaf_place{request, request.chain.front(), {}, nullptr, &examiner.work};
  Result<void> leaf = examiner.examine(leaf_checks(), leaf_place, recorder.leaf());
  Search search(request, recorder, examiner, examiner.work);
  bool found = search.find();
  if (found)
    recorder.accept_path();
  else if (recorder.leaf() != nullptr)
    Search(request, recorder, examiner, examiner.spare).survey(*recorder.leaf());
  if (!found)
    if (std::optional<Error> error = nobody_vouches(request, search.failure(), examiner.work))
      return fail(*std::move(error));
  if (!leaf) return fail(std::move(leaf.error()));
  if (!found) return fail(search.failure());

  VerifiedChain verified;
  verified.path.reserve(search.path().size());
  for (const Certificate* certificate : search.path()) verified.path.push_back(*certificate);
  return verified;
}

Result<VerifiedChain> verify_chain(const VerifyRequest& request, Recorder& recorder) {
  if (request.chain.empty()) return fail(Alert::bad_certificate, Reason::no_certificate);
  Examiner examiner(request.limits);
  const Certificate& leaf = request.chain.front();
  const TrustAnchors::Store::Entry* pin = request.anchors.store().find_pinned(leaf);
  if (pin != nullptr && pin->accepts(server_of(request), {})) return verify_pinned(request, recorder, examiner);

  if (!request.anchors.is_pinned()) {
    Result<VerifiedChain> verified = verify_path(request, recorder, examiner);
    if (verified || pin == nullptr) return verified;
  }
  Error error = pin == nullptr ? no_path(leaf).with("pinned", static_cast<std::int64_t>(request.anchors.size()))
                               : not_accepted(*pin, request, {});
  Recorder::add_check(recorder.leaf(), {CheckKind::pin, CheckOutcome::failed, error.reason(), error.evidence()});
  return fail(std::move(error));
}

}  // namespace

Result<VerifiedChain> verify(const VerifyRequest& request, VerificationReport* report) {
  Recorder recorder(request, report);
  Result<VerifiedChain> verified = verify_chain(request, recorder);
  recorder.finish(verified ? nullptr : &verified.error());
  return verified;
}

Result<std::vector<Certificate>> parse_chain(std::span<const Bytes> chain) {
  if (chain.empty()) return fail(Alert::bad_certificate, Reason::no_certificate);
  std::vector<Certificate> certificates;
  certificates.reserve(chain.size());
  for (Bytes der : chain) {
    Result<Certificate> certificate = Certificate::parse(der);
    if (!certificate)
      return fail(std::move(certificate.error()).with("index", static_cast<std::int64_t>(certificates.size())));
    certificates.push_back(*std::move(certificate));
  }
  return certificates;
}

}  // namespace handfast::x509
