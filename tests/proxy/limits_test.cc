// Admission: how many connections there are at a time, in all and of one address.
#include "proxy/limits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "proxy/body_mover.h"
#include "proxy/interception.h"

namespace handfast::test {
namespace {

using boost::asio::ip::make_address;
using proxy::Admission;
using proxy::Limits;

Admission::Admitted admit(const std::shared_ptr<Admission>& admission, const char* address, const Limits& limits) {
  return Admission::admit(admission, make_address(address), limits);
}

TEST(Admission, CountsAllAndGivesPlacesBack) {
  auto admission = std::make_shared<Admission>();
  const Limits limits{.connections = 2, .per_address = 0};
  auto first = admit(admission, "192.0.2.1", limits);
  auto second = admit(admission, "192.0.2.1", limits);
  EXPECT_EQ(first.verdict, Admission::Verdict::admitted);
  EXPECT_EQ(second.verdict, Admission::Verdict::admitted);
  EXPECT_EQ(admit(admission, "192.0.2.2", limits).verdict, Admission::Verdict::too_many);
  EXPECT_EQ(admission->connections(), 2U);
  first.place = {};
  EXPECT_EQ(admission->connections(), 1U);
  EXPECT_EQ(admit(admission, "192.0.2.2", limits).verdict, Admission::Verdict::admitted);
}

TEST(Admission, CountsAnAddressHoweverItIsWritten) {
  auto admission = std::make_shared<Admission>();
  const Limits limits{.connections = 0, .per_address = 1};
  const auto v4 = admit(admission, "192.0.2.1", limits);
  EXPECT_EQ(v4.verdict, Admission::Verdict::admitted);
  EXPECT_EQ(admit(admission, "::ffff:192.0.2.1", limits).verdict, Admission::Verdict::too_many_of_address);
  const auto other = admit(admission, "192.0.2.2", limits);
  EXPECT_EQ(other.verdict, Admission::Verdict::admitted);
  // Of IPv6 whoever has one address has its /64.
  const auto v6 = admit(admission, "2001:db8::1", limits);
  EXPECT_EQ(v6.verdict, Admission::Verdict::admitted);
  EXPECT_EQ(admit(admission, "2001:db8::ffff:1", limits).verdict, Admission::Verdict::too_many_of_address);
  EXPECT_EQ(admit(admission, "2001:db8:0:1::1", limits).verdict, Admission::Verdict::admitted);
}

TEST(Admission, ARefusalCountsNothing) {
  auto admission = std::make_shared<Admission>();
  const Limits limits{.connections = 10, .per_address = 1};
  auto place = admit(admission, "192.0.2.1", limits);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(admit(admission, "192.0.2.1", limits).verdict, Admission::Verdict::too_many_of_address);
  EXPECT_EQ(admission->connections(), 1U);
  place.place = {};
  EXPECT_EQ(admit(admission, "192.0.2.1", limits).verdict, Admission::Verdict::admitted);
  EXPECT_EQ(admission->connections(), 0U);
}

TEST(Admission, AConnectionThatIsPassedOnIsItsClients) {
  auto admission = std::make_shared<Admission>();
  const Limits limits{.connections = 0, .per_address = 1};
  const Limits of_sender{.connections = 0, .per_address = 0};
  auto first = admit(admission, "192.0.2.1", of_sender);
  auto second = admit(admission, "192.0.2.1", of_sender);
  EXPECT_EQ(first.place.count_as(make_address("198.51.100.1"), limits), Admission::Verdict::admitted);
  EXPECT_EQ(second.place.count_as(make_address("198.51.100.1"), limits), Admission::Verdict::too_many_of_address);
  EXPECT_EQ(second.place.count_as(make_address("198.51.100.2"), limits), Admission::Verdict::admitted);
  EXPECT_EQ(admit(admission, "192.0.2.1", limits).verdict, Admission::Verdict::admitted);  // none is its own
  EXPECT_EQ(admit(admission, "198.51.100.1", limits).verdict, Admission::Verdict::too_many_of_address);
  EXPECT_EQ(admission->connections(), 2U);
  first.place = {};
  EXPECT_EQ(admit(admission, "198.51.100.1", limits).verdict, Admission::Verdict::admitted);
  second.place = {};
  EXPECT_EQ(admit(admission, "198.51.100.2", limits).verdict, Admission::Verdict::admitted);
  EXPECT_EQ(admission->connections(), 0U);
}

TEST(Admission, FromManyThreads) {
  auto admission = std::make_shared<Admission>();
  const Limits limits{.connections = 8, .per_address = 5};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 2000; ++round) {
        const auto one = admit(admission, "192.0.2.1", limits);
        const auto other = admit(admission, "2001:db8::1", limits);
        EXPECT_LE(admission->connections(), 16U);  // one that is refused is counted for a moment
      }
    });
  threads.clear();
  EXPECT_EQ(admission->connections(), 0U);
}

TEST(RateMeter, AFastStartBuysNoLongStall) {
  using std::chrono::seconds;
  proxy::RateMeter meter(100, seconds(10));
  EXPECT_TRUE(meter.moved(1'000'000, seconds(1)));
  EXPECT_TRUE(meter.moved(1, seconds(9)));
  // From here on it is measured anew.
  EXPECT_TRUE(meter.moved(998, seconds(9)));
  EXPECT_FALSE(meter.moved(1, seconds(1)));
  proxy::RateMeter steady(100, seconds(10));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(steady.moved(500, seconds(5)));
  EXPECT_FALSE(steady.moved(500, seconds(60)));
  proxy::RateMeter any(0, seconds(10));
  EXPECT_TRUE(any.moved(0, seconds(3600)));
}

TEST(Guest, CountsAsItsSlash64) {
  const auto payer = [](const char* address) { return proxy::Guest({make_address(address), 4711}).payer; };
  EXPECT_EQ(payer("2001:db8:1:2::1"), payer("2001:db8:1:2:ffff::"));
  EXPECT_NE(payer("2001:db8:1:2::1"), payer("2001:db8:1:3::1"));
  EXPECT_EQ(payer("::ffff:192.0.2.1"), payer("192.0.2.1"));
  EXPECT_NE(payer("192.0.2.1"), payer("192.0.2.2"));
}

TEST(Limits, NoTimeIsTakenForAnother) {
  using std::chrono::milliseconds;
  EXPECT_EQ(proxy::parse_seconds(0), milliseconds(0));
  EXPECT_EQ(proxy::parse_seconds(0.001), milliseconds(1));
  EXPECT_EQ(proxy::parse_seconds(1.5), milliseconds(1500));
  EXPECT_EQ(proxy::parse_seconds(2592000), milliseconds(2'592'000'000));
  // Half a millisecond would be none, which is for ever.
  for (const double seconds : {0.0009, 0.0004, 1e-300, -0.001, -1.0, 2592001.0, 1e300, std::nan(""), HUGE_VAL})
    EXPECT_EQ(proxy::parse_seconds(seconds), std::nullopt) << seconds;
}

}  // namespace
}  // namespace handfast::test
