#include "engine/outbound.h"

#include <algorithm>
#include <array>
#include <utility>

namespace handfast::engine {

void Outbound::queue(Bytes message) {
  constexpr std::size_t usual_flight = 1024;
  if (queued_.empty()) queued_.reserve(std::max(usual_flight, message.size()));
  queued_.insert(queued_.end(), message.begin(), message.end());
}

Result<void> Outbound::flush() {
  if (queued_.empty()) return {};
  const Buffer messages = std::exchange(queued_, {});
  Bytes rest = messages;
  while (!rest.empty()) {
    const Bytes fragment = rest.first(std::min(rest.size(), max_fragment()));
    if (auto sent = send(ContentType::handshake, fragment); !sent) return sent;
    rest = rest.subspan(fragment.size());
  }
  first_hello_ = false;
  return {};
}

Result<void> Outbound::send_alert(wire::AlertMessage alert) {
  if (auto flushed = flush(); !flushed) return flushed;
  return send(ContentType::alert, wire::write_alert(alert));
}

Result<void> Outbound::send_change_cipher_spec() {
  if (auto flushed = flush(); !flushed) return flushed;
  constexpr std::array<std::uint8_t, 1> body{1};
  write_plaintext(ContentType::change_cipher_spec, record::record_version(info_.version), body);
  return {};
}

void Outbound::expect(std::size_t data_size) {
  const std::size_t most = max_fragment();
  output_.reserve(data_size / most * protection_->record_size(most) + protection_->record_size(data_size % most));
}

Result<void> Outbound::send_data(Bytes& data) {
  if (auto flushed = flush(); !flushed) return flushed;
  std::size_t most = max_fragment();
  if (protection_->has_known_ivs() && data.size() > 1 && most > 1) [[unlikely]] {
    if (auto sent = send_fragment(data, 1); !sent) return sent;
    --most;
  }
  return send_fragment(data, most);
}

Result<void> Outbound::send_fragment(Bytes& data, std::size_t most) {
  const Bytes fragment = data.first(std::min(data.size(), most));
  if (auto sent = send(ContentType::application_data, fragment); !sent) return sent;
  data = data.subspan(fragment.size());
  return {};
}

Result<void> Outbound::install(Level level, record::Protection protection) {
  if (auto flushed = flush(); !flushed) return flushed;
  protection_.emplace(std::move(protection));
  level_ = level;
  return {};
}

Result<void> Outbound::send(ContentType type, Bytes content) {
  if (protection_) return seal(type, content);
  // Section 5.1: the first ClientHello says TLS 1.0, for the sake of servers that never learnt better.
  write_plaintext(type, first_hello_ ? 0x0301 : record::record_version(info_.version), content);
  return {};
}

Result<void> Outbound::seal(ContentType type, Bytes content) {
  const std::size_t begin = output_.view().size();
  Result<void> sealed = protection_->seal(type, content, padding(content.size()), output_);
  if (sealed && tells_records_) [[unlikely]]
    tell(type, content, true, begin);
  return sealed;
}

void Outbound::write_plaintext(ContentType type, std::uint16_t legacy_version, Bytes content) {
  const std::size_t begin = output_.view().size();
  record::write_plaintext(type, legacy_version, content, output_);
  if (tells_records_) [[unlikely]]
    tell(type, content, false, begin);
}

void Outbound::tell(ContentType type, Bytes content, bool encrypted, std::size_t begin) const {
  trace_([&] { return RecordEvent{Direction::sent, level_, type, encrypted, output_.view().subspan(begin), content}; });
}

std::size_t Outbound::max_fragment() const noexcept {
  // The peer's limit counts the type as well where it is inside, and holds for protected records only (RFC 8449,
  // section 4).
  if (!protection_) return options_.max_send_fragment;
  return std::min<std::size_t>(options_.max_send_fragment, peer_limit_ - protection_->inner_overhead());
}

std::size_t Outbound::padding(std::size_t content_size) const noexcept {
  const std::size_t unit = options_.record_padding;
  if (unit == 0 || !protection_->can_pad()) return 0;
  const std::size_t size = content_size + 1;
  const std::size_t padded = (size + unit - 1) / unit * unit;
  return std::min<std::size_t>(std::max(padded, size), peer_limit_) - size;
}

}  // namespace handfast::engine
