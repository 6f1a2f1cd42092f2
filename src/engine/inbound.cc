#include "engine/inbound.h"

#include <algorithm>
#include <utility>

#include "wire/v2_client_hello.h"

namespace handfast::engine {
namespace {

std::unexpected<Error> unexpected(ContentType type) {
  return fail(Error(Alert::unexpected_message, Reason::unexpected_record).with("content_type", name(type)));
}

bool is_known(ContentType type) {
  return type >= ContentType::change_cipher_spec && type <= ContentType::application_data;
}

}  // namespace

void Inbound::install(Level level, record::Protection protection) noexcept {
  protection_.emplace(std::move(protection));
  level_ = level;
}

Result<void> Inbound::check_header(const record::Header& header, Bytes input) {
  if (first_record_ && (!is_known(header.type) || header.legacy_version >> 8 != 3))
    return fail(record::not_a_record(input));
  // RFC 8446, section 5.1, would have it ignored. Nobody writes anything else than this behind the hellos, BoringSSL
  // takes nothing else, and its tests ask for it.
  const bool good =
      protection_ ? header.legacy_version == protection_->legacy_version() : header.legacy_version >> 8 == 3;
  if (!good)
    return fail(Error(Alert::protocol_version, Reason::bad_record_version)
                    .with("version", static_cast<std::int64_t>(header.legacy_version)));
  if (!is_known(header.type)) return unexpected(header.type);
  const std::size_t most = protection_ ? protection_->max_fragment() : record::max_ciphertext;
  if (header.length > most)
    return fail(Error(Alert::record_overflow, Reason::record_too_long)
                    .with("length", static_cast<std::int64_t>(header.length))
                    .with("limit", static_cast<std::int64_t>(most)));
  return {};
}

Result<Inbound::Step> Inbound::step(MutableBytes input) {
  if (input.size() < record::header_size) return Step{};
  if (first_record_ && takes_v2_client_hello_)
    if (const auto length = wire::v2_client_hello_length(input)) return take_v2_client_hello(input, *length);
  const record::Header header = record::parse_header(input);
  if (auto checked = check_header(header, input); !checked) return fail(std::move(checked.error()));
  const std::size_t size = record::header_size + header.length;
  if (input.size() < size) return Step{};
  first_record_ = false;
  if (header.type == ContentType::handshake) hello_seen_ = true;

  if (tells_records_) [[unlikely]]
    return take_and_tell(header, input.first(size));
  return take(header, input.first(size));
}

/// RFC 5246, appendix E.2.
Result<Inbound::Step> Inbound::take_v2_client_hello(Bytes input, std::size_t length) {
  if (length > record::max_plaintext)
    return fail(Error(Alert::record_overflow, Reason::record_too_long)
                    .with("length", static_cast<std::int64_t>(length))
                    .with("limit", static_cast<std::int64_t>(record::max_plaintext)));
  const std::size_t size = wire::v2_header_size + length;
  if (input.size() < size) return Step{};
  first_record_ = false;
  hello_seen_ = true;
  return Step{size, std::nullopt, input.subspan(wire::v2_header_size, length)};
}

/// What is decrypted in place has to be copied before.
Result<Inbound::Step> Inbound::take_and_tell(const record::Header& header, MutableBytes record) {
  const Buffer as_sent(record.begin(), record.end());
  // Nobody sends application data in the clear: where there is no key, it is early data to be skipped.
  const bool encrypted = header.type == ContentType::application_data ||
                         (protection_ && header.type != ContentType::change_cipher_spec && !is_plaintext_alert(header));
  const Level level = level_;
  Result<Step> step = take(header, record);
  trace_([&] {
    RecordEvent event{Direction::received, level, header.type, encrypted, as_sent, std::nullopt};
    if (step && step->record) {
      event.type = step->record->type;
      event.content = step->record->content;
    } else if (!encrypted) {
      event.content = Bytes(as_sent).subspan(record::header_size);
    }
    return event;
  });
  return step;
}

Result<Inbound::Step> Inbound::take(const record::Header& header, MutableBytes bytes) {
  if (header.type == ContentType::change_cipher_spec) return read_change_cipher_spec(bytes);
  if (!protection_ && skipping_) {
    if (header.type == ContentType::application_data) return skip(bytes.size());
    if (header.type == ContentType::handshake) skipping_ = false;
  }
  Result<Record> record = open(header, bytes);
  if (!record) {
    const bool foreign = record.error().reason() == Reason::bad_record_mac;
    if (foreign && skipping_ && header.type == ContentType::application_data) return skip(bytes.size());
    return fail(std::move(record.error()));
  }
  if (!record->content.empty()) {
    // Alerts have a count of their own, which does not start again where empty records stand between them.
    if (record->type != ContentType::alert) empty_records_ = 0;
    return Step{bytes.size(), *record};
  }
  // Section 5.4: only application data may be empty, and that not without end.
  if (record->type != ContentType::application_data)
    return fail(
        Error(Alert::unexpected_message, Reason::empty_handshake_record).with("content_type", name(record->type)));
  if (auto counted = count_empty(); !counted) return fail(std::move(counted.error()));
  return Step{bytes.size(), *record};
}

/// An alert that the peer sent before it had keys, or could not use them, is too short to be protected. Nobody vouches
/// for it; but where it ends the connection, so would the failure to decrypt it, and that would tell less.
bool Inbound::is_plaintext_alert(const record::Header& header) const noexcept {
  constexpr std::size_t alert_size = 2;
  return header.type == ContentType::alert && header.length == alert_size && protection_ &&
         protection_->records() == 0 && level_ == Level::handshake;
}

Result<Inbound::Record> Inbound::open(const record::Header& header, MutableBytes record) {
  const Bytes fragment = record.subspan(record::header_size);
  if (!protection_ || is_plaintext_alert(header)) {
    if (fragment.size() > record::max_plaintext)
      return fail(Error(Alert::record_overflow, Reason::plaintext_too_long)
                      .with("length", static_cast<std::int64_t>(fragment.size()))
                      .with("limit", static_cast<std::int64_t>(record::max_plaintext)));
    if (header.type == ContentType::application_data) return unexpected(header.type);
    return Record{header.type, fragment};
  }
  const std::size_t most = record::max_plaintext + protection_->inner_overhead();
  const std::size_t limit = level_ == Level::early ? most : std::min(limit_, most);
  Result<record::Opened> opened = protection_->open(record, limit);
  if (!opened) return fail(std::move(opened.error()));
  skipping_ = false;
  if (!is_known(opened->type) || opened->type == ContentType::change_cipher_spec) return unexpected(opened->type);
  return Record{opened->type, opened->content};
}

/// Section 5: one byte 0x01, in the clear, between the first ClientHello and the peer's Finished. In TLS 1.3 it is
/// there for middleboxes only, in TLS 1.2 it comes before the peer's keys hold.
Result<Inbound::Step> Inbound::read_change_cipher_spec(Bytes record) {
  const Bytes content = record.subspan(record::header_size);
  if (!hello_seen_ || level_ == Level::application) return unexpected(ContentType::change_cipher_spec);
  if (content.size() != 1 || content[0] != 1) return fail(Alert::unexpected_message, Reason::bad_change_cipher_spec);
  if (auto counted = count_empty(); !counted) return fail(std::move(counted.error()));
  return Step{record.size(), Record{ContentType::change_cipher_spec, content}};
}

Result<Inbound::Step> Inbound::skip(std::size_t record_size) {
  skipped_ += record_size;
  if (skipped_ > skip_limit_)
    return fail(Error(Alert::unexpected_message, Reason::early_data_too_long)
                    .with("limit", static_cast<std::int64_t>(skip_limit_)));
  return Step{record_size, std::nullopt};
}

Result<void> Inbound::count_empty() {
  if (++empty_records_ <= options_.limits.empty_records) return {};
  return fail(Error(Alert::unexpected_message, Reason::too_many_empty_records)
                  .with("limit", static_cast<std::int64_t>(options_.limits.empty_records)));
}

}  // namespace handfast::engine
