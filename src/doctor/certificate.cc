#include "doctor/certificate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <handfast/trust.h>

#include "base/contains.h"
#include "crypto/hash.h"
#include "doctor/style.h"
#include "x509/access.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/oid.h"

namespace handfast::doctor {
namespace {

constexpr std::int64_t day = 86400;

std::vector<std::string> shown(std::vector<std::string> texts) {
  for (std::string& text : texts) text = printable(text);
  return texts;
}

/// What the web's authorities may at most issue, in days (CA/Browser Forum, Baseline Requirements, section 6.3.2), by
/// the day of issuing.
std::int64_t longest_on_the_web(std::int64_t issued) noexcept {
  struct Row {
    std::int64_t from, days;
  };
  constexpr Row rows[] = {{1868227200, 47}, {1805068800, 100}, {1773532800, 200}, {1598918400, 398}};
  for (const Row& row : rows)
    if (issued >= row.from) return row.days;
  return 825;
}

class Remarks {
 public:
  Remarks(const x509::CertificateView& certificate, const CertificateDetails& details, std::int64_t now)
      : view_(certificate), details_(details), now_(now) {}

  std::vector<Remark> collect() && {
    validity();
    key_and_signature();
    constraints();
    names();
    form();
    return std::move(remarks_);
  }

 private:
  void say(std::string_view code, std::string text) { remarks_.push_back({code, std::move(text)}); }

  void validity() {
    constexpr std::int64_t soon = 14 * day;
    if (now_ > view_.not_after)
      say("expired", fmt::format("it expired {} ago", days_text(now_ - view_.not_after)));
    else if (now_ < view_.not_before)
      say("not_yet_valid", fmt::format("it becomes valid in {}", days_text(view_.not_before - now_)));
    else if (view_.not_after - now_ < soon)
      say("expires_soon", fmt::format("it expires in {}", days_text(view_.not_after - now_)));
    const std::int64_t length = (view_.not_after - view_.not_before) / day;
    const std::int64_t longest = longest_on_the_web(view_.not_before);
    if (!view_.is_ca() && length > longest)
      say("long_validity",
          fmt::format("it is valid for {} days; browsers take at most {} from a public authority", length, longest));
  }

  void key_and_signature() {
    const x509::SubjectPublicKeyInfo& key = view_.public_key;
    const bool rsa = key.type == crypto::KeyType::rsa || key.type == crypto::KeyType::rsa_pss;
    if (rsa && key.bits < 2048)
      say("weak_key", fmt::format("an RSA key of {} bits is too short; at least 2048 are asked for", key.bits));
    if (!key.type) {
      const std::string_view needed = x509::needed_for(key.algorithm.oid);
      say("unsupported_key",
          needed.empty() ? "a key of a kind that TLS 1.3 or this build has no use for" : std::string(needed));
    }
    // Nobody relies on the signature of a root on itself.
    if (details_.is_self_signed && view_.is_ca()) return;
    const std::string_view name = details_.signature_algorithm;
    const bool broken = name.starts_with("md5") || name.starts_with("md2");
    if (broken || name.find("sha1") != name.npos || name.find("SHA1") != name.npos)
      say("weak_signature", fmt::format("the hash of its signature ({}) is broken; nobody accepts it", name));
    else if (!x509::signature_algorithm(view_.signature_algorithm))
      say("unsupported_signature", fmt::format("a signature of a kind that is not known here ({})", name));
  }

  void constraints() {
    if (!view_.unknown_critical.empty())
      say("unknown_critical_extension", fmt::format("the extension {} is critical and not processed here: refused",
                                                    x509::extension_name(view_.unknown_critical)));
    const bool signs = !view_.key_usage || contains(*view_.key_usage, x509::KeyUsage::keyCertSign);
    if (view_.is_ca() && !signs) say("ca_without_cert_sign", "a CA whose key usage does not let it sign certificates");
    if (view_.is_ca() && !details_.summary.names.empty())
      say("ca_as_leaf",
          "it is a CA and names hosts, as `openssl req -x509` makes them: as a server's own certificate it is refused");
    const std::vector<std::string>& purposes = details_.extended_key_usage;
    if (!view_.is_ca() && !purposes.empty() && !base::contains(purposes, std::string("serverAuth")) &&
        !base::contains(purposes, std::string("clientAuth")) &&
        !base::contains(purposes, std::string("anyExtendedKeyUsage")))
      say("not_for_tls", "its extended key usage allows neither servers nor clients of TLS");
  }

  void names() {
    if (!view_.is_ca() && details_.summary.names.empty()) {
      const bool common_name = !x509::attribute_values(view_.subject, x509::oid::commonName).empty();
      say("no_subject_alt_name", common_name ? "no host name or address in subjectAltName; a common name does not count"
                                             : "no host name or address in subjectAltName");
    }
    for (const std::string& name : details_.summary.names) {
      const std::size_t star = name.find('*');
      const bool usable = star == name.npos || (star == 0 && name.starts_with("*.") && name.find('*', 1) == name.npos &&
                                                name.find('.', 2) != name.npos);
      if (!usable)
        say("useless_wildcard", fmt::format("the name {} matches no host: * is one whole first label", name));
    }
  }

  void form() {
    if (view_.version != 3) say("old_version", fmt::format("X.509 version {}; TLS wants 3", view_.version));
    const Bytes serial = view_.serial_number;
    const bool zero = std::all_of(serial.begin(), serial.end(), [](std::uint8_t octet) { return octet == 0; });
    if (zero || serial.size() > 20 || (!serial.empty() && serial[0] >= 0x80))
      say("bad_serial_number", "a serial number is positive and has at most 20 octets (RFC 5280, section 4.1.2.2)");
  }

  const x509::CertificateView& view_;
  const CertificateDetails& details_;
  std::int64_t now_;
  std::vector<Remark> remarks_;
};

void read_extensions(const x509::CertificateView& view, CertificateDetails& out) {
  namespace oid = x509::oid;
  static constexpr std::array<Bytes, 11> told = {oid::subjectKeyIdentifier,
                                                 oid::keyUsage,
                                                 oid::subjectAltName,
                                                 oid::basicConstraints,
                                                 oid::nameConstraints,
                                                 oid::cRLDistributionPoints,
                                                 oid::certificatePolicies,
                                                 oid::extKeyUsage,
                                                 oid::authorityKeyIdentifier,
                                                 oid::authorityInfoAccess,
                                                 oid::signedCertificateTimestampList};
  Bytes rest = view.extensions;
  while (!rest.empty()) {
    const std::optional<x509::Extension> extension = x509::read_extension(rest);
    if (!extension) return;
    const std::string name = x509::extension_name(extension->oid);
    if (extension->critical) out.critical.push_back(name);
    const bool shown = oid::equal(extension->oid, oid::tlsFeature)
                           ? out.must_staple
                           : std::ranges::any_of(told, [&](Bytes one) { return oid::equal(one, extension->oid); });
    if (!shown) out.other_extensions.push_back(name);
  }
}

CertificateSummary summary_of(const x509::CertificateView& certificate) {
  CertificateSummary out;
  out.subject = printable_utf8(x509::name_text(certificate.subject));
  out.issuer = printable_utf8(x509::name_text(certificate.issuer));
  for (const std::string& text : x509::tls_names(certificate)) out.names.push_back(printable(text));
  out.not_before = certificate.not_before;
  out.not_after = certificate.not_after;
  out.serial_number = hex(certificate.serial_number);
  out.key = key_text(certificate.public_key);
  out.is_ca = certificate.is_ca();
  out.self_issued = certificate.self_issued();
  return out;
}

std::string fingerprint(Bytes der) {
  const crypto::Digest digest = crypto::Hash::of(crypto::HashAlgorithm::sha256, der);
  return hex(digest.view());
}

}  // namespace

CertificateSummary summarize(Bytes der) {
  auto certificate = x509::parse_certificate(der);
  CertificateSummary out;
  if (certificate)
    out = summary_of(*certificate);
  else
    out.problem = printable(certificate.error().message());
  out.sha256 = fingerprint(der);
  return out;
}

CertificateDetails inspect_certificate(Bytes der, std::int64_t now) {
  CertificateDetails out;
  out.summary = summarize(der);
  const auto parsed = x509::parse_certificate(der);
  if (!parsed) return out;
  const x509::CertificateView& view = *parsed;
  out.version = view.version;
  out.signature_algorithm = x509::signature_name(view.signature_algorithm);
  for (const std::string& name : x509::alternative_names(view)) out.alternative_names.push_back(printable_utf8(name));
  out.is_self_signed = x509::is_issued_by(view, view);
  if (view.basic_constraints) out.path_length = view.basic_constraints->path_len_constraint;
  if (view.key_usage) out.key_usage = x509::key_usages(*view.key_usage);
  out.extended_key_usage = x509::purposes(view);
  if (view.name_constraints) {
    out.name_constraints = x509::constraint_texts(*view.name_constraints);
    for (auto* list : {&out.name_constraints->permitted, &out.name_constraints->excluded})
      for (std::string& text : *list) text = printable_utf8(text);
  }
  if (view.subject_key_identifier) out.subject_key_id = hex(*view.subject_key_identifier);
  out.authority_key_id = hex(view.authority_key_id);
  const x509::Locations locations = x509::locations(view);
  out.locations = {shown(locations.ocsp), shown(locations.ca_issuers), shown(locations.crl)};
  out.policies = x509::policies(view);
  out.timestamps = x509::embedded_timestamps(view);
  out.must_staple = x509::requires_staple(view);
  out.pin = SpkiPin::of(view.public_key.der).text();
  read_extensions(view, out);
  out.remarks = Remarks(view, out, now).collect();
  return out;
}

std::string key_text(const x509::SubjectPublicKeyInfo& key) {
  // Keys of ML-DSA and what they sign have one name.
  if (!key.type) return printable(x509::signature_name(key.algorithm));
  switch (*key.type) {
    case crypto::KeyType::rsa: return fmt::format("RSA {}", key.bits);
    case crypto::KeyType::rsa_pss: return fmt::format("RSA-PSS {}", key.bits);
    case crypto::KeyType::p256: return "ECDSA P-256";
    case crypto::KeyType::p384: return "ECDSA P-384";
    case crypto::KeyType::p521: return "ECDSA P-521";
    case crypto::KeyType::ed25519: return "Ed25519";
    case crypto::KeyType::mldsa44: return "ML-DSA-44";
    case crypto::KeyType::mldsa65: return "ML-DSA-65";
    case crypto::KeyType::mldsa87: return "ML-DSA-87";
  }
  return {};
}

std::string hex(Bytes bytes) { return fmt::format("{:02x}", fmt::join(bytes, "")); }

std::string days_text(std::int64_t seconds) {
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  constexpr Unit units[] = {{day, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  const std::int64_t span = std::abs(seconds);
  const auto* unit = std::find_if(units, units + 3, [&](const Unit& one) { return span >= one.seconds; });
  const std::int64_t count = span / unit->seconds;
  return fmt::format("{} {}{}", count, unit->name, count == 1 ? "" : "s");
}

}  // namespace handfast::doctor
