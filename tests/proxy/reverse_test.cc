// The parts of the reverse way: what origins are told, whose a name is, where a site leads.
#include "proxy/reverse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "doctor/throwaway.h"
#include "proxy/client_identity.h"
#include "proxy/forwarded.h"
#include "proxy/sites.h"
#include "proxy/upstreams.h"
#include "support/temporary_folder.h"
#include "x509/pem.h"

namespace handfast::proxy {
namespace {

using http::Fields;

doctor::ThrowAwayAuthority new_authority() {
  return doctor::ThrowAwayAuthority::make(system_clock().now(), system_random()).value();
}

std::shared_ptr<const Credential> credential_for(std::vector<std::string> names) {
  static const doctor::ThrowAwayAuthority authority = new_authority();
  const auto pair = authority.issue(names.front(), names, std::chrono::hours(1));
  return *Credential::from_pem(pair->chain, pair->key);
}

SiteOptions site(std::vector<std::string> names, std::vector<std::string> certified = {"a.example", "*.b.example"}) {
  SiteOptions options;
  options.names = std::move(names);
  options.to = {"http://127.0.0.1:1"};
  options.made_credential = credential_for(std::move(certified));
  return options;
}

std::string problem_of(const Error& error) { return error.message(); }

TEST(Forwarded, SaysItAnew) {
  Fields fields = {{"A", "b"},
                   {"X-Forwarded-For", "6.6.6.6"},
                   {"x_forwarded_for", "7.7.7.7"},
                   {"FORWARDED", "for=x"},
                   {"X-Real_IP", "8.8.8.8"},
                   {"X-Forwarded-Port", "1"}};
  set_forwarded(fields, {.client = boost::asio::ip::make_address("192.0.2.7"), .scheme = "https", .host = "a.example"});
  ASSERT_EQ(fields.size(), 5u);
  EXPECT_EQ(fields[0].name, "A");
  EXPECT_EQ(value_of(fields, "X-Forwarded-For"), "192.0.2.7");
  EXPECT_EQ(value_of(fields, "X-Forwarded-Proto"), "https");
  EXPECT_EQ(value_of(fields, "X-Forwarded-Host"), "a.example");
  EXPECT_EQ(value_of(fields, "Forwarded"), "for=192.0.2.7;host=a.example;proto=https");
}

TEST(Forwarded, WhatTheClientSaysUnderTheseNamesIsDropped) {
  for (const char* name : {"X-Forwarded-For", "x_forwarded-for", "X.Forwarded.For", "X-Forwarded-User",
                           "X-Forwarded-Client-Cert", "FORWARDED", "X-Real-IP", "X~Real~Ip"}) {
    Fields fields = {{name, "6.6.6.6"}, {"A", "b"}, {name, "6.6.6.6"}};
    set_forwarded(fields, {.client = boost::asio::ip::make_address("192.0.2.7"), .scheme = "https", .host = ""});
    ASSERT_EQ(fields.size(), 4u) << name;
    EXPECT_TRUE(std::ranges::none_of(fields, [](const auto& field) { return field.value == "6.6.6.6"; })) << name;
  }
  for (const char* name : {"X-Forwarded", "X-Real-Thing", "XForwardedFor"}) {
    Fields fields = {{name, "kept"}};
    set_forwarded(fields, {.client = boost::asio::ip::make_address("192.0.2.7"), .scheme = "https", .host = ""});
    EXPECT_EQ(fields.front().name, name);
  }
}

TEST(Forwarded, AddressesOfBothFamilies) {
  const auto said = [](const char* address, std::string host) {
    Fields fields;
    set_forwarded(fields,
                  {.client = boost::asio::ip::make_address(address), .scheme = "https", .host = std::move(host)});
    return std::string(value_of(fields, "Forwarded"));
  };
  EXPECT_EQ(said("2001:db8::7", "a.example:8443"), "for=\"[2001:db8::7]\";host=\"a.example:8443\";proto=https");
  EXPECT_EQ(said("::ffff:192.0.2.7", ""), "for=192.0.2.7;proto=https");
  // A zone is a matter of this machine (RFC 7239, section 6).
  EXPECT_EQ(said("fe80::7%1", ""), "for=\"[fe80::7]\";proto=https");
}

TEST(ClientIdentity, IsSaidWhereItIsProved) {
  ConnectionInfo info;
  info.peer_certificates = {{1, 2, 3}, {4, 5}, {6}};
  const auto said = [&](PassIdentity pass) {
    Fields fields = {
        {"client-cert", ":AAAA:"}, {"Client_Cert", "x"}, {"client.cert", "x"}, {"Client-Cert-Chain", "y"}, {"A", "b"}};
    set_client_identity(fields, info, pass);
    EXPECT_EQ(fields.front().name, "A");
    return std::pair(std::string(value_of(fields, "Client-Cert")), std::string(value_of(fields, "Client-Cert-Chain")));
  };
  EXPECT_EQ(said(PassIdentity::yes), (std::pair<std::string, std::string>("", "")));  // sent, and not verified
  info.peer_verified = true;
  EXPECT_EQ(said(PassIdentity::no), (std::pair<std::string, std::string>("", "")));
  EXPECT_EQ(said(PassIdentity::yes), (std::pair<std::string, std::string>(":AQID:", ":BAU=:, :Bg==:")));
}

TEST(Upstreams, InTurn) {
  const std::vector<std::string> urls = {"http://127.0.0.1:8080/", "https://origin.example", "http://[::1]"};
  const auto upstreams = Upstreams::make(urls, nullptr, "inner.example");
  ASSERT_TRUE(upstreams);
  EXPECT_EQ((*upstreams)->kind(), Upstreams::Kind::http);
  EXPECT_EQ(to_text((*upstreams)->origin(0)), "127.0.0.1:8080");
  EXPECT_EQ(to_text((*upstreams)->origin(1)), "origin.example:443");
  EXPECT_EQ((*upstreams)->origin(1).server_name, "inner.example");
  EXPECT_EQ(to_text((*upstreams)->origin(5)), "[::1]:80");
  EXPECT_NE((*upstreams)->next(), (*upstreams)->next());
}

TEST(Upstreams, Refused) {
  for (const std::vector<std::string>& bad : std::vector<std::vector<std::string>>{{},
                                                                                   {"127.0.0.1:8080"},
                                                                                   {"ftp://a"},
                                                                                   {"http://"},
                                                                                   {"http://a/b"},
                                                                                   {"http://u@a"},
                                                                                   {"http://a?b"},
                                                                                   {"tcp://a"},
                                                                                   {"http://a:0"},
                                                                                   {"http://a:x"},
                                                                                   {"http://a", "tcp://a:1"}}) {
    const auto upstreams = Upstreams::make(bad, nullptr, "");
    ASSERT_FALSE(upstreams);
    EXPECT_EQ(upstreams.error().reason(), Reason::bad_config);
  }
}

TEST(Sites, TheMostExactNameCounts) {
  const Lasting lasting;
  const std::vector<SiteOptions> options = {site({}), site({"a.example"}),
                                            site({"*.b.example", "x.a.example"}, {"*.b.example", "x.a.example"}),
                                            site({"*.c.b.example"}, {"*.c.b.example"})};
  const auto sites = Sites::make(options, lasting);
  ASSERT_TRUE(sites) << problem_of(sites.error());
  const auto label = [&](std::string_view name) { return sites->find(name)->label; };
  EXPECT_EQ(label("a.example"), "a.example");
  EXPECT_EQ(label("x.b.example"), "*.b.example");
  EXPECT_EQ(label("x.a.example"), "*.b.example");
  EXPECT_EQ(label("x.y.b.example"), "*.b.example");
  EXPECT_EQ(label("x.c.b.example"), "*.c.b.example");
  for (const std::string_view other : {"", "b.example", "xb.example", "a.example.com", "127.0.0.1"})
    EXPECT_EQ(label(other), "*") << other;
}

TEST(Sites, WithoutOneForTheRest) {
  const Lasting lasting;
  const std::vector<SiteOptions> options = {site({"A.Example."}), site({"*.b.example"})};
  const auto sites = Sites::make(options, lasting);
  ASSERT_TRUE(sites) << problem_of(sites.error());
  EXPECT_EQ(sites->find(""), nullptr);
  EXPECT_EQ(sites->find("c.example"), nullptr);
  EXPECT_NE(sites->find("a.example"), nullptr);
}

TEST(Sites, AreBoundToThemselves) {
  const Lasting lasting;
  // The same in all but the name, and with it nothing that was agreed on may go across.
  const std::vector<SiteOptions> options = {site({"a.example"}, {"a.example", "c.example"}),
                                            site({"c.example"}, {"a.example", "c.example"})};
  const auto sites = Sites::make(options, lasting);
  ASSERT_TRUE(sites);
  EXPECT_NE(sites->find("a.example")->config->session_policy(), sites->find("c.example")->config->session_policy());
  // And after a reload it is as it was.
  const auto again = Sites::make(options, lasting);
  EXPECT_EQ(sites->find("a.example")->config->session_policy(), again->find("a.example")->config->session_policy());
}

TEST(Sites, AreBoundToWhatTheyAskOfClients) {
  const Lasting lasting;
  const test::TemporaryFolder folder;
  const std::string staff = folder.write("staff.pem", new_authority().certificate_pem());
  const std::string guests = folder.write("guests.pem", new_authority().certificate_pem());
  SiteOptions each = site({"a.example"});
  std::set<std::array<std::uint8_t, 32>> policies;
  const auto add = [&](std::string client_auth, std::vector<std::string> client_ca) {
    each.client_auth = std::move(client_auth);
    each.client_ca = std::move(client_ca);
    const auto sites = Sites::make({&each, 1}, lasting);
    ASSERT_TRUE(sites) << problem_of(sites.error());
    policies.insert(sites->find("a.example")->config->session_policy());
  };
  add("none", {});
  add("request", {staff});
  add("require", {staff});
  add("require", {guests});
  add("require", {staff, guests});
  EXPECT_EQ(policies.size(), 5U);
}

TEST(Sites, CoverWhatTheirCertificateIsFor) {
  const Lasting lasting;
  SiteOptions several = site({}, {"a.example", "b.example"});
  const std::vector<SiteOptions> options = {several};
  const auto sites = Sites::make(options, lasting);
  ASSERT_TRUE(sites);
  const Site& all = *sites->find("a.example");
  EXPECT_TRUE(all.covers("a.example", "b.example"));
  EXPECT_FALSE(all.covers("a.example", "c.example"));
  EXPECT_FALSE(all.covers("c.example", "a.example"));
  EXPECT_TRUE(all.covers("c.example", "c.example"));
  EXPECT_TRUE(all.covers("", "c.example"));
}

TEST(Sites, Refused) {
  const Lasting lasting;
  const auto option_of = [&](std::vector<SiteOptions> options) {
    const auto sites = Sites::make(options, lasting);
    return sites ? std::string("none") : handfast::to_text(*sites.error().find("option"));
  };
  const auto with = [](auto change) {
    SiteOptions options = site({});
    change(options);
    return std::vector<SiteOptions>{std::move(options)};
  };
  EXPECT_EQ(option_of({}), "to");
  EXPECT_EQ(option_of({site({}), site({})}), "name");
  EXPECT_EQ(option_of({site({"a.example"}), site({"A.EXAMPLE"})}), "name");
  EXPECT_EQ(option_of({site({"a..example"})}), "name");
  EXPECT_EQ(option_of({site({"other.example"})}), "cert");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.made_credential.reset(); })), "cert");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.versions = "1.5"; })), "tls");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.suites = "none"; })), "suites");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.groups = "none"; })), "groups");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.client_auth = "maybe"; })), "client-auth");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.client_auth = "require"; })), "client-auth");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.client_ca = {"x.pem"}; })), "client-ca");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.pass_client_cert = true; })), "pass-client-cert");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.tickets = 17; })), "tickets");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.ticket_lifetime = 0; })), "ticket-lifetime");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.early_data = 1, each.tickets = 0; })), "early-data");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.early_data = 1, each.versions = "1.2"; })), "early-data");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.alpn = {"imap"}; })), "alpn");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.origin.ca = {"ca.pem"}; })), "ca");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.send_proxy = "v3"; })), "send-proxy");
  EXPECT_EQ(option_of(with([](SiteOptions& each) { each.to = {"nonsense"}; })), "to");
  EXPECT_EQ(option_of({site({})}), "none");
}

}  // namespace
}  // namespace handfast::proxy
