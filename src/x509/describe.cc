#include "x509/describe.h"

#include <array>
#include <optional>
#include <string_view>

#include "x509/access.h"
#include "x509/der.h"
#include "x509/distribution_point.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/name_constraints.h"
#include "x509/oid.h"

namespace handfast::x509 {
namespace {

using der::Tag;

struct NamedOid {
  Bytes oid;
  std::string_view name;
};

template <std::size_t Size>
std::string named(const std::array<NamedOid, Size>& known, Bytes oid) {
  for (const NamedOid& row : known)
    if (oid::equal(row.oid, oid)) return std::string(row.name);
  return oid_text(oid);
}

/// The URIs among GeneralNames.
void add_uris(Bytes names, std::vector<std::string>& out) {
  for (GeneralName name; !names.empty() && read_general_name(names, name);)
    if (name.type == GeneralNameType::uniformResourceIdentifier) out.emplace_back(as_text(name.value));
}

std::vector<std::string> as_texts(const std::vector<std::string_view>& urls) { return {urls.begin(), urls.end()}; }

std::vector<std::string> subtree_texts(Bytes subtrees) {
  std::vector<std::string> out;
  der::Reader reader(subtrees);
  while (!reader.empty()) {
    Bytes base = reader.take(Tag::sequence);
    if (GeneralName name; read_general_name(base, name)) out.push_back(subtree_text(name));
  }
  return out;
}

}  // namespace

Locations locations(const CertificateView& certificate) {
  Locations out{as_texts(ocsp_urls(certificate)), as_texts(ca_issuers_urls(certificate)), {}};
  Bytes rest = certificate.crl_distribution_points.value_or(Bytes{});
  for (DistributionPoint point; !rest.empty() && read_distribution_point(rest, point);)
    add_uris(point.name.full_name, out.crl);
  return out;
}

std::vector<std::string> policies(const CertificateView& certificate) {
  std::vector<std::string> out;
  der::Reader list(certificate.certificate_policies.value_or(Bytes{}));
  while (!list.empty()) {
    der::Reader information = list.enter(Tag::sequence);
    if (const Bytes policy = information.object_identifier(); !policy.empty()) out.push_back(oid_text(policy));
  }
  return out;
}

std::vector<std::string> purposes(const CertificateView& certificate) {
  static constexpr auto codeSigning = oid::make<1, 3, 6, 1, 5, 5, 7, 3, 3>;
  static constexpr auto emailProtection = oid::make<1, 3, 6, 1, 5, 5, 7, 3, 4>;
  static constexpr auto timeStamping = oid::make<1, 3, 6, 1, 5, 5, 7, 3, 8>;
  static constexpr auto ocspSigning = oid::make<1, 3, 6, 1, 5, 5, 7, 3, 9>;
  static constexpr std::array<NamedOid, 7> known = {{{oid::anyExtendedKeyUsage, "anyExtendedKeyUsage"},
                                                     {oid::id_kp_serverAuth, "serverAuth"},
                                                     {oid::id_kp_clientAuth, "clientAuth"},
                                                     {codeSigning, "codeSigning"},
                                                     {emailProtection, "emailProtection"},
                                                     {timeStamping, "timeStamping"},
                                                     {ocspSigning, "OCSPSigning"}}};
  std::vector<std::string> out;
  der::Reader reader(certificate.extended_key_usage.value_or(Bytes{}));
  while (!reader.empty())
    if (const Bytes purpose = reader.object_identifier(); !purpose.empty()) out.push_back(named(known, purpose));
  return out;
}

std::vector<std::string> key_usages(KeyUsage usage) {
  static constexpr std::string_view names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                               "dataEncipherment", "keyAgreement",   "keyCertSign",
                                               "cRLSign",          "encipherOnly",   "decipherOnly"};
  std::vector<std::string> out;
  for (std::size_t bit = 0; bit < std::size(names); ++bit)
    if (contains(usage, static_cast<KeyUsage>(1U << bit))) out.emplace_back(names[bit]);
  return out;
}

std::vector<std::string> alternative_names(const CertificateView& certificate) {
  std::vector<std::string> out;
  Bytes rest = certificate.subject_alt_name.value_or(Bytes{});
  for (GeneralName name; !rest.empty() && read_general_name(rest, name);) out.push_back(general_name_text(name));
  return out;
}

NameConstraintTexts constraint_texts(const NameConstraints& constraints) {
  return {subtree_texts(constraints.permitted), subtree_texts(constraints.excluded)};
}

std::size_t embedded_timestamps(const CertificateView& certificate) {
  // An OCTET STRING around TLS vectors: a list of 16 bits' length, and each item with such a length of its own.
  const std::optional<Extension> timestamps = find_extension(certificate, oid::signedCertificateTimestampList);
  if (!timestamps) return 0;
  der::Reader reader(timestamps->value);
  Bytes rest = reader.take(Tag::octet_string);
  const auto length = [&] { return static_cast<std::size_t>(rest[0] << 8 | rest[1]); };
  if (rest.size() < 2 || length() != rest.size() - 2) return 0;
  rest = rest.subspan(2);
  std::size_t count = 0;
  for (; rest.size() >= 2 && length() <= rest.size() - 2; ++count) rest = rest.subspan(2 + length());
  return rest.empty() ? count : 0;
}

std::string signature_name(const AlgorithmIdentifier& identifier) {
  static constexpr auto md2 = oid::make<1, 2, 840, 113549, 1, 1, 2>;
  static constexpr auto md5 = oid::make<1, 2, 840, 113549, 1, 1, 4>;
  static constexpr auto rsa_sha224 = oid::make<1, 2, 840, 113549, 1, 1, 14>;
  static constexpr auto ecdsa_sha224 = oid::make<1, 2, 840, 10045, 4, 3, 1>;
  static constexpr auto id_Ed448 = oid::make<1, 3, 101, 113>;
  static constexpr std::array<NamedOid, 18> known = {{{oid::sha256WithRSAEncryption, "sha256WithRSAEncryption"},
                                                      {oid::sha384WithRSAEncryption, "sha384WithRSAEncryption"},
                                                      {oid::sha512WithRSAEncryption, "sha512WithRSAEncryption"},
                                                      {oid::ecdsa_with_SHA256, "ecdsa-with-SHA256"},
                                                      {oid::ecdsa_with_SHA384, "ecdsa-with-SHA384"},
                                                      {oid::ecdsa_with_SHA512, "ecdsa-with-SHA512"},
                                                      {oid::id_Ed25519, "Ed25519"},
                                                      {oid::id_ml_dsa_44, "ML-DSA-44"},
                                                      {oid::id_ml_dsa_65, "ML-DSA-65"},
                                                      {oid::id_ml_dsa_87, "ML-DSA-87"},
                                                      {id_Ed448, "Ed448"},
                                                      {oid::id_RSASSA_PSS, "RSASSA-PSS"},
                                                      {oid::sha1WithRSAEncryption, "sha1WithRSAEncryption"},
                                                      {oid::ecdsa_with_SHA1, "ecdsa-with-SHA1"},
                                                      {md5, "md5WithRSAEncryption"},
                                                      {md2, "md2WithRSAEncryption"},
                                                      {rsa_sha224, "sha224WithRSAEncryption"},
                                                      {ecdsa_sha224, "ecdsa-with-SHA224"}}};
  return named(known, identifier.oid);
}

bool is_issued_by(const CertificateView& certificate, const CertificateView& issuer) {
  if (!equal_names(certificate.issuer, issuer.subject)) return false;
  const std::optional<crypto::SignatureAlgorithm> algorithm = signature_algorithm(certificate.signature_algorithm);
  if (!algorithm) return false;
  const Result<crypto::VerifyingKey> key = import_key(issuer.public_key);
  return key && key->verify(*algorithm, certificate.tbs, certificate.signature);
}

}  // namespace handfast::x509
