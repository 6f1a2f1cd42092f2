// Work that blocks, done in other threads than those that serve.
#pragma once

#include <chrono>
#include <functional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

namespace handfast::net {

/// Runs `work` in one of a few threads that the process has for it, and waits without holding up this one. False: it
/// has not ended within `patience`; then it goes on, or is not even begun, and nobody waits for it: it owns all that it
/// uses, and what it writes is not to be looked at. It must not throw.
///
/// Any number may be under way; more than 16 wait for each other.
boost::asio::awaitable<bool> run_elsewhere(std::function<void()> work, std::chrono::milliseconds patience);

/// The same in threads of its own, for work that takes a processor for so long that none but its like should wait for
/// it. `pool` stays until the process ends: who waits for a thread that blocks would wait too.
boost::asio::awaitable<bool> run_in(boost::asio::thread_pool& pool, std::function<void()> work,
                                    std::chrono::milliseconds patience);

}  // namespace handfast::net
