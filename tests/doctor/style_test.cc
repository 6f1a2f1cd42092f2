#include "doctor/style.h"

#include <gtest/gtest.h>

namespace handfast::doctor {
namespace {

TEST(Style, PaintsOnlyWhereColourIsWanted) {
  EXPECT_EQ(Style{}.paint(Paint::red, "no"), "no");
  EXPECT_EQ((Style{80, true, true}.paint(Paint::red, "no")), "\x1b[31mno\x1b[0m");
  EXPECT_EQ((Style{80, true, true}.paint(Paint::plain, "no")), "no");
}

TEST(Style, APipeIsNeitherColouredNorWide) {
  const int null = ::fileno(std::tmpfile());
  const Style style = style_of(null);
  EXPECT_FALSE(style.colour);
  EXPECT_EQ(style.width, 80u);
}

TEST(Style, ColumnsAreCodePoints) {
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("├─▶ ü"), 5u);
}

TEST(Printable, KeepsWhatAPeerSaysFromTheTerminal) {
  EXPECT_EQ(printable("h2"), "h2");
  EXPECT_EQ(printable("\x1b]0;owned\x07"), "\\x1b]0;owned\\x07");
  EXPECT_EQ(printable("a\r\nb"), "a\\x0d\\x0ab");
  EXPECT_EQ(printable("\xc3\xbc"), "\\xc3\\xbc");
  EXPECT_EQ(printable(std::string(300, 'x')).size(), 259u);
}

TEST(Printable, Utf8KeepsLettersAndDropsControls) {
  EXPECT_EQ(printable_utf8("Zürich 東京"), "Zürich 東京");
  EXPECT_EQ(printable_utf8("a\xc2\x9b"
                           "31m"),
            "a\\xc2\\x9b31m");  // C1: CSI
  EXPECT_EQ(printable_utf8("a\xe2\x80\xae"
                           "b"),
            "a\\xe2\\x80\\xaeb");  // right-to-left override
  EXPECT_EQ(printable_lines("a\tb\r\n\n\x1b[31mc\rd"), "a\tb\n\n\\x1b[31mc\\x0dd");
  EXPECT_EQ(printable_lines(""), "");
  EXPECT_EQ(printable_utf8("\xc0\xaf"), "\\xc0\\xaf");                    // overlong
  EXPECT_EQ(printable_utf8("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
  EXPECT_EQ(printable_utf8("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // past U+10FFFF
  EXPECT_EQ(printable_utf8("\xe2\x80"), "\\xe2\\x80");                    // cut
  EXPECT_EQ(printable_utf8("\x80"), "\\x80");
}

TEST(ShellWord, QuotesWhatAShellWouldActUpon) {
  EXPECT_EQ(shell_word("-x.pem"), "./-x.pem");
  EXPECT_EQ(shell_word("dir/server-1.example.pem"), "dir/server-1.example.pem");
  EXPECT_EQ(shell_word("a b;id.pem"), "'a b;id.pem'");
  EXPECT_EQ(shell_word("$(id)`id`~*?\"\\"), "'$(id)`id`~*?\"\\'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word("Zürich"), "'Zürich'");
  EXPECT_EQ(shell_word("~root"), "'~root'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a\x1b"
                       "1'\\\xff"),
            "$'a\\0331\\047\\134\\377'");
}

TEST(Wrap, BreaksAtSpaces) {
  EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("  one   two ", 80), (std::vector<std::string>{"one two"}));
  EXPECT_TRUE(wrap("", 10).empty());
}

TEST(Wrap, CutsWhatIsLongerThanALine) {
  EXPECT_EQ(wrap("a bbbbbbbbbb c", 4), (std::vector<std::string>{"a", "bbbb", "bbbb", "bb c"}));
  EXPECT_EQ(wrap("üüüüü", 2), (std::vector<std::string>{"üü", "üü", "ü"}));
}

TEST(Paragraph, HangsBehindItsLabel) {
  const Style style{40, false, true};
  EXPECT_EQ(paragraph(style, "  found", "a text that is longer than one line can be", 10),
            "  found   a text that is longer than one\n"
            "          line can be\n");
  EXPECT_EQ(paragraph(style, "  found", "", 10), "");
}

}  // namespace
}  // namespace handfast::doctor
