// The key log file (RFC 9850): its lines, its mode, several writers.
#include <handfast/trace.h>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/hex.h"
#include "support/temporary_folder.h"

namespace handfast::test {
namespace {

class KeyLogFile : public testing::Test, public TemporaryFolder {
 protected:
  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string path_ = (folder() / "keys.log").string();
};

TEST_F(KeyLogFile, WritesALineASecret) {
  const auto log = key_log_file(path_);
  ASSERT_TRUE(log);
  (*log)->log("CLIENT_RANDOM_LABEL", from_hex("00ff"), from_hex("0a0b0c"));
  (*log)->log("EXPORTER_SECRET", from_hex("01"), from_hex("02"));
  EXPECT_EQ(text(), "CLIENT_RANDOM_LABEL 00ff 0a0b0c\nEXPORTER_SECRET 01 02\n");
}

TEST_F(KeyLogFile, IsForItsOwnerAlone) {
  const mode_t before = ::umask(0);
  const auto log = key_log_file(path_);
  ::umask(before);
  ASSERT_TRUE(log);
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(KeyLogFile, KeepsWhatIsThere) {
  std::ofstream(path_) << "# of another program\n";
  const auto log = key_log_file(path_);
  ASSERT_TRUE(log);
  (*log)->log("L", from_hex("01"), from_hex("02"));
  EXPECT_EQ(text(), "# of another program\nL 01 02\n");
}

TEST_F(KeyLogFile, LinesOfTwoWritersDoNotMix) {
  const auto write = [&](const std::string& label) {
    const auto log = key_log_file(path_);
    ASSERT_TRUE(log);
    for (int i = 0; i < 500; ++i) (*log)->log(label, Buffer(32, 0x11), Buffer(48, 0x22));
  };
  std::thread one(write, "ONE");
  std::thread two(write, "TWO");
  one.join();
  two.join();
  const std::string rest = " " + to_hex(Buffer(32, 0x11)) + " " + to_hex(Buffer(48, 0x22));
  std::istringstream lines(text());
  int ones = 0, twos = 0;
  for (std::string line; std::getline(lines, line);) {
    ones += line == "ONE" + rest;
    twos += line == "TWO" + rest;
  }
  EXPECT_EQ(ones, 500);
  EXPECT_EQ(twos, 500);
}

TEST_F(KeyLogFile, PathThatCanNotBeWritten) {
  for (const std::string& path : {(folder() / "missing" / "keys.log").string(), folder().string(), std::string()}) {
    const auto log = key_log_file(path);
    ASSERT_FALSE(log) << path;
    EXPECT_EQ(log.error().reason(), Reason::file_not_readable);
    ASSERT_NE(log.error().find("path"), nullptr);
    EXPECT_EQ(to_text(*log.error().find("path")), path);
    EXPECT_NE(log.error().find("error"), nullptr);
  }
}

}  // namespace
}  // namespace handfast::test
