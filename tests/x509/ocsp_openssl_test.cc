// Responses and a request that the openssl program made (tests/x509/ocsp/make).
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "x509/access.h"
#include "x509/ocsp.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

std::string file(const std::string& name) {
  std::ifstream stream(HANDFAST_OCSP_FOLDER "/" + name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) throw std::runtime_error("cannot read " + name);
  return text;
}

Certificate certificate(const std::string& name) {
  return Certificate::parse(as_bytes(file(name + "-certificate.der"))).value();
}

Result<RevocationAnswer> ask(const std::string& response, const std::string& of, std::int64_t later = 0) {
  Work work{.candidates = 0, .signatures = 10, .name_comparisons = 0};
  const Certificate asked = certificate(of);
  const Certificate issuer = certificate("issuer");
  const std::int64_t at = std::stoll(file("now")) + later;
  return ask_ocsp(as_bytes(file(response + ".der")), {*asked, *issuer, nullptr, {}, nullptr, at}, nullptr, work);
}

TEST(OpensslOcsp, Responses) {
  for (const char* response : {"good-by-issuer", "good-by-responder", "good-by-key", "good-by-sha256",
                               "good-without-next-update", "good-without-certificates"}) {
    const Result<RevocationAnswer> said = ask(response, "good");
    ASSERT_TRUE(said) << response << ": " << said.error().message();
    EXPECT_EQ(said->status, RevocationStatus::good) << response;
    EXPECT_EQ(ask(response, "good", 8 * day)->status, RevocationStatus::not_said) << response;
    EXPECT_FALSE(ask(response, "revoked")) << response;
  }
  const Result<RevocationAnswer> revoked = ask("revoked", "revoked");
  ASSERT_TRUE(revoked) << revoked.error().message();
  EXPECT_EQ(revoked->status, RevocationStatus::revoked);
  std::string reason, revoked_at;
  for (const Fact& fact : revoked->evidence) {
    if (fact.name == "reason") reason = to_text(fact.value);
    if (fact.name == "revoked_at") revoked_at = to_text(fact.value);
  }
  EXPECT_EQ(reason, "keyCompromise");
  EXPECT_EQ(revoked_at, "2026-01-02T03:04:05Z");
  EXPECT_EQ(ask("unknown", "unknown")->status, RevocationStatus::unknown);
}

TEST(OpensslOcsp, SignedWithSha1) {
  const Result<RevocationAnswer> said = ask("good-sha1", "good");
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().reason(), Reason::bad_ocsp_response);
  EXPECT_EQ(to_text(*said.error().find("problem")),
            "it is signed with an algorithm that is not accepted: 1.2.840.113549.1.1.5");
}

TEST(OpensslOcsp, TheSameRequest) {
  const Certificate good = certificate("good");
  const Certificate issuer = certificate("issuer");
  EXPECT_EQ(as_text(write_ocsp_request(*good, *issuer)), file("request.der"));
}

TEST(Access, UrlsAndMustStaple) {
  const Certificate good = certificate("good");
  EXPECT_EQ(ocsp_urls(*good), std::vector<std::string_view>{"http://ocsp.test/"});
  EXPECT_EQ(ca_issuers_urls(*good), std::vector<std::string_view>{"http://ca.test/issuer.der"});
  EXPECT_TRUE(requires_staple(*good));
  const Certificate other = certificate("revoked");
  EXPECT_TRUE(ocsp_urls(*other).empty());
  EXPECT_TRUE(ca_issuers_urls(*other).empty());
  EXPECT_FALSE(requires_staple(*other));
}

TEST(Access, OtherFeaturesAndOtherNames) {
  const Identity root = root_of(ca("Root"));
  CertificateOptions options = leaf();
  options.extensions = {
      // The features status_request_v2 and supported_versions.
      {"1.3.6.1.5.5.7.1.24", false, {0x30, 0x06, 0x02, 0x01, 17, 0x02, 0x01, 43}},
      // Two descriptions: id-ad-ocsp with a dNSName, id-ad-caRepository with a URL.
      {"1.3.6.1.5.5.7.1.1", false, {0x30, 0x1f, 0x30, 0x0d, 0x06, 0x08, 0x2b, 6, 1, 5, 5,    7, 0x30, 1, 0x82, 1,  'a',
                                    0x30, 0x0e, 0x06, 0x08, 0x2b, 6,    1,    5, 5, 7, 0x30, 5, 0x86, 2, 'u',  ':'}}};
  const Certificate certificate = signed_by(root, options).certificate;
  EXPECT_FALSE(requires_staple(*certificate));
  EXPECT_TRUE(ocsp_urls(*certificate).empty());
  options.extensions = {{"1.3.6.1.5.5.7.1.24", false, {0x30, 0x06, 0x02, 0x01, 17, 0x02, 0x01, 5}}};
  EXPECT_TRUE(requires_staple(*signed_by(root, options).certificate));
}

}  // namespace
}  // namespace handfast::x509::test
