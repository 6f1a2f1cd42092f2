// A cursor over a message that names what it passes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <handfast/bytes.h>

#include "doctor/dissect/field.h"
#include "doctor/dissect/numbers.h"

namespace handfast::doctor::dissection {

/// What opaque bytes say.
using SayBytes = std::string (*)(Bytes);
inline std::string nothing(Bytes) { return {}; }

/// A message of more fields than this keeps the rest of them in one: work and memory are bounded, whatever comes.
inline constexpr std::size_t max_fields = 100'000;

/// Stands in one structure of a message, at a byte of it, and adds a child to the structure's Field for all that it
/// reads. Where the structure ends too early, what is left of it becomes a field called "unparsed", and every later
/// read does nothing; so a structure is written down as the RFC has it, and nobody asks how it went.
class Dissector {
 public:
  /// Over bytes `begin` to `end` of `message`. `into` and `budget` (of fields) live longer.
  Dissector(Bytes message, std::size_t begin, std::size_t end, Field& into, std::size_t& budget) noexcept
      : message_(message), at_(begin), end_(end), into_(into), budget_(budget) {}

  /// Nothing is left, or nothing that can be read: a loop `while (!d.empty())` ends.
  bool empty() const noexcept { return at_ == end_; }
  /// What is left of the structure.
  Bytes peek() const noexcept { return message_.subspan(at_, end_ - at_); }
  /// What the structure as a whole says.
  void says(std::string value) { into_.value = std::move(value); }

  /// A number of `width` bytes, big-endian; 0 where it is not there.
  std::uint64_t number(std::string_view name, std::size_t width, Say say);
  /// `size` bytes that have no parts.
  void opaque(std::string_view name, std::size_t size, SayBytes say = nothing);
  /// All that is left, if something is.
  void rest(std::string_view name, SayBytes say = nothing);

  /// A structure in this one: `content(Dissector&)` reads it.
  template <typename Content>
  void structure(std::string_view name, Content&& content) {
    if (!ready(name, 0)) return;
    Field field = begin(name);
    Dissector inner(message_, at_, end_, field, budget_);
    content(inner);
    at_ = inner.at_;
    failed_ = inner.failed_;
    finish(std::move(field));
  }
  /// The next `size` bytes, at most all that are left: no more than they are the content's, and no less.
  template <typename Content>
  void within(std::size_t size, Content&& content) {
    const std::size_t end = at_ + std::min(size, end_ - at_);
    if (failed_) return;
    Dissector inner(message_, at_, end, into_, budget_);
    content(inner);
    inner.done();
    at_ = end;
  }
  /// A length of `width` bytes and as many bytes.
  template <typename Content>
  void prefixed(std::size_t width, Content&& content) {
    const std::uint64_t length = number("length", width, byte_count);
    if (failed_) return;
    if (length > end_ - at_) return too_long(length, end_ - at_);
    if (length == 0 && into_.value.empty()) into_.value = "empty";
    within(static_cast<std::size_t>(length), content);
  }

  // Vectors (RFC 8446, section 3.4): a structure that begins with its length.
  template <typename Content>
  void vector(std::string_view name, std::size_t width, Content&& content) {
    structure(name, [&](Dissector& d) { d.prefixed(width, content); });
  }
  /// Of bytes without parts; they have the vector's name.
  void opaque_vector(std::string_view name, std::size_t width, SayBytes say = nothing) {
    vector(name, width, [&](Dissector& d) { d.rest(name, say); });
  }
  /// Of numbers.
  void numbers(std::string_view name, std::size_t width, std::string_view element, std::size_t element_width, Say say) {
    vector(name, width, [&](Dissector& d) {
      while (!d.empty()) d.number(element, element_width, say);
    });
  }
  /// Of structures.
  template <typename Content>
  void list(std::string_view name, std::size_t width, std::string_view element, Content&& content) {
    vector(name, width, [&](Dissector& d) {
      while (!d.empty()) d.structure(element, content);
    });
  }
  /// Of vectors of bytes without parts.
  void opaque_vectors(std::string_view name, std::size_t width, std::string_view element, std::size_t element_width,
                      SayBytes say = nothing) {
    vector(name, width, [&](Dissector& d) {
      while (!d.empty()) d.opaque_vector(element, element_width, say);
    });
  }

  /// What is left cannot be read; `why` says so.
  void unparsed(std::string why);
  /// The same where a length says more than there is.
  void too_long(std::uint64_t length, std::size_t there);
  /// The structure ends here: what is left is too much.
  void done();

 private:
  /// Whether `size` bytes are there for a field of that name, and it may be added.
  bool ready(std::string_view name, std::size_t size);
  Field begin(std::string_view name) const;
  void finish(Field field);
  void add(std::string_view name, std::size_t size, std::string value);

  Bytes message_;
  std::size_t at_;
  std::size_t end_;
  bool failed_ = false;
  Field& into_;
  std::size_t& budget_;
};

/// Fills in what each field below `root` is there for.
void explain(Field& root);

/// The field called `name` that all of `bytes` are, with what `content(Dissector&)` reads as its parts, and with the
/// meanings of them all.
template <typename Content>
Field take_apart(Bytes bytes, std::string name, Content&& content) {
  Field root;
  root.name = std::move(name);
  root.size = bytes.size();
  std::size_t budget = max_fields;
  Dissector d(bytes, 0, bytes.size(), root, budget);
  content(d);
  d.done();
  explain(root);
  return root;
}

}  // namespace handfast::doctor::dissection
