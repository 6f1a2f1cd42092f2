// The engine alone: a client says its ClientHello, with a key share that libcrypto makes.
#include <cstdio>

#include <handfast/connection.h>

#include "config.h"

int main() {
  auto config = client_config();
  if (!config) return std::puts(config.error().message().c_str()), 1;
  auto connection = handfast::Connection::client(*config, "example.com");
  if (!connection) return std::puts(connection.error().message().c_str()), 1;
  std::printf("engine: a ClientHello of %zu bytes\n", connection->output().size());
  return connection->output().empty() ? 1 : 0;
}
