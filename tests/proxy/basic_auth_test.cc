// Basic authentication: which credentials are right, and which files say so.
#include "proxy/basic_auth.h"

#include <gtest/gtest.h>

#include <string>

#include "support/temporary_folder.h"
#include "x509/pem.h"

namespace handfast::test {
namespace {

using proxy::BasicAuth;

class BasicAuthTest : public ::testing::Test {
 protected:
  Result<std::shared_ptr<const BasicAuth>> load(std::string_view text) {
    return BasicAuth::load("auth-file", folder_.write("users", text));
  }
  std::shared_ptr<const BasicAuth> loaded(std::string_view text) {
    auto auth = load(text);
    EXPECT_TRUE(auth) << auth.error().message();
    return *auth;
  }
  TemporaryFolder folder_;
};

std::string field(std::string_view pair) { return "Basic " + x509::encode_base64(as_bytes(pair)); }

// Of "open sesame", as crypt(3) makes them.
constexpr const char* bcrypt = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";
constexpr const char* sha512 =
    "$6$saltsalt$e/5XKibXPLqVcfjpD.ouauaJrAOL5V0uo80Lt7n7EbRdRiCx3HbQ90yjOHr.G0T.mx79PEMRy8nmtr0qSYhQp1";

TEST_F(BasicAuthTest, UsersAndTheirPasswords) {
  const auto auth = loaded("# who may\nalice:open sesame\r\n\nbob:with:colon\nbücher:höchst geheim\n");
  EXPECT_EQ(auth->user_of(field("alice:open sesame")), "alice");
  EXPECT_EQ(auth->user_of(field("bob:with:colon")), "bob");
  EXPECT_EQ(auth->user_of(field("bücher:höchst geheim")), "bücher");
  EXPECT_EQ(auth->user_of("bAsIc   " + field("alice:open sesame").substr(6)), "alice");
  for (const char* pair :
       {"alice:open sesam", "alice:open sesame ", "alice:", "alice", "Alice:open sesame", "bob:open sesame",
        "carol:open sesame", ":open sesame", "", ":", "bob:with", "# who may", "alice:open sesame\n"})
    EXPECT_FALSE(auth->user_of(field(pair))) << pair;
  EXPECT_FALSE(auth->user_of(field(std::string_view("alice:open sesame\0", 18))));
}

TEST_F(BasicAuthTest, FieldsThatAreNone) {
  const auto auth = loaded("alice:open sesame\n");
  const std::string good = field("alice:open sesame");
  for (const std::string& text :
       {std::string(), std::string("Basic"), std::string("Basic "), good.substr(6), "Bearer " + good.substr(6),
        "Basic\t" + good.substr(6), "Basic" + good.substr(6), good + " ", good + "=", good.substr(0, good.size() - 1),
        " " + good, good + ", Basic x", std::string("Basic a:b")})
    EXPECT_FALSE(auth->user_of(text)) << text;
}

TEST_F(BasicAuthTest, LongFieldsAreWrong) {
  const std::string longest(1530 - 6, 'x');
  const auto auth = loaded("alice:" + longest + "\nbob:" + longest + "xxxx\n");
  EXPECT_EQ(field("alice:" + longest).size(), 2046u);
  EXPECT_EQ(auth->user_of(field("alice:" + longest)), "alice");
  EXPECT_FALSE(auth->user_of(field("bob:" + longest + "xxxx")));
}

TEST_F(BasicAuthTest, Hashes) {
  const auto auth = loaded(std::string("alice:") + bcrypt + "\nbob:" + sha512 + "\ncarol:open sesame\n");
  for (const char* user : {"alice", "bob", "carol"}) {
    // The second time it is known already; a wrong one is not known by it.
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(auth->user_of(field(std::string(user) + ":open sesame")), user);
      EXPECT_FALSE(auth->user_of(field(std::string(user) + ":open sesame!")));
    }
  }
  EXPECT_FALSE(auth->user_of(field("dave:open sesame"))) << "whose hash is somebody else's";
  EXPECT_FALSE(auth->user_of(field(std::string("alice:") + bcrypt))) << "the hash is no password";
}

TEST_F(BasicAuthTest, FilesThatAreNone) {
  for (const char* text : {"", "\n\n", "# alice:open sesame\n", "alice\n", ":open sesame\n", "alice:\n",
                           "alice:a\nalice:b\n", "alice:$apr1$aaaaaaaa$bbbbbbbbbbbbbbbbbbbbbb\n", "alice:$money\n",
                           "alice:$6$\n", "alice:a\tb\n", "alice:$2b$04$short\n"}) {
    const auto auth = load(text);
    ASSERT_FALSE(auth) << text;
    EXPECT_EQ(auth.error().reason(), Reason::bad_config);
    EXPECT_EQ(handfast::to_text(*auth.error().find("option")), "auth-file");
    EXPECT_EQ(auth.error().message().find("sesame"), std::string::npos) << "what stands in the file is a secret";
  }
  EXPECT_EQ(BasicAuth::load("auth-file", folder_.folder() / "nowhere").error().reason(), Reason::file_not_readable);
}

TEST(BasicAuth, Challenge) {
  EXPECT_EQ(BasicAuth::challenge("handfast"), "Basic realm=\"handfast\", charset=\"UTF-8\"");
  EXPECT_EQ(BasicAuth::challenge("a \"b\\\r\nX: y"), "Basic realm=\"a \\\"b\\\\X: y\", charset=\"UTF-8\"");
}

}  // namespace
}  // namespace handfast::test
