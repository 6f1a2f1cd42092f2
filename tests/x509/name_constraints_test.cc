// Name constraints: which names lie in which subtree, and what a CA with constraints may certify.
#include "x509/name_constraints.h"

#include <algorithm>
#include <string>

#include "x509/der_writer.h"
#include "x509/oid.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

using der::Tag;

GeneralName general_name(GeneralNameType type, std::string_view text) { return {type, as_bytes(text)}; }

struct Row {
  std::string_view name;
  std::string_view subtree;
  Within wholly;
  Within partly;
};

void check(GeneralNameType type, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    GeneralName name = general_name(type, row.name);
    GeneralName subtree = general_name(type, row.subtree);
    std::size_t budget = 100;
    EXPECT_EQ(wholly_within(name, subtree, budget), row.wholly) << row.name << " in " << row.subtree;
    EXPECT_EQ(partly_within(name, subtree, budget), row.partly) << row.name << " partly in " << row.subtree;
  }
}

TEST(NameConstraints, HostNames) {
  using enum Within;
  check(GeneralNameType::dNSName, {
                                      {"example.com", "example.com", yes, yes},
                                      {"www.example.com", "example.com", yes, yes},
                                      {"WWW.example.COM", "Example.com", yes, yes},
                                      {"badexample.com", "example.com", no, no},
                                      {"com", "example.com", no, no},
                                      {"example.com", ".example.com", no, no},
                                      {"www.example.com", ".example.com", yes, yes},
                                      {"example.com", "", yes, yes},
                                      {"*.example.com", "example.com", yes, yes},
                                      {"*.example.com", ".example.com", yes, yes},
                                      {"*.example.com", "www.example.com", no, yes},
                                      {"*.example.com", "a.www.example.com", no, no},
                                      {"*.example.com", "www.example.org", no, no},
                                      {"*.com", "example.com", no, yes},
                                      {"exa mple.com", "example.com", unknown, unknown},
                                      {"example.com", "*.example.com", unknown, unknown},
                                      {"", "example.com", unknown, unknown},
                                  });
}

TEST(NameConstraints, Mailboxes) {
  using enum Within;
  check(GeneralNameType::rfc822Name, {
                                         {"alice@example.com", "alice@example.com", yes, yes},
                                         {"alice@EXAMPLE.com", "alice@example.com", yes, yes},
                                         {"Alice@example.com", "alice@example.com", no, no},
                                         {"alice@example.com", "example.com", yes, yes},
                                         {"alice@www.example.com", "example.com", no, no},
                                         {"alice@www.example.com", ".example.com", yes, yes},
                                         {"alice@example.com", ".example.com", no, no},
                                         {"alice", "example.com", unknown, unknown},
                                         {"@example.com", "example.com", unknown, unknown},
                                         {"\"a b\"@example.com", "example.com", unknown, unknown},
                                     });
}

TEST(NameConstraints, Uris) {
  using enum Within;
  check(GeneralNameType::uniformResourceIdentifier, {
                                                        {"https://example.com/x", "example.com", yes, yes},
                                                        {"https://u@example.com:8443/x", "example.com", yes, yes},
                                                        {"https://www.example.com", "example.com", no, no},
                                                        {"https://www.example.com?q", ".example.com", yes, yes},
                                                        {"https://[::1]/", "example.com", unknown, unknown},
                                                        {"urn:x", "example.com", unknown, unknown},
                                                    });
}

TEST(NameConstraints, Addresses) {
  const std::uint8_t address[] = {192, 0, 2, 77};
  const std::uint8_t network[] = {192, 0, 2, 64, 255, 255, 255, 192};
  const std::uint8_t elsewhere[] = {192, 0, 2, 128, 255, 255, 255, 192};
  const std::uint8_t six[32] = {};
  GeneralName name{GeneralNameType::iPAddress, address};
  std::size_t budget = 0;
  EXPECT_EQ(wholly_within(name, {GeneralNameType::iPAddress, network}, budget), Within::yes);
  EXPECT_EQ(wholly_within(name, {GeneralNameType::iPAddress, elsewhere}, budget), Within::no);
  EXPECT_EQ(wholly_within(name, {GeneralNameType::iPAddress, six}, budget), Within::no);
}

// --- In certificates

/// What GeneralSubtrees holds: pairs of tag and content.
using Subtrees = std::vector<std::pair<Tag, std::string>>;

void write_subtrees(der::Writer& w, Tag tag, const Subtrees& subtrees) {
  if (subtrees.empty()) return;
  w.within(tag, [&] {
    for (const auto& [base, content] : subtrees) w.within(Tag::sequence, [&] { w.text(base, content); });
  });
}
Buffer constraints(const Subtrees& permitted, const Subtrees& excluded) {
  Buffer value;
  der::Writer w(value);
  w.within(Tag::sequence, [&] {
    write_subtrees(w, der::context_constructed(0), permitted);
    write_subtrees(w, der::context_constructed(1), excluded);
  });
  return value;
}

constexpr Tag dns = der::context(2);
constexpr Tag email = der::context(1);
constexpr Tag uri = der::context(6);
constexpr Tag ip = der::context(7);
constexpr Tag directory = der::context_constructed(4);
constexpr Tag registered_id = der::context(8);
constexpr Tag other_name = der::context_constructed(0);

std::string directory_of(const std::string& common_name) {
  Identity any = root_of(ca(common_name));
  return std::string(as_text(any.certificate->subject));
}

/// Verifies a leaf under an intermediate with constraints.
Result<VerifiedChain> verify_under(const Buffer& value, const CertificateOptions& leaf_options, Purpose purpose) {
  static const Identity root = root_of(ca("Root"));
  CertificateOptions options = ca("Constrained");
  options.extensions = {{"2.5.29.30", true, value}};
  Identity intermediate = signed_by(root, options);
  Identity end = signed_by(intermediate, leaf_options);
  return Case{{end.certificate, intermediate.certificate}, anchors_of({root.certificate}), std::move(purpose)}.verify();
}

TEST(NameConstraints, PermittedAndExcluded) {
  struct Line {
    Subtrees permitted;
    Subtrees excluded;
    std::vector<std::string> names;
    bool accepted;
  };
  std::string net("\xc0\x00\x02\x00\xff\xff\xff\x00", 8);
  const Line lines[] = {
      {{{dns, "example.com"}}, {}, {"example.com"}, true},
      {{{dns, "example.com"}}, {}, {"example.org"}, false},
      {{{dns, "example.com"}}, {}, {"example.com", "example.org"}, false},
      {{{dns, "example.com"}, {dns, "example.org"}}, {}, {"example.com", "www.example.org"}, true},
      {{}, {{dns, "example.com"}}, {"example.org"}, true},
      {{}, {{dns, "example.com"}}, {"www.example.com"}, false},
      {{}, {{dns, "www.example.com"}}, {"example.org", "*.example.com"}, false},
      {{{dns, "example.com"}}, {{dns, "www.example.com"}}, {"www.example.com"}, false},
      {{{dns, "example.com"}}, {{dns, "www.example.com"}}, {"mail.example.com"}, true},
      {{{ip, net}}, {}, {"192.0.2.9"}, true},
      {{{ip, net}}, {}, {"192.0.3.9"}, false},
      {{{ip, net}}, {}, {"2001:db8::1"}, false},  // another family is another name of the form
      {{{ip, net}}, {}, {"example.com"}, true},   // host names are not constrained
      {{}, {{ip, net}}, {"192.0.2.9"}, false},
      {{{directory, directory_of("example.com")}}, {}, {"example.com"}, true},  // the subject
      {{{directory, directory_of("elsewhere")}}, {}, {"example.com"}, false},
      {{}, {{directory, directory_of("example.com")}}, {"example.com"}, false},
      {{{registered_id, "\x2a\x03"}}, {}, {"example.com"}, true},  // a form that no name here has
  };
  for (const Line& line : lines) {
    Result<VerifiedChain> verified = verify_under(constraints(line.permitted, line.excluded), leaf(line.names),
                                                  server(line.names.front() == "*" ? "" : line.names.front()));
    if (line.accepted)
      EXPECT_TRUE(accepted(verified)) << &line - lines;
    else
      EXPECT_TRUE(refused(verified, Reason::name_constraint_violation, Alert::bad_certificate)) << &line - lines;
  }
}

struct Attribute {
  Bytes type;
  Tag tag;
  std::string text;
};
/// A Name of one RDN.
std::string name_of(const std::vector<Attribute>& rdn) {
  Buffer name;
  der::Writer w(name);
  w.within(Tag::sequence, [&] {
    w.within(Tag::set, [&] {
      for (const Attribute& attribute : rdn)
        w.within(Tag::sequence, [&] {
          w.element(Tag::object_identifier, attribute.type);
          w.text(attribute.tag, attribute.text);
        });
    });
  });
  return std::string(as_text(name));
}

/// A leaf for example.com whose subjectAltName has that directoryName too.
CertificateOptions leaf_named(const std::string& name) {
  Buffer value;
  der::Writer w(value);
  w.within(Tag::sequence, [&] {
    w.text(dns, "example.com");
    w.text(directory, name);
  });
  CertificateOptions options = leaf({});
  options.common_name = "example.com";
  options.extensions = {{"2.5.29.17", false, value}};
  return options;
}

TEST(NameConstraints, DirectoryNamesInOtherWords) {
  const Attribute evil{oid::organizationName, Tag::utf8_string, "Evil"};
  const Attribute unit{oid::organizationalUnitName, Tag::utf8_string, "Unit"};
  const Attribute wide{oid::organizationName, Tag::bmp_string, std::string("\0E\0v\0i\0l", 8)};
  const Attribute good{oid::organizationName, Tag::utf8_string, "Good"};
  struct Line {
    std::vector<Attribute> name;
    std::vector<Attribute> base;
    bool lies_within;   ///< so that `permitted` lets it through
    bool lies_outside;  ///< so that `excluded` does; neither: it can't be told
  };
  const Line lines[] = {
      {{evil}, {evil}, true, false},
      {{wide}, {evil}, false, false},
      {{{oid::organizationName, Tag::teletex_string, "Evil"}}, {evil}, false, false},
      {{evil, unit}, {evil, unit}, true, false},
      {{unit, evil}, {evil, unit}, true, false},
      {{unit, wide}, {evil, unit}, false, false},
      {{good}, {evil}, false, true},
      {{good, unit}, {evil, unit}, false, true},
      {{{oid::commonName, Tag::bmp_string, wide.text}}, {evil}, false, true},
  };
  for (const Line& line : lines) {
    const CertificateOptions end = leaf_named(name_of(line.name));
    const Subtrees base = {{directory, name_of(line.base)}};
    const Subtrees base_and_subject = {base.front(), {directory, directory_of("example.com")}};
    const Result<VerifiedChain> permitted = verify_under(constraints(base_and_subject, {}), end, server("example.com"));
    const Result<VerifiedChain> excluded = verify_under(constraints({}, base), end, server("example.com"));
    for (const auto& [verified, passes] : {std::pair(&permitted, line.lies_within), {&excluded, line.lies_outside}})
      if (passes)
        EXPECT_TRUE(accepted(*verified)) << &line - lines;
      else
        EXPECT_TRUE(refused(*verified, Reason::name_constraint_violation, Alert::bad_certificate)) << &line - lines;
  }
}

TEST(NameConstraints, AreToldInTheEvidence) {
  Result<VerifiedChain> verified =
      verify_under(constraints({{dns, "example.com"}}, {}), leaf({"example.org"}), server("example.org"));
  EXPECT_EQ(evidence(verified, "subject"), "CN=example.org");
  EXPECT_EQ(evidence(verified, "name"), "dns:example.org");
  EXPECT_EQ(evidence(verified, "constraint"), "permitted dns:example.com");
  std::string net("\xc0\x00\x02\x00\xff\xff\xff\x00", 8);
  verified = verify_under(constraints({}, {{ip, net}}), leaf({"192.0.2.1"}), server("192.0.2.1"));
  EXPECT_EQ(evidence(verified, "constraint"), "excluded ip:192.0.2.0/24");
}

/// A subjectAltName of one host name and one other name.
authority::RawExtension names_with(Tag tag, const std::string& content) {
  Buffer value;
  der::Writer w(value);
  w.within(Tag::sequence, [&] {
    w.text(dns, "example.com");
    w.text(tag, content);
  });
  return {"2.5.29.17", false, value};
}

TEST(NameConstraints, OtherFormsOfNames) {
  auto with = [](Tag tag, const std::string& content) {
    CertificateOptions options = leaf({});
    options.common_name = "example.com";
    options.extensions = {names_with(tag, content)};
    return options;
  };
  Purpose purpose = server("example.com");
  Buffer mail = constraints({{email, "example.com"}}, {});
  EXPECT_TRUE(accepted(verify_under(mail, with(email, "a@example.com"), purpose)));
  EXPECT_FALSE(verify_under(mail, with(email, "a@example.org"), purpose));
  EXPECT_FALSE(verify_under(mail, with(email, "no mailbox"), purpose));
  EXPECT_FALSE(verify_under(constraints({}, {{email, "example.com"}}), with(email, "no mailbox"), purpose));
  Buffer web = constraints({}, {{uri, "example.com"}});
  EXPECT_TRUE(accepted(verify_under(web, with(uri, "https://example.org/"), purpose)));
  EXPECT_FALSE(verify_under(web, with(uri, "https://example.com/"), purpose));
  // Nobody here can tell one registeredID or otherName from another in the sense of constraints: so, no.
  EXPECT_FALSE(verify_under(constraints({{registered_id, "\x2a\x03"}}, {}), with(registered_id, "\x2a\x03"), purpose));
  EXPECT_FALSE(
      verify_under(constraints({}, {{other_name, "\x06\x01\x2a"}}), with(other_name, "\x06\x01\x2b"), purpose));
  EXPECT_TRUE(accepted(verify_under(mail, with(registered_id, "\x2a\x03"), purpose)));
}

TEST(NameConstraints, HoldForIntermediatesAndFromTheRoot) {
  CertificateOptions options = ca("Constrained Root");
  options.extensions = {{"2.5.29.30", true, constraints({{dns, "example.com"}}, {})}};
  Identity root = root_of(options);
  CertificateOptions named = ca("Named");
  named.names = {"example.org"};
  Identity intermediate = signed_by(root, named);
  Identity end = signed_by(intermediate, leaf());
  Result<VerifiedChain> verified =
      Case{{end.certificate, intermediate.certificate}, anchors_of({root.certificate})}.verify();
  EXPECT_TRUE(refused(verified, Reason::name_constraint_violation, Alert::bad_certificate));
  EXPECT_EQ(evidence(verified, "subject"), "CN=Named");

  named.names = {"ca.example.com"};
  Identity good = signed_by(root, named);
  EXPECT_TRUE(
      accepted(Case{{signed_by(good, leaf()).certificate, good.certificate}, anchors_of({root.certificate})}.verify()));
}

TEST(NameConstraints, SelfIssuedIntermediatesAreExempt) {
  CertificateOptions options = ca("Rolling");
  options.extensions = {
      {"2.5.29.30", true, constraints({{dns, "example.com"}, {directory, directory_of("example.com")}}, {})}};
  Identity root = root_of(options);
  Identity rolled = signed_by(root, ca("Rolling"));
  Identity end = signed_by(rolled, leaf());
  EXPECT_TRUE(accepted(Case{{end.certificate, rolled.certificate}, anchors_of({root.certificate})}.verify()));
}

TEST(NameConstraints, WhatIsMalformed) {
  EXPECT_TRUE(parse_name_constraints(constraints({{dns, "a"}}, {})));
  EXPECT_FALSE(parse_name_constraints(constraints({}, {})));
  EXPECT_FALSE(parse_name_constraints(constraints({{ip, "\x01\x02\x03\x04"}}, {})));
  EXPECT_FALSE(parse_name_constraints(constraints({{ip, std::string("\x01\x02\x03\x04\xff\x00\xff\x00", 8)}}, {})));
  EXPECT_FALSE(parse_name_constraints(constraints({{ip, std::string("\x01\x02\x03\x04\xff\xff\xfd\x00", 8)}}, {})));
  EXPECT_FALSE(parse_name_constraints(constraints({{dns, "b\xfc"}}, {})));
  Buffer minimum = {0x30, 0x0a, 0xa0, 0x08, 0x30, 0x06, 0x82, 0x01, 'a', 0x80, 0x01, 0x00};
  EXPECT_FALSE(parse_name_constraints(minimum));
  Buffer empty_list = {0x30, 0x02, 0xa0, 0x00};
  EXPECT_FALSE(parse_name_constraints(empty_list));
  Buffer good = constraints({{dns, "example.com"}}, {{dns, "www.example.com"}});
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(parse_name_constraints(Bytes(good).first(size)));
}

}  // namespace
}  // namespace handfast::x509::test
