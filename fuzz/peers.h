// A whole client and a whole server, and the program that an input is: what happens to the records between them.
//
// One of the two is the target, the other an honest peer of ours, so that the fuzzer need not guess a signature or a
// MAC: it lets records pass as they are for as long as it likes, and then changes one, or puts in its own. With the
// null AEAD (the preset `fuzz`) what is put in after the handshake is read as if it were properly encrypted.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "engine/pair.h"
#include "fuzz.h"
#include "identities.h"
#include "record/record.h"
#include "support/random.h"

namespace handfast::fuzz {

/// Bits of the number that an input begins with.
enum Setting : std::uint16_t {
  retry = 1 << 0,              ///< no key share at first: HelloRetryRequest
  cookie = 1 << 1,             ///< with a cookie; alone, where nothing is tried again: TLS 1.2
  client_auth = 1 << 2,        ///< asked for
  client_credential = 1 << 3,  ///< and there
  protocols = 1 << 4,          ///< ALPN
  size_limit = 1 << 5,         ///< record_size_limit
  fragments = 1 << 6,          ///< small ones
  padding = 1 << 7,            ///< of records
  half_rtt = 1 << 8,
  incompatible = 1 << 9,  ///< without middlebox compatibility mode
  grease = 1 << 10,
  worn_keys = 1 << 11,  ///< KeyUpdates soon
  other_suite = 1 << 12,
  other_group = 1 << 13,
  staples = 1 << 14,  ///< OCSP and timestamps asked for
  later = 1 << 15,    ///< post-handshake authentication
};

inline bool tls12(std::uint16_t settings) { return (settings & (retry | cookie)) == cookie; }

template <typename Options>
void set_common(Options& options, std::uint16_t settings, std::uint64_t seed) {
  options.clock = std::make_shared<test::FixedClock>();
  options.random = std::make_shared<test::SeededRandom>(seed);
  if (settings & protocols) options.application_protocols = {"h2", "http/1.1"};
  if (settings & size_limit) options.record_size_limit = 100;
  if (settings & fragments) options.max_send_fragment = 50;
  if (settings & padding) options.record_padding = 64;
  if (settings & worn_keys) options.limits.records_per_key = 2;
  if (tls12(settings)) options.max_version = ProtocolVersion::tls1_2;
  if (settings & other_suite)
    options.cipher_suites = {CipherSuite::TLS_AES_256_GCM_SHA384,
                             CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256};
  if (settings & other_group) options.groups = {NamedGroup::secp256r1};
  options.middlebox_compatibility = (settings & incompatible) == 0;
}

inline ClientOptions client_options(std::uint16_t settings) {
  ClientOptions options;
  set_common(options, settings, 1);
  options.trust = identities().anchors;
  options.empty_key_share = (settings & retry) != 0;
  options.grease = options.permute_extensions = (settings & grease) != 0;
  options.request_signed_certificate_timestamps = (settings & staples) != 0;
  if (!options.request_signed_certificate_timestamps) options.verification.revocation = RevocationPolicy::off;
  if (settings & client_credential) options.credentials = {identities().credential};
  options.post_handshake_auth = (settings & later) != 0;
  return options;
}

inline ServerOptions server_options(std::uint16_t settings) {
  ServerOptions options;
  set_common(options, settings, 2);
  options.credentials = {identities().credential};
  options.retry_cookie = (settings & cookie) != 0;
  options.half_rtt_data = (settings & half_rtt) != 0;
  options.v2_client_hello = options.min_version == ProtocolVersion::tls1_2;
  if (settings & client_auth) options.client_auth = ClientAuth::request;
  options.post_handshake_auth = (settings & later) != 0 && !tls12(settings);
  if (settings & (client_auth | later)) options.client_trust = identities().anchors;
  return options;
}

/// Runs the program against the target.
class Run {
 public:
  Run(test::End& target, test::End& peer) : target_(target), peer_(peer) {}

  void run(Choices program) {
    for (int steps = 0; !program.empty() && steps < 200; ++steps) step(program);
    finish();
  }

 private:
  enum class Op : std::uint8_t {
    pass,
    pass_all,
    drop,
    twice,
    flip,
    cut,
    extend,
    split,
    insert,
    inject,
    raw,
    target_acts,
    peer_acts,
    swap,
    hello,
    count
  };

  void step(Choices& program) {
    switch (static_cast<Op>(program.byte() % static_cast<unsigned>(Op::count))) {
      case Op::pass: deliver(next_record()); break;
      case Op::pass_all: pass_all(); break;
      case Op::drop:
        if (!next_record().empty()) changed_ = true;
        break;
      case Op::twice: {
        const Buffer record = next_record();
        deliver(record);
        put_in(record);
        break;
      }
      case Op::flip: {
        Buffer record = next_record();
        const std::size_t at = program.number();
        const std::uint8_t bits = program.byte();
        if (!record.empty()) record[at % record.size()] ^= bits;
        put_in(record);
        break;
      }
      case Op::cut: resize(program, [](Buffer& record, std::size_t at, Bytes) { record.resize(at); }); break;
      case Op::extend:
        resize(program,
               [](Buffer& record, std::size_t, Bytes more) { record.insert(record.end(), more.begin(), more.end()); });
        break;
      case Op::insert:
        resize(program, [](Buffer& record, std::size_t at, Bytes more) {
          record.insert(record.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
        });
        break;
      case Op::split: split(program.byte()); break;
      case Op::inject: {
        const ContentType type{program.byte()};
        inject(type, program.many());
        break;
      }
      case Op::raw: put_in(program.many()); break;
      case Op::target_acts: act(target_.connection, program); break;
      case Op::peer_acts: act(peer_.connection, program); break;
      case Op::swap: {
        const Buffer first = next_record();
        const Buffer second = next_record();
        put_in(second);
        put_in(first);
        break;
      }
      case Op::hello:  // all that is left, in the clear, in pieces: what a stranger sends
        while (!program.empty()) put_in(program.some());
        break;
      case Op::count: break;
    }
  }

  /// The next record that the peer has for the target; empty where it has none.
  Buffer next_record() {
    if (on_the_way_.empty()) {
      test::Pair::carry(target_, peer_);
      on_the_way_ = test::take_output(peer_.connection);
    }
    if (on_the_way_.size() < record::header_size) return {};
    const std::size_t size = record::header_size + record::parse_header(on_the_way_).length;
    const auto end = on_the_way_.begin() + static_cast<std::ptrdiff_t>(std::min(size, on_the_way_.size()));
    Buffer record(on_the_way_.begin(), end);
    on_the_way_.erase(on_the_way_.begin(), end);
    return record;
  }

  void deliver(Bytes bytes) {
    target_.feed(bytes);
    const Connection& connection = target_.connection;
    if (connection.error()) require(!connection.can_send() && !connection.handshaking());
    // Whatever comes, what is kept of it is bounded.
    require(target_.input.size() <= Connection::max_record_size);
  }
  /// Delivers what the peer did not send.
  void put_in(Bytes bytes) {
    changed_ = changed_ || !bytes.empty();
    deliver(bytes);
  }

  template <typename Change>
  void resize(Choices& program, Change change) {
    Buffer record = next_record();
    const std::size_t at = program.number();
    const Bytes more = program.some();
    if (record.size() < record::header_size) return;
    change(record, record::header_size + at % (record.size() - record::header_size + 1), more);
    write_length(record);
    put_in(record);
  }

  static void write_length(Buffer& record) {
    const record::Header header = record::parse_header(record);
    record::write_header(record, header.type, header.legacy_version, record.size() - record::header_size);
  }

  /// The content of the next record in two, as it would come in the clear.
  void split(std::size_t at) {
    Buffer first = next_record();
    if (first.size() <= record::header_size) return put_in(first);
    const auto middle =
        first.begin() + static_cast<std::ptrdiff_t>(record::header_size + at % (first.size() - record::header_size));
    Buffer second(first.begin(), first.begin() + record::header_size);
    second.insert(second.end(), middle, first.end());
    first.erase(middle, first.end());
    write_length(first);
    write_length(second);
    put_in(first);
    put_in(second);
  }

  /// A record of the program's own; protected, as far as the null AEAD protects, once the handshake got that far.
  void inject(ContentType type, Bytes content) {
    const ConnectionInfo& info = target_.connection.info();
    const bool tls12 = info.version == ProtocolVersion::tls1_2;
    const bool in_the_clear = (tls12 ? target_.connection.handshaking() : info.cipher_suite == CipherSuite{}) ||
                              type == ContentType::change_cipher_spec || content.size() > record::max_plaintext;
    Buffer record(record::header_size);
    // TLS 1.2's AES-GCM has its nonce in front (RFC 5288, section 3), TLS 1.3 the type behind.
    constexpr std::size_t explicit_nonce_size = 8;
    const bool gcm = info.cipher_suite != CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    if (!in_the_clear && tls12 && gcm) record.resize(record.size() + explicit_nonce_size);
    record.insert(record.end(), content.begin(), content.end());
    if (!in_the_clear) {
      if (!tls12) record.push_back(static_cast<std::uint8_t>(type));
      record.resize(record.size() + crypto::aead_tag_size);
    }
    record::write_header(record, in_the_clear || tls12 ? type : ContentType::application_data, 0x0303,
                         record.size() - record::header_size);
    put_in(record);
  }

  static void act(Connection& connection, Choices& program) {
    switch (program.byte() % 11) {
      case 0:
      case 1: static_cast<void>(connection.send(program.some())); break;
      case 2: static_cast<void>(connection.update_keys(KeyUpdateRequest::update_not_requested)); break;
      case 3: static_cast<void>(connection.update_keys(KeyUpdateRequest::update_requested)); break;
      case 4: connection.close(); break;
      case 5: static_cast<void>(connection.peer_closed()); break;
      case 6: connection.abort(Alert{program.byte()}); break;
      case 7: {
        Buffer out(program.byte());
        static_cast<void>(connection.export_keying_material(as_text(program.some()), program.some(), out));
        break;
      }
      case 8: static_cast<void>(connection.request_certificate(ClientAuth::request)); break;
      case 9: static_cast<void>(connection.send_early_data(program.some())); break;
      default: static_cast<void>(connection.resend_early_data()); break;
    }
  }

  void pass_all() {
    for (int i = 0; i < 1000; ++i) {
      const Buffer record = next_record();
      if (record.empty()) break;
      deliver(record);
    }
  }

  void finish() {
    pass_all();
    const Connection& target = target_.connection;
    // Nobody has touched anything: so nothing can be wrong, but what the two did to each other.
    const bool acted = target.error() || peer_.connection.error();
    if (!changed_ && !acted) require(!target.handshaking() && !peer_.connection.handshaking());
    // A connection that has ended stays as it is.
    if (target.error()) {
      const Reason reason = target.error()->reason();
      require(!target_.connection.receive({}) && target.error()->reason() == reason);
    }
  }

  test::End& target_;
  test::End& peer_;
  Buffer on_the_way_;
  bool changed_ = false;
};

}  // namespace handfast::fuzz
