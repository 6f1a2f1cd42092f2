// The folder of test vectors, and the files in it as bytes or text.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <handfast/bytes.h>

namespace handfast::test {

/// The folder that HANDFAST_VECTORS names; empty where there is none.
inline std::filesystem::path vectors() {
  const char* folder = std::getenv("HANDFAST_VECTORS");
  if (folder == nullptr || !std::filesystem::is_directory(folder)) return {};
  return folder;
}

/// A fixture for tests that need the vectors: they are skipped, aloud, where the folder is missing. A file that is
/// missing from a folder that is there is an error.
class VectorTest : public testing::Test {
 protected:
  void SetUp() override {
    if (vectors().empty()) GTEST_SKIP() << "skipped: HANDFAST_VECTORS names no folder of test vectors";
  }
};

/// The whole of a file below the folder of vectors. Throws std::runtime_error where it can't be read.
inline std::string read_text(const std::filesystem::path& below) {
  std::ifstream file(vectors() / below, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::runtime_error("cannot read " + below.string());
  return text;
}

inline Buffer read_bytes(const std::filesystem::path& below) {
  std::string text = read_text(below);
  return {text.begin(), text.end()};
}

}  // namespace handfast::test
