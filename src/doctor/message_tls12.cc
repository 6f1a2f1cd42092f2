#include "doctor/message_tls12.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "doctor/dissect/numbers.h"
#include "wire/empty.h"
#include "wire/tls12/certificate.h"
#include "wire/tls12/certificate_request.h"
#include "wire/tls12/certificate_status.h"
#include "wire/tls12/client_key_exchange.h"
#include "wire/tls12/new_session_ticket.h"
#include "wire/tls12/server_hello.h"
#include "wire/tls12/server_key_exchange.h"

namespace handfast::doctor::tls12 {
namespace {

/// RFC 8422, section 5.1.2.
void add_point_formats(Facts& facts, const std::optional<Bytes>& formats) {
  if (!formats) return;
  std::vector<std::string> texts;
  for (const std::uint8_t format : *formats) texts.push_back(dissection::point_format(format));
  facts.add("ec_point_formats", std::move(texts));
}

/// Empty in a first handshake (RFC 5746, section 3.2).
void add_renegotiation_info(Facts& facts, Bytes renegotiated_connection) {
  facts.add("renegotiation_info", renegotiated_connection.empty()
                                      ? std::string("yes")
                                      : fmt::format("{} bytes", renegotiated_connection.size()));
}

/// What ServerHello.random says of a server that could have done better (RFC 8446, section 4.1.3).
void add_downgrade_sentinel(Facts& facts, Bytes random) {
  const Bytes end = random.last(wire::downgrade_to_tls1_2.size());
  if (std::ranges::equal(end, wire::downgrade_to_tls1_2))
    facts.add("downgrade_sentinel", name(ProtocolVersion::tls1_2));
  if (std::ranges::equal(end, wire::downgrade_to_tls1_1))
    facts.add("downgrade_sentinel", name(ProtocolVersion::tls1_1));
}

Result<> read_certificate(Bytes body, MessageSummary& out) {
  if (const auto key = wire::tls12::parse_raw_public_key(body); key && Facts(out.facts).raw_public_key(*key)) return {};
  auto message = wire::tls12::parse_certificate(body);
  if (!message) return fail(message.error());
  for (const wire::tls12::ASN1Cert& certificate : message->certificate_list)
    out.certificates.push_back(summarize(certificate.data));
  if (out.certificates.empty()) Facts(out.facts).add("certificate_list", std::string("empty"));
  return {};
}

Result<> read_certificate_status(Bytes body, MessageSummary& out) {
  auto message = wire::tls12::parse_certificate_status(body);
  if (!message) return fail(message.error());
  Facts(out.facts).size("ocsp_response", message->ocsp_response);
  return {};
}

Result<> read_server_key_exchange(ProtocolVersion version, Bytes body, MessageSummary& out) {
  auto message = wire::tls12::parse_server_key_exchange(body, version);
  if (!message) return fail(message.error());
  Facts facts(out.facts);
  facts.add("named_curve", name(message->named_curve));
  facts.size("point", message->point);
  if (version >= ProtocolVersion::tls1_2) facts.add("algorithm", name(message->algorithm));
  facts.size("signature", message->signature);
  return {};
}

Result<> read_certificate_request(ProtocolVersion version, Bytes body, MessageSummary& out) {
  auto message = wire::tls12::parse_certificate_request(body, version);
  if (!message) return fail(message.error());
  Facts facts(out.facts);
  std::vector<std::string> types;
  for (const wire::tls12::ClientCertificateType type : message->certificate_types)
    types.push_back(dissection::client_certificate_type(std::to_underlying(type)));
  facts.add("certificate_types", std::move(types));
  if (version >= ProtocolVersion::tls1_2)
    facts.add("signature_algorithms", names(message->supported_signature_algorithms));
  if (!message->certificate_authorities.empty()) facts.authorities(message->certificate_authorities);
  return {};
}

Result<> read_new_session_ticket(Bytes body, MessageSummary& out) {
  auto message = wire::tls12::parse_new_session_ticket(body);
  if (!message) return fail(message.error());
  Facts facts(out.facts);
  // RFC 5077, section 3.3: 0 says nothing of how long; no ticket, that there is none after all.
  facts.add("ticket_lifetime_hint", message->ticket_lifetime_hint == 0
                                        ? std::string("none")
                                        : fmt::format("{} s", message->ticket_lifetime_hint));
  facts.add("ticket", message->ticket.empty() ? std::string("none") : fmt::format("{} bytes", message->ticket.size()));
  return {};
}

Result<> read_client_key_exchange(Bytes body, MessageSummary& out) {
  if (auto message = wire::tls12::parse_encrypted_pre_master_secret(body)) {
    Facts(out.facts).size("encrypted_pre_master_secret", message->pre_master_secret);
    return {};
  }
  auto message = wire::tls12::parse_client_key_exchange(body);
  if (!message) return fail(message.error());
  Facts(out.facts).size("ecdh_Yc", message->ecdh_Yc);
  return {};
}

}  // namespace

void read_client_hello(const wire::ClientHello& hello, Facts& facts) {
  facts.flag("extended_master_secret", hello.extended_master_secret);
  // An extension or a suite that is none: they say the same (RFC 5746, section 3.3).
  if (hello.renegotiation_info)
    add_renegotiation_info(facts, *hello.renegotiation_info);
  else if (hello.cipher_suites.contains(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV))
    facts.add("renegotiation_info", name(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV));
  if (hello.cipher_suites.contains(CipherSuite::TLS_FALLBACK_SCSV))
    facts.add("fallback", name(CipherSuite::TLS_FALLBACK_SCSV));
  add_point_formats(facts, hello.ec_point_formats);
  facts.flag("encrypt_then_mac", hello.encrypt_then_mac);
  // RFC 5077, section 3.2: empty, it asks for one.
  if (hello.session_ticket)
    facts.add("session_ticket", hello.session_ticket->empty() ? std::string("asked for")
                                                              : fmt::format("{} bytes", hello.session_ticket->size()));
  // A client that offers TLS 1.3 has one for middleboxes in any case (RFC 8446, appendix D.4).
  const bool means_something =
      !hello.supported_versions || !hello.supported_versions->contains(ProtocolVersion::tls1_3);
  if (means_something && !hello.legacy_session_id.empty())
    facts.add("session_id", fmt::format("{} bytes", hello.legacy_session_id.size()));
}

Result<> read_server_hello(const wire::ServerHello& hello, MessageSummary& out) {
  auto extensions = wire::tls12::parse_server_hello_extensions(hello.extensions);
  if (!extensions) return fail(extensions.error());
  Facts facts(out.facts);
  facts.flag("extended_master_secret", extensions->extended_master_secret);
  facts.flag("encrypt_then_mac", extensions->encrypt_then_mac);
  if (extensions->renegotiation_info) add_renegotiation_info(facts, *extensions->renegotiation_info);
  add_point_formats(facts, extensions->ec_point_formats);
  if (extensions->application_protocol) facts.add("alpn", printable(as_text(*extensions->application_protocol)));
  if (extensions->server_name) facts.add("server_name", std::string("acknowledged"));
  facts.number("record_size_limit", extensions->record_size_limit);
  facts.flag("status_request", extensions->status_request);
  if (extensions->session_ticket) facts.add("session_ticket", std::string("follows"));
  if (!hello.legacy_session_id_echo.empty())
    facts.add("session_id", fmt::format("{} bytes", hello.legacy_session_id_echo.size()));
  facts.size("signed_certificate_timestamps", extensions->signed_certificate_timestamp);
  if (hello.legacy_compression_method != 0)
    facts.number("compression_method", std::optional(hello.legacy_compression_method));
  add_downgrade_sentinel(facts, hello.random);
  if (hello.version() > ProtocolVersion::tls1_2) return {};
  if (hello.version() < ProtocolVersion::tls1_2) out.weaknesses.emplace_back(withdrawn_version);
  if (!extensions->extended_master_secret) out.weaknesses.emplace_back(no_extended_master_secret);
  if (!extensions->renegotiation_info) out.weaknesses.emplace_back(no_secure_renegotiation);
  for (std::string_view weakness : suite_weaknesses(hello.cipher_suite, extensions->encrypt_then_mac))
    out.weaknesses.emplace_back(weakness);
  return {};
}

std::vector<Bytes> certificates(Bytes body) {
  std::vector<Bytes> out;
  if (const auto message = wire::tls12::parse_certificate(body))
    for (const wire::tls12::ASN1Cert& certificate : message->certificate_list) out.push_back(certificate.data);
  return out;
}

std::optional<Result<>> read(ProtocolVersion version, HandshakeType type, Bytes body, MessageSummary& out) {
  switch (type) {
    case HandshakeType::hello_request:
    case HandshakeType::server_hello_done: return wire::parse_empty(type, body);
    case HandshakeType::certificate: return read_certificate(body, out);
    case HandshakeType::certificate_status: return read_certificate_status(body, out);
    case HandshakeType::server_key_exchange: return read_server_key_exchange(version, body, out);
    case HandshakeType::certificate_request: return read_certificate_request(version, body, out);
    case HandshakeType::client_key_exchange: return read_client_key_exchange(body, out);
    case HandshakeType::new_session_ticket: return read_new_session_ticket(body, out);
    default: return std::nullopt;
  }
}

}  // namespace handfast::doctor::tls12
