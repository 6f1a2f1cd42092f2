// How keys are pinned in writing.
#include <algorithm>

#include <gtest/gtest.h>

#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

/// SHA-256 of nothing.
constexpr const char* base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
constexpr const char* hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(SpkiPin, IsReadAsPeopleWriteIt) {
  const SpkiPin empty = SpkiPin::of({});
  EXPECT_EQ(empty.text(), std::string("sha256/") + base64);
  EXPECT_EQ(SpkiPin::parse(empty.text()).value(), empty);
  EXPECT_EQ(SpkiPin::parse(std::string("sha256//") + base64).value(), empty);
  EXPECT_EQ(SpkiPin::parse(hex).value(), empty);
  EXPECT_EQ(SpkiPin::parse(std::string("sha256:") + hex).value(), empty);
  std::string upper(hex);
  std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  for (std::size_t at = 62; at > 0; at -= 2) upper.insert(at, ":");
  EXPECT_EQ(SpkiPin::parse(upper).value(), empty);
}

TEST(SpkiPin, ASlashIsADigitToo) {
  SpkiPin pin;
  pin.sha256.fill(0xff);
  const std::string digits = std::string(42, '/') + "8=";
  EXPECT_EQ(pin.text(), "sha256/" + digits);
  EXPECT_EQ(SpkiPin::parse("sha256/" + digits).value(), pin);
  EXPECT_EQ(SpkiPin::parse("sha256//" + digits).value(), pin);
}

TEST(SpkiPin, AnythingElseIsRefused) {
  const std::string text = std::string("sha256/") + base64;
  for (const std::string& bad :
       {std::string(), std::string("sha256/"), std::string(base64), "sha1/" + std::string(base64), text + " ",
        " " + text, text.substr(0, text.size() - 1), text + "=", std::string("sha256/Zm9v"), std::string(hex) + "00",
        std::string(hex).substr(2), std::string(hex).substr(1), ":" + std::string(hex), std::string(hex) + ":",
        "sha256/" + std::string(hex), std::string("e3::b0"), std::string(64, 'g'), std::string(5000, 'a')}) {
    Result<SpkiPin> pin = SpkiPin::parse(bad);
    ASSERT_FALSE(pin) << bad;
    EXPECT_EQ(pin.error().reason(), Reason::bad_config);
    EXPECT_EQ(to_text(*pin.error().find("option")), "pin");
    EXPECT_LE(to_text(*pin.error().find("value")).size(), 100u);
  }
}

TEST(SpkiPin, IsTheKeysAndNotTheCertificates) {
  Identity a = root_of(ca("A"));
  Identity b = signed_by(a, leaf());
  Certificate renewed = cross_signed(a, leaf({"other.example"}), b);
  ASSERT_NE(renewed, b.certificate);
  EXPECT_EQ(SpkiPin::of(renewed->public_key.der), SpkiPin::of(b.certificate->public_key.der));
  EXPECT_NE(SpkiPin::of(a.certificate->public_key.der), SpkiPin::of(b.certificate->public_key.der));
}

}  // namespace
}  // namespace handfast::x509::test
