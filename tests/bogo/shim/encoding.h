// The encodings that flags and files come in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>

namespace handfast::bogo {

/// Standard base64, padded or not; nothing where it is not that.
std::optional<Buffer> from_base64(std::string_view text);
/// Two digits a byte; nothing where it is not that.
std::optional<Buffer> from_hex(std::string_view text);
/// The DER of every CERTIFICATE block of a PEM text.
std::vector<Buffer> certificates_from_pem(std::string_view pem);
/// A list of names, each behind a byte of its length; nothing where it is not that.
std::optional<std::vector<std::string>> from_length_prefixed(std::string_view wire);
/// The same back.
std::string to_length_prefixed(const std::vector<std::string>& names);

/// The whole file. Throws Failure where it can't be read.
std::string read_file(const std::string& path);

}  // namespace handfast::bogo
