#include "x509/signed.h"

#include <utility>

#include "x509/checks.h"
#include "x509/describe.h"

namespace handfast::x509 {

std::optional<crypto::SignatureAlgorithm> accepted_algorithm(const AlgorithmIdentifier& identifier) noexcept {
  const std::optional<crypto::SignatureAlgorithm> algorithm = signature_algorithm(identifier);
  const bool is_sha1 = algorithm && algorithm->hash == crypto::HashAlgorithm::sha1;
  return is_sha1 ? std::nullopt : algorithm;
}

Result<void> verify_signed(const Signed& what, const SubjectPublicKeyInfo& key, const crypto::VerifyingKey* imported,
                           Work& work) {
  const std::optional<crypto::SignatureAlgorithm> algorithm = accepted_algorithm(what.algorithm);
  if (!algorithm)
    return fail(Error(Alert::bad_certificate, Reason::unsupported_signature_algorithm)
                    .with("algorithm", signature_name(what.algorithm)));
  if (work.signatures == 0) return fail(Error(Alert::unknown_ca, Reason::path_too_complex).with("limit", "signatures"));
  --work.signatures;
  std::optional<crypto::VerifyingKey> made;
  if (imported == nullptr) {
    Result<crypto::VerifyingKey> result = import_key(key);
    if (!result) return fail(std::move(result.error()));
    imported = &made.emplace(*std::move(result));
  }
  if (imported->verify(*algorithm, what.tbs, what.signature)) return {};
  return fail(Alert::bad_certificate, Reason::bad_certificate_signature);
}

}  // namespace handfast::x509
