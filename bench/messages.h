// The messages of one recorded handshake: what the floor hashes, signs, verifies, seals and opens.
#pragma once

#include <handfast/bytes.h>

namespace handfast::bench {

/// Whole messages, with their headers; those that the version does not have are empty.
struct Messages {
  Buffer client_hello;
  Buffer server_hello;
  Buffer encrypted_extensions;
  Buffer certificate;
  Buffer certificate_verify;
  Buffer server_key_exchange;
  Buffer server_hello_done;
  Buffer client_key_exchange;
  Buffer server_finished;
  Buffer client_finished;
  Buffer new_session_ticket;  ///< TLS 1.3: behind a resumed handshake
};

}  // namespace handfast::bench
