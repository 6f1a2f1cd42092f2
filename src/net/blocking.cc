// BlockingStream: a Stream with an io_context of its own, which runs while an operation waits.
#include <handfast/stream.h>

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace handfast {
namespace {

namespace asio = boost::asio;

template <typename T>
asio::awaitable<void> keep_result(Stream::Awaitable<T> operation, std::optional<NetResult<T>>& kept) {
  NetResult<T> result = co_await std::move(operation);
  kept = std::move(result);
}

}  // namespace

struct BlockingStream::Impl {
  /// Runs one operation to its end.
  template <typename T>
  NetResult<T> wait(Stream::Awaitable<T> operation) {
    std::optional<NetResult<T>> kept;
    bool done = false;
    std::exception_ptr thrown;
    asio::co_spawn(context, keep_result(std::move(operation), kept), [&](std::exception_ptr exception) {
      thrown = exception;
      done = true;
    });
    context.restart();
    while (!done) context.run_one();
    if (thrown) std::rethrow_exception(thrown);
    return *std::move(kept);
  }

  /// The same connection on our io_context.
  Stream::Socket adopt(Stream::Socket socket) {
    boost::system::error_code error;
    const auto local = socket.local_endpoint(error);
    Stream::Socket adopted(context);
    if (!error) adopted.assign(local.protocol(), socket.release(error), error);
    return adopted;
  }

  asio::io_context context{1};
  std::optional<Stream> stream;
};

NetResult<BlockingStream> BlockingStream::connect(std::string_view host, std::uint16_t port,
                                                  std::shared_ptr<const ClientConfig> config,
                                                  const StreamOptions& options) {
  auto impl = std::make_unique<Impl>();
  NetResult<Stream> stream = impl->wait(Stream::connect(host, port, std::move(config), options));
  if (!stream) return std::unexpected(std::move(stream).error());
  impl->stream = *std::move(stream);
  return BlockingStream(std::move(impl));
}

NetResult<BlockingStream> BlockingStream::client(Stream::Socket socket, std::shared_ptr<const ClientConfig> config,
                                                 ServerAddress server, const StreamOptions& options) {
  auto impl = std::make_unique<Impl>();
  Result<Stream> stream = Stream::client(impl->adopt(std::move(socket)), std::move(config), server, options);
  if (!stream) return std::unexpected(NetError(Stage::handshake, std::move(stream).error()));
  impl->stream = *std::move(stream);
  NetResult<> done = impl->wait(impl->stream->handshake());
  if (!done) return std::unexpected(std::move(done).error());
  return BlockingStream(std::move(impl));
}

NetResult<BlockingStream> BlockingStream::server(Stream::Socket socket, std::shared_ptr<const ServerConfig> config,
                                                 const StreamOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->stream = Stream::server(impl->adopt(std::move(socket)), std::move(config), options);
  NetResult<> done = impl->wait(impl->stream->handshake());
  if (!done) return std::unexpected(std::move(done).error());
  return BlockingStream(std::move(impl));
}

BlockingStream::BlockingStream(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
BlockingStream::BlockingStream(BlockingStream&&) noexcept = default;
BlockingStream& BlockingStream::operator=(BlockingStream&&) noexcept = default;
BlockingStream::~BlockingStream() = default;

NetResult<std::size_t> BlockingStream::read_some(MutableBytes buffer) {
  return impl_->wait(impl_->stream->read_some(buffer));
}
NetResult<Bytes> BlockingStream::read() { return impl_->wait(impl_->stream->read()); }
bool BlockingStream::read_early_data() const noexcept { return impl_->stream->read_early_data(); }
NetResult<> BlockingStream::write(Bytes data) { return impl_->wait(impl_->stream->write(data)); }
bool BlockingStream::early_data_sent() const noexcept { return impl_->stream->early_data_sent(); }
NetResult<> BlockingStream::resend_early_data() { return impl_->wait(impl_->stream->resend_early_data()); }
NetResult<> BlockingStream::update_keys(KeyUpdateRequest request) {
  return impl_->wait(impl_->stream->update_keys(request));
}
NetResult<> BlockingStream::request_certificate(ClientAuth demand) {
  return impl_->wait(impl_->stream->request_certificate(demand));
}
NetResult<> BlockingStream::close_write() { return impl_->wait(impl_->stream->close_write()); }
NetResult<> BlockingStream::shutdown() { return impl_->wait(impl_->stream->shutdown()); }

const Connection& BlockingStream::connection() const noexcept { return impl_->stream->connection(); }

}  // namespace handfast
