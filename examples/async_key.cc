// A private key that signs in a pool of threads, so that the thread which moves the bytes never waits for it. A key in
// an HSM or on another host looks the same from outside: `sign` starts the work and returns.
//
//   async_key cert.pem key.pem      (https_server.cc says how to make them)
#include <handfast/http_server.h>
#include <handfast/stream.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <iostream>
#include <thread>

using namespace handfast;

namespace {

class PoolKey : public PrivateKey {
 public:
  PoolKey(std::shared_ptr<const PrivateKey> key, boost::asio::thread_pool& pool) : key_(std::move(key)), pool_(pool) {}

  std::span<const SignatureScheme> schemes() const override { return key_->schemes(); }
  Bytes public_key() const override { return key_->public_key(); }

  void sign(SignatureScheme scheme, Buffer message, SignHandler done) const override {
    boost::asio::post(pool_, [this, scheme, message = std::move(message), done = std::move(done)]() mutable {
      ++signed_;
      key_->sign(scheme, std::move(message), std::move(done));
    });
  }

  int signatures() const { return signed_; }

 private:
  std::shared_ptr<const PrivateKey> key_;
  boost::asio::thread_pool& pool_;
  mutable std::atomic<int> signed_ = 0;
};

int give_up(const std::string& why) {
  std::cerr << why << '\n';
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return give_up("usage: async_key CHAIN KEY");
  const auto local = Credential::from_files(arguments[1], arguments[2]);
  if (!local) return give_up(local.error().message());

  boost::asio::thread_pool pool(4);
  const auto key = std::make_shared<PoolKey>((*local)->key(), pool);
  const auto credential = Credential::make((*local)->chain(), key);
  if (!credential) return give_up(credential.error().message());
  ServerOptions server_options;
  server_options.credentials = {*credential};
  const auto tls = ServerConfig::make(server_options);
  if (!tls) return give_up(tls.error().message());

  const auto answer = [](const http::Request&) { return http::Response{.body = "Signed in the pool.\n"}; };
  auto server = http::Server::listen({.listen = "127.0.0.1:0", .tls = *tls, .handler = answer});
  if (!server) return give_up(server.error().message());
  std::jthread serving([&] { server->run(); });

  const Bytes leaf[] = {(*credential)->chain().front()};
  const auto pin = TrustAnchors::pinned(leaf);
  if (!pin) return give_up(pin.error().message());
  ClientOptions client_options;
  client_options.trust = *pin;
  const auto config = ClientConfig::make(client_options);
  if (!config) return give_up(config.error().message());
  int connected = 0;
  for (int i = 0; i < 8; ++i) {
    const auto stream = BlockingStream::connect("127.0.0.1", server->port(), *config);
    if (stream) ++connected;
  }
  server->stop();
  pool.join();
  std::cout << connected << " handshakes, " << key->signatures() << " signatures in the pool\n";
  return connected == 8 && key->signatures() == 8 ? 0 : 1;
}
