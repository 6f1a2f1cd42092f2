// Where lists come from, that nothing fails open, and what it costs to believe one.
#include <handfast/revocation_lists.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <thread>

#include "support/temporary_folder.h"
#include "x509/crls.h"
#include "x509/pem.h"
#include "x509/revocation_lists.h"

namespace handfast::x509::test {
namespace {

namespace fs = std::filesystem;

const Pki& pki() {
  static const Pki one;
  return one;
}
Buffer list_by(const Identity& issuer) { return signed_crl(crl(), issuer); }
std::string pem(Bytes list) { return encode_pem("X509 CRL", list); }

class RevocationListFiles : public testing::Test, public handfast::test::TemporaryFolder {};

testing::AssertionResult refused(const Result<RevocationLists::Shared>& result, Reason reason,
                                 const std::map<std::string_view, std::string>& evidence = {}) {
  if (result) return testing::AssertionFailure() << "accepted " << (*result)->size();
  const Error& error = result.error();
  if (error.reason() != reason) return testing::AssertionFailure() << error.message();
  for (const auto& [name, value] : evidence)
    if (error.find(name) == nullptr || to_text(*error.find(name)) != value)
      return testing::AssertionFailure() << name << ": " << error.message();
  return testing::AssertionSuccess();
}

TEST_F(RevocationListFiles, FromText) {
  const Buffer one = list_by(pki().root);
  const Buffer two = list_by(pki().intermediate);
  const std::string text = "# two\n" + pem(one) + encode_pem("CERTIFICATE", pki().root.certificate.der()) + pem(two);
  EXPECT_EQ(RevocationLists::from_pem(text).value()->size(), 2u);
  EXPECT_EQ(RevocationLists::from_pem(text + pem(one)).value()->size(), 2u);  // doubles count once
  EXPECT_TRUE(refused(RevocationLists::from_pem(""), Reason::bad_pem, {{"expected", "at least one X509 CRL block"}}));
  EXPECT_TRUE(refused(RevocationLists::from_pem(encode_pem("CERTIFICATE", one)), Reason::bad_pem));
  EXPECT_TRUE(
      refused(RevocationLists::from_pem(text + pem(pki().root.certificate.der())), Reason::bad_crl, {{"index", "2"}}));
}

TEST_F(RevocationListFiles, FromDer) {
  const Buffer good = list_by(pki().root);
  const Buffer garbage = {0x30, 0x00};
  const std::vector<Bytes> both = {good, garbage};
  EXPECT_TRUE(refused(RevocationLists::from_der(both), Reason::bad_crl, {{"index", "1"}, {"field", "tbsCertList"}}));
  EXPECT_TRUE(refused(RevocationLists::from_der({}), Reason::bad_config));
}

TEST_F(RevocationListFiles, FromAFile) {
  const Buffer list = list_by(pki().root);
  EXPECT_EQ(RevocationLists::from_path(write("list.pem", pem(list))).value()->size(), 1u);
  EXPECT_EQ(RevocationLists::from_path(write("list.crl", as_text(list))).value()->size(), 1u);
  const auto is_refused = [this](const std::string& name, std::string_view text, Reason reason) {
    const fs::path path = write(name, text);
    return refused(RevocationLists::from_path(path), reason, {{"path", path.string()}});
  };
  EXPECT_TRUE(is_refused("empty", "", Reason::bad_pem));
  EXPECT_TRUE(is_refused("certificate.pem", encode_pem("CERTIFICATE", list), Reason::bad_pem));
  EXPECT_TRUE(is_refused("certificate.der", as_text(pki().root.certificate.der()), Reason::bad_crl));
  EXPECT_TRUE(is_refused("cut.crl", as_text(list).substr(0, list.size() - 1), Reason::bad_crl));
  EXPECT_TRUE(is_refused("cut.pem", pem(list).substr(0, 100), Reason::bad_pem));
  EXPECT_TRUE(is_refused("page.html", "<html>not found</html>", Reason::bad_pem));
  const fs::path missing = folder() / "missing";
  EXPECT_TRUE(refused(RevocationLists::from_path(missing), Reason::file_not_readable, {{"path", missing.string()}}));
}

TEST_F(RevocationListFiles, FromADirectory) {
  EXPECT_TRUE(refused(RevocationLists::from_path(folder()), Reason::bad_pem, {{"path", folder().string()}}));
  write("a.pem", pem(list_by(pki().root)));
  write("b.crl", as_text(list_by(pki().intermediate)));
  fs::create_symlink("a.pem", folder() / "0123abcd.r0");
  fs::create_symlink("nowhere", folder() / "dangling");
  EXPECT_EQ(RevocationLists::from_path(folder()).value()->size(), 2u);
  // One file that is no list, and the set is none: it may have been the list that mattered.
  const fs::path odd = write("c.crl", "");
  EXPECT_TRUE(refused(RevocationLists::from_path(folder()), Reason::bad_pem, {{"path", odd.string()}}));
}

TEST_F(RevocationListFiles, AFileThatIsTooLong) {
  const fs::path path = write("long.crl", "0");
  std::error_code error;
  fs::resize_file(path, std::uintmax_t{max_crl_size} * 2 + 1, error);  // takes no room on the disk
  if (error) GTEST_SKIP() << "skipped: no sparse files";
  EXPECT_TRUE(refused(RevocationLists::from_path(path), Reason::file_not_readable, {{"error", "longer than 512 MiB"}}));
}

/// A list with one entry for each number.
CrlOptions many(std::size_t count) {
  CrlOptions options = crl();
  for (std::size_t number = 0; number < count; ++number)
    options.revoked.push_back({Buffer{0x40, static_cast<std::uint8_t>(number >> 16),
                                      static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
                               now});
  return options;
}

TEST(RevocationListsWork, TheKeyThatHasSignedIsRemembered) {
  const RevocationLists::Shared lists = lists_of({list_by(pki().intermediate)});
  const Asked asked{pki().end.certificate, pki().intermediate.certificate};
  Work work = plenty();
  EXPECT_EQ(asked.of(*lists, work)->status, RevocationStatus::good);
  EXPECT_EQ(work.signatures, plenty().signatures - 1);
  EXPECT_EQ(asked.of(*lists, work)->status, RevocationStatus::good);
  EXPECT_EQ(work.signatures, plenty().signatures - 1);
  // It is that key, and no other of its name.
  const Identity other = root_of(ca("Test Intermediate"));
  EXPECT_EQ((Asked{pki().end.certificate, other.certificate}.of(*lists, work)->status), RevocationStatus::not_said);
  EXPECT_EQ(work.signatures, plenty().signatures - 2);
}

TEST(RevocationListsWork, AKeyThatWasTriedBeforeIsInNobodysWay) {
  const RevocationLists::Shared lists = lists_of({list_by(pki().intermediate)});
  Work work = plenty();
  for (int i = 0; i < 5; ++i) {
    const Identity other = root_of(ca("Test Intermediate"));
    EXPECT_EQ((Asked{pki().end.certificate, other.certificate}.of(*lists, work)->status), RevocationStatus::not_said);
  }
  EXPECT_EQ((Asked{pki().end.certificate, pki().intermediate.certificate}.of(*lists, work)->status),
            RevocationStatus::good);
  EXPECT_EQ(work.signatures, plenty().signatures - 6);
}

TEST(RevocationListsWork, OnlyAKeyThatMaySignIsRemembered) {
  const Identity namesake = root_of(ca("Test Intermediate"));
  const RevocationLists::Shared lists = lists_of({list_by(namesake)});
  Asked asked{pki().end.certificate, pki().intermediate.certificate};
  asked.chain = {namesake.certificate};  // its list, and nobody vouches for it
  Work work = plenty();
  EXPECT_EQ(asked.of(*lists, work)->status, RevocationStatus::not_said);
  const Asked of_namesake{pki().end.certificate, namesake.certificate};
  for (const std::size_t cost : {1u, 0u}) {
    work = plenty();
    EXPECT_EQ(of_namesake.of(*lists, work)->status, RevocationStatus::good);
    EXPECT_EQ(work.signatures, plenty().signatures - cost);
  }
}

TEST(RevocationListsWork, AKeyThatIsRememberedGivesWayToTheNext) {
  const SubjectPublicKeyInfo& key = pki().intermediate.certificate->public_key;
  const SubjectPublicKeyInfo& other = pki().root.certificate->public_key;
  const SignedCrl list(Crl::parse(list_by(pki().intermediate)).value());
  Work work = plenty();
  EXPECT_FALSE(list.signed_by(other, nullptr, work));
  EXPECT_TRUE(list.signed_by(key, nullptr, work));
  EXPECT_FALSE(list.is_remembered(key));  // until somebody says so
  list.remember(other);
  EXPECT_TRUE(list.is_remembered(other));
  list.remember(key);
  EXPECT_TRUE(list.is_remembered(key));
  EXPECT_FALSE(list.is_remembered(other));
}

TEST(RevocationListsWork, WhoeverIsOutOfItGetsNoAnswer) {
  const Asked asked{pki().end.certificate, pki().intermediate.certificate};
  const RevocationLists::Shared lists = lists_of({signed_crl(crl({entry_of(asked.certificate)}), pki().intermediate)});
  Work work = plenty();
  work.signatures = 0;
  const Result<RevocationAnswer> tired = asked.of(*lists, work);
  ASSERT_FALSE(tired);
  EXPECT_EQ(tired.error().reason(), Reason::path_too_complex);
  EXPECT_EQ(to_text(*tired.error().find("limit")), "signatures");

  // Nor is a good answer given where a delta might have said otherwise, had there been work for its signature.
  CrlOptions later = crl({entry_of(asked.certificate)});
  later.this_update -= day;  // so that the complete list is heard first
  later.crl_number = 8;
  later.extensions = {delta_of(7)};
  const std::vector<Buffer> base_and_delta = {list_by(pki().intermediate), signed_crl(later, pki().intermediate)};
  work.signatures = 1;
  const RevocationLists::Shared updated = lists_of(base_and_delta);
  EXPECT_FALSE(asked.of(*updated, work));
  work.signatures = 3;
  EXPECT_EQ(asked.of(*updated, work)->status, RevocationStatus::revoked);

  // Names are compared within limits as well.
  CertificateOptions options = leaf();
  Buffer names;
  for (int i = 0; i < 100; ++i) {
    const Buffer one = uri("http://crl.example/" + std::to_string(i));
    names.insert(names.end(), one.begin(), one.end());
  }
  options.extensions = {distribution_points({{.full_name = names}})};
  CrlOptions served = crl();
  served.extensions = {issuing_distribution_point({.full_name = uri("http://crl.example/99")})};
  const Asked named{signed_by(pki().intermediate, options).certificate, pki().intermediate.certificate};
  const RevocationLists::Shared scoped = lists_of({signed_crl(served, pki().intermediate)});
  work = plenty();
  EXPECT_EQ(named.of(*scoped, work)->status, RevocationStatus::good);
  work = plenty();
  work.name_comparisons = 50;
  const Result<RevocationAnswer> lost = named.of(*scoped, work);
  ASSERT_FALSE(lost);
  EXPECT_EQ(to_text(*lost.error().find("limit")), "name_comparisons");
}

/// Ed25519 has no digest to keep: the whole list is read for each key, and paid for.
TEST(RevocationListsWork, Ed25519IsPaidByLength) {
  const Identity issuer = root_of(ca("Ed25519"), KeyType::ed25519);
  const Certificate certificate = signed_by(issuer, leaf()).certificate;
  const Asked asked{certificate, issuer.certificate};
  const RevocationLists::Shared lists = lists_of({signed_crl(many(10'000), issuer)});  // about 230 KiB
  Work work = plenty();
  EXPECT_EQ(asked.of(*lists, work)->status, RevocationStatus::good);
  EXPECT_EQ(work.signatures, plenty().signatures - 4);
  const Buffer long_list = signed_crl(many(50'000), issuer);
  const std::vector<Bytes> too_long = {long_list};
  EXPECT_TRUE(refused(RevocationLists::from_der(too_long), Reason::bad_crl,
                      {{"problem", "longer than 1 MiB, with Ed25519 or ML-DSA"}}));
}

TEST(RevocationListsWork, SeveralThreadsAsk) {
  const Asked asked{pki().end.certificate, pki().intermediate.certificate};
  const RevocationLists::Shared lists = lists_of({list_by(pki().intermediate)});
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int question = 0; question < 50; ++question) {
        Work work = plenty();
        const Result<RevocationAnswer> answer = asked.of(*lists, work);
        good += answer && answer->status == RevocationStatus::good;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8 * 50);
}

TEST(RevocationListsWork, SeveralThreadsVerify) {
  const RevocationLists::Shared lists = lists_of({list_by(pki().root), list_by(pki().intermediate)});
  Case usual = pki().usual();
  usual.revocation = {.policy = RevocationPolicy::require, .lists = lists.get()};
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      for (int once = 0; once < 20; ++once) accepted += usual.verify().has_value();
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, 2 * 20);
}

/// SHA-1 is refused with certificates, and so with lists.
TEST(RevocationListsWork, SignaturesThatAreNotAccepted) {
  Buffer list = signed_crl(crl(), root_of(ca("RSA"), KeyType::rsa));
  const Buffer sha256 = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b};
  int replaced = 0;
  for (auto at = list.begin(); (at = std::search(at, list.end(), sha256.begin(), sha256.end())) != list.end();
       ++replaced)
    *(at + 8) = 0x05;  // sha1WithRSAEncryption
  ASSERT_EQ(replaced, 2);
  const SignedCrl signed_list(Crl::parse(list).value());
  Work work = plenty();
  EXPECT_FALSE(signed_list.signed_by(pki().root.certificate->public_key, nullptr, work));
  EXPECT_EQ(work.signatures, plenty().signatures);  // not even tried
}

}  // namespace
}  // namespace handfast::x509::test
