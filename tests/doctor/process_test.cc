#include "doctor/process.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <cerrno>
#include <fstream>

namespace handfast::doctor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

TEST(Child, GivesItsOutputAndItsStatus) {
  auto child = Child::start({"sh", "-c", "echo out; echo err >&2; exit 7"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait(seconds(10)), 7);
  EXPECT_EQ(child->output(), "out\nerr\n");
  EXPECT_EQ(child->wait(seconds(10)), std::nullopt);
  EXPECT_FALSE(has_children());
}

TEST(Child, WaitsForALine) {
  auto child = Child::start({"sh", "-c", "echo one; echo ACCEPT 127.0.0.1:99; sleep 60"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait_for_line("ACCEPT ", seconds(10)), "127.0.0.1:99");
  EXPECT_EQ(child->wait_for_line("never", milliseconds(20)), std::nullopt);
}

TEST(Child, IsKilledAndReapedWhenItIsLetGo) {
  {
    auto child = Child::start({"sleep", "60"});
    ASSERT_TRUE(child);
    EXPECT_TRUE(has_children());
    EXPECT_EQ(child->wait(milliseconds(20)), std::nullopt);
  }
  EXPECT_FALSE(has_children());
}

TEST(Child, AProgramThatIsNotThereDoesNotStart) {
  EXPECT_FALSE(Child::start({"no-such-program-anywhere"}));
  EXPECT_FALSE(is_installed("no-such-program-anywhere"));
  EXPECT_TRUE(is_installed("sh"));
}

TEST(TemporaryFolder, VanishesWithItsFiles) {
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    const std::string file = folder.write("a", "content");
    std::ifstream in(file);
    std::string text;
    in >> text;
    EXPECT_EQ(text, "content");
    EXPECT_EQ(std::filesystem::status(path).permissions() & std::filesystem::perms::mask,
              std::filesystem::perms::owner_all);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace handfast::doctor
