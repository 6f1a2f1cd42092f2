// Distinguished names: as text, and compared.
#include "x509/name.h"

#include <gtest/gtest.h>

#include "x509/der_writer.h"
#include "x509/oid.h"

namespace handfast::x509 {
namespace {

using der::Tag;

struct Value {
  Bytes type;
  std::string text;
  Tag tag = Tag::utf8_string;
};

/// Every inner list is one RDN.
Buffer name_of(const std::vector<std::vector<Value>>& rdns) {
  Buffer der;
  der::Writer w(der);
  w.within(Tag::sequence, [&] {
    for (const std::vector<Value>& rdn : rdns)
      w.within(Tag::set, [&] {
        for (const Value& value : rdn)
          w.within(Tag::sequence, [&] {
            w.element(Tag::object_identifier, value.type);
            w.text(value.tag, value.text);
          });
      });
  });
  return der;
}
Buffer common_name(std::string text, Tag tag = Tag::utf8_string) { return name_of({{{oid::commonName, text, tag}}}); }

TEST(Name, AsText) {
  EXPECT_EQ(name_text(name_of({{{oid::countryName, "DE", Tag::printable_string}},
                               {{oid::organizationName, "A, B"}},
                               {{oid::commonName, "example.com"}, {oid::userId, "x"}}})),
            "C=DE, O=A\\, B, CN=example.com+UID=x");
  EXPECT_EQ(name_text(name_of({})), "");
  EXPECT_EQ(name_text(common_name("b\xc3\xbc"
                                  "cher")),
            "CN=b\xc3\xbc"
            "cher");
  EXPECT_EQ(name_text(common_name("b\xfc"
                                  "cher",
                                  Tag::teletex_string)),
            "CN=b\xc3\xbc"
            "cher");
  EXPECT_EQ(name_text(common_name(std::string("\0b\0\xfc", 4), Tag::bmp_string)), "CN=b\xc3\xbc");
  EXPECT_EQ(name_text(name_of({{{oid::tlsFeature, "x"}}})), "1.3.6.1.5.5.7.1.24=x");
}

TEST(Name, EachStringIsReadByItsType) {
  const std::string wide("\0a\x72\x6f\x6f\x74", 6);
  const std::string root("\0\0\0r\0\0\0o\0\0\0o\0\0\0t", 16);
  struct Row {
    std::string octets;
    Tag tag;
    std::string text;
  };
  const Row rows[] = {
      {"root", Tag::utf8_string, "root"},
      {"root", Tag::printable_string, "root"},
      {"root", Tag::ia5_string, "root"},
      {"root", Tag::visible_string, "root"},
      {"42", Tag::numeric_string, "42"},
      {"root", Tag::teletex_string, "root"},
      {root, Tag::universal_string, "root"},
      {wide, Tag::bmp_string, "a\u726f\u6f74"},
      {std::string("\0\x01\xf6\0", 4), Tag::universal_string, "\U0001f600"},
      {"", Tag::utf8_string, ""},
      {"", Tag::bmp_string, ""},
  };
  for (const Row& row : rows) {
    const Buffer name = common_name(row.octets, row.tag);
    EXPECT_EQ(attribute_texts(name, oid::commonName), std::vector<std::string>{row.text});
    EXPECT_EQ(name_text(name), "CN=" + row.text);
  }
}

/// RFC 4514, section 2.4: so that no other value reads like it.
TEST(Name, WhatIsNoTextByItsTypeIsHexadecimal) {
  struct Row {
    std::string octets;
    Tag tag;
    const char* text;
  };
  const Row rows[] = {
      {"\xff\xc3", Tag::utf8_string, "#0C02FFC3"},
      {"\xc0\xaf", Tag::utf8_string, "#0C02C0AF"},        // overlong
      {"\xed\xa0\x80", Tag::utf8_string, "#0C03EDA080"},  // a surrogate
      {"b\xfc", Tag::printable_string, "#130262FC"},
      {"b\xfc", Tag::ia5_string, "#160262FC"},
      {"b\xfc", Tag::visible_string, "#1A0262FC"},
      {"b\xfc", Tag::numeric_string, "#120262FC"},
      {"odd", Tag::bmp_string, "#1E036F6464"},
      {std::string("\xd8\0\xdc\0", 4), Tag::bmp_string, "#1E04D800DC00"},
      {"root", Tag::universal_string, "#1C04726F6F74"},
      {std::string("\0\x11\0\0", 4), Tag::universal_string, "#1C0400110000"},
      {"root", Tag::octet_string, "#0404726F6F74"},
      {"root", Tag::sequence, "#3004726F6F74"},
      {"root", der::context(0), "#8004726F6F74"},
  };
  for (const Row& row : rows) {
    const Buffer name = common_name(row.octets, row.tag);
    EXPECT_EQ(attribute_texts(name, oid::commonName), std::vector<std::string>{""}) << row.text;
    EXPECT_EQ(name_text(name), std::string("CN=") + row.text);
  }
  EXPECT_EQ(name_text(common_name("#0404726F6F74")), "CN=\\#0404726F6F74");
  EXPECT_LT(name_text(common_name(std::string(100'000, 'a'), Tag::octet_string)).size(), 1000u);
}

TEST(Name, ControlCharactersAreEscaped) {
  EXPECT_EQ(name_text(common_name("a\x1b[31m\n")), "CN=a\\1B[31m\\0A");
  EXPECT_EQ(name_text(common_name(std::string("a\0b", 3))), "CN=a\\00b");
  EXPECT_EQ(name_text(common_name("\xc2\x9b")), "CN=\\C2\\9B");  // one beyond ASCII
  EXPECT_EQ(name_text(common_name(" #x ")), "CN=\\ #x\\ ");
  EXPECT_EQ(name_text(common_name("#x")), "CN=\\#x");
  EXPECT_LT(name_text(common_name(std::string(100'000, 'a'))).size(), 1000u);
}

TEST(Name, Comparison) {
  struct Row {
    Buffer a;
    Buffer b;
    bool equal;
  };
  const Row rows[] = {
      {common_name("Good CA"), common_name("Good CA"), true},
      {common_name("Good CA"), common_name("good  ca ", Tag::printable_string), true},
      {common_name("Good CA"), common_name("GoodCA"), false},
      {common_name("Good CA"), common_name("Good CB"), false},
      {common_name("Good CA"), common_name("Good CA", Tag::teletex_string), false},
      {common_name("Good"), name_of({{{oid::organizationName, "Good"}}}), false},
      {common_name("Good"), name_of({{{oid::commonName, "Good"}}, {{oid::commonName, "Good"}}}), false},
      {name_of({{{oid::commonName, "a"}}, {{oid::commonName, "b"}}}),
       name_of({{{oid::commonName, "a"}, {oid::commonName, "b"}}}), false},
      {name_of({}), name_of({}), true},
      {name_of({}), common_name(""), false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(equal_names(row.a, row.b), row.equal) << name_text(row.a) << " and " << name_text(row.b);
    EXPECT_EQ(equal_names(row.b, row.a), row.equal);
    if (row.equal) {
      EXPECT_EQ(hash_name(row.a), hash_name(row.b));
    }
  }
}

TEST(Name, Subtrees) {
  using enum Within;
  const Value country{oid::countryName, "US", Tag::printable_string};
  const Value organisation{oid::organizationName, "Test"};
  const Value unit{oid::organizationalUnitName, "Unit"};
  const Value person{oid::commonName, "Alice"};
  auto organised = [](std::string text, Tag tag = Tag::utf8_string) {
    return std::vector<Value>{{oid::organizationName, std::move(text), tag}};
  };
  const std::string wide("\0T\0e\0s\0t", 8);
  struct Row {
    std::vector<std::vector<Value>> name;
    std::vector<std::vector<Value>> base;
    Within within;
  };
  const Row rows[] = {
      {{{country}, {organisation}, {person}}, {{country}, {organisation}}, yes},
      {{{country}, {organisation}}, {{country}, {organisation}}, yes},
      {{{country}, {organisation}}, {}, yes},
      {{}, {}, yes},
      {{}, {{country}}, no},
      {{{country}}, {{country}, {organisation}}, no},
      {{{organisation}, {country}}, {{country}, {organisation}}, no},
      {{organised("tEST ", Tag::printable_string)}, {{organisation}}, yes},
      {{organised("Test2")}, {{organisation}}, no},
      {{organised("Tes")}, {{organisation}}, no},
      {{organised("Te st")}, {{organisation}}, no},

      // One RDN of two attributes is neither two RDNs nor one of them; in which order they stand is all the same.
      {{{country}, {organisation, person}}, {{country}, {organisation}}, no},
      {{{organisation, person}}, {{organisation}, {person}}, no},
      {{{organisation, unit}, {person}}, {{organisation, unit}}, yes},
      {{{unit, organisation}, {person}}, {{organisation, unit}}, yes},
      {{{unit, person}}, {{organisation, unit}}, no},
      {{{organisation, organisation}}, {{organisation, unit}}, no},
      {{{organisation, unit}}, {{organisation, organisation}}, no},
      {{{person, {oid::organizationName, wide, Tag::bmp_string}}}, {{organisation, person}}, unknown},
      {{{unit, {oid::organizationName, wide, Tag::bmp_string}}}, {{organisation, person}}, no},
      {{std::vector(17, person)}, {std::vector(17, person)}, yes},
      {{std::vector(17, person)}, {std::vector(17, unit)}, unknown},
      {{std::vector(16, person)}, {std::vector(16, unit)}, no},

      // Other string types may say the same; another type of attribute does not.
      {{organised(wide, Tag::bmp_string)}, {{organisation}}, unknown},
      {{organised("Test", Tag::teletex_string)}, {{organisation}}, unknown},
      {{organised("Test", Tag::universal_string)}, {{organisation}}, unknown},
      {{organised("Test")}, {organised(wide, Tag::bmp_string)}, unknown},
      {{organised(wide, Tag::bmp_string), {person}}, {organised(wide, Tag::bmp_string)}, yes},
      {{{{oid::commonName, wide, Tag::bmp_string}}}, {{organisation}}, no},
      {{{country}, organised(wide, Tag::bmp_string)}, {{organisation}, {organisation}}, no},
      {{organised(wide, Tag::bmp_string), {person}}, {{organisation}, {unit}}, no},
      {{organised(wide, Tag::bmp_string)}, {{organisation}, {unit}}, no},

      // Beyond ASCII, case and composition are not looked into: "\u00fc" and "\u00dc"; a zero width space.
      {{organised("M\xc3\xbcller")}, {organised("M\xc3\xbcller")}, yes},
      {{organised("M\xc3\x9cLLER")}, {organised("M\xc3\xbcller")}, unknown},
      {{organised("Mu\xcc\x88ller")}, {organised("M\xc3\xbcller")}, unknown},
      {{organised("Maier")}, {organised("M\xc3\xbcller")}, unknown},
      {{organised("Schmidt")}, {organised("M\xc3\xbcller")}, no},
      {{organised("Te\xe2\x80\x8bst")}, {{organisation}}, unknown},
      {{organised("Test \xe2\x80\x8b")}, {{organisation}}, unknown},
      {{organised("Te\x01st")}, {{organisation}}, unknown},
      {{organised("Toast \xe2\x80\x8b")}, {{organisation}}, no},
  };
  for (const Row& row : rows) {
    std::size_t budget = 1'000;
    EXPECT_EQ(name_within(name_of(row.name), name_of(row.base), budget), row.within) << &row - rows;
    EXPECT_GT(budget, 0u);
  }
}

TEST(Name, WhatASetCostsIsCounted) {
  std::vector<Value> some, others;
  for (const char letter : std::string_view("abcdefghijklmnop")) {
    some.push_back({oid::organizationName, std::string(1, letter)});
    others.push_back({oid::organizationName, "\xc3\xa4" + std::string(1, letter)});
  }
  const Buffer name = name_of({some});
  const Buffer base = name_of({others});
  std::size_t budget = 1'000;
  EXPECT_EQ(name_within(name, base, budget), Within::unknown);
  EXPECT_EQ(budget, 1'000 - 2 * 16 - 2 * 16 * 16);
  budget = 2 * 16 + 2 * 16 * 16 - 1;
  EXPECT_EQ(name_within(name, base, budget), Within::unknown);
  EXPECT_EQ(budget, 0u);
  budget = 1;
  EXPECT_EQ(name_within(name, name, budget), Within::yes);
  EXPECT_EQ(name_within(name, name, budget), Within::unknown);
}

TEST(Name, WhatIsNone) {
  Buffer good = common_name("x");
  EXPECT_TRUE(is_name(good));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(is_name(Bytes(good).first(size)));
  Buffer empty_set = {0x30, 0x02, 0x31, 0x00};
  EXPECT_FALSE(is_name(empty_set));
  Buffer trailing = good;
  trailing.push_back(0);
  EXPECT_FALSE(is_name(trailing));
}

}  // namespace
}  // namespace handfast::x509
