// NIST's PKITS, sections 4.8 to 4.12: certificate policies.
#include <set>
#include <string>
#include <string_view>

#include "support/json.h"
#include "x509/der_writer.h"
#include "x509/policies.h"
#include "x509/verify.h"

namespace handfast::x509 {
namespace {

using handfast::test::Json;
using handfast::test::read_bytes;

class PkitsPolicies : public handfast::test::VectorTest {};

Buffer policy_of(const std::string& name) {
  std::string dotted = "2.5.29.32.0";
  constexpr std::string_view prefix = "NIST-test-policy-";
  if (name.starts_with(prefix)) dotted = "2.16.840.1.101.3.2.1.48." + name.substr(prefix.size());
  Buffer element;
  EXPECT_TRUE(der::Writer(element).object_identifier(dotted));
  return {element.begin() + 2, element.end()};
}

/// The certificates of a case, the leaf first and the anchor last.
Result<std::vector<Certificate>> path_of(const Json& testcase) {
  std::vector<Buffer> files;
  for (const Json& name : testcase.at("CertPath"))
    files.push_back(read_bytes("pkits/certs/" + name.get<std::string>()));
  return parse_chain(std::vector<Bytes>(files.rbegin(), files.rend()));
}

Result<void> check(const Json& testcase, const std::vector<Certificate>& certificates) {
  std::vector<Buffer> policies;
  for (const Json& name : testcase.at("InitialPolicySet")) policies.push_back(policy_of(name.get<std::string>()));
  std::vector<Bytes> user_initial_policy_set(policies.begin(), policies.end());
  std::vector<const Certificate*> path;
  for (const Certificate& certificate : certificates) path.push_back(&certificate);
  return check_policies(path, {.user_initial_policy_set = user_initial_policy_set,
                               .initial_explicit_policy = testcase.at("InitialExplicitPolicy").get<bool>(),
                               .initial_policy_mapping_inhibit = testcase.at("InitialPolicyMappingInhibit").get<bool>(),
                               .initial_any_policy_inhibit = testcase.at("InitialAnyPolicyInhibit").get<bool>()});
}

/// Whether the rest of a path is good; that the leaf of two cases is a CA is not what they are about.
bool verifies(std::vector<Certificate> path) {
  Bytes root = path.back().der();
  TrustAnchors::Shared anchors = TrustAnchors::from_der({&root, 1}).value();
  path.pop_back();
  constexpr std::int64_t in_2020 = 1'577'836'800;
  Result<VerifiedChain> verified = verify({.chain = path, .purpose = AnyServer{}, .anchors = *anchors, .now = in_2020});
  return verified || verified.error().reason() == Reason::ca_as_leaf;
}

TEST_F(PkitsPolicies, EveryCase) {
  const std::set<std::string_view> sections = {"4.8", "4.9", "4.10", "4.11", "4.12"};
  std::size_t right = 0;
  for (const Json& testcase : handfast::test::read_json("pkits/vectors.json")) {
    const auto& name = testcase.at("Name").get_ref<const std::string&>();
    if (!sections.contains(name.substr(0, name.find('.', 2)))) continue;
    Result<std::vector<Certificate>> path = path_of(testcase);
    Result<void> validated = path ? check(testcase, *path) : fail(path.error());
    bool expected = testcase.at("ShouldValidate").get<bool>();
    EXPECT_EQ(validated.has_value(), expected) << name << ": " << (validated ? "" : validated.error().message());
    EXPECT_TRUE(!expected || verifies(*path)) << name;
    right += validated.has_value() == expected;
  }
  EXPECT_EQ(right, 88u);
}

}  // namespace
}  // namespace handfast::x509
