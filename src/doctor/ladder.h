// The ladder: a handshake message by message between its two rails, as text.
#pragma once

#include <string>
#include <string_view>

#include "doctor/message.h"
#include "doctor/recording.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// The client stands on the left, whoever recorded. A single line is sent in the clear, a double one is encrypted.
/// Every line has at most `style.width` columns. Secrets without their bytes are called redacted, once;
/// `key_to_secrets` is what one would have to say to see them, if there is something. With Detail::bytes every message
/// has its fields below it, over the whole width.
std::string ladder(const Recording& recording, const Style& style, std::string_view key_to_secrets = {},
                   Detail detail = Detail::words);

}  // namespace handfast::doctor
