#include "doctor/catalogue/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <ranges>
#include <string>
#include <unordered_set>

#include "doctor/catalogue/families.h"
#include "doctor/nearest_name.h"
#include "x509/ascii.h"

namespace handfast::doctor {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) noexcept { return is_digit(c) || (x509::lower(c) >= 'a' && x509::lower(c) <= 'z'); }

/// Words in lower case with a blank between two, one before the first and one behind the last: " tlsv1 alert unknown ca
/// ". So a text is found in another only where its words are whole.
std::string normalized(std::string_view text) {
  std::string out(1, ' ');
  out.reserve(text.size() + 2);
  for (const char c : text) {
    if (is_letter_or_digit(c))
      out += x509::lower(c);
    else if (out.back() != ' ')
      out += ' ';
  }
  if (out.back() != ' ') out += ' ';
  return out;
}

std::string_view trimmed(std::string_view normal) noexcept {
  return normal.size() < 2 ? std::string_view() : normal.substr(1, normal.size() - 2);
}

/// A number that is all of `text`, in decimal or hexadecimal (0x30).
std::optional<unsigned> number(std::string_view text) noexcept {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

const Entry* find_alert(unsigned value) { return value <= 255 ? find_entry(fmt::format("HF1{:03}", value)) : nullptr; }

/// "hf0213", "hf213".
const Entry* find_code(std::string_view word) {
  if (!word.starts_with("hf") || word.size() > 6 || word.size() < 3 || !std::ranges::all_of(word.substr(2), is_digit))
    return nullptr;
  return find_entry(fmt::format("HF{:0>4}", word.substr(2)));
}

/// A saying as it is looked for: the pieces between its stars, normalized.
struct Pattern {
  std::string_view program;
  const Saying* saying;
  std::vector<std::string> pieces;
  std::string longest_word;  ///< a text without it is passed over at once
  std::size_t weight = 0;
};

std::vector<Pattern> all_patterns() {
  std::vector<Pattern> out;
  for (const Program& program : programs())
    for (const Saying& saying : program.sayings) {
      Pattern& pattern = out.emplace_back();
      pattern.program = program.name;
      pattern.saying = &saying;
      for (const auto part : std::views::split(saying.text, '*')) {
        pattern.pieces.push_back(normalized(std::string_view(part.begin(), part.end())));
        pattern.weight += pattern.pieces.back().size();
        for (const auto word : std::views::split(pattern.pieces.back(), ' '))
          if (std::ranges::size(word) > pattern.longest_word.size()) pattern.longest_word = {word.begin(), word.end()};
      }
    }
  return out;
}

/// Where in a normalized text something was found, and what.
struct Find {
  Match match;
  std::size_t begin, end;
  std::size_t weight;  ///< characters that agree: the more, the more precise
};

constexpr std::size_t certain = max_explained;  ///< the weight of our own codes

class Search {
 public:
  explicit Search(std::string_view what) : text_(normalized(what.substr(0, max_explained))) {}

  std::vector<Match> run() {
    if (!is_one_name()) {
      words();
      alerts();
      messages();
    }
    return best();
  }

 private:
  void add(const Entry* entry, MatchedBy by, std::string_view program, std::string_view text, std::size_t begin,
           std::size_t end, std::size_t weight) {
    if (entry != nullptr) finds_.push_back({{entry, by, program, text}, begin, end, weight});
  }

  /// The whole of it is a code, a word, an alert's name or its number.
  bool is_one_name() {
    std::string_view all = trimmed(text_);
    const auto add_all = [&](const Entry* entry, MatchedBy by) {
      if (entry != nullptr)
        add(entry, by, {}, by == MatchedBy::code ? entry->code : entry->word, 0, text_.size(), certain);
    };
    add_all(find_code(all), MatchedBy::code);
    for (const Entry& entry : catalogue())
      if (trimmed(normalized(entry.word)) == all) add_all(&entry, MatchedBy::word);
    constexpr std::string_view around[] = {"ssl ", "tls ", "fatal ", "alert ", "number ", "description "};
    for (const std::string_view word : around)
      if (all.starts_with(word)) all.remove_prefix(word.size());
    if (all.ends_with(" alert")) all.remove_suffix(std::string_view(" alert").size());
    if (const auto value = number(all)) add_all(find_alert(*value), MatchedBy::alert);
    std::string name = "alert_" + std::string(all);
    std::ranges::replace(name, ' ', '_');
    if (const Entry* entry = find_entry(name); finds_.empty() || finds_.front().match.entry != entry)
      add_all(entry, MatchedBy::word);
    return !finds_.empty();
  }

  /// Our own codes, and numbers of alerts, anywhere in the text.
  void words() {
    std::string_view before, before_that;
    for (std::size_t at = 1; at < text_.size();) {
      const std::size_t end = text_.find(' ', at);
      const std::string_view word = std::string_view(text_).substr(at, end - at);
      if (const Entry* entry = find_code(word)) add(entry, MatchedBy::code, {}, entry->code, at, end, certain);
      const bool is_of_alert = before == "alert" || (before == "number" && before_that == "alert");
      if (const auto value = number(word); value && is_of_alert)
        if (const Entry* entry = find_alert(*value))
          add(entry, MatchedBy::alert, {}, entry->word, at, end, word.size());
      before_that = before;
      before = word;
      at = end + 1;
    }
  }

  /// "Alert: unknown_ca", and "Description: Unknown CA" of those who read along.
  void alerts() {
    constexpr std::string_view prefix = "alert_";
    for (const Entry& entry : catalogue()) {
      if (!entry.code.starts_with("HF1")) continue;
      for (const std::string_view before : {"alert", "description"}) {
        const std::string name = normalized(fmt::format("{} {}", before, entry.word.substr(prefix.size())));
        if (const std::size_t at = text_.find(name); at != text_.npos)
          add(&entry, MatchedBy::alert, {}, entry.word, at, at + name.size(), name.size());
      }
    }
  }

  void messages() {
    static const std::vector<Pattern> patterns = all_patterns();
    std::unordered_set<std::string_view> words;
    for (const auto word : std::views::split(text_, ' ')) words.emplace(word.begin(), word.end());
    for (const Pattern& pattern : patterns)
      if (words.contains(pattern.longest_word)) message(pattern);
  }

  /// Its pieces one behind the other and not far apart.
  void message(const Pattern& pattern) {
    constexpr std::size_t reach = 512;  ///< what a star may stand for
    constexpr int tries = 64;           ///< places where it may begin, so that the work stays bounded
    std::size_t begin = 0;
    for (int i = 0; i < tries; ++i, ++begin) {
      begin = text_.find(pattern.pieces.front(), begin);
      if (begin == std::string::npos) return;
      std::size_t end = begin + pattern.pieces.front().size();
      bool whole = true;
      for (std::size_t k = 1; whole && k < pattern.pieces.size(); ++k) {
        const std::string_view near = std::string_view(text_).substr(0, end + reach);
        const std::size_t next = near.find(pattern.pieces[k], end - 1);
        whole = next != std::string_view::npos;
        end = next + pattern.pieces[k].size();
      }
      if (whole)
        return add(find_entry(pattern.saying->code), MatchedBy::message, pattern.program, pattern.saying->text, begin,
                   end, pattern.weight);
    }
  }

  std::vector<Match> best() {
    constexpr std::size_t most = 8;
    if (std::ranges::any_of(finds_, [](const Find& find) { return !find.match.entry->is_general; }))
      std::erase_if(finds_, [](const Find& find) { return find.match.entry->is_general; });
    std::ranges::stable_sort(finds_, std::greater(), &Find::weight);
    std::vector<Match> out;
    for (auto find = finds_.begin(); find != finds_.end() && out.size() < most; ++find) {
      // What stands within the words of a longer message says nothing more.
      const bool is_within = std::any_of(finds_.begin(), find, [&](const Find& other) {
        return other.begin <= find->begin && find->end <= other.end && other.weight > find->weight;
      });
      const bool is_known = std::ranges::find(out, find->match.entry, &Match::entry) != out.end();
      if (!is_within && !is_known) out.push_back(find->match);
    }
    return out;
  }

  std::string text_;
  std::vector<Find> finds_;
};

}  // namespace

std::string_view name(MatchedBy by) noexcept {
  switch (by) {
    case MatchedBy::code: return "code";
    case MatchedBy::word: return "word";
    case MatchedBy::alert: return "alert";
    case MatchedBy::message: return "message";
  }
  return {};
}

std::vector<Match> explain(std::string_view what) { return Search(what).run(); }

std::vector<const Entry*> nearest_entries(std::string_view what) {
  constexpr std::size_t longest = 100, most = 3;
  const std::string all = normalized(what.substr(0, max_explained));
  const std::string_view wanted = trimmed(all).substr(0, longest);
  struct Near {
    std::size_t distance;
    const Entry* entry;
  };
  std::vector<Near> near;
  for (const Entry& entry : catalogue()) {
    std::vector<std::string_view> texts = {entry.code, entry.word, entry.title};
    if (entry.word.starts_with("alert_")) texts.push_back(entry.word.substr(6));
    for (const Alias& alias : entry.aliases) texts.push_back(alias.text);
    std::size_t nearest = longest;
    for (const std::string_view text : texts) {
      const std::string normal = normalized(text);
      nearest = std::min(nearest, edit_distance(trimmed(normal).substr(0, longest), wanted));
    }
    if (nearest <= wanted.size() / 3) near.push_back({nearest, &entry});
  }
  std::ranges::stable_sort(near, {}, &Near::distance);
  std::vector<const Entry*> out;
  for (const Near& one : near | std::views::take(most)) out.push_back(one.entry);
  return out;
}

}  // namespace handfast::doctor
