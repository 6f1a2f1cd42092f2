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

/// Two SSL_CTX, made once: every connection shares them.
class Libssl {
 public:
  Libssl(const Case& which, const Chain& chain);

  class Endpoint {
   public:
    explicit Endpoint(SSL* ssl) noexcept : ssl_(ssl) {}
    void receive(MutableBytes wire);
    void take_output(Buffer& wire);
    void finish();
    void send(Bytes data);
    void discard_output();
    std::size_t receive_data(MutableBytes wire);
    /// Frees the BIOs: they are the caller's buffers, not the connection's. It can't go on afterwards.
    void drop_io() noexcept;

   private:
    std::unique_ptr<SSL, Freed<SSL_free>> ssl_;
  };

  Endpoint client() const;
  Endpoint server() const;

 private:
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> client_;
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> server_;
};

}  // namespace handfast::bench
