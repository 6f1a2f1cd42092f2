// x509-limbo: every case of its core and of BetterTLS, in both profiles.
#include "x509/limbo.h"

#include <algorithm>
#include <set>
#include <string>

namespace handfast::x509 {
namespace {

using handfast::test::Json;
using limbo::Answer;

class Limbo : public handfast::test::VectorTest {
 protected:
  struct Count {
    std::size_t right = 0;
    std::set<std::string> skipped;
  };

  /// Runs a suite; a case that is neither right nor skipped fails the test.
  static Count run_suite(const char* file, Profile profile) {
    Json suite = handfast::test::read_json(file);
    Count count;
    for (const Json& testcase : suite.at("testcases")) {
      const auto& id = testcase.at("id").get_ref<const std::string&>();
      limbo::Verdict verdict = limbo::run(testcase, profile);
      if (verdict.answer == Answer::skipped) {
        count.skipped.insert(id);
        continue;
      }
      EXPECT_EQ(name(verdict.answer), testcase.at("expected_result").get_ref<const std::string&>())
          << id << ": " << verdict.context;
      ++count.right;
    }
    return count;
  }
};

const std::set<std::string> skipped_by_both = {
    "rfc5280::ca-as-leaf",
    "rfc5280::nc::permitted-dns-match-noncritical",
    "webpki::cn::punycode-not-in-san",
    "webpki::san::public-suffix-multi-label-wildcard-san",
    "webpki::san::public-suffix-private-namespace-wildcard-san",
};

/// What browsers and Go accept, and the compatible profile with them.
const std::set<std::string> skipped_by_compatible = {
    "rfc5280::aki::leaf-missing-aki",
    "rfc5280::nc::not-allowed-in-ee-critical",
    "rfc5280::nc::not-allowed-in-ee-noncritical",
    "rfc5280::san::underscore-dns",
    "rfc5280::serial::zero",
    "webpki::aki::root-with-aki-authoritycertissuer",
    "webpki::aki::root-with-aki-authoritycertserialnumber",
    "webpki::aki::root-with-aki-ski-mismatch",
    "webpki::cn::case-mismatch",
    "webpki::cn::utf8-vs-punycode-mismatch",
    "webpki::eku::ee-anyeku",
    "webpki::eku::root-has-eku",
    "webpki::forbidden-rsa-not-divisible-by-8-in-root",
    "webpki::san::san-critical-with-nonempty-subject",
};

TEST_F(Limbo, CoreStrict) {
  Count count = run_suite("x509-limbo/limbo-core-dev.json", Profile::strict);
  EXPECT_EQ(count.skipped, skipped_by_both);
  EXPECT_EQ(count.right, 104 - skipped_by_both.size());
}

TEST_F(Limbo, CoreCompatible) {
  Count count = run_suite("x509-limbo/limbo-core-dev.json", Profile::compatible);
  std::set<std::string> skipped = skipped_by_both;
  skipped.insert(skipped_by_compatible.begin(), skipped_by_compatible.end());
  EXPECT_EQ(count.skipped, skipped);
  EXPECT_EQ(count.right, 104 - skipped.size());
}

/// A case with lists is not accepted without a look at them.
TEST_F(Limbo, ListsAreAsked) {
  Json suite = handfast::test::read_json("x509-limbo/limbo-core-dev.json");
  const Json& cases = suite.at("testcases");
  auto the_case = [&](std::string_view id) {
    return *std::ranges::find_if(cases, [&](const Json& one) { return one.at("id") == id; });
  };
  Json good = the_case("crl::certificate-not-on-crl");
  EXPECT_EQ(limbo::run(good, Profile::strict).answer, Answer::success);
  good["crls"] = the_case("crl::certificate-serial-on-crl-different-issuer").at("crls");
  EXPECT_EQ(limbo::run(good, Profile::strict).answer, Answer::failure);
}

TEST_F(Limbo, BetterTls) {
  for (Profile profile : {Profile::strict, Profile::compatible}) {
    Count count = run_suite("x509-limbo/limbo-bettertls-dev.json", profile);
    EXPECT_EQ(count.skipped, std::set<std::string>{});
    EXPECT_EQ(count.right, 2409u);
  }
}

}  // namespace
}  // namespace handfast::x509
