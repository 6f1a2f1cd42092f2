// The system's libssl, driven as its own documentation shows, with memory BIOs.
#include "libssl.h"

#include <array>
#include <string>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "check.h"
#include "handshake.h"

namespace handfast::bench {
namespace {

using X509Pointer = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

void succeed(bool succeeded, std::string_view operation, std::source_location where = std::source_location::current()) {
  if (succeeded) return;
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  check(false, fmt::format("{}: {}", operation, text.data()), where);
}

X509Pointer certificate(Bytes der) {
  const unsigned char* at = der.data();
  X509Pointer certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  succeed(certificate != nullptr, "d2i_X509");
  return certificate;
}

const char* group_name(NamedGroup group) { return group == NamedGroup::x25519 ? "X25519" : "P-256"; }

std::string group_names(const std::vector<NamedGroup>& groups) {
  std::string names;
  for (const NamedGroup group : groups) names += fmt::format("{}{}", names.empty() ? "" : ":", group_name(group));
  return names;
}

/// As libssl calls a suite, in the call for its version.
bool set_suite(SSL_CTX* context, CipherSuite suite) {
  switch (suite) {
    case CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256:
      return SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256") == 1;
    case CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256:
      return SSL_CTX_set_cipher_list(context, "ECDHE-RSA-AES128-GCM-SHA256") == 1;
    default: return SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") == 1;
  }
}

SSL_CTX* make_context(const SSL_METHOD* method, const Case& which, const std::vector<NamedGroup>& groups) {
  SSL_CTX* context = SSL_CTX_new(method);
  succeed(context != nullptr, "SSL_CTX_new");
  const int only = std::to_underlying(version(which));
  succeed(SSL_CTX_set_min_proto_version(context, only) == 1, "SSL_CTX_set_min_proto_version");
  succeed(SSL_CTX_set_max_proto_version(context, only) == 1, "SSL_CTX_set_max_proto_version");
  succeed(set_suite(context, which.suite), "SSL_CTX_set_cipher_list");
  succeed(SSL_CTX_set1_groups_list(context, group_names(groups).c_str()) == 1, "SSL_CTX_set1_groups_list");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  return context;
}

bool wants_to_wait(SSL* ssl, int result) { return SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ; }

/// What a case resumes by, and nothing else. In TLS 1.3 there is one ticket behind a resumed handshake.
void allow_resumption(Resumption resumption, SSL_CTX* client, SSL_CTX* server) {
  SSL_CTX_set_num_tickets(server, resumption == Resumption::psk ? 1 : 0);
  if (resumption == Resumption::session_id) {
    SSL_CTX_set_session_cache_mode(server, SSL_SESS_CACHE_SERVER);
  } else if (resumption != Resumption::none) {
    SSL_CTX_clear_options(client, SSL_OP_NO_TICKET);
    SSL_CTX_clear_options(server, SSL_OP_NO_TICKET);
  }
}

void write(SSL* ssl, Bytes wire) {
  if (wire.empty()) return;
  const int size = static_cast<int>(wire.size());
  succeed(BIO_write(SSL_get_rbio(ssl), wire.data(), size) == size, "BIO_write");
}

}  // namespace

Libssl::Libssl(const Case& which, const Chain& chain)
    : client_(make_context(TLS_client_method(), which, client_groups(which))),
      server_(make_context(TLS_server_method(), which, {which.group})) {
  SSL_CTX_set_verify(client_.get(), SSL_VERIFY_PEER, nullptr);
  succeed(X509_STORE_add_cert(SSL_CTX_get_cert_store(client_.get()), certificate(chain.root).get()) == 1,
          "X509_STORE_add_cert");

  succeed(SSL_CTX_use_certificate(server_.get(), certificate(chain.leaf).get()) == 1, "SSL_CTX_use_certificate");
  succeed(SSL_CTX_add1_chain_cert(server_.get(), certificate(chain.intermediate).get()) == 1,
          "SSL_CTX_add1_chain_cert");
  const unsigned char* at = chain.key.data();
  const KeyPointer key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(chain.key.size())));
  succeed(key && SSL_CTX_use_PrivateKey(server_.get(), key.get()) == 1, "SSL_CTX_use_PrivateKey");
  succeed(SSL_CTX_check_private_key(server_.get()) == 1, "SSL_CTX_check_private_key");

  allow_resumption(which.resumption, client_.get(), server_.get());
  if (which.resumption != Resumption::none) session_.reset(first_session());
}

SSL_SESSION* Libssl::first_session() const {
  Endpoint client = this->client();
  Endpoint server = this->server();
  handshake(client, server);
  return client.session();
}

Libssl::Endpoint Libssl::client() const {
  SSL* ssl = SSL_new(client_.get());
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  const std::string host(server_name);
  succeed(SSL_set_tlsext_host_name(ssl, host.c_str()) == 1, "SSL_set_tlsext_host_name");
  succeed(SSL_set1_host(ssl, host.c_str()) == 1, "SSL_set1_host");
  if (session_) succeed(SSL_set_session(ssl, session_.get()) == 1, "SSL_set_session");
  const int result = SSL_connect(ssl);
  succeed(wants_to_wait(ssl, result), "SSL_connect");
  return Endpoint(ssl, session_ != nullptr);
}

Libssl::Endpoint Libssl::server() const {
  SSL* ssl = SSL_new(server_.get());
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl);
  return Endpoint(ssl, session_ != nullptr);
}

void Libssl::Endpoint::free_closed(SSL* ssl) noexcept {
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // else its session could not be resumed any more
  SSL_free(ssl);
}

void Libssl::Endpoint::receive(MutableBytes wire) {
  write(ssl_.get(), wire);
  std::uint8_t none = 0;  // a ticket behind the handshake is taken where data is read
  const int result = SSL_is_init_finished(ssl_.get()) ? SSL_read(ssl_.get(), &none, 1) : SSL_do_handshake(ssl_.get());
  succeed(result == 1 || wants_to_wait(ssl_.get(), result), "SSL_do_handshake");
}

void Libssl::Endpoint::take_output(Buffer& wire) {
  BIO* output = SSL_get_wbio(ssl_.get());
  const std::size_t waiting = BIO_ctrl_pending(output);
  if (waiting == 0) return;
  wire.resize(wire.size() + waiting);
  const int read = BIO_read(output, wire.data() + wire.size() - waiting, static_cast<int>(waiting));
  succeed(read == static_cast<int>(waiting), "BIO_read");
}

void Libssl::Endpoint::finish() {
  check(SSL_is_init_finished(ssl_.get()) == 1, "the handshake is not done");
  check((SSL_session_reused(ssl_.get()) == 1) == resumes_, "resumed otherwise than the case says");
}

void Libssl::Endpoint::send(Bytes data) {
  succeed(SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) == static_cast<int>(data.size()),
          "SSL_write");
}

void Libssl::Endpoint::discard_output() {
  // From the first call on it writes to nowhere: copies into a memory BIO would be I/O, which is not measured.
  if (BIO_method_type(SSL_get_wbio(ssl_.get())) != BIO_TYPE_NULL) SSL_set0_wbio(ssl_.get(), BIO_new(BIO_s_null()));
}

std::size_t Libssl::Endpoint::receive_data(MutableBytes wire) {
  write(ssl_.get(), wire);
  std::array<unsigned char, 16384> data;
  std::size_t total = 0;
  int read = 0;
  while ((read = SSL_read(ssl_.get(), data.data(), static_cast<int>(data.size()))) > 0)
    total += static_cast<std::size_t>(read);
  succeed(wants_to_wait(ssl_.get(), read), "SSL_read");
  return total;
}

void Libssl::Endpoint::drop_io() noexcept {
  SSL_set0_rbio(ssl_.get(), nullptr);
  SSL_set0_wbio(ssl_.get(), nullptr);
}

}  // namespace handfast::bench
