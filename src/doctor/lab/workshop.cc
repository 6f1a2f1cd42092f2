#include "doctor/lab/workshop.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "authority/mint_crl.h"
#include "base/secret.h"
#include "x509/der_writer.h"
#include "x509/oid.h"
#include "x509/pem.h"

namespace handfast::doctor::lab {
namespace {

namespace der = x509::der;
using authority::CertificateOptions;
using authority::Identity;
using crypto::KeyType;

constexpr const char* organization = "Handfast lab";

/// Authorities are old, so that of all dates a leaf's alone may be wrong.
CertificateOptions authority_named(std::string common_name, std::string of, std::int64_t now) {
  CertificateOptions options = authority::ca_options(std::move(common_name), now - 400 * day, now + 30 * day);
  options.organization = std::move(of);
  return options;
}

/// AuthorityInfoAccessSyntax with one id-ad-caIssuers (RFC 5280, section 4.2.2.1).
authority::RawExtension location_of(const std::string& url) {
  Buffer value;
  der::Writer w(value);
  w.within(der::Tag::sequence, [&] {
    w.within(der::Tag::sequence, [&] {
      w.object_identifier(x509::oid::id_ad_caIssuers);
      w.text(der::context(6), url);
    });
  });
  return {"1.3.6.1.5.5.7.1.1", false, std::move(value)};
}

Result<std::shared_ptr<const LocalKey>> local(const crypto::SigningKey& key) {
  Result<Buffer> pkcs8 = key.to_der();
  if (!pkcs8) return fail(std::move(pkcs8.error()));
  auto out = LocalKey::from_der(*pkcs8);
  base::wipe(pkcs8->data(), pkcs8->size());
  return out;
}

Buffer copy_of(const x509::Certificate& certificate) { return {certificate.der().begin(), certificate.der().end()}; }

authority::Issuer issuer_of(const Identity& identity) { return {identity.certificate, identity.key}; }

}  // namespace

authority::RawExtension must_staple() {
  Buffer value;
  der::Writer w(value);
  w.within(der::Tag::sequence, [&] { w.integer(5); });
  return {"1.3.6.1.5.5.7.1.24", false, std::move(value)};
}

std::string Made::chain_pem() const {
  std::string out;
  for (const Buffer& certificate : chain) out += x509::encode_pem("CERTIFICATE", certificate);
  return out;
}

Result<std::unique_ptr<Workshop>> Workshop::open(std::int64_t now, std::string issuer_url, Random& random) {
  // A name of its own: one that trusts yesterday's lab is told that it does not know today's.
  std::array<std::uint8_t, 4> number;
  random.fill(number);
  const CertificateOptions root_options =
      authority_named(fmt::format("Handfast lab root {:02x}", fmt::join(number, "")), organization, now);
  auto root = authority::make_ca(root_options, KeyType::p256, random);
  if (!root) return fail(std::move(root.error()));
  auto intermediate = authority::make_identity(authority_named("Handfast lab intermediate", organization, now),
                                               KeyType::p256, issuer_of(*root), random);
  if (!intermediate) return fail(std::move(intermediate.error()));
  auto sub = authority::make_identity(authority_named("Handfast lab sub-intermediate", organization, now),
                                      KeyType::p256, issuer_of(*intermediate), random);
  if (!sub) return fail(std::move(sub.error()));
  auto stranger = authority::make_ca(authority_named("Somebody's own root", "Somebody", now), KeyType::p256, random);
  if (!stranger) return fail(std::move(stranger.error()));
  auto impostor = authority::make_ca(root_options, KeyType::p256, random);
  if (!impostor) return fail(std::move(impostor.error()));
  auto appliance = authority::make_ca(
      authority_named("Example Security Appliance CA", "Example Security Appliance", now), KeyType::p256, random);
  if (!appliance) return fail(std::move(appliance.error()));
  return std::unique_ptr<Workshop>(new Workshop(now, random, *std::move(root), *std::move(intermediate),
                                                *std::move(sub), *std::move(stranger), *std::move(impostor),
                                                *std::move(appliance), location_of(issuer_url)));
}

Plan Workshop::plan(const std::string& host) const {
  Plan out;
  out.leaf = authority::leaf_options({host}, now_ - hour, now_ + 7 * day);
  out.leaf.extensions.push_back(issuer_location_);
  out.issuer = &intermediate_;
  out.behind.push_back(intermediate_.certificate);
  return out;
}

Result<Made> Workshop::make(const Plan& plan) const {
  auto key = crypto::SigningKey::generate(KeyType::p256);
  if (!key) return fail(std::move(key.error()));
  return make(plan, *key);
}

Result<Made> Workshop::make(const Plan& plan, const crypto::SigningKey& key) const {
  auto leaf = authority::issue(plan.leaf, key, issuer_of(*plan.issuer), *random_);
  if (!leaf) return fail(std::move(leaf.error()));
  auto own = local(key);
  if (!own) return fail(std::move(own.error()));
  std::vector<Buffer> chain;
  chain.push_back(copy_of(*leaf));
  for (const x509::Certificate& certificate : plan.behind) chain.push_back(copy_of(certificate));
  return Made{*std::move(leaf), std::move(chain), *std::move(own)};
}

Result<Made> Workshop::make_self_signed(const CertificateOptions& options) const {
  auto key = crypto::SigningKey::generate(KeyType::p256);
  if (!key) return fail(std::move(key.error()));
  auto leaf = authority::self_sign(options, *key, *random_);
  if (!leaf) return fail(std::move(leaf.error()));
  auto own = local(*key);
  if (!own) return fail(std::move(own.error()));
  std::vector<Buffer> chain;
  chain.push_back(copy_of(*leaf));
  return Made{*std::move(leaf), std::move(chain), *std::move(own)};
}

Result<Identity> Workshop::make_authority(const CertificateOptions& options, const Identity& issuer) const {
  return authority::make_identity(options, KeyType::p256, issuer_of(issuer), *random_);
}

Result<Buffer> Workshop::staple(const Plan& plan, const x509::Certificate& leaf, x509::RevocationStatus status) const {
  authority::OcspAnswer answer{.certificate = leaf, .issuer = plan.issuer->certificate};
  answer.status = status;
  if (status == x509::RevocationStatus::revoked) {
    answer.revoked_at = now_ - day;
    answer.reason = x509::CRLReason::keyCompromise;
  }
  answer.this_update = now_ - hour;
  answer.next_update = now_ + day;
  authority::OcspOptions options;
  options.answers.push_back(std::move(answer));
  options.produced_at = now_;
  return authority::mint_ocsp_response(options, issuer_of(*plan.issuer));
}

Result<Buffer> Workshop::crl(const std::vector<x509::Certificate>& revoked) const {
  authority::CrlOptions options;
  options.this_update = now_ - hour;
  options.next_update = now_ + day;
  options.crl_number = 1;
  for (const x509::Certificate& certificate : revoked) {
    authority::RevokedCertificate entry;
    entry.serial_number.assign(certificate->serial_number.begin(), certificate->serial_number.end());
    entry.revocation_date = now_ - day;
    entry.reason = x509::CRLReason::superseded;
    options.revoked.push_back(std::move(entry));
  }
  return authority::issue_crl(options, issuer_of(intermediate_));
}

}  // namespace handfast::doctor::lab
