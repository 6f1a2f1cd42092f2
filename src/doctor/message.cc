#include "doctor/message.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "doctor/dissect/numbers.h"
#include "doctor/facts.h"
#include "doctor/message_tls12.h"
#include "doctor/style.h"
#include "wire/certificate.h"
#include "wire/certificate_request.h"
#include "wire/certificate_verify.h"
#include "wire/client_hello.h"
#include "wire/empty.h"
#include "wire/encrypted_extensions.h"
#include "wire/finished.h"
#include "wire/key_update.h"
#include "wire/new_session_ticket.h"
#include "wire/server_hello.h"

namespace handfast::doctor {
namespace {

/// TLS 1.2 and what was before it have one form of messages.
bool is_tls12(ProtocolVersion version) noexcept { return version <= ProtocolVersion::tls1_2; }

/// What a client may resume, and how (RFC 8446, sections 4.2.9 and 4.2.11).
void add_pre_shared_keys(const wire::ClientHello& hello, Facts& facts) {
  if (hello.psk_key_exchange_modes) {
    std::vector<std::string> modes;
    for (const wire::PskKeyExchangeMode mode : *hello.psk_key_exchange_modes)
      modes.push_back(dissection::psk_key_exchange_mode(std::to_underlying(mode)));
    facts.add("psk_key_exchange_modes", std::move(modes));
  }
  if (!hello.pre_shared_key) return;
  std::vector<std::size_t> sizes;
  for (const wire::PskIdentity& identity : hello.pre_shared_key->identities) sizes.push_back(identity.identity.size());
  facts.add("pre_shared_key", fmt::format("{} offered, of {} bytes", sizes.size(), fmt::join(sizes, ", ")));
}

Result<> read_client_hello(Bytes body, MessageSummary& out) {
  auto hello = wire::parse_client_hello(body);
  if (!hello) return fail(hello.error());
  Facts facts(out.facts);
  if (hello->server_name) facts.add("server_name", printable(*hello->server_name));
  if (hello->supported_versions)
    facts.list("supported_versions", hello->supported_versions);
  else
    facts.add("legacy_version", name(hello->legacy_version));
  facts.add("cipher_suites", names(hello->cipher_suites));
  facts.list("supported_groups", hello->supported_groups);
  if (hello->key_share) {
    std::vector<std::string> shares;
    for (const wire::KeyShareEntry& share : *hello->key_share)
      shares.push_back(wire::is_grease(static_cast<std::uint16_t>(share.group)) ? "GREASE" : name(share.group));
    facts.add("key_share", shares.empty() ? Fact::Value(std::string("none")) : Fact::Value(std::move(shares)));
  }
  facts.list("signature_algorithms", hello->signature_algorithms);
  facts.list("signature_algorithms_cert", hello->signature_algorithms_cert);
  if (hello->application_layer_protocol_negotiation) {
    std::vector<std::string> protocols;
    for (const wire::ProtocolName& protocol : *hello->application_layer_protocol_negotiation)
      protocols.push_back(printable(as_text(protocol.name)));
    facts.add("alpn", std::move(protocols));
  }
  facts.size("cookie", hello->cookie);
  facts.number("record_size_limit", hello->record_size_limit);
  add_pre_shared_keys(*hello, facts);
  if (hello->certificate_authorities) facts.authorities(*hello->certificate_authorities);
  facts.flag("early_data", hello->early_data);
  facts.flag("post_handshake_auth", hello->post_handshake_auth);
  facts.flag("status_request", hello->status_request);
  facts.flag("signed_certificate_timestamp", hello->signed_certificate_timestamp);
  tls12::read_client_hello(*hello, facts);
  return {};
}

Result<> read_server_hello(Bytes body, MessageSummary& out) {
  auto hello = wire::parse_server_hello(body);
  if (!hello) return fail(hello.error());
  Facts facts(out.facts);
  facts.add("version", name(hello->version()));
  facts.add("cipher_suite", name(hello->cipher_suite));
  if (hello->key_share) facts.add("key_share", name(hello->key_share->group));
  if (hello->selected_group) facts.add("asks_for_group", name(*hello->selected_group));
  facts.size("cookie", hello->cookie);
  facts.number("selected_identity", hello->selected_identity);
  if (is_tls12(hello->version())) return tls12::read_server_hello(*hello, out);
  return {};
}

Result<> read_encrypted_extensions(Bytes body, MessageSummary& out) {
  auto message = wire::parse_encrypted_extensions(body);
  if (!message) return fail(message.error());
  Facts facts(out.facts);
  if (message->application_protocol) facts.add("alpn", printable(as_text(*message->application_protocol)));
  if (message->server_name) facts.add("server_name", std::string("acknowledged"));
  facts.list("supported_groups", message->supported_groups);
  facts.number("record_size_limit", message->record_size_limit);
  facts.flag("early_data", message->early_data);
  return {};
}

/// Leaf first; empty where it does not parse.
std::vector<Bytes> certificates(Bytes body) {
  std::vector<Bytes> out;
  if (const auto message = wire::parse_certificate(body))
    for (const wire::CertificateEntry& entry : message->certificate_list) out.push_back(entry.cert_data);
  return out;
}

Result<> read_certificate(Bytes body, MessageSummary& out) {
  auto message = wire::parse_certificate(body);
  if (!message) return fail(message.error());
  Facts facts(out.facts);
  bool first = true;
  for (const wire::CertificateEntry& entry : message->certificate_list) {
    if (facts.raw_public_key(entry.cert_data)) return {};  // it stands alone
    out.certificates.push_back(summarize(entry.cert_data));
    if (first) facts.size("ocsp_response", entry.ocsp_response);
    if (first && entry.signed_certificate_timestamp)
      facts.number("signed_certificate_timestamps", std::optional(entry.signed_certificate_timestamp->size()));
    first = false;
  }
  if (out.certificates.empty()) facts.add("certificate_list", std::string("empty"));
  return {};
}

Result<> read_certificate_request(Bytes body, MessageSummary& out) {
  auto message = wire::parse_certificate_request(body);
  if (!message) return fail(message.error());
  Facts facts(out.facts);
  if (message->certificate_authorities) facts.authorities(*message->certificate_authorities);
  facts.add("signature_algorithms", names(message->signature_algorithms));
  facts.list("signature_algorithms_cert", message->signature_algorithms_cert);
  return {};
}

Result<> read_certificate_verify(ProtocolVersion version, Bytes body, MessageSummary& out) {
  auto message = wire::parse_certificate_verify(body, version);
  if (!message) return fail(message.error());
  Facts facts(out.facts);
  if (version >= ProtocolVersion::tls1_2) facts.add("algorithm", name(message->algorithm));
  facts.size("signature", message->signature);
  return {};
}

Result<> read_new_session_ticket(Bytes body, MessageSummary& out) {
  auto message = wire::parse_new_session_ticket(body);
  if (!message) return fail(message.error());
  Facts facts(out.facts);
  facts.add("ticket_lifetime", fmt::format("{} s", message->ticket_lifetime));
  facts.add("ticket_age_add", fmt::format("0x{:08x}", message->ticket_age_add));
  facts.add("ticket_nonce", fmt::format("{} bytes", message->ticket_nonce.size()));
  facts.size("ticket", message->ticket);
  facts.number("max_early_data_size", message->max_early_data_size);
  facts.flag("resumption_across_names", message->resumption_across_names);
  return {};
}

Result<> read_key_update(Bytes body, MessageSummary& out) {
  auto message = wire::parse_key_update(body);
  if (!message) return fail(message.error());
  Facts(out.facts).add("request_update", std::string(message->request_update == KeyUpdateRequest::update_requested
                                                         ? "update_requested"
                                                         : "update_not_requested"));
  return {};
}

Result<> read_end_of_early_data(Bytes body) { return wire::parse_empty(HandshakeType::end_of_early_data, body); }

Result<> read_finished(Bytes body, MessageSummary& out) {
  Facts(out.facts).size("verify_data", wire::parse_finished(body).verify_data);
  return {};
}

Result<> read(const Message& message, Bytes body, MessageSummary& out) {
  if (is_tls12(message.version))
    if (std::optional<Result<>> done = tls12::read(message.version, message.type, body, out)) return *std::move(done);
  switch (message.type) {
    case HandshakeType::client_hello: return read_client_hello(body, out);
    case HandshakeType::server_hello: return read_server_hello(body, out);
    case HandshakeType::encrypted_extensions: return read_encrypted_extensions(body, out);
    case HandshakeType::certificate: return read_certificate(body, out);
    case HandshakeType::certificate_request: return read_certificate_request(body, out);
    case HandshakeType::certificate_verify: return read_certificate_verify(message.version, body, out);
    case HandshakeType::new_session_ticket: return read_new_session_ticket(body, out);
    case HandshakeType::end_of_early_data: return read_end_of_early_data(body);
    case HandshakeType::key_update: return read_key_update(body, out);
    case HandshakeType::finished: return read_finished(body, out);
    default: return {};
  }
}

std::vector<Buffer> certificates_in(const Message* message) {
  if (message == nullptr || message->bytes.size() < wire::handshake_header_size) return {};
  const Bytes body = Bytes(message->bytes).subspan(wire::handshake_header_size);
  std::vector<Buffer> out;
  for (const Bytes der : is_tls12(message->version) ? tls12::certificates(body) : certificates(body))
    out.emplace_back(der.begin(), der.end());
  return out;
}

}  // namespace

MessageSummary summarize(const Message& message) {
  MessageSummary out;
  if (message.bytes.size() < wire::handshake_header_size) return out;
  if (auto done = read(message, Bytes(message.bytes).subspan(wire::handshake_header_size), out); !done)
    out.problem = printable(done.error().message());
  return out;
}

std::vector<Buffer> certificates_received(const Recording& recording) {
  return certificates_in(recording.message(HandshakeType::certificate, Direction::received));
}

std::vector<Buffer> certificates_sent(const Recording& recording) {
  return certificates_in(recording.message(HandshakeType::certificate, Direction::sent));
}

std::string title(const Message& message) {
  return message.hello_retry_request ? "HelloRetryRequest" : title(message.type);
}

std::string title(HandshakeType type) {
  std::string out;
  bool upper = true;
  for (const char c : name(type)) {
    if (c != '_') out += upper ? static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) : c;
    upper = c == '_';
  }
  return out;
}

std::string fact_of(const Recording& recording, HandshakeType type, Direction direction, std::string_view name) {
  const Message* message = recording.message(type, direction);
  if (message == nullptr) return {};
  for (const Fact& fact : summarize(*message).facts)
    if (fact.name == name) return to_text(fact.value);
  return {};
}

std::string offered_versions(const Recording& recording) {
  const auto in_hello = [&](std::string_view name) {
    return fact_of(recording, HandshakeType::client_hello, Direction::sent, name);
  };
  const std::string versions = in_hello("supported_versions");
  return versions.empty() ? in_hello("legacy_version") : versions;
}

}  // namespace handfast::doctor
