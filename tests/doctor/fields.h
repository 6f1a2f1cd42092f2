// What holds of every message that was taken apart, and ways into it.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/dissect/field.h"

namespace handfast::test {

/// Calls `see` for the field and all below it, parents first.
inline void walk(const doctor::Field& field, const std::function<void(const doctor::Field&)>& see) {
  see(field);
  for (const doctor::Field& child : field.children) walk(child, see);
}

/// What is wrong below `field`: a gap, an overlap, a byte over, a name missing. Empty where nothing is.
inline std::string flaw_below(const doctor::Field& field) {
  if (field.name.empty()) return "a field without a name at " + std::to_string(field.offset);
  std::size_t at = field.offset;
  for (const doctor::Field& child : field.children) {
    if (child.offset != at) return child.name + " does not begin where the one before it ends, in " + field.name;
    at += child.size;
    if (std::string flaw = flaw_below(child); !flaw.empty()) return flaw;
  }
  if (!field.children.empty() && at != field.offset + field.size) return "bytes over at the end of " + field.name;
  return {};
}

/// The same of a whole message of `size` bytes: each of them is in exactly one field that has no parts.
inline std::string flaw(const doctor::Field& root, std::size_t size) {
  if (root.offset != 0 || root.size != size) return "the root is not the message";
  if (size != 0 && root.children.empty()) return "the root has no fields";
  return flaw_below(root);
}

inline std::vector<const doctor::Field*> leaves(const doctor::Field& root) {
  std::vector<const doctor::Field*> out;
  walk(root, [&](const doctor::Field& field) {
    if (field.children.empty()) out.push_back(&field);
  });
  return out;
}

inline std::size_t count(const doctor::Field& root, std::string_view name) {
  std::size_t out = 0;
  walk(root, [&](const doctor::Field& field) { out += field.name == name; });
  return out;
}

/// Every byte has a field that says what it is.
inline bool parses(const doctor::Field& root) { return count(root, doctor::unparsed_name) == 0; }

/// The field by the names on the way to it, the first of each; null where there is none.
inline const doctor::Field* find(const doctor::Field& root, std::initializer_list<std::string_view> path) {
  const doctor::Field* at = &root;
  for (const std::string_view name : path) {
    const doctor::Field* next = nullptr;
    for (const doctor::Field& child : at->children)
      if (next == nullptr && child.name == name) next = &child;
    if (next == nullptr) return nullptr;
    at = next;
  }
  return at;
}

}  // namespace handfast::test
