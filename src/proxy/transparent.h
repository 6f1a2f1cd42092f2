// Connections that the kernel has led to us although they were for somebody else.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

namespace handfast::proxy {

/// Where the client of an accepted connection wanted to go, as the kernel's connection tracking knows it: netfilter's
/// REDIRECT and DNAT, of IPv4 and IPv6. Otherwise why there is no such place: it was not redirected, or was for us.
std::expected<boost::asio::ip::tcp::endpoint, std::string_view> original_destination(
    boost::asio::ip::tcp::socket& socket);

/// The connections that we have made ourselves, by our end of them. One that comes back to us, since the rules that
/// redirect do not except us, would go in circles until nothing is left. Thread-safe.
class OwnConnections : public std::enable_shared_from_this<OwnConnections> {
 public:
  /// While it lives the connection is known.
  class Entry {
   public:
    Entry() noexcept = default;
    Entry(Entry&&) noexcept = default;
    Entry& operator=(Entry&& other) noexcept;
    ~Entry();

   private:
    friend OwnConnections;
    std::shared_ptr<OwnConnections> of_;
    boost::asio::ip::tcp::endpoint local_;
  };
  Entry add(const boost::asio::ip::tcp::endpoint& local);
  bool contains(const boost::asio::ip::tcp::endpoint& peer) const;

 private:
  mutable std::mutex mutex_;
  std::map<boost::asio::ip::tcp::endpoint, std::size_t> counts_;
};

}  // namespace handfast::proxy
