// How --help is set: two columns on 80.
#pragma once

#include <memory>

namespace CLI {
class FormatterBase;
}

namespace handfast::cli {

/// For CLI::App::formatter; subcommands inherit it.
std::shared_ptr<CLI::FormatterBase> make_help_formatter();

}  // namespace handfast::cli
