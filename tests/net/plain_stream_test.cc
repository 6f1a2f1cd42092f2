// PlainStream: what it does to others on the same executor.
#include "net/plain_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/loopback.h"

namespace handfast::test {
namespace {

awaitable<void> shut_down(net::PlainStream stream, bool& over) {
  const NetResult<> closed = co_await stream.shutdown();
  over = true;
}

awaitable<void> count_turns(io_context& context, const bool& over, int& turns) {
  for (; !over; ++turns) co_await boost::asio::post(context, boost::asio::use_awaitable);
}

TEST(PlainStream, OneThatIsShutDownLeavesOthersTheirTurnsHoweverMuchComes) {
  io_context context;
  SocketPair pair = connected_sockets(context);
  // All of it is there, and its end behind it: there is nothing to wait for.
  const std::string much(150'000, 'x');
  pair.server.set_option(boost::asio::socket_base::receive_buffer_size(1'000'000));
  boost::asio::write(pair.client, boost::asio::buffer(much));
  pair.client.close();
  while (pair.server.available() < much.size()) std::this_thread::sleep_for(1ms);
  bool over = false;
  int turns = 0;
  Together together(context);
  together.add(shut_down(net::PlainStream(std::move(pair.server)), over));
  together.add(count_turns(context, over, turns));
  together.run();
  EXPECT_GE(turns, 2);
}

}  // namespace
}  // namespace handfast::test
