// Patterns that rules are written with.
#pragma once

#include <string>
#include <string_view>

namespace handfast::proxy {

/// Whether `text` is as `pattern` says, where "*" is any characters, none among them. Takes no more steps than the
/// product of their lengths.
bool matches_glob(std::string_view pattern, std::string_view text) noexcept;

/// A path as servers are likely to read it (RFC 3986, section 6.2.2): escapes of characters that need none are undone,
/// "." and ".." are resolved, and slashes in a row are one.
std::string normalized_path(std::string_view path);

}  // namespace handfast::proxy
