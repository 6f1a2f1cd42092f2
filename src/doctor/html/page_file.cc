#include "doctor/html/page_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <unistd.h>

#include "doctor/replace_file.h"

namespace handfast::doctor {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> unusable(const std::string& path, std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "--html")
                  .with("problem", "the page can't be written to " + path + ": " + std::move(problem))
                  .with("remedy", "Name a file in a folder of your own; it need not be there yet."));
}

/// What a link leads to is the file.
Result<fs::path> target(const std::string& path) {
  std::error_code error;
  fs::path out = fs::is_symlink(path, error) ? fs::canonical(path, error) : fs::path(path);
  if (out.empty()) return unusable(path, "it is a link, and " + error.message());
  if (fs::exists(out, error) && !fs::is_regular_file(out, error)) return unusable(path, "it is no plain file");
  return out;
}

}  // namespace

Result<void> check_page_file(const std::string& path) {
  const Result<fs::path> file = target(path);
  if (!file) return fail(file.error());
  const fs::path folder = file->has_parent_path() ? file->parent_path() : fs::path(".");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return unusable(path, std::strerror(errno));
  return {};
}

Result<void> write_page_file(const std::string& path, const std::string& page, Secrets secrets) {
  const Result<fs::path> file = target(path);
  if (!file) return fail(file.error());
  const FileAccess access = secrets == Secrets::shown ? FileAccess::owner : FileAccess::as_before;
  if (std::string problem = replace_file(*file, page, access); !problem.empty()) return unusable(path, problem);
  return {};
}

}  // namespace handfast::doctor
