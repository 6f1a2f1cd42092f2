// On what terms anchors are trusted, and how they are found.
#include "x509/anchors.h"

#include <algorithm>
#include <iterator>

#include "base/contains.h"
#include "x509/name.h"

namespace handfast {
namespace {

using x509::Certificate;
using x509::ServerName;
using Store = TrustAnchors::Store;

void append(std::vector<std::string>& out, std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(out));
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::ranges::sort(texts);
  const auto doubles = std::ranges::unique(texts);
  texts.erase(doubles.begin(), doubles.end());
  return texts;
}

SpkiPin pin_of(const Certificate& certificate) { return SpkiPin::of(certificate->public_key.der); }

/// Adds other terms on which the same anchor is trusted; where one asks for nothing, the rest says nothing.
void join(std::vector<Store::Terms>& terms, const std::vector<Store::Terms>& others) {
  for (const Store::Terms& other : others)
    if (!base::contains(terms, other)) terms.push_back(other);
  if (base::contains(terms, Store::Terms{})) terms.assign(1, Store::Terms{});
}

std::span<const Store::Entry> find_in(const std::vector<Store::Entry>& entries, Bytes subject) noexcept {
  if (entries.empty()) return {};  // as the pins of most: a name is not hashed for nothing
  return std::ranges::equal_range(entries, x509::hash_name(subject), {}, &Store::Entry::subject_hash);
}

const Store::Entry* find_in(const std::vector<Store::Entry>& entries, const Certificate& certificate) noexcept {
  const std::span<const Store::Entry> alike = find_in(entries, certificate->subject);
  const auto found = std::ranges::find(alike, certificate, &Store::Entry::certificate);
  return found == alike.end() ? nullptr : &*found;
}

void settle_list(std::vector<Store::Entry>& entries) {
  std::ranges::sort(entries, [](const Store::Entry& a, const Store::Entry& b) {
    if (a.subject_hash != b.subject_hash) return a.subject_hash < b.subject_hash;
    return std::ranges::lexicographical_compare(a.certificate.der(), b.certificate.der());
  });
  // Doubles stand side by side now; directories of hashed links are full of them.
  std::vector<Store::Entry> unique;
  unique.reserve(entries.size());
  for (Store::Entry& entry : entries) {
    if (!unique.empty() && unique.back().certificate == entry.certificate)
      join(unique.back().terms, entry.terms);
    else
      unique.push_back(std::move(entry));
  }
  entries = std::move(unique);
}

}  // namespace

bool Store::Terms::allow(const ServerName* server) const noexcept {
  if (server == nullptr) return names.empty();
  return std::ranges::all_of(names, [&](const x509::NameSet& set) { return set.contains(*server); });
}

bool Store::Terms::allow(Path below, const Certificate& anchor) const {
  return std::ranges::all_of(keys, [&](const std::vector<SpkiPin>& set) {
    const auto holds = [&](const Certificate* one) { return base::contains(set, pin_of(*one)); };
    return holds(&anchor) || std::ranges::any_of(below, holds);
  });
}

bool Store::Entry::vouches_for(const ServerName* server) const noexcept {
  return std::ranges::any_of(terms, [&](const Terms& one) { return one.allow(server); });
}

bool Store::Entry::accepts(const ServerName* server, Path below) const {
  return std::ranges::any_of(terms,
                             [&](const Terms& one) { return one.allow(server) && one.allow(below, certificate); });
}

std::vector<std::string> Store::Entry::allowed() const {
  std::vector<std::string> out;
  for (const Terms& one : terms)
    for (const x509::NameSet& set : one.names) append(out, set.texts());
  return sorted(std::move(out));
}

std::vector<std::string> Store::Entry::pins(const ServerName* server) const {
  std::vector<std::string> out;
  for (const Terms& one : terms)
    if (one.allow(server))
      for (const std::vector<SpkiPin>& set : one.keys)
        for (const SpkiPin& pin : set) out.push_back(pin.text());
  return sorted(std::move(out));
}

std::vector<std::string> Store::Entry::found(Path below) const {
  std::vector<std::string> out;
  for (const Certificate* one : below) out.push_back(pin_of(*one).text());
  out.push_back(pin_of(certificate).text());
  return out;
}

std::span<const Store::Entry> Store::find(Bytes subject) const noexcept { return find_in(authorities, subject); }

bool Store::contains(const Certificate& certificate) const noexcept {
  return find_in(authorities, certificate) != nullptr;
}

const Store::Entry* Store::find_pinned(const Certificate& certificate) const noexcept {
  return find_in(pinned, certificate);
}

void Store::settle() {
  settle_list(authorities);
  settle_list(pinned);
}

}  // namespace handfast
