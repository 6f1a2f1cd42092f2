// The content of an alert record (RFC 8446, section 6).
#pragma once

#include <array>
#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

namespace handfast::wire {

enum class AlertLevel : std::uint8_t { warning = 1, fatal = 2 };

/// In TLS 1.3 the description alone says how severe it is; TLS 1.2 looks at the level.
struct AlertMessage {
  AlertLevel level;
  Alert description;  ///< any number may come
};

/// Fails with Reason::bad_alert: decode_error where it is not two bytes (an alert is never fragmented, nor are two in
/// one record, section 5.1), illegal_parameter for an unknown level.
[[nodiscard]] inline Result<AlertMessage> parse_alert(Bytes content) {
  if (content.size() != 2) return fail(Alert::decode_error, Reason::bad_alert);
  if (content[0] != 1 && content[0] != 2) return fail(Alert::illegal_parameter, Reason::bad_alert);
  return AlertMessage{AlertLevel{content[0]}, Alert{content[1]}};
}

constexpr std::array<std::uint8_t, 2> write_alert(AlertMessage alert) noexcept {
  return {static_cast<std::uint8_t>(alert.level), static_cast<std::uint8_t>(alert.description)};
}

}  // namespace handfast::wire
