#include "doctor/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/certificate.h"

namespace handfast::doctor {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t step = 2;  ///< by which a field stands in from its parent
/// A field of up to so many lines of bytes has them at its side.
constexpr std::size_t lines_beside = 4;
constexpr std::size_t dump_row = 16;
/// Of a field that is longer, the first bytes are shown.
constexpr std::size_t dump_limit = 256;
constexpr std::size_t dump_head = 64;

/// "16 03 01"; in halves of eight, as everybody counts them.
std::string hex_row(Bytes bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    out += fmt::format("{}{:02x}", i == 0 ? "" : i % 8 == 0 ? "  " : " ", bytes[i]);
  return out;
}

std::string ascii_row(Bytes bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
  return out;
}

/// One message on its way to text.
class Page {
 public:
  Page(Bytes message, const Style& style, std::unordered_set<std::string>& told)
      : message_(message),
        style_(style),
        told_(told),
        row_(style.width >= 72 ? 8 : 4),
        offset_width_(message.size() > 0x10000 ? 6 : 4),
        text_column_(offset_width_ + gap + 3 * row_ - 1 + gap) {}

  void field(const Field& field, std::size_t depth) {
    const bool leaf = field.children.empty();
    const Bytes bytes = leaf ? message_.subspan(field.offset, field.size) : Bytes();
    const std::vector<std::string> texts = text_of(field, depth);
    const bool beside = bytes.size() <= lines_beside * row_;
    const std::size_t rows = beside ? (bytes.size() + row_ - 1) / row_ : 0;
    for (std::size_t i = 0; i < std::max(texts.size(), rows); ++i) {
      const Bytes row = i < rows ? bytes.subspan(i * row_, std::min(row_, bytes.size() - i * row_)) : Bytes();
      const std::string offset = i == 0 || i < rows ? offset_text(field.offset + i * row_) : std::string();
      line(offset, row, i < texts.size() ? texts[i] : std::string());
    }
    if (!beside) dump(field.offset, bytes);
    for (const Field& child : field.children) this->field(child, depth + 1);
  }

  std::string take() { return std::move(out_); }

 private:
  /// Name and value, then the meaning: lines, indented and painted.
  std::vector<std::string> text_of(const Field& field, std::size_t depth) {
    const std::size_t indent = depth * step;
    const std::size_t room = style_.width - std::min(style_.width - step - 1, text_column_ + indent);
    std::vector<std::string> lines;
    const Paint paint = field.name == unparsed_name ? Paint::red : Paint::bold;
    const std::string head = field.value.empty() ? field.name : fmt::format("{}: {}", field.name, field.value);
    for (const std::string& text : hanging(head, room)) {
      const std::size_t named = lines.empty() ? std::min(field.name.size(), text.size()) : 0;
      lines.push_back(std::string(indent, ' ') + style_.paint(paint, std::string_view(text).substr(0, named)) +
                      text.substr(named));
    }
    if (!field.meaning.empty() && told_.insert(field.meaning).second)
      for (const std::string& text : prose(field.meaning, room - step))
        lines.push_back(std::string(indent + step, ' ') + style_.paint(Paint::dim, text));
    return lines;
  }

  /// Lines, with no RFC parted from its number and no section from its.
  static std::vector<std::string> prose(std::string text, std::size_t room) {
    constexpr char bound = '\x1f';
    for (const std::string_view word : {"RFC ", "section ", "appendix "})
      for (std::size_t at = 0; (at = text.find(word, at)) != text.npos; at += word.size())
        text[at + word.size() - 1] = bound;
    std::vector<std::string> lines = wrap(text, room);
    for (std::string& line : lines) std::ranges::replace(line, bound, ' ');
    return lines;
  }

  /// Lines of which all but the first stand in.
  static std::vector<std::string> hanging(std::string_view text, std::size_t room) {
    std::vector<std::string> lines = wrap(text, room);
    if (lines.size() < 2) return lines;
    std::string first = std::move(lines.front());
    lines = wrap(text.substr(first.size()), room - step);
    for (std::string& line : lines) line.insert(0, step, ' ');
    lines.insert(lines.begin(), std::move(first));
    return lines;
  }

  std::string offset_text(std::size_t offset) const { return fmt::format("{:0{}x}", offset, offset_width_); }

  void line(const std::string& offset, Bytes bytes, const std::string& text) {
    const std::string hex = hex_row(bytes);
    std::string out = style_.paint(Paint::dim, offset) + std::string(offset_width_ - offset.size() + gap, ' ') +
                      style_.paint(Paint::cyan, hex);
    if (!text.empty()) out += std::string(text_column_ - offset_width_ - gap - hex.size(), ' ') + text;
    out.erase(out.find_last_not_of(' ') + 1);
    out_ += out + '\n';
  }

  /// As xxd does: offset, bytes, and what of them is text.
  void dump(std::size_t offset, Bytes bytes) {
    const std::size_t width = 3 * dump_row;
    const bool has_room = offset_width_ + gap + width + gap + dump_row <= style_.width;
    const Bytes shown = bytes.first(bytes.size() > dump_limit ? dump_head : bytes.size());
    for (std::size_t i = 0; i < shown.size(); i += dump_row) {
      const Bytes row = shown.subspan(i, std::min(dump_row, shown.size() - i));
      const std::string hex = hex_row(row);
      out_ +=
          style_.paint(Paint::dim, offset_text(offset + i)) + std::string(gap, ' ') + style_.paint(Paint::cyan, hex);
      if (has_room) out_ += std::string(width - hex.size() + gap, ' ') + style_.paint(Paint::dim, ascii_row(row));
      out_ += '\n';
    }
    if (shown.size() < bytes.size())
      out_ += std::string(offset_width_ + gap, ' ') +
              style_.paint(Paint::dim, fmt::format("and {} more bytes", bytes.size() - shown.size())) + '\n';
  }

  Bytes message_;
  const Style& style_;
  std::unordered_set<std::string>& told_;
  std::size_t row_;  ///< bytes on a line beside a field
  std::size_t offset_width_;
  std::size_t text_column_;
  std::string out_;
};

}  // namespace

std::string FieldWriter::write(const Field& root, Bytes message) {
  Page page(message, style_, told_);
  for (const Field& child : root.children) page.field(child, 0);
  return page.take();
}

nlohmann::ordered_json fields_json(const Field& field, Bytes message) {
  nlohmann::ordered_json out = {{"name", field.name},
                                {"offset", field.offset},
                                {"size", field.size},
                                {"value", field.value},
                                {"meaning", field.meaning}};
  if (field.children.empty()) {
    out["hex"] = hex(message.subspan(field.offset, field.size));
    return out;
  }
  auto children = nlohmann::ordered_json::array();
  for (const Field& child : field.children) children.push_back(fields_json(child, message));
  out["children"] = std::move(children);
  return out;
}

}  // namespace handfast::doctor
