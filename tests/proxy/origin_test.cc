// dial: how long the way to an origin may take.
#include "proxy/origin.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

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

}  // namespace
}  // namespace handfast::test
