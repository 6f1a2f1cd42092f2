// Watch: a change is one when it stands still.
#include "proxy/watch.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace handfast::test {
namespace {

using proxy::Watch;

class WatchTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "watch_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path file(const char* name) const { return folder_ / name; }
  static void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }
  std::filesystem::path folder_;
};

TEST_F(WatchTest, WaitsUntilAFileStandsStill) {
  write(file("cert"), "one");
  Watch watch({file("cert")});
  EXPECT_FALSE(watch.has_changed());
  write(file("cert"), "two, ha");
  EXPECT_FALSE(watch.has_changed());
  write(file("cert"), "two, half-written no more");
  EXPECT_FALSE(watch.has_changed());
  EXPECT_TRUE(watch.has_changed());
  EXPECT_TRUE(watch.has_changed());
  watch = Watch({file("cert")}, watch);
  EXPECT_FALSE(watch.has_changed());
}

TEST_F(WatchTest, SeesFilesMovedIntoPlaceGoneAndComing) {
  write(file("cert"), "same");
  Watch watch({file("cert"), file("key")});
  write(file("new"), "same");
  std::filesystem::rename(file("new"), file("cert"));
  watch.has_changed();
  EXPECT_TRUE(watch.has_changed());
  watch = Watch({file("cert"), file("key")}, watch);
  std::filesystem::remove(file("cert"));
  watch.has_changed();
  EXPECT_TRUE(watch.has_changed());
  watch = Watch({file("cert"), file("key")}, watch);
  write(file("key"), "");
  watch.has_changed();
  EXPECT_TRUE(watch.has_changed());
}

TEST_F(WatchTest, SeesWhatHasChangedWhileItWasRead) {
  write(file("cert"), "one");
  Watch before({file("cert")});
  write(file("cert"), "two, after it was read");
  write(file("key"), "new");
  Watch watch({file("key"), file("cert")}, before);
  EXPECT_TRUE(watch.has_changed());
  watch = Watch({file("key"), file("cert")}, watch);
  EXPECT_FALSE(watch.has_changed());
}

TEST_F(WatchTest, FollowsSymbolicLinks) {
  write(file("a"), "same");
  write(file("b"), "same");
  std::filesystem::create_symlink("a", file("live"));
  Watch watch({file("live")});
  std::filesystem::remove(file("live"));
  std::filesystem::create_symlink("b", file("live"));
  watch.has_changed();
  EXPECT_TRUE(watch.has_changed());
}

}  // namespace
}  // namespace handfast::test
