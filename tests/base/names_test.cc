#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include <handfast/error.h>
#include <handfast/types.h>

namespace handfast::test {
namespace {

/// How many values of an enumeration have a name; the others say their number, and no two say the same.
template <typename Enum>
int count_names() {
  constexpr unsigned end = 1u << (8 * sizeof(Enum));
  int named = 0;
  std::set<std::string> seen;
  for (unsigned value = 0; value < end; ++value) {
    const std::string text = name(static_cast<Enum>(value));
    EXPECT_TRUE(seen.insert(text).second) << text;
    if (!text.starts_with("0x")) {
      ++named;
      continue;
    }
    EXPECT_EQ(text.size(), 2 + 2 * sizeof(Enum));
    EXPECT_EQ(std::stoul(text, nullptr, 16), value);
  }
  return named;
}

TEST(Names, EveryValueHasItsOwn) {
  EXPECT_EQ(count_names<ContentType>(), 5);
  EXPECT_EQ(count_names<HandshakeType>(), 17);
  EXPECT_GE(count_names<ProtocolVersion>(), 5);
  EXPECT_GE(count_names<CipherSuite>(), 5);
  EXPECT_GE(count_names<NamedGroup>(), 6);
  EXPECT_GE(count_names<SignatureScheme>(), 16);
  EXPECT_GE(count_names<ExtensionType>(), 31);
  EXPECT_GE(count_names<Alert>(), 32);
}

TEST(Names, AreTheRegistrys) {
  EXPECT_EQ(name(ContentType::application_data), "application_data");
  EXPECT_EQ(name(HandshakeType::encrypted_extensions), "encrypted_extensions");
  EXPECT_EQ(name(ProtocolVersion::tls1_3), "TLS 1.3");
  EXPECT_EQ(name(CipherSuite::TLS_AES_128_GCM_SHA256), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(name(CipherSuite{0x1a1a}), "0x1a1a");
  EXPECT_EQ(name(NamedGroup::X25519MLKEM768), "X25519MLKEM768");
  EXPECT_EQ(name(SignatureScheme::rsa_pss_rsae_sha256), "rsa_pss_rsae_sha256");
  EXPECT_EQ(name(ExtensionType::key_share), "key_share");
  EXPECT_EQ(name(Alert::bad_record_mac), "bad_record_mac");
  EXPECT_EQ(name(Alert{99}), "0x63");
  EXPECT_EQ(name(Side::client), "client");
  EXPECT_EQ(name(Side::server), "server");
}

TEST(Names, EveryReasonHasOneAndIsDescribed) {
  EXPECT_EQ(name(Reason::not_tls), "not_tls");
  EXPECT_EQ(name(Reason::bad_config), "bad_config") << "the last one";
  std::set<std::string_view> seen;
  for (unsigned value = 0; value <= static_cast<unsigned>(Reason::bad_config); ++value) {
    const Reason reason{static_cast<std::uint16_t>(value)};
    EXPECT_TRUE(seen.insert(name(reason)).second) << name(reason);
    EXPECT_FALSE(describe(reason).empty()) << name(reason);
    EXPECT_EQ(name(reason).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string_view::npos)
        << name(reason);
  }
}

}  // namespace
}  // namespace handfast::test
