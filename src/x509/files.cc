#include "x509/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace handfast::x509 {

namespace fs = std::filesystem;

Error unreadable(const fs::path& path, std::string error) {
  return Error(Alert::internal_error, Reason::file_not_readable)
      .with("path", path.string())
      .with("error", std::move(error));
}

Result<Buffer> read_file(const fs::path& path, std::size_t limit) {
  const Error too_long = unreadable(path, fmt::format("longer than {} MiB", limit >> 20));
  std::error_code unknown;  // of what is no regular file
  const std::uintmax_t size = fs::file_size(path, unknown);
  if (!unknown && size > limit) return fail(too_long);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(unreadable(path, std::strerror(errno)));
  Buffer bytes;
  if (!unknown) bytes.reserve(static_cast<std::size_t>(size));
  for (char block[64 << 10]; file.read(block, sizeof block), file.gcount() > 0 && bytes.size() <= limit;)
    bytes.insert(bytes.end(), block, block + file.gcount());
  if (file.bad()) return fail(unreadable(path, std::strerror(errno)));
  if (bytes.size() > limit) return fail(too_long);
  return bytes;
}

Result<std::vector<fs::path>> files_in(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;  // a link to nowhere is no file
    if (entry->is_regular_file(ignored)) files.push_back(entry->path());
  }
  if (error) return fail(unreadable(directory, error.message()));
  std::ranges::sort(files);
  return files;
}

}  // namespace handfast::x509
