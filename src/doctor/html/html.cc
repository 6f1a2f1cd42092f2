#include "doctor/html/html.h"

#include "doctor/style.h"

namespace handfast::doctor {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

void Html::begin(std::string_view tag, std::string_view classes, Attributes attributes) {
  out_ += '<';
  out_ += tag;
  if (!classes.empty()) out_ += " class=\"" + std::string(classes) + '"';
  for (const auto& [name, value] : attributes) {
    out_ += ' ';
    out_ += name;
    if (!value.empty()) out_ += "=\"" + escape(printable_utf8(value, std::string_view::npos)) + '"';
  }
  out_ += '>';
}

Html::Element Html::open(std::string_view tag, std::string_view classes, Attributes attributes) {
  begin(tag, classes, attributes);
  return {*this, tag};
}

void Html::add(std::string_view tag, std::string_view classes, std::string_view words, Attributes attributes) {
  const Element element = open(tag, classes, attributes);
  text(words);
}

void Html::text(std::string_view words) { out_ += escape(printable_utf8(words, std::string_view::npos)); }

}  // namespace handfast::doctor
