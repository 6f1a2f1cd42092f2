// dial: which address is connected to.
#include "proxy/origin.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "net/loopback.h"

namespace handfast::test {
namespace {

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
