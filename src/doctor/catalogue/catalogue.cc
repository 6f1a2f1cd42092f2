#include "doctor/catalogue/catalogue.h"

#include <algorithm>
#include <vector>

#include "doctor/catalogue/families.h"
#include "x509/ascii.h"

namespace handfast::doctor {
namespace {

std::vector<Entry> assemble() {
  std::vector<Entry> out;
  for (const std::span<const Entry> family : {skeleton_entries()}) out.insert(out.end(), family.begin(), family.end());
  std::ranges::sort(out, {}, &Entry::code);
  return out;
}

/// A verdict names an alert that is only reserved by now as the registry does: "alert_no_certificate_RESERVED".
std::string_view without_reserved(std::string_view word) noexcept {
  constexpr std::string_view reserved = "_RESERVED";
  if (word.ends_with(reserved)) word.remove_suffix(reserved.size());
  return word;
}

}  // namespace

std::span<const Entry> catalogue() {
  static const std::vector<Entry> entries = assemble();
  return entries;
}

const Entry* find_entry(std::string_view code_or_word) noexcept {
  code_or_word = without_reserved(code_or_word);
  for (const Entry& entry : catalogue())
    if (x509::equal_without_case(entry.code, code_or_word) || entry.word == code_or_word) return &entry;
  return nullptr;
}

}  // namespace handfast::doctor
