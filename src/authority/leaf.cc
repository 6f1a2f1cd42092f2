#include "authority/leaf.h"

#include <algorithm>
#include <utility>

#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/oid.h"

namespace handfast::authority {
namespace {

constexpr std::int64_t day = 86400;
constexpr std::size_t ub_common_name = 64;  // RFC 5280, appendix A.1

/// Whether it is a host that may stand in a certificate: exactly as clients compare it (an address, or a dot at the
/// end, would become another name when it is written anew), and for a wildcard with two labels behind it.
bool is_fit(std::string_view name) {
  const bool is_wildcard = name.starts_with("*.");
  if (is_wildcard) name.remove_prefix(2);
  if (!x509::is_host_name(name) || (is_wildcard && name.find('.') == std::string_view::npos)) return false;
  const Result<x509::ServerName> host = x509::ServerName::parse(name);
  return host && !host->is_ip();
}

bool covers(std::span<const std::string> names, const x509::ServerName& asked) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return asked.is_ip() ? name == asked.text() : x509::matches_dns(name, asked.text());
  });
}

/// As text; empty: a name that no client looks for.
std::string copied_name(const x509::GeneralName& name) {
  if (name.type == x509::GeneralNameType::dNSName && is_fit(as_text(name.value)))
    return std::string(as_text(name.value));
  const bool is_address = name.value.size() == 4 || name.value.size() == 16;
  if (name.type == x509::GeneralNameType::iPAddress && is_address) return x509::ip_text(name.value);
  return {};
}

std::vector<std::string> copied_names(const x509::CertificateView& origin) {
  std::vector<std::string> names;
  std::size_t bytes = 0;
  Bytes rest = origin.subject_alt_name.value_or(Bytes{});
  for (x509::GeneralName entry; names.size() < max_names && x509::read_general_name(rest, entry);) {
    std::string name = copied_name(entry);
    bytes += name.size();
    if (bytes > max_name_bytes) break;
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

/// The origin's common name where it has one that fits, for people: no client looks for a host there.
std::string common_name(const x509::CertificateView& origin, std::span<const std::string> names) {
  std::vector<std::string> texts = x509::attribute_texts(origin.subject, x509::oid::commonName);
  if (texts.size() == 1 && !texts.front().empty() && texts.front().size() <= ub_common_name)
    return std::move(texts.front());
  if (!names.empty() && names.front().size() <= ub_common_name) return names.front();
  return "an origin without a name";
}

}  // namespace

Result<UntrustedAuthority> UntrustedAuthority::make(std::int64_t now, Random& random) {
  Result<Identity> identity =
      make_ca(ca_options("Handfast untrusted origin", std::max<std::int64_t>(now - 3650 * day, 0), now + 3650 * day),
              crypto::KeyType::p256, random);
  if (!identity) return fail(std::move(identity.error()));
  return UntrustedAuthority(std::move(*identity));
}

LeafPlan plan_leaf(const x509::CertificateView& origin, const x509::ServerName& asked, Showing showing,
                   const x509::CertificateView& ca, std::int64_t now) {
  LeafPlan plan;
  plan.showing = showing;
  std::vector<std::string> names = copied_names(origin);
  if (x509::matches(origin, asked) && !covers(names, asked)) {
    plan.added_name = asked.text();
    names.insert(names.begin(), asked.text());
  }
  std::int64_t not_before = origin.not_before;
  std::int64_t not_after = origin.not_after;
  if (showing == Showing::trusted) {
    not_before = std::max(now - day, ca.not_before);
    // Both ends belong to the validity (RFC 5280, section 4.1.2.5).
    not_after = std::min({not_before + max_leaf_days * day - 1, origin.not_after, ca.not_after});
  }
  plan.options = leaf_options({}, not_before, not_after);
  plan.options.common_name = common_name(origin, names);
  plan.options.names = std::move(names);
  plan.options.extended_key_usage.clear();
  plan.options.extended_key_usage.emplace_back(server_auth);
  return plan;
}

Result<std::shared_ptr<const Credential>> mint_leaf(const LeafPlan& plan, const LocalAuthority& trusted,
                                                    const UntrustedAuthority& untrusted, Random& random) {
  Result<crypto::SigningKey> key = crypto::SigningKey::generate(crypto::KeyType::p256);
  if (!key) return fail(std::move(key.error()));
  const bool vouched = plan.showing == Showing::trusted || plan.showing == Showing::as_dated_and_named;
  Result<x509::Certificate> leaf =
      plan.showing == Showing::self_signed
          ? self_sign(plan.options, *key, random)
          : issue(plan.options, *key, vouched ? trusted.issuer() : untrusted.issuer(), random);
  if (!leaf) return fail(std::move(leaf.error()));
  std::vector<Buffer> chain;
  chain.emplace_back(leaf->der().begin(), leaf->der().end());
  if (vouched) chain.insert(chain.end(), trusted.chain().begin(), trusted.chain().end());
  return Credential::make(std::move(chain), LocalKey::of(*std::move(key)));
}

}  // namespace handfast::authority
