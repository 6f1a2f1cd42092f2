#include "x509/name_constraints.h"

#include <algorithm>
#include <bit>
#include <string>

#include "x509/ascii.h"
#include "x509/der.h"
#include "x509/oid.h"
#include "x509/server_name.h"

namespace handfast::x509 {
namespace {

using der::Tag;

/// Address and mask, of one length, the mask a prefix.
bool is_address_range(Bytes value) noexcept {
  if (value.size() != 8 && value.size() != 32) return false;
  bool ended = false;
  for (std::uint8_t octet : value.subspan(value.size() / 2)) {
    int ones = std::countl_one(octet);
    if (ones + std::countr_zero(octet) < 8 || (ended && octet != 0)) return false;
    ended = ended || ones < 8;
  }
  return true;
}

/// GeneralSubtree: the base, alone, for minimum is the DEFAULT 0 and maximum absent in this profile.
bool read_subtree(der::Reader& subtrees, GeneralName& base) noexcept {
  der::Reader subtree = subtrees.enter(Tag::sequence);
  Bytes rest = subtree.peek();
  if (!subtree.ok() || !read_general_name(rest, base) || !rest.empty()) return false;
  return base.type != GeneralNameType::iPAddress || is_address_range(base.value);
}

bool are_subtrees(Bytes content) noexcept {
  der::Reader reader(content);
  for (GeneralName base; !reader.empty();)
    if (!read_subtree(reader, base)) return false;
  return !content.empty();
}

/// Whether `host` ends with `.domain`, or with `domain` where that begins with a dot itself.
bool is_below(std::string_view host, std::string_view domain) noexcept {
  bool dotted = domain.starts_with('.');
  if (host.size() <= domain.size() || !equal_without_case(host.substr(host.size() - domain.size()), domain))
    return false;
  return dotted || host[host.size() - domain.size() - 1] == '.';
}

/// "example.com" stands for itself and all below it, ".example.com" for what is below, "" for everything.
bool in_domain(std::string_view host, std::string_view domain) noexcept {
  return domain.empty() || equal_without_case(host, domain) || is_below(host, domain);
}

/// In e-mail addresses and URIs "example.com" is that one host, ".example.com" what is below it.
bool in_host_or_below(std::string_view host, std::string_view constraint) noexcept {
  if (constraint.starts_with('.')) return is_below(host, constraint);
  return equal_without_case(host, constraint);
}

Within when(bool yes) noexcept { return yes ? Within::yes : Within::no; }

Within dns_within(std::string_view name, std::string_view domain) noexcept {
  std::string_view host = name.starts_with("*.") ? name.substr(2) : name;
  std::string_view base = domain.starts_with('.') ? domain.substr(1) : domain;
  if (!is_host_name(host) || (!base.empty() && !is_host_name(base))) return Within::unknown;
  return when(in_domain(name, domain));
}

Within ip_within(Bytes address, Bytes range) noexcept {
  if (range.size() != 2 * address.size()) return Within::no;  // the other family
  for (std::size_t i = 0; i < address.size(); ++i)
    if ((address[i] ^ range[i]) & range[address.size() + i]) return Within::no;
  return Within::yes;
}

Within mailbox_within(std::string_view mailbox, std::string_view constraint) noexcept {
  std::size_t at = mailbox.rfind('@');
  if (at == std::string_view::npos || at == 0 || !is_host_name(mailbox.substr(at + 1))) return Within::unknown;
  std::string_view local = mailbox.substr(0, at);
  std::string_view host = mailbox.substr(at + 1);
  // A quoted local part can be written in several ways; comparing those is left to nobody.
  if (local.find_first_of("\"\\ @") != std::string_view::npos) return Within::unknown;
  std::size_t constraint_at = constraint.rfind('@');
  if (constraint_at != std::string_view::npos)
    return when(local == constraint.substr(0, constraint_at) &&
                equal_without_case(host, constraint.substr(constraint_at + 1)));
  return when(constraint.empty() || in_host_or_below(host, constraint));
}

/// The constraint is on the host of the authority, which must be a name (RFC 5280, section 4.2.1.10).
Within uri_within(std::string_view uri, std::string_view constraint) noexcept {
  std::size_t scheme = uri.find("://");
  if (scheme == std::string_view::npos) return Within::unknown;
  std::string_view authority = uri.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (std::size_t user = authority.rfind('@'); user != std::string_view::npos) authority.remove_prefix(user + 1);
  std::string_view host = authority.substr(0, authority.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  if (!is_host_name(host)) return Within::unknown;
  return when(constraint.empty() || in_host_or_below(host, constraint));
}

}  // namespace

Within wholly_within(const GeneralName& name, const GeneralName& subtree, std::size_t& budget) noexcept {
  switch (name.type) {
    case GeneralNameType::dNSName: return dns_within(as_text(name.value), as_text(subtree.value));
    case GeneralNameType::iPAddress: return ip_within(name.value, subtree.value);
    case GeneralNameType::directoryName: return name_within(name.value, subtree.value, budget);
    case GeneralNameType::rfc822Name: return mailbox_within(as_text(name.value), as_text(subtree.value));
    case GeneralNameType::uniformResourceIdentifier: return uri_within(as_text(name.value), as_text(subtree.value));
    default: return Within::unknown;
  }
}

Within partly_within(const GeneralName& name, const GeneralName& subtree, std::size_t& budget) noexcept {
  Within within = wholly_within(name, subtree, budget);
  std::string_view host = as_text(name.value);
  if (name.type != GeneralNameType::dNSName || within != Within::no || !host.starts_with("*.")) return within;
  // One label takes the asterisk's place: the subtree may be just such a name.
  std::string_view domain = as_text(subtree.value);
  std::size_t dot = domain.find('.');
  return when(dot != std::string_view::npos && dot > 0 && equal_without_case(domain.substr(dot), host.substr(1)));
}

std::optional<NameConstraints> parse_name_constraints(Bytes value) noexcept {
  der::Reader reader(value);
  der::Reader fields = reader.enter(Tag::sequence);
  NameConstraints out;
  bool permits = fields.next_is(der::context_constructed(0));
  if (permits) out.permitted = fields.take(der::context_constructed(0));
  bool excludes = fields.next_is(der::context_constructed(1));
  if (excludes) out.excluded = fields.take(der::context_constructed(1));
  if (!reader.done() || !fields.done() || (!permits && !excludes)) return {};
  if ((permits && !are_subtrees(out.permitted)) || (excludes && !are_subtrees(out.excluded))) return {};
  return out;
}

namespace {

bool is_host_or_domain(std::string_view text) noexcept {
  return is_host_name(text.starts_with('.') ? text.substr(1) : text);
}

bool is_mailbox(std::string_view text) noexcept {
  std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && is_host_name(text.substr(at + 1));
}

bool is_well_written(const GeneralName& base) noexcept {
  std::string_view text = as_text(base.value);
  switch (base.type) {
    case GeneralNameType::dNSName: return text.empty() || is_host_name(text);
    case GeneralNameType::rfc822Name: return text.empty() || is_host_or_domain(text) || is_mailbox(text);
    case GeneralNameType::uniformResourceIdentifier: return text.empty() || is_host_or_domain(text);
    default: return true;
  }
}

}  // namespace

bool are_well_written(const NameConstraints& constraints) noexcept {
  for (Bytes subtrees : {constraints.permitted, constraints.excluded}) {
    der::Reader reader(subtrees);
    for (GeneralName base; !reader.empty();)
      if (!read_subtree(reader, base) || !is_well_written(base)) return false;
  }
  return true;
}

std::string subtree_text(const GeneralName& base) {
  if (base.type != GeneralNameType::iPAddress) return general_name_text(base);
  std::size_t half = base.value.size() / 2;
  int prefix = 0;
  for (std::uint8_t octet : base.value.subspan(half)) prefix += std::popcount(octet);
  return "ip:" + ip_text(base.value.first(half)) + '/' + std::to_string(prefix);
}

namespace {

class Checker {
 public:
  Checker(const NameConstraints& constraints, const CertificateView& certificate, std::size_t& budget) noexcept
      : constraints_(constraints), certificate_(certificate), budget_(budget) {}

  Result<void> check(const GeneralName& name) {
    der::Reader excluded(constraints_.excluded);
    for (GeneralName base; !excluded.empty();) {
      if (!read_subtree(excluded, base)) break;
      if (!spend()) return too_complex();
      if (base.type != name.type) continue;
      const Within within = partly_within(name, base, budget_);
      if (budget_ == 0) return too_complex();
      if (within != Within::no) return violation(name, "excluded " + subtree_text(base));
    }
    bool constrained = false;
    der::Reader permitted(constraints_.permitted);
    for (GeneralName base; !permitted.empty();) {
      if (!read_subtree(permitted, base)) break;
      if (!spend()) return too_complex();
      if (base.type != name.type) continue;
      if (wholly_within(name, base, budget_) == Within::yes) return {};
      if (budget_ == 0) return too_complex();
      constrained = true;
    }
    if (!constrained) return {};
    return violation(name, "permitted " + first_permitted(name.type));
  }

 private:
  bool spend() noexcept { return budget_ > 0 && budget_-- > 0; }

  std::string first_permitted(GeneralNameType type) const {
    der::Reader permitted(constraints_.permitted);
    for (GeneralName base; !permitted.empty();)
      if (read_subtree(permitted, base) && base.type == type) return subtree_text(base);
    return {};
  }

  Result<void> violation(const GeneralName& name, std::string constraint) const {
    return fail(Error(Alert::bad_certificate, Reason::name_constraint_violation)
                    .with("subject", name_text(certificate_.subject))
                    .with("name", general_name_text(name))
                    .with("constraint", std::move(constraint)));
  }
  static Result<void> too_complex() {
    return fail(Error(Alert::unknown_ca, Reason::path_too_complex).with("limit", "name comparisons"));
  }

  const NameConstraints& constraints_;
  const CertificateView& certificate_;
  std::size_t& budget_;
};

}  // namespace

Result<void> check_name_constraints(const NameConstraints& constraints, const CertificateView& certificate,
                                    std::size_t& budget) {
  Checker checker(constraints, certificate, budget);
  if (!is_empty_name(certificate.subject)) {
    GeneralName subject{GeneralNameType::directoryName, certificate.subject};
    if (Result<void> checked = checker.check(subject); !checked) return checked;
  }
  Bytes rest = certificate.subject_alt_name.value_or(Bytes{});
  for (GeneralName name; read_general_name(rest, name);)
    if (Result<void> checked = checker.check(name); !checked) return checked;
  if (certificate.subject_alt_name) return {};
  for (Bytes mailbox : attribute_values(certificate.subject, oid::emailAddress)) {
    GeneralName name{GeneralNameType::rfc822Name, mailbox};
    if (Result<void> checked = checker.check(name); !checked) return checked;
  }
  return {};
}

}  // namespace handfast::x509
