// The shorter messages: EncryptedExtensions, NewSessionTicket, KeyUpdate, EndOfEarlyData, Finished.
#include <gtest/gtest.h>

#include "wire/encrypted_extensions.h"
#include "wire/finished.h"
#include "wire/key_update.h"
#include "wire/messages.h"
#include "wire/new_session_ticket.h"

namespace handfast::test {
namespace {

using enum ExtensionType;

TEST(EncryptedExtensions, GiveValues) {
  const Buffer body = prefixed(2, extension_block({{server_name, ""},
                                                   {application_layer_protocol_negotiation, "0003026832"},
                                                   {supported_groups, "00020017"},
                                                   {record_size_limit, "0040"},
                                                   {client_certificate_type, "00"},
                                                   {server_certificate_type, "02"},
                                                   {early_data, ""},
                                                   {quic_transport_parameters, "0101"}}));
  const Result<wire::EncryptedExtensions> parsed = wire::parse_encrypted_extensions(body);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->server_name);
  EXPECT_EQ(as_text(parsed->application_protocol.value()), "h2");
  EXPECT_EQ(parsed->supported_groups->front(), NamedGroup::secp256r1);
  EXPECT_EQ(parsed->record_size_limit, 64);
  EXPECT_EQ(parsed->client_certificate_type, CertificateType::X509);
  EXPECT_EQ(parsed->server_certificate_type, CertificateType::RawPublicKey);
  EXPECT_TRUE(parsed->early_data);
  EXPECT_TRUE(parsed->extensions.contains(quic_transport_parameters));

  const Buffer empty = from_hex("0000");
  const Result<wire::EncryptedExtensions> nothing = wire::parse_encrypted_extensions(empty);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->server_name);
  EXPECT_FALSE(nothing->application_protocol);
  EXPECT_FALSE(nothing->early_data);
}

TEST(EncryptedExtensions, AreABlockAndNothingElse) {
  for (std::string_view body : {"", "00", "0001", "000000", "00040000"})
    EXPECT_TRUE(is_error(wire::parse_encrypted_extensions(from_hex(body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "encrypted_extensions"}, {"field", "extensions"}}))
        << body;
}

TEST(EncryptedExtensions, BadOnesAreNamed) {
  struct Case {
    ExtensionType type;
    std::string_view content;
  };
  for (const Case& each : {Case{server_name, "00"},
                           {application_layer_protocol_negotiation, ""},
                           {application_layer_protocol_negotiation, "0000"},
                           {application_layer_protocol_negotiation, "000100"},
                           {application_layer_protocol_negotiation, "0003026832aa"},
                           {application_layer_protocol_negotiation, "0006026832026833"},
                           {supported_groups, "0000"},
                           {supported_groups, "0003001700"},
                           {record_size_limit, "40"},
                           {record_size_limit, "400100"},
                           {trust_anchors, ""},
                           {trust_anchors, "0000"},
                           {trust_anchors, "000100"},
                           {client_certificate_type, ""},
                           {client_certificate_type, "0200"},
                           {server_certificate_type, ""},
                           {server_certificate_type, "0102"},
                           {early_data, "00"}})
    EXPECT_TRUE(is_error(wire::parse_encrypted_extensions(prefixed(2, extension_block({{each.type, each.content}}))),
                         Alert::decode_error, Reason::bad_extension,
                         {{"message", "encrypted_extensions"}, {"extension", name(each.type)}}))
        << name(each.type) << " " << each.content;
  EXPECT_TRUE(is_error(wire::parse_encrypted_extensions(prefixed(2, extension_block({{record_size_limit, "003f"}}))),
                       Alert::illegal_parameter, Reason::bad_extension, {{"extension", "record_size_limit"}}));
  EXPECT_TRUE(is_error(wire::parse_encrypted_extensions(prefixed(2, extension_block({{key_share, "0017"}}))),
                       Alert::unsupported_extension, Reason::forbidden_extension, {{"extension", "key_share"}}));
}

TEST(EncryptedExtensions, AreWrittenAgain) {
  const NamedGroup groups[] = {NamedGroup::x25519, NamedGroup::secp384r1};
  const wire::Extension others[] = {{quic_transport_parameters, {}}};
  wire::EncryptedExtensionsFields fields;
  fields.server_name = true;
  fields.application_protocol = as_bytes("http/1.1");
  fields.supported_groups = groups;
  fields.record_size_limit = 0x4001;
  fields.early_data = true;
  fields.others = others;
  Buffer out;
  ASSERT_TRUE(wire::write_encrypted_extensions(out, fields));
  const Result<wire::EncryptedExtensions> parsed = wire::parse_encrypted_extensions(Bytes(out).subspan(4));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->server_name);
  EXPECT_EQ(as_text(parsed->application_protocol.value()), "http/1.1");
  EXPECT_EQ(parsed->supported_groups->size(), 2u);
  EXPECT_EQ(parsed->record_size_limit, 0x4001);
  EXPECT_TRUE(parsed->early_data);
  EXPECT_EQ(parsed->extensions.size(), 6u);

  out.clear();
  ASSERT_TRUE(wire::write_encrypted_extensions(out, {}));
  EXPECT_EQ(to_hex(out), "080000020000");
  const Buffer long_name(256, 'x');
  fields.application_protocol = long_name;
  EXPECT_TRUE(is_error(wire::write_encrypted_extensions(out, fields), Alert::internal_error, Reason::message_too_long));
}

const std::string ticket_start = "00015180 01020304";

TEST(NewSessionTicket, GivesValues) {
  const Buffer body =
      from_hex(ticket_start + "02 aabb 0003 c0ffee") +
      prefixed(2, extension_block({{early_data, "ffffffff"}, {ExtensionType{0xfefe}, "00"}, {tls_flags, "020001"}}));
  const Result<wire::NewSessionTicket> parsed = wire::parse_new_session_ticket(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->ticket_lifetime, 86400u);
  EXPECT_EQ(parsed->ticket_age_add, 0x01020304u);
  EXPECT_EQ(to_hex(parsed->ticket_nonce), "aabb");
  EXPECT_EQ(to_hex(parsed->ticket), "c0ffee");
  EXPECT_EQ(parsed->max_early_data_size, 0xffffffffu);
  const Buffer without = from_hex(ticket_start + "00 0001c0 0000");
  EXPECT_FALSE(wire::parse_new_session_ticket(without)->max_early_data_size);
  EXPECT_TRUE(parsed->resumption_across_names);
  EXPECT_FALSE(wire::parse_new_session_ticket(without)->resumption_across_names);
}

TEST(NewSessionTicket, FieldsHaveBounds) {
  struct Case {
    std::string body;
    std::string_view field;
  };
  for (const Case& each : {Case{"000151", "ticket_lifetime"},
                           {"00015180010203", "ticket_age_add"},
                           {ticket_start, "ticket_nonce"},
                           {ticket_start + "02aa", "ticket_nonce"},
                           {ticket_start + "00 0000 0000", "ticket"},
                           {ticket_start + "00 0002c0", "ticket"},
                           {ticket_start + "00 0001c0", "extensions"},
                           {ticket_start + "00 0001c0 0001", "extensions"},
                           {ticket_start + "00 0001c0 000000", "extensions"}})
    EXPECT_TRUE(is_error(wire::parse_new_session_ticket(from_hex(each.body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "new_session_ticket"}, {"field", each.field}}))
        << each.body;
}

Result<wire::NewSessionTicket> ticket_with(ExtensionType type, std::string_view content) {
  return wire::parse_new_session_ticket(from_hex(ticket_start + "00 0001c0") +
                                        prefixed(2, extension_block({{type, content}})));
}

// draft-ietf-tls-tlsflags, section 2: flag n is the bit n % 8 of the byte n / 8, and what nobody knows is ignored.
TEST(NewSessionTicket, HasTheFlagResumptionAcrossNames) {
  const std::string highest = "ff" + std::string(2 * 254, '0') + "80";  // flag 2039
  for (const std::string& flags :
       {std::string("0101"), std::string("01ff"), std::string("0200fe"), std::string("03ff0001"), highest}) {
    const Result<wire::NewSessionTicket> parsed = ticket_with(tls_flags, flags);
    ASSERT_TRUE(parsed) << flags;
    EXPECT_FALSE(parsed->resumption_across_names) << flags;
  }
  for (std::string_view flags : {"020001", "0200ff", "02ff03", "0300 0101", "0a00 0100 0000 0000 0000 80"})
    EXPECT_TRUE(ticket_with(tls_flags, flags)->resumption_across_names) << flags;
}

TEST(NewSessionTicket, FlagsAreNotEmptyAndNoLongerThanTheyHaveToBe) {
  for (std::string_view content : {"", "00", "0200", "01", "0201", "010100", "02000100"})
    EXPECT_TRUE(is_error(ticket_with(tls_flags, content), Alert::decode_error, Reason::bad_extension,
                         {{"message", "new_session_ticket"}, {"extension", "tls_flags"}}))
        << content;
  for (std::string_view content : {"0100", "020100", "03000100"})
    EXPECT_TRUE(is_error(ticket_with(tls_flags, content), Alert::illegal_parameter, Reason::bad_extension,
                         {{"message", "new_session_ticket"}, {"extension", "tls_flags"}}))
        << content;
}

TEST(NewSessionTicket, ExtensionsStandOnceAndWhereTheyMay) {
  for (ExtensionType type : {early_data, tls_flags}) {
    const Buffer block = extension_block({{type, "00000001"}, {type, "00000001"}});
    EXPECT_TRUE(is_error(wire::parse_new_session_ticket(from_hex(ticket_start + "00 0001c0") + prefixed(2, block)),
                         Alert::illegal_parameter, Reason::duplicate_extension, {{"extension", name(type)}}));
  }
  for (ExtensionType type : {pre_shared_key, psk_key_exchange_modes, session_ticket})
    EXPECT_TRUE(is_error(ticket_with(type, ""), Alert::illegal_parameter, Reason::forbidden_extension,
                         {{"message", "new_session_ticket"}, {"extension", name(type)}}));
}

TEST(NewSessionTicket, BadExtensionsAreNamed) {
  for (std::string_view content : {"", "000000", "0000000000"})
    EXPECT_TRUE(is_error(ticket_with(early_data, content), Alert::decode_error, Reason::bad_extension,
                         {{"message", "new_session_ticket"}, {"extension", "early_data"}}))
        << content;
}

TEST(NewSessionTicket, IsWrittenAgain) {
  const Buffer ticket(300, 7);
  wire::NewSessionTicket message;
  message.ticket_lifetime = 604800;
  message.ticket_age_add = 0xfedcba98;
  message.ticket = ticket;
  for (std::optional<std::uint32_t> size : {std::optional<std::uint32_t>(), std::optional<std::uint32_t>(16384)}) {
    message.max_early_data_size = size;
    message.resumption_across_names = size.has_value();
    Buffer out;
    ASSERT_TRUE(wire::write_new_session_ticket(out, message));
    const Result<wire::NewSessionTicket> parsed = wire::parse_new_session_ticket(Bytes(out).subspan(4));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->ticket_lifetime, 604800u);
    EXPECT_EQ(parsed->ticket_age_add, 0xfedcba98u);
    EXPECT_EQ(to_hex(parsed->ticket), to_hex(ticket));
    EXPECT_EQ(parsed->max_early_data_size, size);
    EXPECT_EQ(parsed->resumption_across_names, size.has_value());
    EXPECT_EQ(to_hex(parsed->extensions.bytes()),
              size ? to_hex(extension_block({{early_data, "00004000"}, {tls_flags, "020001"}})) : "");
  }
}

TEST(KeyUpdate, IsOneByteOfTwoValues) {
  using enum KeyUpdateRequest;
  EXPECT_EQ(wire::parse_key_update(from_hex("00"))->request_update, update_not_requested);
  EXPECT_EQ(wire::parse_key_update(from_hex("01"))->request_update, update_requested);
  for (std::string_view body : {"", "0000", "0100"})
    EXPECT_TRUE(is_error(wire::parse_key_update(from_hex(body)), Alert::decode_error, Reason::decode_error,
                         {{"message", "key_update"}, {"field", "request_update"}}));
  for (std::string_view body : {"02", "ff"})
    EXPECT_TRUE(is_error(wire::parse_key_update(from_hex(body)), Alert::illegal_parameter, Reason::decode_error,
                         {{"message", "key_update"}, {"field", "request_update"}}));
  Buffer out;
  wire::write_key_update(out, {update_requested});
  wire::write_key_update(out, {update_not_requested});
  EXPECT_EQ(out, from_hex("18000001 01 18000001 00"));
}

TEST(Finished, IsItsVerifyData) {
  const Buffer body = from_hex("0102030405");
  EXPECT_EQ(wire::parse_finished(body).verify_data.data(), body.data());
  Buffer out;
  wire::write_finished(out, {body});
  EXPECT_EQ(to_hex(out), "140000050102030405");
}

}  // namespace
}  // namespace handfast::test
