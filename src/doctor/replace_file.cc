#include "doctor/replace_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/descriptor.h"

namespace handfast::doctor {
namespace {

bool take_over(int file, const std::string& old) {
  struct stat status{};
  if (::stat(old.c_str(), &status) != 0) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return ::fchmod(file, 0666 & ~mask) == 0;
  }
  const bool is_ours =
      ::fchown(file, status.st_uid, status.st_gid) == 0 || ::fchown(file, static_cast<uid_t>(-1), status.st_gid) == 0;
  // A group that could not be kept shall not pass its rights on to ours.
  return ::fchmod(file, status.st_mode & (is_ours ? 0777 : 0707)) == 0;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string replace_file(const std::string& path, std::string_view text, FileAccess access) {
  std::string temporary = path + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return std::strerror(errno);
  const bool good = (access == FileAccess::owner || take_over(file.get(), path)) && write_all(file.get(), text) &&
                    ::fsync(file.get()) == 0 && file.close() && std::rename(temporary.c_str(), path.c_str()) == 0;
  if (good) return {};
  const int error = errno;
  ::unlink(temporary.c_str());
  return std::strerror(error);
}

}  // namespace handfast::doctor
