// A handshake with one of its messages tampered with, of any kind of handshake, and what is noticed in all kinds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/tampering.h"

namespace handfast::test {

/// Both sides of a kind of handshake.
struct Sides {
  ClientOptions client;
  ServerOptions server;
};
struct Play {
  std::function<Sides()> sides;  ///< anew for each attempt: a failure may be the end of what they share
  bool tls12 = false;

  /// Tickets of TLS 1.3 come when the handshake is over.
  bool is_of_handshake(const Piece& piece) const {
    return piece.type == ContentType::handshake && (tls12 || piece.message() != HandshakeType::new_session_ticket);
  }
  /// In TLS 1.3 nothing behind a ServerHello can be read without it.
  bool hides_what_follows(HandshakeType type) const { return type == HandshakeType::server_hello && !tls12; }
};

/// Runs a play with its `index`-th handshake message given to `change`.
struct Attempt {
  using Change = std::function<std::vector<Piece>(Piece)>;
  Attempt(const Play& play, std::size_t index, const Change& change) : Attempt(play, play.sides(), index, change) {}
  Attempt(const Play& play, Sides sides, std::size_t index, const Change& change)
      : middleman(std::move(sides.client), std::move(sides.server), [this, play, index, change](Side, Piece piece) {
          if (!play.is_of_handshake(piece) || count++ != index) return std::vector{std::move(piece)};
          return change(std::move(piece));
        }) {
    middleman.run();
  }
  const Connection& receiver(Side sender) const {
    return sender == Side::client ? middleman.server() : middleman.client();
  }
  bool connected() { return middleman.pair().connected(); }
  std::size_t count = 0;
  Middleman middleman;
};

/// The handshake messages of an honest run, which `look` may look at.
using Messages = std::vector<std::pair<Side, HandshakeType>>;
inline Messages honest_messages(const Play& play, const std::function<void(Middleman&)>& look = nullptr) {
  Attempt honest(play, SIZE_MAX, nullptr);
  EXPECT_TRUE(honest.connected()) << reason(honest.middleman.client()) << " " << reason(honest.middleman.server());
  if (look) look(honest.middleman);
  Messages messages;
  for (const auto& [side, piece] : honest.middleman.seen)
    if (play.is_of_handshake(piece)) messages.emplace_back(side, piece.message());
  return messages;
}

inline void expect_doubles_are_noticed(const Play& play, const Messages& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Attempt run(play, i, [](Piece piece) { return std::vector{piece, piece}; });
    const Connection& receiver = run.receiver(messages[i].first);
    ASSERT_TRUE(receiver.error()) << i << " " << name(messages[i].second);
    // The double of a ClientHello that is answered with a HelloRetryRequest is a second one that changed nothing.
    const std::set<std::string> expected{"unexpected_message", "bad_record_mac", "second_retry_request",
                                         "wrong_key_share"};
    EXPECT_TRUE(expected.contains(reason(receiver))) << name(messages[i].second) << " " << reason(receiver);
  }
}

/// Each message swapped with the next of its flight.
inline void expect_swaps_are_noticed(const Play& play, const Messages& messages) {
  for (std::size_t i = 0; i + 1 < messages.size(); ++i) {
    if (messages[i].first != messages[i + 1].first || play.hides_what_follows(messages[i].second)) continue;
    Sides sides = play.sides();
    std::optional<Piece> held;
    std::size_t count = 0;
    Middleman middleman(std::move(sides.client), std::move(sides.server), [&](Side, Piece piece) {
      if (!play.is_of_handshake(piece)) return std::vector{std::move(piece)};
      const std::size_t at = count++;
      if (at == i) {
        held = std::move(piece);
        return std::vector<Piece>();
      }
      if (at == i + 1) return std::vector{std::move(piece), *held};
      return std::vector{std::move(piece)};
    });
    middleman.run();
    const Connection& receiver = messages[i].first == Side::client ? middleman.server() : middleman.client();
    ASSERT_TRUE(receiver.error()) << i << " " << name(messages[i].second);
    EXPECT_EQ(alert(receiver), "unexpected_message") << name(messages[i].second) << " " << reason(receiver);
  }
}

/// Each message shorter and longer than it should be, with a header that says so.
inline void expect_lengths_are_noticed(const Play& play, const Messages& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i)
    for (int by : {-8, -2, -1, 1}) {
      if (by < 0 && messages[i].second == HandshakeType::server_hello_done) continue;  // nothing to cut off
      Attempt run(play, i, [&](Piece piece) {
        const auto body = static_cast<int>(piece.bytes.size() - wire::handshake_header_size);
        piece.bytes.resize(wire::handshake_header_size + static_cast<std::size_t>(std::max(0, body + by)));
        return std::vector{with_true_length(std::move(piece))};
      });
      const Connection& receiver = run.receiver(messages[i].first);
      ASSERT_TRUE(receiver.error()) << i << " " << name(messages[i].second);
      const std::string expected = messages[i].second == HandshakeType::finished ? "decrypt_error" : "decode_error";
      EXPECT_EQ(alert(receiver), expected) << name(messages[i].second) << " " << reason(receiver);
    }
}

/// Bits of each message flipped, some `places` in it, or all.
inline void expect_flips_are_noticed(const Play& play, const Messages& messages, std::size_t places = SIZE_MAX) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    std::size_t size = 1;
    for (std::size_t at = 0; at < size; at += 1 + size / places) {
      bool changed = false;  // an ECDSA signature is not always as long as the last one
      Attempt run(play, i, [&](Piece piece) {
        size = piece.bytes.size();
        changed = at < size;
        if (changed) piece.bytes[at] ^= 0x41;
        return std::vector{std::move(piece)};
      });
      EXPECT_NE(run.connected(), changed) << name(messages[i].second) << " byte " << at;
    }
  }
}

}  // namespace handfast::test
