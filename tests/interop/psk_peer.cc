// psk_peer: Handfast with a key that was agreed on elsewhere, for which the program has no flags (external_psk.py).
//
// psk_peer connect PORT ROOTS IDENTITY KEY GROUP   asks for / and prints how it was authenticated, and the answer
// psk_peer listen IDENTITY KEY GROUP               prints its port, serves one connection after another
//
// KEY is in hexadecimal. It serves until its input ends.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <handfast/config.h>
#include <handfast/session.h>
#include <handfast/stream.h>

namespace handfast {
namespace {

using boost::asio::ip::tcp;

[[noreturn]] void quit(std::string_view why) {
  fmt::print(stderr, "psk_peer: {}\n", why);
  std::exit(1);
}

template <typename T>
T value(Result<T> result) {
  if (!result) quit(result.error().message());
  return std::move(*result);
}

std::uint16_t number(std::string_view text, int base) {
  std::uint16_t out = 0;
  if (const auto [end, error] = std::from_chars(text.begin(), text.end(), out, base);
      error != std::errc() || end != text.end())
    quit(fmt::format("{} is no number", text));
  return out;
}

Buffer key_of(std::string_view hex) {
  Buffer out;
  for (; hex.size() >= 2; hex.remove_prefix(2)) out.push_back(static_cast<std::uint8_t>(number(hex.substr(0, 2), 16)));
  return out;
}

NamedGroup group_of(std::string_view text) {
  for (const NamedGroup group :
       {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1})
    if (name(group) == text) return group;
  quit(fmt::format("{} is no group", text));
}

void apply(char** arguments, CommonOptions& options) {
  options.pre_shared_keys.push_back(
      value(PreSharedKey::external(as_bytes(std::string_view(arguments[0])), key_of(arguments[1]))));
  options.groups = {group_of(arguments[2])};
  options.min_version = ProtocolVersion::tls1_3;
}

StreamOptions patience() {
  StreamOptions options;
  options.read_timeout = std::chrono::seconds(20);
  return options;
}

void tell(const ConnectionInfo& info) {
  fmt::print("{} {} {}\n", name(info.resumption), name(info.cipher_suite), name(info.group));
  std::fflush(stdout);
}

int connect(std::uint16_t port, const char* roots, char** arguments) {
  ClientOptions options;
  apply(arguments, options);
  options.trust = value(TrustAnchors::from_path(roots));
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  auto stream = BlockingStream::client(std::move(socket), value(ClientConfig::make(std::move(options))),
                                       {"localhost", port}, patience());
  if (!stream) quit(stream.error().message());
  tell(stream->info());
  if (auto sent = stream->write(as_bytes("GET / HTTP/1.0\r\n\r\n")); !sent) quit(sent.error().message());
  for (;;) {
    const NetResult<Bytes> piece = stream->read();
    if (!piece) quit(piece.error().message());
    if (piece->empty()) return 0;
    std::fwrite(piece->data(), 1, piece->size(), stdout);
  }
}

void serve(tcp::socket socket, const std::shared_ptr<const ServerConfig>& config) {
  auto stream = BlockingStream::server(std::move(socket), config, patience());
  const auto failed = [](const NetError& error) {
    fmt::print("failed: {}\n", error.message());
    std::fflush(stdout);
  };
  if (!stream) return failed(stream.error());
  tell(stream->info());
  if (const auto request = stream->read(); !request) return failed(request.error());
  if (const auto sent = stream->write(as_bytes("HTTP/1.0 200 OK\r\n\r\nthe answer\n")); !sent)
    return failed(sent.error());
  if (const auto done = stream->shutdown(); !done) failed(done.error());
}

int listen(char** arguments) {
  ServerOptions options;
  apply(arguments, options);
  const std::shared_ptr<const ServerConfig> config = value(ServerConfig::make(std::move(options)));
  boost::asio::io_context context;
  tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
  fmt::print("listening on 127.0.0.1:{}\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  std::thread([] {
    while (std::getchar() != EOF) continue;
    std::_Exit(0);
  }).detach();
  for (;;) serve(acceptor.accept(), config);
}

}  // namespace
}  // namespace handfast

int main(int count, char** arguments) {
  const std::string_view what = count > 1 ? arguments[1] : "";
  if (what == "connect" && count == 7)
    return handfast::connect(handfast::number(arguments[2], 10), arguments[3], arguments + 4);
  if (what == "listen" && count == 5) return handfast::listen(arguments + 2);
  handfast::quit("see the head of psk_peer.cc");
}
