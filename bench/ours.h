// Handfast itself, through its public API alone.
#pragma once

#include <cstddef>
#include <memory>

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/connection.h>

#include "case.h"
#include "chain.h"
#include "messages.h"

namespace handfast::bench {

/// Two configs, made once: every connection shares them.
class Ours {
 public:
  Ours(const Case& which, const Chain& chain);

  class Endpoint {
   public:
    explicit Endpoint(Connection connection) noexcept : connection_(std::move(connection)) {}
    void receive(MutableBytes wire);
    void take_output(Buffer& wire);
    void finish();
    void send(Bytes data);
    void discard_output();
    std::size_t receive_data(MutableBytes wire);
    void drop_io() noexcept {}

   private:
    Connection connection_;
  };

  Endpoint client() const { return client(nullptr); }
  Endpoint client(Trace* trace) const;
  Endpoint server() const;

 private:
  std::shared_ptr<const ClientConfig> client_;
  std::shared_ptr<const ServerConfig> server_;
};

/// The messages of one handshake.
Messages record_messages(const Ours& ours);

}  // namespace handfast::bench
