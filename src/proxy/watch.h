// Files that are watched for a change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace handfast::proxy {

/// Looks when it is asked to, so that nothing depends on how a file was changed: written over, moved into place, behind
/// a symbolic link that leads elsewhere now.
class Watch {
 public:
  /// As they are now is unchanged.
  explicit Watch(std::vector<std::filesystem::path> files);
  /// The same, but those that `before` has watched too are unchanged as they were at its last look: they were read
  /// since, and may have changed meanwhile.
  Watch(std::vector<std::filesystem::path> files, const Watch& before);
  /// Whether they have changed, and are as they were at the last look: half-written files are left alone until they
  /// stand still.
  bool has_changed();

 private:
  struct Stamp {
    std::int64_t modified = 0;  ///< nanoseconds
    std::int64_t size = -1;     ///< -1: it is not there
    std::uint64_t inode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  std::vector<Stamp> look() const;

  std::vector<std::filesystem::path> files_;
  std::vector<Stamp> seen_;
  std::vector<Stamp> accepted_;
};

}  // namespace handfast::proxy
