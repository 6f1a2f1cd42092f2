// The sending half of the record layer: handshake messages packed into records, data cut into them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/error.h>
#include <handfast/info.h>
#include <handfast/trace.h>

#include "base/output_buffer.h"
#include "config/tracer.h"
#include "record/protection.h"
#include "record/record.h"
#include "wire/alert.h"

namespace handfast::engine {

class Outbound {
 public:
  /// `info` says which version was negotiated, once it was.
  Outbound(Side side, const CommonOptions& options, const ConnectionInfo& info, const config::Tracer& trace) noexcept
      : options_(options),
        info_(info),
        trace_(trace),
        tells_records_(trace && options.trace_records),
        first_hello_(side == Side::client) {}

  /// Queues a handshake message. Messages of one flight under one key are packed together, until `flush`.
  void queue(Bytes message);
  /// Fails with internal_error, as everything here that seals a record.
  Result<void> flush();
  Result<void> send_alert(wire::AlertMessage alert);
  Result<void> send_change_cipher_spec();
  /// So many bytes of application data are about to be sent: makes room for them, as far as they are not padded.
  void expect(std::size_t data_size);
  /// One record of application data: takes its bytes from the front of `data`. In TLS 1.0 the first of them goes ahead
  /// in a record of its own, so that the IV of the rest is known to nobody who chose it (BEAST).
  Result<void> send_data(Bytes& data);
  /// New keys: what is queued goes out under the old ones.
  Result<void> install(Level level, record::Protection protection);
  /// The peer's record_size_limit; one past the protocol's own means no more than that.
  void limit(std::uint16_t record_size_limit) noexcept { peer_limit_ = std::min(peer_limit_, record_size_limit); }
  /// Keys are no more: nothing is to be sent afterwards.
  void forget() noexcept {
    protection_.reset();
    level_ = Level::initial;
  }
  /// The key has protected nearly as many records as it may.
  bool worn() const noexcept { return protection_ && protection_->worn(); }

  base::OutputBuffer& output() noexcept { return output_; }
  const base::OutputBuffer& output() const noexcept { return output_; }

 private:
  Result<void> send(ContentType type, Bytes content);
  Result<void> seal(ContentType type, Bytes content);
  Result<void> send_fragment(Bytes& data, std::size_t most);
  void write_plaintext(ContentType type, std::uint16_t legacy_version, Bytes content);
  /// The record at the end of the output, from the byte at `begin` on.
  void tell(ContentType type, Bytes content, bool encrypted, std::size_t begin) const;
  /// The most content that one record may have.
  std::size_t max_fragment() const noexcept;
  std::size_t padding(std::size_t content_size) const noexcept;

  const CommonOptions& options_;
  const ConnectionInfo& info_;
  const config::Tracer& trace_;
  Buffer queued_;
  base::OutputBuffer output_;
  std::optional<record::Protection> protection_;
  std::uint16_t peer_limit_ = record::max_plaintext + 1;
  Level level_ = Level::initial;
  bool tells_records_;
  bool first_hello_;  ///< is still to be sent
};

}  // namespace handfast::engine
