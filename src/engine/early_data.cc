// Early data (RFC 8446, sections 2.3 and 4.2.10): how much may pass, and what becomes of it.
#include <algorithm>
#include <utility>

#include "engine/impl.h"

namespace handfast {

// --- What the flow asks for
// ---------------------------------------------------------------------------------------------

void Connection::Impl::skip_early_data(std::uint32_t allowed) {
  // What was allowed may have been sent in full, in records that are longer than what they carry.
  inbound_.skip_early_data(options_.limits.skipped_early_data + allowed);
}

void Connection::Impl::open_early_data(Direction direction, std::uint32_t limit,
                                       const std::string& application_protocol) {
  early_ = std::make_unique<Early>();
  early_->open = true;
  early_->limit = direction == Direction::sent ? std::min<std::size_t>(limit, options_.limits.early_data) : limit;
  early_->left = early_->limit;
  early_->application_protocol = application_protocol;
  early_->exporter = engine_->take_early_exporter();
}

void Connection::Impl::early_data_accepted() {
  early_->open = false;
  early_->sent = Buffer();
}

void Connection::Impl::early_data_rejected() {
  early_->open = false;
  early_->exporter = {};
  outbound_.forget();
}

// --- The caller's calls
// -------------------------------------------------------------------------------------------------

std::size_t Connection::Impl::early_data_left() const noexcept {
  return side_ == Side::client && early_ && early_->open && !sent_close_ && !error_ ? early_->left : 0;
}

Result<void> Connection::Impl::send_early_data(Bytes data) {
  if (error_) return fail(*error_);
  if (early_data_left() == 0) return fail(Alert::internal_error, Reason::closed);
  if (data.size() > early_->left)
    return fail(Error(Alert::internal_error, Reason::early_data_too_long)
                    .with("limit", static_cast<std::int64_t>(early_->left)));
  early_->sent.insert(early_->sent.end(), data.begin(), data.end());
  early_->left -= data.size();
  while (!data.empty()) {
    const std::size_t before = data.size();
    if (auto sent = note(outbound_.send_data(data)); !sent) return sent;
    trace_([&] { return DataEvent{Direction::sent, Level::early, before - data.size()}; });
  }
  return {};
}

Result<void> Connection::Impl::resend_early_data() {
  if (error_) return fail(*error_);
  if (!early_ || early_->open || early_->sent.empty() || !can_send())
    return fail(Alert::internal_error, Reason::closed);
  if (info_.application_protocol != early_->application_protocol)
    return fail(Error(Alert::internal_error, Reason::wrong_application_protocol)
                    .with("selected", info_.application_protocol)
                    .with("expected", early_->application_protocol));
  const Buffer data = std::exchange(early_->sent, {});
  return send(data);
}

}  // namespace handfast
