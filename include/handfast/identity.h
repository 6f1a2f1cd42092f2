// Who a certificate says its holder is, and rules on who may connect.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/trust.h>

namespace handfast {

/// What a certificate says of its holder; whether it is true, a verification says. It is made when it is asked for:
/// connections keep the certificate's bytes only.
struct Identity {
  /// RFC 4514, in the order of the certificate: "C=DE, O=Example, CN=client". Each value is read as its string type
  /// says; one that is no text by its type is "#" and its DER in hexadecimal.
  std::string subject;
  Buffer subject_der;       ///< the distinguished name
  std::string common_name;  ///< in UTF-8; empty where the subject has none, or several, or one that is no text
  // Of subjectAltName, each list in its order.
  std::vector<std::string> dns_names;        ///< as they stand there: "a.example", "*.b.example"
  std::vector<std::string> ip_addresses;     ///< "192.0.2.7", "2001:db8::7" (RFC 5952)
  std::vector<std::string> email_addresses;  ///< rfc822Name
  std::vector<std::string> uris;             ///< "spiffe://example.org/service"
  std::string issuer;                        ///< as `subject`
  std::string serial_number;                 ///< hexadecimal, in two's complement as the certificate has it
  std::int64_t not_before = 0;               ///< seconds since 1970
  std::int64_t not_after = 0;
  std::array<std::uint8_t, 32> sha256{};  ///< the fingerprint of the whole certificate
  SpkiPin public_key;                     ///< and that of its key

  /// All names and both fingerprints, each as IdentityRule would have it: "dns:a.example", "sha256:0f...".
  std::vector<std::string> terms() const;
};

/// Of a certificate in DER. Fails with bad_certificate, evidence `field`.
Result<Identity> identity_of(Bytes certificate);

/// Decides which peers may connect, once their chain was verified and they have proved their key.
class Authorization {
 public:
  virtual ~Authorization() = default;
  /// Called in the thread that drives the connection; it must not throw.
  virtual bool permits(const Identity& peer) const = 0;
  /// Whom it permits, for people who read a trace; empty where that can't be said.
  virtual std::vector<std::string> terms() const { return {}; }
};

/// Permits those who have one of the names, or the certificate or key, that it lists.
class IdentityRule final : public Authorization {
 public:
  /// Any of these is enough:
  ///  - "dns:api.example.com", a dNSName, in any case; "dns:*.example.com", one with exactly one label in that place.
  ///    A certificate's own wildcard is no name of anybody and matches nothing.
  ///  - "ip:192.0.2.7", an iPAddress
  ///  - "uri:spiffe://example.org/service", an URI, exactly so
  ///  - "email:user@example.com", an rfc822Name, its host in any case
  ///  - "subject:C=DE, O=Example, CN=client", the whole subject as Identity::subject has it: in that order, its values
  ///    exactly so. Blanks may stand around types and values or be left out, types come in any case
  ///  - "cn:client", the only common name of the subject, exactly so. Constraints on the host names, addresses
  ///    or URIs that a CA may issue do not reach it (RFC 5280, section 4.2.1.10); they do reach "dns:", "ip:", "uri:"
  ///    and "email:"
  ///  - "sha256:HEX", the certificate itself, colons in between or not
  ///  - "spki:sha256/BASE64", "spki:HEX", its key: as SpkiPin has it
  /// Fails with internal_error, bad_config, evidence `option` = "authorization", `problem`, `value`, for a term that is
  /// none or could match nothing, and for none at all.
  static Result<std::shared_ptr<const IdentityRule>> any_of(std::span<const std::string> terms);

  bool permits(const Identity& peer) const override;
  std::vector<std::string> terms() const override;

 private:
  struct Term {
    std::string_view kind;  ///< "dns", a literal
    std::string value;      ///< canonical
  };
  static Result<Term> parse(std::string_view text);
  static bool matches(const Term& term, const Identity& peer);
  explicit IdentityRule(std::vector<Term> terms) noexcept : terms_(std::move(terms)) {}
  std::vector<Term> terms_;
};

}  // namespace handfast
