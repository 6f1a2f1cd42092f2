// NIST's PKITS: every section but those about policies, with CRLs.
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.h"
#include "x509/ask_crls.h"
#include "x509/verify.h"

namespace handfast::x509 {
namespace {

using handfast::test::Json;
using handfast::test::read_bytes;

/// Signatures, validity, chaining of names, CRLs, self-issued certificates, basicConstraints, keyUsage,
/// nameConstraints, distribution points, delta CRLs, private extensions. The other sections are about policies (4.8
/// to 4.12).
const std::set<std::string_view> sections = {"4.1", "4.2",  "4.3",  "4.4",  "4.5", "4.6",
                                             "4.7", "4.13", "4.14", "4.15", "4.16"};

const std::set<std::string_view> about_crls = {"4.4", "4.5", "4.14", "4.15"};
/// Of these, what is refused for another reason: a CRL signer that signs certificates, a CA at the end of the path.
const std::set<std::string_view> refused_before = {"4.5.8", "4.14.11"};

const std::map<std::string_view, std::string_view> declined = {
    {"4.1.4", "DSA, which TLS 1.3 does not have"},
    {"4.1.5", "DSA, which TLS 1.3 does not have"},
    {"4.6.8", "the end of the path is a CA, which the web PKI does not have"},
    {"4.6.14", "the end of the path is a CA, which the web PKI does not have"},
    {"4.14.13", "the end of the path is a CA; what its lists say is asked below"},
};

class Pkits : public handfast::test::VectorTest {};

constexpr std::int64_t in_2020 = 1'577'836'800;

std::vector<Buffer> files_of(const Json& testcase, const char* member, const std::string& folder) {
  std::vector<Buffer> files;
  for (const Json& name : testcase.at(member)) files.push_back(read_bytes(folder + name.get<std::string>()));
  return files;
}

struct Case {
  std::vector<Certificate> chain;  ///< without the root
  TrustAnchors::Shared anchors;
  RevocationLists::Shared lists;
};

Result<Case> read_case(const Json& testcase) {
  const std::vector<Buffer> files = files_of(testcase, "CertPath", "pkits/certs/");
  const std::vector<Buffer> crls = files_of(testcase, "CRLPath", "pkits/crls/");
  const Bytes root = files.front();
  Result<TrustAnchors::Shared> anchors = TrustAnchors::from_der({&root, 1});
  if (!anchors) return fail(std::move(anchors.error()));
  Result<std::vector<Certificate>> chain = parse_chain(std::vector<Bytes>(files.rbegin(), files.rend() - 1));
  if (!chain) return fail(std::move(chain.error()));
  Result<RevocationLists::Shared> lists = RevocationLists::from_der(std::vector<Bytes>(crls.begin(), crls.end()));
  if (!lists) return fail(std::move(lists.error()));
  return Case{*chain, *anchors, *lists};
}

Result<VerifiedChain> verify_case(const Json& testcase) {
  const Result<Case> given = read_case(testcase);
  if (!given) return fail(given.error());
  return verify({.chain = given->chain,
                 .purpose = AnyServer{},
                 .anchors = *given->anchors,
                 .now = in_2020,
                 .revocation = {.policy = RevocationPolicy::require, .lists = given->lists.get()}});
}

/// Whether an error comes from CRLs, and not from something before them.
bool is_about_revocation(const Error& error) {
  return error.reason() == Reason::certificate_revoked || error.reason() == Reason::revocation_unknown ||
         error.reason() == Reason::bad_crl;
}

TEST_F(Pkits, EveryCaseOfTheSectionsThatApply) {
  Json cases = handfast::test::read_json("pkits/vectors.json");
  std::size_t right = 0;
  std::size_t skipped = 0;
  for (const Json& testcase : cases) {
    const auto& name = testcase.at("Name").get_ref<const std::string&>();
    std::string number = name.substr(0, name.find(' '));
    std::string section = number.substr(0, number.rfind('.'));
    if (!sections.contains(section)) continue;
    if (declined.contains(number)) {
      ++skipped;
      continue;
    }
    const Result<VerifiedChain> verified = verify_case(testcase);
    bool expected = testcase.at("ShouldValidate").get<bool>();
    EXPECT_EQ(verified.has_value(), expected) << name << ": " << (verified ? "" : verified.error().message());
    right += verified.has_value() == expected;
    if (about_crls.contains(section) && !verified && !refused_before.contains(number)) {
      EXPECT_TRUE(is_about_revocation(verified.error())) << name << ": " << verified.error().message();
    }
  }
  EXPECT_EQ(right, 156u);
  EXPECT_EQ(skipped, declined.size());
}

/// Their last certificate is a CA, so that they are no paths for TLS; that a list covers CAs alone, or none, is asked.
TEST_F(Pkits, ListsThatCoverCasAlone) {
  std::size_t asked = 0;
  for (const Json& testcase : handfast::test::read_json("pkits/vectors.json")) {
    const auto& name = testcase.at("Name").get_ref<const std::string&>();
    if (!name.starts_with("4.14.11 ") && !name.starts_with("4.14.13 ")) continue;
    const Result<Case> given = read_case(testcase);
    ASSERT_TRUE(given);
    const RevocationQuestion question{*given->chain[0], *given->chain[1],     nullptr,
                                      given->chain,     given->anchors.get(), in_2020};
    Work work{.candidates = 0, .signatures = 64, .name_comparisons = 1'000};
    const Result<RevocationAnswer> answer = ask_crls(*given->lists, question, work);
    ASSERT_TRUE(answer);
    const bool expected = testcase.at("ShouldValidate").get<bool>();
    EXPECT_EQ(answer->status, expected ? RevocationStatus::good : RevocationStatus::not_said) << name;
    ++asked;
  }
  EXPECT_EQ(asked, 2u);
}

}  // namespace
}  // namespace handfast::x509
