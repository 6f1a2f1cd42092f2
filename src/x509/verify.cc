#include "x509/verify.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "x509/anchors.h"
#include "x509/checks.h"
#include "x509/name.h"

namespace handfast::x509 {

namespace {

/// Makes the checks of one place and stops at the first that fails; where they are recorded, makes them all.
class Examiner {
 public:
  explicit Examiner(std::vector<Check>* record) noexcept : record_(record) {}

  Result<void> examine(std::span<const CheckRow> rows, const Place& place) {
    std::optional<Error> first;
    Work left = place.work;
    for (const CheckRow& row : rows) {
      Result<Outcome> made = row.make(place);
      if (record_ != nullptr)
        note(row.kind, made.value_or(Outcome::failed), place.certificate,
             made ? facts(row.kind, place) : made.error().evidence());
      if (!made && !first) {
        first = std::move(made.error());
        left = place.work;
      }
      if (first && record_ == nullptr) break;
    }
    if (!first) return {};
    // What was made for the record alone must not bring the search closer to its limits.
    place.work = left;
    return fail(*std::move(first));
  }

  void note(CheckKind kind, Outcome outcome, const Certificate& certificate, std::vector<Fact> evidence) {
    if (record_ != nullptr) record_->push_back({kind, outcome, certificate, std::move(evidence)});
  }

 private:
  std::vector<Check>* record_;
};

/// The server that was asked for, or nullptr.
const ServerName* server_of(const VerifyRequest& request) noexcept {
  const ServerAuth* server = std::get_if<ServerAuth>(&request.purpose);
  return server == nullptr ? nullptr : &server->name;
}

Error no_path(const Certificate& top) {
  return Error(Alert::unknown_ca, Reason::unknown_issuer)
      .with("issuer", name_text(top->issuer))
      .with("subject", name_text(top->subject));
}

/// A depth-first search for a path from the leaf to an anchor (RFC 4158), with every check made on the way up.
class Search {
 public:
  Search(const VerifyRequest& request, Examiner& examiner, Work& work) noexcept
      : request_(request), store_(request.anchors.store()), examiner_(examiner), work_(work) {}

  bool find() {
    path_.push_back(&request_.chain.front());
    return extend();
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

  bool extend() {
    std::vector<Candidate> candidates = issuers_of(*path_.back());
    if (candidates.empty()) {
      examiner_.note(CheckKind::issuer, Outcome::failed, *path_.back(), {});
      fail_with(no_path(*path_.back()), 0);
    }
    for (const Candidate& candidate : candidates) {
      if (try_issuer(candidate)) return true;
      if (given_up_) return false;
    }
    return false;
  }

  bool try_issuer(const Candidate& candidate) {
    if (work_.candidates == 0) {
      give_up(Error(Alert::unknown_ca, Reason::path_too_complex).with("limit", "candidates"));
      return false;
    }
    --work_.candidates;
    if (candidate.anchor == nullptr && path_.size() > request_.limits.intermediates) {
      fail_with(Error(Alert::unknown_ca, Reason::path_too_complex).with("limit", "intermediates"), 1);
      return false;
    }
    Place place{request_, *candidate.certificate, path_, candidate.anchor, work_};
    if (Result<void> examined = examiner_.examine(issuer_checks(), place); !examined) {
      Reason reason = examined.error().reason();
      // A wrong signature says that this was another issuer, the rest that it was not a good one. An anchor ends a
      // path, so what is wrong with it is what stands between the peer and us.
      std::size_t weight =
          (reason == Reason::bad_certificate_signature ? 0 : 1) + (candidate.anchor != nullptr ? 1000 : 0);
      if (reason == Reason::path_too_complex)
        give_up(std::move(examined.error()));
      else
        fail_with(std::move(examined.error()), weight);
      return false;
    }
    path_.push_back(candidate.certificate);
    if (candidate.anchor != nullptr || extend()) return true;
    path_.pop_back();
    return false;
  }

  /// Every certificate whose subject is the issuer: anchors first, for they end the path, then those sent; among them
  /// first those whose key identifier is the one that is looked for, last those with another.
  std::vector<Candidate> issuers_of(const Certificate& certificate) const {
    std::vector<Candidate> candidates;
    if (is_empty_name(certificate->issuer)) return candidates;
    auto consider = [&](const Certificate& issuer, const TrustAnchors::Store::Entry* anchor) {
      if (!equal_names(certificate->issuer, issuer->subject) || is_on_path(*issuer)) return;
      bool known =
          std::ranges::any_of(candidates, [&](const Candidate& other) { return *other.certificate == issuer; });
      if (known) return;
      int mismatch = key_mismatch(*certificate, *issuer);
      auto place = std::ranges::upper_bound(candidates, mismatch, {}, &Candidate::mismatch);
      candidates.insert(place, {&issuer, anchor, mismatch});
    };
    for (const TrustAnchors::Store::Entry& entry : store_.find(certificate->issuer))
      if (entry.accepts(server_of(request_), path_)) consider(entry.certificate, &entry);
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
  Examiner& examiner_;
  Work& work_;
  std::vector<const Certificate*> path_;
  std::optional<Failure> failure_;
  bool given_up_ = false;
};

Result<VerifiedChain> verify_pinned(const VerifyRequest& request, Examiner& examiner, Work& work) {
  const Certificate& leaf = request.chain.front();
  const TrustAnchors::Store::Entry* pin = request.anchors.store().find_pinned(leaf);
  bool pinned = pin != nullptr && pin->accepts(server_of(request), {});
  examiner.note(CheckKind::pin, pinned ? Outcome::passed : Outcome::failed, leaf, {});
  if (!pinned) return fail(no_path(leaf).with("pinned", static_cast<std::int64_t>(request.anchors.size())));
  for (CheckKind replaced : {CheckKind::issuer, CheckKind::server_name})
    examiner.note(replaced, Outcome::not_made, leaf, {{"because", "the certificate itself is pinned"}});
  Result<void> examined = examiner.examine(pinned_checks(), Place{request, leaf, {}, nullptr, work});
  if (!examined) return fail(std::move(examined.error()));
  return VerifiedChain{{leaf}};
}

/// Whether the leaf is its own issuer, by its signature too.
bool is_self_signed(const Certificate& leaf, Work& work) {
  return leaf->self_issued() && check_signature(*leaf, *leaf, nullptr, work);
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

}  // namespace

Result<VerifiedChain> verify(const VerifyRequest& request, std::vector<Check>* checks) {
  if (request.chain.empty()) return fail(Alert::bad_certificate, Reason::no_certificate);
  Examiner examiner(checks);
  Work work{request.limits.candidates, request.limits.signatures, request.limits.name_comparisons};
  if (request.anchors.is_pinned()) return verify_pinned(request, examiner, work);

  Result<void> leaf = examiner.examine(leaf_checks(), Place{request, request.chain.front(), {}, nullptr, work});
  Search search(request, examiner, work);
  bool found = search.find();
  if (!found)
    if (std::optional<Error> error = nobody_vouches(request, search.failure(), work)) return fail(*std::move(error));
  if (!leaf) return fail(std::move(leaf.error()));
  if (!found) return fail(search.failure());

  VerifiedChain verified;
  verified.path.reserve(search.path().size());
  for (const Certificate* certificate : search.path()) {
    verified.path.push_back(*certificate);
    bool anchor = certificate == search.path().back();
    if (!anchor) examiner.note(CheckKind::revocation, Outcome::not_made, *certificate, {});
  }
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
