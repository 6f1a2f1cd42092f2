// Handshake messages as owned bytes, and their reassembly from fragments.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <handfast/bytes.h>
#include <handfast/types.h>

#include "wire/handshake.h"

namespace handfast::handshake {

/// A whole handshake message. Views into it are valid while it is in scope.
class Msg {
 public:
  Msg() noexcept = default;
  /// `bytes` are header and body.
  explicit Msg(Buffer bytes) noexcept : bytes_(std::move(bytes)) {}
  /// A ClientHello in the format of SSL 2.0, as it was sent, and the `hello` that it stands for.
  Msg(Buffer hello, Bytes v2_client_hello) : bytes_(std::move(hello)) {
    bytes_.insert(bytes_.end(), v2_client_hello.begin(), v2_client_hello.end());
  }

  HandshakeType type() const noexcept { return HandshakeType{bytes_[0]}; }
  /// What goes into the transcript: header and body, or whatever they stand for (RFC 5246, appendix E.2).
  Bytes bytes() const& noexcept { return is_v2_client_hello() ? Bytes(bytes_).subspan(size()) : Bytes(bytes_); }
  /// Header and body.
  Bytes message() const& noexcept { return Bytes(bytes_).first(size()); }
  Bytes body() const& noexcept { return message().subspan(wire::handshake_header_size); }
  bool is_v2_client_hello() const noexcept { return size() != bytes_.size(); }
  Bytes bytes() && = delete;
  Bytes message() && = delete;
  Bytes body() && = delete;

 private:
  /// Of the message; what was sent in its place stands behind it.
  std::size_t size() const noexcept {
    const auto header = wire::read_handshake_header(bytes_);
    return header ? std::min(wire::handshake_header_size + header->length, bytes_.size()) : bytes_.size();
  }

  Buffer bytes_;
};

/// Puts messages together, each copied to where it stays. It holds at most twice what has arrived.
class Reassembler {
 public:
  /// Takes the header's bytes from the front of `fragment`; true once it is whole.
  bool take_header(Bytes& fragment) {
    take(fragment, wire::handshake_header_size);
    return bytes_.size() >= wire::handshake_header_size;
  }
  /// The header, once whole.
  wire::HandshakeHeader header() const noexcept { return *wire::read_handshake_header(bytes_); }
  /// Takes the body's bytes; true once the message is whole.
  bool take_body(Bytes& fragment) {
    const std::size_t size = wire::handshake_header_size + header().length;
    take(fragment, size);
    return bytes_.size() == size;
  }
  /// The whole message; the reassembler is empty afterwards.
  Msg finish() noexcept { return Msg(std::exchange(bytes_, {})); }
  /// Where the bytes stand now.
  const std::uint8_t* place() const noexcept { return bytes_.data(); }
  /// No message has begun.
  bool empty() const noexcept { return bytes_.empty(); }

 private:
  /// Up to `size` bytes in all.
  void take(Bytes& fragment, std::size_t size) {
    const std::size_t count = std::min(size - std::min(size, bytes_.size()), fragment.size());
    // A message that comes in one piece is allocated once; one in many pieces grows as vectors do.
    if (bytes_.empty()) bytes_.reserve(std::min(fragment.size(), max_first_allocation));
    bytes_.insert(bytes_.end(), fragment.begin(), fragment.begin() + static_cast<std::ptrdiff_t>(count));
    fragment = fragment.subspan(count);
  }

  static constexpr std::size_t max_first_allocation = 4096;
  Buffer bytes_;
};

}  // namespace handfast::handshake
