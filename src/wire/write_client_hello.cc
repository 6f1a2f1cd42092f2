// Writes a ClientHello.
#include <algorithm>
#include <cassert>

#include "base/copy.h"
#include "wire/client_hello.h"
#include "wire/handshake.h"

namespace handfast::wire {
namespace {

constexpr ExtensionType default_order[] = {
    ExtensionType::server_name,
    ExtensionType::extended_master_secret,
    ExtensionType::renegotiation_info,
    ExtensionType::supported_groups,
    ExtensionType::ec_point_formats,
    ExtensionType::session_ticket,
    ExtensionType::application_layer_protocol_negotiation,
    ExtensionType::status_request,
    ExtensionType::signature_algorithms,
    ExtensionType::signature_algorithms_cert,
    ExtensionType::signed_certificate_timestamp,
    ExtensionType::key_share,
    ExtensionType::psk_key_exchange_modes,
    ExtensionType::supported_versions,
    ExtensionType::cookie,
    ExtensionType::record_size_limit,
    ExtensionType::certificate_authorities,
    ExtensionType::client_certificate_type,
    ExtensionType::server_certificate_type,
    ExtensionType::trust_anchors,
    ExtensionType::post_handshake_auth,
    ExtensionType::early_data,
};

void write_grease(base::Writer& w, std::uint16_t value) {
  if (value != 0) w.u16(value);
}

/// Writes a vector<..2^16-1> of numbers as an extension; without any there is no extension.
template <typename Number>
bool write_list16(base::Writer& w, ExtensionType type, std::uint16_t grease, std::span<const Number> numbers) {
  if (numbers.empty()) return false;
  write_extension(w, type, [&](base::Writer& to) {
    auto list = to.length16();
    write_grease(to, grease);
    write_numbers(to, numbers);
  });
  return true;
}

template <typename Number>
bool write_list8(base::Writer& w, ExtensionType type, std::uint16_t grease, std::span<const Number> numbers) {
  if (numbers.empty()) return false;
  write_extension(w, type, [&](base::Writer& to) {
    auto list = to.length8();
    write_grease(to, grease);
    write_numbers(to, numbers);
  });
  return true;
}

bool write_server_name(base::Writer& w, std::string_view server_name) {
  if (server_name.empty()) return false;
  write_extension(w, ExtensionType::server_name, [&](base::Writer& to) {
    auto list = to.length16();
    to.u8(0);  // host_name
    to.vector16(as_bytes(server_name));
  });
  return true;
}

bool write_key_share(base::Writer& w, const ClientHelloFields& fields) {
  if (!fields.key_share) return false;
  write_extension(w, ExtensionType::key_share, [&](base::Writer& to) {
    auto client_shares = to.length16();
    constexpr std::uint8_t nothing[] = {0};
    if (fields.grease.key_share != 0) KeyShareEntry{NamedGroup{fields.grease.key_share}, nothing}.write(to);
    for (const KeyShareEntry& entry : *fields.key_share) entry.write(to);
  });
  return true;
}

bool write_protocol_names(base::Writer& w, const ClientHelloFields& fields) {
  if (fields.application_layer_protocol_negotiation.empty()) return false;
  write_extension(w, ExtensionType::application_layer_protocol_negotiation, [&](base::Writer& to) {
    auto list = to.length16();
    if (fields.grease.application_protocol != 0) {
      auto name = to.length8();
      to.u16(fields.grease.application_protocol);
    }
    for (const std::string& name : fields.application_layer_protocol_negotiation) to.vector8(as_bytes(name));
  });
  return true;
}

bool write_certificate_authorities(base::Writer& w, std::span<const Buffer> authorities) {
  if (authorities.empty()) return false;
  write_extension(w, ExtensionType::certificate_authorities, [&](base::Writer& to) {
    auto list = to.length16();
    for (const Buffer& name : authorities) to.vector16(name);
  });
  return true;
}

bool write_other(base::Writer& w, const ClientHelloFields& fields, ExtensionType type) {
  const auto other = std::ranges::find(fields.others, type, &Extension::type);
  if (other == fields.others.end()) return false;
  write_extension(w, *other);
  return true;
}

/// Writes one extension where there is something to send.
bool write_one(base::Writer& w, const ClientHelloFields& fields, ExtensionType type) {
  const Grease& grease = fields.grease;
  switch (type) {
    case ExtensionType::server_name: return write_server_name(w, fields.server_name);
    case ExtensionType::supported_versions:
      return write_list8(w, type, grease.supported_version, fields.supported_versions);
    case ExtensionType::supported_groups: return write_list16(w, type, grease.supported_group, fields.supported_groups);
    case ExtensionType::signature_algorithms:
      return write_list16(w, type, grease.signature_algorithm, fields.signature_algorithms);
    case ExtensionType::signature_algorithms_cert:
      return write_list16(w, type, grease.signature_algorithm, fields.signature_algorithms_cert);
    case ExtensionType::key_share: return write_key_share(w, fields);
    case ExtensionType::application_layer_protocol_negotiation: return write_protocol_names(w, fields);
    case ExtensionType::cookie:
      if (fields.cookie.empty()) return false;
      write_extension(w, type, [&](base::Writer& to) { to.vector16(fields.cookie); });
      return true;
    case ExtensionType::psk_key_exchange_modes: return write_list8(w, type, 0, fields.psk_key_exchange_modes);
    case ExtensionType::record_size_limit:
      if (fields.record_size_limit == 0) return false;
      write_extension(w, type, [&](base::Writer& to) { to.u16(fields.record_size_limit); });
      return true;
    case ExtensionType::certificate_authorities:
      return write_certificate_authorities(w, fields.certificate_authorities);
    case ExtensionType::client_certificate_type: return write_list8(w, type, 0, fields.client_certificate_type);
    case ExtensionType::server_certificate_type: return write_list8(w, type, 0, fields.server_certificate_type);
    default: return write_other(w, fields, type);
  }
}

/// The content of pre_shared_key (RFC 8446, section 4.2.11).
void write_offered_psks(base::Writer& w, const ClientHelloFields& fields) {
  {
    auto identities = w.length16();
    for (const PskIdentity& psk : fields.psk_identities) {
      w.vector16(psk.identity);
      w.u32(psk.obfuscated_ticket_age);
    }
  }
  auto binders = w.length16();
  for (Bytes binder : fields.psk_binders) w.vector8(binder);
}

/// How many bytes the extension pre_shared_key will take.
std::size_t pre_shared_key_size(const ClientHelloFields& fields) noexcept {
  if (fields.psk_identities.empty()) return 0;
  std::size_t size = 4 + 2;
  for (const PskIdentity& psk : fields.psk_identities) size += 2 + psk.identity.size() + 4;
  return size + binders_size(fields.psk_binders);
}

ExtensionSet write_extensions(base::Writer& w, const ClientHelloFields& fields) {
  ExtensionSet offered;
  if (fields.grease.first_extension != 0) write_extension(w, {ExtensionType{fields.grease.first_extension}, {}});
  for (ExtensionType type : fields.order)
    if (write_one(w, fields, type)) offered.add(type);
  for (ExtensionType type : default_order)
    if (!offered.contains(type) && write_one(w, fields, type)) offered.add(type);
  for (const Extension& extension : fields.others) {
    if (std::ranges::find(fields.order, extension.type) != fields.order.end()) continue;
    if (offered.contains(extension.type)) continue;
    write_extension(w, extension);
    offered.add(extension.type);
  }
  constexpr std::uint8_t one_byte[] = {0};
  if (fields.grease.last_extension != 0) write_extension(w, {ExtensionType{fields.grease.last_extension}, one_byte});
  return offered;
}

}  // namespace

std::span<const ExtensionType> default_extension_order() noexcept { return default_order; }

Result<ExtensionSet> write_client_hello(Buffer& out, const ClientHelloFields& fields) {
  const std::size_t start = out.size();
  ExtensionSet offered;
  Result<> written = write_message(out, HandshakeType::client_hello, [&](base::Writer& w) {
    w.u16(static_cast<std::uint16_t>(fields.legacy_version));
    w.bytes(fields.random);
    w.vector8(fields.legacy_session_id);
    {
      auto cipher_suites = w.length16();
      write_grease(w, fields.grease.cipher_suite);
      write_numbers(w, fields.cipher_suites);
    }
    w.u8(1);  // legacy_compression_methods
    w.u8(0);
    auto extensions = w.length16();
    offered = write_extensions(w, fields);
    constexpr std::size_t extension_header_size = 4;
    const std::size_t size = w.size() - start + pre_shared_key_size(fields);
    if (size < fields.pad_to)
      write_extension(w, ExtensionType::padding, [&](base::Writer& to) {
        to.fill(std::max(fields.pad_to - size, extension_header_size) - extension_header_size, 0);
      });
    if (!fields.psk_identities.empty()) {
      write_extension(w, ExtensionType::pre_shared_key, [&](base::Writer& to) { write_offered_psks(to, fields); });
      offered.add(ExtensionType::pre_shared_key);
    }
  });
  if (!written) return fail(std::move(written.error()));
  return offered;
}

std::size_t binders_size(std::span<const Bytes> binders) noexcept {
  std::size_t size = 2;
  for (Bytes binder : binders) size += 1 + binder.size();
  return size;
}

void write_binders(MutableBytes message, std::span<const Bytes> binders) noexcept {
  MutableBytes rest = message.last(binders_size(binders)).subspan(2);
  for (Bytes binder : binders) {
    assert(rest.front() == binder.size());
    rest = base::copy(binder, rest.subspan(1));
  }
}

}  // namespace handfast::wire
