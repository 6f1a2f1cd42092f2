// Identities read from certificates, and the rules that name them.
#include <handfast/identity.h>

#include <gtest/gtest.h>

#include "x509/der.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

/// subjectAltName with these names, each with its context tag.
authority::RawExtension alt_names(const std::vector<std::pair<std::uint8_t, std::string>>& names) {
  Buffer list;
  for (const auto& [tag, value] : names) {
    list.insert(list.end(), {static_cast<std::uint8_t>(0x80 | tag), static_cast<std::uint8_t>(value.size())});
    list.insert(list.end(), value.begin(), value.end());
  }
  Buffer sequence{0x30, 0x81, static_cast<std::uint8_t>(list.size())};
  if (list.size() < 128) sequence = {0x30, static_cast<std::uint8_t>(list.size())};
  sequence.insert(sequence.end(), list.begin(), list.end());
  return {"2.5.29.17", false, sequence};
}

const std::string loopback("\x7f\0\0\1", 4);

handfast::Identity peer(const std::vector<std::pair<std::uint8_t, std::string>>& names,
                        std::string common_name = "client") {
  CertificateOptions options = leaf({});
  options.common_name = std::move(common_name);
  if (!names.empty()) options.extensions.push_back(alt_names(names));
  static const Identity root = root_of(ca("Test Root"));
  return identity_of(signed_by(root, options).certificate.der()).value();
}

handfast::Identity usual_peer() {
  return peer({{2, "Client.Example"},
               {2, "*.wild.example"},
               {1, "User@Mail.Example"},
               {6, "spiffe://example.org/service"},
               {7, loopback}});
}

TEST(Identities, SayWhatTheCertificateSays) {
  const handfast::Identity identity = usual_peer();
  EXPECT_EQ(identity.subject, "CN=client");
  EXPECT_EQ(identity.common_name, "client");
  EXPECT_EQ(identity.dns_names, (std::vector<std::string>{"Client.Example", "*.wild.example"}));
  EXPECT_EQ(identity.email_addresses, std::vector<std::string>{"User@Mail.Example"});
  EXPECT_EQ(identity.uris, std::vector<std::string>{"spiffe://example.org/service"});
  EXPECT_EQ(identity.ip_addresses, std::vector<std::string>{"127.0.0.1"});
  EXPECT_EQ(identity.issuer, "CN=Test Root");
  EXPECT_EQ(identity.not_before, before);
  EXPECT_EQ(identity.not_after, after);
  EXPECT_EQ(identity.serial_number.size(), 32u);
  EXPECT_FALSE(identity.subject_der.empty());
}

TEST(Identities, OfWhatIsNoCertificate) {
  EXPECT_EQ(identity_of(as_bytes("no certificate")).error().reason(), Reason::bad_certificate);
}

/// Two long subjects that differ at their end only are two.
TEST(Identities, SubjectsAreWhole) {
  const std::string padding(500, 'x');
  const handfast::Identity one = peer({}, padding + "1");
  EXPECT_EQ(one.subject, "CN=" + padding + "1");
  EXPECT_TRUE(one.subject.size() > 400);
}

bool permits(std::string term, const handfast::Identity& identity) {
  const std::string terms[] = {std::move(term)};
  auto rule = IdentityRule::any_of(terms);
  if (!rule) throw std::runtime_error(rule.error().message());
  return (*rule)->permits(identity);
}

/// `peer({}, octets)`, but with the octets of its common name in a string of another type.
handfast::Identity with_common_name(const std::string& octets, der::Tag tag) {
  CertificateOptions options = leaf({});
  options.common_name = octets;
  static const Identity root = root_of(ca("Test Root"));
  const Identity issued = signed_by(root, options);
  std::string der(as_text(issued.certificate.der()));
  std::string value = {static_cast<char>(der::Tag::utf8_string), static_cast<char>(octets.size())};
  const std::size_t at = der.find(value + octets);
  EXPECT_NE(at, std::string::npos);
  der[at] = static_cast<char>(tag);
  return identity_of(as_bytes(der)).value();
}

/// A CA that takes the name and its type from whoever asks vouches for the characters, not for the octets.
TEST(IdentityRules, CompareTextByItsType) {
  using der::Tag;
  EXPECT_TRUE(permits("cn:root", with_common_name("root", Tag::utf8_string)));
  EXPECT_TRUE(permits("cn:root", with_common_name("root", Tag::printable_string)));
  EXPECT_TRUE(permits("cn:\u726f\u6f74", with_common_name("root", Tag::bmp_string)));
  for (Tag tag : {Tag::bmp_string, Tag::universal_string, Tag::octet_string, Tag::sequence, der::context(0)}) {
    const handfast::Identity other = with_common_name("root", tag);
    EXPECT_NE(other.common_name, "root");
    EXPECT_FALSE(permits("cn:root", other));
    EXPECT_FALSE(permits("subject:CN=root", other)) << other.subject;
  }
  EXPECT_EQ(with_common_name("root", Tag::octet_string).subject, "CN=#0404726F6F74");
}

TEST(IdentityRules, EachKind) {
  const handfast::Identity identity = usual_peer();
  for (const char* term : {"dns:client.example", "dns:CLIENT.EXAMPLE.", "email:User@mail.example", "ip:127.0.0.1",
                           "uri:spiffe://example.org/service", "subject:CN=client", "cn:client"})
    EXPECT_TRUE(permits(term, identity)) << term;
  for (const char* term :
       {"dns:other.example", "dns:example", "dns:x.client.example", "email:user@mail.example", "email:User@example",
        "ip:127.0.0.2", "uri:spiffe://example.org/service/more", "uri:spiffe://example.org/Service", "subject:CN=clien",
        "subject:CN=client, CN=client", "cn:Client", "dns:client"})
    EXPECT_FALSE(permits(term, identity)) << term;
}

TEST(IdentityRules, EveryTermOfAnIdentityPermitsIt) {
  const handfast::Identity identity = usual_peer();
  const handfast::Identity stranger = peer({{2, "stranger.example"}}, "stranger");
  for (const std::string& term : identity.terms()) {
    if (term == "dns:*.wild.example") continue;  // a wildcard is nobody's name
    EXPECT_TRUE(permits(term, identity)) << term;
    EXPECT_FALSE(permits(term, stranger)) << term;
  }
}

TEST(IdentityRules, Wildcards) {
  const std::string rule = "dns:*.svc.example";
  EXPECT_TRUE(permits(rule, peer({{2, "a.svc.example"}})));
  EXPECT_TRUE(permits(rule, peer({{2, "A.SVC.example"}})));
  for (const char* name :
       {"svc.example", "a.b.svc.example", ".svc.example", "*.svc.example", "a.svc.example.org", "asvc.example"})
    EXPECT_FALSE(permits(rule, peer({{2, name}}))) << name;
  // A certificate for every name below is no certificate for that one.
  EXPECT_FALSE(permits("dns:a.svc.example", peer({{2, "*.svc.example"}})));
}

/// A name of one kind is none of another.
TEST(IdentityRules, KindsAreNotMixed) {
  EXPECT_FALSE(permits("dns:client.example", peer({{6, "dns:client.example"}}, "client.example")));
  EXPECT_FALSE(permits("uri:spiffe://a/b", peer({{2, "spiffe://a/b"}})));
  EXPECT_FALSE(permits("cn:client.example", peer({{2, "client.example"}}, "other")));
  EXPECT_FALSE(permits("email:user@mail.example", peer({{2, "user@mail.example"}})));
  EXPECT_FALSE(permits("subject:CN=a, CN=b", peer({}, "a, CN=b"))) << "a comma of the value is escaped";
  EXPECT_TRUE(permits("subject:CN=a\\, CN=b", peer({}, "a, CN=b")));
  EXPECT_TRUE(permits("subject:CN=a", peer({}, "a")));
}

TEST(IdentityRules, SubjectsWithAndWithoutBlanks) {
  handfast::Identity identity = usual_peer();
  identity.subject = "C=DE, O=Example\\, Inc., CN=client";
  for (const char* term : {"subject:C=DE, O=Example\\, Inc., CN=client", "subject:C=DE,O=Example\\, Inc.,CN=client"})
    EXPECT_TRUE(permits(term, identity)) << term;
  EXPECT_FALSE(permits("subject:C=DE, O=Example\\,Inc., CN=client", identity));
}

/// As people and programs write them: all of these are one name.
TEST(IdentityRules, SubjectsInEveryForm) {
  handfast::Identity identity = usual_peer();
  identity.subject = "C=DE, O=Example\\, Inc., CN=client+UID=c 1";
  for (const char* term : {
           "subject: C=DE, O=Example\\, Inc., CN=client+UID=c 1",
           "subject:C = DE,O = Example\\, Inc. , CN = client + UID = c 1 ",
           "subject:c=DE,o=Example\\, Inc.,cn=client+uid=c 1",
           "subject:2.5.4.6=DE, O=Example\\2C Inc., CN=\\63lient+UID=c\\ 1",
           "subject:C=#13024445, O=Example\\2c Inc., CN=#0c06636C69656e74+UID=c 1",
       })
    EXPECT_TRUE(permits(term, identity)) << term;
  for (const char* term : {
           "subject:C=DE, O=Example\\, Inc., CN=client, UID=c 1",
           "subject:C=DE, O=Example\\, Inc., UID=c 1+CN=client",
           "subject:C=de, O=Example\\, Inc., CN=client+UID=c 1",
           "subject:C=DE, O=Example\\, Inc., CN=client\\ +UID=c 1",
           "subject:C=DE, O=Example\\, Inc., CN=client+UID=c  1",
           "subject:C=DE, O=Example\\, Inc., CN=client+UID=#04026331",
       })
    EXPECT_FALSE(permits(term, identity)) << term;
  identity.subject = "2.5.4.15=\\#1+CN=#0404726F6F74, L=, ST=\\ x\\ ";
  EXPECT_TRUE(permits("subject:2.5.4.15=\\231+cn=#0404726f6f74,L=,ST=\\ x\\20", identity));
}

TEST(IdentityRules, AnyOfSeveral) {
  const std::string terms[] = {"dns:a.example", "cn:client"};
  const auto rule = IdentityRule::any_of(terms).value();
  EXPECT_TRUE(rule->permits(usual_peer()));
  EXPECT_FALSE(rule->permits(peer({{2, "b.example"}}, "b")));
  EXPECT_EQ(rule->terms(), (std::vector<std::string>{"dns:a.example", "cn:client"}));
}

TEST(IdentityRules, ThatCanMatchNothingAreRefused) {
  EXPECT_EQ(IdentityRule::any_of({}).error().reason(), Reason::bad_config);
  for (const char* term : {"",
                           ":",
                           "dns:",
                           "dns",
                           "client.example",
                           "DNS:a.example",
                           "dns:*",
                           "dns:*.example",
                           "dns:a.*.example",
                           "dns:a b.example",
                           "dns:*.*.example",
                           "ip:client.example",
                           "ip:300.0.0.1",
                           "email:user",
                           "email:@host",
                           "email:user@",
                           "uri:nothing",
                           "subject:client",
                           "subject:=",
                           "subject:=client",
                           "subject:CN",
                           "subject:CN=a,",
                           "subject:,CN=a",
                           "subject:CN=a,,C=b",
                           "subject:XY=a",
                           "subject:1=a",
                           "subject:2.5.4.03=a",
                           "subject:2.5.=a",
                           "subject:O=Example, Inc., CN=a",
                           "subject:CN=a+b",
                           "subject:CN=a\\",
                           "subject:CN=a\\z",
                           "subject:CN=a\\2",
                           "subject:CN=\\ff",
                           "subject:CN=#",
                           "subject:CN=#0",
                           "subject:CN=#xy",
                           "subject:CN=#0402aa",
                           "subject:CN=#0401aabb",
                           "cn:",
                           "sha256:00",
                           "sha256:xyz",
                           "spki:sha256/AAAA",
                           "upn:user@example.com"}) {
    const std::string terms[] = {"dns:good.example", term};
    const auto rule = IdentityRule::any_of(terms);
    ASSERT_FALSE(rule) << term;
    EXPECT_EQ(rule.error().reason(), Reason::bad_config) << term;
    EXPECT_TRUE(rule.error().find("problem")) << term;
  }
}

TEST(IdentityRules, FingerprintsInEveryForm) {
  const handfast::Identity identity = usual_peer();
  std::string hex = identity.terms()[identity.terms().size() - 2].substr(7);
  ASSERT_EQ(hex.size(), 64u);
  EXPECT_TRUE(permits("sha256:" + hex, identity));
  std::string colons;
  for (std::size_t i = 0; i < hex.size(); i += 2) colons += (i == 0 ? "" : ":") + hex.substr(i, 2);
  EXPECT_TRUE(permits("sha256:" + colons, identity));
  hex[0] = hex[0] == '0' ? '1' : '0';
  EXPECT_FALSE(permits("sha256:" + hex, identity));
}

}  // namespace
}  // namespace handfast::x509::test
