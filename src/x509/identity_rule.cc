// IdentityRule: its terms, read and held against an identity.
#include <handfast/identity.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <expected>
#include <utility>

#include "base/contains.h"
#include "x509/ascii.h"
#include "x509/server_name.h"
#include "x509/written_name.h"

namespace handfast {
namespace {

Error refused(std::string_view text, std::string problem) {
  return Error(Alert::internal_error, Reason::bad_config)
      .with("option", "authorization")
      .with("problem", std::move(problem))
      .with("value", std::string(text.substr(0, 200)));
}

std::string hex(Bytes bytes) { return fmt::format("{:02x}", fmt::join(bytes, "")); }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), x509::lower);
  return out;
}

/// The host in lower case; what stands before it means what its host says it does.
std::string canonical_address(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return std::string(address);
  return std::string(address.substr(0, at)) + lower(address.substr(at));
}

/// As x509::matches_dns takes it, or empty where no name could match.
std::string canonical_pattern(std::string_view pattern) {
  std::string out = lower(pattern);
  if (out.ends_with('.')) out.pop_back();
  std::string_view host = out;
  const bool wildcard = host.starts_with("*.");
  if (wildcard) host.remove_prefix(2);
  const bool good = x509::is_host_name(host) && (!wildcard || host.find('.') != std::string_view::npos);
  return good ? out : std::string();
}

}  // namespace

Result<IdentityRule::Term> IdentityRule::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (value.empty())
    return fail(refused(text, "a term is dns:, ip:, uri:, email:, subject:, cn:, sha256: or spki: and what it names"));
  if (kind == "dns") {
    std::string pattern = canonical_pattern(value);
    if (pattern.empty())
      return fail(refused(text, "it is no host name; a wildcard is the whole first label, with two behind it"));
    return Term{"dns", std::move(pattern)};
  }
  if (kind == "ip") {
    Result<x509::ServerName> address = x509::ServerName::parse(value);
    if (!address || !address->is_ip()) return fail(refused(text, "it is no IP address"));
    return Term{"ip", address->text()};
  }
  if (kind == "email") {
    const std::size_t at = value.rfind('@');
    if (at == 0 || at == std::string_view::npos || at + 1 == value.size())
      return fail(refused(text, "it is no address user@host"));
    return Term{"email", canonical_address(value)};
  }
  if (kind == "uri") {
    if (value.find(':') == std::string_view::npos) return fail(refused(text, "an URI begins with its scheme"));
    return Term{"uri", std::string(value)};
  }
  if (kind == "subject") {
    std::expected<std::string, std::string> name = x509::parse_written_name(value);
    if (!name) return fail(refused(text, std::move(name.error())));
    return Term{"subject", *std::move(name)};
  }
  if (kind == "cn") return Term{"cn", std::string(value)};
  if (kind == "sha256" || kind == "spki") {
    Result<SpkiPin> digest = SpkiPin::parse(value);
    if (!digest) return fail(refused(text, "it is no SHA-256: 64 hexadecimal digits, or sha256/BASE64"));
    return kind == "spki" ? Term{"spki", digest->text()} : Term{"sha256", hex(digest->sha256)};
  }
  return fail(refused(text, fmt::format("there are no terms of the kind \"{}\"", kind)));
}

Result<std::shared_ptr<const IdentityRule>> IdentityRule::any_of(std::span<const std::string> terms) {
  if (terms.empty()) return fail(refused({}, "without a term nobody could connect"));
  std::vector<Term> parsed;
  for (const std::string& text : terms) {
    Result<Term> term = parse(text);
    if (!term) return fail(std::move(term.error()));
    parsed.push_back(std::move(*term));
  }
  return std::shared_ptr<const IdentityRule>(new IdentityRule(std::move(parsed)));
}

bool IdentityRule::matches(const Term& term, const Identity& peer) {
  const std::string& value = term.value;
  if (term.kind == "dns")
    return std::ranges::any_of(peer.dns_names, [&](const std::string& name) {
      const std::string host = lower(name);
      return x509::is_host_name(host) && x509::matches_dns(value, host);
    });
  if (term.kind == "ip") return base::contains(peer.ip_addresses, value);
  if (term.kind == "uri") return base::contains(peer.uris, value);
  if (term.kind == "email")
    return std::ranges::any_of(peer.email_addresses,
                               [&](const std::string& address) { return canonical_address(address) == value; });
  if (term.kind == "subject") return peer.subject == value;
  if (term.kind == "cn") return peer.common_name == value;
  if (term.kind == "spki") return peer.public_key.text() == value;
  return hex(peer.sha256) == value;
}

bool IdentityRule::permits(const Identity& peer) const {
  return std::ranges::any_of(terms_, [&](const Term& term) { return matches(term, peer); });
}

std::vector<std::string> IdentityRule::terms() const {
  std::vector<std::string> texts;
  texts.reserve(terms_.size());
  for (const Term& term : terms_) texts.push_back(fmt::format("{}:{}", term.kind, term.value));
  return texts;
}

}  // namespace handfast
