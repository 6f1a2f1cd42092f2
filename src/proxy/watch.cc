// Watch: by modification time, size and inode.
#include "proxy/watch.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace handfast::proxy {

Watch::Watch(std::vector<std::filesystem::path> files) : files_(std::move(files)), seen_(look()), accepted_(seen_) {}

Watch::Watch(std::vector<std::filesystem::path> files, const Watch& before) : Watch(std::move(files)) {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const auto known = std::ranges::find(before.files_, files_[i]);
    if (known != before.files_.end())
      accepted_[i] = before.seen_[static_cast<std::size_t>(known - before.files_.begin())];
  }
}

bool Watch::has_changed() {
  std::vector<Stamp> now = look();
  const bool still = now == seen_;
  seen_ = std::move(now);
  return still && seen_ != accepted_;
}

std::vector<Watch::Stamp> Watch::look() const {
  std::vector<Stamp> stamps;
  for (const std::filesystem::path& file : files_) {
    struct stat found{};
    Stamp& stamp = stamps.emplace_back();
    if (::stat(file.c_str(), &found) != 0) continue;
    stamp.modified = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
    stamp.size = found.st_size;
    stamp.inode = found.st_ino;
  }
  return stamps;
}

}  // namespace handfast::proxy
