// A blocking TCP socket.
#pragma once

#include <cstddef>

#include <handfast/bytes.h>

namespace handfast::bogo {

/// Connected to a port of the loopback for as long as it lives. Throws Failure where that does not succeed.
///
/// When it goes, it half-closes and reads on until the runner has closed too: a socket closed with bytes unread resets
/// the connection, and the runner would miss our last alert.
class Socket {
 public:
  Socket(bool ipv6, int port);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// Waits for bytes; how many there are in `out` now, 0 at the end of input and where the connection was reset.
  std::size_t read(MutableBytes out) const;
  /// Writes all. A runner that has gone away is no failure here: reading tells.
  void write(Bytes bytes) const;

 private:
  int descriptor_;
};

}  // namespace handfast::bogo
