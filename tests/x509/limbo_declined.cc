#include "x509/limbo_declined.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace handfast::x509::limbo {
namespace {

using handfast::test::Json;

enum class Subject : std::uint8_t {
  id,       ///< one case
  group,    ///< every case whose id begins so
  feature,  ///< every case that the suite has tagged so
};

struct Row {
  Subject subject;
  std::string_view name;
  bool accepted;  ///< what this verifier says of it: a case of these that it answers otherwise is not declined
  std::string_view why;
};

constexpr Row rows[] = {
    {Subject::feature, "pedantic-public-suffix-wildcard", true,
     "which suffixes are public only the Public Suffix List knows; it changes weekly and so belongs to the CAs that "
     "must not issue such a certificate (BR, section 3.2.2.6) and to browsers, not into a TLS library. A wildcard over "
     "one label is refused without it"},
    {Subject::group, "webpki::cn::", true,
     "that a commonName is one of the subjectAltName's values is a rule for CAs (BR, section 7.1.4.3) about a field "
     "that authenticates nothing, and the suite itself expects success without it "
     "(webpki::san::exact-localhost-ip-san, "
     "BetterTLS). A commonName that spells such a value in another way is refused by the strict profile"},
    {Subject::feature, "rfc5280-incompatible-with-webpki", true,
     "the web PKI has the opposite rule, and a case that asks for it: there the web PKI's is taken"},
    {Subject::id, "rfc5280::ca-as-leaf", false,
     "webpki::ca-as-leaf asks for the opposite, and the web PKI's rule is taken: a CA certificate is nobody's own here "
     "unless it is pinned (BR, section 7.1.2.7.8)"},
    {Subject::id, "webpki::eku::ee-without-eku", true,
     "rfc5280::eku::ee-without-eku asks for the opposite; a certificate without extKeyUsage is good for every purpose "
     "(RFC 5280, section 4.2.1.12), and every implementation accepts it"},
};

bool is_about(const Row& row, const Json& testcase) {
  const auto& id = testcase.at("id").get_ref<const std::string&>();
  switch (row.subject) {
    case Subject::id: return id == row.name;
    case Subject::group: return id.starts_with(row.name);
    case Subject::feature: break;
  }
  auto features = testcase.find("features");
  return features != testcase.end() && std::ranges::any_of(*features, [&](const Json& feature) {
           return feature.get_ref<const std::string&>() == row.name;
         });
}

}  // namespace

std::optional<std::string_view> why_declined(const Json& testcase, bool accepted) {
  for (const Row& row : rows)
    if (row.accepted == accepted && is_about(row, testcase)) return row.why;
  return {};
}

}  // namespace handfast::x509::limbo
