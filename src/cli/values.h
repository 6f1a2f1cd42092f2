// No value may be empty: a script whose variable is not set is told so, and does not lose what it asks for.
#pragma once

namespace CLI {
class App;
}

namespace handfast::cli {

/// Has every option and argument of `program` and its subcommands refuse an empty value; all of them are there by now.
void refuse_empty_values(CLI::App& program);

/// Throws CLI::ValidationError for "--option=" with nothing behind it, for which the next argument would be taken.
void check_arguments(int count, const char* const* arguments);

}  // namespace handfast::cli
