// PROXY headers: read whole, in part, and written again.
#include "net/proxy_protocol.h"

#include "fuzz.h"

namespace handfast::fuzz {
namespace {

void read(Bytes received) {
  const auto whole = net::read_proxy_header(received);
  if (!whole || !*whole) {
    // What is refused, or not all there yet, is no header at any length before.
    for (std::size_t size = 0; size < received.size(); size += 1 + size / 8) {
      const auto part = net::read_proxy_header(received.first(size));
      require(!part || !*part);
      if (!part) require(!whole);
    }
    return;
  }
  const net::ReceivedProxyHeader& found = **whole;
  require(found.size <= received.size());
  require(found.size <= (found.version == 1 ? net::max_proxy_header_v1 : net::max_proxy_header_v2));
  const auto exact = net::read_proxy_header(received.first(found.size));
  require(exact && *exact && (*exact)->header == found.header);
  for (std::size_t size = 0; size < found.size; size += 1 + size / 8) {
    const auto part = net::read_proxy_header(received.first(size));
    require(part && !*part);
  }

  Buffer again;
  net::write_proxy_header_v2(again, found.header);
  const auto second = net::read_proxy_header(again);
  require(second && *second && (*second)->size == again.size());
  // Addresses of IPv4 inside of IPv6 become IPv4; once so, it stays.
  Buffer third;
  net::write_proxy_header_v2(third, (*second)->header);
  require(third == again);
  Buffer line;
  net::write_proxy_header_v1(line, found.header);
  require(line.size() <= net::max_proxy_header_v1);
  const auto first = net::read_proxy_header(line);
  require(first && *first && (*first)->header.addresses == (*second)->header.addresses);
}

}  // namespace
}  // namespace handfast::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  handfast::fuzz::read({data, size});
  return 0;
}
