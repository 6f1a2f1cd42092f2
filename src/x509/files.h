// Files that hold certificates and CRLs.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

namespace handfast::x509 {

/// Reason::file_not_readable, with evidence `path` and `error`.
Error unreadable(const std::filesystem::path& path, std::string error);

/// The whole file. Fails as `unreadable` says, and so where it is longer than `limit` octets, a multiple of a MiB.
Result<Buffer> read_file(const std::filesystem::path& path, std::size_t limit);

/// The regular files of a directory, in the order of their names.
Result<std::vector<std::filesystem::path>> files_in(const std::filesystem::path& directory);

}  // namespace handfast::x509
