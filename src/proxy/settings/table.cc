// Table: toml++'s, with a memory of what was asked for.
#include "proxy/settings/table.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "doctor/nearest_name.h"
#include "doctor/style.h"
#include "proxy/limits.h"

#include <toml++/toml.h>

namespace handfast::proxy::settings {
namespace {

/// A configuration is written by people: more is a mistake.
constexpr std::uintmax_t largest_file = std::uintmax_t{4} << 20;

Position position_of(const toml::source_region& region) { return {region.begin.line, region.begin.column}; }

/// What stands there, in words.
std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or a time";
  }
}

}  // namespace

struct Table::Impl {
  std::shared_ptr<toml::table> root;  ///< keeps `table` alive
  const toml::table* table;
  Findings* findings;
  Position begin;
  std::set<std::string, std::less<>> known;  ///< keys that were asked for

  const toml::node* find(std::string_view key) {
    known.emplace(key);
    return table->get(key);
  }
  void wrong_kind(std::string_view key, const toml::node& node, std::string_view expected) {
    findings->push_back({.position = position_of(node.source()),
                         .problem = fmt::format("{} is {}.", key, kind_of(node)),
                         .cure = fmt::format("Make it {}.", expected)});
  }
};

std::optional<Table> Table::open(const std::string& path, Findings& findings) {
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!file || error || size > largest_file) {
    findings.push_back({.problem = fmt::format("{} can't be read{}.", path,
                                               size > largest_file && !error ? ": it has more than 4 MB" : ""),
                        .cure = "Name a file in TOML that this user may read."});
    return std::nullopt;
  }
  std::stringstream text;
  text << file.rdbuf();
  return parse(text.str(), findings);
}

std::optional<Table> Table::parse(std::string_view text, Findings& findings) {
  std::shared_ptr<toml::table> root;
  try {
    root = std::make_shared<toml::table>(toml::parse(text));
  } catch (const toml::parse_error& error) {
    findings.push_back({.position = position_of(error.source()),
                        .problem = fmt::format("This is no TOML: {}.", doctor::printable_utf8(error.description())),
                        .cure = "https://toml.io/en/v1.0.0 says how it is written."});
    return std::nullopt;
  }
  return Table(std::make_shared<Impl>(Impl{root, root.get(), &findings, {}, {}}));
}

bool Table::has(std::string_view key) const { return impl_->table->contains(key); }

Position Table::position(std::string_view key) const {
  const toml::node* node = impl_->table->get(key);
  return node != nullptr ? position_of(node->source()) : impl_->begin;
}

std::optional<Position> Table::position_of_path(std::string_view path) const {
  std::optional<Position> found;
  const auto look = [&](const toml::node& node) {
    const auto* text = node.as_string();
    if (text == nullptr || text->get().empty() || !path.ends_with(text->get())) return;
    const std::string_view before = path.substr(0, path.size() - text->get().size());
    if (before.empty() || before.ends_with('/')) found = position_of(node.source());
  };
  for (const auto& [key, node] : *impl_->table) {
    look(node);
    if (const toml::array* array = node.as_array())
      for (const toml::node& each : *array) look(each);
  }
  return found;
}

void Table::text(std::string_view key, std::string& value) {
  const toml::node* node = impl_->find(key);
  if (node == nullptr) return;
  const auto* found = node->as_string();
  if (found == nullptr)
    impl_->wrong_kind(key, *node, "a text, in quotes");
  else if (found->get().empty())
    error(position_of(node->source()), fmt::format("{} is empty.", key), "Leave it out, or say what it is.");
  else
    value = found->get();
}

void Table::texts(std::string_view key, std::vector<std::string>& values) {
  const toml::node* node = impl_->find(key);
  if (node == nullptr) return;
  if (node->is_string()) {
    std::string one;
    text(key, one);
    values.assign(1, one);
    return;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    impl_->wrong_kind(key, *node, "a text or an array of texts");
    return;
  }
  std::vector<std::string> found;
  for (const toml::node& each : *array) {
    const auto* item = each.as_string();
    if (item == nullptr || item->get().empty()) {
      impl_->wrong_kind(key, each, "an array of texts that are not empty");
      return;
    }
    found.push_back(item->get());
  }
  values = std::move(found);
}

std::optional<std::size_t> Table::word(std::string_view key, std::vector<std::string_view> words) {
  if (!has(key)) {
    impl_->known.emplace(key);
    return std::nullopt;
  }
  std::string value;
  text(key, value);
  const auto found = std::ranges::find(words, value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  if (!value.empty())
    error(position(key), fmt::format("{} is \"{}\".", key, doctor::printable_utf8(value)),
          fmt::format("Make it one of these: {}.", fmt::join(words, ", ")));
  return std::nullopt;
}

void Table::yes(std::string_view key, bool& value) {
  const toml::node* node = impl_->find(key);
  if (node == nullptr) return;
  if (const auto* found = node->as_boolean())
    value = found->get();
  else
    impl_->wrong_kind(key, *node, "true or false");
}

std::optional<std::int64_t> Table::number(std::string_view key, std::int64_t least, std::int64_t most) {
  const toml::node* node = impl_->find(key);
  if (node == nullptr) return std::nullopt;
  const auto* found = node->as_integer();
  if (found == nullptr) {
    impl_->wrong_kind(key, *node, "an integer");
    return std::nullopt;
  }
  if (found->get() >= least && found->get() <= most) return found->get();
  error(position_of(node->source()), fmt::format("{} is {}.", key, found->get()),
        fmt::format("Make it at least {} and at most {}.", least, most));
  return std::nullopt;
}

void Table::seconds(std::string_view key, std::chrono::milliseconds& value) {
  const toml::node* node = impl_->find(key);
  if (node == nullptr) return;
  const std::optional<double> found = node->is_number() ? node->value<double>() : std::nullopt;
  if (!found)
    impl_->wrong_kind(key, *node, "a number of seconds");
  else if (const auto good = parse_seconds(*found))
    value = *good;
  else
    error(position_of(node->source()), fmt::format("{} is {} seconds.", key, *found),
          fmt::format("Make it {}.", expected_seconds));
}

std::vector<Table> Table::tables(std::string_view key) {
  std::vector<Table> found;
  const toml::node* node = impl_->find(key);
  if (node == nullptr) return found;
  const auto add = [&](const toml::table& table) {
    found.push_back(
        Table(std::make_shared<Impl>(Impl{impl_->root, &table, impl_->findings, position_of(table.source()), {}})));
  };
  if (const toml::table* table = node->as_table()) {
    add(*table);
  } else if (const toml::array* array = node->as_array(); array != nullptr && array->is_array_of_tables()) {
    for (const toml::node& each : *array) add(*each.as_table());
  } else {
    impl_->wrong_kind(key, *node, fmt::format("a table: [[{}]]", key));
  }
  return found;
}

void Table::error(Position position, std::string problem, std::string cure) {
  impl_->findings->push_back({.position = position, .problem = std::move(problem), .cure = std::move(cure)});
}

void Table::weakness(Position position, std::string problem, std::string cure) {
  impl_->findings->push_back(
      {.kind = Finding::Kind::weakness, .position = position, .problem = std::move(problem), .cure = std::move(cure)});
}

void Table::finish() {
  for (const auto& [key, node] : *impl_->table) {
    const std::string_view name = key.str();
    if (impl_->known.contains(name)) continue;
    std::string_view nearest;
    std::size_t distance = 3;  // more changes make another word of it
    for (const std::string& known : impl_->known) {
      const std::size_t changes = doctor::edit_distance(name.substr(0, 64), known);
      if (changes < distance) {
        distance = changes;
        nearest = known;
      }
    }
    error(position_of(key.source()), fmt::format("There is no {} here.", doctor::printable_utf8(name)),
          nearest.empty() ? fmt::format("Here may stand: {}.", fmt::join(impl_->known, ", "))
                          : fmt::format("Was {} meant?", nearest));
  }
}

}  // namespace handfast::proxy::settings
