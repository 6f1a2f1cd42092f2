// Files that are written at once or not at all.
#include "base/replace_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include <sys/stat.h>

#include "support/temporary_folder.h"

namespace handfast::base {
namespace {

namespace fs = std::filesystem;

class ReplaceFileTest : public testing::Test {
 protected:
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static mode_t mode_of(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_.folder()), {}); }
  std::string path() const { return (folder_.folder() / "file").string(); }
  test::TemporaryFolder folder_;
};

TEST_F(ReplaceFileTest, ReplacesWhatIsThere) {
  folder_.write("file", "old");
  EXPECT_EQ(replace_file(path(), "new", FileAccess::owner), "");
  EXPECT_EQ(read(path()), "new");
  EXPECT_EQ(mode_of(path()), 0600u);
  EXPECT_EQ(files(), 1);
}

TEST_F(ReplaceFileTest, CreatesWhatIsNotThere) {
  EXPECT_FALSE(create_file(path(), "new", FileAccess::owner));
  EXPECT_EQ(read(path()), "new");
  EXPECT_EQ(mode_of(path()), 0600u);
  EXPECT_EQ(files(), 1);
}

TEST_F(ReplaceFileTest, CreatesNothingInThePlaceOfAFile) {
  folder_.write("file", "old");
  EXPECT_EQ(create_file(path(), "new", FileAccess::as_before), std::errc::file_exists);
  EXPECT_EQ(read(path()), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(ReplaceFileTest, FollowsNoLinkToMakeAFile) {
  fs::create_symlink(folder_.folder() / "elsewhere", path());
  EXPECT_EQ(create_file(path(), "new", FileAccess::owner), std::errc::file_exists);
  EXPECT_FALSE(fs::exists(folder_.folder() / "elsewhere"));
}

TEST_F(ReplaceFileTest, TellsWhyItCannot) {
  const std::string nowhere = (folder_.folder() / "none" / "file").string();
  EXPECT_NE(replace_file(nowhere, "new", FileAccess::owner), "");
  EXPECT_EQ(create_file(nowhere, "new", FileAccess::owner), std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace handfast::base
