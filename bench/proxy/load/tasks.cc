#include "tasks.h"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>

namespace handfast::bench {

void run_all(asio::io_context& io, std::vector<Awaitable<void>> tasks) {
  for (Awaitable<void>& task : tasks) {
    asio::co_spawn(io, std::move(task), [](std::exception_ptr failure) {
      if (failure != nullptr) std::rethrow_exception(std::move(failure));
    });
  }
  io.restart();
  io.run();
}

}  // namespace handfast::bench
