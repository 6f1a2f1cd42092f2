// Where trust comes from, and that nothing fails open.
#include <handfast/trust.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <unistd.h>

#include "support/temporary_folder.h"
#include "x509/pem.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

namespace fs = std::filesystem;

std::string pem_of(const Identity& identity) { return encode_pem("CERTIFICATE", identity.certificate.der()); }

class Trust : public testing::Test, public handfast::test::TemporaryFolder {};

void expect_error(const Result<TrustAnchors::Shared>& result, Reason reason, const std::string& path = {}) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason(), reason) << result.error().message();
  if (path.empty()) return;
  ASSERT_NE(result.error().find("path"), nullptr);
  EXPECT_EQ(to_text(*result.error().find("path")), path);
}

TEST_F(Trust, FromText) {
  Identity a = root_of(ca("A"));
  Identity b = root_of(ca("B"));
  TrustAnchors::Shared anchors =
      TrustAnchors::from_pem("# two\n" + pem_of(a) + encode_pem("PRIVATE KEY", a.key.to_der().value()) + pem_of(b) +
                             pem_of(a))
          .value();
  EXPECT_EQ(anchors->size(), 2u);
  EXPECT_FALSE(anchors->is_pinned());
  EXPECT_TRUE(accepted(Case{{signed_by(b, leaf()).certificate}, anchors}.verify()));
}

TEST_F(Trust, TextWithoutACertificateIsAnError) {
  expect_error(TrustAnchors::from_pem(""), Reason::bad_pem);
  expect_error(TrustAnchors::from_pem("garbage"), Reason::bad_pem);
  Identity a = root_of(ca("A"));
  expect_error(TrustAnchors::from_pem(encode_pem("PRIVATE KEY", a.key.to_der().value())), Reason::bad_pem);
  expect_error(TrustAnchors::from_pem(pem_of(a) + "-----BEGIN CERTIFICATE-----\nZm9v\n"), Reason::bad_pem);
  Result<TrustAnchors::Shared> garbage =
      TrustAnchors::from_pem(pem_of(a) + encode_pem("CERTIFICATE", as_bytes("garbage")));
  expect_error(garbage, Reason::bad_certificate);
  EXPECT_EQ(to_text(*garbage.error().find("index")), "1");
  EXPECT_EQ(to_text(*garbage.error().find("field")), "certificate");
}

TEST_F(Trust, FromAFile) {
  Identity a = root_of(ca("A"));
  EXPECT_EQ(TrustAnchors::from_path(write("a.pem", pem_of(a))).value()->size(), 1u);
  fs::path missing = folder() / "missing.pem";
  expect_error(TrustAnchors::from_path(missing), Reason::file_not_readable, missing.string());
  fs::path empty = write("empty.pem", "");
  expect_error(TrustAnchors::from_path(empty), Reason::bad_pem, empty.string());
  fs::path garbage = write("garbage.pem", "-----BEGIN CERTIFICATE-----\n!\n");
  expect_error(TrustAnchors::from_path(garbage), Reason::bad_pem, garbage.string());
  fs::path bad = write("bad.pem", encode_pem("CERTIFICATE", as_bytes("garbage")));
  expect_error(TrustAnchors::from_path(bad), Reason::bad_certificate, bad.string());
  fs::path huge = write("huge.pem", std::string((16 << 20) + 1, '\n'));
  expect_error(TrustAnchors::from_path(huge), Reason::file_not_readable, huge.string());
}

TEST_F(Trust, FromADirectory) {
  expect_error(TrustAnchors::from_path(folder()), Reason::bad_pem, folder().string());
  write("README", "no certificate");
  fs::create_directory(folder() / "below");
  fs::create_symlink("nowhere", folder() / "dangling");
  expect_error(TrustAnchors::from_path(folder()), Reason::bad_pem, folder().string());
  fs::path a = write("a.pem", pem_of(root_of(ca("A"))));
  write("b.crt", pem_of(root_of(ca("B"))));
  fs::create_symlink(a, folder() / "01234567.0");
  EXPECT_EQ(TrustAnchors::from_path(folder()).value()->size(), 2u);
  fs::path bad = write("c.pem", encode_pem("CERTIFICATE", as_bytes("garbage")));
  expect_error(TrustAnchors::from_path(folder()), Reason::bad_certificate, bad.string());
}

TEST_F(Trust, FromDer) {
  expect_error(TrustAnchors::from_der({}), Reason::bad_config);
  expect_error(TrustAnchors::pinned({}), Reason::bad_config);
  Bytes garbage = as_bytes("garbage");
  expect_error(TrustAnchors::from_der({&garbage, 1}), Reason::bad_certificate);
  expect_error(TrustAnchors::pinned({&garbage, 1}), Reason::bad_certificate);
}

/// Sets a variable of the environment, and sets it back.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old, was_set_ = true;
    if (value.empty())
      unsetenv(name);
    else
      setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (was_set_)
      setenv(name_, old_.c_str(), 1);
    else
      unsetenv(name_);
  }

 private:
  const char* name_;
  std::string old_;
  bool was_set_ = false;
};

TEST_F(Trust, TheSystemsIsWhatTheEnvironmentSays) {
  Identity a = root_of(ca("A"));
  fs::path file = write("a.pem", pem_of(a) + encode_pem("CERTIFICATE", as_bytes("an oddity")));
  fs::create_directory(folder() / "d1");
  fs::create_directory(folder() / "d2");
  write("d1/b.pem", pem_of(root_of(ca("B"))));
  write("d2/c.pem", pem_of(root_of(ca("C"))));
  {
    Variable one("SSL_CERT_FILE", file.string());
    Variable none("SSL_CERT_DIR", "");
    TrustAnchors::Shared anchors = TrustAnchors::reload_system().value();
    EXPECT_EQ(anchors->size(), 1u);
    EXPECT_EQ(anchors->passed_over(), 1u);
  }
  {
    Variable none("SSL_CERT_FILE", "");
    Variable both("SSL_CERT_DIR", (folder() / "d1").string() + "::" + (folder() / "d2").string());
    EXPECT_EQ(TrustAnchors::reload_system().value()->size(), 2u);
  }
  {
    Variable all("SSL_CERT_FILE", file.string());
    Variable both("SSL_CERT_DIR", (folder() / "d1").string());
    EXPECT_EQ(TrustAnchors::reload_system().value()->size(), 2u);
  }
  Variable missing("SSL_CERT_FILE", (folder() / "missing").string());
  Variable good("SSL_CERT_DIR", (folder() / "d1").string());
  expect_error(TrustAnchors::reload_system(), Reason::file_not_readable, (folder() / "missing").string());
}

TEST_F(Trust, TheSystemsIsReadOnceAndAnewWhenAsked) {
  Variable one("SSL_CERT_FILE", write("a.pem", pem_of(root_of(ca("A")))));
  Variable none("SSL_CERT_DIR", "");
  TrustAnchors::Shared first = TrustAnchors::reload_system().value();
  EXPECT_EQ(first->size(), 1u);
  write("a.pem", pem_of(root_of(ca("B"))) + pem_of(root_of(ca("C"))));
  EXPECT_EQ(TrustAnchors::system().value(), first);

  TrustAnchors::Shared second = TrustAnchors::reload_system().value();
  EXPECT_EQ(second->size(), 2u);
  EXPECT_EQ(first->size(), 1u);
  EXPECT_EQ(TrustAnchors::system().value(), second);

  write("a.pem", "no certificate any more");
  expect_error(TrustAnchors::reload_system(), Reason::bad_pem);
  EXPECT_EQ(TrustAnchors::system().value(), second);
}

/// For the thread sanitizer above all: readers never see half a set, and never an older one after a newer one.
TEST_F(Trust, TheSystemsMayBeReadAnewWhileOthersUseIt) {
  std::string pem = pem_of(root_of(ca("A")));
  Variable one("SSL_CERT_FILE", write("a.pem", pem));
  Variable none("SSL_CERT_DIR", "");
  ASSERT_TRUE(TrustAnchors::reload_system());
  std::atomic<bool> done = false;
  std::atomic<int> backwards = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      std::size_t seen = 0;
      while (!done) {
        std::size_t size = TrustAnchors::system().value()->size();
        if (size < seen) ++backwards;
        seen = size;
      }
    });
  constexpr std::size_t reloads = 20;
  for (std::size_t i = 1; i < reloads; ++i) {
    pem += pem_of(root_of(ca("A " + std::to_string(i))));
    write("a.pem", pem);
    EXPECT_TRUE(TrustAnchors::reload_system());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(backwards, 0);
  EXPECT_EQ(TrustAnchors::system().value()->size(), reloads);
}

TEST_F(Trust, TheInstalledBundleIsRead) {
  if (!fs::exists("/etc/ssl/certs/ca-certificates.crt")) GTEST_SKIP() << "skipped: no bundle of roots is installed";
  Result<TrustAnchors::Shared> anchors = TrustAnchors::from_path("/etc/ssl/certs/ca-certificates.crt");
  ASSERT_TRUE(anchors) << anchors.error().message();
  EXPECT_GT((*anchors)->size(), 50u);
}

}  // namespace
}  // namespace handfast::x509::test
