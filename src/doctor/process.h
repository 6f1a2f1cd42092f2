// Other programs, run for a while and always reaped; folders that vanish.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/descriptor.h"

namespace handfast::doctor {

/// Whether a program of that name is found on PATH.
bool is_installed(std::string_view program);

/// A child process whose standard output and error are read here together; its input is /dev/null. Destroying it kills
/// it, if it still runs, and reaps it.
class Child {
 public:
  /// `arguments`: the program, found on PATH, and what it is told. Nothing where it can't be started.
  static std::optional<Child> start(const std::vector<std::string>& arguments);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  /// Reads until a line begins with `prefix` and gives the rest of that line; nothing where the child ends or the time
  /// is over before.
  std::optional<std::string> wait_for_line(std::string_view prefix, std::chrono::milliseconds timeout);
  /// Reads to its end. Gives its exit status; nothing where the time is over before or a signal ended it.
  std::optional<int> wait(std::chrono::milliseconds timeout);
  /// All that it wrote so far, up to 1 MiB.
  const std::string& output() const noexcept { return output_; }

 private:
  Child(pid_t pid, base::Descriptor output) noexcept : pid_(pid), descriptor_(std::move(output)) {}
  /// Reads once; false at the end or when `deadline` has passed.
  bool read_more(std::chrono::steady_clock::time_point deadline);

  pid_t pid_;  ///< -1: reaped
  base::Descriptor descriptor_;
  std::string output_;
};

/// A new folder under the system's place for such, only for this user, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();  ///< throws std::system_error where there is no room
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes a file into it and gives its path; throws std::system_error.
  std::string write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

}  // namespace handfast::doctor
