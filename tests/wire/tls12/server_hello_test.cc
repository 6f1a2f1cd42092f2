// ServerHello of TLS 1.2.
#include "wire/tls12/server_hello.h"

#include <gtest/gtest.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

using enum ExtensionType;

const std::string head_hex = "0303" + std::string(64, '5') + "00 c02f 00";

/// The extensions of a whole ServerHello: views over `body`.
Result<wire::tls12::ServerHelloExtensions> parse(const Buffer& body) {
  const Result<wire::ServerHello> hello = wire::parse_server_hello(body);
  if (!hello) return std::unexpected(hello.error());
  EXPECT_EQ(hello->kind(), wire::MessageKind::server_hello_tls1_2);
  return wire::tls12::parse_server_hello_extensions(hello->extensions);
}

Buffer hello(std::initializer_list<std::pair<ExtensionType, std::string_view>> extensions) {
  return from_hex(head_hex) + prefixed(2, extension_block(extensions));
}

TEST(Tls12ServerHello, GivesValues) {
  const Buffer body = hello({{server_name, ""},
                             {status_request, ""},
                             {extended_master_secret, ""},
                             {session_ticket, ""},
                             {renegotiation_info, "02c0de"},
                             {ec_point_formats, "03000102"},
                             {application_layer_protocol_negotiation, "0003026832"},
                             {record_size_limit, "0040"},
                             {signed_certificate_timestamp, "000400020102"}});
  const Result<wire::tls12::ServerHelloExtensions> parsed = parse(body);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->server_name);
  EXPECT_TRUE(parsed->status_request);
  EXPECT_TRUE(parsed->extended_master_secret);
  EXPECT_TRUE(parsed->session_ticket);
  EXPECT_EQ(to_hex(parsed->renegotiation_info.value()), "c0de");
  EXPECT_EQ(to_hex(parsed->ec_point_formats.value()), "000102");
  EXPECT_EQ(as_text(parsed->application_protocol.value()), "h2");
  EXPECT_EQ(parsed->record_size_limit, 64);
  EXPECT_EQ(to_hex(parsed->signed_certificate_timestamp.value()), "000400020102");
}

TEST(Tls12ServerHello, MayHaveNoExtensions) {
  for (const Buffer& body : {from_hex(head_hex), hello({})}) {
    const Result<wire::tls12::ServerHelloExtensions> parsed = parse(body);
    ASSERT_TRUE(parsed);
    EXPECT_FALSE(parsed->server_name);
    EXPECT_FALSE(parsed->status_request);
    EXPECT_FALSE(parsed->extended_master_secret);
    EXPECT_FALSE(parsed->session_ticket);
    EXPECT_FALSE(parsed->renegotiation_info);
    EXPECT_FALSE(parsed->ec_point_formats);
    EXPECT_FALSE(parsed->application_protocol);
    EXPECT_FALSE(parsed->record_size_limit);
    EXPECT_FALSE(parsed->signed_certificate_timestamp);
  }
}

TEST(Tls12ServerHello, PassesOverOtherExtensions) {
  const Buffer body = hello({{supported_groups, "aa"}, {max_fragment_length, "01"}, {ExtensionType{0xfefe}, "00"}});
  EXPECT_TRUE(parse(body));
}

TEST(Tls12ServerHello, BadExtensionsAreNamed) {
  struct Case {
    ExtensionType type;
    std::vector<std::string_view> contents;
  };
  const Case cases[] = {
      {server_name, {"00", "0000"}},
      {status_request, {"00", "0100000000"}},
      {extended_master_secret, {"00"}},
      {session_ticket, {"00", "aabb"}},
      {renegotiation_info, {"", "01", "0000", "02aa", "01aabb"}},
      {ec_point_formats, {"", "00", "01", "0200", "010000"}},
      {application_layer_protocol_negotiation,
       {"", "00", "0000", "000100", "00020268", "0003036832", "0003026832aa", "0006026832026833", "000401680168"}},
      {record_size_limit, {"", "40", "400100"}},
      {signed_certificate_timestamp, {"", "00", "0000", "00020000", "00030001", "0006000201020000", "000400020102aa"}},
  };
  for (const Case& each : cases)
    for (std::string_view content : each.contents)
      EXPECT_TRUE(is_error(parse(hello({{each.type, content}})), Alert::decode_error, Reason::bad_extension,
                           {{"message", "server_hello"}, {"extension", name(each.type)}}))
          << name(each.type) << " " << content;
  for (std::string_view content : {"0000", "003f"})
    EXPECT_TRUE(is_error(parse(hello({{record_size_limit, content}})), Alert::illegal_parameter, Reason::bad_extension,
                         {{"message", "server_hello"}, {"extension", "record_size_limit"}}))
        << content;
}

TEST(Tls12ServerHello, IsWritten) {
  const Buffer random(32, 0x55);
  const Buffer session_id = from_hex("0102");
  const Buffer formats = from_hex("00");
  const Buffer timestamps = from_hex("000400020102");
  wire::ServerHello hello;
  hello.random = random;
  hello.legacy_session_id_echo = session_id;
  hello.cipher_suite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
  wire::tls12::ServerHelloExtensions extensions;
  extensions.server_name = true;
  extensions.status_request = true;
  extensions.extended_master_secret = true;
  extensions.session_ticket = true;
  extensions.renegotiation_info.emplace();
  extensions.ec_point_formats = formats;
  extensions.application_protocol = as_bytes("h2");
  extensions.record_size_limit = 0x4000;
  extensions.signed_certificate_timestamp = timestamps;
  Buffer out = from_hex("ff");
  ASSERT_TRUE(wire::tls12::write_server_hello(out, hello, extensions));
  EXPECT_EQ(to_hex(out), to_hex(from_hex("ff 0200005e 0303" + std::string(64, '5') + "020102 c02f 00 0034") +
                                extension_block({{server_name, ""},
                                                 {extended_master_secret, ""},
                                                 {renegotiation_info, "00"},
                                                 {ec_point_formats, "0100"},
                                                 {session_ticket, ""},
                                                 {application_layer_protocol_negotiation, "0003026832"},
                                                 {status_request, ""},
                                                 {signed_certificate_timestamp, "000400020102"},
                                                 {record_size_limit, "4000"}})));
}

TEST(Tls12ServerHello, IsWrittenWithoutABlockWhereThereIsNoExtension) {
  const Buffer random(32, 0x55);
  wire::ServerHello hello;
  hello.random = random;
  hello.cipher_suite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
  hello.selected_version = ProtocolVersion::tls1_3;
  Buffer out = from_hex("ff");
  ASSERT_TRUE(wire::tls12::write_server_hello(out, hello, {}));
  EXPECT_EQ(to_hex(out), to_hex(from_hex("ff 02000026" + head_hex)));
}

TEST(Tls12ServerHello, TooLargeIsNotWritten) {
  const Buffer random(32, 0x55);
  const Buffer large(0x10000, 0);
  wire::ServerHello hello;
  hello.random = random;
  Buffer out = from_hex("ff");
  const auto is_too_long = [&](const wire::tls12::ServerHelloExtensions& extensions) {
    return is_error(wire::tls12::write_server_hello(out, hello, extensions), Alert::internal_error,
                    Reason::message_too_long, {{"message", "server_hello"}});
  };
  wire::tls12::ServerHelloExtensions extensions;
  extensions.signed_certificate_timestamp = large;
  EXPECT_TRUE(is_too_long(extensions));
  extensions.signed_certificate_timestamp = Bytes(large).first(0xfff0);
  EXPECT_TRUE(wire::tls12::write_server_hello(out, hello, extensions));
  out = from_hex("ff");
  extensions.application_protocol = as_bytes("http/1.1");
  EXPECT_TRUE(is_too_long(extensions)) << "the block";
  extensions = {};
  extensions.application_protocol = Bytes(large).first(256);
  EXPECT_TRUE(is_too_long(extensions));
  EXPECT_EQ(to_hex(out), "ff");
}

}  // namespace
}  // namespace handfast::test
