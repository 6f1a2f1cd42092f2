#include "cli/standard_input.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <sys/stat.h>
#include <unistd.h>

namespace handfast::cli {

bool input_is_piped() {
  struct stat status{};
  return fstat(STDIN_FILENO, &status) == 0 &&
         (S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode));
}

std::string read_standard_input(std::size_t limit) {
  std::string out;
  std::array<char, 4096> piece;
  // Not to its end: there may be none.
  for (std::size_t size = 0; out.size() < limit && (size = std::fread(piece.data(), 1, piece.size(), stdin)) != 0;)
    out.append(piece.data(), std::min(size, limit - out.size()));
  return out;
}

}  // namespace handfast::cli
