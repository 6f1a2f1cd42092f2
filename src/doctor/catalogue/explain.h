// From what somebody has in front of them, a code, a number, another program's message, to the entry that explains it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "doctor/catalogue/catalogue.h"

namespace handfast::doctor {

/// What is looked at of a text; the rest is left unread.
constexpr std::size_t max_explained = std::size_t{64} << 10;

/// By what an entry was found.
enum class MatchedBy : std::uint8_t {
  code,     ///< "HF0213", "hf213"
  word,     ///< "name_mismatch"; of an alert also its name, "unknown_ca"
  alert,    ///< "48", "0x30", "alert number 48"
  message,  ///< another program's words
};
std::string_view name(MatchedBy by) noexcept;  ///< "message"

struct Match {
  const Entry* entry;  ///< never null
  MatchedBy by;
  std::string_view program;  ///< whose words they are; empty unless it is a message
  std::string_view text;     ///< the alias that was found, else the entry's code or word
};

/// The entries that explain `what`, best first and each once; none: nothing of it is known. A code or a word counts
/// alone or anywhere in a text; of several messages in it the longest wins, for that is the most precise. Case, blanks
/// and punctuation do not count, nor what stands around.
std::vector<Match> explain(std::string_view what);

/// At most three entries of which a word, a title or a message is spelt much like `what`, nearest first.
std::vector<const Entry*> nearest_entries(std::string_view what);

}  // namespace handfast::doctor
