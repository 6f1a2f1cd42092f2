#include "authority/verdict.h"

#include <utility>
#include <vector>

#include "x509/describe.h"
#include "x509/verify.h"

namespace handfast::authority {
namespace {

/// One chain, asked several questions.
class Question {
 public:
  Question(std::span<const x509::Certificate> chain, Bytes ocsp_response, const OriginPolicy& policy) noexcept
      : chain_(chain), ocsp_response_(ocsp_response), policy_(policy) {}

  Result<void> ask(x509::Purpose purpose, std::int64_t now, RevocationPolicy revocation) const {
    Result<x509::VerifiedChain> path =
        x509::verify({.chain = chain_,
                      .purpose = std::move(purpose),
                      .anchors = *policy_.anchors,
                      .now = now,
                      .policy = {.profile = policy_.verification.profile},
                      .revocation = {.policy = revocation,
                                     .lists = policy_.verification.revocation_lists.get(),
                                     .ocsp_responses = {&ocsp_response_, 1}}});
    if (!path) return fail(std::move(path.error()));
    return {};
  }

 private:
  std::span<const x509::Certificate> chain_;
  Bytes ocsp_response_;
  const OriginPolicy& policy_;
};

/// Whether nothing but its dates and names is wrong: at a time at which the leaf was valid, it was a good one of
/// somebody. Only the leaf's own dates count, for the client sees no others.
bool is_merely_misdated_or_misnamed(const Question& question, const x509::CertificateView& leaf,
                                    RevocationPolicy policy, std::int64_t now) {
  if (leaf.not_before <= now && now <= leaf.not_after) return question.ask(x509::AnyServer{}, now, policy).has_value();
  // What staples and lists say holds now and not then, and the client refuses these dates in any case.
  const std::int64_t then = now < leaf.not_before ? leaf.not_before : leaf.not_after;
  return question.ask(x509::AnyServer{}, then, RevocationPolicy::off).has_value();
}

}  // namespace

std::string_view name(Showing showing) noexcept {
  switch (showing) {
    case Showing::trusted: return "trusted";
    case Showing::as_dated_and_named: return "as_dated_and_named";
    case Showing::self_signed: return "self_signed";
    case Showing::untrusted: break;
  }
  return "untrusted";
}

Verdict judge_origin(std::span<const Buffer> der, const x509::ServerName& name, Bytes ocsp_response,
                     const OriginPolicy& policy, std::int64_t now) {
  std::vector<Bytes> views(der.begin(), der.end());
  Result<std::vector<x509::Certificate>> chain = x509::parse_chain(views);
  if (!chain) return {Showing::untrusted, std::move(chain.error())};
  const x509::CertificateView& leaf = *chain->front();
  const Question question(*chain, ocsp_response, policy);
  const RevocationPolicy revocation = policy.verification.revocation;
  Result<void> verified = question.ask(x509::ServerAuth{name}, now, revocation);
  if (verified) return {Showing::trusted, std::nullopt};
  if (is_merely_misdated_or_misnamed(question, leaf, revocation, now))
    return {Showing::as_dated_and_named, std::move(verified.error())};
  return {x509::is_issued_by(leaf, leaf) ? Showing::self_signed : Showing::untrusted, std::move(verified.error())};
}

}  // namespace handfast::authority
