// Whom the flags of trust say.
#include "cli/trust_flags.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <unistd.h>

#include <handfast/clock.h>
#include <handfast/random.h>

#include "doctor/certificate_file.h"
#include "doctor/throwaway.h"

namespace handfast::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* key = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// Three authorities in files, one of which is the system's.
class Trust : public testing::Test {
 protected:
  Trust() : folder_(fs::temp_directory_path() / ("handfast-trust-flags-" + std::to_string(::getpid()))) {
    fs::create_directory(folder_);
    one = write("one.pem");
    two = write("two.pem");
    ::setenv("SSL_CERT_FILE", write("system.pem").c_str(), 1);
    ::unsetenv("SSL_CERT_DIR");
    system_ = TrustAnchors::reload_system().value();
  }
  ~Trust() override {
    ::unsetenv("SSL_CERT_FILE");
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  std::string write(const std::string& name) {
    const auto authority = doctor::ThrowAwayAuthority::make(system_clock().now(), system_random()).value();
    std::ofstream(folder_ / name) << authority.certificate_pem();
    return folder_ / name;
  }
  static TrustAnchors::Shared read(const std::string& file) { return TrustAnchors::from_path(file).value(); }
  /// Whom the flags say, by its digest.
  static void expect_same(const TrustFlags& flags, const TrustAnchors::Shared& expected) {
    const auto trust = trust_of(flags);
    ASSERT_TRUE(trust) << trust.error().message();
    EXPECT_EQ((*trust)->digest(), expected->digest());
  }
  static TrustAnchors::Shared all(const std::vector<TrustAnchors::Shared>& sets) {
    return TrustAnchors::combine(sets).value();
  }
  static TrustAnchors::Shared with_key(const TrustAnchors::Shared& set) {
    return set->only_with_keys(std::vector{SpkiPin::parse(key).value()}).value();
  }
  static TrustAnchors::Shared pinned(const std::string& file) {
    const std::vector<Buffer> ders = doctor::read_certificates(file).value();
    return TrustAnchors::pinned(std::vector<Bytes>(ders.begin(), ders.end())).value();
  }

  fs::path folder_;
  std::string one;
  std::string two;
  TrustAnchors::Shared system_;
};

TEST_F(Trust, TheSystemsUnlessAuthoritiesAreNamed) {
  expect_same({}, system_);
  expect_same({.authorities = {one}}, read(one));
  expect_same({.authorities = {one, two}}, all({read(two), read(one)}));
  expect_same({.authorities = {one}, .system = true}, all({read(one), system_}));
}

TEST_F(Trust, AuthoritiesForCertainServers) {
  const std::vector<std::string> names = {"nas.local", ".corp.example"};
  expect_same({.scoped_authorities = {"nas.local,.corp.example=" + one}}, read(one)->only_for(names).value());
  expect_same({.authorities = {two}, .scoped_authorities = {"nas.local,.corp.example=" + one}},
              all({read(two), read(one)->only_for(names).value()}));
  for (const std::string& bad : {std::string("nas.local"), "=" + one, "a b=" + one, "a.example,=" + one}) {
    const auto trust = trust_of({.scoped_authorities = {bad}});
    ASSERT_FALSE(trust) << bad;
    EXPECT_EQ(trust.error().reason(), Reason::bad_config);
  }
}

TEST_F(Trust, PinnedCertificatesStandAloneOrBesideAuthorities) {
  const TrustAnchors::Shared pin = pinned(one);
  EXPECT_TRUE(pin->is_pinned());
  EXPECT_EQ(pin->size(), 1u);
  expect_same({.authorities = {two}, .pins = {one}}, all({pin, read(two)}));
  expect_same({.pins = {one}, .system = true}, all({pin, system_}));
  expect_same({.pins = {one, two}}, all({pinned(two), pin}));
}

TEST_F(Trust, EveryCertificateOfAFileIsPinnedInPemAndDer) {
  const std::string bundle = folder_ / "bundle.pem";
  std::ofstream(bundle) << std::ifstream(one).rdbuf() << std::ifstream(two).rdbuf();
  expect_same({.pins = {bundle}}, all({pinned(one), pinned(two)}));
  const std::string der = folder_ / "one.der";
  std::ofstream(der, std::ios::binary) << as_text(doctor::read_certificates(one).value().front());
  expect_same({.pins = {der}}, pinned(one));
  const fs::path below = folder_ / "below";
  fs::create_directory(below);
  fs::copy(one, below / "one.pem");
  expect_same({.pins = {below}}, pinned(one));
}

TEST_F(Trust, WhatIsNoCertificateIsNotPinned) {
  const std::string garbage = folder_ / "garbage.pem";
  std::ofstream(garbage) << "-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n";
  const fs::path empty = folder_ / "empty";
  fs::create_directory(empty);
  for (const auto& [path, reason] : {std::pair<std::string, Reason>{garbage, Reason::bad_certificate},
                                     {empty, Reason::bad_pem},
                                     {"/dev/null", Reason::bad_pem},
                                     {"/dev/zero", Reason::file_not_readable}}) {
    const auto trust = trust_of({.pins = {one, path}});
    ASSERT_FALSE(trust) << path;
    EXPECT_EQ(trust.error().reason(), reason) << path;
    ASSERT_TRUE(trust.error().find("path")) << path;
    EXPECT_EQ(to_text(*trust.error().find("path")), path);
  }
}

TEST_F(Trust, AKeyIsTakenInEveryFormThatItIsWrittenIn) {
  const std::string digits = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  std::string colons;
  for (std::size_t i = 0; i < digits.size(); i += 2) colons += (i == 0 ? "" : ":") + digits.substr(i, 2);
  for (const std::string& pin : {digits, colons, "sha256:" + digits}) expect_same({.pins = {pin}}, with_key(system_));
}

TEST_F(Trust, PinnedKeysAreAskedOfAuthorities) {
  expect_same({.pins = {key}}, with_key(system_));
  expect_same({.authorities = {one}, .pins = {key}}, with_key(read(one)));
  expect_same({.pins = {key, one}}, all({with_key(system_), pinned(one)}));
  for (const char* bad : {"sha256/", "sha256/Zm9v", "sha256:00"}) {
    const auto trust = trust_of({.pins = {bad}});
    ASSERT_FALSE(trust) << bad;
    EXPECT_EQ(to_text(*trust.error().find("option")), "pin");
  }
}

TEST_F(Trust, AFileThatIsNotThereIsAnError) {
  const std::string missing = folder_ / "missing";
  for (const TrustFlags& flags :
       {TrustFlags{.authorities = {one, missing}}, TrustFlags{.scoped_authorities = {"nas.local=" + missing}},
        TrustFlags{.pins = {missing}}}) {
    const auto trust = trust_of(flags);
    ASSERT_FALSE(trust);
    EXPECT_EQ(trust.error().reason(), Reason::file_not_readable);
  }
}

}  // namespace
}  // namespace handfast::cli
