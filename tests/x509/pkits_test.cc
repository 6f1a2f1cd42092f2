// NIST's PKITS: the sections that need neither CRLs nor policies.
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "support/json.h"
#include "x509/verify.h"

namespace handfast::x509 {
namespace {

using handfast::test::Json;
using handfast::test::read_bytes;

/// Signatures, validity, chaining of names, basicConstraints, keyUsage, nameConstraints, private extensions. The other
/// sections are about CRLs (4.4, 4.5, 4.14, 4.15) and policies (4.8 to 4.12).
const std::set<std::string_view> sections = {"4.1", "4.2", "4.3", "4.6", "4.7", "4.13", "4.16"};

const std::map<std::string_view, std::string_view> declined = {
    {"4.1.4", "DSA, which TLS 1.3 does not have"},
    {"4.1.5", "DSA, which TLS 1.3 does not have"},
    {"4.6.8", "the end of the path is a CA, which the web PKI does not have"},
    {"4.6.14", "the end of the path is a CA, which the web PKI does not have"},
    {"4.7.4", "the CA may not sign CRLs, and CRLs are not processed yet"},
    {"4.7.5", "the CA may not sign CRLs, and CRLs are not processed yet"},
};

class Pkits : public handfast::test::VectorTest {};

Result<VerifiedChain> verify_case(const Json& testcase) {
  std::vector<Buffer> files;
  for (const Json& name : testcase.at("CertPath"))
    files.push_back(read_bytes("pkits/certs/" + name.get<std::string>()));
  Bytes root = files.front();
  Result<TrustAnchors::Shared> anchors = TrustAnchors::from_der({&root, 1});
  if (!anchors) return fail(std::move(anchors.error()));
  Result<std::vector<Certificate>> chain = parse_chain(std::vector<Bytes>(files.rbegin(), files.rend() - 1));
  if (!chain) return fail(std::move(chain.error()));
  constexpr std::int64_t in_2020 = 1'577'836'800;
  return verify({.chain = *chain, .purpose = AnyServer{}, .anchors = **anchors, .now = in_2020});
}

TEST_F(Pkits, EveryCaseOfTheSectionsThatApply) {
  Json cases = handfast::test::read_json("pkits/vectors.json");
  std::size_t right = 0;
  std::size_t skipped = 0;
  for (const Json& testcase : cases) {
    const auto& name = testcase.at("Name").get_ref<const std::string&>();
    std::string number = name.substr(0, name.find(' '));
    if (!sections.contains(number.substr(0, number.rfind('.')))) continue;
    if (declined.contains(number)) {
      ++skipped;
      continue;
    }
    Result<VerifiedChain> verified = verify_case(testcase);
    bool expected = testcase.at("ShouldValidate").get<bool>();
    EXPECT_EQ(verified.has_value(), expected) << name << ": " << (verified ? "" : verified.error().message());
    right += verified.has_value() == expected;
  }
  EXPECT_GE(right, 81u);
  EXPECT_EQ(skipped, declined.size());
}

}  // namespace
}  // namespace handfast::x509
