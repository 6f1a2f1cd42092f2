// Rows as a table for people, and as JSON for programs.
#include "report.h"

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace handfast::bench {
namespace {

using nlohmann::ordered_json;

std::optional<double> ratio(const Row& row) {
  if (!row.us || !row.floor_us || *row.floor_us == 0) return std::nullopt;
  return *row.us / *row.floor_us;
}

/// GB/s of a record that is moved in `us`.
std::optional<double> rate(const Row& row) {
  if (!row.us || !row.bytes || *row.us == 0) return std::nullopt;
  return *row.bytes / *row.us * 1e-3;
}

/// To the nanosecond: more digits would say nothing.
ordered_json json(const std::optional<double>& number) {
  return number ? ordered_json(std::round(*number * 1000) / 1000) : ordered_json();
}

std::string cell(const std::optional<double>& number, int digits) {
  return number ? fmt::format("{:.{}f}", *number, digits) : std::string();
}

/// Time is told in microseconds and, for bulk, as a rate; memory in bytes.
void print_row(std::FILE* out, const Row& row) {
  const bool is_memory = !row.us;
  fmt::print(out, "{:<27} {:<8} {:<10} {:>8} {:>8} {:>7} {:>7} {:>7} {:>7}\n", row.name, row.side, row.implementation,
             cell(row.us, 2), cell(row.over_floor_us, 2), cell(ratio(row), 2),
             row.spread ? fmt::format("{:.1f} %", *row.spread * 100) : "", cell(rate(row), 2),
             is_memory ? cell(row.bytes, 0) : "");
}

}  // namespace

void print_table(std::FILE* out, const Rows& rows) {
  fmt::print(out, "{:<27} {:<8} {:<10} {:>8} {:>8} {:>7} {:>7} {:>7} {:>7}\n", "case", "side", "by", "CPU us",
             "- floor", "/ floor", "spread", "GB/s", "heap B");
  std::string_view group;
  for (const Row& row : rows) {
    if (row.name != group) fmt::print(out, "\n");
    group = row.name;
    print_row(out, row);
  }
}

void print_json(std::FILE* out, const Rows& rows) {
  ordered_json all = ordered_json::array();
  for (const Row& row : rows)
    all.push_back({{"case", row.name},
                   {"side", row.side},
                   {"implementation", row.implementation},
                   {"us", json(row.us)},
                   {"floor_us", json(row.floor_us)},
                   {"ratio", json(ratio(row))},
                   {"over_floor_us", json(row.over_floor_us)},
                   {"spread", json(row.spread)},
                   {"bytes", json(row.bytes)},
                   {"gb_per_s", json(rate(row))}});
  fmt::print(out, "{}\n", all.dump(1));
}

}  // namespace handfast::bench
