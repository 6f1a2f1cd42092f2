// What tests do to the messages of a handshake, and the alert that both sides have to see then.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/writer.h"
#include "engine/middleman.h"

namespace handfast::test {

/// What one side sent as its alert, and why: the other side has received that very alert.
inline void expect_alert(Middleman& middleman, Side failing, std::string_view expected_alert,
                         std::string_view expected_reason) {
  middleman.run();
  const Connection& failed = failing == Side::client ? middleman.client() : middleman.server();
  const Connection& other = failing == Side::client ? middleman.server() : middleman.client();
  ASSERT_TRUE(failed.error());
  EXPECT_EQ(alert(failed), expected_alert) << failed.error()->message();
  EXPECT_EQ(reason(failed), expected_reason) << failed.error()->message();
  EXPECT_EQ(reason(other), "alert_received");
  EXPECT_EQ(alert(other), expected_alert);
}

inline std::vector<Piece> unchanged(Side, Piece piece) { return {std::move(piece)}; }

inline void expect_alert(ClientOptions client, ServerOptions server, Side failing, std::string_view expected_alert,
                         std::string_view expected_reason) {
  Middleman middleman(std::move(client), std::move(server), unchanged);
  expect_alert(middleman, failing, expected_alert, expected_reason);
}

inline bool is(const Piece& piece, HandshakeType type) {
  return piece.type == ContentType::handshake && piece.message() == type;
}

/// Changes the first message of a type.
inline Middleman::Change change(HandshakeType type, std::function<void(Buffer&)> how) {
  return [type, how = std::move(how), done = false](Side, Piece piece) mutable {
    if (!done && is(piece, type)) {
      how(piece.bytes);
      done = true;
    }
    return std::vector{std::move(piece)};
  };
}

/// Puts something in before the first message of a type that a side sends.
inline Middleman::Change insert_before(Side sender, HandshakeType type, std::vector<Piece> inserted) {
  return [=, done = false](Side side, Piece piece) mutable {
    std::vector<Piece> pieces;
    if (!done && side == sender && is(piece, type)) {
      pieces = inserted;
      done = true;
    }
    pieces.push_back(std::move(piece));
    return pieces;
  };
}

/// A second record of that type and content behind the client's Finished.
inline Middleman::Change after_finished(ContentType type, Buffer content) {
  return [=](Side side, Piece piece) {
    const bool finished = side == Side::client && is(piece, HandshakeType::finished);
    std::vector<Piece> pieces{std::move(piece)};
    if (finished) pieces.push_back({type, content});
    return pieces;
  };
}

/// Sets the length in a message's header to what its body has.
inline void set_length(Buffer& message) {
  const std::size_t length = message.size() - wire::handshake_header_size;
  message[1] = static_cast<std::uint8_t>(length >> 16);
  message[2] = static_cast<std::uint8_t>(length >> 8);
  message[3] = static_cast<std::uint8_t>(length);
}
inline Piece with_true_length(Piece piece) {
  set_length(piece.bytes);
  return piece;
}

/// The offset of an extension's type in a hello, or 0.
inline std::size_t find_extension(const Buffer& message, ExtensionType type, std::size_t from) {
  for (std::size_t at = from; at + 4 <= message.size();) {
    if ((message[at] << 8 | message[at + 1]) == std::to_underlying(type)) return at;
    at += 4u + static_cast<std::size_t>(message[at + 2] << 8 | message[at + 3]);
  }
  return 0;
}
/// Where the first extension of a hello stands; the length of the block is before it.
inline std::size_t extensions_of_client_hello(const Buffer& message) {
  std::size_t at = 4 + 2 + 32;
  at += 1u + message[at];
  at += 2u + static_cast<std::size_t>(message[at] << 8 | message[at + 1]);
  at += 1u + message[at];
  return at + 2;
}
inline std::size_t extensions_of_server_hello(const Buffer& message) {
  constexpr std::size_t session_id_at = 4 + 2 + 32;
  return session_id_at + 1u + message[session_id_at] + 2 + 1 + 2;
}
/// Likewise of a CertificateRequest of TLS 1.3, behind its context.
inline std::size_t extensions_of_certificate_request(const Buffer& message) { return 4 + 1u + message[4] + 2; }
inline std::size_t extensions_of(const Buffer& message) {
  switch (HandshakeType{message[0]}) {
    case HandshakeType::client_hello: return extensions_of_client_hello(message);
    case HandshakeType::certificate_request: return extensions_of_certificate_request(message);
    default: return extensions_of_server_hello(message);
  }
}

/// A message of the handshake changed, and the alert of whoever receives it.
inline void expect_refusal(HandshakeType type, std::function<void(Buffer&)> how, Side failing,
                           std::string_view expected_alert, std::string_view expected_reason,
                           ClientOptions client = tls12_client_options(), ServerOptions server = server_options()) {
  Middleman middleman(std::move(client), std::move(server), change(type, std::move(how)));
  expect_alert(middleman, failing, expected_alert, expected_reason);
}

/// Gives an extension of the ClientHello a type that nobody knows.
inline Middleman::Change hide(ExtensionType type) {
  return change(HandshakeType::client_hello, [type](Buffer& message) {
    const std::size_t at = find_extension(message, type, extensions_of_client_hello(message));
    ASSERT_NE(at, 0u);
    message[at] = 0xf0;
    message[at + 1] = 0xf0;
  });
}

/// Sets the two lengths in front of what was changed among a message's extensions, which stand last.
inline void set_lengths(Buffer& message) {
  const std::size_t block = extensions_of(message);
  const std::size_t size = message.size() - block;
  message[block - 2] = static_cast<std::uint8_t>(size >> 8);
  message[block - 1] = static_cast<std::uint8_t>(size);
  set_length(message);
}
/// Takes an extension out of a hello; it has to be there.
inline void remove_extension(Buffer& hello, ExtensionType type) {
  const std::size_t at = find_extension(hello, type, extensions_of(hello));
  ASSERT_NE(at, 0u) << name(type);
  const std::size_t size = 4u + static_cast<std::size_t>(hello[at + 2] << 8 | hello[at + 3]);
  const auto from = hello.begin() + static_cast<std::ptrdiff_t>(at);
  hello.erase(from, from + static_cast<std::ptrdiff_t>(size));
  set_lengths(hello);
}
/// Puts an extension at the end of a hello, or a CertificateRequest, that has others.
inline void add_extension(Buffer& message, ExtensionType type, Bytes data) {
  base::Writer w(message);
  w.u16(std::to_underlying(type));
  w.vector16(data);
  set_lengths(message);
}

}  // namespace handfast::test
