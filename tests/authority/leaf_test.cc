// Leaves for origins: what a client is shown is what it would have seen, no better and no worse.
#include "authority/leaf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "authority/origins.h"
#include "x509/describe.h"
#include "x509/general_name.h"
#include "x509/pem.h"
#include "x509/verify.h"

namespace handfast::authority {
namespace {

using test::day;
using test::now;
using x509::Certificate;
using x509::ServerName;

class LeafTest : public testing::Test {
 protected:
  LeafTest() : ca_(test::new_authority(folder_)), untrusted_(UntrustedAuthority::make(now, system_random()).value()) {}

  std::shared_ptr<const Credential> mint(const Certificate& origin, const std::string& asked, Showing showing) const {
    const LeafPlan plan = plan_leaf(*origin, ServerName::parse(asked).value(), showing, *ca_->certificate(), now);
    return mint_leaf(plan, *ca_, untrusted_, system_random()).value();
  }
  /// As the proxy would show it.
  std::shared_ptr<const Credential> shown(const Certificate& origin, const std::string& asked) const {
    return mint(origin, asked, web_.judge(origin, asked).showing);
  }
  static Certificate leaf_of(const Credential& credential) { return Certificate::parse(credential.chain()[0]).value(); }

  /// What a client makes of it that trusts the local authority.
  Result<void> verify(const Credential& shown, const std::string& name) const {
    std::vector<Certificate> chain;
    for (const Buffer& der : shown.chain()) chain.push_back(Certificate::parse(der).value());
    const Bytes anchor = ca_->certificate().der();
    Result<x509::VerifiedChain> path = x509::verify({.chain = chain,
                                                     .purpose = x509::ServerAuth{ServerName::parse(name).value()},
                                                     .anchors = *TrustAnchors::from_der({&anchor, 1}).value(),
                                                     .now = now,
                                                     .policy = {.profile = Profile::strict}});
    if (!path) return fail(std::move(path.error()));
    return {};
  }
  std::string fault(const Credential& shown, const std::string& asked) const {
    const Result<void> verified = verify(shown, asked);
    return verified ? "none" : std::string(name(verified.error().reason()));
  }
  /// What `openssl verify` makes of it: its error numbers, one after the other.
  std::string openssl(const Credential& shown, const std::string& name) const {
    const std::string ca = folder_.write("ca.pem", ca_->certificate_pem());
    const std::string leaf = folder_.write("leaf.pem", x509::encode_pem("CERTIFICATE", shown.chain()[0]));
    const std::string command = "openssl verify -x509_strict -purpose sslserver -attime " + std::to_string(now) +
                                " -verify_hostname " + name + " -CAfile " + ca + " " + leaf + " 2>&1";
    FILE* output = ::popen(command.c_str(), "r");
    std::string text;
    std::array<char, 512> piece;
    while (output != nullptr && std::fgets(piece.data(), piece.size(), output) != nullptr) text += piece.data();
    if (output == nullptr || ::pclose(output) == 127 * 256) return "missing";
    std::string errors;
    for (std::size_t at = 0; (at = text.find("error ", at)) != std::string::npos; at += 6)
      if (std::isdigit(static_cast<unsigned char>(text[at + 6])) != 0)
        errors += std::to_string(std::atoi(&text[at + 6])) + " ";
    if (errors.empty()) return text.find(": OK") != std::string::npos ? "OK" : text;
    errors.pop_back();
    return errors;
  }

  test::TemporaryFolder folder_;
  test::Web web_;
  LocalAuthority::Shared ca_;
  UntrustedAuthority untrusted_;
};

TEST_F(LeafTest, HasTheOriginsNames) {
  const Certificate origin = web_.issue_for({"a.test", "*.b.test", "192.0.2.7", "2001:db8::7"});
  const auto leaf = shown(origin, "a.test");
  EXPECT_EQ(x509::alternative_names(*leaf_of(*leaf)), x509::alternative_names(*origin));
  for (const char* name : {"a.test", "www.b.test", "192.0.2.7", "2001:db8::7"}) EXPECT_EQ(fault(*leaf, name), "none");
  for (const char* name : {"b.test", "www.a.test", "192.0.2.8"}) EXPECT_EQ(fault(*leaf, name), "name_mismatch");
}

TEST_F(LeafTest, IsWhatLintersAskFor) {
  const auto leaf = shown(web_.issue_for({"a.test"}), "a.test");
  const Certificate certificate = leaf_of(*leaf);
  EXPECT_EQ(certificate->version, 3u);
  EXPECT_EQ(certificate->serial_number.size(), 16u);
  EXPECT_TRUE(certificate->serial_number[0] >= 0x40 && certificate->serial_number[0] < 0x80);
  EXPECT_TRUE(std::ranges::equal(certificate->authority_key_id, *ca_->certificate()->subject_key_identifier));
  EXPECT_TRUE(std::ranges::equal(certificate->issuer, ca_->certificate()->subject));
  EXPECT_FALSE(certificate->is_ca());
  EXPECT_EQ(certificate->key_usage, x509::KeyUsage::digitalSignature);
  EXPECT_EQ(x509::purposes(*certificate), std::vector<std::string>{"serverAuth"});
  EXPECT_EQ(certificate->public_key.type, crypto::KeyType::p256);
  EXPECT_EQ(leaf->chain().size(), 1u);
  EXPECT_EQ(openssl(*leaf, "a.test"), "OK");
}

TEST_F(LeafTest, EachHasAKeyAndASerialNumberOfItsOwn) {
  const Certificate origin = web_.issue_for({"a.test"});
  std::set<std::string> keys;
  std::set<std::string> serials;
  for (int i = 0; i < 20; ++i) {
    const Certificate leaf = leaf_of(*shown(origin, "a.test"));
    keys.emplace(as_text(leaf->public_key.subject_public_key));
    serials.emplace(as_text(leaf->serial_number));
  }
  EXPECT_EQ(keys.size(), 20u);
  EXPECT_EQ(serials.size(), 20u);
}

TEST_F(LeafTest, IsValidForNoLongerThanIsFit) {
  CertificateOptions options = test::Web::options({"a.test"});
  options.not_after = now + 1000 * day;
  Certificate leaf = leaf_of(*shown(web_.issue(options), "a.test"));
  EXPECT_LT(leaf->not_before, now);
  EXPECT_EQ(leaf->not_before, ca_->certificate()->not_before);
  EXPECT_EQ(leaf->not_after - leaf->not_before + 1, 199 * day);
  // The origin's end is the leaf's.
  options.not_after = now + 3 * day;
  leaf = leaf_of(*shown(web_.issue(options), "a.test"));
  EXPECT_EQ(leaf->not_after, now + 3 * day);
  // So is the authority's.
  const CertificateOptions short_lived = ca_options("CA", now - 3600, now + 5 * day);
  const Identity ca = make_ca(short_lived, crypto::KeyType::p256, system_random()).value();
  const LeafPlan plan = plan_leaf(*web_.issue_for({"a.test"}), ServerName::parse("a.test").value(), Showing::trusted,
                                  *ca.certificate, now);
  EXPECT_EQ(plan.options.not_before, now - 3600);
  EXPECT_EQ(plan.options.not_after, now + 5 * day);
}

TEST_F(LeafTest, AnExpiredOriginStaysExpired) {
  CertificateOptions options = test::Web::options({"a.test"});
  options.not_before = now - 100 * day;
  options.not_after = now - 1;
  const Certificate origin = web_.issue(options);
  EXPECT_EQ(web_.judge(origin, "a.test").error->reason(), Reason::certificate_expired);
  const auto leaf = shown(origin, "a.test");
  EXPECT_EQ(fault(*leaf, "a.test"), "certificate_expired");
  EXPECT_EQ(openssl(*leaf, "a.test"), "10");  // X509_V_ERR_CERT_HAS_EXPIRED, and nothing else
  EXPECT_EQ(leaf_of(*leaf)->not_after, now - 1);
}

TEST_F(LeafTest, AnOriginThatIsNotYetValidStaysSo) {
  CertificateOptions options = test::Web::options({"a.test"});
  options.not_before = now + day;
  const auto leaf = shown(web_.issue(options), "a.test");
  EXPECT_EQ(fault(*leaf, "a.test"), "certificate_not_yet_valid");
  EXPECT_EQ(openssl(*leaf, "a.test"), "9");  // X509_V_ERR_CERT_NOT_YET_VALID
}

TEST_F(LeafTest, AWrongNameStaysWrong) {
  const Certificate origin = web_.issue_for({"other.test"});
  EXPECT_EQ(web_.judge(origin, "a.test").error->reason(), Reason::name_mismatch);
  const auto leaf = shown(origin, "a.test");
  EXPECT_EQ(fault(*leaf, "a.test"), "name_mismatch");
  EXPECT_EQ(openssl(*leaf, "a.test"), "62");  // X509_V_ERR_HOSTNAME_MISMATCH
}

TEST_F(LeafTest, AnOriginWithoutANameGetsNone) {
  CertificateOptions options = test::Web::options({});
  options.common_name = "a.test";
  const auto leaf = shown(web_.issue(options), "a.test");
  EXPECT_EQ(fault(*leaf, "a.test"), "no_subject_alt_name");
}

TEST_F(LeafTest, AnUnknownIssuerStaysUnknown) {
  const Certificate origin = test::Web().issue_for({"a.test"});  // another web's
  EXPECT_EQ(web_.judge(origin, "a.test").showing, Showing::untrusted);
  const auto leaf = shown(origin, "a.test");
  EXPECT_EQ(fault(*leaf, "a.test"), "unknown_issuer");
  EXPECT_EQ(openssl(*leaf, "a.test").substr(0, 2), "20");  // UNABLE_TO_GET_ISSUER_CERT_LOCALLY
  EXPECT_EQ(leaf->chain().size(), 1u);
}

TEST_F(LeafTest, ASelfSignedOriginStaysSelfSigned) {
  const Certificate origin = self_sign(test::Web::options({"a.test"}), test::Web::key(), system_random()).value();
  EXPECT_EQ(web_.judge(origin, "a.test").showing, Showing::self_signed);
  const auto leaf = shown(origin, "a.test");
  EXPECT_EQ(fault(*leaf, "a.test"), "self_signed_certificate");
  EXPECT_EQ(openssl(*leaf, "a.test").substr(0, 2), "18");  // DEPTH_ZERO_SELF_SIGNED_CERT
}

TEST_F(LeafTest, TwoFaultsStayTwo) {
  CertificateOptions options = test::Web::options({"other.test"});
  options.not_after = now - 1;
  const auto expired = shown(web_.issue(options), "a.test");
  EXPECT_EQ(openssl(*expired, "a.test"), "62");
  EXPECT_EQ(openssl(*expired, "other.test"), "10");
  // Expired and unknown: never signed by the authority that clients trust.
  const Certificate unknown = test::Web().issue(options);
  EXPECT_EQ(web_.judge(unknown, "a.test").showing, Showing::untrusted);
  EXPECT_EQ(leaf_of(*shown(unknown, "a.test"))->not_after, now - 1);
}

TEST_F(LeafTest, OtherFaultsAreNotSignedByTheTrusted) {
  CertificateOptions options = test::Web::options({"a.test"});
  options.extended_key_usage = {client_auth};
  EXPECT_EQ(web_.judge(web_.issue(options), "a.test").showing, Showing::untrusted);
  options = test::Web::options({"a.test"});
  options.extensions.push_back({"1.2.3.4", true, {5, 0}});
  EXPECT_EQ(web_.judge(web_.issue(options), "a.test").showing, Showing::untrusted);
  options.not_after = now - 1;
  EXPECT_EQ(web_.judge(web_.issue(options), "a.test").showing, Showing::untrusted);
  options = test::Web::options({"a.test"});
  options.is_ca = true;
  EXPECT_EQ(web_.judge(web_.issue(options), "a.test").showing, Showing::untrusted);
  // Whatever the verdict was, the issuer that clients trust has nothing to do with it.
  const Certificate leaf = leaf_of(*mint(web_.issue_for({"a.test"}), "a.test", Showing::untrusted));
  EXPECT_FALSE(x509::is_issued_by(*leaf, *ca_->certificate()));
}

// For each origin and each name: the leaf is good for it exactly if the origin is.
TEST_F(LeafTest, IsGoodForNoNameThatTheOriginIsNotGoodFor) {
  const char* texts[] = {"a.test",    "A.Test",      "a.test.",   "*.a.test", "*.test",     "*",      "*.*.test",
                         "w*.a.test", "a_b.test",    "192.0.2.7", "[::1]",    "::1",        "",       "a..test",
                         "127.1",     "*.192.0.2.7", ".a.test",   "-a.test",  "xn--a.test", "a test", "*.a.test."};
  const char* asked[] = {"a.test",    "www.a.test", "b.test",    "192.0.2.7",  "::1",      "a_b.test",
                         "127.0.0.1", "x.y.test",   "w1.a.test", "xn--a.test", "1.192.0.2"};
  for (const char* text : texts) {
    const Certificate origin = web_.issue_odd(test::dns_name(text));
    for (const char* name : asked) {
      const ServerName host = ServerName::parse(name).value();
      for (const Showing showing : {Showing::trusted, Showing::as_dated_and_named, Showing::untrusted})
        EXPECT_EQ(x509::matches(*leaf_of(*mint(origin, name, showing)), host), x509::matches(*origin, host))
            << text << " for " << name;
    }
  }
}

TEST_F(LeafTest, NamesAreBoundedAndTheAskedOneIsAmongThem) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("host" + std::to_string(i) + ".test");
  const Certificate origin = web_.issue_for(names);
  const Certificate leaf = leaf_of(*shown(origin, "host999.test"));
  EXPECT_EQ(x509::tls_names(*leaf).size(), max_names + 1);
  EXPECT_TRUE(x509::matches(*leaf, ServerName::parse("host999.test").value()));
  EXPECT_TRUE(x509::matches(*leaf, ServerName::parse("host0.test").value()));
  EXPECT_EQ(x509::tls_names(*leaf_of(*shown(origin, "host5.test"))).size(), max_names);
  EXPECT_EQ(x509::tls_names(*leaf_of(*shown(origin, "unknown.test"))).size(), max_names);

  names.clear();
  for (int i = 0; i < 90; ++i)
    names.push_back(std::string(60, 'a') + '.' + std::string(60, 'b') + '.' + std::to_string(i) + ".test");
  std::size_t bytes = 0;
  for (const std::string& name : x509::tls_names(*leaf_of(*shown(web_.issue_for(names), names.back()))))
    bytes += name.size();
  EXPECT_LE(bytes, max_name_bytes + names.back().size());
}

}  // namespace
}  // namespace handfast::authority
