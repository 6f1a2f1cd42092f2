// An HTTPS client: asks for a page, verifying the server by the system's roots (SSL_CERT_FILE names others).
//
//   https_client www.example.com
#include <handfast/stream.h>

#include <charconv>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>

using namespace handfast;

namespace {

int give_up(const std::string& why) {
  std::cerr << why << '\n';
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return give_up("usage: https_client HOST [PORT]");
  const std::string host = arguments[1];
  const std::string_view digits = count > 2 ? arguments[2] : "443";
  std::uint16_t port = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), port).ec != std::errc())
    return give_up("no port: " + std::string(digits));

  const auto config = ClientConfig::make({});
  if (!config) return give_up(config.error().message());
  auto stream = BlockingStream::connect(host, port, *config);
  if (!stream) return give_up(stream.error().message());
  std::cerr << name(stream->info().version) << ", " << name(stream->info().cipher_suite) << ", verified\n";

  const std::string request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  if (const auto sent = stream->write(as_bytes(request)); !sent) return give_up(sent.error().message());
  auto piece = stream->read();
  for (; piece && !piece->empty(); piece = stream->read()) std::cout << as_text(*piece);
  return piece ? 0 : give_up(piece.error().message());
}
