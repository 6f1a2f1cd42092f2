// A file written at once, or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace handfast::base {

/// Who may do what with the new file.
enum class FileAccess : std::uint8_t {
  owner,      ///< mode 0600
  as_before,  ///< mode and owner of the file that is replaced, as far as we may; of a new one the usual ones
};

/// Puts a new file in the place of that one, or of none. It is made under a name that nobody has (O_EXCL): no other
/// file is written to, and no link is followed. Gives why it could not, in words; empty: it did.
std::string replace_file(const std::string& path, std::string_view text, FileAccess access);

/// The same, but what is there already stays: then it gives std::errc::file_exists. The file has all of `text`, which
/// is on the disk, from the moment that it can be seen.
std::error_code create_file(const std::string& path, std::string_view text, FileAccess access);

}  // namespace handfast::base
