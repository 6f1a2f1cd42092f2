// Somebody in the middle who has the keys: takes flights apart into messages and puts changed ones together again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/cipher_suite.h"
#include "engine/pair.h"
#include "record/protection.h"
#include "schedule/secrets.h"
#include "wire/handshake.h"
#include "wire/server_hello.h"

namespace handfast::test {

/// Keeps the secrets of one connection by their label.
class SecretKeeper final : public KeyLog {
 public:
  void log(std::string_view label, Bytes, Bytes secret) override {
    secrets[std::string(label)].assign(secret.begin(), secret.end());
  }
  std::map<std::string, Buffer> secrets;
};

/// A handshake message, or the content of another record.
struct Piece {
  ContentType type;
  Buffer bytes;
  HandshakeType message() const { return HandshakeType{bytes.at(0)}; }
};

/// A pair whose messages pass through `change`, which may do anything to the one it is given: return none, one or more.
class Middleman {
 public:
  using Change = std::function<std::vector<Piece>(Side sender, Piece piece)>;

  Middleman(ClientOptions client, ServerOptions server, Change change, std::string_view name = "server.example")
      : pair_(logged(std::move(client), client_secrets_), logged(std::move(server), server_secrets_), name),
        change_(std::move(change)) {}

  /// Until nothing moves any more.
  void run() {
    for (bool moved = true; moved;) {
      const bool sent = carry(Side::client);
      moved = carry(Side::server) || sent;
    }
  }
  Pair& pair() { return pair_; }
  const Connection& client() const { return pair_.client.connection; }
  const Connection& server() const { return pair_.server.connection; }
  /// Everything that was sent, as it was before the change.
  std::vector<std::pair<Side, Piece>> seen;

 private:
  /// One direction: what reads its sender and what writes to its receiver.
  struct Lane {
    struct Key {
      schedule::TrafficSecret secret;
      record::Protection protection;
    };
    std::optional<Key> reader;
    std::optional<Key> writer;
    Buffer partial;         ///< of a handshake message
    bool finished = false;  ///< the handshake's, not that of an authentication after it
  };

  template <typename Options>
  static Options logged(Options options, std::shared_ptr<SecretKeeper> keeper) {
    options.key_log = std::move(keeper);
    return options;
  }

  bool carry(Side sender) {
    End& from = sender == Side::client ? pair_.client : pair_.server;
    End& to = sender == Side::client ? pair_.server : pair_.client;
    Lane& lane = sender == Side::client ? client_lane_ : server_lane_;
    const Buffer bytes = take_output(from.connection);
    MutableBytes rest(const_cast<std::uint8_t*>(bytes.data()), bytes.size());
    while (!rest.empty()) {
      const record::Header header = record::parse_header(rest);
      const MutableBytes record = rest.first(record::header_size + header.length);
      rest = rest.subspan(record.size());
      Piece opened{header.type, Buffer(record.begin() + record::header_size, record.end())};
      if (lane.reader && header.type == ContentType::application_data) {
        Result<record::Opened> inner = lane.reader->protection.open(record, record::max_plaintext + 1);
        if (!inner) throw std::runtime_error("the middleman has lost track of the keys");
        opened = {inner->type, Buffer(inner->content.begin(), inner->content.end())};
      }
      if (opened.type != ContentType::handshake) {
        pass(sender, std::move(opened), lane, to);
        continue;
      }
      lane.partial.insert(lane.partial.end(), opened.bytes.begin(), opened.bytes.end());
      while (auto head = wire::read_handshake_header(lane.partial)) {
        const auto size = static_cast<std::ptrdiff_t>(wire::handshake_header_size + head->length);
        if (std::ssize(lane.partial) < size) break;
        Piece message{ContentType::handshake, Buffer(lane.partial.begin(), lane.partial.begin() + size)};
        lane.partial.erase(lane.partial.begin(), lane.partial.begin() + size);
        pass(sender, std::move(message), lane, to);
      }
    }
    return !bytes.empty();
  }

  void pass(Side sender, Piece piece, Lane& lane, End& to) {
    seen.emplace_back(sender, piece);
    const Piece original = piece;
    const std::vector<Piece> pieces = change_(sender, std::move(piece));
    // What is put in behind a message that brings new keys is sent under those.
    if (pieces.empty()) advance(sender, original);
    for (const Piece& changed : pieces) {
      base::OutputBuffer out;
      if (lane.writer && changed.type != ContentType::change_cipher_spec)
        value(lane.writer->protection.seal(changed.type, changed.bytes, 0, out));
      else
        record::write_plaintext(changed.type, 0x0303, changed.bytes, out);
      to.feed(out.view());
      if (&changed == &pieces.front()) advance(sender, original);
    }
  }

  /// New keys, where the message that was just passed brings them.
  void advance(Side sender, const Piece& piece) {
    if (piece.type != ContentType::handshake) return;
    const Buffer& message = piece.bytes;
    const HandshakeType type{message[0]};
    if (type == HandshakeType::server_hello && !is_retry(message)) {
      server_hello_ = message;
      install(Side::server, "SERVER_HANDSHAKE_TRAFFIC_SECRET");
      install(Side::client, "CLIENT_HANDSHAKE_TRAFFIC_SECRET");
    } else if (Lane& lane = sender == Side::client ? client_lane_ : server_lane_; type == HandshakeType::key_update) {
      for (std::optional<Lane::Key>* key : {&lane.reader, &lane.writer}) *key = make_key((*key)->secret.next());
    } else if (type == HandshakeType::finished && !std::exchange(lane.finished, true)) {
      install(sender, sender == Side::server ? "SERVER_TRAFFIC_SECRET_0" : "CLIENT_TRAFFIC_SECRET_0");
    }
  }

  static bool is_retry(const Buffer& message) {
    return std::equal(wire::hello_retry_request_random.begin(), wire::hello_retry_request_random.end(),
                      message.begin() + 6);
  }

  const crypto::SuiteParts& suite() const {
    const wire::ServerHello hello =
        value(wire::parse_server_hello(Bytes(server_hello_).subspan(wire::handshake_header_size)));
    return *crypto::find_suite(hello.cipher_suite);
  }

  Lane::Key make_key(schedule::TrafficSecret secret) const {
    schedule::TrafficKeys keys = secret.keys(suite().aead);
    return {std::move(secret), record::Protection(suite(), std::move(keys.key), keys.iv, suite().record_limit)};
  }

  /// Each side's own secret: a changed hello gives them different ones. One that has failed has none.
  void install(Side sender, const std::string& label) {
    auto protect = [&](std::optional<Lane::Key>& key, const SecretKeeper& keeper) {
      const auto secret = keeper.secrets.find(label);
      if (secret == keeper.secrets.end()) return;
      key = make_key(schedule::TrafficSecret(suite().hash, base::Secret(Bytes(secret->second))));
    };
    Lane& lane = sender == Side::client ? client_lane_ : server_lane_;
    protect(lane.reader, sender == Side::client ? *client_secrets_ : *server_secrets_);
    protect(lane.writer, sender == Side::client ? *server_secrets_ : *client_secrets_);
  }

  std::shared_ptr<SecretKeeper> client_secrets_ = std::make_shared<SecretKeeper>();
  std::shared_ptr<SecretKeeper> server_secrets_ = std::make_shared<SecretKeeper>();
  Pair pair_;
  Change change_;
  Lane client_lane_;
  Lane server_lane_;
  Buffer server_hello_;
};

}  // namespace handfast::test
