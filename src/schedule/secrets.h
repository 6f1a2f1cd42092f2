// The TLS 1.3 key schedule (RFC 8446, section 7.1), its stages as types: the wrong secret does not compile.
//
//   0 or PSK --> EarlySecret --(EC)DHE or 0--> HandshakeSecret --0--> MasterSecret
//
// A stage is used up when the next is made from it.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include <handfast/bytes.h>

#include "base/secret.h"
#include "crypto/cipher_suite.h"
#include "crypto/hash.h"
#include "schedule/traffic_keys.h"

namespace handfast::schedule {

/// A [sender]_[stage]_traffic_secret.
class TrafficSecret {
 public:
  TrafficSecret() noexcept = default;
  TrafficSecret(crypto::HashAlgorithm hash, base::Secret secret) noexcept : secret_(std::move(secret)), hash_(hash) {}

  TrafficKeys keys(crypto::AeadAlgorithm aead) const noexcept;
  /// verify_data of Finished (section 4.4.4) under this secret.
  crypto::Digest finished(Bytes transcript_hash) const noexcept;
  /// application_traffic_secret_N+1 (section 7.2).
  TrafficSecret next() const noexcept;
  TrafficSecret clone() const noexcept { return {hash_, secret_.clone()}; }
  /// For the key log alone.
  Bytes view() const& noexcept { return secret_.view(); }

 private:
  base::Secret secret_;
  crypto::HashAlgorithm hash_ = crypto::HashAlgorithm::sha256;
};

/// exporter_master_secret, and what is exported with it (section 7.5).
class ExporterSecret {
 public:
  ExporterSecret() noexcept = default;
  ExporterSecret(crypto::HashAlgorithm hash, base::Secret secret) noexcept : secret_(std::move(secret)), hash_(hash) {}
  /// `label` at most 249 bytes, `out` at most 255 digests; both are the caller's to check.
  void derive(std::string_view label, Bytes context, MutableBytes out) const noexcept;
  bool empty() const noexcept { return secret_.empty(); }
  Bytes view() const& noexcept { return secret_.view(); }

 private:
  base::Secret secret_;
  crypto::HashAlgorithm hash_ = crypto::HashAlgorithm::sha256;
};

class MasterSecret {
 public:
  MasterSecret(crypto::HashAlgorithm hash, const base::Secret& secret) noexcept : hmac_(hash, secret.view()) {}
  /// `transcript_hash`: ClientHello...server Finished.
  TrafficSecret client_application_traffic(Bytes transcript_hash) const noexcept;
  TrafficSecret server_application_traffic(Bytes transcript_hash) const noexcept;
  ExporterSecret exporter(Bytes transcript_hash) const noexcept;
  /// resumption_master_secret; `transcript_hash`: ClientHello...client Finished.
  base::Secret resumption(Bytes transcript_hash) const noexcept;
  /// Nothing can be derived from it afterwards.
  void wipe() noexcept { hmac_.wipe(); }

 private:
  crypto::Hmac hmac_;
};

class HandshakeSecret {
 public:
  HandshakeSecret(crypto::HashAlgorithm hash, const base::Secret& secret) noexcept : hmac_(hash, secret.view()) {}
  /// `transcript_hash`: ClientHello...ServerHello.
  TrafficSecret client_handshake_traffic(Bytes transcript_hash) const noexcept;
  TrafficSecret server_handshake_traffic(Bytes transcript_hash) const noexcept;
  MasterSecret master() && noexcept;

 private:
  crypto::Hmac hmac_;
};

/// Where a PSK is from, which its binder tells apart.
enum class PskKind {
  resumption,  ///< of a ticket
  external,
  imported,  ///< external, and imported as RFC 9258 says
};

class EarlySecret {
 public:
  /// Without a PSK. No binder, no early data: only the next stage can be made from it.
  explicit EarlySecret(crypto::HashAlgorithm hash) noexcept : hash_(hash) {}
  static EarlySecret of(crypto::HashAlgorithm hash, const base::Secret& psk) noexcept;
  /// The same from HKDF-Extract(0, PSK), where that was done before.
  static EarlySecret extracted(crypto::HashAlgorithm hash, const base::Secret& early_secret) noexcept;

  /// PskBinderEntry (section 4.2.11.2). `hello_hash`: Transcript-Hash(Truncate(ClientHello)), after a HelloRetryRequest
  /// with the messages before it.
  crypto::Digest binder(PskKind kind, Bytes hello_hash) const noexcept;
  /// `hello_hash`: ClientHello, whole.
  TrafficSecret client_early_traffic(Bytes hello_hash) const noexcept;
  ExporterSecret early_exporter(Bytes hello_hash) const noexcept;

  /// `shared_secret`: of the (EC)DHE exchange.
  HandshakeSecret handshake(const base::Secret& shared_secret) && noexcept;
  /// psk_ke: there is no (EC)DHE exchange.
  HandshakeSecret handshake() && noexcept;

  crypto::HashAlgorithm hash() const noexcept { return hash_; }
  /// HKDF-Extract(0, PSK), to be kept for `extracted`; empty without a PSK.
  Bytes view() const& noexcept { return secret_.view(); }

 private:
  /// Derive-Secret(Early Secret of zeros, "derived", ""): the same for every connection, computed once.
  static const base::Secret& derived_without_psk(crypto::HashAlgorithm hash) noexcept;
  const crypto::Hmac& keyed() const noexcept;

  base::Secret secret_;
  std::optional<crypto::Hmac> hmac_;  // keyed with `secret_`; nothing without a PSK
  crypto::HashAlgorithm hash_;
};

/// The PSK of a ticket (section 4.6.1). `ticket_nonce` has at most 255 bytes.
base::Secret resumption_psk(crypto::HashAlgorithm hash, const base::Secret& resumption_master_secret,
                            Bytes ticket_nonce) noexcept;

}  // namespace handfast::schedule
