#include "cli/help.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <string>

#include "doctor/style.h"

namespace handfast::cli {
namespace {

constexpr std::size_t width = 80;
constexpr std::size_t name_width = 26;

/// `name`, and `text` behind it, wrapped; on a line of its own where the name is too long.
std::string two_columns(const std::string& name, const std::string& text) {
  std::string out = "  " + name;
  bool same_line = out.size() + 2 <= name_width;
  for (const std::string& line : doctor::wrap(text, width - name_width)) {
    out += same_line ? std::string(name_width - name.size() - 2, ' ') : '\n' + std::string(name_width, ' ');
    out += line;
    same_line = false;
  }
  return out + '\n';
}

class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    const std::string type = option->get_type_name();
    std::string name = is_positional ? type : option->get_name(false, true);
    for (std::size_t at = 0; (at = name.find(',', at)) != std::string::npos; at += 2) name.insert(at + 1, " ");
    if (!is_positional && option->get_items_expected_max() != 0) name += ' ' + type;
    std::string text = option->get_description();
    if (!option->get_default_str().empty()) text += fmt::format(" (default: {})", option->get_default_str());
    return two_columns(name, text);
  }
  std::string make_subcommand(const CLI::App* subcommand) const override {
    return two_columns(subcommand->get_name(), subcommand->get_description());
  }
  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string out = "Usage: " + name;
    for (const CLI::Option* positional :
         app->get_options([](const CLI::Option* option) { return option->get_positional(); }))
      out += ' ' + positional->get_type_name();
    out += app->get_subcommands({}).empty() ? " [OPTIONS]" : " COMMAND ...";
    return out + '\n';
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> make_help_formatter() { return std::make_shared<HelpFormatter>(); }

}  // namespace handfast::cli
