#include "proxy/transparent.h"

#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "net/address_block.h"

namespace handfast::proxy {
namespace {

using boost::asio::ip::tcp;

/// <linux/netfilter_ipv4.h> and <linux/netfilter_ipv6/ip6_tables.h>, which do not compile everywhere.
constexpr int so_original_dst = 80;

/// As all addresses here: IPv4 is IPv4, in whatever it comes.
tcp::endpoint unmapped(const tcp::endpoint& endpoint) { return {net::unmapped(endpoint.address()), endpoint.port()}; }

std::expected<tcp::endpoint, int> ask(int socket, int level) {
  tcp::endpoint endpoint;
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockopt(socket, level, so_original_dst, &address, &size) != 0) return std::unexpected(errno);
  if (size > endpoint.capacity()) return std::unexpected(EINVAL);
  std::memcpy(endpoint.data(), &address, size);
  endpoint.resize(size);
  return endpoint;
}

}  // namespace

std::expected<tcp::endpoint, std::string_view> original_destination(tcp::socket& socket) {
  boost::system::error_code error;
  const tcp::endpoint local = unmapped(socket.local_endpoint(error));
  if (error) return std::unexpected("the connection is gone");
  const auto found = ask(socket.native_handle(), local.address().is_v4() ? IPPROTO_IP : IPPROTO_IPV6);
  if (!found) return std::unexpected("it was not redirected: the kernel knows of no other destination");
  const tcp::endpoint destination = unmapped(*found);
  if (destination == local) return std::unexpected("it was not redirected: it was for the proxy itself");
  return destination;
}

OwnConnections::Entry& OwnConnections::Entry::operator=(Entry&& other) noexcept {
  std::swap(of_, other.of_);
  std::swap(local_, other.local_);
  return *this;
}

OwnConnections::Entry::~Entry() {
  if (!of_) return;
  const std::lock_guard lock(of_->mutex_);
  const auto found = of_->counts_.find(local_);
  if (found != of_->counts_.end() && --found->second == 0) of_->counts_.erase(found);
}

OwnConnections::Entry OwnConnections::add(const tcp::endpoint& local) {
  Entry entry;
  entry.of_ = shared_from_this();
  entry.local_ = unmapped(local);
  const std::lock_guard lock(mutex_);
  ++counts_[entry.local_];
  return entry;
}

bool OwnConnections::contains(const tcp::endpoint& peer) const {
  const std::lock_guard lock(mutex_);
  return counts_.contains(unmapped(peer));
}

}  // namespace handfast::proxy
