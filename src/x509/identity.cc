// What a certificate says of its holder.
#include <handfast/identity.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <limits>
#include <utility>

#include "base/copy.h"
#include "crypto/hash.h"
#include "x509/certificate.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/oid.h"
#include "x509/server_name.h"

namespace handfast {
namespace {

/// Whole: two names of which a cut would hide the difference are not to be taken for one.
std::string whole_text(Bytes name) { return x509::name_text(name, std::numeric_limits<std::size_t>::max()); }

void add_alt_names(Identity& identity, Bytes rest) {
  for (x509::GeneralName name; x509::read_general_name(rest, name);) {
    switch (name.type) {
      case x509::GeneralNameType::dNSName: identity.dns_names.emplace_back(as_text(name.value)); break;
      case x509::GeneralNameType::iPAddress: identity.ip_addresses.push_back(x509::ip_text(name.value)); break;
      case x509::GeneralNameType::rfc822Name: identity.email_addresses.emplace_back(as_text(name.value)); break;
      case x509::GeneralNameType::uniformResourceIdentifier: identity.uris.emplace_back(as_text(name.value)); break;
      default: break;
    }
  }
}

}  // namespace

Result<Identity> identity_of(Bytes certificate) {
  Result<x509::CertificateView> parsed = x509::parse_certificate(certificate);
  if (!parsed) return fail(std::move(parsed.error()));
  Identity identity;
  identity.subject = whole_text(parsed->subject);
  identity.subject_der.assign(parsed->subject.begin(), parsed->subject.end());
  std::vector<std::string> common_names = x509::attribute_texts(parsed->subject, x509::oid::commonName);
  if (common_names.size() == 1) identity.common_name = std::move(common_names.front());
  add_alt_names(identity, parsed->subject_alt_name.value_or(Bytes()));
  identity.issuer = whole_text(parsed->issuer);
  identity.serial_number = fmt::format("{:02x}", fmt::join(parsed->serial_number, ""));
  identity.not_before = parsed->not_before;
  identity.not_after = parsed->not_after;
  const crypto::Digest fingerprint = crypto::Hash::of(crypto::HashAlgorithm::sha256, certificate);
  base::copy(fingerprint.view(), identity.sha256);
  identity.public_key = SpkiPin::of(parsed->public_key.der);
  return identity;
}

std::vector<std::string> Identity::terms() const {
  std::vector<std::string> terms;
  auto add = [&terms](std::string_view kind, const std::string& value) {
    if (!value.empty()) terms.push_back(fmt::format("{}:{}", kind, value));
  };
  for (const std::string& name : dns_names) add("dns", name);
  for (const std::string& address : ip_addresses) add("ip", address);
  for (const std::string& address : email_addresses) add("email", address);
  for (const std::string& uri : uris) add("uri", uri);
  add("subject", subject);
  add("sha256", fmt::format("{:02x}", fmt::join(sha256, "")));
  add("spki", public_key.text());
  return terms;
}

}  // namespace handfast
