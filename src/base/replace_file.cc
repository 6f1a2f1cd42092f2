#include "base/replace_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"

namespace handfast::base {
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

/// A whole file under a name that nobody has, beside the one that it is for.
class Draft {
 public:
  explicit Draft(const std::string& path)
      : name_(path + ".XXXXXX"), file_(::mkostemp(name_.data(), O_CLOEXEC)), made_(file_.get() >= 0) {}
  ~Draft() {
    if (made_) ::unlink(name_.c_str());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  bool write(const std::string& path, std::string_view text, FileAccess access) {
    return made_ && (access == FileAccess::owner || take_over(file_.get(), path)) && write_all(file_.get(), text) &&
           ::fsync(file_.get()) == 0 && file_.close();
  }
  bool replace(const std::string& path) {
    made_ = std::rename(name_.c_str(), path.c_str()) != 0;
    return !made_;
  }
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
  Descriptor file_;
  bool made_;
};

}  // namespace

std::string replace_file(const std::string& path, std::string_view text, FileAccess access) {
  errno = 0;
  Draft draft(path);
  if (draft.write(path, text, access) && draft.replace(path)) return {};
  return std::strerror(errno);
}

std::error_code create_file(const std::string& path, std::string_view text, FileAccess access) {
  Draft draft(path);
  if (draft.write(path, text, access) && ::link(draft.name().c_str(), path.c_str()) == 0) return {};
  return {errno, std::generic_category()};
}

}  // namespace handfast::base
