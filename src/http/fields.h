// The fields of a head, in their order and as they were spelt.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/http_server.h>

namespace handfast::http {

using Fields = std::vector<Field>;

/// The first field of that name (in any case), or nullptr; valid until `fields` changes.
const Field* find(const Fields& fields, std::string_view name) noexcept;
/// The value of the first field of that name, or empty.
std::string_view value_of(const Fields& fields, std::string_view name) noexcept;
std::size_t count(const Fields& fields, std::string_view name) noexcept;
/// Removes all of that name; how many there were.
std::size_t remove(Fields& fields, std::string_view name);
/// One field of that name with that value, where the first of them stood, or at the end.
void set(Fields& fields, std::string_view name, std::string value);
/// Whether one of the fields of that name, lists of tokens, has that token (in any case): "Connection", "close".
bool has_token(const Fields& fields, std::string_view name, std::string_view token) noexcept;

/// Removes what is meant for the next hop alone (RFC 9110, section 7.6.1): Connection and the fields that it names,
/// Keep-Alive, Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade. What tells who is asked, and how long the
/// content is, stays even where Connection names it (Host, Content-Length, Early-Data of RFC 8470, section 5.1):
/// otherwise a client could have the next hop read another request than the one that was looked at.
void remove_hop_by_hop(Fields& fields);

}  // namespace handfast::http
