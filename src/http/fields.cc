#include "http/fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/grammar.h"

namespace handfast::http {
namespace {

constexpr std::array<std::string_view, 6> hop_by_hop = {"Keep-Alive", "Proxy-Connection",  "TE",
                                                        "Trailer",    "Transfer-Encoding", "Upgrade"};
constexpr std::array<std::string_view, 3> end_to_end = {"Host", "Content-Length", "Early-Data"};

bool is_among(std::string_view name, auto& names) noexcept {
  return std::ranges::any_of(names, [&](std::string_view each) { return same_name(each, name); });
}

}  // namespace

const Field* find(const Fields& fields, std::string_view name) noexcept {
  const auto found = std::ranges::find_if(fields, [&](const Field& field) { return same_name(field.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

std::string_view value_of(const Fields& fields, std::string_view name) noexcept {
  const Field* const field = find(fields, name);
  return field ? std::string_view(field->value) : std::string_view();
}

std::size_t count(const Fields& fields, std::string_view name) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields, [&](const Field& field) { return same_name(field.name, name); }));
}

std::size_t remove(Fields& fields, std::string_view name) {
  return std::erase_if(fields, [&](const Field& field) { return same_name(field.name, name); });
}

void set(Fields& fields, std::string_view name, std::string value) {
  const auto is_it = [&](const Field& field) { return same_name(field.name, name); };
  const auto first = std::ranges::find_if(fields, is_it);
  if (first == fields.end()) {
    fields.push_back({std::string(name), std::move(value)});
    return;
  }
  first->value = std::move(value);
  fields.erase(std::remove_if(first + 1, fields.end(), is_it), fields.end());
}

bool has_token(const Fields& fields, std::string_view name, std::string_view token) noexcept {
  for (const Field& field : fields) {
    if (!same_name(field.name, name)) continue;
    ListReader list(field.value);
    while (const std::optional<std::string_view> element = list.next())
      if (same_name(*element, token)) return true;
  }
  return false;
}

void remove_hop_by_hop(Fields& fields) {
  std::vector<std::string> named;
  for (const Field& field : fields) {
    if (!same_name(field.name, "Connection")) continue;
    ListReader list(field.value);
    while (const std::optional<std::string_view> element = list.next())
      if (!is_among(*element, end_to_end)) named.emplace_back(*element);
  }
  std::erase_if(fields, [&](const Field& field) {
    return same_name(field.name, "Connection") || is_among(field.name, hop_by_hop) || is_among(field.name, named);
  });
}

}  // namespace handfast::http
