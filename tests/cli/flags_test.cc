#include "cli/host_names.h"
#include "config/tls_words.h"

#include <gtest/gtest.h>

namespace handfast::cli {
namespace {

using enum ProtocolVersion;

void expect_range(std::string_view text, ProtocolVersion lowest, ProtocolVersion highest) {
  const auto range = config::parse_versions("--tls", text);
  ASSERT_TRUE(range) << text;
  EXPECT_EQ(range->lowest, lowest) << text;
  EXPECT_EQ(range->highest, highest) << text;
}

TEST(Versions, OneOrARange) {
  expect_range("1.3", tls1_3, tls1_3);
  expect_range("1.2", tls1_2, tls1_2);
  expect_range("1.2..1.3", tls1_2, tls1_3);
  expect_range("1.0..1.1", tls1_0, tls1_1);
  expect_range("..1.2", tls1_2, tls1_2);
  expect_range("..1.3", tls1_2, tls1_3);
  expect_range("..1.1", tls1_1, tls1_1);  // which is none that is spoken here: the configuration says so
  expect_range("1.1..", tls1_1, tls1_3);
}

TEST(Versions, NothingElse) {
  for (const char* text : {"", "..", "1.4", "1", "TLS 1.3", "1.3..1.2", "1.2...1.3", "1.2..1.3..", " 1.3", "1.3 "}) {
    const auto range = config::parse_versions("--tls", text);
    ASSERT_FALSE(range) << text;
    EXPECT_EQ(range.error().reason(), Reason::bad_config);
    EXPECT_EQ(to_text(*range.error().find("option")), "--tls");
  }
}

TEST(CipherSuites, InAnyCaseWithOrWithoutTls) {
  using enum CipherSuite;
  EXPECT_EQ(config::parse_cipher_suites("--suites", "TLS_AES_256_GCM_SHA384,aes_128_gcm_sha256").value(),
            (std::vector{TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256}));
  for (const char* text : {"", ",", "TLS_AES_128_GCM_SHA256,", "TLS_RSA_WITH_RC4_128_SHA", "TLS_"})
    EXPECT_FALSE(config::parse_cipher_suites("--suites", text)) << text;
}

TEST(CipherSuites, OfTls12ByOpenSslsNamesToo) {
  using enum CipherSuite;
  EXPECT_EQ(config::parse_cipher_suites("--suites",
                                        "ECDHE-ECDSA-AES128-GCM-SHA256:ecdhe-rsa-chacha20-poly1305,"
                                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")
                .value(),
            (std::vector{TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                         TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384}));
  EXPECT_EQ(config::parse_cipher_suites(
                "--suites",
                "ECDHE-RSA-AES128-GCM-SHA256,ECDHE-RSA-AES256-GCM-SHA384,ECDHE-ECDSA-AES256-GCM-SHA384,"
                "ECDHE-ECDSA-CHACHA20-POLY1305")
                .value()
                .size(),
            4u);
  for (const char* text : {"ECDHE-RSA-DES-CBC3-SHA", "PSK-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256:", "HIGH"})
    EXPECT_FALSE(config::parse_cipher_suites("--suites", text)) << text;
}

TEST(CipherSuites, DefaultsAndMore) {
  std::vector<CipherSuite> wanted = supported_cipher_suites();
  wanted.push_back(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA);
  EXPECT_EQ(config::parse_cipher_suites("--suites", "default,ECDHE-RSA-AES128-SHA").value(), wanted);
  EXPECT_FALSE(config::parse_cipher_suites("--suites", "default,"));
}

TEST(Groups, ByEitherName) {
  using enum NamedGroup;
  EXPECT_EQ(config::parse_groups("--groups", "P-256,X25519,secp521r1,p-384").value(),
            (std::vector{secp256r1, x25519, secp521r1, secp384r1}));
  EXPECT_EQ(config::parse_groups("--groups", "x25519mlkem768,SecP256r1MLKEM768,secp384r1mlkem1024,mlkem768,MLKEM1024")
                .value(),
            (std::vector{X25519MLKEM768, SecP256r1MLKEM768, SecP384r1MLKEM1024, MLKEM768, MLKEM1024}));
  for (const char* text : {"", "x25519,,P-256", "ffdhe2048", "P256"})
    EXPECT_FALSE(config::parse_groups("--groups", text)) << text;
}

TEST(Lists, AreWhatStandsBetweenCommas) {
  EXPECT_EQ(config::parse_list("--alpn", "h2,http/1.1").value(), (std::vector<std::string>{"h2", "http/1.1"}));
  EXPECT_EQ(config::parse_list("--alpn", "h2").value(), (std::vector<std::string>{"h2"}));
  for (const char* text : {"", ",", "h2,", ",h2", "a,,b"}) EXPECT_FALSE(config::parse_list("--alpn", text)) << text;
}

TEST(HostNames, WithALabels) {
  for (const auto& [written, labels] : {std::pair{"Bücher.example", "xn--bcher-kva.example"},
                                        {".bücher.example", ".xn--bcher-kva.example"},
                                        {"*.bücher.example", "*.xn--bcher-kva.example"},
                                        {"*.Example", "*.Example"},
                                        {"192.0.2.0/24", "192.0.2.0/24"},
                                        {"", ""}})
    EXPECT_EQ(with_a_labels("--host", written).value(), labels);
  const auto bad = with_a_labels("--host", ".\xff.example");
  ASSERT_FALSE(bad);
  EXPECT_EQ(to_text(*bad.error().find("option")), "--host");
}

}  // namespace
}  // namespace handfast::cli
