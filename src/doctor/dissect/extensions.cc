#include "doctor/dissect/extensions.h"

#include <algorithm>
#include <iterator>

#include "base/reader.h"
#include "doctor/style.h"
#include "x509/certificate.h"
#include "x509/name.h"

namespace handfast::doctor::dissection {
namespace {

using wire::MessageKind;

// The content of each, by the RFC that has it. Several have one form in a message that asks and another in the answer;
// one that says all it has to say by being there has none at all.

void no_content(Dissector&) {}

/// RFC 6066, section 3.
void server_name_list(Dissector& d) {
  d.list("server_name_list", 2, "ServerName", [](Dissector& name) {
    const std::uint64_t type = name.number("name_type", 1, server_name_type);
    if (type != 0) return name.unparsed("a type of name that has no RFC");
    name.opaque_vector("host_name", 2, text);
  });
}

/// RFC 6066, section 4.
void max_fragment_length_content(Dissector& d) { d.number("max_fragment_length", 1, max_fragment_length); }

/// RFC 6066, section 8: what a client asks for.
void certificate_status_request(Dissector& d) {
  const std::uint64_t type = d.number("status_type", 1, status_type);
  if (type != wire::ocsp_status_type) return d.rest("request");
  d.opaque_vectors("responder_id_list", 2, "ResponderID", 2);
  d.opaque_vector("request_extensions", 2);
}

/// RFC 8446, section 4.2.7.
void named_group_list(Dissector& d) { d.numbers("named_group_list", 2, "named_group", 2, named_group); }

/// RFC 8422, section 5.1.2.
void ec_point_format_list(Dissector& d) { d.numbers("ec_point_format_list", 1, "ec_point_format", 1, point_format); }

/// RFC 8446, section 4.2.3.
void supported_signature_algorithms(Dissector& d) {
  d.numbers("supported_signature_algorithms", 2, "signature_scheme", 2, signature_scheme);
}

/// RFC 5764, section 4.1.1.
void use_srtp(Dissector& d) {
  d.numbers("SRTPProtectionProfiles", 2, "SRTPProtectionProfile", 2, hexadecimal);
  d.opaque_vector("srtp_mki", 1);
}

/// RFC 6520, section 2.
void heartbeat(Dissector& d) { d.number("mode", 1, decimal); }

/// RFC 7301, section 3.1: in the answer it is a list of one.
void protocol_name_list(Dissector& d) { d.opaque_vectors("protocol_name_list", 2, "ProtocolName", 1, text); }

/// RFC 6962, section 3.3, and the structure of version 1, section 3.2.
void signed_certificate_timestamps(Dissector& d) {
  d.vector("sct_list", 2, [](Dissector& list) {
    while (!list.empty())
      list.vector("SerializedSCT", 2, [](Dissector& sct) {
        const std::uint64_t version = sct.number("sct_version", 1, decimal);
        if (version != 0) return sct.rest("sct");
        sct.opaque("log_id", 32);
        sct.number("timestamp", 8, timestamp);
        sct.opaque_vector("extensions", 2);
        sct.number("algorithm", 2, signature_scheme);
        sct.opaque_vector("signature", 2);
      });
  });
}

/// RFC 7250, section 3.
void certificate_type_list(Dissector& d) { d.numbers("certificate_types", 1, "certificate_type", 1, certificate_type); }
void selected_certificate_type(Dissector& d) { d.number("certificate_type", 1, certificate_type); }

/// draft-ietf-tls-trust-anchor-ids, section 4.
void trust_anchor_ids(Dissector& d) { d.opaque_vectors("TrustAnchorIDList", 2, "TrustAnchorID", 1); }

/// RFC 7685, section 3.
std::string zeros(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; }) ? "zeros" : "not zeros";
}
void padding(Dissector& d) { d.rest("padding", zeros); }

/// RFC 8879, section 3.
void compression_algorithms(Dissector& d) { d.numbers("algorithms", 1, "algorithm", 2, certificate_compression); }

/// RFC 8449, section 4.
void record_size_limit(Dissector& d) { d.number("record_size_limit", 2, byte_count); }

/// RFC 5077, section 3.2: without a length of its own.
void session_ticket(Dissector& d) { d.rest("ticket"); }

/// RFC 8446, section 4.2.11.
void offered_psks(Dissector& d) {
  d.list("identities", 2, "PskIdentity", [](Dissector& identity) {
    identity.opaque_vector("identity", 2);
    identity.number("obfuscated_ticket_age", 4, decimal);
  });
  d.opaque_vectors("binders", 2, "PskBinderEntry", 1);
}
void selected_identity(Dissector& d) { d.number("selected_identity", 2, decimal); }

/// RFC 8446, section 4.2.10: of a ticket.
void max_early_data_size(Dissector& d) { d.number("max_early_data_size", 4, byte_count); }

/// RFC 8446, section 4.2.1.
void supported_versions(Dissector& d) { d.numbers("versions", 1, "version", 2, version); }
void selected_version(Dissector& d) { d.number("selected_version", 2, version); }

/// RFC 8446, section 4.2.2.
void cookie(Dissector& d) { d.opaque_vector("cookie", 2); }

/// RFC 8446, section 4.2.9.
void ke_modes(Dissector& d) { d.numbers("ke_modes", 1, "ke_mode", 1, psk_key_exchange_mode); }

/// RFC 8446, section 4.2.4.
void certificate_authorities(Dissector& d) {
  d.opaque_vectors("authorities", 2, "DistinguishedName", 2, distinguished_name);
}

/// RFC 8446, section 4.2.5.
void oid_filters(Dissector& d) {
  d.list("filters", 2, "OIDFilter", [](Dissector& filter) {
    filter.opaque_vector("certificate_extension_oid", 1);
    filter.opaque_vector("certificate_extension_values", 2);
  });
}

/// RFC 8446, section 4.2.8.
void key_share_entry(Dissector& d) {
  d.number("group", 2, named_group);
  d.opaque_vector("key_exchange", 2);
}
void client_shares(Dissector& d) { d.list("client_shares", 2, "KeyShareEntry", key_share_entry); }
void server_share(Dissector& d) { d.structure("server_share", key_share_entry); }
void selected_group(Dissector& d) { d.number("selected_group", 2, named_group); }

/// draft-ietf-tls-tlsflags, section 2.
void tls_flags(Dissector& d) { d.opaque_vector("flags", 1); }

/// RFC 9849, section 5: the inner one has nothing but its type.
void ech_client_hello(Dissector& d) {
  const std::uint64_t type = d.number("type", 1, ech_client_hello_type);
  if (type != 0) return d.rest("inner");
  d.structure("cipher_suite", [](Dissector& suite) {
    suite.number("kdf_id", 2, hpke_kdf);
    suite.number("aead_id", 2, hpke_aead);
  });
  d.number("config_id", 1, hexadecimal);
  d.opaque_vector("enc", 2);
  d.opaque_vector("payload", 2);
}
void ech_retry_configs(Dissector& d) {
  d.list("retry_configs", 2, "ECHConfig", [](Dissector& config) {
    config.number("version", 2, hexadecimal);
    config.opaque_vector("contents", 2);
  });
}
void ech_confirmation(Dissector& d) { d.opaque("confirmation", 8); }

/// RFC 5746, section 3.2.
void renegotiated_connection(Dissector& d) { d.opaque_vector("renegotiated_connection", 1); }

constexpr unsigned in(MessageKind message) { return 1u << static_cast<unsigned>(message); }
constexpr unsigned CH = in(MessageKind::client_hello);
constexpr unsigned SH = in(MessageKind::server_hello) | in(MessageKind::server_hello_tls1_2);
constexpr unsigned HRR = in(MessageKind::hello_retry_request);
constexpr unsigned EE = in(MessageKind::encrypted_extensions);
constexpr unsigned CT = in(MessageKind::certificate);
constexpr unsigned CR = in(MessageKind::certificate_request);
constexpr unsigned NST = in(MessageKind::new_session_ticket);

struct Row {
  ExtensionType type;
  unsigned messages;  ///< where it has this form
  void (*content)(Dissector&);
};

constexpr Row table[] = {
    {ExtensionType::server_name, CH, server_name_list},
    {ExtensionType::server_name, EE | SH, no_content},
    {ExtensionType::max_fragment_length, CH | EE | SH, max_fragment_length_content},
    {ExtensionType::status_request, CH, certificate_status_request},
    {ExtensionType::status_request, CT, certificate_status},
    {ExtensionType::status_request, CR | SH, no_content},
    {ExtensionType::supported_groups, CH | EE | SH, named_group_list},
    {ExtensionType::ec_point_formats, CH | SH, ec_point_format_list},
    {ExtensionType::signature_algorithms, CH | CR, supported_signature_algorithms},
    {ExtensionType::use_srtp, CH | EE | SH, use_srtp},
    {ExtensionType::heartbeat, CH | EE | SH, heartbeat},
    {ExtensionType::application_layer_protocol_negotiation, CH | EE | SH, protocol_name_list},
    {ExtensionType::signed_certificate_timestamp, CT | SH, signed_certificate_timestamps},
    {ExtensionType::signed_certificate_timestamp, CH | CR, no_content},
    {ExtensionType::client_certificate_type, CH, certificate_type_list},
    {ExtensionType::client_certificate_type, EE | SH, selected_certificate_type},
    {ExtensionType::server_certificate_type, CH, certificate_type_list},
    {ExtensionType::server_certificate_type, EE | SH, selected_certificate_type},
    {ExtensionType::padding, CH, padding},
    {ExtensionType::encrypt_then_mac, CH | SH, no_content},
    {ExtensionType::extended_master_secret, CH | SH, no_content},
    {ExtensionType::compress_certificate, CH | CR, compression_algorithms},
    {ExtensionType::record_size_limit, CH | EE | SH, record_size_limit},
    {ExtensionType::session_ticket, CH, session_ticket},
    {ExtensionType::session_ticket, SH, no_content},
    {ExtensionType::pre_shared_key, CH, offered_psks},
    {ExtensionType::pre_shared_key, SH, selected_identity},
    {ExtensionType::early_data, NST, max_early_data_size},
    {ExtensionType::early_data, CH | EE, no_content},
    {ExtensionType::supported_versions, CH, supported_versions},
    {ExtensionType::supported_versions, SH | HRR, selected_version},
    {ExtensionType::cookie, CH | HRR, cookie},
    {ExtensionType::psk_key_exchange_modes, CH, ke_modes},
    {ExtensionType::certificate_authorities, CH | CR, certificate_authorities},
    {ExtensionType::oid_filters, CR, oid_filters},
    {ExtensionType::post_handshake_auth, CH, no_content},
    {ExtensionType::signature_algorithms_cert, CH | CR, supported_signature_algorithms},
    {ExtensionType::key_share, CH, client_shares},
    {ExtensionType::key_share, SH, server_share},
    {ExtensionType::key_share, HRR, selected_group},
    {ExtensionType::tls_flags, CH | SH | HRR | EE | CR | CT | NST, tls_flags},
    {ExtensionType::trust_anchors, CH | EE | CR, trust_anchor_ids},
    {ExtensionType::trust_anchors, CT, no_content},
    {ExtensionType::encrypted_client_hello, CH, ech_client_hello},
    {ExtensionType::encrypted_client_hello, EE, ech_retry_configs},
    {ExtensionType::encrypted_client_hello, HRR, ech_confirmation},
    {ExtensionType::renegotiation_info, CH | SH, renegotiated_connection},
};

/// One that is not known, or not in such a message, is bytes.
void extension_content(Dissector& d, ExtensionType type, MessageKind message) {
  for (const Row& row : table)
    if (row.type == type && (row.messages & in(message)) != 0) return row.content(d);
  d.rest("extension_data");
}

/// It has the name of its type, where that has one.
void extension(Dissector& d, MessageKind message) {
  const ExtensionType type{base::Reader(d.peek()).u16()};
  const bool whole = d.peek().size() >= 2;
  const std::string called = whole ? extension_type(std::to_underlying(type)) : std::string();
  const bool has_name = whole && !called.starts_with("0x") && called != "GREASE";
  d.structure(has_name ? called : "extension", [&](Dissector& extension) {
    if (!has_name) extension.says(called);
    extension.number("extension_type", 2, extension_type);
    extension.prefixed(2, [&](Dissector& data) { extension_content(data, type, message); });
  });
}

}  // namespace

void extensions(Dissector& d, MessageKind message) {
  d.vector("extensions", 2, [&](Dissector& block) {
    while (!block.empty()) extension(block, message);
  });
}

std::string text(Bytes bytes) { return printable(as_text(bytes)); }

std::string distinguished_name(Bytes der) {
  return x509::is_name(der) ? printable_utf8(x509::name_text(der)) : "no Name in DER";
}

void certificate_status(Dissector& d) {
  const std::uint64_t type = d.number("status_type", 1, status_type);
  if (type != wire::ocsp_status_type) return d.rest("response");
  d.opaque_vector("ocsp_response", 3);
}

}  // namespace handfast::doctor::dissection
