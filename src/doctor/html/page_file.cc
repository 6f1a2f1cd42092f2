#include "doctor/html/page_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <unistd.h>

#include "base/replace_file.h"

namespace handfast::doctor {
namespace {

namespace fs = std::filesystem;

/// What a link leads to is the file. Gives why no page can be written there; empty: `file` is where.
std::string find_target(const std::string& path, fs::path& file) {
  std::error_code error;
  file = fs::is_symlink(path, error) ? fs::canonical(path, error) : fs::path(path);
  if (file.empty()) return "it is a link, and " + error.message();
  if (fs::exists(file, error) && !fs::is_regular_file(file, error)) return "it is no plain file";
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  return ::access(folder.c_str(), W_OK | X_OK) == 0 ? std::string() : std::strerror(errno);
}

}  // namespace

Result<void> check_page_file(const std::string& path) {
  fs::path file;
  std::string problem = find_target(path, file);
  if (problem.empty()) return {};
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "--html")
                  .with("problem", "the page can't be written to " + path)
                  .with("value", std::move(problem))
                  .with("remedy", "Name a file in a folder of your own; it need not be there yet."));
}

std::string write_page_file(const std::string& path, const std::string& page, Secrets secrets) {
  fs::path file;
  if (std::string problem = find_target(path, file); !problem.empty()) return problem;
  return base::replace_file(file, page,
                            secrets == Secrets::shown ? base::FileAccess::owner : base::FileAccess::as_before);
}

Verdict judge_page(const std::string& path, const std::string& problem) {
  Verdict v;
  v.exit_code = ExitCode::internal;
  v.set(Finding::page_not_saved);
  v.summary = "The handshake is fine, but the page of it can't be written to " + printable_utf8(path) + ".";
  v.found = printable_utf8(problem);
  v.expected = "a file that can be written";
  v.advice = {"See that its folder can be written and its disk has room, or name a file elsewhere with --html."};
  return v;
}

}  // namespace handfast::doctor
