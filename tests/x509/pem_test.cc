// PEM and base64.
#include "x509/pem.h"

#include <gtest/gtest.h>

namespace handfast::x509 {
namespace {

TEST(Base64, TheVectorsOfRfc4648) {
  constexpr std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (auto [plain, text] : vectors) {
    EXPECT_EQ(encode_base64(as_bytes(plain)), text);
    Buffer decoded;
    EXPECT_TRUE(decode_base64(text, decoded));
    EXPECT_EQ(as_text(decoded), plain);
  }
}

TEST(Base64, WhatIsNone) {
  for (std::string_view text :
       {"Z", "Zg", "Zg=", "Zg===", "Zg=a", "=g==", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm-_", "===="}) {
    Buffer decoded;
    EXPECT_FALSE(decode_base64(text, decoded)) << text;
  }
}

TEST(Pem, ComesBackAsItWent) {
  for (std::size_t size : {1u, 47u, 48u, 49u, 1000u}) {
    Buffer der(size, 0x5a);
    std::string text = encode_pem("CERTIFICATE", der);
    Result<std::vector<PemBlock>> blocks = decode_pem(text);
    ASSERT_TRUE(blocks);
    ASSERT_EQ(blocks->size(), 1u);
    EXPECT_EQ(blocks->front().label, "CERTIFICATE");
    EXPECT_EQ(blocks->front().der, der);
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
      end = text.find('\n', at);
      ASSERT_NE(end, std::string::npos);
      EXPECT_LE(end - at, 64u);
    }
  }
}

TEST(Pem, SeveralBlocksWithTextBetweenThem) {
  Result<std::vector<PemBlock>> blocks = decode_pem(
      "a bundle\r\n-----BEGIN CERTIFICATE-----\r\nZm9v\r\n-----END CERTIFICATE-----\r\n"
      "# the key\n-----BEGIN PRIVATE KEY-----  \n Zm9v\nYmFy\n-----END PRIVATE KEY-----");
  ASSERT_TRUE(blocks);
  ASSERT_EQ(blocks->size(), 2u);
  EXPECT_EQ(as_text((*blocks)[0].der), "foo");
  EXPECT_EQ((*blocks)[1].label, "PRIVATE KEY");
  EXPECT_EQ(as_text((*blocks)[1].der), "foobar");
  EXPECT_TRUE(decode_pem("no block at all\n")->empty());
  EXPECT_TRUE(decode_pem("")->empty());
}

TEST(Pem, WhatIsNone) {
  struct Row {
    std::string_view text;
    const char* line;
  };
  for (auto [text, line] : {
           Row{"-----BEGIN A-----\nZm9v\n", "2"},
           Row{"-----BEGIN A-----\nZm9v\n-----END B-----\n", "3"},
           Row{"-----END A-----\n", "1"},
           Row{"-----BEGIN A-----\n-----BEGIN A-----\nZm9v\n-----END A-----\n", "2"},
           Row{"-----BEGIN A\nZm9v\n-----END A-----\n", "1"},
           Row{"-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nZm9v\n-----END A-----\n", "2"},
           Row{"-----BEGIN A-----\nZm9\n-----END A-----\n", "3"},
           Row{"-----BEGIN A-----\n-----END A-----\n", "2"},
           Row{"-----BEGIN A-----\nZm9v\n-----END A----\n", "3"},
       }) {
    Result<std::vector<PemBlock>> blocks = decode_pem(text);
    ASSERT_FALSE(blocks) << text;
    EXPECT_EQ(blocks.error().reason(), Reason::bad_pem);
    ASSERT_NE(blocks.error().find("expected"), nullptr);
    ASSERT_NE(blocks.error().find("line"), nullptr);
    EXPECT_EQ(to_text(*blocks.error().find("line")), line) << text;
  }
}

}  // namespace
}  // namespace handfast::x509
