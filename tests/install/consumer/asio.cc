// The Asio Stream: where nobody listens, the transport's error comes back, not one of TLS.
#include <cstdio>

#include <handfast/stream.h>

#include "config.h"

int main() {
  auto config = client_config();
  if (!config) return std::puts(config.error().message().c_str()), 1;
  auto stream = handfast::BlockingStream::connect("127.0.0.1", 1, *config);
  if (stream || stream.error().tls()) return std::puts("asio: port 1 should refuse a connection"), 1;
  std::printf("asio: %s\n", stream.error().message().c_str());
  return 0;
}
