// Somebody in the middle who has the keys: takes flights apart into messages and puts changed ones together again.
#pragma once

#include <array>
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
#include "schedule/tls12/secrets.h"
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

/// One for each side, or for what each side sends.
template <typename T>
struct PerSide {
  std::array<T, 2> values;
  T& operator[](Side side) { return values.at(std::to_underlying(side)); }
  const T& operator[](Side side) const { return values.at(std::to_underlying(side)); }
};

/// The handshake as one side knows it: a changed hello gives the two different keys.
struct View {
  std::shared_ptr<SecretKeeper> secrets = std::make_shared<SecretKeeper>();
  Buffer client_hello;
  Buffer server_hello;

  void note(const Piece& piece) {
    if (piece.type != ContentType::handshake || piece.bytes.empty()) return;
    if (piece.message() == HandshakeType::client_hello) client_hello = piece.bytes;
    if (piece.message() == HandshakeType::server_hello) server_hello = piece.bytes;
  }
  wire::ServerHello parsed_server_hello() const {
    return value(wire::parse_server_hello(Bytes(server_hello).subspan(wire::handshake_header_size)));
  }
  const crypto::SuiteParts& suite() const { return *crypto::find_suite(parsed_server_hello().cipher_suite); }
  schedule::tls12::Randoms randoms() const {
    // Where the version ends, in both hellos.
    constexpr std::ptrdiff_t random_at = wire::handshake_header_size + 2;
    schedule::tls12::Randoms randoms;
    std::copy_n(client_hello.begin() + random_at, randoms.client.size(), randoms.client.begin());
    std::copy_n(server_hello.begin() + random_at, randoms.server.size(), randoms.server.begin());
    return randoms;
  }
  /// One that has failed has none.
  std::optional<base::Secret> secret(const std::string& label) const {
    const auto found = secrets->secrets.find(label);
    if (found == secrets->secrets.end()) return std::nullopt;
    return base::Secret(Bytes(found->second));
  }
};

/// What a version says about the keys of records.
class VersionKeys {
 public:
  virtual ~VersionKeys() = default;
  /// Whose records are under new keys once `sender` has sent that.
  virtual std::vector<Side> changed_by(Side sender, const Piece& piece) = 0;
  /// What protects the records of `sender` now, by all that one of the two knows; nothing where it knows too little.
  virtual std::optional<record::Protection> protection(Side sender, const View& view) const = 0;
};

/// RFC 8446, section 7: behind the ServerHello, behind each Finished of the handshake, and behind each KeyUpdate.
class Tls13Keys final : public VersionKeys {
 public:
  std::vector<Side> changed_by(Side sender, const Piece& piece) override {
    if (piece.type != ContentType::handshake) return {};
    const HandshakeType type = piece.message();
    if (type == HandshakeType::server_hello) {
      generations_ = {{handshake, handshake}};
      return {Side::server, Side::client};
    }
    // A Finished that comes later belongs to an authentication after the handshake.
    const bool finished = type == HandshakeType::finished && generations_[sender] == handshake;
    if (!finished && type != HandshakeType::key_update) return {};
    ++generations_[sender];
    return {sender};
  }
  std::optional<record::Protection> protection(Side sender, const View& view) const override {
    const std::string whose = sender == Side::client ? "CLIENT_" : "SERVER_";
    const int generation = generations_[sender];
    std::optional<base::Secret> logged =
        view.secret(whose + (generation == handshake ? "HANDSHAKE_TRAFFIC_SECRET" : "TRAFFIC_SECRET_0"));
    if (!logged) return std::nullopt;
    const crypto::SuiteParts& suite = view.suite();
    schedule::TrafficSecret secret(suite.hash, std::move(*logged));
    for (int updated = application; updated < generation; ++updated) secret = secret.next();
    schedule::TrafficKeys keys = secret.keys(suite.aead());
    return record::Protection(suite, std::move(keys.key), keys.iv, suite.record_limit);
  }

 private:
  static constexpr int handshake = 1;
  static constexpr int application = 2;  ///< and one more with each KeyUpdate
  PerSide<int> generations_{};
};

/// RFC 5246, section 6.3: one key block, in use behind each side's change_cipher_spec.
class Tls12Keys final : public VersionKeys {
 public:
  std::vector<Side> changed_by(Side sender, const Piece& piece) override {
    if (piece.type != ContentType::change_cipher_spec) return {};
    return {sender};
  }
  std::optional<record::Protection> protection(Side sender, const View& view) const override {
    std::optional<base::Secret> logged = view.secret("CLIENT_RANDOM");
    if (!logged) return std::nullopt;
    const crypto::SuiteParts& suite = view.suite();
    const schedule::tls12::MasterSecret master_secret(suite.hash, std::move(*logged));
    const schedule::tls12::KeyBlock block = master_secret.key_block(suite, view.randoms());
    const auto order = view.parsed_server_hello().extensions.contains(ExtensionType::encrypt_then_mac)
                           ? crypto::MacOrder::encrypt_then_mac
                           : crypto::MacOrder::mac_then_encrypt;
    schedule::tls12::RecordKeys keys = sender == Side::client ? block.client(order) : block.server(order);
    if (auto* aead = std::get_if<schedule::TrafficKeys>(&keys))
      return record::Protection(suite, std::move(aead->key), aead->iv, suite.record_limit);
    auto& cbc = std::get<schedule::tls12::CbcTrafficKeys>(keys);
    return record::Protection(std::make_unique<record::CbcProtection>(std::move(cbc.keys), cbc.order, system_random()),
                              ProtocolVersion::tls1_2);
  }
};

/// A pair whose messages pass through `change`, which may do anything to the one it is given: return none, one or more.
class Middleman {
 public:
  using Change = std::function<std::vector<Piece>(Side sender, Piece piece)>;

  Middleman(ClientOptions client, ServerOptions server, Change change, std::string_view name = "server.example",
            Trace* server_trace = nullptr)
      : pair_(logged(std::move(client), views_[Side::client]), logged(std::move(server), views_[Side::server]), name,
              nullptr, server_trace),
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
  const View& view(Side side) const { return views_[side]; }
  /// Everything that was sent, as it was before the change.
  std::vector<std::pair<Side, Piece>> seen;

 private:
  /// One direction: what reads its sender and what writes to its receiver.
  struct Lane {
    std::optional<record::Protection> reader;
    std::optional<record::Protection> writer;
    Buffer partial;  ///< of a handshake message
  };

  template <typename Options>
  static Options logged(Options options, const View& view) {
    options.key_log = view.secrets;
    return options;
  }

  static Side other(Side side) { return side == Side::client ? Side::server : Side::client; }
  End& end(Side side) { return side == Side::client ? pair_.client : pair_.server; }

  bool carry(Side sender) {
    Lane& lane = lanes_[sender];
    const Buffer bytes = take_output(end(sender).connection);
    MutableBytes rest(const_cast<std::uint8_t*>(bytes.data()), bytes.size());
    while (!rest.empty()) {
      const record::Header header = record::parse_header(rest);
      const MutableBytes record = rest.first(record::header_size + header.length);
      rest = rest.subspan(record.size());
      Piece opened = open(lane, header.type, record);
      if (opened.type != ContentType::handshake) {
        pass(sender, std::move(opened));
        continue;
      }
      lane.partial.insert(lane.partial.end(), opened.bytes.begin(), opened.bytes.end());
      while (auto head = wire::read_handshake_header(lane.partial)) {
        const auto size = static_cast<std::ptrdiff_t>(wire::handshake_header_size + head->length);
        if (std::ssize(lane.partial) < size) break;
        Piece message{ContentType::handshake, Buffer(lane.partial.begin(), lane.partial.begin() + size)};
        lane.partial.erase(lane.partial.begin(), lane.partial.begin() + size);
        pass(sender, std::move(message));
      }
    }
    return !bytes.empty();
  }

  /// A change_cipher_spec is never protected: in TLS 1.3 it is there for middleboxes, in TLS 1.2 it comes before.
  static Piece open(Lane& lane, ContentType type, MutableBytes record) {
    if (!lane.reader || type == ContentType::change_cipher_spec)
      return {type, Buffer(record.begin() + record::header_size, record.end())};
    Result<record::Opened> inner = lane.reader->open(record, record::max_plaintext + lane.reader->inner_overhead());
    if (!inner) throw std::runtime_error("the middleman has lost track of the keys");
    return {inner->type, Buffer(inner->content.begin(), inner->content.end())};
  }

  void pass(Side sender, Piece piece) {
    seen.emplace_back(sender, piece);
    const Piece original = piece;
    note(sender, original);
    const std::vector<Piece> pieces = change_(sender, std::move(piece));
    // What is put in behind a message that brings new keys is sent under those.
    bool advanced = false;
    for (const Piece& changed : pieces) {
      note(other(sender), changed);
      base::OutputBuffer out;
      if (auto& writer = lanes_[sender].writer; writer && changed.type != ContentType::change_cipher_spec)
        value(writer->seal(changed.type, changed.bytes, 0, out));
      else
        record::write_plaintext(changed.type, 0x0303, changed.bytes, out);
      end(other(sender)).feed(out.view());
      if (advanced || !stands_for(changed, original)) continue;
      advance(sender, original);
      advanced = true;
    }
    if (!advanced) advance(sender, original);
  }

  /// The piece itself, and not one that was put in before it.
  static bool stands_for(const Piece& changed, const Piece& original) {
    return changed.type == original.type && !changed.bytes.empty() && changed.bytes[0] == original.bytes.at(0);
  }

  /// A hello that comes later changes no keys.
  void note(Side side, const Piece& piece) {
    if (!keys_) views_[side].note(piece);
  }

  /// New keys, where the piece that was just passed brings them.
  void advance(Side sender, const Piece& original) {
    if (original.type == ContentType::handshake && original.message() == HandshakeType::server_hello)
      choose_version(views_[sender].parsed_server_hello());
    if (!keys_) return;
    for (Side changed : keys_->changed_by(sender, original)) {
      if (auto reader = keys_->protection(changed, views_[changed])) lanes_[changed].reader = std::move(reader);
      if (auto writer = keys_->protection(changed, views_[other(changed)])) lanes_[changed].writer = std::move(writer);
    }
  }

  void choose_version(const wire::ServerHello& hello) {
    if (hello.is_hello_retry_request()) return;
    if (hello.version() == ProtocolVersion::tls1_3)
      keys_ = std::make_unique<Tls13Keys>();
    else
      keys_ = std::make_unique<Tls12Keys>();
  }

  PerSide<View> views_;
  Pair pair_;
  Change change_;
  PerSide<Lane> lanes_;
  std::unique_ptr<VersionKeys> keys_;
};

}  // namespace handfast::test
