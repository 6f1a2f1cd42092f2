#include <handfast/error.h>

#include <gtest/gtest.h>

namespace handfast::test {
namespace {

TEST(Error, IsAnAlertAndAReason) {
  const Error error(Alert::decrypt_error, Reason::bad_finished);
  EXPECT_EQ(error.alert(), Alert::decrypt_error);
  EXPECT_EQ(error.reason(), Reason::bad_finished);
  EXPECT_TRUE(error.evidence().empty());
  EXPECT_EQ(error.find("expected"), nullptr);
  EXPECT_EQ(error.message(), "Finished does not verify");
}

TEST(Error, CarriesEvidence) {
  const Error error = Error(Alert::bad_certificate, Reason::name_mismatch)
                          .with("expected", "example.com")
                          .with("found", std::vector<std::string>{"a.example", "b.example"})
                          .with("index", std::int64_t{-3})
                          .with("bytes", Buffer{0x00, 0xc0, 0xff});
  ASSERT_EQ(error.evidence().size(), 4u);
  EXPECT_EQ(std::get<std::string>(*error.find("expected")), "example.com");
  EXPECT_EQ(to_text(*error.find("found")), "a.example, b.example");
  EXPECT_EQ(to_text(*error.find("index")), "-3");
  EXPECT_EQ(to_text(*error.find("bytes")), "00c0ff");
  EXPECT_EQ(error.find("other"), nullptr);
  EXPECT_EQ(error.message(),
            "name mismatch (expected: example.com; found: a.example, b.example; index: -3; bytes: 00c0ff)");
}

TEST(Error, CopiesShareWhatTheyHave) {
  const Error error = Error(Alert::internal_error, Reason::internal_error).with("operation", "sign");
  const std::vector<Error> copies(2, error);
  EXPECT_EQ(copies.front().find("operation"), copies.back().find("operation"));
}

TEST(Result, IsAValueOrAnError) {
  const auto half = [](int value) -> Result<int> {
    if (value % 2 != 0) return fail(Alert::illegal_parameter, Reason::decode_error);
    return value / 2;
  };
  EXPECT_EQ(half(4), 2);
  ASSERT_FALSE(half(3));
  EXPECT_EQ(half(3).error().alert(), Alert::illegal_parameter);
  const Result<int> passed_on = fail(half(3).error());
  EXPECT_EQ(passed_on.error().reason(), Reason::decode_error);
}

}  // namespace
}  // namespace handfast::test
