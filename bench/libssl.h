// The system's libssl, driven as its own documentation shows, with memory BIOs.
#pragma once

#include <cstddef>
#include <memory>

#include <openssl/ssl.h>

#include <handfast/bytes.h>

#include "case.h"
#include "chain.h"
#include "freed.h"

namespace handfast::bench {

/// Two SSL_CTX, made once: every connection shares them, and resumes the same session where the case says so.
class Libssl {
 public:
  Libssl(const Case& which, const Chain& chain);

  class Endpoint {
   public:
    Endpoint(SSL* ssl, bool resumes) noexcept : ssl_(ssl), resumes_(resumes) {}
    void receive(MutableBytes wire);
    void take_output(Buffer& wire);
    void finish();
    void send(Bytes data);
    void discard_output();
    std::size_t receive_data(MutableBytes wire);
    /// Frees the BIOs: they are the caller's buffers, not the connection's. It can't go on afterwards.
    void drop_io() noexcept;

    /// For the caller to free.
    SSL_SESSION* session() const noexcept { return SSL_get1_session(ssl_.get()); }

   private:
    static void free_closed(SSL* ssl) noexcept;

    std::unique_ptr<SSL, Freed<free_closed>> ssl_;
    bool resumes_;
  };

  Endpoint client() const;
  Endpoint server() const;

 private:
  /// Of a full handshake, for the caller to free.
  SSL_SESSION* first_session() const;

  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> client_;
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> server_;
  std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>> session_;
};

}  // namespace handfast::bench
