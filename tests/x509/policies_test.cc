// Certificate policies beyond what PKITS has: extensions that are malformed, anchors, and paths that are made to be
// costly.
#include "x509/policies.h"

#include "x509/der_writer.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

using der::Tag;

template <typename Content>
Buffer written(Content&& content) {
  Buffer out;
  der::Writer w(out);
  content(w);
  return out;
}
template <typename Content>
authority::RawExtension extension(const char* oid, Content&& content) {
  return {oid, true, written([&](der::Writer& w) { w.within(Tag::sequence, [&] { content(w); }); })};
}

constexpr const char* any_policy = "2.5.29.32.0";
std::string policy(std::size_t number) { return "1.3.6.1.4.1.55555." + std::to_string(number); }

void write_policy(der::Writer& w, const std::string& dotted) { ASSERT_TRUE(w.object_identifier(dotted)); }

authority::RawExtension certificate_policies(const std::vector<std::string>& policies) {
  return extension("2.5.29.32", [&](der::Writer& w) {
    for (const std::string& one : policies) w.within(Tag::sequence, [&] { write_policy(w, one); });
  });
}
authority::RawExtension policy_mappings(const std::vector<std::pair<std::string, std::string>>& mappings) {
  return extension("2.5.29.33", [&](der::Writer& w) {
    for (const auto& [from, to] : mappings)
      w.within(Tag::sequence, [&] { write_policy(w, from), write_policy(w, to); });
  });
}
authority::RawExtension require_explicit_policy(std::uint8_t after) {
  return extension("2.5.29.36", [&](der::Writer& w) { w.element(der::context(0), {&after, 1}); });
}
authority::RawExtension raw(const char* oid, Buffer value) { return {oid, true, std::move(value)}; }

CertificateOptions with(CertificateOptions options, std::vector<authority::RawExtension> extensions) {
  options.extensions = std::move(extensions);
  return options;
}

Result<void> check(const std::vector<Certificate>& certificates, const PolicySettings& settings = {}) {
  std::vector<const Certificate*> path;
  for (const Certificate& certificate : certificates) path.push_back(&certificate);
  return check_policies(path, settings);
}

TEST(Policies, AnAnchorThatRequiresAPolicyIsHeard) {
  Identity root = root_of(with(ca("Root"), {require_explicit_policy(0)}));
  Identity silent = signed_by(root, leaf());
  Identity speaks = signed_by(root, with(leaf(), {certificate_policies({policy(1)})}));
  EXPECT_TRUE(check({speaks.certificate, root.certificate}));
  Result<void> checked = check({silent.certificate, root.certificate});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason(), Reason::no_acceptable_policy);
  EXPECT_EQ(to_text(*checked.error().find("subject")), "CN=example.com");
}

TEST(Policies, APathOfOneHasNone) {
  Identity alone = root_of(with(ca("Alone"), {require_explicit_policy(0)}));
  EXPECT_TRUE(check({alone.certificate}, {.initial_explicit_policy = true}));
}

TEST(Policies, WhatNobodyAsksForIsNotMissed) {
  Identity root = root_of(ca("Root"));
  Identity end = signed_by(root, with(leaf(), {certificate_policies({policy(1)})}));
  Buffer other = written([](der::Writer& w) { write_policy(w, policy(2)); });
  Bytes wanted = Bytes(other).subspan(2);
  EXPECT_TRUE(check({end.certificate, root.certificate}, {.user_initial_policy_set = {&wanted, 1}}));
  EXPECT_FALSE(check({end.certificate, root.certificate},
                     {.user_initial_policy_set = {&wanted, 1}, .initial_explicit_policy = true}));
}

TEST(Policies, MalformedExtensionsAreRefused) {
  Identity root = root_of(ca("Root"));
  auto issued = [&](authority::RawExtension one) {
    return authority::issue(with(ca("Sub"), {std::move(one)}), root.key, {root.certificate, root.key}, randomness());
  };
  EXPECT_TRUE(issued(policy_mappings({{policy(1), policy(2)}})));
  EXPECT_TRUE(issued(require_explicit_policy(0)));
  EXPECT_TRUE(issued(raw("2.5.29.54", {0x02, 0x01, 0x00})));
  const std::vector<authority::RawExtension> bad = {
      certificate_policies({}),
      policy_mappings({}),
      policy_mappings({{any_policy, policy(1)}}),
      policy_mappings({{policy(1), any_policy}}),
      raw("2.5.29.36", {0x30, 0x00}),                                // neither constraint
      raw("2.5.29.36", {0x30, 0x03, 0x80, 0x01, 0xff}),              // a negative number
      raw("2.5.29.36", {0x30, 0x06, 0x81, 0x01, 0, 0x80, 0x01, 0}),  // in the wrong order
      raw("2.5.29.36", {0x30, 0x03, 0x82, 0x01, 0x00}),              // an unknown field
      raw("2.5.29.54", {0x02, 0x01, 0xff}),
      raw("2.5.29.54", {0x30, 0x00}),
      raw("2.5.29.54", {0x02, 0x01, 0x00, 0x00}),
  };
  for (std::size_t i = 0; i < bad.size(); ++i) EXPECT_FALSE(issued(bad[i])) << i;
}

/// Every policy of each CA is mapped to every policy of the next: as a tree (RFC 5280, section 6.1.2 (a)) that is 24
/// to the power of 8 nodes (CVE-2023-0464), which no limit of a test's time would see to its end.
TEST(Policies, MappingsThatMultiplyCostNoMoreThanTheyAreLong) {
  constexpr std::size_t width = 24;
  constexpr std::size_t depth = 8;
  std::vector<std::string> policies;
  std::vector<std::pair<std::string, std::string>> mappings;
  for (std::size_t i = 0; i < width; ++i) policies.push_back(policy(i));
  for (const std::string& from : policies)
    for (const std::string& to : policies) mappings.emplace_back(from, to);
  Identity root = root_of(ca("Root"));
  Identity sub = signed_by(root, with(ca("Sub"), {certificate_policies(policies), policy_mappings(mappings)}));
  Identity good = signed_by(sub, with(leaf(), {certificate_policies({policy(width - 1)})}));
  Identity bad = signed_by(sub, with(leaf(), {certificate_policies({policy(width)})}));

  std::vector<Certificate> path(depth, sub.certificate);
  path.push_back(root.certificate);
  path.insert(path.begin(), good.certificate);
  EXPECT_TRUE(check(path, {.initial_explicit_policy = true}));
  path.front() = bad.certificate;
  EXPECT_FALSE(check(path, {.initial_explicit_policy = true}));
}

}  // namespace
}  // namespace handfast::x509::test
