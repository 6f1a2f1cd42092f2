// BlockingStream: two threads that talk, connecting by name, errors.
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "net/identity.h"
#include "net/loopback.h"

namespace handfast::test {
namespace {

/// Accepts one connection in a thread of its own and hands it to `serve`.
class OneServer {
 public:
  explicit OneServer(std::function<void(tcp::socket)> serve)
      : acceptor_(context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()),
        thread_([this, serve = std::move(serve)] {
          tcp::socket socket(context_);
          acceptor_.accept(socket);
          serve(std::move(socket));
        }) {}
  std::uint16_t port() const { return port_; }

 private:
  io_context context_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::jthread thread_;
};

std::string read_all(BlockingStream& stream) {
  std::string all;
  for (;;) {
    NetResult<Bytes> piece = stream.read();
    EXPECT_TRUE(piece) << piece.error().message();
    if (!piece || piece->empty()) return all;
    all += as_text(*piece);
  }
}

TEST(Blocking, QuestionAndAnswer) {
  OneServer server([](tcp::socket socket) {
    NetResult<BlockingStream> stream = BlockingStream::server(std::move(socket), make(server_options()));
    ASSERT_TRUE(stream) << stream.error().message();
    EXPECT_EQ(stream->info().server_name, host);
    const std::string question = read_all(*stream);
    EXPECT_TRUE(stream->write(as_bytes(question + question)));
    EXPECT_TRUE(stream->update_keys(KeyUpdateRequest::update_requested));
    EXPECT_TRUE(stream->write(as_bytes("!")));
    EXPECT_TRUE(stream->shutdown());
  });
  NetResult<BlockingStream> stream = BlockingStream::connect(host, server.port(), make(client_options()));
  ASSERT_TRUE(stream) << stream.error().message();
  EXPECT_TRUE(stream->info().peer_verified);
  const std::string question(300'000, 'q');
  ASSERT_TRUE(stream->write(as_bytes(question)));
  ASSERT_TRUE(stream->close_write());
  EXPECT_EQ(read_all(*stream), question + question + "!");
  EXPECT_TRUE(stream->shutdown());
}

TEST(Blocking, ReadSomeInSmallPieces) {
  OneServer server([](tcp::socket socket) {
    NetResult<BlockingStream> stream = BlockingStream::server(std::move(socket), make(server_options()));
    ASSERT_TRUE(stream) << stream.error().message();
    EXPECT_TRUE(stream->write(as_bytes("0123456789")));
    EXPECT_TRUE(stream->shutdown());
  });
  NetResult<BlockingStream> stream = BlockingStream::connect("127.0.0.1", server.port(), make(client_options()));
  ASSERT_TRUE(stream) << stream.error().message();
  std::string all;
  for (;;) {
    std::uint8_t buffer[3];
    NetResult<std::size_t> count = stream->read_some(buffer);
    ASSERT_TRUE(count) << count.error().message();
    if (*count == 0) break;
    EXPECT_LE(*count, 3u);
    all += as_text({buffer, *count});
  }
  EXPECT_EQ(all, "0123456789");
}

TEST(Blocking, UntrustedServer) {
  OneServer server([](tcp::socket socket) {
    NetResult<BlockingStream> stream = BlockingStream::server(std::move(socket), make(server_options()));
    ASSERT_FALSE(stream);
    ASSERT_TRUE(stream.error().tls()) << stream.error().message();
    EXPECT_EQ(stream.error().tls()->reason(), Reason::alert_received);
    EXPECT_EQ(stream.error().tls()->alert(), Alert::unknown_ca);
  });
  ClientOptions options;
  options.trust = trust_in_others();
  NetResult<BlockingStream> stream = BlockingStream::connect("127.0.0.1", server.port(), make(options));
  ASSERT_FALSE(stream);
  ASSERT_TRUE(stream.error().tls());
  EXPECT_EQ(stream.error().tls()->reason(), Reason::unknown_issuer);
  EXPECT_EQ(stream.error().stage(), Stage::handshake);
}

TEST(Blocking, NobodyListens) {
  io_context context;
  // A port that is taken, but not listened on.
  tcp::socket taken(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  NetResult<BlockingStream> stream =
      BlockingStream::connect("127.0.0.1", taken.local_endpoint().port(), make(client_options()));
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().stage(), Stage::connect);
  EXPECT_EQ(stream.error().transport(), boost::asio::error::connection_refused);
  EXPECT_EQ(stream.error().message(), "connect: Connection refused");
}

TEST(Blocking, AServerThatNeverAnswers) {
  io_context context;
  SocketPair pair = connected_sockets(context);
  StreamOptions options;
  options.handshake_timeout = 100ms;
  NetResult<BlockingStream> stream =
      BlockingStream::client(std::move(pair.client), make(client_options()), host, options);
  ASSERT_FALSE(stream);
  EXPECT_TRUE(stream.error().timed_out()) << stream.error().message();
}

TEST(Blocking, ANameThatIsNone) {
  io_context context;
  SocketPair pair = connected_sockets(context);
  NetResult<BlockingStream> stream = BlockingStream::client(std::move(pair.client), make(client_options()), "a..b");
  ASSERT_FALSE(stream);
  ASSERT_TRUE(stream.error().tls());
  EXPECT_EQ(stream.error().tls()->reason(), Reason::bad_config);
}

}  // namespace
}  // namespace handfast::test
