// ClientHello: every field's bounds, every extension's content, and what is written.
#include "wire/client_hello.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include <fmt/format.h>

#include "wire/messages.h"

namespace handfast::test {
namespace {

using enum ExtensionType;

const std::string random_hex(64, '5');

/// A hello with one suite, and the block of extensions where there is one.
Buffer hello(const std::optional<Buffer>& block) {
  Buffer body = from_hex("0303" + random_hex + "00" + "0002" + "1301" + "0100");
  return block ? std::move(body) + prefixed(2, *block) : body;
}

Result<wire::ClientHello> parse(const Buffer& body) { return wire::parse_client_hello(body); }

/// What the hello with that extension alone gives; the body lives as long as the test.
Result<wire::ClientHello> with(ExtensionType type, std::string_view content) {
  static std::vector<std::unique_ptr<Buffer>> bodies;
  bodies.push_back(std::make_unique<Buffer>(hello(extension_block({{type, content}}))));
  return wire::parse_client_hello(*bodies.back());
}

TEST(ClientHello, NeedsNoExtensions) {
  const Buffer body = hello(std::nullopt);
  Result<wire::ClientHello> parsed = parse(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->legacy_version, ProtocolVersion::tls1_2);
  EXPECT_EQ(to_hex(parsed->random), random_hex);
  EXPECT_EQ(parsed->random.data(), body.data() + 2);
  EXPECT_TRUE(parsed->legacy_session_id.empty());
  EXPECT_EQ(parsed->cipher_suites.front(), CipherSuite::TLS_AES_128_GCM_SHA256);
  EXPECT_EQ(to_hex(parsed->legacy_compression_methods), "00");
  EXPECT_TRUE(parsed->extensions.empty());
  EXPECT_TRUE(parse(hello(Buffer{})));
}

TEST(ClientHello, FieldsHaveBounds) {
  const std::string start = "0303" + random_hex;
  const std::string end = "00021301 0100";
  EXPECT_TRUE(parse(from_hex(start + "20" + std::string(64, '1') + end)));
  struct Case {
    std::string body;
    std::string_view field;
  };
  const Case cases[] = {
      {"03", "legacy_version"},
      {"0303" + std::string(62, '5'), "random"},
      {start + "21" + std::string(66, '1') + end, "legacy_session_id"},
      {start + "0101", "cipher_suites"},
      {start + "00 0000 0100", "cipher_suites"},
      {start + "00 0003130113 0100", "cipher_suites"},
      {start + "00 ffff1301 0100", "cipher_suites"},
      {start + "00 00021301 00", "legacy_compression_methods"},
      {start + "00 00021301 02", "legacy_compression_methods"},
      {start + "00" + end + "00", "extensions"},
      {start + "00" + end + "0001", "extensions"},
      {start + "00" + end + "000000", "extensions"},
      {start + "00" + end + "0003000000", "extensions"},
  };
  for (const Case& each : cases)
    EXPECT_TRUE(is_error(parse(from_hex(each.body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "client_hello"}, {"field", each.field}}))
        << each.body;
}

TEST(ClientHello, BadExtensionsAreNamed) {
  struct Case {
    ExtensionType type;
    std::vector<std::string_view> contents;
  };
  const Case cases[] = {
      {server_name,
       {"", "0000", "0003000000", "0004010001 61", "00040000016100", "0004000002 61", "000400000100",
        "0008000001610000 0162", "0005000002 6100"}},
      {supported_versions, {"", "00", "0103", "0203", "03030403", "0203040 0", "ff0304"}},
      {supported_groups, {"", "0000", "000117", "0003001700", "00040017", "00020017aa"}},
      {signature_algorithms, {"", "0000", "000104", "0003040104", "00020401aa"}},
      {signature_algorithms_cert, {"", "0000", "000104", "0003040104", "00020401aa"}},
      {key_share, {"", "00", "000000", "0004001d0000", "0003001d00", "0005001d0002aa", "0005001d0001aabb"}},
      {application_layer_protocol_negotiation, {"", "0000", "000100", "0003026832aa", "0004026832", "000302683200"}},
      {cookie, {"", "0000", "0002aa", "0001aabb"}},
      {psk_key_exchange_modes, {"", "00", "0201", "010100"}},
      {record_size_limit, {"", "40", "400100"}},
      {certificate_authorities, {"", "0000", "00020000", "00030001", "000300013000"}},
      {client_certificate_type, {"", "02", "0202", "020200 00", "010200"}},
      {server_certificate_type, {"", "02", "0202", "020200 00", "010200"}},
      {trust_anchors, {"", "00", "0001", "000100", "00020200", "000201aabb", "0003 01aa00"}},
      {status_request, {"", "01", "0100", "01000000", "0100000000 00", "010002000000 00"}},
      {signed_certificate_timestamp, {"00"}},
      {early_data, {"00"}},
      {post_handshake_auth, {"00"}},
      {extended_master_secret, {"00"}},
      {encrypt_then_mac, {"00"}},
      {ec_point_formats, {"", "00", "0200", "010000"}},
      {renegotiation_info, {"", "01", "0000"}},
  };
  for (const Case& each : cases)
    for (std::string_view content : each.contents)
      EXPECT_TRUE(is_error(with(each.type, content), Alert::decode_error, Reason::bad_extension,
                           {{"message", "client_hello"}, {"extension", name(each.type)}}))
          << name(each.type) << " " << content;
}

TEST(ClientHello, ServerNameHasAtMost255Bytes) {
  const auto named = [](std::size_t size) {
    const Buffer host_name = prefixed(2, Buffer(size, 'a'));
    return with(server_name, to_hex(prefixed(2, from_hex("00") + host_name)));
  };
  EXPECT_EQ(named(255)->server_name.value(), std::string(255, 'a'));
  EXPECT_TRUE(is_error(named(256), Alert::decode_error, Reason::bad_extension, {{"extension", "server_name"}}));
}

TEST(ClientHello, ExtensionsGiveValues) {
  EXPECT_EQ(with(server_name, "0006000003 612e62")->server_name, "a.b");
  EXPECT_TRUE(with(supported_versions, "0403047f1c")->supported_versions->contains(ProtocolVersion::tls1_3));
  EXPECT_EQ(with(supported_groups, "00020017")->supported_groups->front(), NamedGroup::secp256r1);
  EXPECT_EQ(with(signature_algorithms, "00020804")->signature_algorithms->front(),
            SignatureScheme::rsa_pss_rsae_sha256);
  EXPECT_EQ(with(signature_algorithms_cert, "00020807")->signature_algorithms_cert->front(), SignatureScheme::ed25519);
  const Result<wire::ClientHello> shares = with(key_share, "000b 001d0001aa 00170002bbcc");
  ASSERT_TRUE(shares);
  EXPECT_EQ(shares->key_share->size(), 2u);
  EXPECT_EQ(shares->key_share->front().group, NamedGroup::x25519);
  EXPECT_EQ(to_hex((*++shares->key_share->begin()).key_exchange), "bbcc");
  EXPECT_TRUE(with(key_share, "0000")->key_share->empty()) << "the client asks for a HelloRetryRequest";
  EXPECT_EQ(as_text(with(application_layer_protocol_negotiation, "0003026832")
                        ->application_layer_protocol_negotiation->front()
                        .name),
            "h2");
  EXPECT_EQ(to_hex(with(cookie, "0002abcd")->cookie.value()), "abcd");
  EXPECT_TRUE(
      with(psk_key_exchange_modes, "0101")->psk_key_exchange_modes->contains(wire::PskKeyExchangeMode::psk_dhe_ke));
  EXPECT_EQ(with(record_size_limit, "4001")->record_size_limit, 0x4001);
  EXPECT_EQ(to_hex(with(certificate_authorities, "000400023000")->certificate_authorities->front().data), "3000");
  EXPECT_TRUE(with(status_request, "0100000000")->status_request);
  EXPECT_TRUE(with(status_request, "01000300010000 00")->status_request) << "with a ResponderID";
  EXPECT_FALSE(with(status_request, "02ffff")->status_request) << "another kind of status is not asked for";
  EXPECT_TRUE(with(signed_certificate_timestamp, "")->signed_certificate_timestamp);
  EXPECT_TRUE(with(early_data, "")->early_data);
  EXPECT_TRUE(with(post_handshake_auth, "")->post_handshake_auth);
  EXPECT_TRUE(with(extended_master_secret, "")->extended_master_secret);
  EXPECT_TRUE(with(encrypt_then_mac, "")->encrypt_then_mac);
  EXPECT_EQ(to_hex(with(ec_point_formats, "0100")->ec_point_formats.value()), "00");
  EXPECT_TRUE(with(renegotiation_info, "00")->renegotiation_info->empty());
  EXPECT_EQ(to_hex(with(session_ticket, "c0ffee")->session_ticket.value()), "c0ffee");
  EXPECT_TRUE(with(session_ticket, "")->session_ticket->empty());
}

TEST(ClientHello, TrustAnchorsMayBeNone) {
  EXPECT_TRUE(with(trust_anchors, "0000")->trust_anchors->empty());
  EXPECT_EQ(to_hex(with(trust_anchors, "0005 01aa 02bbcc")->trust_anchors->front().id), "aa");
  EXPECT_EQ(with(trust_anchors, "0005 01aa 02bbcc")->trust_anchors->size(), 2u);
  const Buffer identifiers[] = {from_hex("aa"), from_hex("bbcc")};
  EXPECT_EQ(wire::trust_anchor_list(identifiers), from_hex("0005 01aa 02bbcc"));
  EXPECT_EQ(wire::trust_anchor_list({}), from_hex("0000"));
}

/// RFC 7250, section 4.1: who has X.509 alone leaves them out.
TEST(ClientHello, CertificateTypesSaySomething) {
  using enum CertificateType;
  EXPECT_EQ(with(client_certificate_type, "0102")->client_certificate_type->front(), RawPublicKey);
  EXPECT_FALSE(with(client_certificate_type, "0102")->server_certificate_type);
  EXPECT_EQ(with(server_certificate_type, "020002")->server_certificate_type->size(), 2u);
  EXPECT_TRUE(with(server_certificate_type, "020005")->server_certificate_type->contains(X509));
  for (ExtensionType type : {client_certificate_type, server_certificate_type})
    for (std::string_view content : {"00", "0100"})
      EXPECT_TRUE(
          is_error(with(type, content), Alert::illegal_parameter, Reason::bad_extension, {{"extension", name(type)}}));
}

TEST(ClientHello, RecordSizeLimitIsAtLeast64) {
  EXPECT_TRUE(with(record_size_limit, "0040"));
  EXPECT_TRUE(is_error(with(record_size_limit, "003f"), Alert::illegal_parameter, Reason::bad_extension,
                       {{"extension", "record_size_limit"}}));
}

const std::string identity = "0003 414243 00000007";
const std::string binder = "20" + std::string(64, 'b');

TEST(ClientHello, PreSharedKeyGivesIdentitiesAndBinders) {
  const Result<wire::ClientHello> parsed = with(pre_shared_key, "0009" + identity + "0021" + binder);
  ASSERT_TRUE(parsed);
  const wire::OfferedPsks psks = parsed->pre_shared_key.value();
  EXPECT_EQ(as_text(psks.identities.front().identity), "ABC");
  EXPECT_EQ(psks.identities.front().obfuscated_ticket_age, 7u);
  EXPECT_EQ(to_hex(psks.binders.front().binder), std::string(64, 'b'));
  EXPECT_EQ(psks.binders_size(), 2 + 1 + 32u);
}

TEST(ClientHello, BadPreSharedKeysAreRefused) {
  const auto parse_psk = [](const std::string& content) { return with(pre_shared_key, content); };
  for (const std::string& identities : {std::string(""), std::string("0000"), std::string("0006000000000007"),
                                        std::string("0008") + identity, std::string("000a") + identity})
    EXPECT_TRUE(is_error(parse_psk(identities), Alert::decode_error, Reason::bad_psk,
                         {{"extension", "pre_shared_key"}, {"field", "identities"}}))
        << identities;
  for (const std::string& binders :
       {std::string(""), std::string("0000"), "0020" + binder, "0022" + binder, "0021" + binder + "00"})
    EXPECT_TRUE(is_error(parse_psk(fmt::format("0009{}{}", identity, binders)), Alert::decode_error, Reason::bad_psk,
                         {{"field", "binders"}}))
        << binders;
  EXPECT_TRUE(is_error(parse_psk("0009" + identity + "0042" + binder + binder), Alert::illegal_parameter,
                       Reason::bad_psk, {{"field", "binders"}}));
  EXPECT_TRUE(is_error(parse_psk("0012" + identity + identity + "0021" + binder), Alert::illegal_parameter,
                       Reason::bad_psk, {{"field", "binders"}}));
}

TEST(ClientHello, PreSharedKeyIsTheLastExtension) {
  const std::string content = "0009" + identity + "0021" + binder;
  EXPECT_TRUE(parse(hello(extension_block({{early_data, ""}, {pre_shared_key, content}}))));
  EXPECT_TRUE(is_error(parse(hello(extension_block({{pre_shared_key, content}, {early_data, ""}}))),
                       Alert::illegal_parameter, Reason::bad_psk, {{"field", "position"}}));
}

TEST(ClientHello, UnknownExtensionsAreOnlyListed) {
  const Result<wire::ClientHello> parsed = with(ExtensionType{0xfefe}, "010203");
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->extensions.contains(ExtensionType{0xfefe}));
}

// Writing.

constexpr CipherSuite suites[] = {CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384};
constexpr ProtocolVersion versions[] = {ProtocolVersion::tls1_3};
constexpr NamedGroup groups[] = {NamedGroup::x25519, NamedGroup::secp256r1};
constexpr SignatureScheme schemes[] = {SignatureScheme::ed25519};
constexpr std::uint8_t share[] = {1, 2, 3, 4};
constexpr wire::KeyShareEntry shares[] = {{NamedGroup::x25519, share}};
constexpr std::uint8_t random_bytes[32] = {42};

wire::ClientHelloFields fields() {
  wire::ClientHelloFields f;
  f.random = random_bytes;
  f.cipher_suites = suites;
  f.server_name = "example.com";
  f.supported_versions = versions;
  f.supported_groups = groups;
  f.signature_algorithms = schemes;
  f.key_share = shares;
  return f;
}

std::vector<ExtensionType> types(const wire::ClientHello& hello) {
  std::vector<ExtensionType> list;
  for (const wire::Extension& extension : hello.extensions) list.push_back(extension.type);
  return list;
}

wire::ClientHello parsed(const Buffer& message) { return wire::parse_client_hello(Bytes(message).subspan(4)).value(); }

TEST(WriteClientHello, OffersWhatItWrites) {
  Buffer out;
  const Result<wire::ExtensionSet> offered = wire::write_client_hello(out, fields());
  ASSERT_TRUE(offered);
  const wire::ClientHello read = parsed(out);
  EXPECT_EQ(types(read),
            (std::vector{server_name, supported_groups, signature_algorithms, key_share, supported_versions}));
  for (int type = 0; type < 0x10000; ++type) {
    const ExtensionType each{static_cast<std::uint16_t>(type)};
    EXPECT_EQ(offered->contains(each), read.extensions.contains(each)) << name(each);
  }
  EXPECT_EQ(read.server_name, "example.com");
  EXPECT_EQ(to_hex(read.legacy_compression_methods), "00");
  EXPECT_EQ(read.cipher_suites.size(), 2u);
  EXPECT_EQ(to_hex(read.key_share->front().key_exchange), "01020304");
}

TEST(WriteClientHello, ObeysTheOrder) {
  const std::uint8_t ticket[] = {9};
  const wire::Extension others[] = {{ExtensionType{0xfefe}, {}}, {session_ticket, ticket}, {early_data, {}}};
  const ExtensionType order[] = {key_share, early_data, padding, cookie, server_name};
  wire::ClientHelloFields f = fields();
  f.others = others;
  f.order = order;
  Buffer out;
  ASSERT_TRUE(wire::write_client_hello(out, f));
  EXPECT_EQ(types(parsed(out)), (std::vector{key_share, early_data, server_name, supported_groups, session_ticket,
                                             signature_algorithms, supported_versions, ExtensionType{0xfefe}}));
}

TEST(WriteClientHello, PutsGreaseWhereItBelongs) {
  const std::string protocols[] = {"h2"};
  wire::ClientHelloFields f = fields();
  f.application_layer_protocol_negotiation = protocols;
  f.grease = {.cipher_suite = 0x1a1a,
              .supported_group = 0x2a2a,
              .key_share = 0x2a2a,
              .supported_version = 0x3a3a,
              .signature_algorithm = 0x4a4a,
              .application_protocol = 0x5a5a,
              .first_extension = 0x6a6a,
              .last_extension = 0x7a7a};
  f.pad_to = 512;
  Buffer out;
  const Result<wire::ExtensionSet> offered = wire::write_client_hello(out, f);
  ASSERT_TRUE(offered);
  EXPECT_FALSE(offered->contains(ExtensionType{0x6a6a}));
  const wire::ClientHello read = parsed(out);
  EXPECT_EQ(read.cipher_suites.front(), CipherSuite{0x1a1a});
  EXPECT_EQ(read.supported_groups->front(), NamedGroup{0x2a2a});
  EXPECT_EQ(read.key_share->front().group, NamedGroup{0x2a2a});
  EXPECT_EQ(read.key_share->size(), 2u);
  EXPECT_EQ(read.supported_versions->front(), ProtocolVersion{0x3a3a});
  EXPECT_EQ(read.signature_algorithms->front(), SignatureScheme{0x4a4a});
  EXPECT_EQ(to_hex(read.application_layer_protocol_negotiation->front().name), "5a5a");
  const std::vector<ExtensionType> order = types(read);
  EXPECT_EQ(order.front(), ExtensionType{0x6a6a});
  EXPECT_EQ(order[order.size() - 2], ExtensionType{0x7a7a});
  EXPECT_EQ(order.back(), padding);
  EXPECT_EQ(out.size(), 512u);
}

TEST(WriteClientHello, PadsToASize) {
  Buffer plain;
  ASSERT_TRUE(wire::write_client_hello(plain, fields()));
  const std::size_t size = plain.size();
  for (std::size_t pad_to = size - 2; pad_to < size + 20; ++pad_to) {
    wire::ClientHelloFields f = fields();
    f.pad_to = pad_to;
    Buffer out = from_hex("aabbcc");  // what stands before is no part of the message
    ASSERT_TRUE(wire::write_client_hello(out, f));
    const std::size_t expected = pad_to <= size ? size : std::max(pad_to, size + 4);
    EXPECT_EQ(out.size() - 3, expected);
  }
}

TEST(WriteClientHello, PreSharedKeyComesLastAndCountsForPadding) {
  const std::uint8_t name[] = {'A', 'B'};
  const wire::PskIdentity identities[] = {{name, 0x01020304}};
  const Buffer zeros(32, 0);
  const Bytes binders[] = {zeros};
  const wire::PskKeyExchangeMode modes[] = {wire::PskKeyExchangeMode::psk_dhe_ke};
  wire::ClientHelloFields f = fields();
  f.psk_key_exchange_modes = modes;
  f.psk_identities = identities;
  f.psk_binders = binders;
  f.grease.last_extension = 0x0a0a;
  f.pad_to = 400;
  Buffer out;
  const Result<wire::ExtensionSet> offered = wire::write_client_hello(out, f);
  ASSERT_TRUE(offered);
  EXPECT_TRUE(offered->contains(pre_shared_key));
  EXPECT_EQ(out.size(), 400u);
  const wire::ClientHello read = parsed(out);
  EXPECT_EQ(types(read).back(), pre_shared_key);
  EXPECT_EQ(read.pre_shared_key->identities.front().obfuscated_ticket_age, 0x01020304u);
  EXPECT_EQ(read.pre_shared_key->binders.front().binder.data() + 32, out.data() + 400);
}

TEST(WriteClientHello, BindersArePutInLater) {
  const std::uint8_t name[] = {'A', 'B'};
  const wire::PskIdentity identities[] = {{name, 1}, {name, 2}};
  const Buffer of_sha256(32, 0x25);
  const Buffer of_sha384(48, 0x38);
  const Bytes binders[] = {of_sha256, of_sha384};
  wire::ClientHelloFields f = fields();
  f.psk_identities = identities;
  f.psk_binders = binders;
  Buffer expected;
  ASSERT_TRUE(wire::write_client_hello(expected, f));
  EXPECT_EQ(wire::binders_size(binders), 2 + 1 + 32 + 1 + 48u);
  EXPECT_EQ(parsed(expected).pre_shared_key->binders_size(), wire::binders_size(binders));

  const Buffer zeros(48, 0);
  const Bytes none[] = {Bytes(zeros).first(32), zeros};
  f.psk_binders = none;
  Buffer out = from_hex("aabbcc");
  ASSERT_TRUE(wire::write_client_hello(out, f));
  const MutableBytes message = MutableBytes(out).subspan(3);
  const std::size_t covered = message.size() - wire::binders_size(binders);
  EXPECT_EQ(to_hex(message.first(covered)), to_hex(Bytes(expected).first(covered)));
  EXPECT_EQ(to_hex(message.subspan(covered)),
            "0052"
            "20" +
                std::string(64, '0') + "30" + std::string(96, '0'));
  wire::write_binders(message, binders);
  EXPECT_EQ(to_hex(out), "aabbcc" + to_hex(expected));
}

// What a client that resumes sends, in either version at once.
TEST(WriteClientHello, RemembersWhatItOffersOfASession) {
  const std::uint8_t ticket[] = {'A', 'B'};
  const wire::PskIdentity identities[] = {{ticket, 1}};
  const Buffer zeros(32, 0);
  const Bytes binders[] = {zeros};
  const wire::PskKeyExchangeMode modes[] = {wire::PskKeyExchangeMode::psk_ke, wire::PskKeyExchangeMode::psk_dhe_ke};
  const wire::Extension others[] = {{session_ticket, ticket}, {early_data, {}}};
  wire::ClientHelloFields f = fields();
  f.psk_key_exchange_modes = modes;
  f.psk_identities = identities;
  f.psk_binders = binders;
  f.others = others;
  Buffer out;
  const Result<wire::ExtensionSet> offered = wire::write_client_hello(out, f);
  ASSERT_TRUE(offered);
  const wire::ClientHello read = parsed(out);
  EXPECT_EQ(types(read), (std::vector{server_name, supported_groups, session_ticket, signature_algorithms, key_share,
                                      psk_key_exchange_modes, supported_versions, early_data, pre_shared_key}));
  EXPECT_EQ(to_hex(read.session_ticket.value()), "4142");
  EXPECT_TRUE(read.early_data);
  EXPECT_EQ(to_vector(read.psk_key_exchange_modes), (std::vector{modes[0], modes[1]}));

  using wire::MessageKind;
  for (const auto& [answer, message] : {std::pair{pre_shared_key, MessageKind::server_hello},
                                        {early_data, MessageKind::encrypted_extensions},
                                        {session_ticket, MessageKind::server_hello_tls1_2}}) {
    const Buffer block = extension_block({{answer, ""}});
    const Result<wire::Extensions> extensions = wire::parse_extensions(block, message);
    ASSERT_TRUE(extensions);
    EXPECT_TRUE(wire::check_solicited(*extensions, *offered, message));
    Buffer without;
    EXPECT_TRUE(
        is_error(wire::check_solicited(*extensions, wire::write_client_hello(without, fields()).value(), message),
                 Alert::unsupported_extension, Reason::unsolicited_extension, {{"extension", name(answer)}}));
  }
}

TEST(WriteClientHello, TheSecondOneHasACookieAndOneShare) {
  wire::ClientHelloFields f = fields();
  Buffer first;
  ASSERT_TRUE(wire::write_client_hello(first, f));
  const wire::KeyShareEntry other[] = {{NamedGroup::secp256r1, share}};
  f.key_share = other;
  const Buffer cookie_value = from_hex("c00c1e");
  f.cookie = cookie_value;
  Buffer second;
  ASSERT_TRUE(wire::write_client_hello(second, f));
  EXPECT_EQ(to_hex(parsed(second).cookie.value()), "c00c1e");
  EXPECT_EQ(parsed(second).key_share->size(), 1u);
  EXPECT_EQ(parsed(second).key_share->front().group, NamedGroup::secp256r1);
  EXPECT_EQ(to_hex(parsed(second).random), to_hex(parsed(first).random));
}

TEST(WriteClientHello, EmptySharesAreStillAnExtension) {
  wire::ClientHelloFields f = fields();
  f.key_share = std::span<const wire::KeyShareEntry>{};
  Buffer out;
  ASSERT_TRUE(wire::write_client_hello(out, f));
  EXPECT_TRUE(parsed(out).key_share->empty());
  f.key_share = std::nullopt;
  out.clear();
  ASSERT_TRUE(wire::write_client_hello(out, f));
  EXPECT_FALSE(parsed(out).key_share);
}

TEST(WriteClientHello, WhatDoesNotFitIsNotWritten) {
  const std::string protocols[] = {std::string(256, 'x')};
  wire::ClientHelloFields f = fields();
  f.application_layer_protocol_negotiation = protocols;
  Buffer out;
  EXPECT_TRUE(is_error(wire::write_client_hello(out, f), Alert::internal_error, Reason::message_too_long,
                       {{"message", "client_hello"}}));
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace handfast::test
