// A benchmark that fails stops: what it would measure is not what it says.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <handfast/error.h>

namespace handfast::bench {

/// Throws std::runtime_error, with the place.
inline void check(bool succeeded, std::string_view what, std::source_location where = std::source_location::current()) {
  if (!succeeded) throw std::runtime_error(fmt::format("{}:{}: {}", where.file_name(), where.line(), what));
}

/// The value of a Result; throws std::runtime_error with its error.
template <typename T>
T value(Result<T> result, std::source_location where = std::source_location::current()) {
  if (!result) check(false, result.error().message(), where);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace handfast::bench
