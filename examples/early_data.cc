// Asks a server twice. The second time the session is resumed, and the question goes out right behind the ClientHello:
// its answer comes after one round trip. Whoever sees early data on its way may send it again, so that it is for
// questions only that may be asked twice.
//
//   early_data cert.pem key.pem      (https_server.cc says how to make them)
#include <handfast/http_server.h>
#include <handfast/stream.h>

#include <chrono>
#include <iostream>
#include <thread>

using namespace handfast;

namespace {

int give_up(const std::string& why) {
  std::cerr << why << '\n';
  return 1;
}

NetResult<std::string> ask(std::uint16_t port, const std::shared_ptr<const ClientConfig>& config) {
  const std::string_view question = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  StreamOptions options;
  options.early_data.assign(question.begin(), question.end());
  auto stream = BlockingStream::connect("127.0.0.1", port, config, options);
  if (!stream) return std::unexpected(stream.error());
  NetResult<> sent;
  if (!stream->early_data_sent())
    sent = stream->write(as_bytes(question));
  else if (stream->info().early_data != EarlyData::accepted)
    sent = stream->resend_early_data();
  if (!sent) return std::unexpected(sent.error());
  std::string answer;
  auto piece = stream->read();
  for (; piece && !piece->empty(); piece = stream->read()) answer += as_text(*piece);
  if (!piece) return std::unexpected(piece.error());
  std::cout << "resumption: " << name(stream->info().resumption) << ", early data: " << name(stream->info().early_data)
            << '\n';
  return answer;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return give_up("usage: early_data CHAIN KEY");
  const auto credential = Credential::from_files(arguments[1], arguments[2]);
  if (!credential) return give_up(credential.error().message());

  // The server: keys for tickets, and a register of the early data that was taken, so that none is taken twice.
  ServerOptions server_options;
  server_options.credentials = {*credential};
  server_options.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  server_options.sessions.max_early_data = 16384;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  server_options.sessions.strike_register =
      std::make_shared<StrikeRegister>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  const auto tls = ServerConfig::make(server_options);
  if (!tls) return give_up(tls.error().message());
  const auto handler = [](const http::Request&) { return http::Response{.body = "Here you are.\n"}; };
  auto server = http::Server::listen({.listen = "127.0.0.1:0", .tls = *tls, .handler = handler});
  if (!server) return give_up(server.error().message());
  std::jthread serving([&] { server->run(); });

  // The client: a place for its sessions.
  const Bytes leaf[] = {(*credential)->chain().front()};
  const auto pin = TrustAnchors::pinned(leaf);
  if (!pin) return give_up(pin.error().message());
  ClientOptions client_options;
  client_options.trust = *pin;
  client_options.sessions.store = std::make_shared<MemoryClientSessionStore>();
  client_options.sessions.early_data = true;
  const auto config = ClientConfig::make(client_options);
  if (!config) return give_up(config.error().message());

  NetResult<std::string> answer;
  for (int i = 0; i < 2 && answer; ++i) answer = ask(server->port(), *config);
  server->stop();
  if (!answer) return give_up(answer.error().message());
  std::cout << *answer;
  return answer->ends_with("Here you are.\n") ? 0 : 1;
}
