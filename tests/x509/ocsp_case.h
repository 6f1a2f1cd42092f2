// An issuer, a certificate and OCSP responses about it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "authority/mint_ocsp.h"
#include "x509/crls.h"
#include "x509/ocsp.h"
#include "x509/pki.h"

namespace handfast::x509::test {

using authority::OcspAnswer;
using authority::OcspOptions;
using authority::ResponderID;

inline constexpr std::int64_t hour = 3600;

inline CertificateOptions responder(std::string name = "Responder") {
  CertificateOptions options = leaf({});
  options.common_name = std::move(name);
  options.extended_key_usage = {authority::ocsp_signing};
  return options;
}

struct Ocsp : testing::Test {
  Identity issuer = root_of(ca("Issuer"));
  Identity end = signed_by(issuer, leaf());
  Identity delegate = signed_by(issuer, responder());
  Work work{.candidates = 0, .signatures = 10, .name_comparisons = 100};
  Policy policy{};
  RevocationLists::Shared lists{};

  OcspAnswer answer(RevocationStatus status = RevocationStatus::good) const {
    OcspAnswer out{.certificate = end.certificate, .issuer = issuer.certificate};
    out.status = status;
    out.this_update = now - hour;
    out.next_update = now + hour;
    return out;
  }
  OcspAnswer revoked() const {
    OcspAnswer out = answer(RevocationStatus::revoked);
    out.revoked_at = now - 2 * day;
    out.reason = CRLReason::keyCompromise;
    return out;
  }
  static Buffer mint(const OcspOptions& options, const Identity& signer) {
    return authority::mint_ocsp_response(options, {signer.certificate, signer.key}).value();
  }
  Buffer by_issuer(std::vector<OcspAnswer> answers) const {
    return mint({.answers = std::move(answers), .produced_at = now - hour}, issuer);
  }
  Buffer by_issuer(OcspAnswer one) const { return by_issuer(std::vector{std::move(one)}); }
  /// With the signer's certificate inside.
  Buffer by(const Identity& signer, ResponderID id = ResponderID::by_name) const {
    return mint(
        {.answers = {answer()}, .produced_at = now - hour, .responder_id = id, .certificates = {signer.certificate}},
        signer);
  }
  RevocationQuestion question(std::int64_t at = now) const {
    return {*end.certificate, *issuer.certificate, nullptr, {}, nullptr, at, policy};
  }
  Result<RevocationAnswer> ask(Bytes response, std::int64_t at = now) {
    return ask_ocsp(response, question(at), lists.get(), work);
  }
};

inline testing::AssertionResult says(const Result<RevocationAnswer>& answer, RevocationStatus status,
                                     std::string_view problem = "(none)") {
  if (!answer) return testing::AssertionFailure() << answer.error().message();
  if (answer->status == status && fact(*answer, "problem").find(problem) != std::string::npos &&
      fact(*answer, "source") == "OCSP")
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "status " << int(answer->status) << ", problem: " << fact(*answer, "problem");
}

inline testing::AssertionResult refused(const Result<RevocationAnswer>& answer, std::string_view problem) {
  if (answer) return testing::AssertionFailure() << "status " << int(answer->status);
  const Error& error = answer.error();
  const Fact::Value* found = error.find("problem");
  if (error.reason() == Reason::bad_ocsp_response && error.alert() == Alert::bad_certificate_status_response &&
      found != nullptr && to_text(*found).find(problem) != std::string::npos)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << error.message();
}

}  // namespace handfast::x509::test
