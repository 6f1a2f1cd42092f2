// The floor of a handshake of TLS 1.2.
#include "floor/tls12.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/copy.h"
#include "check.h"
#include "floor/certificate.h"

namespace handfast::bench {
namespace {

constexpr std::size_t header_size = 4;  // of a handshake message
constexpr std::size_t finished_size = header_size + 12;

/// seq_num, type, version, length (RFC 5246, section 6.2.3.3).
constexpr std::array<std::uint8_t, 13> additional_data{0, 0, 0, 0, 0, 0, 0, 0, 22, 3, 3, 0, finished_size};

}  // namespace

/// What both sides derive behind the key exchange.
class Tls12Floor::Schedule {
 public:
  using VerifyData = std::array<std::uint8_t, 12>;

  Schedule(const Block32& shared_secret, const Block32& session_hash, Bytes randoms)
      : master_secret_(derive(shared_secret, session_hash)) {
    std::array<std::uint8_t, 64> seed;  // the server's random comes first
    base::copy(randoms.first(32), base::copy(randoms.last(32), seed));
    std::array<std::uint8_t, 2 * (16 + 4)> key_block;
    prf(master_secret_, "key expansion", seed, key_block);
  }
  VerifyData finished(std::string_view label, const Block32& transcript) const {
    VerifyData data;
    prf(master_secret_, label, transcript, data);
    return data;
  }

 private:
  static HmacSha256 derive(const Block32& shared_secret, const Block32& session_hash) {
    std::array<std::uint8_t, 48> master_secret;
    prf(HmacSha256(shared_secret), "extended master secret", session_hash, master_secret);
    return HmacSha256(master_secret);
  }

  HmacSha256 master_secret_;
};

Tls12Floor::Tls12Floor(const Case& which, const Chain& chain, Messages messages)
    : messages_(std::move(messages)),
      leaf_(chain.leaf),
      intermediate_(chain.intermediate),
      sealed_finished_(finished_size + AesGcm::tag_size),
      key_exchange_(KeyExchange::make(which.group)),
      signatures_(Signatures::make(which.key, chain)),
      scratch_(sealed_finished_.size()) {
  // The randoms stand behind header and version. ServerKeyExchange: curve_type, named curve, the point and its length;
  // then the algorithm, and the signature with its length (RFC 8422, section 5.4).
  const auto random = [](Bytes hello) { return hello.subspan(header_size + 2, 32); };
  base::copy(random(messages_.server_hello), base::copy(random(messages_.client_hello), randoms_));
  const Bytes exchange = Bytes(messages_.server_key_exchange).subspan(header_size);
  params_ = exchange.first(4u + exchange[3]);
  signature_ = exchange.subspan(params_.size() + 2 + 2);
  check(messages_.client_finished.size() == finished_size && messages_.server_finished.size() == finished_size,
        "a Finished of TLS 1.2");
  aead_.key_sealing(record_key.data());
  aead_.seal(record_nonce.data(), additional_data, messages_.client_finished, sealed_finished_.data());
}

Block32 Tls12Floor::signed_digest() const {
  Sha256 hash;
  hash.update(randoms_);
  hash.update(params_);
  return hash.digest();
}

void Tls12Floor::seal_finished(Bytes finished) {
  aead_.seal(record_nonce.data(), additional_data, finished, scratch_.data());
}

void Tls12Floor::open_finished(Bytes expected) {
  base::copy(sealed_finished_, scratch_);
  aead_.open(record_nonce.data(), additional_data, scratch_);
  CRYPTO_memcmp(expected.data(), scratch_.data() + header_size, expected.size());
}

void Tls12Floor::server() {
  Block32 random;
  RAND_bytes(random.data(), random.size());
  Sha256 transcript;
  transcript.update(messages_.client_hello);
  transcript.update(messages_.server_hello);
  transcript.update(messages_.certificate);
  const Block32 shared_secret = key_exchange_->run();
  signatures_->sign(signed_digest());
  transcript.update(messages_.server_key_exchange);
  transcript.update(messages_.server_hello_done);

  transcript.update(messages_.client_key_exchange);
  const Block32 session_hash = transcript.digest();
  const Schedule schedule(shared_secret, session_hash, randoms_);
  aead_.key_sealing(record_key.data());
  aead_.key_opening(record_key.data());
  open_finished(schedule.finished("client finished", session_hash));
  transcript.update(messages_.client_finished);
  schedule.finished("server finished", transcript.digest());
  seal_finished(messages_.server_finished);
}

void Tls12Floor::client() {
  Block32 random;
  RAND_bytes(random.data(), random.size());
  Sha256 transcript;
  transcript.update(messages_.client_hello);
  transcript.update(messages_.server_hello);
  transcript.update(messages_.certificate);
  const SignedCertificate leaf = read_certificate(leaf_);
  signatures_->verify_chain(leaf, read_certificate(intermediate_));
  transcript.update(messages_.server_key_exchange);
  signatures_->verify_handshake(leaf.public_key, signed_digest(), signature_);
  transcript.update(messages_.server_hello_done);

  const Block32 shared_secret = key_exchange_->run();
  transcript.update(messages_.client_key_exchange);
  const Block32 session_hash = transcript.digest();
  const Schedule schedule(shared_secret, session_hash, randoms_);
  aead_.key_sealing(record_key.data());
  aead_.key_opening(record_key.data());
  schedule.finished("client finished", session_hash);
  seal_finished(messages_.client_finished);
  transcript.update(messages_.client_finished);
  open_finished(schedule.finished("server finished", transcript.digest()));
}

}  // namespace handfast::bench
