// The authority in its folder: made once, found again, and refused where it could be anybody's.
#include "authority/local_authority.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <sstream>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/hex.h"
#include "support/temporary_folder.h"
#include "x509/name.h"
#include "x509/pem.h"

namespace handfast::authority {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t day = 86400;
constexpr std::int64_t now = 1'790'000'000;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

unsigned mode_of(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

std::string pem_of(const x509::Certificate& certificate) { return x509::encode_pem("CERTIFICATE", certificate.der()); }
std::string pem_of(const crypto::SigningKey& key) { return x509::encode_pem("PRIVATE KEY", key.to_der().value()); }

class LocalAuthorityTest : public testing::Test {
 protected:
  fs::path folder() const { return temporary_.folder() / "made" / "here"; }
  Result<LocalAuthority::Shared> open(std::int64_t at = now) const {
    return LocalAuthority::open(folder(), at, system_random());
  }
  /// An authority of somebody else's making.
  void put(const x509::Certificate& certificate, const crypto::SigningKey& key) const {
    fs::create_directories(folder());
    write("ca.crt", pem_of(certificate), 0644);
    write("ca.key", pem_of(key), 0600);
  }
  void write(const std::string& name, std::string_view text, mode_t mode) const {
    std::ofstream(folder() / name, std::ios::binary) << text;
    ::chmod((folder() / name).c_str(), mode);
  }
  /// Opening fails for that reason, says where and what to do, and leaves every file as it is.
  void expect_refused(Reason reason, const std::string& file, std::int64_t at = now) const {
    const std::string certificate = read(folder() / "ca.crt");
    const std::string key = read(folder() / "ca.key");
    const Result<LocalAuthority::Shared> opened = open(at);
    ASSERT_FALSE(opened);
    EXPECT_EQ(name(opened.error().reason()), name(reason)) << opened.error().message();
    ASSERT_NE(opened.error().find("path"), nullptr) << opened.error().message();
    EXPECT_EQ(to_text(*opened.error().find("path")), (file.empty() ? folder() : folder() / file).string());
    EXPECT_NE(opened.error().find("remedy"), nullptr) << opened.error().message();
    EXPECT_EQ(read(folder() / "ca.crt"), certificate);
    EXPECT_EQ(read(folder() / "ca.key"), key);
  }

  test::TemporaryFolder temporary_;
};

TEST_F(LocalAuthorityTest, IsMadeAtTheFirstStart) {
  const LocalAuthority::Shared made = open().value();
  EXPECT_TRUE(made->is_new());
  EXPECT_EQ(mode_of(folder()), 0700u);
  EXPECT_EQ(mode_of(folder().parent_path()), 0700u);
  EXPECT_EQ(mode_of(folder() / "ca.key"), 0600u);
  EXPECT_EQ(made->certificate_path(), folder() / "ca.crt");
  EXPECT_EQ(read(folder() / "ca.crt"), made->certificate_pem());
  EXPECT_TRUE(made->chain().empty());
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder())) files.insert(entry.path().filename().string());
  EXPECT_EQ(files, (std::set<std::string>{"ca.crt", "ca.key"}));

  const x509::CertificateView& ca = *made->certificate();
  EXPECT_TRUE(ca.is_ca());
  EXPECT_EQ(ca.basic_constraints->path_len_constraint, 0u);
  EXPECT_EQ(ca.key_usage, x509::KeyUsage::keyCertSign | x509::KeyUsage::cRLSign);
  EXPECT_EQ(ca.public_key.type, crypto::KeyType::p256);
  EXPECT_EQ(ca.subject_key_identifier.value().size(), 20u);
  EXPECT_LE(ca.not_after - ca.not_before, 3652 * day);
  EXPECT_EQ(ca.not_before, now - day);
}

TEST_F(LocalAuthorityTest, IsFoundAgain) {
  const std::string first = open().value()->certificate_pem();
  const LocalAuthority::Shared again = open(now + 300 * day).value();
  EXPECT_FALSE(again->is_new());
  EXPECT_EQ(again->certificate_pem(), first);
  const LocalAuthority::Shared with_slash = LocalAuthority::open(folder() / "", now, system_random()).value();
  EXPECT_EQ(with_slash->certificate_pem(), first);
}

TEST_F(LocalAuthorityTest, NoTwoHaveOneName) {
  const std::string first = x509::name_text(open().value()->certificate()->subject);
  fs::remove_all(folder());
  EXPECT_NE(x509::name_text(open().value()->certificate()->subject), first);
}

TEST_F(LocalAuthorityTest, ManyProcessesGetOneAuthority) {
  constexpr int processes = 12;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  for (int i = 0; i < processes; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto opened = open();
      const std::string line =
          opened ? test::to_hex((*opened)->certificate()->subject_key_identifier.value()) + "\n" : "failed\n";
      const ssize_t written = ::write(ends[1], line.data(), line.size());
      ::_exit(written == static_cast<ssize_t>(line.size()) ? 0 : 1);
    }
  }
  ::close(ends[1]);
  for (int i = 0; i < processes; ++i) ::wait(nullptr);
  std::string text(4096, '\0');
  const ssize_t count = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  ASSERT_GT(count, 0);
  std::istringstream lines(text.substr(0, static_cast<std::size_t>(count)));
  std::multiset<std::string> found;
  for (std::string line; std::getline(lines, line);) found.insert(line);
  EXPECT_EQ(found.size(), static_cast<std::size_t>(processes));
  EXPECT_EQ(found.count(*found.begin()), found.size());
  EXPECT_EQ(test::to_hex(open().value()->certificate()->subject_key_identifier.value()), *found.begin());
}

TEST_F(LocalAuthorityTest, HalfOfItIsRefused) {
  ASSERT_TRUE(open());
  const std::string key = read(folder() / "ca.key");
  fs::remove(folder() / "ca.key");
  expect_refused(Reason::bad_config, "ca.key");
  write("ca.key", key, 0600);
  ASSERT_TRUE(open());
  fs::remove(folder() / "ca.crt");
  expect_refused(Reason::bad_config, "ca.crt");
}

TEST_F(LocalAuthorityTest, HalfWrittenFilesAreRefused) {
  ASSERT_TRUE(open());
  const std::string certificate = read(folder() / "ca.crt");
  const std::string key = read(folder() / "ca.key");
  for (std::size_t length = 0; length + 1 < key.size(); length += 7) {
    write("ca.key", key.substr(0, length), 0600);
    expect_refused(Reason::bad_pem, "ca.key");
  }
  write("ca.key", key, 0600);
  for (std::size_t length = 0; length + 1 < certificate.size(); length += 13) {
    write("ca.crt", certificate.substr(0, length), 0644);
    expect_refused(Reason::bad_pem, "ca.crt");
  }
}

TEST_F(LocalAuthorityTest, WhatIsNoKeyOrCertificateInsideIsRefused) {
  ASSERT_TRUE(open());
  const std::string certificate = read(folder() / "ca.crt");
  write("ca.crt", x509::encode_pem("CERTIFICATE", as_bytes("none")), 0644);
  expect_refused(Reason::bad_certificate, "ca.crt");
  write("ca.crt", certificate, 0644);
  write("ca.key", x509::encode_pem("PRIVATE KEY", as_bytes("none")), 0600);
  expect_refused(Reason::bad_private_key, "ca.key");
}

TEST_F(LocalAuthorityTest, AKeyThatOthersMayReadIsRefused) {
  ASSERT_TRUE(open());
  for (const mode_t mode : {0640, 0604, 0620, 0666}) {
    ::chmod((folder() / "ca.key").c_str(), mode);
    expect_refused(Reason::bad_config, "ca.key");
  }
  ::chmod((folder() / "ca.key").c_str(), 0400);
  EXPECT_TRUE(open());
}

TEST_F(LocalAuthorityTest, AFolderThatOthersMayWriteToIsRefused) {
  ASSERT_TRUE(open());
  for (const mode_t mode : {0770, 0707, 01777}) {
    ::chmod(folder().c_str(), mode);
    expect_refused(Reason::bad_config, "");
  }
  ::chmod(folder().c_str(), 0755);
  EXPECT_TRUE(open());
}

TEST_F(LocalAuthorityTest, AKeyOfAnotherIsRefused) {
  ASSERT_TRUE(open());
  write("ca.key", pem_of(crypto::SigningKey::generate(crypto::KeyType::p256).value()), 0600);
  expect_refused(Reason::key_does_not_match, "ca.crt");
}

TEST_F(LocalAuthorityTest, WhatIsNoAuthorityIsRefused) {
  CertificateOptions options = ca_options("CA", now - day, now + day);
  options.is_ca = false;
  const Identity leaf = make_ca(options, crypto::KeyType::p256, system_random()).value();
  put(leaf.certificate, leaf.key);
  expect_refused(Reason::not_a_ca, "ca.crt");

  options = ca_options("CA", now - day, now + day);
  options.key_usage = x509::KeyUsage::digitalSignature;
  const Identity no_signer = make_ca(options, crypto::KeyType::p256, system_random()).value();
  put(no_signer.certificate, no_signer.key);
  expect_refused(Reason::not_a_ca, "ca.crt");

  options = ca_options("CA", now - day, now + day);
  options.key_identifiers = false;
  const Identity nameless = make_ca(options, crypto::KeyType::p256, system_random()).value();
  put(nameless.certificate, nameless.key);
  expect_refused(Reason::bad_config, "ca.crt");
}

TEST_F(LocalAuthorityTest, OneThatIsOutOfDateIsRefused) {
  const auto authority = open().value();
  const x509::CertificateView& ca = *authority->certificate();
  expect_refused(Reason::certificate_expired, "ca.crt", ca.not_after + 1);
  expect_refused(Reason::certificate_not_yet_valid, "ca.crt", ca.not_before - 1);
  EXPECT_TRUE(open(ca.not_after));
}

TEST_F(LocalAuthorityTest, AnotherAuthoritysWayToItsRootIsSent) {
  const Identity root =
      make_ca(ca_options("Root", now - day, now + day), crypto::KeyType::p256, system_random()).value();
  const Identity below = make_identity(ca_options("Below", now - day, now + day), crypto::KeyType::rsa,
                                       {root.certificate, root.key}, system_random())
                             .value();
  put(below.certificate, below.key);
  write("ca.crt", pem_of(below.certificate) + pem_of(root.certificate), 0644);
  const LocalAuthority::Shared loaded = open().value();
  ASSERT_EQ(loaded->chain().size(), 1u);
  EXPECT_TRUE(std::ranges::equal(loaded->chain()[0], below.certificate.der()));
  EXPECT_EQ(loaded->certificate_pem(), pem_of(below.certificate));
}

TEST_F(LocalAuthorityTest, AFolderThatCannotBeMadeIsRefused) {
  std::ofstream(temporary_.folder() / "made") << "a file";
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason(), Reason::bad_config);
  EXPECT_NE(opened.error().find("remedy"), nullptr);
}

TEST(DefaultFolder, IsThatOfTheDesktop) {
  ::setenv("HOME", "/home/somebody", 1);
  ::setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(default_folder().value(), "/data/handfast");
  ::setenv("XDG_DATA_HOME", "relative", 1);
  EXPECT_EQ(default_folder().value(), "/home/somebody/.local/share/handfast");
  ::unsetenv("XDG_DATA_HOME");
  EXPECT_EQ(default_folder().value(), "/home/somebody/.local/share/handfast");
  ::unsetenv("HOME");
  const auto none = default_folder();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().reason(), Reason::bad_config);
  EXPECT_NE(none.error().find("remedy"), nullptr);
}

}  // namespace
}  // namespace handfast::authority
