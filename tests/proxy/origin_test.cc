// dial: which addresses are connected to, and for how long.
#include "proxy/origin.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <utility>

#include "net/loopback.h"

namespace handfast::test {
namespace {

awaitable<void> keep(proxy::Dial dial, proxy::Limits limits, std::optional<NetError>& error) {
  const NetResult<proxy::Leg> leg = co_await proxy::dial(std::move(dial), limits);
  if (!leg) error = leg.error();
}

TEST(Dial, AnOriginWithManyDeadAddressesTakesNoLongerThanOneWithOne) {
  io_context context;
  const SilentPort silent(context);
  proxy::Dial dial;
  dial.origin = {"many.example", 443};
  dial.endpoints = silent.endpoints(20);
  proxy::Limits limits;
  limits.connect_timeout = 500ms;
  std::optional<NetError> error;
  const auto began = std::chrono::steady_clock::now();
  Together one(context);
  one.add(keep(std::move(dial), limits, error));
  one.run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->stage(), Stage::connect);
  EXPECT_TRUE(error->timed_out());
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
}

awaitable<void> dial_into(proxy::Dial dial, std::optional<NetResult<proxy::Leg>>& result) {
  NetResult<proxy::Leg> leg = co_await proxy::dial(std::move(dial), proxy::Limits());
  result.emplace(std::move(leg));
}

/// Whoever owns a name may say something else the next time that it is asked for.
TEST(Dial, GoesToTheAddressesThatWereCheckedWhateverTheNameSays) {
  io_context context;
  tcp::acceptor listening(context, {boost::asio::ip::address_v4::loopback(), 0});
  const tcp::endpoint checked = listening.local_endpoint();
  std::optional<NetResult<proxy::Leg>> leg;
  Together together(context);
  together.add(dial_into({{"nobody.invalid", checked.port()}, {checked}, {}}, leg));
  together.run();
  ASSERT_TRUE(leg->has_value()) << leg->error().message();
  EXPECT_EQ((*leg)->remote_endpoint(), checked);
}

}  // namespace
}  // namespace handfast::test
