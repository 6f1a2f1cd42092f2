// HTML written so that it is well-formed whatever is put into it: what is opened is closed, what is text stays text.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace handfast::doctor {

/// Words inside markup or a quoted attribute.
std::string escape(std::string_view text);

class Html {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// An element until it goes out of scope. `tag` outlives it.
  class [[nodiscard]] Element {
   public:
    ~Element() { html_.out_ += "</" + std::string(tag_) + ">"; }
    Element(const Element&) = delete;
    Element& operator=(const Element&) = delete;

   private:
    friend Html;
    Element(Html& html, std::string_view tag) noexcept : html_(html), tag_(tag) {}
    Html& html_;
    std::string_view tag_;
  };

  /// Tags and the names of attributes are our own; `classes` may be empty, values are escaped.
  Element open(std::string_view tag, std::string_view classes = {}, Attributes attributes = {});
  /// An element that holds words only.
  void add(std::string_view tag, std::string_view classes, std::string_view words, Attributes attributes = {});
  /// Anybody's words. What would command a terminal, or turn the direction of writing, is shown as \xNN.
  void text(std::string_view words);
  /// Markup of our own.
  void markup(std::string_view constant) { out_ += constant; }

  std::size_t size() const noexcept { return out_.size(); }
  std::string take() { return std::move(out_); }

 private:
  void begin(std::string_view tag, std::string_view classes, Attributes attributes);

  std::string out_;
};

}  // namespace handfast::doctor
