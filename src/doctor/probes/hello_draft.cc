#include "doctor/probes/hello_draft.h"

#include <algorithm>

#include "base/reader.h"
#include "base/writer.h"
#include "crypto/key_exchange.h"
#include "wire/client_hello.h"
#include "wire/extension.h"
#include "wire/handshake.h"

namespace handfast::doctor {
namespace {

Buffer owned(Bytes bytes) { return Buffer(bytes.begin(), bytes.end()); }

/// A vector of numbers of 16 bits, with its length.
template <typename Number>
Buffer numbers(std::span<const Number> values) {
  Buffer out;
  base::Writer w(out);
  auto length = w.length16();
  for (const Number value : values) w.u16(static_cast<std::uint16_t>(value));
  return out;
}

}  // namespace

Result<HelloDraft> HelloDraft::read(Bytes message) {
  const auto header = wire::read_handshake_header(message);
  if (!header || header->length != message.size() - wire::handshake_header_size)
    return fail(Alert::decode_error, Reason::decode_error);
  auto hello = wire::parse_client_hello(message.subspan(wire::handshake_header_size));
  if (!hello) return fail(std::move(hello.error()));
  HelloDraft draft;
  draft.legacy_version_ = static_cast<std::uint16_t>(hello->legacy_version);
  draft.random_ = owned(hello->random);
  draft.legacy_session_id_ = owned(hello->legacy_session_id);
  for (const CipherSuite suite : hello->cipher_suites) draft.cipher_suites_.push_back(suite);
  draft.legacy_compression_methods_ = owned(hello->legacy_compression_methods);
  for (const wire::Extension& extension : hello->extensions)
    draft.extensions_.emplace_back(extension.type, owned(extension.data));
  return draft;
}

Buffer HelloDraft::write() const {
  Buffer out;
  base::Writer w(out);
  w.u8(static_cast<std::uint8_t>(HandshakeType::client_hello));
  auto length = w.length24();
  w.u16(legacy_version_);
  w.bytes(random_);
  w.vector8(legacy_session_id_);
  {
    auto suites = w.length16();
    for (const CipherSuite suite : cipher_suites_) w.u16(static_cast<std::uint16_t>(suite));
  }
  w.vector8(legacy_compression_methods_);
  auto extensions = w.length16();
  for (const auto& [type, data] : extensions_) {
    w.u16(static_cast<std::uint16_t>(type));
    w.vector16(data);
  }
  return out;
}

const Buffer* HelloDraft::find(ExtensionType type) const noexcept {
  const auto found = std::ranges::find(extensions_, type, &Extension::first);
  return found == extensions_.end() ? nullptr : &found->second;
}

std::string_view HelloDraft::server_name() const noexcept {
  // ServerNameList with its length, one entry's type and its length (RFC 6066, section 3).
  constexpr std::size_t before_name = 5;
  const Buffer* data = find(ExtensionType::server_name);
  if (data == nullptr || data->size() < before_name) return {};
  return as_text(Bytes(*data).subspan(before_name));
}

void HelloDraft::remove(ExtensionType type) {
  std::erase_if(extensions_, [type](const Extension& extension) { return extension.first == type; });
}

void HelloDraft::replace(ExtensionType type, Buffer data) {
  const auto found = std::ranges::find(extensions_, type, &Extension::first);
  if (found != extensions_.end()) {
    found->second = std::move(data);
    return;
  }
  // RFC 8446, section 4.2.11: pre_shared_key is the last.
  const bool psk = !extensions_.empty() && extensions_.back().first == ExtensionType::pre_shared_key;
  extensions_.emplace(psk ? std::prev(extensions_.end()) : extensions_.end(), type, std::move(data));
}

void HelloDraft::ask_for(std::string_view name) {
  Buffer data;
  base::Writer w(data);
  {
    auto list = w.length16();
    w.u8(0);  // host_name
    w.vector16(as_bytes(name));
  }
  replace(ExtensionType::server_name, std::move(data));
}

void HelloDraft::offer(std::span<const ProtocolVersion> versions) {
  Buffer data;
  base::Writer w(data);
  {
    auto list = w.length8();
    for (const ProtocolVersion version : versions) w.u16(static_cast<std::uint16_t>(version));
  }
  replace(ExtensionType::supported_versions, std::move(data));
}

void HelloDraft::offer(std::span<const NamedGroup> groups) {
  replace(ExtensionType::supported_groups, numbers(groups));
}

void HelloDraft::offer(std::span<const SignatureScheme> schemes) {
  replace(ExtensionType::signature_algorithms, numbers(schemes));
}

void HelloDraft::drop_post_quantum_shares() {
  const Buffer* data = find(ExtensionType::key_share);
  if (data == nullptr) return;
  Buffer kept;
  base::Writer w(kept);
  {
    auto list = w.length16();
    base::Reader r(*data);
    base::Reader shares(r.vector16());
    while (shares.ok() && !shares.empty()) {  // it was parsed before
      const auto share = wire::KeyShareEntry::read(shares);
      if (!crypto::is_post_quantum(share.group)) share.write(w);
    }
  }
  replace(ExtensionType::key_share, std::move(kept));
}

void HelloDraft::forget_session() {
  remove(ExtensionType::pre_shared_key);
  remove(ExtensionType::early_data);
  if (const Buffer* ticket = find(ExtensionType::session_ticket); ticket != nullptr && !ticket->empty())
    replace(ExtensionType::session_ticket, {});
}

void HelloDraft::pad_to(std::size_t size) {
  constexpr std::size_t header = 4;
  remove(ExtensionType::padding);
  const std::size_t now = write().size();
  if (now + header <= size) replace(ExtensionType::padding, Buffer(size - now - header));
}

}  // namespace handfast::doctor
