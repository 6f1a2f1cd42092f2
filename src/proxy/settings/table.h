// A table of a TOML file, read key by key: whatever is not as it should be becomes a finding.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/settings/findings.h"

namespace handfast::proxy::settings {

/// Each function below reads a key if it is there, and leaves the value alone if it is not, or is wrong. `finish` finds
/// keys that nobody has read. Findings must outlive it.
class Table {
 public:
  /// The table of a whole file. A file that can't be read, or is no TOML, is a finding, and gives nothing.
  static std::optional<Table> open(const std::string& path, Findings& findings);
  /// The same of a text.
  static std::optional<Table> parse(std::string_view text, Findings& findings);

  bool has(std::string_view key) const;
  /// Of the key; where it is not there, of the table.
  Position position(std::string_view key) const;

  /// Of the text, alone or in an array, that names this path, from whatever folder; nothing: there is none.
  std::optional<Position> position_of_path(std::string_view path) const;

  void text(std::string_view key, std::string& value);
  /// A text or an array of texts.
  void texts(std::string_view key, std::vector<std::string>& values);
  /// One of these words; gives which.
  std::optional<std::size_t> word(std::string_view key, std::vector<std::string_view> words);
  void yes(std::string_view key, bool& value);
  std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most);
  /// In seconds, with a fraction if need be.
  void seconds(std::string_view key, std::chrono::milliseconds& value);
  /// An array of tables, or one table; empty where there is none.
  std::vector<Table> tables(std::string_view key);

  void error(Position position, std::string problem, std::string cure);
  void weakness(Position position, std::string problem, std::string cure);
  /// Says of every key that was not read that it is unknown, and which one may have been meant.
  void finish();

 private:
  struct Impl;
  explicit Table(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace handfast::proxy::settings
