#include "client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace handfast::bench {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;

struct FreeCertificate {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

/// Where an SSL keeps its Client; SSL_set_app_data is Asio's.
int client_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void require(bool done, std::string_view what) {
  if (!done) throw std::runtime_error(std::string(what));
}

std::uint64_t number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  require(error == std::errc() && end != text.data(), "not a number where HTTP has one");
  return out;
}

/// Status and Content-Length, which every origin here sends.
Response parse(std::string_view head) {
  require(head.starts_with("HTTP/1.") && head.size() > 12, "the answer is no HTTP/1.1");
  Response out{.status = static_cast<int>(number(head.substr(9, 3)))};
  std::string lower(head);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::string_view field = "\r\ncontent-length:";
  const std::size_t at = lower.find(field);
  require(at != std::string::npos || out.status == 100, "the answer has no Content-Length");
  if (at == std::string::npos) return out;
  std::size_t value = at + field.size();
  while (lower[value] == ' ') ++value;
  out.content_length = number(std::string_view(lower).substr(value));
  return out;
}

/// CONNECT, and the proxy's 200.
Awaitable<void> ask_proxy(tcp::socket& socket, std::string name, std::uint16_t port) {
  const std::string request = fmt::format("CONNECT {0}:{1} HTTP/1.1\r\nHost: {0}:{1}\r\n\r\n", name, port);
  co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
  std::string answer;
  co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n", asio::use_awaitable);
  require(answer.starts_with("HTTP/1.") && answer.substr(8, 4) == " 200", "the proxy refuses: " + answer.substr(0, 60));
}

}  // namespace

asio::ssl::context make_context(const Target& target) {
  asio::ssl::context out(asio::ssl::context::tls_client);
  SSL_CTX* context = out.native_handle();
  const int version = target.version == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
  require(SSL_CTX_set_min_proto_version(context, version) == 1 &&
              SSL_CTX_set_max_proto_version(context, version) == 1 &&
              SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") == 1 &&
              SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256") == 1 &&
              SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1 &&
              SSL_CTX_set1_sigalgs_list(context, "ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256") == 1,
          "libssl does not take the configuration");
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &Client::keep_session);
  out.set_verify_mode(asio::ssl::verify_none);
  return out;
}

Client::Client(asio::io_context& io, asio::ssl::context& context, const Target& target)
    : target_(target), stream_(io, context) {
  SSL_set_ex_data(stream_.native_handle(), client_index(), this);
}

int Client::keep_session(SSL* ssl, SSL_SESSION* session) {
  static_cast<Client*>(SSL_get_ex_data(ssl, client_index()))->session_.reset(session);
  return 1;  // it is ours now
}

std::string Client::issuer() {
  const std::unique_ptr<X509, FreeCertificate> certificate(SSL_get1_peer_certificate(stream_.native_handle()));
  if (certificate == nullptr) return {};
  std::array<char, 200> name{};
  X509_NAME_get_text_by_NID(X509_get_issuer_name(certificate.get()), NID_commonName, name.data(), name.size());
  return name.data();
}

Awaitable<void> connect(Client& client, SSL_SESSION* session) {
  tcp::socket& socket = client.stream_.next_layer();
  const Target& target = client.target_;
  const tcp::endpoint address(asio::ip::address_v4::loopback(), target.through != 0 ? target.through : target.port);
  co_await socket.async_connect(address, asio::use_awaitable);
  socket.set_option(tcp::no_delay(true));
  if (target.through != 0) co_await ask_proxy(socket, target.name, target.port);
  SSL* ssl = client.stream_.native_handle();
  SSL_set_tlsext_host_name(ssl, target.name.c_str());
  // A copy: where a server closes without close_notify, libssl spoils the session for good.
  const Session copy(session != nullptr ? SSL_SESSION_dup(session) : nullptr);
  if (copy != nullptr) SSL_set_session(ssl, copy.get());
  co_await client.stream_.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  require((SSL_session_reused(ssl) == 1) == (session != nullptr), "the session was not resumed");
}

Awaitable<void> finish(Client& client) {
  boost::system::error_code ignored;  // some close without a close_notify of their own
  co_await client.stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
  client.stream_.next_layer().close(ignored);
}

Awaitable<void> write(Client& client, std::span<const char> bytes) {
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  co_await asio::async_write(client.stream_, buffer, asio::use_awaitable);
}

Awaitable<void> fill(Client& client) {
  if (client.buffer_ == nullptr) client.buffer_ = std::make_unique<char[]>(buffer_size);
  if (client.begin_ == client.end_) client.begin_ = client.end_ = 0;
  require(client.end_ < buffer_size, "the head of an answer is too long");
  const asio::mutable_buffer room(client.buffer_.get() + client.end_, buffer_size - client.end_);
  const std::size_t length = co_await client.stream_.async_read_some(room, asio::use_awaitable);
  client.end_ += length;
}

Awaitable<Response> read_response(Client& client) {
  std::size_t end = client.unread().find("\r\n\r\n");
  while (end == std::string_view::npos) {
    co_await fill(client);
    end = client.unread().find("\r\n\r\n");
  }
  const Response response = parse(client.unread().substr(0, end));
  client.begin_ += end + 4;
  co_return response;
}

Awaitable<void> read_body(Client& client, std::uint64_t length) {
  while (length != 0) {
    if (client.unread().empty()) co_await fill(client);
    const std::uint64_t taken = std::min<std::uint64_t>(length, client.unread().size());
    client.begin_ += taken;
    length -= taken;
  }
}

Awaitable<std::string> read_text(Client& client, std::uint64_t length) {
  while (client.unread().size() < length) co_await fill(client);
  std::string out(client.unread().substr(0, length));
  client.begin_ += length;
  co_return out;
}

std::string authority(const Target& target) { return fmt::format("{}:{}", target.name, target.port); }

Awaitable<void> get(Client& client, std::string path) {
  const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", path, authority(client.target()));
  co_await write(client, request);
  const Response response = co_await read_response(client);
  require(response.status == 200, fmt::format("the answer to GET {} is a {}", path, response.status));
  co_await read_body(client, response.content_length);
}

}  // namespace handfast::bench
