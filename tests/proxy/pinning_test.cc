// Hosts that clients have pinned: told by refusals that are counted, and not by anything else.
#include "proxy/pinning.h"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>

namespace handfast::proxy {
namespace {

namespace asio = boost::asio;

PinningOptions options() {
  PinningOptions o;
  o.refusals = 3;
  o.window = std::chrono::seconds(60);
  o.lifetime = std::chrono::seconds(1000);
  return o;
}

TEST(PinnedHosts, AreLetPassAfterSoManyRefusals) {
  PinnedHosts hosts(options());
  EXPECT_FALSE(hosts.refused("a", "pinned.test", 0));
  EXPECT_FALSE(hosts.refused("a", "pinned.test", 1));
  EXPECT_FALSE(hosts.lets_pass("a", "pinned.test", 1));
  EXPECT_TRUE(hosts.refused("a", "pinned.test", 2));
  EXPECT_TRUE(hosts.lets_pass("a", "pinned.test", 3));
  EXPECT_FALSE(hosts.lets_pass("a", "other.test", 3));
}

TEST(PinnedHosts, AnothersTrafficIsNotLetPass) {
  PinnedHosts hosts(options());
  for (int i = 0; i < 10; ++i) hosts.refused("a", "pinned.test", i);
  EXPECT_FALSE(hosts.lets_pass("b", "pinned.test", 10));
  // Nor do refusals of several clients add up.
  for (const char* client : {"c", "d", "e", "f"}) EXPECT_FALSE(hosts.refused(client, "shared.test", 10));
  EXPECT_FALSE(hosts.lets_pass("c", "shared.test", 10));
}

TEST(PinnedHosts, RefusalsFarApartDoNotCount) {
  PinnedHosts hosts(options());
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(hosts.refused("a", "pinned.test", i * 40));
  EXPECT_FALSE(hosts.lets_pass("a", "pinned.test", 400));
}

TEST(PinnedHosts, AHandshakeThatSucceedsForgetsThem) {
  PinnedHosts hosts(options());
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(hosts.refused("a", "pinned.test", i));
    if (i % 2 == 1) hosts.accepted("a", "pinned.test");
  }
  EXPECT_FALSE(hosts.lets_pass("a", "pinned.test", 10));
}

TEST(PinnedHosts, AreLetPassForALifetime) {
  PinnedHosts hosts(options());
  for (int i = 0; i < 3; ++i) hosts.refused("a", "pinned.test", 0);
  EXPECT_TRUE(hosts.lets_pass("a", "pinned.test", 1000));
  EXPECT_EQ(hosts.passes(1000).size(), 1u);
  EXPECT_TRUE(hosts.passes(1001).empty());
  EXPECT_FALSE(hosts.lets_pass("a", "pinned.test", 1001));
  // Then it is looked into again, and counted anew.
  EXPECT_FALSE(hosts.refused("a", "pinned.test", 1001));
  EXPECT_FALSE(hosts.refused("a", "pinned.test", 1002));
  EXPECT_TRUE(hosts.refused("a", "pinned.test", 1003));
}

TEST(PinnedHosts, AreListed) {
  PinnedHosts hosts(options());
  for (const char* host : {"one.test", "two.test"})
    for (int i = 0; i < 3; ++i) hosts.refused("a", host, 5);
  const std::vector<PinnedHosts::Pass> passes = hosts.passes(6);
  ASSERT_EQ(passes.size(), 2u);
  EXPECT_EQ(passes[0].host, "two.test");
  EXPECT_EQ(passes[0].client, "a");
  EXPECT_EQ(passes[0].since, 5);
  EXPECT_EQ(passes[0].until, 1005);
}

TEST(PinnedHosts, AreBoundedInNumber) {
  PinningOptions bounded = options();
  bounded.capacity = 100;
  PinnedHosts hosts(bounded);
  for (int host = 0; host < 1000; ++host)
    for (int i = 0; i < 3; ++i) hosts.refused("a", std::to_string(host), 0);
  EXPECT_EQ(hosts.passes(0).size(), 100u);
  EXPECT_TRUE(hosts.lets_pass("a", "999", 0));
  EXPECT_FALSE(hosts.lets_pass("a", "899", 0));
  // So are those that have not come so far.
  EXPECT_FALSE(hosts.refused("a", "first", 0));
  EXPECT_FALSE(hosts.refused("a", "first", 0));
  for (int host = 0; host < 100; ++host) hosts.refused("b", std::to_string(host), 0);
  EXPECT_FALSE(hosts.refused("a", "first", 0));
}

TEST(PinnedHosts, NoneAreWhereNoneAreAskedFor) {
  PinningOptions none = options();
  none.refusals = 0;
  PinnedHosts hosts(none);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(hosts.refused("a", "pinned.test", 0));
  EXPECT_FALSE(hosts.lets_pass("a", "pinned.test", 0));
}

NetError alert(Alert which) { return {Stage::handshake, Error(which, Reason::alert_received)}; }

TEST(Refusals, AreThoseOfACertificate) {
  for (const Alert a : {Alert::bad_certificate, Alert::certificate_unknown, Alert::unknown_ca})
    EXPECT_TRUE(refuses_certificate(alert(a), 900));
  for (const Alert a : {Alert::handshake_failure, Alert::protocol_version, Alert::no_application_protocol,
                        Alert::certificate_expired, Alert::internal_error, Alert::user_canceled})
    EXPECT_FALSE(refuses_certificate(alert(a), 900));
}

TEST(Refusals, AreAnEndBehindTheCertificateToo) {
  const NetError truncated(Stage::handshake, Error(Alert::close_notify, Reason::truncated));
  EXPECT_TRUE(refuses_certificate(truncated, 900));
  EXPECT_FALSE(refuses_certificate(truncated, 0));
  EXPECT_FALSE(refuses_certificate(truncated, 99));  // behind a HelloRetryRequest
  const NetError reset(Stage::handshake, boost::system::error_code(asio::error::connection_reset));
  EXPECT_TRUE(refuses_certificate(reset, 900));
  EXPECT_FALSE(refuses_certificate(reset, 0));
  EXPECT_FALSE(refuses_certificate({Stage::handshake, boost::system::error_code(asio::error::timed_out)}, 900));
  EXPECT_FALSE(refuses_certificate({Stage::handshake, boost::system::error_code(asio::error::operation_aborted)}, 900));
  EXPECT_FALSE(refuses_certificate({Stage::handshake, Error(Alert::decode_error, Reason::decode_error)}, 900));
}

}  // namespace
}  // namespace handfast::proxy
