#include "doctor/html/anatomy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>

#include "doctor/style.h"

namespace handfast::doctor {
namespace {

/// Of one field, in the dump.
constexpr std::size_t most_bytes = 1024;
/// Beside a field's name.
constexpr std::size_t most_bytes_in_row = 8;
/// Of one message: a peer may send fields without end.
constexpr std::size_t most_fields = 1500;
/// What lies deeper is folded.
constexpr std::size_t open_depth = 2;

std::string spaced_hex(Bytes bytes) { return fmt::format("{:02x}", fmt::join(bytes, " ")); }

class Anatomy {
 public:
  explicit Anatomy(Bytes bytes) noexcept : bytes_(bytes) {}

  void write(Html& out, const Field& whole) {
    {
      const auto list = tree_.open("ul");
      walk(whole, 0);
    }
    const auto both = out.open("div", "anatomy");
    {
      const auto side = out.open("div", "dump");
      out.add("p", "pointed", "", {{"hidden", ""}});
      const auto hex = out.open("p", "hex");
      out.markup(dump_.take());
    }
    const auto side = out.open("div", "tree");
    out.markup(tree_.take());
  }

 private:
  /// Both sides at once, so that they cannot differ.
  void walk(const Field& field, std::size_t depth) {
    const std::string number = std::to_string(count_++);
    const bool unfolded = !field.children.empty() && count_ + field.children.size() <= most_fields;
    const auto item = tree_.open("li");
    if (!unfolded) {
      {
        const auto span = dump_.open("span", (shade_ = !shade_) ? "odd" : "even", {{"data-f", number}});
        bytes(field);
      }
      dump_.markup(" ");
      {
        const auto row = tree_.open("div", "row", {{"data-f", number}});
        words(field);
      }
      if (!field.children.empty()) tree_.add("p", "why", "It has more fields than are shown here.");
      why(field);
      return;
    }
    const auto span = dump_.open("span", "", {{"data-f", number}});
    const auto fold = depth < open_depth ? tree_.open("details", "", {{"open", ""}}) : tree_.open("details");
    {
      const auto row = tree_.open("summary", "row", {{"data-f", number}});
      words(field);
    }
    why(field);
    const auto list = tree_.open("ul");
    for (const Field& child : field.children) walk(child, depth + 1);
  }

  Bytes at_hand(const Field& field) const {
    const std::size_t begin = std::min(field.offset, bytes_.size());
    return bytes_.subspan(begin, std::min(field.size, bytes_.size() - begin));
  }

  void bytes(const Field& field) {
    const Bytes shown = at_hand(field).first(std::min(at_hand(field).size(), most_bytes));
    dump_.text(spaced_hex(shown));
    if (shown.size() < field.size)
      dump_.add("i", "more", fmt::format(" … {} more", counted(field.size - shown.size(), "byte")));
  }

  void words(const Field& field) {
    tree_.add("b", field.name == unparsed_name ? "name unparsed" : "name", field.name);
    tree_.markup(" ");
    const Bytes bytes = at_hand(field);
    if (field.children.empty() && field.size <= most_bytes_in_row && bytes.size() == field.size && field.size != 0)
      tree_.add("code", "bytes", spaced_hex(bytes));
    else
      tree_.add("span", "bytes", field.size == 0 ? "empty" : counted(field.size, "byte"));
    if (field.value.empty()) return;
    tree_.markup(" ");
    tree_.add("span", "value", field.value);
  }

  /// Once is enough: there may be many of a kind.
  void why(const Field& field) {
    if (!field.meaning.empty() && told_.insert(field.meaning).second) tree_.add("p", "why", field.meaning);
  }

  Bytes bytes_;
  Html dump_, tree_;
  std::size_t count_ = 0;
  bool shade_ = false;
  std::set<std::string> told_;
};

}  // namespace

void write_anatomy(Html& out, Bytes bytes, const Field& whole) { Anatomy(bytes).write(out, whole); }

}  // namespace handfast::doctor
