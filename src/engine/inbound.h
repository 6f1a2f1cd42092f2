// The receiving half of the record layer: from bytes to typed records, under every rule of RFC 8446, section 5.
#pragma once

#include <cstddef>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/error.h>
#include <handfast/trace.h>

#include "config/tracer.h"
#include "record/protection.h"
#include "record/record.h"

namespace handfast::engine {

class Inbound {
 public:
  Inbound(Side side, const CommonOptions& options, const config::Tracer& trace) noexcept
      : options_(options),
        trace_(trace),
        tells_records_(trace && options.trace_records),
        hello_seen_(side == Side::client) {}

  struct Record {
    ContentType type;  ///< one of the four; a change_cipher_spec is a good one, in the clear
    Bytes content;     ///< inside the input
  };
  struct Step {
    std::size_t consumed = 0;      ///< 0: a whole record is not there yet
    std::optional<Record> record;  ///< nothing: it was one to be dropped
    /// Instead of a record: a ClientHello in the format of SSL 2.0, without its header.
    std::optional<Bytes> v2_client_hello = std::nullopt;
  };
  /// Works on the record at the beginning of `input`, in place.
  Result<Step> step(MutableBytes input);

  /// A ClientHello in the format of SSL 2.0 may come first (RFC 5246, appendix E.2).
  void allow_v2_client_hello() noexcept { takes_v2_client_hello_ = true; }
  void install(Level level, record::Protection protection) noexcept;
  /// Early data is dropped from now on, up to that many bytes of records: before there are keys, until a handshake
  /// record comes; under the handshake keys, until a record decrypts (RFC 8446, section 4.2.10).
  void skip_early_data(std::size_t limit) noexcept {
    skipping_ = true;
    skip_limit_ = limit;
  }
  Level level() const noexcept { return level_; }
  /// Our record_size_limit, once it was negotiated (RFC 8449): in TLS 1.3 content, type and padding together. Early
  /// data was sent before anybody knew of it.
  void limit(std::uint16_t record_size_limit) noexcept { limit_ = record_size_limit; }
  /// Keys are no more.
  void forget() noexcept { protection_.reset(); }

 private:
  Result<void> check_header(const record::Header& header, Bytes input);
  Result<Step> take_v2_client_hello(Bytes input, std::size_t length);
  Result<Step> take(const record::Header& header, MutableBytes record);
  Result<Step> take_and_tell(const record::Header& header, MutableBytes record);
  bool is_plaintext_alert(const record::Header& header) const noexcept;
  Result<Step> read_change_cipher_spec(Bytes record);
  Result<Step> skip(std::size_t record_size);
  Result<Record> open(const record::Header& header, MutableBytes record);
  Result<void> count_empty();

  const CommonOptions& options_;
  const config::Tracer& trace_;
  std::optional<record::Protection> protection_;
  std::size_t limit_ = record::max_plaintext + 1;
  std::size_t empty_records_ = 0;  ///< in a row
  std::size_t skipped_ = 0;        ///< bytes of early data, headers and all
  std::size_t skip_limit_ = 0;
  Level level_ = Level::initial;
  bool first_record_ = true;
  bool tells_records_;
  bool hello_seen_;  ///< a ClientHello was sent, or the first of its records was received
  bool skipping_ = false;
  bool takes_v2_client_hello_ = false;
};

}  // namespace handfast::engine
