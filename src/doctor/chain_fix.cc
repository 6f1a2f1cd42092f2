#include "doctor/chain_fix.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/contains.h"
#include "crypto/signature.h"
#include "doctor/certificate.h"
#include "doctor/certificate_file.h"
#include "x509/files.h"
#include "x509/name.h"
#include "x509/pem.h"
#include "x509/verify.h"

namespace handfast::doctor {
namespace {

namespace fs = std::filesystem;
using x509::Certificate;

std::string subject_of(const Certificate& certificate) {
  return x509::is_empty_name(certificate->subject) ? "(no subject)"
                                                   : printable_utf8(x509::name_text(certificate->subject));
}

Error no_certificate(const std::string& path, std::string found) {
  return Error(Alert::internal_error, Reason::bad_pem)
      .with("path", path)
      .with("expected", "a certificate, in PEM or DER")
      .with("found", std::move(found));
}

Result<> add_file(const std::string& path, bool was_named, ChainSources& out) {
  auto items = read_certificate_file(path);
  if (!items) {
    const bool passed_over = !was_named && items.error().reason() == Reason::bad_pem;
    return passed_over ? Result<>() : fail(std::move(items.error()));
  }
  for (const FileItem& item : *items) {
    if (item.content == Content::private_key) {
      const auto key = crypto::SigningKey::from_der(item.block.der);
      if (key) out.public_keys.emplace_back(key->public_key().begin(), key->public_key().end());
    }
    const bool broken = item.content == Content::malformed && item.block.label.ends_with("CERTIFICATE");
    if (broken && was_named) return fail(no_certificate(path, item.problem));
    if (item.content != Content::certificate) continue;
    auto certificate = Certificate::parse(item.block.der);
    if (certificate)
      out.certificates.push_back({*std::move(certificate), path, was_named});
    else if (was_named)
      return fail(std::move(certificate.error()).with("path", path));
  }
  return {};
}

/// More certificates than this are not compared with each other.
constexpr std::size_t max_certificates = 4000;

class Fixer {
 public:
  Fixer(const ChainSources& sources, std::int64_t now) : all_(sources.certificates), sources_(sources), now_(now) {
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (std::ranges::none_of(distinct_, [&](std::size_t k) { return at(k) == at(i); })) distinct_.push_back(i);
  }

  FixedChain fix(const TrustAnchors* anchors) {
    const std::size_t leaf = choose_leaf();
    FixedChain out;
    if (anchors == nullptr || !verify(leaf, *anchors, out)) climb(leaf, out);
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (all_[i].was_named && !base::contains(out.chain, i)) out.left_out.push_back(i);
    std::vector<std::size_t> named;
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (all_[i].was_named) named.push_back(i);
    out.was_in_order = named == out.chain;
    return out;
  }

 private:
  const Certificate& at(std::size_t i) const noexcept { return all_[i].certificate; }

  bool is_valid(std::size_t i) const noexcept { return at(i)->not_before <= now_ && now_ <= at(i)->not_after; }

  /// The better of two that could stand in one place: valid now, then the longer valid one.
  bool is_better(std::size_t a, std::size_t b) const noexcept {
    return std::pair(is_valid(a), at(a)->not_after) > std::pair(is_valid(b), at(b)->not_after);
  }

  std::size_t choose_leaf() const {
    std::optional<std::size_t> best;
    for (const std::size_t i : distinct_) {
      const bool has_key = std::ranges::any_of(sources_.public_keys, [&](const Buffer& key) {
        return std::ranges::equal(key, at(i)->public_key.subject_public_key);
      });
      if (has_key && (!best || is_better(i, *best))) best = i;
    }
    if (best) return *best;
    for (const bool named : {true, false})
      for (const std::size_t i : distinct_)
        if (!at(i)->is_ca() && all_[i].was_named == named) return i;
    for (const std::size_t i : distinct_) {
      const bool issued =
          std::ranges::any_of(distinct_, [&](std::size_t k) { return k != i && x509::is_issued_by(*at(k), *at(i)); });
      if (!issued) return i;
    }
    return distinct_.front();
  }

  bool is_self_signed(std::size_t i) const { return x509::is_issued_by(*at(i), *at(i)); }

  /// The way up without anybody's roots: a root ends it, else the best issuer that is not on it yet.
  void climb(std::size_t leaf, FixedChain& out) const {
    out.chain = {leaf};
    if (is_self_signed(leaf)) {
      out.root = subject_of(at(leaf));
      return;
    }
    while (true) {
      const Certificate& top = at(out.chain.back());
      std::optional<std::size_t> best;
      for (const std::size_t i : distinct_) {
        if (base::contains(out.chain, i) || !x509::is_issued_by(*top, *at(i))) continue;
        if (is_self_signed(i)) {
          out.root = subject_of(at(i));
          return;
        }
        if (!best || is_better(i, *best)) best = i;
      }
      if (!best) break;
      out.chain.push_back(*best);
    }
    const Certificate& top = at(out.chain.back());
    out.missing = printable_utf8(x509::name_text(top->issuer));
    for (const std::string& address : x509::locations(*top).ca_issuers) out.missing_at.push_back(printable(address));
  }

  /// The way up that verifies; else says why there is none.
  bool verify(std::size_t leaf, const TrustAnchors& anchors, FixedChain& out) const {
    std::vector<Certificate> chain = {at(leaf)};
    for (const std::size_t i : distinct_)
      if (i != leaf) chain.push_back(at(i));
    const std::vector<std::string> purposes = x509::purposes(*at(leaf));
    const bool for_servers = purposes.empty() || base::contains(purposes, std::string("serverAuth")) ||
                             base::contains(purposes, std::string("anyExtendedKeyUsage"));
    const x509::Purpose purpose = for_servers ? x509::Purpose(x509::AnyServer{}) : x509::Purpose(x509::ClientAuth{});
    const auto verified = x509::verify({.chain = chain, .purpose = purpose, .anchors = anchors, .now = now_});
    if (!verified) {
      out.refused = verified.error();
      return false;
    }
    out.is_verified = true;
    out.root = subject_of(verified->path.back());
    for (std::size_t i = 0; i + 1 < verified->path.size() || i == 0; ++i)
      out.chain.push_back(*std::ranges::find_if(distinct_, [&](std::size_t k) { return at(k) == verified->path[i]; }));
    return true;
  }

  const std::vector<FoundCertificate>& all_;
  const ChainSources& sources_;
  std::int64_t now_;
  std::vector<std::size_t> distinct_;  ///< the first of each
};

/// Why a certificate that was named is not in the chain.
std::string why_left_out(const ChainSources& sources, const FixedChain& fixed, std::size_t i) {
  const Certificate& certificate = sources.certificates[i].certificate;
  const auto same = [&](std::size_t k) { return sources.certificates[k].certificate == certificate; };
  if (std::ranges::any_of(fixed.chain, same)) return "stands in the chain already";
  const Certificate& top = sources.certificates[fixed.chain.back()].certificate;
  if (x509::is_issued_by(*certificate, *certificate) && x509::is_issued_by(*top, *certificate))
    return "the root; whoever is to trust it has it already";
  if (certificate->is_ca()) return "issued nothing in the chain";
  return "another certificate of no CA; a chain has one";
}

}  // namespace

Result<ChainSources> read_chain_sources(std::span<const std::string> paths) {
  ChainSources out;
  for (const std::string& path : paths) {
    std::error_code ignored;
    const bool is_directory = fs::is_directory(path, ignored);
    std::vector<fs::path> files = {path};
    if (is_directory) {
      auto found = x509::files_in(path);
      if (!found) return fail(std::move(found.error()));
      files = std::move(*found);
    }
    for (const fs::path& file : files)
      if (Result<> added = add_file(file.string(), !is_directory, out); !added) return fail(std::move(added.error()));
    if (out.certificates.size() > max_certificates)
      return fail(no_certificate(path, fmt::format("more than {} of them", max_certificates)));
  }
  if (out.certificates.empty()) return fail(no_certificate(paths.front(), std::string(no_certificate_among_it)));
  return out;
}

FixedChain fix_chain(const ChainSources& sources, const TrustAnchors* anchors, std::int64_t now) {
  return Fixer(sources, now).fix(anchors);
}

std::string chain_pem(const ChainSources& sources, const FixedChain& fixed) {
  std::string out;
  for (const std::size_t i : fixed.chain)
    out += x509::encode_pem("CERTIFICATE", sources.certificates[i].certificate.der());
  return out;
}

Verdict judge_chain(const ChainSources& sources, const FixedChain& fixed) {
  const Certificate& leaf = sources.certificates[fixed.chain.front()].certificate;
  const Certificate& top = sources.certificates[fixed.chain.back()].certificate;
  const std::string count =
      fixed.chain.size() == 1 ? std::string("one certificate") : fmt::format("{} certificates", fixed.chain.size());
  Verdict v;
  v.code = "ok";
  if (fixed.is_verified) {
    v.summary = fmt::format("The chain is whole: {}, and verifies up to {}.", count, fixed.root);
    return v;
  }
  if (!fixed.refused && !fixed.root.empty()) {
    v.summary = fixed.root == subject_of(leaf) && fixed.chain.size() == 1
                    ? fmt::format("{} is signed with its own key, and so a chain of its own.", fixed.root)
                    : fmt::format("The chain is whole: {}, up to the root {}.", count, fixed.root);
    return v;
  }
  const bool alone = fixed.chain.size() == 1;
  if (!fixed.refused && !alone) {
    v.summary = fmt::format("The chain is in order: {}, up to one that {} issued.", count, fixed.missing);
    v.found = fmt::format("no certificate of {} in the files; it is a root, or missing", fixed.missing);
    v.advice = {"Whether it is a root that is trusted: --system (or --ca FILE)"};
    return v;
  }
  v.exit_code = ExitCode::certificate;
  v.set(fixed.refused ? fixed.refused->reason() : Reason::unknown_issuer);
  if (fixed.refused && fixed.refused->reason() == Reason::bad_certificate_signature) {
    const Fact::Value* issuer = fixed.refused->find("issuer");
    const std::string namesake = issuer != nullptr ? printable_utf8(to_text(*issuer)) : fixed.missing;
    v.summary =
        fmt::format("The chain does not verify: the key of {}, as it is known here, has not signed it.", namesake);
    v.found = printable_utf8(fixed.refused->message());
    v.expected = "the certificate of the authority whose key has signed";
    v.advice = {
        "An authority that was made anew under its old name has another key: get the certificate of the one "
        "that issued this, and name it, or have the certificate issued anew.",
        "Else the certificate was changed after it was signed."};
    return v;
  }
  if (!fixed.missing.empty()) {
    v.summary = fmt::format("The chain is not whole: the certificate of {} is missing.", fixed.missing);
    v.found =
        fmt::format("{}, issued by {}, whose certificate is in none of the files", subject_of(top), fixed.missing);
    v.expected = "that certificate, and those above it up to a root";
    for (const std::string& address : fixed.missing_at)
      v.advice.push_back(fmt::format("It is to be had there (not fetched): {}", address));
    v.advice.emplace_back(fixed.missing_at.empty()
                              ? "Get it from the authority that issued the certificate, and name its file as well."
                              : "Get it, and name its file as well: handfast cert chain-fix FILE issuer.der");
    if (!fixed.refused)
      v.advice.push_back(
          fmt::format("If {} is a root, nothing is missing: --system or --ca FILE tells.", fixed.missing));
    return v;
  }
  v.summary = "The chain does not verify.";
  v.found = printable_utf8(fixed.refused->message());
  v.expected = "a chain to one of the authorities that are to be trusted";
  v.advice = {"Every check that was made: handfast cert verify FILE"};
  return v;
}

std::string chain_text(const ChainSources& sources, const FixedChain& fixed, const Style& style) {
  constexpr std::size_t indent = 12;
  const auto text = [&](std::size_t i) {
    return fmt::format("{} (from {})", subject_of(sources.certificates[i].certificate),
                       printable_utf8(sources.certificates[i].file));
  };
  std::string out;
  for (std::size_t i = 0; i < fixed.chain.size(); ++i)
    out += paragraph(style, i == 0 ? "  chain" : "", fmt::format("{}. {}", i + 1, text(fixed.chain[i])), indent);
  const bool its_own =
      fixed.chain.size() == 1 && fixed.root == subject_of(sources.certificates[fixed.chain[0]].certificate);
  if (!fixed.root.empty() && !its_own)
    out += paragraph(style, "  root", fmt::format("{}: not to be sent", fixed.root), indent);
  bool first = true;
  for (const std::size_t i : fixed.left_out) {
    out += paragraph(style, first ? "  left out" : "", fmt::format("{}: {}", text(i), why_left_out(sources, fixed, i)),
                     indent);
    first = false;
  }
  std::vector<std::string> changes;
  const bool good = judge_chain(sources, fixed).exit_code == ExitCode::ok;
  if (good && fixed.was_in_order) changes.emplace_back("nothing: it was in order");
  if (!std::ranges::is_sorted(fixed.chain)) changes.emplace_back("put in order, leaf first");
  for (const std::size_t i : fixed.chain)
    if (!sources.certificates[i].was_named) changes.push_back(fmt::format("added {}", text(i)));
  if (!fixed.left_out.empty()) changes.push_back(fmt::format("left out {}", fixed.left_out.size()));
  if (!changes.empty()) out += paragraph(style, "  changed", fmt::format("{}", fmt::join(changes, "; ")), indent);
  if (!sources.public_keys.empty()) out += paragraph(style, "  keys", "left alone: a chain holds none", indent);
  return out;
}

}  // namespace handfast::doctor
