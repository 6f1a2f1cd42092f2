// Extension blocks: what may stand where, how often and how many.
#include "wire/extension.h"

#include <gtest/gtest.h>

#include <iterator>
#include <ranges>
#include <set>

#include "wire/grease.h"
#include "wire/handshake.h"
#include "wire/messages.h"

namespace handfast::test {
namespace {

using wire::MessageKind;

constexpr MessageKind all_kinds[] = {MessageKind::client_hello,        MessageKind::server_hello,
                                     MessageKind::hello_retry_request, MessageKind::encrypted_extensions,
                                     MessageKind::certificate,         MessageKind::certificate_request,
                                     MessageKind::new_session_ticket,  MessageKind::server_hello_tls1_2};

TEST(Extensions, AreFoundByType) {
  const Buffer block = extension_block(
      {{ExtensionType::cookie, "0001aa"}, {ExtensionType{0xfefe}, ""}, {ExtensionType::server_name, "00"}});
  Result<wire::Extensions> extensions = wire::parse_extensions(block, MessageKind::client_hello);
  ASSERT_TRUE(extensions);
  EXPECT_EQ(extensions->size(), 3u);
  EXPECT_FALSE(extensions->empty());
  EXPECT_EQ(to_hex(extensions->find(ExtensionType::cookie).value()), "0001aa");
  EXPECT_TRUE(extensions->contains(ExtensionType{0xfefe}));
  EXPECT_FALSE(extensions->contains(ExtensionType::key_share));
  // Views into the caller's bytes, so that a reader can say where a field stands.
  EXPECT_EQ(extensions->find(ExtensionType::cookie)->data(), block.data() + 4);
  EXPECT_EQ(to_hex(extensions->bytes()), to_hex(block));
}

TEST(Extensions, AnEmptyBlockIsOne) {
  for (MessageKind kind : all_kinds) {
    Result<wire::Extensions> extensions = wire::parse_extensions({}, kind);
    ASSERT_TRUE(extensions);
    EXPECT_TRUE(extensions->empty());
  }
}

TEST(Extensions, EveryTruncationIsRefused) {
  const Buffer block = extension_block({{ExtensionType::cookie, "0001aa"}, {ExtensionType{0xfefe}, "010203"}});
  const std::set<std::size_t> ends = {0, 7, block.size()};
  for (std::size_t size = 0; size <= block.size(); ++size) {
    Result<wire::Extensions> extensions = wire::parse_extensions(Bytes(block).first(size), MessageKind::client_hello);
    if (ends.contains(size))
      EXPECT_TRUE(extensions) << size;
    else
      EXPECT_TRUE(is_error(extensions, Alert::decode_error, Reason::decode_error,
                           {{"message", "client_hello"}, {"field", "extensions"}}))
          << size;
  }
}

TEST(Extensions, NoneStandsTwice) {
  for (ExtensionType type : {ExtensionType::cookie, ExtensionType{0xfefe}, ExtensionType{0x0a0a}}) {
    const Buffer block = extension_block({{type, ""}, {ExtensionType::key_share, ""}, {type, ""}});
    EXPECT_TRUE(is_error(wire::parse_extensions(block, MessageKind::client_hello), Alert::decode_error,
                         Reason::duplicate_extension, {{"message", "client_hello"}, {"extension", name(type)}}));
    EXPECT_TRUE(is_error(wire::parse_extensions(block, MessageKind::hello_retry_request), Alert::illegal_parameter,
                         Reason::duplicate_extension, {{"extension", name(type)}}));
  }
}

TEST(Extensions, ThereIsALimit) {
  Buffer block;
  base::Writer w(block);
  for (std::size_t i = 0; i < wire::max_extensions; ++i)
    wire::write_extension(w, {ExtensionType{static_cast<std::uint16_t>(0x4000 + i)}, {}});
  EXPECT_EQ(wire::parse_extensions(block, MessageKind::client_hello)->size(), wire::max_extensions);
  wire::write_extension(w, {ExtensionType::server_name, {}});
  EXPECT_TRUE(is_error(wire::parse_extensions(block, MessageKind::client_hello), Alert::illegal_parameter,
                       Reason::too_many_extensions, {{"message", "client_hello"}, {"limit", "64"}}));
}

/// The table of RFC 8446, section 4.2, row by row, as it stands there; and those that TLS 1.3 does not know.
struct Allowed {
  ExtensionType type;
  std::set<MessageKind> messages;
};

const Allowed rfc8446_table[] = {
    {ExtensionType::server_name, {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::max_fragment_length, {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::status_request,
     {MessageKind::client_hello, MessageKind::certificate_request, MessageKind::certificate}},
    {ExtensionType::supported_groups, {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::signature_algorithms, {MessageKind::client_hello, MessageKind::certificate_request}},
    {ExtensionType::use_srtp, {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::heartbeat, {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::application_layer_protocol_negotiation,
     {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::signed_certificate_timestamp,
     {MessageKind::client_hello, MessageKind::certificate_request, MessageKind::certificate}},
    {ExtensionType::client_certificate_type, {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::server_certificate_type, {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::padding, {MessageKind::client_hello}},
    {ExtensionType::key_share,
     {MessageKind::client_hello, MessageKind::server_hello, MessageKind::hello_retry_request}},
    {ExtensionType::pre_shared_key, {MessageKind::client_hello, MessageKind::server_hello}},
    {ExtensionType::psk_key_exchange_modes, {MessageKind::client_hello}},
    {ExtensionType::early_data,
     {MessageKind::client_hello, MessageKind::encrypted_extensions, MessageKind::new_session_ticket}},
    {ExtensionType::cookie, {MessageKind::client_hello, MessageKind::hello_retry_request}},
    {ExtensionType::supported_versions,
     {MessageKind::client_hello, MessageKind::server_hello, MessageKind::hello_retry_request}},
    {ExtensionType::certificate_authorities, {MessageKind::client_hello, MessageKind::certificate_request}},
    {ExtensionType::oid_filters, {MessageKind::certificate_request}},
    {ExtensionType::post_handshake_auth, {MessageKind::client_hello}},
    {ExtensionType::signature_algorithms_cert, {MessageKind::client_hello, MessageKind::certificate_request}},
    {ExtensionType::extended_master_secret, {MessageKind::client_hello}},
    {ExtensionType::renegotiation_info, {MessageKind::client_hello}},
    {ExtensionType::session_ticket, {MessageKind::client_hello}},
    {ExtensionType::encrypt_then_mac, {MessageKind::client_hello}},
    {ExtensionType::ec_point_formats, {MessageKind::client_hello}},
    {ExtensionType::record_size_limit, {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::compress_certificate, {MessageKind::client_hello, MessageKind::certificate_request}},
    {ExtensionType::quic_transport_parameters, {MessageKind::client_hello, MessageKind::encrypted_extensions}},
    {ExtensionType::trust_anchors,
     {MessageKind::client_hello, MessageKind::encrypted_extensions, MessageKind::certificate_request,
      MessageKind::certificate}},
    {ExtensionType::encrypted_client_hello,
     {MessageKind::client_hello, MessageKind::hello_retry_request, MessageKind::encrypted_extensions}},
};

TEST(Extensions, StandWhereTheTableOfTheRfcSays) {
  for (const Allowed& row : rfc8446_table) {
    const Buffer block = extension_block({{row.type, ""}});
    for (MessageKind kind : all_kinds) {
      if (kind == MessageKind::server_hello_tls1_2) continue;  // not in that table
      const Alert alert =
          kind == MessageKind::encrypted_extensions ? Alert::unsupported_extension : Alert::illegal_parameter;
      Result<wire::Extensions> extensions = wire::parse_extensions(block, kind);
      if (row.messages.contains(kind))
        EXPECT_TRUE(extensions) << name(row.type) << " in " << name(kind);
      else
        EXPECT_TRUE(is_error(extensions, alert, Reason::forbidden_extension,
                             {{"message", name(kind)}, {"extension", name(row.type)}}))
            << name(row.type) << " in " << name(kind);
    }
  }
}

// draft-ietf-tls-tlsflags: in every message of TLS 1.3 that has extensions.
TEST(Extensions, FlagsStandInEveryMessageOfTls13) {
  const Buffer block = extension_block({{ExtensionType::tls_flags, "0101"}});
  for (MessageKind kind : all_kinds) {
    if (kind == MessageKind::server_hello_tls1_2)
      EXPECT_TRUE(
          is_error(wire::parse_extensions(block, kind), Alert::unsupported_extension, Reason::forbidden_extension));
    else
      EXPECT_TRUE(wire::parse_extensions(block, kind)) << name(kind);
  }
}

TEST(Extensions, OfTls13DoNotStandInAServerHelloOfTls12) {
  for (ExtensionType type :
       {ExtensionType::key_share, ExtensionType::pre_shared_key, ExtensionType::cookie,
        ExtensionType::supported_versions, ExtensionType::early_data, ExtensionType::psk_key_exchange_modes})
    EXPECT_TRUE(is_error(wire::parse_extensions(extension_block({{type, ""}}), MessageKind::server_hello_tls1_2),
                         Alert::unsupported_extension, Reason::forbidden_extension));
  for (ExtensionType type : {ExtensionType::extended_master_secret, ExtensionType::renegotiation_info,
                             ExtensionType::session_ticket, ExtensionType::server_name})
    EXPECT_TRUE(wire::parse_extensions(extension_block({{type, ""}}), MessageKind::server_hello_tls1_2));
}

TEST(Extensions, UnknownOnesMayStandAnywhere) {
  for (MessageKind kind : all_kinds)
    EXPECT_TRUE(wire::parse_extensions(extension_block({{ExtensionType{0xfefe}, "00"}}), kind));
}

TEST(CheckSolicited, RefusesWhatWasNotOffered) {
  wire::ExtensionSet offered;
  offered.add(ExtensionType::server_name);
  offered.add(ExtensionType{0x0a0a});
  EXPECT_TRUE(offered.contains(ExtensionType::server_name));
  EXPECT_FALSE(offered.contains(ExtensionType::early_data));
  EXPECT_FALSE(offered.contains(ExtensionType{0x0a0a}));

  const auto check = [&](ExtensionType type) {
    const Buffer block = extension_block({{ExtensionType::server_name, ""}, {type, ""}});
    return wire::check_solicited(wire::Extensions::checked(block), offered, MessageKind::encrypted_extensions);
  };
  for (ExtensionType type : {ExtensionType::early_data, ExtensionType{0xfefe}, ExtensionType{0x0a0a}})
    EXPECT_TRUE(is_error(check(type), Alert::unsupported_extension, Reason::unsolicited_extension,
                         {{"message", "encrypted_extensions"}, {"extension", name(type)}}));
  EXPECT_TRUE(check(ExtensionType::cookie)) << "a cookie comes unasked (RFC 8446, section 4.2.2)";
}

TEST(List, IsARange) {
  const Buffer bytes = from_hex("1301130213031a1a");
  base::Reader r(bytes);
  const auto list = wire::List<CipherSuite>::read_some(r, r.take(8));
  static_assert(std::ranges::forward_range<wire::List<CipherSuite>>);
  EXPECT_TRUE(r.done());
  EXPECT_EQ(list.size(), 4u);
  EXPECT_EQ(list.front(), CipherSuite::TLS_AES_128_GCM_SHA256);
  EXPECT_TRUE(list.contains(CipherSuite::TLS_CHACHA20_POLY1305_SHA256));
  EXPECT_TRUE(list.contains(CipherSuite{0x1a1a}));
  EXPECT_FALSE(list.contains(CipherSuite{0x0213})) << "items are aligned";
  EXPECT_EQ(std::ranges::distance(list), 4);
  auto at = list.begin();
  EXPECT_EQ(*at++, CipherSuite::TLS_AES_128_GCM_SHA256);
  EXPECT_EQ(*at, CipherSuite::TLS_AES_256_GCM_SHA384);
  EXPECT_EQ(at, std::ranges::next(list.begin()));
}

TEST(List, FailsItsReader) {
  for (std::string_view content : {"", "13", "130113"}) {
    const Buffer bytes = from_hex(content);
    base::Reader r(bytes);
    EXPECT_TRUE(wire::List<CipherSuite>::read_some(r, r.take(bytes.size())).empty());
    EXPECT_FALSE(r.ok()) << content;
  }
  base::Reader r(Bytes{});
  EXPECT_TRUE(wire::List<CipherSuite>::read(r, {}).empty());
  EXPECT_TRUE(r.ok());
}

TEST(Grease, HasSixteenValues) {
  std::set<int> values;
  for (int random = 0; random < 256; ++random) values.insert(wire::grease_value(static_cast<std::uint8_t>(random)));
  EXPECT_EQ(values, (std::set<int>{0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a, 0x5a5a, 0x6a6a, 0x7a7a, 0x8a8a, 0x9a9a,
                                   0xaaaa, 0xbaba, 0xcaca, 0xdada, 0xeaea, 0xfafa}));
  for (int value = 0; value < 0x10000; ++value)
    EXPECT_EQ(wire::is_grease(static_cast<std::uint16_t>(value)), values.contains(value));
}

TEST(Handshake, HeaderIsReadAndWritten) {
  EXPECT_FALSE(wire::read_handshake_header(from_hex("0b0102")));
  std::optional<wire::HandshakeHeader> header = wire::read_handshake_header(from_hex("0bff0203aa"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, HandshakeType::certificate);
  EXPECT_EQ(header->length, 0xff0203u);
  EXPECT_EQ(to_hex(wire::handshake_header(*header)), "0bff0203");
}

TEST(Handshake, AMessageThatDoesNotFitLeavesTheBufferAsItWas) {
  Buffer out = from_hex("aabb");
  const Buffer content(0x10000, 0);
  EXPECT_TRUE(
      is_error(wire::write_message(out, HandshakeType::certificate, [&](base::Writer& w) { w.vector16(content); }),
               Alert::internal_error, Reason::message_too_long, {{"message", "certificate"}}));
  EXPECT_EQ(to_hex(out), "aabb");
  EXPECT_TRUE(wire::write_message(out, HandshakeType::certificate, [&](base::Writer& w) { w.u16(0x1234); }));
  EXPECT_EQ(to_hex(out), "aabb0b0000021234");
}

}  // namespace
}  // namespace handfast::test
