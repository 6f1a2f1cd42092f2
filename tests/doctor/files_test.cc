#include "http/static_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "doctor/idle_peer.h"
#include "doctor/process.h"

namespace handfast::http {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    fs::create_directories(root() / "folder");
    fs::create_directories(root() / "empty");
    fs::create_directories(root() / ".well-known");
    fs::create_directories(root() / ".git");
    put(root() / "index.html", "home");
    put(root() / "folder" / "index.html", "folder");
    put(root() / "a b.TXT", "blank");
    put(root() / "code.mjs", "code");
    put(root() / "data", "data");
    put(root() / ".secret", "secret");
    put(root() / ".git" / "config", "secret");
    put(root() / ".well-known" / "token", "token");
    put(folder_.path() / "outside.txt", "outside");
    fs::create_symlink(folder_.path() / "outside.txt", root() / "escape.txt");
    fs::create_directory_symlink(folder_.path(), root() / "up");
    fs::create_symlink("data", root() / "inside");
    // A neighbour whose name begins like the root's.
    fs::create_directories(folder_.path() / "site-private");
    put(folder_.path() / "site-private" / "x", "x");
  }

  fs::path root() const { return folder_.path() / "site"; }
  static void put(const fs::path& file, std::string_view content) { std::ofstream(file) << content; }

  Response get(std::string target, std::string method = "GET") const {
    const StaticFiles files = StaticFiles::open(root()).value();
    const Request request{std::move(method), std::move(target), {}, {}, peer_.peer};
    return files.answer(request);
  }
  static std::string field(const Response& response, std::string_view name) {
    for (const Field& field : response.fields)
      if (field.name == name) return field.value;
    return {};
  }

  doctor::TemporaryFolder folder_;
  test::IdlePeer peer_;
};

TEST_F(StaticFilesTest, ServesFilesWithTheirTypes) {
  const Response home = get("/");
  EXPECT_EQ(home.status, 200u);
  EXPECT_EQ(home.file, fs::canonical(root() / "index.html"));
  EXPECT_EQ(field(home, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(field(get("/a%20b.TXT"), "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(field(get("/code.mjs?v=1"), "Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(field(get("/data"), "Content-Type"), "application/octet-stream");
  EXPECT_EQ(field(get("/data"), "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(get("/folder/").file, fs::canonical(root() / "folder" / "index.html"));
  EXPECT_EQ(get("/.well-known/token").status, 200u);
  EXPECT_EQ(get("/inside").status, 200u);
}

TEST_F(StaticFilesTest, AFolderWithoutItsSlashIsSentOn) {
  const Response response = get("/folder?x");
  EXPECT_EQ(response.status, 301u);
  EXPECT_EQ(field(response, "Location"), "/folder/");
  EXPECT_EQ(field(get("//folder"), "Location"), "/folder/");
  EXPECT_EQ(get("/empty/").status, 404u);
  EXPECT_EQ(get("/data/").status, 404u);
}

TEST_F(StaticFilesTest, NothingOutsideIsReached) {
  for (const char* target : {"/../outside.txt",
                             "/folder/../../outside.txt",
                             "/%2e%2e/outside.txt",
                             "/%2E%2E%2Foutside.txt",
                             "/..%2foutside.txt",
                             "/folder/%2e%2e/%2e%2e/outside.txt",
                             "/./../outside.txt",
                             "//../outside.txt",
                             "/escape.txt",
                             "/up/outside.txt",
                             "/up/site-private/x",
                             "/../site-private/x",
                             "/../../../../../../etc/passwd",
                             "/%252e%252e/outside.txt",
                             "/..",
                             "/folder/..",
                             "/.secret",
                             "/.git/config",
                             "/.git/",
                             "/folder/../.secret",
                             "/missing"}) {
    const Response response = get(target);
    EXPECT_EQ(response.status, 404u) << target;
    EXPECT_TRUE(response.file.empty()) << target;
  }
}

TEST_F(StaticFilesTest, RefusesWhatIsNoPath) {
  for (const char* target : {"*", "folder", "https://localhost/", "/%", "/%4", "/%zz", "/a%00b", ""})
    EXPECT_EQ(get(target).status, 400u) << target;
}

TEST_F(StaticFilesTest, OnlyReads) {
  EXPECT_EQ(get("/", "HEAD").status, 200u);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const Response response = get("/", method);
    EXPECT_EQ(response.status, 405u) << method;
    EXPECT_EQ(field(response, "Allow"), "GET, HEAD");
  }
}

TEST_F(StaticFilesTest, OpensFoldersOnly) {
  for (const fs::path& path : {folder_.path() / "missing", root() / "data"}) {
    const auto files = StaticFiles::open(path);
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().reason(), Reason::file_not_readable);
  }
}

TEST(CanonicalPath, HoweverItIsWritten) {
  for (const char* target :
       {"/private/a", "/private/a?b", "//private//a", "/%70rivate/a", "/private/a/", "/private/%61#x"})
    EXPECT_EQ(canonical_path(target), "/private/a") << target;
  EXPECT_EQ(canonical_path("/"), "");
  EXPECT_EQ(canonical_path("/?x"), "");
  for (const char* target : {"", "private", "*", "/a/../b", "/a/./b", "/%2e%2e/a", "/a%00", "/a%2", "/..", "http://a/"})
    EXPECT_FALSE(canonical_path(target)) << target;
}

}  // namespace
}  // namespace handfast::http
