// Patterns that rules are written with.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <handfast/error.h>

#include "x509/name_set.h"

namespace handfast::proxy {

/// Whether `text` is as `pattern` says, where "*" is any characters, none among them. Takes no more steps than the
/// product of their lengths.
bool matches_glob(std::string_view pattern, std::string_view text) noexcept;

/// Hosts, "*.example.com" (at any depth), addresses and blocks of them; at least one. Fails with bad_config, evidence
/// `option`, `problem`, `value`, `remedy`.
Result<x509::NameSet> parse_hosts(std::string option, std::span<const std::string> texts);

/// A path as servers are likely to read it (RFC 3986, section 6.2.2): escapes of characters that need none are undone,
/// "." and ".." are resolved, and slashes in a row are one.
std::string normalized_path(std::string_view path);

}  // namespace handfast::proxy
