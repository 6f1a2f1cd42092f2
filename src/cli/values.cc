#include "cli/values.h"

#include <CLI/CLI.hpp>

#include <span>
#include <string>
#include <string_view>

namespace handfast::cli {
namespace {

constexpr const char* problem = "an empty value (is a variable not set?)";

std::string refuse_empty(const std::string& value) { return value.empty() ? problem : ""; }

}  // namespace

void refuse_empty_values(CLI::App& program) {
  for (CLI::Option* option : program.get_options({}))
    if (option->get_items_expected_max() > 0) option->check(refuse_empty);
  for (CLI::App* subcommand : program.get_subcommands({})) refuse_empty_values(*subcommand);
}

void check_arguments(int count, const char* const* arguments) {
  if (count < 1) return;  // a caller may leave out even the program's name
  for (const std::string_view argument : std::span(arguments, static_cast<std::size_t>(count)).subspan(1)) {
    if (argument == "--") return;
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1)
      throw CLI::ValidationError(std::string(argument.substr(0, argument.size() - 1)), problem);
  }
}

}  // namespace handfast::cli
