// ServerHello and HelloRetryRequest.
#include "wire/server_hello.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

using enum ExtensionType;

const std::string random_hex(64, '5');
const std::string retry_hex = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

Buffer hello(const std::string& random, const std::optional<Buffer>& block, std::string_view compression = "00") {
  Buffer body = from_hex("0303" + random + "00 1301" + std::string(compression));
  return block ? std::move(body) + prefixed(2, *block) : body;
}

Result<wire::ServerHello> parse(const Buffer& body) { return wire::parse_server_hello(body); }

TEST(ServerHello, OfTls13) {
  const Buffer body =
      hello(random_hex,
            extension_block({{supported_versions, "0304"}, {key_share, "001d0002aabb"}, {pre_shared_key, "0001"}}));
  const Result<wire::ServerHello> parsed = parse(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->kind(), wire::MessageKind::server_hello);
  EXPECT_FALSE(parsed->is_hello_retry_request());
  EXPECT_EQ(parsed->version(), ProtocolVersion::tls1_3);
  EXPECT_EQ(parsed->legacy_version, ProtocolVersion::tls1_2);
  EXPECT_EQ(parsed->cipher_suite, CipherSuite::TLS_AES_128_GCM_SHA256);
  EXPECT_EQ(parsed->key_share->group, NamedGroup::x25519);
  EXPECT_EQ(to_hex(parsed->key_share->key_exchange), "aabb");
  EXPECT_EQ(parsed->selected_identity, 1);
  EXPECT_EQ(parsed->random.data(), body.data() + 2);
  EXPECT_FALSE(parsed->selected_group);
  EXPECT_FALSE(parsed->cookie);
}

TEST(ServerHello, OfTls12) {
  for (const std::optional<Buffer>& block : {std::optional<Buffer>(), std::optional(Buffer{}),
                                             std::optional(extension_block({{extended_master_secret, ""}}))}) {
    const Buffer body = hello(random_hex, block);
    const Result<wire::ServerHello> parsed = parse(body);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->kind(), wire::MessageKind::server_hello_tls1_2);
    EXPECT_EQ(parsed->version(), ProtocolVersion::tls1_2);
  }
}

TEST(ServerHello, HelloRetryRequestIsToldByItsRandom) {
  EXPECT_EQ(to_hex(wire::hello_retry_request_random), retry_hex);
  const Buffer body =
      hello(retry_hex, extension_block({{supported_versions, "0304"}, {key_share, "0017"}, {cookie, "0002c00c"}}));
  const Result<wire::ServerHello> parsed = parse(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->kind(), wire::MessageKind::hello_retry_request);
  EXPECT_EQ(parsed->selected_group, NamedGroup::secp256r1);
  EXPECT_EQ(to_hex(parsed->cookie.value()), "c00c");
  EXPECT_FALSE(parsed->key_share);
  // Section 4.1.3: the random is looked at first, so even one without supported_versions is a HelloRetryRequest.
  EXPECT_EQ(parse(hello(retry_hex, std::nullopt))->kind(), wire::MessageKind::hello_retry_request);
}

TEST(ServerHello, FieldsHaveBounds) {
  const std::string start = "0303" + random_hex;
  struct Case {
    std::string body;
    std::string_view message;
    std::string_view field;
  };
  const Case cases[] = {
      {"03", "server_hello", "legacy_version"},
      {"0303" + std::string(62, '5'), "server_hello", "random"},
      {start + "21" + std::string(66, '1') + "130100", "server_hello", "legacy_session_id_echo"},
      {"0303" + retry_hex + "01", "hello_retry_request", "legacy_session_id_echo"},
      {start + "0013", "server_hello", "cipher_suite"},
      {start + "001301", "server_hello", "legacy_compression_method"},
      {start + "0013010000", "server_hello", "extensions"},
      {start + "001301000001", "server_hello", "extensions"},
      {start + "00130100000000", "server_hello", "extensions"},
      {start + "00130100 0003002b00", "server_hello", "extensions"},
  };
  for (const Case& each : cases)
    EXPECT_TRUE(is_error(parse(from_hex(each.body)), Alert::decode_error, Reason::decode_error,
                         {{"message", each.message}, {"field", each.field}}))
        << each.body;
  EXPECT_TRUE(parse(from_hex(start + "20" + std::string(64, '1') + "130100")));
}

TEST(ServerHello, BadExtensionsAreNamed) {
  struct Case {
    std::string random;
    ExtensionType type;
    std::vector<std::string_view> contents;
  };
  const Case cases[] = {
      {random_hex, supported_versions, {"", "03", "030400"}},
      {random_hex, key_share, {"", "001d", "001d0000", "001d0002aa", "001d0001aabb"}},
      {random_hex, pre_shared_key, {"", "00", "000000"}},
      {retry_hex, supported_versions, {"", "03", "030400"}},
      {retry_hex, key_share, {"", "00", "001d00", "001d0001aa"}},
      {retry_hex, cookie, {"", "0000", "0002aa", "0001aabb"}},
  };
  for (const Case& each : cases)
    for (std::string_view content : each.contents) {
      const Buffer block = each.type == supported_versions
                               ? extension_block({{each.type, content}})
                               : extension_block({{supported_versions, "0304"}, {each.type, content}});
      EXPECT_TRUE(is_error(parse(hello(each.random, block)), Alert::decode_error, Reason::bad_extension,
                           {{"extension", name(each.type)}}))
          << name(each.type) << " " << content;
    }
}

TEST(ServerHello, ExtensionsStandWhereTheyMay) {
  const auto error = [](const std::string& random, ExtensionType type) {
    return parse(hello(random, extension_block({{type, "0002aabb"}, {supported_versions, "0304"}})));
  };
  EXPECT_TRUE(is_error(error(random_hex, cookie), Alert::illegal_parameter, Reason::forbidden_extension,
                       {{"message", "server_hello"}, {"extension", "cookie"}}));
  EXPECT_TRUE(is_error(error(random_hex, server_name), Alert::illegal_parameter, Reason::forbidden_extension));
  EXPECT_TRUE(is_error(error(retry_hex, pre_shared_key), Alert::illegal_parameter, Reason::forbidden_extension,
                       {{"message", "hello_retry_request"}, {"extension", "pre_shared_key"}}));
  EXPECT_TRUE(is_error(parse(hello(random_hex, extension_block({{key_share, "001d0001aa"}}))),
                       Alert::unsupported_extension, Reason::forbidden_extension, {{"extension", "key_share"}}))
      << "in TLS 1.2";
}

TEST(ServerHello, CompressionIsAConstantInTls13Only) {
  const Buffer tls13 = extension_block({{supported_versions, "0304"}});
  for (const std::string& random : {random_hex, retry_hex})
    EXPECT_TRUE(is_error(parse(hello(random, tls13, "01")), Alert::decode_error, Reason::decode_error,
                         {{"field", "legacy_compression_method"}}));
  EXPECT_EQ(parse(hello(random_hex, Buffer{}, "01"))->legacy_compression_method, 1);
}

TEST(ServerHello, SentinelsSpellDowngrade) {
  EXPECT_EQ(as_text(wire::downgrade_to_tls1_2), "DOWNGRD\x01");
  EXPECT_EQ(as_text(wire::downgrade_to_tls1_1), std::string_view("DOWNGRD\0", 8));
}

}  // namespace
}  // namespace handfast::test
