// A whole client, from its first byte to data and key updates: the input is settings and a program (peers.h).
#include "peers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace handfast;
  fuzz::Choices input(data, size);
  const std::uint16_t settings = input.number();
  test::Pair pair(fuzz::client_options(settings), fuzz::server_options(settings));
  fuzz::Run(pair.client, pair.server).run(input);
  return 0;
}
