// x509-limbo: every case of its core and of BetterTLS, in both profiles.
#include "x509/limbo.h"

#include <map>
#include <string>
#include <string_view>

namespace handfast::x509 {
namespace {

/// Why this verifier says otherwise than the suite, case by case.
using Declined = std::map<std::string_view, std::string_view>;

constexpr std::string_view common_name_pedantry =
    "a rule for CAs about the common name, which is never consulted; a verifier that insists refuses good certificates "
    "whose common name is for people, as a dozen of the suite's own are";
constexpr std::string_view no_public_suffix_list =
    "needs the Public Suffix List, which changes weekly and is not part of a TLS library; no other implementation "
    "passes";
constexpr std::string_view web_pki_profile =
    "the suite's webpki::ca-as-leaf asks for the opposite; a CA certificate is nobody's own here unless it is pinned";
constexpr std::string_view no_revocation =
    "asks for CRLs, which are not processed yet: an answer that happens to be right would claim what was not checked";

const Declined declined_by_both = {
    {"rfc5280::ca-as-leaf", web_pki_profile},
    {"webpki::cn::punycode-not-in-san", common_name_pedantry},
    {"webpki::cn::utf8-vs-punycode-mismatch", common_name_pedantry},
    {"webpki::cn::case-mismatch", common_name_pedantry},
    {"webpki::san::public-suffix-multi-label-wildcard-san", no_public_suffix_list},
    {"webpki::san::public-suffix-private-namespace-wildcard-san", no_public_suffix_list},
    {"crl::certificate-not-on-crl", no_revocation},
    {"crl::certificate-serial-on-crl-different-issuer", no_revocation},
};

constexpr std::string_view browsers_accept = "browsers and Go accept it, so the compatible profile does";
const Declined declined_by_compatible = {
    {"rfc5280::aki::leaf-missing-aki", browsers_accept},
    {"rfc5280::nc::permitted-dns-match-noncritical", browsers_accept},
    {"rfc5280::nc::not-allowed-in-ee-noncritical", browsers_accept},
    {"rfc5280::nc::not-allowed-in-ee-critical", browsers_accept},
    {"rfc5280::san::underscore-dns", browsers_accept},
    {"rfc5280::serial::zero", browsers_accept},
    {"webpki::aki::root-with-aki-authoritycertissuer", browsers_accept},
    {"webpki::aki::root-with-aki-authoritycertserialnumber", browsers_accept},
    {"webpki::aki::root-with-aki-ski-mismatch", browsers_accept},
    {"webpki::eku::ee-anyeku", browsers_accept},
    {"webpki::eku::root-has-eku", browsers_accept},
    {"webpki::san::san-critical-with-nonempty-subject", browsers_accept},
    {"webpki::forbidden-rsa-not-divisible-by-8-in-root", browsers_accept},
};

class Limbo : public handfast::test::VectorTest {
 protected:
  struct Count {
    std::size_t right = 0;
    std::size_t declined = 0;
  };

  /// Runs a suite; a case that is neither right nor declined fails the test.
  static Count run_suite(const char* file, Profile profile, const Declined& declined = {}) {
    handfast::test::Json suite = handfast::test::read_json(file);
    Count count;
    for (const handfast::test::Json& testcase : suite.at("testcases")) {
      const auto& id = testcase.at("id").get_ref<const std::string&>();
      if (declined.contains(id)) {
        ++count.declined;
        continue;
      }
      limbo::Verdict verdict = limbo::run(testcase, profile);
      bool expected = testcase.at("expected_result") == "SUCCESS";
      EXPECT_EQ(verdict.accepted, expected) << id << ": " << verdict.why;
      count.right += verdict.accepted == expected;
    }
    return count;
  }
};

TEST_F(Limbo, CoreStrict) {
  Count count = run_suite("x509-limbo/limbo-core-dev.json", Profile::strict, declined_by_both);
  EXPECT_GE(count.right, 96u);
  EXPECT_EQ(count.declined, declined_by_both.size());
}

TEST_F(Limbo, CoreCompatible) {
  Declined declined = declined_by_both;
  declined.insert(declined_by_compatible.begin(), declined_by_compatible.end());
  Count count = run_suite("x509-limbo/limbo-core-dev.json", Profile::compatible, declined);
  EXPECT_GE(count.right, 83u);
  EXPECT_EQ(count.declined, declined.size());
}

TEST_F(Limbo, BetterTlsStrict) {
  EXPECT_GE(run_suite("x509-limbo/limbo-bettertls-dev.json", Profile::strict).right, 2409u);
}

TEST_F(Limbo, BetterTlsCompatible) {
  EXPECT_GE(run_suite("x509-limbo/limbo-bettertls-dev.json", Profile::compatible).right, 2409u);
}

}  // namespace
}  // namespace handfast::x509
