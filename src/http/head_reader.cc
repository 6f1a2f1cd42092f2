#include "http/head_reader.h"

#include <algorithm>

#include "http/grammar.h"

namespace handfast::http {

Parsed<std::size_t> HeadReader::take(Bytes input) {
  std::size_t taken = 0;
  while (!done_ && taken < input.size()) {
    const std::size_t line_limit = lines_ == 0 ? limits_.start_line : limits_.field_line;
    const std::size_t line_room = line_limit - std::min(line_limit, text_.size() - line_);
    const std::size_t head_room = limits_.head - std::min(limits_.head, text_.size());
    Refusal too_long = lines_ == 0 ? Refusal::request_line_too_long : Refusal::field_line_too_long;
    if (head_room < line_room) too_long = Refusal::head_too_large;
    const Parsed<LineScanner::Step> step =
        scanner_.take(input.subspan(taken), std::min(line_room, head_room), too_long);
    if (!step) return std::unexpected(step.error());
    text_ += as_text(input.subspan(taken, step->taken));
    taken += step->taken;
    if (!step->complete) break;
    const Parsed<> good = end_line();
    if (!good) return std::unexpected(good.error());
  }
  return taken;
}

Parsed<> HeadReader::end_line() {
  const std::string_view line = std::string_view(text_).substr(line_, text_.size() - line_ - 2);
  if (lines_ == 0 && line.empty()) {
    if (++empty_lines_ > limits_.empty_lines) return std::unexpected(Refusal::too_many_empty_lines);
    text_.clear();
    return {};
  }
  if (lines_ > 0 && line.empty()) {
    done_ = true;
    return {};
  }
  if (lines_ > 0) {
    if (lines_ > limits_.fields) return std::unexpected(Refusal::too_many_fields);
    const Parsed<> good = check_field_line(line);
    if (!good) return good;
  }
  ++lines_;
  line_ = text_.size();
  return {};
}

Parsed<> check_field_line(std::string_view line) noexcept {
  if (line.starts_with(' ') || line.starts_with('\t')) return std::unexpected(Refusal::obs_fold);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::unexpected(Refusal::bad_field);
  const std::string_view name = line.substr(0, colon);
  if (name.ends_with(' ') || name.ends_with('\t')) return std::unexpected(Refusal::space_before_colon);
  if (!is_token(name)) return std::unexpected(Refusal::bad_field_name);
  return {};
}

}  // namespace handfast::http
