// http::Server: one coroutine a connection, one request after the other.
#include <handfast/http_server.h>

#include <algorithm>
#include <fstream>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <handfast/stream.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "http/message.h"
#include "net/endpoint.h"
#include "net/listener.h"

namespace handfast::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t file_chunk = 65536;

Response plain(unsigned status, std::string_view words) {
  Response response;
  response.status = status;
  response.fields.push_back({"Content-Type", "text/plain; charset=utf-8"});
  response.body = fmt::format("{}\n", words);
  return response;
}

/// A response, ready to go.
struct Answer {
  std::string head;
  std::string body;    ///< without the file's
  std::ifstream file;  ///< open where a file is sent
  std::uint64_t file_size = 0;
};

Answer prepare(Response response, bool keep_alive) {
  Answer answer;
  if (!response.file.empty()) {
    std::error_code error;
    answer.file_size = std::filesystem::file_size(response.file, error);
    if (!error) answer.file.open(response.file, std::ios::binary);
    if (!answer.file.is_open()) response = plain(404, "Not found.");
  }
  const std::uint64_t length = answer.file.is_open() ? answer.file_size : response.body.size();
  std::optional<std::string> head = write_head(response, length, keep_alive);
  if (!head) {
    // The handler's mistake, not the client's.
    answer.file.close();
    response = plain(500, "The server has made a mistake.");
    head = write_head(response, response.body.size(), keep_alive);
  }
  answer.head = *std::move(head);
  answer.body = std::move(response.body);
  return answer;
}

Response ask(const Handler& handler, const Request& request) {
  try {
    return handler(request);
  } catch (...) {
    return plain(500, "The server has made a mistake.");
  }
}

/// Asks for the client's certificate where the request needs one that was not shown yet.
asio::awaitable<NetResult<>> authenticate(Stream& stream, const Request& request, const Settings& settings) {
  const ConnectionInfo& info = stream.info();
  bool needed = false;
  try {
    needed = settings.needs_certificate && settings.needs_certificate(request);
  } catch (...) {
    needed = true;  // and the handler is to find out
  }
  const bool answered = info.peer_verified || info.verification_error;
  if (!needed || answered || !info.post_handshake_auth) co_return NetResult<>();
  NetResult<> asked = co_await stream.request_certificate(ClientAuth::request);
  if (asked && info.peer_verified && settings.authenticated) settings.authenticated(request.peer);
  co_return asked;
}

/// The next request; nothing where the client has ended the connection between two.
struct Reading {
  std::optional<ParsedRequest> request;
  bool early_data = false;          ///< some of it came so
  std::optional<unsigned> refused;  ///< the status to answer with
};

asio::awaitable<NetResult<Reading>> read_request(Stream& stream, Buffer& input, const Settings& settings) {
  Reading reading;
  const RequestReader::Limits limits{settings.max_header, settings.max_body};
  RequestReader reader(limits);
  const auto deadline = std::chrono::steady_clock::now() + settings.request_timeout;
  for (;;) {
    if (!input.empty()) reading.refused = reader.take(input);
    if (reading.refused) co_return reading;
    if (reader.done()) break;
    // Each read has its own time-out; this one is against those that drip.
    if (std::chrono::steady_clock::now() >= deadline) {
      reading.refused = 408;
      co_return reading;
    }
    NetResult<Bytes> bytes = co_await stream.read();
    if (!bytes) {
      const Error* error = bytes.error().tls();
      const bool between = !reader.started() && input.empty();
      // Clients that have what they wanted just go away.
      const bool gone = (error && error->reason() == Reason::truncated) ||
                        bytes.error().transport() == asio::error::connection_reset || bytes.error().timed_out();
      if (between && gone) co_return reading;
      co_return std::unexpected(std::move(bytes).error());
    }
    if (bytes->empty()) co_return reading;
    if (stream.read_early_data()) reading.early_data = true;
    input.insert(input.end(), bytes->begin(), bytes->end());
  }
  reading.request = reader.request();
  co_return reading;
}

asio::awaitable<NetResult<>> send(Stream& stream, Answer answer, bool body_wanted) {
  if (body_wanted && !answer.file.is_open()) answer.head += answer.body;
  NetResult<> sent = co_await stream.write(as_bytes(answer.head));
  if (!answer.file.is_open() || !body_wanted) co_return sent;
  Buffer chunk(file_chunk);
  for (std::uint64_t left = answer.file_size; sent && left > 0;) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, chunk.size()));
    answer.file.read(reinterpret_cast<char*>(chunk.data()), static_cast<std::streamsize>(wanted));
    // It has shrunk: the length is promised, so the client has to see that something is missing.
    if (!answer.file) {
      stream.close();
      break;
    }
    const Bytes piece(chunk.data(), wanted);
    sent = co_await stream.write(piece);
    left -= wanted;
  }
  co_return sent;
}

/// Of the methods that do no harm when they are done twice (RFC 9110, section 9.2.1) those two that anybody needs
/// early.
bool may_come_early(std::string_view method) { return method == "GET" || method == "HEAD"; }

/// RFC 8470, section 5.2: the client is to send it again once the handshake is done.
Response too_early() { return plain(425, "This request came as early data. Send it again after the handshake."); }

/// Requests and answers, until one side has enough.
asio::awaitable<NetResult<>> converse(Stream& stream, const Peer& peer, const Settings& settings) {
  Buffer input;
  bool input_is_early = false;  ///< what is left in `input`
  for (bool keep_alive = true; keep_alive;) {
    const bool begins_early = input_is_early && !input.empty();
    NetResult<Reading> reading = co_await read_request(stream, input, settings);
    if (!reading) co_return std::unexpected(std::move(reading).error());
    bool body_wanted = true;
    Response response;
    if (reading->refused) {
      keep_alive = false;
      response = plain(*reading->refused, "This request is not taken.");
    } else if (reading->request) {
      ParsedRequest& parsed = *reading->request;
      keep_alive = parsed.keep_alive;
      body_wanted = parsed.method != "HEAD";
      const bool early_data = begins_early || reading->early_data;
      input_is_early = early_data;
      const Request request{std::move(parsed.method),
                            std::move(parsed.target),
                            std::move(parsed.fields),
                            std::move(parsed.body),
                            peer,
                            early_data};
      if (early_data && !may_come_early(request.method)) {
        response = too_early();
      } else {
        NetResult<> authenticated = co_await authenticate(stream, request, settings);
        if (!authenticated) co_return authenticated;
        response = ask(settings.handler, request);
      }
      // RFC 9112, section 6.3: these end with their head, whatever they say.
      if (response.status == 204 || response.status == 304) body_wanted = false;
    } else {
      break;
    }
    Answer answer = prepare(std::move(response), keep_alive);
    NetResult<> sent = co_await send(stream, std::move(answer), body_wanted);
    if (!sent) co_return sent;
  }
  // Everything has been said: whether our goodbye arrives as well is of no importance.
  NetResult<> closed = co_await stream.shutdown();
  static_cast<void>(closed);
  co_return NetResult<>();
}

asio::awaitable<void> serve_connection(const Settings& settings, tcp::socket socket) {
  const std::unique_ptr<Trace> trace = settings.trace ? settings.trace() : nullptr;
  StreamOptions options;
  options.handshake_timeout = settings.handshake_timeout;
  options.read_timeout = settings.request_timeout;
  options.write_timeout = settings.request_timeout;
  options.trace = trace.get();
  Stream stream = Stream::server(std::move(socket), settings.tls, options);
  const Peer peer{net::to_text(stream.remote_endpoint()), stream.connection(), trace.get()};
  NetResult<> result = co_await stream.handshake();
  if (result && settings.established) settings.established(peer);
  if (result) result = co_await converse(stream, peer, settings);
  if (!result && settings.failed) settings.failed(peer, result.error());
}

}  // namespace

struct Server::Impl {
  Settings settings;
  asio::io_context context;
  std::optional<net::Listener> listener;
};

NetResult<Server> Server::listen(Settings settings) {
  Result<net::HostPort> address = net::parse_host_port(settings.listen, std::nullopt);
  if (!address) return std::unexpected(NetError(Stage::listen, std::move(address).error()));
  if (!settings.tls || !settings.handler) {
    Error missing = Error(Alert::internal_error, Reason::bad_config)
                        .with("option", settings.tls ? "handler" : "tls")
                        .with("problem", "it is not set");
    return std::unexpected(NetError(Stage::listen, std::move(missing)));
  }
  auto impl = std::make_unique<Impl>();
  NetResult<net::Listener> listener = net::Listener::open(impl->context.get_executor(), *address);
  if (!listener) return std::unexpected(std::move(listener).error());
  impl->settings = std::move(settings);
  impl->listener = *std::move(listener);
  return Server(std::move(impl));
}

Server::Server(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::uint16_t Server::port() const noexcept { return impl_->listener->local_endpoint().port(); }

void Server::run() {
  const Settings& settings = impl_->settings;
  const net::Serve serve = [&settings](tcp::socket socket) { return serve_connection(settings, std::move(socket)); };
  asio::co_spawn(impl_->context, impl_->listener->run(serve, settings.max_connections), asio::detached);
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < settings.threads; ++i) others.emplace_back([this] { impl_->context.run(); });
  impl_->context.run();
}

void Server::stop() { impl_->context.stop(); }

NetError serve(std::string listen, const std::string& chain_path, const std::string& key_path, Handler handler) {
  auto credential = Credential::from_files(chain_path, key_path);
  if (!credential) return NetError(Stage::listen, std::move(credential).error());
  ServerOptions options;
  options.credentials.push_back(*std::move(credential));
  auto config = ServerConfig::make(std::move(options));
  if (!config) return NetError(Stage::listen, std::move(config).error());
  Settings settings;
  settings.listen = std::move(listen);
  settings.tls = *std::move(config);
  settings.handler = std::move(handler);
  NetResult<Server> server = Server::listen(std::move(settings));
  if (!server) return server.error();
  server->run();
  return NetError(Stage::accept, asio::error::operation_aborted);
}

}  // namespace handfast::http
