#include "doctor/dissect/dissector.h"

#include <fmt/format.h>

namespace handfast::doctor::dissection {

std::uint64_t Dissector::number(std::string_view name, std::size_t width, Say say) {
  if (!ready(name, width)) return 0;
  std::uint64_t value = 0;
  for (const std::uint8_t byte : message_.subspan(at_, width)) value = value << 8 | byte;
  add(name, width, say(value));
  return value;
}

void Dissector::opaque(std::string_view name, std::size_t size, SayBytes say) {
  if (ready(name, size)) add(name, size, say(message_.subspan(at_, size)));
}

void Dissector::rest(std::string_view name, SayBytes say) {
  if (!empty()) opaque(name, end_ - at_, say);
}

void Dissector::unparsed(std::string why) {
  into_.children.push_back({std::string(unparsed_name), at_, end_ - at_, std::move(why), {}, {}});
  at_ = end_;
  failed_ = true;
}

void Dissector::too_long(std::uint64_t length, std::size_t there) {
  unparsed(fmt::format("length says {}, there {} {}", byte_count(length), there == 1 ? "is" : "are", there));
}

void Dissector::done() {
  if (!empty()) unparsed(fmt::format("{} more than it has fields", byte_count(end_ - at_)));
}

bool Dissector::ready(std::string_view name, std::size_t size) {
  if (failed_) return false;
  if (size > end_ - at_)
    unparsed(fmt::format("ends {} {}", empty() ? "before" : "inside", name));
  else if (budget_ == 0)
    unparsed("more fields than are told of");
  return !failed_;
}

Field Dissector::begin(std::string_view name) const {
  Field field;
  field.name = name;
  field.offset = at_;
  return field;
}

void Dissector::finish(Field field) {
  field.size = at_ - field.offset;
  if (budget_ != 0) --budget_;
  into_.children.push_back(std::move(field));
}

void Dissector::add(std::string_view name, std::size_t size, std::string value) {
  Field field = begin(name);
  field.value = std::move(value);
  at_ += size;
  finish(std::move(field));
}

}  // namespace handfast::doctor::dissection
