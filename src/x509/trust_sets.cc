// Sets of anchors: united, narrowed, and told by a digest.
#include <algorithm>
#include <utility>

#include "base/contains.h"
#include "base/copy.h"
#include "crypto/hash.h"
#include "x509/anchors.h"

namespace handfast {
namespace {

using Store = TrustAnchors::Store;

std::unexpected<Error> refused(std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "trust_anchors")
                  .with("problem", std::move(problem)));
}

/// The same anchors, with `more` asked in all of their terms.
template <typename Condition>
std::unique_ptr<Store> narrowed(const Store& store, std::vector<Condition> Store::Terms::* conditions,
                                const Condition& more) {
  auto copy = std::make_unique<Store>(store);
  for (std::vector<Store::Entry>* list : {&copy->authorities, &copy->pinned})
    for (Store::Entry& entry : *list)
      for (Store::Terms& terms : entry.terms)
        if (!base::contains(terms.*conditions, more)) (terms.*conditions).push_back(more);
  return copy;
}

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(Bytes bytes) {
  Sha256 out;
  const crypto::Digest digest = crypto::Hash::of(crypto::HashAlgorithm::sha256, bytes);
  base::copy(digest.view(), out);
  return out;
}

void append_number(Buffer& out, std::size_t number) {
  for (int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(number >> shift));
}
void append_text(Buffer& out, const std::string& text) {
  append_number(out, text.size());
  out.insert(out.end(), text.begin(), text.end());
}

/// Every list in one order and with its length before it, so that nothing else reads the same.
Buffer canonical(const Store::Terms& terms) {
  std::vector<std::vector<std::string>> names;
  names.reserve(terms.names.size());
  for (const x509::NameSet& set : terms.names) names.push_back(set.texts());
  std::ranges::sort(names);
  std::vector<std::vector<SpkiPin>> keys = terms.keys;
  std::ranges::sort(keys);
  Buffer out;
  append_number(out, names.size());
  for (const std::vector<std::string>& set : names) {
    append_number(out, set.size());
    for (const std::string& name : set) append_text(out, name);
  }
  append_number(out, keys.size());
  for (const std::vector<SpkiPin>& set : keys) {
    append_number(out, set.size());
    for (const SpkiPin& pin : set) out.insert(out.end(), pin.sha256.begin(), pin.sha256.end());
  }
  return out;
}

Sha256 digest_of(const Store::Entry& entry) {
  const Sha256 certificate = sha256(entry.certificate.der());
  std::vector<Buffer> terms;
  terms.reserve(entry.terms.size());
  for (const Store::Terms& one : entry.terms) terms.push_back(canonical(one));
  std::ranges::sort(terms);
  Buffer out(certificate.begin(), certificate.end());
  append_number(out, terms.size());
  for (const Buffer& one : terms) out.insert(out.end(), one.begin(), one.end());
  return sha256(out);
}

}  // namespace

Result<TrustAnchors::Shared> TrustAnchors::combine(std::span<const Shared> sets) {
  if (sets.empty()) return refused("an empty list of sets");
  auto all = std::make_unique<Store>();
  for (const Shared& set : sets) {
    if (!set) return refused("a set is null");
    const Store& store = set->store();
    all->authorities.insert(all->authorities.end(), store.authorities.begin(), store.authorities.end());
    all->pinned.insert(all->pinned.end(), store.pinned.begin(), store.pinned.end());
    all->passed_over += store.passed_over;
  }
  all->settle();
  return Shared(new TrustAnchors(std::move(all)));
}

Result<TrustAnchors::Shared> TrustAnchors::only_for(std::span<const std::string> names) const {
  Result<x509::NameSet> set = x509::NameSet::parse(names);
  if (!set) return fail(std::move(set.error()));
  return Shared(new TrustAnchors(narrowed(*store_, &Store::Terms::names, *set)));
}

Result<TrustAnchors::Shared> TrustAnchors::only_with_keys(std::span<const SpkiPin> keys) const {
  if (keys.empty()) return refused("an empty list of keys");
  std::vector<SpkiPin> set(keys.begin(), keys.end());
  std::ranges::sort(set);
  const auto doubles = std::ranges::unique(set);
  set.erase(doubles.begin(), doubles.end());
  return Shared(new TrustAnchors(narrowed(*store_, &Store::Terms::keys, set)));
}

TrustAnchors::TrustAnchors(std::unique_ptr<const Store> store) noexcept : store_(std::move(store)) {}
TrustAnchors::~TrustAnchors() = default;

std::size_t TrustAnchors::size() const noexcept { return store_->authorities.size() + store_->pinned.size(); }
std::size_t TrustAnchors::passed_over() const noexcept { return store_->passed_over; }
bool TrustAnchors::is_pinned() const noexcept { return store_->authorities.empty(); }

bool TrustAnchors::vouches_for_clients() const noexcept {
  const auto vouches = [](const Store::Entry& entry) { return entry.vouches_for(nullptr); };
  return std::ranges::any_of(store_->authorities, vouches) || std::ranges::any_of(store_->pinned, vouches);
}

std::vector<Buffer> TrustAnchors::subjects() const {
  std::vector<Buffer> subjects;
  for (const Store::Entry& entry : store_->authorities) {
    if (!entry.vouches_for(nullptr)) continue;
    const Bytes subject = entry.certificate->subject;
    Buffer name(subject.begin(), subject.end());
    // Names that are equal have equal hashes, and the entries stand in the order of those.
    if (subjects.empty() || subjects.back() != name) subjects.push_back(std::move(name));
  }
  return subjects;
}

std::array<std::uint8_t, 32> TrustAnchors::digest() const {
  Buffer out;
  for (const std::vector<Store::Entry>* list : {&store_->authorities, &store_->pinned}) {
    std::vector<Sha256> digests;
    for (const Store::Entry& entry : *list) digests.push_back(digest_of(entry));
    std::ranges::sort(digests);
    append_number(out, digests.size());
    for (const Sha256& digest : digests) out.insert(out.end(), digest.begin(), digest.end());
  }
  return sha256(out);
}

}  // namespace handfast
