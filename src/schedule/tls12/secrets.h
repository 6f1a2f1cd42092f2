// The secrets of TLS 1.2 (RFC 5246, sections 6.3 and 8.1; RFC 7627), and of TLS 1.1 and 1.0, where the PRF's hash is
// HashAlgorithm::md5_sha1 for all suites:
//
//   pre_master_secret --PRF--> MasterSecret --PRF--> KeyBlock, verify_data, Exporter
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <handfast/bytes.h>

#include "base/secret.h"
#include "crypto/cipher_suite.h"
#include "crypto/hash.h"
#include "schedule/traffic_keys.h"

namespace handfast::schedule::tls12 {

/// ClientHello.random and ServerHello.random.
struct Randoms {
  std::array<std::uint8_t, 32> client;
  std::array<std::uint8_t, 32> server;
};

using VerifyData = std::array<std::uint8_t, 12>;

/// Partitioned as RFC 5246, section 6.3, says: AEADs have no MAC keys, and block ciphers no IVs, but in TLS 1.0 (RFC
/// 2246, section 6.3).
class KeyBlock {
 public:
  KeyBlock(const crypto::Hmac& master_secret, const crypto::SuiteParts& suite, const Randoms& randoms) noexcept;
  ~KeyBlock();
  KeyBlock(const KeyBlock&) = delete;
  KeyBlock& operator=(const KeyBlock&) = delete;

  /// What protects records in that direction. The nonce is the write IV: for AES-GCM the 4 bytes of the salt and zeros
  /// (RFC 5288, section 3), for ChaCha20-Poly1305 all 12 bytes (RFC 7905, section 2).
  /// `order` is of no meaning for an AEAD.
  RecordKeys client(crypto::MacOrder order) const noexcept;
  RecordKeys server(crypto::MacOrder order) const noexcept;

  // As bytes, for those who are shown them; empty where there are none.
  Bytes client_write_MAC_key() const& noexcept;
  Bytes server_write_MAC_key() const& noexcept;
  Bytes client_write_key() const& noexcept;
  Bytes server_write_key() const& noexcept;
  Bytes client_write_IV() const& noexcept;
  Bytes server_write_IV() const& noexcept;

 private:
  /// How long each of a kind is.
  struct Sizes {
    std::size_t mac_key;
    std::size_t key;
    std::size_t iv;
  };
  static Sizes sizes_of(const crypto::SuiteParts& suite) noexcept;
  RecordKeys keys(crypto::MacOrder order, Bytes mac_key, Bytes key, Bytes iv) const noexcept;

  std::array<std::uint8_t, 2 * (48 + 32)> bytes_;  // an AEAD's keys and IVs are shorter, and so are those of TLS 1.0
  Sizes sizes_;
  const crypto::SuiteParts& suite_;
};

/// Exports by RFC 5705: holds what it takes, and goes by itself. An idle connection keeps it, so it holds the secret
/// and not HMAC keyed with it.
class Exporter {
 public:
  Exporter() noexcept = default;
  Exporter(crypto::HashAlgorithm hash, base::Secret master_secret, const Randoms& randoms) noexcept
      : master_secret_(std::move(master_secret)), randoms_(randoms), hash_(hash) {}

  /// Without a context (nothing) and with an empty one are two values (RFC 5705, section 4). A context has at most
  /// 65535 bytes.
  void derive(std::string_view label, std::optional<Bytes> context, MutableBytes out) const noexcept;
  /// There is nothing to export with.
  bool empty() const noexcept { return master_secret_.empty(); }

 private:
  base::Secret master_secret_;
  Randoms randoms_{};
  crypto::HashAlgorithm hash_ = crypto::HashAlgorithm::sha256;
};

class MasterSecret {
 public:
  MasterSecret(crypto::HashAlgorithm hash, base::Secret secret) noexcept
      : secret_(std::move(secret)), hmac_(hash, secret_.view()) {}
  /// RFC 5246, section 8.1. `pre_master_secret` may be of any length.
  static MasterSecret derive(crypto::HashAlgorithm hash, const base::Secret& pre_master_secret,
                             const Randoms& randoms) noexcept;
  /// RFC 7627, section 4: `session_hash` is that of ClientHello...ClientKeyExchange.
  static MasterSecret extended(crypto::HashAlgorithm hash, const base::Secret& pre_master_secret,
                               Bytes session_hash) noexcept;

  /// `suite` is a row of the table.
  KeyBlock key_block(const crypto::SuiteParts& suite, const Randoms& randoms) const noexcept;
  /// verify_data (RFC 5246, section 7.4.9); `transcript_hash`: all messages before that Finished.
  VerifyData client_finished(Bytes transcript_hash) const noexcept;
  VerifyData server_finished(Bytes transcript_hash) const noexcept;
  Exporter exporter(const Randoms& randoms) const noexcept;
  /// 48 bytes, for the key log and those who are shown secrets.
  Bytes view() const& noexcept { return secret_.view(); }

 private:
  base::Secret secret_;
  crypto::Hmac hmac_;
};

}  // namespace handfast::schedule::tls12
