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

/// Two configs, made once: every connection shares them, and resumes the same session where the case says so.
class Ours {
 public:
  Ours(const Case& which, const Chain& chain);

  class Endpoint {
   public:
    Endpoint(Connection connection, Resumption expected) noexcept
        : connection_(std::move(connection)), expected_(expected) {}
    void receive(MutableBytes wire);
    void take_output(Buffer& wire);
    void finish();
    void send(Bytes data);
    void discard_output();
    std::size_t receive_data(MutableBytes wire);
    void drop_io() noexcept {}

   private:
    Connection connection_;
    Resumption expected_;
  };

  Endpoint client() const { return client(nullptr); }
  Endpoint client(Trace* trace) const;
  Endpoint server() const;

 private:
  std::shared_ptr<const ClientConfig> client_;
  std::shared_ptr<const ServerConfig> server_;
  Resumption resumption_ = Resumption::none;  ///< of the next handshake
};

/// The messages of one handshake.
Messages record_messages(const Ours& ours);

}  // namespace handfast::bench
