// A certificate, parsed once, in place (RFC 5280, section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "crypto/algorithm.h"
#include "crypto/signature.h"

namespace handfast::x509 {

/// More extensions than this in one certificate are refused; the web's have about ten.
inline constexpr std::size_t max_extensions = 40;
/// Likewise of TLS features (RFC 7633); two are in use.
inline constexpr std::size_t max_tls_features = 16;

struct AlgorithmIdentifier {
  Bytes der;         ///< the whole SEQUENCE
  Bytes oid;         ///< the content of the OBJECT IDENTIFIER
  Bytes parameters;  ///< the whole element, empty where there is none
};

/// RFC 5280, section 4.1.2.7. `type` is empty for a key that this build can't verify with; its bytes are still there.
struct SubjectPublicKeyInfo {
  Bytes der;
  AlgorithmIdentifier algorithm;
  Bytes subject_public_key;  ///< the bits
  std::optional<crypto::KeyType> type;
  std::size_t bits = 0;  ///< the modulus of RSA, the order of a curve, all of ML-DSA's; 0 where `type` is empty
  /// The one hash that an RSASSA-PSS key is for; empty where it is for any (RFC 4055, section 3.3).
  std::optional<crypto::HashAlgorithm> only_hash;
};

/// The bits of KeyUsage (RFC 5280, section 4.2.1.3).
enum class KeyUsage : std::uint16_t {
  digitalSignature = 1 << 0,
  nonRepudiation = 1 << 1,
  keyEncipherment = 1 << 2,
  dataEncipherment = 1 << 3,
  keyAgreement = 1 << 4,
  keyCertSign = 1 << 5,
  cRLSign = 1 << 6,
  encipherOnly = 1 << 7,
  decipherOnly = 1 << 8,
};
constexpr KeyUsage operator|(KeyUsage a, KeyUsage b) noexcept {
  return static_cast<KeyUsage>(std::to_underlying(a) | std::to_underlying(b));
}
constexpr bool contains(KeyUsage set, KeyUsage bit) noexcept {
  return (std::to_underlying(set) & std::to_underlying(bit)) != 0;
}

struct BasicConstraints {
  bool ca = false;
  std::optional<std::uint32_t> path_len_constraint;
};

/// RFC 5280, section 4.2.1.10: two lists of GeneralSubtree, as they stand, checked to parse (x509/name_constraints.h).
struct NameConstraints {
  Bytes permitted;
  Bytes excluded;
};

/// RFC 5280, section 4.2.1.11: after how many more certificates each holds.
struct PolicyConstraints {
  std::optional<std::uint32_t> require_explicit_policy;
  std::optional<std::uint32_t> inhibit_policy_mapping;
};

/// Any extension.
struct Extension {
  Bytes oid;
  bool critical = false;
  Bytes value;  ///< the content of extnValue
};

/// The content of a certificate: views into the DER that it was parsed from. Every extension below has been parsed and
/// found well-formed; what is absent is nullopt. Nothing has been verified.
struct CertificateView {
  Bytes der;
  Bytes tbs;                                ///< what is signed
  unsigned version = 1;                     ///< 1, 2 or 3
  Bytes serial_number;                      ///< two's complement
  AlgorithmIdentifier signature_algorithm;  ///< inside and outside are equal
  Bytes signature;
  Bytes issuer;                 ///< a Name, the whole SEQUENCE (x509/name.h)
  Bytes subject;                ///< likewise
  Bytes validity;               ///< the content: two Times
  std::int64_t not_before = 0;  ///< seconds since 1970
  std::int64_t not_after = 0;   ///< likewise; valid to the end of that second
  SubjectPublicKeyInfo public_key;
  bool has_unique_identifier = false;  ///< issuerUniqueID or subjectUniqueID

  Bytes extensions;                       ///< the content of Extensions: iterate with der::Reader and `read_extension`
  std::optional<Bytes> subject_alt_name;  ///< the content of GeneralNames (x509/general_name.h)
  std::optional<BasicConstraints> basic_constraints;
  std::optional<KeyUsage> key_usage;
  std::optional<Bytes> extended_key_usage;  ///< the content: at least one OBJECT IDENTIFIER
  std::optional<NameConstraints> name_constraints;
  std::optional<Bytes> certificate_policies;            ///< the content: at least one PolicyInformation
  std::optional<Bytes> policy_mappings;                 ///< the content: at least one pair of policies
  std::optional<PolicyConstraints> policy_constraints;  ///< at least one of them
  std::optional<std::uint32_t> inhibit_any_policy;      ///< RFC 5280, section 4.2.1.14
  std::optional<Bytes> subject_key_identifier;
  std::optional<Bytes> authority_key_identifier;  ///< the whole content
  Bytes authority_key_id;                         ///< its keyIdentifier, empty where it has none
  std::optional<Bytes> authority_info_access;     ///< the content (x509/access.h)
  std::optional<Bytes> tls_feature;               ///< RFC 7633, the content: numbers of 16 bits
  std::optional<Bytes> crl_distribution_points;   ///< the content (x509/distribution_point.h)
  Bytes unknown_critical;  ///< the OID of the first critical extension that is not processed, or empty

  /// Subject and issuer are the same name; it may have been signed by another key still.
  bool self_issued() const noexcept;
  bool is_ca() const noexcept { return basic_constraints && basic_constraints->ca; }
};

/// Parses; never allocates on success. `der` must outlive the view. Fails with Alert::bad_certificate,
/// Reason::bad_certificate, evidence `field` (the RFC's name of the field or extension).
Result<CertificateView> parse_certificate(Bytes der);

/// A certificate that owns its DER; copies share it. Never empty.
class Certificate {
 public:
  /// Copies `der`. Fails as `parse_certificate` does.
  static Result<Certificate> parse(Bytes der);

  const CertificateView& operator*() const noexcept { return content_->view; }
  const CertificateView* operator->() const noexcept { return &content_->view; }
  Bytes der() const noexcept { return content_->view.der; }

  /// The same bytes.
  friend bool operator==(const Certificate& a, const Certificate& b) noexcept;

 private:
  struct Content {
    Buffer der;
    CertificateView view;
  };
  explicit Certificate(std::shared_ptr<const Content> content) noexcept : content_(std::move(content)) {}
  std::shared_ptr<const Content> content_;
};

/// The next Extension of `CertificateView::extensions`, where `rest` stands; advances it.
std::optional<Extension> read_extension(Bytes& rest) noexcept;
/// The one of that type, if the certificate has it.
std::optional<Extension> find_extension(const CertificateView& certificate, Bytes type) noexcept;

/// "1.2.840.10045.2.1", from the content of an OBJECT IDENTIFIER.
std::string oid_text(Bytes oid);
/// The RFC's name of an extension ("subjectAltName"), or its OID in dots.
std::string extension_name(Bytes oid);
/// "2026-11-20T16:13:22Z".
std::string time_text(std::int64_t seconds);

/// How a certificate (or CRL, or OCSP response) was signed; nullopt for an algorithm that is not known here, MD5 and
/// RSASSA-PSS with unequal hashes or an odd salt among them. The parameters must be what the algorithm's RFC says.
std::optional<crypto::SignatureAlgorithm> signature_algorithm(const AlgorithmIdentifier& identifier) noexcept;

/// What keys of that algorithm need that this build has not, for people; empty where nothing would help.
std::string_view needed_for(Bytes algorithm_oid) noexcept;
/// The same for a private key, in PKCS#8.
std::string_view needed_for_private_key(Bytes der) noexcept;

/// The key, ready to verify what it is for. Fails with unsupported_certificate, unsupported_certificate_key.
Result<crypto::VerifyingKey> import_key(const SubjectPublicKeyInfo& info);

/// Whether a leaf with that key, the certificate of `signer`, may sign with `scheme` in a handshake of that version:
/// the type of key, the parameters of an RSASSA-PSS one, and in TLS 1.3 the curve, which a scheme of TLS 1.2 says
/// nothing of (RFC 8446, section 4.2.3).
bool fits(const SubjectPublicKeyInfo& info, SignatureScheme scheme, ProtocolVersion version, Side signer) noexcept;

/// Encrypts for that key (crypto::VerifyingKey::encrypt). Fails with unsupported_certificate_key.
Result<Buffer> encrypt(const SubjectPublicKeyInfo& info, Bytes message, Random& random);

/// Checks what that key, `signer`'s, has signed in a handshake of that version. Fails with illegal_parameter,
/// wrong_signature_scheme where the scheme does not fit the key; decrypt_error, bad_signature.
Result<void> verify_signature(const SubjectPublicKeyInfo& info, ProtocolVersion version, Side signer,
                              SignatureScheme scheme, Bytes message, Bytes signature);

/// Whether `key` is the private half of the certificate's key.
bool matches(const CertificateView& certificate, const crypto::SigningKey& key) noexcept;

}  // namespace handfast::x509
